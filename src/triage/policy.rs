use std::collections::{BTreeMap, BTreeSet};

use super::Mark;
use crate::model::{Evidence, Finding, Glob, Place, RepoPath, Severity};
use crate::rules::Catalog;

/// By what findings are judged.
#[derive(Debug, Clone, Copy)]
pub struct Policy<'a> {
    /// Today, as `YYYY-MM-DD`.
    pub today: &'a str,
    /// The ids of the rules that ran. Rules that could not (no advisory data, a crash) are left out, so
    /// that allows of them are not called unused.
    pub selected: &'a BTreeSet<String>,
    /// Severities in place of the rules' own, by id; `None` means off.
    pub severity: &'a BTreeMap<String, Option<Severity>>,
    /// The allows of the configuration.
    pub allows: &'a [AllowEntry],
    /// The inline allows of all files that were read.
    pub marks: &'a [Mark],
    /// False with `--no-ignores`: no allow of any kind holds, and none is spoken of.
    pub ignores: bool,
    /// Whether the whole repository was in view. If not, allows of the configuration are not called unused.
    pub whole: bool,
    /// Files of the audit that were not read. Allows of the configuration that may concern them are not called unused.
    pub unread: &'a [RepoPath],
}

/// An allow of the configuration.
#[derive(Debug, Clone)]
pub struct AllowEntry {
    /// A rule's id, a family or `family/prefix*`.
    pub rule: String,
    /// Which files; `None` is all of them and the repository as a whole.
    pub path: Option<Glob>,
    /// Why, as it may be shown: masked and made displayable.
    pub reason: String,
    /// The last day it holds, as `YYYY-MM-DD`.
    pub until: Option<String>,
    /// Where it is written.
    pub place: Place,
    /// What is shown when something is said about it.
    pub evidence: Option<Evidence>,
}

/// Decides which findings count, and adds what there is to say about the allows.
///
/// A finding that comes in as allowed (by a mark of another tool) stays so unless `ignores` is false. What
/// comes out is in the order of [`Finding::order`]. The fingerprints of the added findings are empty.
pub fn triage(findings: Vec<Finding>, policy: &Policy<'_>, catalog: &Catalog) -> Vec<Finding> {
    let _ = (policy, catalog);
    findings
}
