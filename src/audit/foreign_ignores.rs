//! What other tools are told to ignore, as allows: counted and named, never silent.

use std::collections::BTreeMap;

use crate::model::{Finding, LineIndex, Notice, Origin, Place, RepoPath, Status, counted};
use crate::repo::{ForeignIgnore, Kept, foreign_ignores};
use crate::scan::{Redactor, evidence::evidence};
use crate::triage::{AdvisoryAllow, AllowEntry};

/// The rule that entries about packages instead of advisories are about.
const YANKED: &str = "advisories/yanked";

/// The entries of such files among the kept ones.
pub(super) fn allows(kept: &BTreeMap<RepoPath, Kept>, redactor: Redactor) -> Vec<AllowEntry> {
    let mut allows = Vec::new();
    for (path, entries) in foreign_ignores(kept) {
        let Some(file) = kept.get(path).filter(|_| !entries.is_empty()) else { continue };
        let lines = LineIndex::new(&file.bytes);
        let masks = redactor.masks(path, &file.bytes, file.kind);
        for entry in entries {
            let ForeignIgnore { id, package, reason, span } = entry;
            let name = path.to_string();
            let reason = match &reason {
                Some(reason) => format!("{name}: {}", redactor.text(reason)),
                None => format!("{name} ignores it and does not say why"),
            };
            let (package, version) = package.map_or((None, None), |(name, version)| (Some(name), version));
            allows.push(AllowEntry {
                rule: if id.is_some() { "advisories" } else { YANKED }.into(),
                advisory: Some(AdvisoryAllow { id, package, version, is_unknown: false, file: Some(name) }),
                path: None,
                reason,
                until: None,
                place: Place {
                    path: Some(path.clone()),
                    span: Some(lines.span(&file.bytes, span.clone())),
                    origin: Origin::Tree,
                    via: Vec::new(),
                },
                evidence: Some(evidence(&file.bytes, &lines, span, "", &masks)),
            });
        }
    }
    allows
}

/// How many findings each of the files allows.
pub(super) fn notices(allows: &[AllowEntry], findings: &[Finding]) -> Vec<Notice> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for finding in findings.iter().filter(|finding| finding.status == Status::Allowed) {
        let reason = finding.allow.as_ref().and_then(|allow| allow.reason.as_deref());
        let entry = allows.iter().find(|entry| {
            Some(&*entry.reason) == reason && entry.advisory.as_ref().is_some_and(|a| a.speaks_of(finding))
        });
        if let Some(file) = entry.and_then(|entry| entry.advisory.as_ref()?.file.as_deref()) {
            *counts.entry(file).or_default() += 1;
        }
    }
    let notice = |(file, count): (&str, usize)| {
        let findings = counted(count as u64, "finding");
        let text =
            format!("{file}: what it tells its own tool to ignore allows {findings} about advisories here");
        Notice { path: None, text }
    };
    counts.into_iter().map(notice).collect()
}
