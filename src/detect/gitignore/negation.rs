use std::ops::Range;

use super::GITIGNORE;
use super::names::{Group, KnownNames};
use super::sensitive_file::is_deliberate;
use crate::detect::{Detector, Emit, Needs, Prepared, Raw};
use crate::model::{RepoPath, Severity};
use crate::repo::{IgnoreRules, IgnoreSource, RepoView, ignore_lines};

/// `!` patterns that take in again what holds secrets by its name and would be ignored without them.
pub(super) struct NegationExposesSecret;

impl Detector for NegationExposesSecret {
    fn name(&self) -> &'static str {
        "negation-exposes-secret"
    }

    fn needs(&self) -> Needs {
        Needs::Repo
    }

    fn repo(&self, _rule: &Prepared, repo: &RepoView, emit: &mut Emit) {
        let names = KnownNames::new();
        let folders = names.words("deliberate-folders");
        for (path, kept) in repo.kept.iter().filter(|(path, _)| path.name() == GITIGNORE.as_bytes()) {
            if repo.entry(path).is_none_or(|entry| is_deliberate(repo, &entry.path, folders)) {
                continue;
            }
            for line in ignore_lines(&kept.bytes) {
                let Some(body) = kept.bytes[line.clone()].strip_prefix(b"!") else { continue };
                let Some((file, group)) = exposed(&names, path, body) else { continue };
                if decides(repo, &file, path, &line)
                    && !is_deliberately_tracked(repo, &names, path, &line)
                    && is_ignored_without(repo, &file, path, &line)
                {
                    emit.raw(found(repo, path, &line, &file, group));
                }
            }
        }
    }
}

fn found(repo: &RepoView, path: &RepoPath, line: &Range<usize>, file: &RepoPath, group: Group) -> Raw {
    let (kind, is, _) = group;
    let lies_there = repo.entry(file).is_some();
    let said = if lies_there { "takes in" } else { "would take in" };
    let mut raw = Raw::at(line.clone())
        .path(path.clone())
        .message(format!("This exception {said} {file}; by its name it is {is}"))
        .property("kind", kind);
    // Nothing is taken in yet.
    raw.severity = Some(if lies_there { Severity::Error } else { Severity::Warning });
    raw
}

/// A file that the pattern is about, if such files hold secrets by their name.
fn exposed(names: &KnownNames, ignore_file: &RepoPath, body: &[u8]) -> Option<(RepoPath, Group)> {
    let body = std::str::from_utf8(body).ok()?;
    if body.ends_with('/') || body.contains(['?', '[', '\\']) {
        return None;
    }
    let body = body.trim_start_matches('/').replace("**/", "");
    // A star may stand for nothing: `.env*` is about `.env`.
    let file = [body.replace('*', ""), body.replace('*', "server")].into_iter().find_map(|name| {
        let file = ignore_file.parent().join(name.as_bytes());
        Some((names.group(&file)?, file))
    });
    let (group, file) = file?;
    (!names.is_in_deliberate_folder(&file)).then_some((file, group))
}

/// Whether this line is what decides on the file.
fn decides(repo: &RepoView, file: &RepoPath, path: &RepoPath, line: &Range<usize>) -> bool {
    repo.ignore.decide_for_all(file, false).is_some_and(|decision| {
        decision.negated && decision.span == *line && decision.source == IgnoreSource::Repo(path.clone())
    })
}

/// Whether the line is there for files that are tracked. Whether those should be is another rule's question.
fn is_deliberately_tracked(
    repo: &RepoView,
    names: &KnownNames,
    path: &RepoPath,
    line: &Range<usize>,
) -> bool {
    repo.entries
        .iter()
        .filter(|entry| entry.tracked && names.group(&entry.path).is_some())
        .any(|entry| decides(repo, &entry.path, path, line))
}

/// Whether the file would be ignored if the line were not there.
fn is_ignored_without(repo: &RepoView, file: &RepoPath, path: &RepoPath, line: &Range<usize>) -> bool {
    let Some(bytes) = repo.bytes(path) else { return false };
    let mut without = bytes.to_vec();
    without[line.clone()].fill(b'#');
    let files = repo.kept.iter().filter(|(other, _)| other.name() == GITIGNORE.as_bytes());
    let texts = files.map(|(other, kept)| {
        let text = if other == path { without.as_slice() } else { kept.bytes.as_slice() };
        (other, text)
    });
    IgnoreRules::of_texts(texts).is_ignored(file, false)
}
