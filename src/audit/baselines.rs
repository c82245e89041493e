use std::collections::BTreeSet;

use super::{AuditError, Request, audit, own_baseline};
use crate::model::{Coverage, NotChecked, Report, Severity};
use crate::scan::WorkTree;
use crate::triage::{Baseline, BaselineEntry, Looked};

/// What to make of the root's baseline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rebase {
    /// It holds all findings that count, from this severity on.
    Write(Severity),
    /// It loses what no longer occurs.
    Prune,
}

/// A baseline as it would be.
#[derive(Debug)]
pub struct Rebased {
    /// What lies there now; `None` if there is none.
    pub before: Option<Baseline>,
    /// Its text.
    pub text: String,
    /// How many entries were added.
    pub added: usize,
    /// How many were taken out.
    pub removed: usize,
    /// How many there are.
    pub entries: usize,
    /// What the audit found.
    pub report: Report,
}

/// Audits a repository and says what its baseline would be. What the audit did not look for stays as it is.
///
/// # Errors
/// The audit cannot be done, or the baseline that lies there is none.
pub fn rebase(request: &Request, how: Rebase) -> Result<Rebased, AuditError> {
    let before = own_baseline(&WorkTree { tree: request.root.tree() })?;
    let report = audit(request)?;
    let rules = ran(request, &report.not_checked);
    let unread: BTreeSet<String> =
        report.not_checked.iter().filter_map(|n| n.path.as_ref()).map(ToString::to_string).collect();
    let looked = Looked {
        rules: &rules,
        catalog: request.catalog,
        unread: &unread,
        whole: request.paths.is_empty() && !is_half(&report.not_checked),
    };
    let old = before.clone().unwrap_or_default();
    let entries = match how {
        Rebase::Write(from) => old.renewed(&report.findings, from, &looked),
        Rebase::Prune => old.pruned(&report.findings, &looked),
    };
    let known = |list: &[BaselineEntry]| -> BTreeSet<String> {
        list.iter().map(|entry| entry.fingerprint.to_string()).collect()
    };
    let (was, is) = (known(&old.entries), known(&entries));
    Ok(Rebased {
        text: Baseline::text_of(&entries),
        added: is.difference(&was).count(),
        removed: was.difference(&is).count(),
        entries: is.len(),
        before,
        report,
    })
}

/// The rules that could do their work.
fn ran(request: &Request, not_checked: &[NotChecked]) -> BTreeSet<String> {
    const ABOUT_ADVISORIES: [&str; 5] =
        ["advisories", "advisory-update", "packages", "lock-format", "unpinned-packages"];
    let blind = not_checked.iter().any(|n| ABOUT_ADVISORIES.contains(&n.what));
    let ran = request.settings.selected.iter().filter(|id| !(blind && id.starts_with("advisories/")));
    ran.cloned().collect()
}

/// Whether a part of the audit itself is missing: then what was not found may be there.
fn is_half(not_checked: &[NotChecked]) -> bool {
    let parts = not_checked.iter().filter(|n| n.coverage == Coverage::Missing && n.path.is_none());
    parts.into_iter().any(|n| n.what.ends_with("-crashed") || n.what == "index")
        || not_checked.iter().any(|n| n.what.ends_with("-crashed"))
}
