use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::draft::{Draft, draft};
use super::evidence::evidence;
use super::file::crashed;
use super::mask::Masks;
use super::merge::merge;
use super::plan::Plan;
use super::redact::Redactor;
use crate::detect::{Emit, Needs};
use crate::model::{NotChecked, RepoPath};
use crate::repo::RepoView;
use crate::source::FileView;

/// Runs the checks that see the repository as a whole. What they find stands in the report's order.
pub fn check_repository(plan: &Plan, repo: &RepoView) -> (Vec<Draft>, Vec<NotChecked>) {
    let mut drafts = Vec::new();
    let mut not_checked = Vec::new();
    let mut masks = Known { redactor: Redactor::new(plan), repo, masks: BTreeMap::new() };
    for prepared in plan.prepared().iter().filter(|p| p.selected && p.detector.needs() == Needs::Repo) {
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            let mut emit = Emit::default();
            prepared.detector.repo(prepared, repo, &mut emit);
            emit
        }));
        let Ok(emit) = outcome else {
            not_checked.push(crashed(None, &prepared.rule.id));
            continue;
        };
        for mut item in emit.not_checked {
            item.reason = masks.redactor.text(&item.reason);
            not_checked.push(item);
        }
        for raw in emit.raws {
            let others: Vec<_> = raw.related.iter().map(|r| (r.path.clone(), r.range.clone())).collect();
            let path = raw.path.clone();
            let mut made = match path.as_ref().and_then(|p| Some((p, repo.kept.get(p)?))) {
                Some((path, kept)) => {
                    let secrets = masks.of(path);
                    let view = FileView::new(path, &kept.bytes, kept.kind);
                    draft(plan, prepared, raw, Some(&view), &secrets)
                }
                None => draft(plan, prepared, raw, None, &Masks::default()),
            };
            for (related, (path, range)) in made.finding.related.iter_mut().zip(others) {
                let Some(path) = path else { continue };
                let (Some(kept), Some(range)) = (repo.kept.get(&path), range) else { continue };
                let secrets = masks.of(&path);
                let view = FileView::new(&path, &kept.bytes, kept.kind);
                let end = range.end.min(kept.bytes.len());
                let range = range.start.min(end)..end;
                related.span = Some(view.span(range.clone()));
                related.evidence = Some(evidence(view.bytes(), view.lines(), range, "", &secrets));
            }
            drafts.push(made);
        }
    }
    not_checked.sort();
    not_checked.dedup();
    (merge(drafts), not_checked)
}

/// What must not be shown of the kept files, found when first needed.
struct Known<'a> {
    redactor: Redactor<'a, 'a>,
    repo: &'a RepoView,
    masks: BTreeMap<RepoPath, Masks>,
}

impl Known<'_> {
    fn of(&mut self, path: &RepoPath) -> Masks {
        if let Some(known) = self.masks.get(path) {
            return known.clone();
        }
        let found = self
            .repo
            .kept
            .get(path)
            .map(|kept| self.redactor.masks(path, &kept.bytes, kept.kind))
            .unwrap_or_default();
        self.masks.insert(path.clone(), found.clone());
        found
    }
}
