use super::objects;
use crate::detect::deploy::check::{Standing, weighed};
use crate::detect::{Emit, Prepared, Raw, RawChange};
use crate::source::FileView;

/// Versions of the API that no cluster serves any more
/// (<https://kubernetes.io/docs/reference/using-api/deprecation-guide/>).
///
/// The rule's words: `removed`, each `apiVersion Kind=new apiVersion since`, with `~` in front of the new one where the
/// form of the object is not the same, and `-` for none; `*` is every kind.
pub(in crate::detect::deploy) fn removed_api(rule: &Prepared, view: &FileView, emit: &mut Emit) {
    let Some(severity) = Standing::of(view).fault(rule.rule.severity) else { return };
    for object in objects(view) {
        let Some(node) = object.node.get("apiVersion") else { continue };
        let Some(version) = node.as_str() else { continue };
        let known = rule.rule.detect.words("removed").iter().find_map(|line| {
            let (old, new) = line.split_once('=')?;
            let (api, kind) = old.split_once(' ')?;
            (api == version && (kind == "*" || kind == object.kind)).then(|| new.split_once(' ')).flatten()
        });
        let Some((new, since)) = known else { continue };
        let (same, new) = (!new.starts_with('~'), new.trim_start_matches('~'));
        let fix = match new {
            "-" => "Nothing takes its place: delete the object.".to_owned(),
            _ if same => format!("Write {new}: the form is the same."),
            _ => format!(
                "Write {new}, whose fields differ: kubectl convert, or the deprecation guide, say how."
            ),
        };
        let raw = Raw::at(node.span())
            .message(format!("clusters from {since} on do not know {version} of {}", object.kind))
            .fix(fix)
            .change(
                (same && new != "-" && !node.is_alias())
                    .then(|| RawChange::replace("writes the version that is served", node.span(), new)),
            );
        emit.raw(weighed(raw, severity));
    }
}
