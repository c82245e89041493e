use std::collections::BTreeMap;

use crate::model::{Notice, RepoPath, counted};
use crate::repo::RepoView;
use crate::repo::foreign_secrets::{IgnoredSecrets, ignored_secrets};
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
