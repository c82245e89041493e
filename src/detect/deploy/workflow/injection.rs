use std::ops::Range;

use super::{Triggers, workflow};
use crate::detect::deploy::check::weighed;
use crate::detect::{Emit, Prepared, Raw};
use crate::model::Severity;
use crate::source::{FileView, YamlNode, github_workflow};

/// Text that strangers write, put into a script before the shell reads it
/// (<https://docs.github.com/actions/concepts/security/script-injections>).
///
/// The rule's words: `written`, ends of contexts that hold such text.
pub(in crate::detect::deploy) fn injection(rule: &Prepared, view: &FileView, emit: &mut Emit) {
    if memchr::memmem::find(view.bytes(), b"${{").is_none() {
        return;
    }
    let Some(documents) = workflow(view) else { return };
    let triggers = Triggers::of(documents);
    let severity =
        if triggers.by_strangers() { rule.rule.severity } else { Severity::Warning.min(rule.rule.severity) };
    for job in github_workflow(documents).jobs {
        for step in &job.steps {
            let script = step.with.filter(|_| {
                step.uses
                    .and_then(YamlNode::as_str)
                    .is_some_and(|uses| uses.starts_with("actions/github-script@"))
            });
            for text in [step.run, script.and_then(|with| with.lookup("script"))].into_iter().flatten() {
                for (span, context) in written_by_others(text, view.bytes(), rule) {
                    let raw = Raw::at(span)
                        .message(format!("{context} becomes part of the script: whoever writes it runs commands"))
                        .fix(format!(
                            "Give it to the script as a variable: below the step write env: {{TEXT: \"${{{{ {context} }}}}\"}}, and in \
                             the script \"$TEXT\" (process.env.TEXT in JavaScript)."
                        ));
                    emit.raw(weighed(raw, severity));
                }
            }
        }
    }
}

/// The expressions in a script that are such text.
fn written_by_others(node: YamlNode, bytes: &[u8], rule: &Prepared) -> Vec<(Range<usize>, String)> {
    let Some(text) = node.as_str() else { return Vec::new() };
    let written = rule.rule.detect.words("written");
    let positions = node.resolved().positions(bytes);
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(open) = text[from..].find("${{").map(|at| from + at) {
        let Some(close) = text[open..].find("}}").map(|at| open + at + 2) else { break };
        from = close;
        let inner = text[open + 3..close - 2].trim();
        // A comparison gives true or false, whatever is compared.
        let is_plain = inner.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-*[]'\"".contains(&b));
        let context: String = inner.replace("['", ".").replace("[\"", ".").replace(['\'', '"', ']'], "");
        let by_number = context.split('[').next().unwrap_or_default().to_owned();
        let names = |known: &str| {
            context == known || context.ends_with(&format!(".{known}")) && context.starts_with("github.")
        };
        if is_plain
            && (written.iter().any(|known| names(known)) || by_number.starts_with("github.event.commits"))
        {
            found.push((positions.source(open..close), inner.to_owned()));
        }
    }
    found
}
