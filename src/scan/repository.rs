use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

use sha2::{Digest, Sha256};

use super::change::change;
use super::draft::{Draft, MaskedLines, Seen, draft};
use super::evidence::evidence;
use super::file::crashed;
use super::mask::Masks;
use super::merge::merge;
use super::plan::Plan;
use super::redact::Redactor;
use crate::detect::{Emit, Needs};
use crate::model::{ContentHash, NotChecked, RepoPath};
use crate::repo::RepoView;
use crate::source::FileView;

/// Runs the checks that see the repository as a whole. What they find stands in the report's order.
pub fn check_repository(plan: &Plan, repo: &RepoView) -> (Vec<Draft>, Vec<NotChecked>) {
    let mut drafts = Vec::new();
    let mut not_checked = Vec::new();
    let mut files = KnownFiles { redactor: Redactor::new(plan), repo, known: BTreeMap::new() };
    for prepared in plan.prepared().iter().filter(|p| p.selected && p.needs == Needs::Repo) {
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
            item.reason = files.redactor.text(&item.reason);
            not_checked.push(item);
        }
        for mut raw in emit.raws {
            let raw_change = raw.change.take();
            let others: Vec<_> = raw.related.iter().map(|r| (r.path.clone(), r.range.clone())).collect();
            let path = raw.path.clone();
            let file = path.as_ref().and_then(|path| files.of(path));
            let mut made = draft(plan, prepared, raw, file.as_deref().map(KnownFile::seen));
            for (related, (path, range)) in made.finding.related.iter_mut().zip(others) {
                let (Some(path), Some(range)) = (path, range) else { continue };
                let Some(file) = files.of(&path) else { continue };
                let view = &file.view;
                let end = range.end.min(view.bytes().len());
                let range = range.start.min(end)..end;
                related.span = Some(view.span(range.clone()));
                related.evidence = Some(evidence(view.bytes(), view.lines(), range, "", &file.masks));
            }
            let redactor = files.redactor;
            made.finding.change = raw_change
                .and_then(|raw| change(raw, path.as_ref(), redactor, |path| files.content_hash(path)));
            drafts.push(made);
        }
    }
    not_checked.sort();
    not_checked.dedup();
    (merge(drafts), not_checked)
}

/// The kept files, each looked at once, when first needed.
struct KnownFiles<'p, 'r> {
    redactor: Redactor<'p, 'p>,
    repo: &'r RepoView,
    known: BTreeMap<&'r RepoPath, Rc<KnownFile<'r>>>,
}

impl KnownFiles<'_, '_> {
    /// The hash of a kept file's content. A file that is not there yet has no content: a change may make it.
    fn content_hash(&mut self, path: &RepoPath) -> Option<ContentHash> {
        match self.of(path) {
            Some(file) => Some(file.view.content_hash()),
            None => self.repo.entry(path).is_none().then(|| Sha256::digest(b"").into()),
        }
    }
}

/// A kept file and what must not be shown of it.
struct KnownFile<'r> {
    view: FileView<'r>,
    masks: Masks,
    lines: MaskedLines,
}

impl<'r> KnownFiles<'_, 'r> {
    fn of(&mut self, path: &RepoPath) -> Option<Rc<KnownFile<'r>>> {
        let (path, kept) = self.repo.kept.get_key_value(path)?;
        let file = self.known.entry(path).or_insert_with(|| {
            Rc::new(KnownFile {
                view: FileView::new(path, &kept.bytes, kept.kind),
                masks: self.redactor.masks(path, &kept.bytes, kept.kind),
                lines: MaskedLines::default(),
            })
        });
        Some(Rc::clone(file))
    }
}

impl<'r> KnownFile<'r> {
    fn seen(&self) -> Seen<'_, 'r> {
        Seen { view: &self.view, masks: &self.masks, lines: &self.lines }
    }
}
