use std::cell::LazyCell;
use std::collections::BTreeSet;
use std::ops::Range;

use super::committed;
use crate::detect::deploy::reach::Reach;
use crate::detect::{Detector, Emit, Needs, Prepared, Raw};
use crate::model::{RepoPath, Severity};
use crate::repo::RepoView;

/// Gemfiles without a committed lock, and gems from Git without a commit (<https://bundler.io/man/gemfile.5.html>).
pub(super) struct Unlocked;

/// Gems that follow a branch.
pub(super) struct FollowsBranch;

impl Detector for Unlocked {
    fn name(&self) -> &'static str {
        "gem-missing-lockfile"
    }

    fn needs(&self) -> Needs {
        Needs::Repo
    }

    fn repo(&self, _: &Prepared, repo: &RepoView, emit: &mut Emit) {
        let gems = repo.entries.iter().filter(|entry| entry.path.extension() == b"gemspec");
        let gems: LazyCell<BTreeSet<RepoPath>, _> =
            LazyCell::new(|| gems.map(|entry| entry.path.parent()).collect());
        for (path, kept) in repo.kept.iter().filter(|(path, _)| path.name() == b"Gemfile") {
            let folder = path.parent();
            let rehearsal = Reach::of(path, kept.kind.target) == Reach::Rehearsal;
            if rehearsal || committed(repo, &folder.join(b"Gemfile.lock")) {
                continue;
            }
            let lines = lines(&kept.bytes);
            // What a gem is developed with is its own affair; its users have their own lock.
            if lines.iter().any(|(line, _)| line.starts_with("gemspec")) || gems.contains(&folder) {
                continue;
            }
            let Some((_, span)) =
                lines.into_iter().find(|(line, _)| line.starts_with("gem ") || line.starts_with("gem("))
            else {
                continue;
            };
            emit.raw(
                Raw::at(span)
                    .path(path.clone())
                    .message("no committed Gemfile.lock holds what this Gemfile asks for"),
            );
        }
    }
}

impl Detector for FollowsBranch {
    fn name(&self) -> &'static str {
        "gem-git-branch"
    }

    fn needs(&self) -> Needs {
        Needs::Repo
    }

    fn repo(&self, rule: &Prepared, repo: &RepoView, emit: &mut Emit) {
        for (path, kept) in repo.kept.iter().filter(|(path, _)| path.name() == b"Gemfile") {
            let locked = committed(repo, &path.parent().join(b"Gemfile.lock"));
            let rehearsal = Reach::of(path, kept.kind.target) == Reach::Rehearsal;
            for (line, span) in lines(&kept.bytes) {
                let has = |key: &str| {
                    line.contains(&format!("{key}:"))
                        || line.contains(&format!(":{key} =>"))
                        || line.contains(&format!(":{key}=>"))
                };
                let is_git = has("git") || has("github") || has("gist") || has("bitbucket");
                if !(line.starts_with("gem ") || line.starts_with("gem("))
                    || !is_git
                    || has("ref")
                    || has("tag")
                {
                    continue;
                }
                let mut raw = Raw::at(span).path(path.clone()).message(if locked {
                    "this gem follows a branch; only Gemfile.lock holds it"
                } else {
                    "this gem follows a branch"
                });
                raw.severity = Some(match (rehearsal, locked) {
                    (true, _) => Severity::Note,
                    (_, true) => Severity::Warning.min(rule.rule.severity),
                    _ => rule.rule.severity,
                });
                emit.raw(raw);
            }
        }
    }
}

/// The lines of code, joined where they end in a comma, without blanks around them.
fn lines(bytes: &[u8]) -> Vec<(String, Range<usize>)> {
    let Ok(text) = std::str::from_utf8(bytes) else { return Vec::new() };
    let mut found: Vec<(String, Range<usize>)> = Vec::new();
    let mut start = 0;
    let mut goes_on = false;
    for line in text.split_inclusive('\n') {
        let content = line.trim();
        let from = start + (line.len() - line.trim_start().len());
        start += line.len();
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        let span = from..from + content.len();
        match found.last_mut().filter(|_| goes_on) {
            Some((last, range)) => {
                last.push(' ');
                last.push_str(content);
                range.end = span.end;
            }
            None => found.push((content.to_owned(), span)),
        }
        goes_on = content.ends_with(',');
    }
    found
}
