use std::collections::BTreeMap;

use crate::model::{Allow, Finding, Notice, RepoPath, Status, counted};
use crate::repo::RepoView;
use crate::repo::lints::{Lints, Told};
use crate::rules::Catalog;
use crate::scan::{Draft, Redactor};
use crate::source::language_of;

/// The linters that the repository uses already: what they ban they say themselves, what they allow may stand.
pub(super) struct ForeignLints<'c> {
    lints: Lints,
    catalog: &'c Catalog,
    /// How many findings each file silences.
    counts: BTreeMap<RepoPath, usize>,
}

impl<'c> ForeignLints<'c> {
    /// What the configurations of the repository say; nothing, if nobody asks or nothing was found that they could
    /// speak of.
    pub(super) fn of(view: &RepoView, drafts: &[Draft], catalog: &'c Catalog, asked: bool) -> Self {
        let asked = asked && drafts.iter().any(|draft| draft.finding.rule.family() == "debug");
        let lints = if asked { Lints::of(view) } else { Lints::default() };
        Self { lints, catalog, counts: BTreeMap::new() }
    }

    /// Why a linter's configuration silences the finding, if one does.
    pub(super) fn silencing(&mut self, draft: &Draft, redactor: Redactor) -> Option<Allow> {
        let Finding { rule, place, status: Status::New, .. } = &draft.finding else { return None };
        let path = place.path.as_ref().filter(|_| rule.family() == "debug")?;
        let refs = &self.catalog.get(rule.as_str())?.refs;
        let language = language_of(path, b"");
        let mut checks = refs.iter().filter(|check| concerns(check, draft));
        let (check, file, told) = checks.find_map(|check| {
            let (file, told) = self.lints.about(path, language, check)?;
            Some((check, file, told))
        })?;
        *self.counts.entry(file.clone()).or_default() += 1;
        let check = check.split(' ').next_back().unwrap_or_default();
        let file = redactor.path(file);
        let reason = match told {
            Told::Allowed => format!("{file} allows `{check}`"),
            Told::Banned => format!("{file} has `{check}` refused by its linter"),
        };
        Some(Allow { reason: Some(reason), until: None })
    }

    /// What the files were used for.
    pub(super) fn notices(&self, redactor: Redactor) -> Vec<Notice> {
        let notice = |(file, count): (&RepoPath, &usize)| {
            let findings = counted(*count as u64, "finding");
            let file = redactor.path(file);
            let text = format!("{file}: what it tells a linter silences {findings} of debug leftovers here");
            Notice { path: None, text }
        };
        self.counts.iter().map(notice).collect()
    }
}

/// Whether a linter's check is about this very finding: one rule may have two for its two forms.
fn concerns(check: &str, draft: &Draft) -> bool {
    let starts = || {
        let evidence = draft.finding.evidence.as_ref()?;
        evidence.text.get(evidence.labels.first()?.range.clone())?.chars().next()
    };
    match check {
        "clippy::print_stdout" => starts() == Some('p'),
        "clippy::print_stderr" => starts() == Some('e'),
        _ => true,
    }
}
