use super::services;
use crate::detect::deploy::check::{Standing, weighed};
use crate::detect::{Emit, Prepared, Raw, RawChange};
use crate::source::{FileView, YamlNode};

/// Folders of secrets that a service may write to, and the source tree over the image.
///
/// The rule's words: `folders`, words in a path that say that secrets lie there.
pub(in crate::detect::deploy) fn writable_secret_mount(rule: &Prepared, view: &FileView, emit: &mut Emit) {
    // At a developer's desk that is how it is done.
    if Standing::of(view) != Standing::Production {
        return;
    }
    let folders = rule.rule.detect.words("folders");
    for service in services(view) {
        let name = service.name.as_str().unwrap_or_default();
        for volume in service.node.lookup("volumes").into_iter().flat_map(YamlNode::elements) {
            let Some(text) = volume.as_str() else { continue };
            let mut parts = text.split(':');
            let (Some(source), Some(target), options) = (parts.next(), parts.next(), parts.next()) else {
                continue;
            };
            if options.is_some_and(|options| options.split(',').any(|option| option == "ro")) {
                continue;
            }
            let is_path = source.starts_with(['.', '/', '~']);
            let words: Vec<&str> = source.split(|c: char| !c.is_ascii_alphanumeric()).collect();
            let what = if is_path && words.iter().any(|word| folders.iter().any(|known| *known == *word)) {
                format!("{name} may write where the secrets of {source} lie")
            } else if matches!(source, "." | "./") && target.starts_with('/') {
                format!("{name} runs the source tree of the machine in place of what is in the image")
            } else {
                continue;
            };
            let is_tree = matches!(source, "." | "./");
            let span = volume.resolved().span();
            let fix =
                if is_tree { "Delete the line: the image has the program." } else { "Write :ro behind it." };
            // The text's last byte is that of its bytes, or of its closing quote.
            let end = span.end - usize::from(matches!(view.bytes().get(span.end - 1), Some(b'"' | b'\'')));
            let change = (!is_tree && options.is_none() && !volume.is_alias())
                .then(|| RawChange::replace("mounts it to be read alone", end..end, ":ro"));
            emit.raw(weighed(Raw::at(span).message(what).fix(fix).change(change), rule.rule.severity));
        }
    }
}
