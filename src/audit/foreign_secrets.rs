use std::collections::BTreeMap;

use crate::model::{Finding, Notice, RepoPath, Status, counted};
use crate::repo::foreign_secrets::{IgnoredOnce, IgnoredSecrets, fingerprints_of_history, ignored_secrets};
use crate::repo::history::Seen;
use crate::repo::{RepoView, Tree};
use crate::scan::Draft;

/// The secrets that other tools are told to ignore, and how many of the findings that were.
pub(super) struct ForeignSecrets {
    files: BTreeMap<RepoPath, (IgnoredSecrets, usize)>,
}

impl ForeignSecrets {
    /// What the files of the repository say; nothing, if nobody asks.
    pub(super) fn of(view: &RepoView, asked: bool) -> Self {
        let said = if asked { ignored_secrets(&view.kept) } else { BTreeMap::new() };
        Self { files: said.into_iter().map(|(path, said)| (path.clone(), (said, 0))).collect() }
    }

    /// The file that has the finding ignored.
    pub(super) fn ignoring(&mut self, draft: &Draft) -> Option<String> {
        let place = &draft.finding.place;
        let path = place.path.as_ref().filter(|_| draft.finding.rule.family() == "secrets")?;
        for (file, (said, count)) in &mut self.files {
            let ignores = said.entries.iter().any(|entry| {
                entry.files.hold(path)
                    && entry.line.is_none_or(|line| place.span.is_some_and(|span| span.line == line))
                    && entry.sha1.as_ref().is_none_or(|sha1| draft.is_of(sha1))
            });
            if ignores {
                *count += 1;
                return Some(file.to_string());
            }
        }
        None
    }

    /// What the files were used for, and what of them was not.
    pub(super) fn notices(&self) -> Vec<Notice> {
        let mut notices = Vec::new();
        let mut say = |text| notices.push(Notice { path: None, text });
        for (file, (said, count)) in &self.files {
            if *count > 0 {
                let findings = counted(*count as u64, "finding");
                say(format!(
                    "{file}: what it tells its own tool to ignore allows {findings} of secrets here"
                ));
            }
            for (why, count) in &said.unused {
                let entries =
                    if *count == 1 { "1 entry was".to_owned() } else { format!("{count} entries were") };
                say(format!("{file}: {entries} not used: they {why}"));
            }
        }
        notices
    }
}

/// The name of the file that speaks of the history.
const OF_HISTORY: &str = ".gitleaksignore";
/// It is not read above this size.
const LIMIT: u64 = 4 << 20;

/// The secrets of the history that another tool is told to ignore.
#[derive(Default)]
pub(super) struct ForeignHistory {
    entries: Vec<IgnoredOnce>,
}

impl ForeignHistory {
    /// What the file at the root says now.
    pub(super) fn read(tree: &Tree) -> Self {
        let mut bytes = Vec::new();
        // One that cannot be read ignores nothing.
        let _ = tree.read(&RepoPath::from(OF_HISTORY), LIMIT, &mut bytes);
        Self { entries: fingerprints_of_history(&bytes).flatten().collect() }
    }

    /// Whether it names a secret that stood on this line when it was first seen there.
    pub(super) fn names(&self, seen: &Seen, line: u32) -> bool {
        self.entries.iter().any(|entry| {
            entry.line == line
                && entry.file == seen.path
                && entry.commit.as_ref().is_none_or(|commit| seen.commit.starts_with(commit.as_str()))
        })
    }

    /// Why a secret that it names is allowed.
    pub(super) fn reason() -> String {
        format!("{OF_HISTORY} ignores it")
    }

    /// How much it was used for.
    pub(super) fn notice(findings: &[Finding]) -> Option<Notice> {
        let reason = Self::reason();
        let is_named = |finding: &&Finding| {
            finding.status == Status::Allowed
                && finding.allow.as_ref().is_some_and(|allow| allow.reason.as_ref() == Some(&reason))
        };
        let count = findings.iter().filter(is_named).count() as u64;
        let findings = counted(count, "finding");
        let text =
            format!("{OF_HISTORY}: what it tells its own tool to ignore allows {findings} of secrets here");
        (count > 0).then_some(Notice { path: None, text })
    }
}
