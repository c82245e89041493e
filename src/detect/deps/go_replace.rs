use std::ops::Range;

use crate::detect::deploy::reach::Reach;
use crate::detect::{Detector, Emit, Needs, Prepared, Raw};
use crate::model::Severity;
use crate::repo::RepoView;
use crate::repo::manifest::resolve;

/// `replace` directives of `go.mod` that point to a folder outside the repository
/// (<https://go.dev/ref/mod#go-mod-file-replace>).
pub(super) struct Outside;

impl Detector for Outside {
    fn name(&self) -> &'static str {
        "go-replace"
    }

    fn needs(&self) -> Needs {
        Needs::Repo
    }

    fn repo(&self, rule: &Prepared, repo: &RepoView, emit: &mut Emit) {
        for (path, kept) in repo.kept.iter().filter(|(path, _)| path.name() == b"go.mod") {
            for (module, folder, span) in local_replacements(&kept.bytes) {
                if resolve(&path.parent(), folder).is_some() {
                    continue;
                }
                let mut raw = Raw::at(span)
                    .path(path.clone())
                    .message(format!("{module} is replaced by a folder outside the repository"))
                    .property("package", module);
                let rehearsal = Reach::of(path, kept.kind.target) == Reach::Rehearsal;
                raw.severity = Some(if rehearsal { Severity::Note } else { rule.rule.severity });
                emit.raw(raw);
            }
        }
    }
}

/// The module, the folder and its bytes of every `a => ../b`.
fn local_replacements(bytes: &[u8]) -> Vec<(&str, &str, Range<usize>)> {
    let Ok(text) = std::str::from_utf8(bytes) else { return Vec::new() };
    let mut found = Vec::new();
    let mut in_block = false;
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let content = line.split("//").next().unwrap_or(line);
        let words: Vec<&str> = content.split_whitespace().collect();
        match words.as_slice() {
            ["replace", "("] | ["replace("] => in_block = true,
            [")"] => in_block = false,
            [first, ..] if in_block || *first == "replace" => {
                let module = if in_block { words.first() } else { words.get(1) };
                let target =
                    words.iter().position(|word| *word == "=>").and_then(|arrow| words.get(arrow + 1));
                if let (Some(module), Some(target)) = (module, target)
                    && (target.starts_with(['.', '/']) || target.get(1..3) == Some(":\\"))
                {
                    let at = start + (target.as_ptr() as usize - line.as_ptr() as usize);
                    found.push((*module, *target, at..at + target.len()));
                }
            }
            _ => {}
        }
        start += line.len();
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replacements_are_found_in_both_forms() {
        let text =
            "module a\nreplace b => ../b // c\nreplace (\n\tc v1.0 => /d\n\te => f v1.2\n)\nrequire g v1\n";
        let found: Vec<_> =
            local_replacements(text.as_bytes()).into_iter().map(|(m, f, span)| (m, f, &text[span])).collect();
        assert_eq!(found, [("b", "../b", "../b"), ("c", "/d", "/d")]);
    }
}
