use std::collections::BTreeMap;

use super::GITIGNORE;
use super::append::append;
use super::evidence::{Evidence, evidence};
use super::names::KnownNames;
use crate::detect::{Detector, Emit, Needs, Prepared, Raw, RawRelated};
use crate::model::RepoPath;
use crate::repo::{RepoView, RequiredIgnore};

/// Files with secrets that people have beside the repository's, as something in it says, and that Git would take in:
/// one finding for each pattern that is missing. And patterns that the configuration asks for.
///
/// Words of the rule: those of [`super::evidence`], and a list for each set of patterns (`@production`).
pub(super) struct MissingPattern;

/// How many files that say the same are named.
const NAMED: usize = 3;

impl Detector for MissingPattern {
    fn name(&self) -> &'static str {
        "missing-pattern"
    }

    fn needs(&self) -> Needs {
        Needs::Repo
    }

    fn repo(&self, rule: &Prepared, repo: &RepoView, emit: &mut Emit) {
        if !repo.is_git {
            return;
        }
        let names = KnownNames::new();
        let mut missing: BTreeMap<String, Vec<Evidence>> = BTreeMap::new();
        for found in evidence(rule.rule, repo, &names) {
            if is_open(repo, &names, &found) {
                missing.entry(found.pattern.clone()).or_default().push(found);
            }
        }
        for (pattern, found) in &missing {
            emit.raw(about(repo, pattern, found));
        }
        for required in &repo.required {
            for pattern in patterns(rule, &required.pattern) {
                if !missing.contains_key(&pattern) && !covers(repo, &pattern) {
                    emit.raw(asked_for(repo, required, &pattern));
                }
            }
        }
    }
}

/// Whether Git would take the file in wherever it may lie, and nobody has said so yet.
fn is_open(repo: &RepoView, names: &KnownNames, found: &Evidence) -> bool {
    found.may_be.iter().all(|file| {
        let is_known = match repo.entry(file) {
            // Whether it may be tracked is another rule's question.
            Some(entry) => entry.tracked || names.group(file).is_some(),
            None => false,
        };
        !is_known && !repo.ignore.is_ignored_for_all(file, false)
    })
}

fn about(repo: &RepoView, pattern: &str, found: &[Evidence]) -> Raw {
    // The one that weighs most is in front; of those, the first.
    let severity = found.iter().map(|e| e.severity).max();
    let first = found.iter().find(|e| Some(e.severity) == severity).unwrap_or(&found[0]);
    let more = match found.len() {
        1 => String::new(),
        n => format!(" (and {} more say so)", n - 1),
    };
    let file = &first.may_be[0];
    let mut raw = Raw::file(first.by.clone())
        .message(format!("Git would take in {file}: {} {}{more}", first.by, first.says))
        .fix(format!("Add `{pattern}` to {GITIGNORE}."))
        .change(append(repo, &GITIGNORE.into(), &[pattern.to_owned()]))
        .property("pattern", pattern);
    raw.range.clone_from(&first.range);
    raw.severity = severity;
    for other in found.iter().filter(|e| !std::ptr::eq(*e, first)).take(NAMED) {
        raw = raw.related(RawRelated {
            path: Some(other.by.clone()),
            range: other.range.clone(),
            message: other.says.into(),
        });
    }
    raw
}

/// The patterns of a set, or the pattern itself.
fn patterns(rule: &Prepared, required: &str) -> Vec<String> {
    if required.starts_with('@') {
        rule.rule.detect.words(required).iter().map(ToString::to_string).collect()
    } else {
        vec![required.to_owned()]
    }
}

/// Whether files that a pattern is about are ignored: one is made up and asked about.
fn covers(repo: &RepoView, pattern: &str) -> bool {
    repo.ignore.is_ignored_for_all(&made_up(pattern), false)
}

/// A file that the pattern is about: `server.key` of `*.key`, `secrets/any` of `secrets/`.
fn made_up(pattern: &str) -> RepoPath {
    let path = pattern.trim_start_matches('/').replace("**", "any").replace('*', "server").replace('?', "x");
    match path.strip_suffix('/') {
        Some(folder) => RepoPath::from(folder).join(b"any"),
        None => RepoPath::from(&*path),
    }
}

fn asked_for(repo: &RepoView, required: &RequiredIgnore, pattern: &str) -> Raw {
    let set = if required.pattern.starts_with('@') {
        format!(" (one of {})", required.pattern)
    } else {
        String::new()
    };
    let raw = match &required.path {
        Some(path) if repo.bytes(path).is_some() => Raw::at(required.span.clone()).path(path.clone()),
        Some(path) => Raw::file(path.clone()),
        None => Raw::default(),
    };
    raw.message(format!("The configuration wants `{pattern}` to be ignored{set}, and it is not"))
        .fix(format!("Add `{pattern}` to {GITIGNORE}."))
        .change(append(repo, &GITIGNORE.into(), &[pattern.to_owned()]))
        .property("pattern", pattern)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_made_up_for_patterns() {
        for (pattern, expect) in [
            (".env", ".env"),
            ("*.key", "server.key"),
            ("secrets/", "secrets/any"),
            ("/tokens/", "tokens/any"),
            ("**/id_rsa", "any/id_rsa"),
        ] {
            assert_eq!(made_up(pattern), RepoPath::from(expect), "{pattern}");
        }
    }
}
