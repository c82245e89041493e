use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};

use super::apply::apply;
use super::check::{compare, still_parses};
use super::collect::collect;
use super::diff::unified;
use super::outcome::{Done, Outcome, Refusal, Refused};
use super::write::{create, replace};
use crate::audit::{AuditError, CargoAnswer, Request, audit};
use crate::model::{Change, ContentHash, Finding, NotChecked, RepoPath, Report};
use crate::repo::{ReadError, Staged, State};
use crate::scan::{Plan, Redactor};
use crate::source::language_of;

/// How changes are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Nothing is written.
    pub dry_run: bool,
    /// Also files whose content Git does not have.
    pub allow_dirty: bool,
}

/// Why nothing could be changed at all. Safe to show.
#[derive(Debug, thiserror::Error)]
pub enum FixError {
    /// An audit could not be done.
    #[error(transparent)]
    Audit(#[from] AuditError),
    /// The changes are made, and nobody can say what remains.
    #[error("the changes were made; the audit after them failed: {0}")]
    Afterwards(AuditError),
    /// The root cannot be looked at as it would be.
    #[error("the root cannot be opened again: {0}")]
    Root(#[from] ReadError),
}

/// Makes the changes that the findings of a report carry. Each is tried on the contents in memory first: a second
/// audit must find the finding gone and no new one in the files that it edits.
///
/// # Errors
/// An audit that went well before does not go well now.
pub fn fix(request: &Request, report: Report, options: Options) -> Result<Outcome, FixError> {
    make_changes(request, report, BTreeMap::new(), options)
}

/// The same; some were refused before.
pub(super) fn make_changes(
    request: &Request,
    report: Report,
    refused: BTreeMap<usize, Refusal>,
    options: Options,
) -> Result<Outcome, FixError> {
    let mut collected = collect(&report.findings);
    collected.refused.extend(refused);
    let plan = Plan::new(request.catalog, &BTreeSet::new(), request.today).map_err(AuditError::from)?;
    let mut work = Work {
        request,
        redactor: Redactor::new(&plan),
        before: &report.findings,
        not_checked: &report.not_checked,
        contents: BTreeMap::new(),
        new: BTreeSet::new(),
        active: collected.accepted,
        refused: collected.refused,
    };
    work.read(options);
    work.try_together()?;
    let changed = if options.dry_run { work.contents_after() } else { work.write() };
    let diffs = changed.iter().map(|(path, after)| unified(work.redactor, path, &work.contents[path], after));
    let diff = diffs.collect();
    let (done, refused) = work.said();
    let report = if options.dry_run || changed.is_empty() {
        report
    } else {
        audit(&Request { cargo: &CargoAnswer::new(), ..request.clone() }).map_err(FixError::Afterwards)?
    };
    Ok(Outcome { done, refused, diff, report })
}

struct Work<'a> {
    request: &'a Request<'a>,
    redactor: Redactor<'a, 'a>,
    /// All findings of the report.
    before: &'a [Finding],
    /// All that it could not check.
    not_checked: &'a [NotChecked],
    /// What the edited files hold now; nothing, where there is none yet.
    contents: BTreeMap<RepoPath, Vec<u8>>,
    /// Those that are not there yet.
    new: BTreeSet<RepoPath>,
    /// The findings whose changes are still to be made: places in `before`.
    active: BTreeSet<usize>,
    refused: BTreeMap<usize, Refusal>,
}

fn hash(bytes: &[u8]) -> ContentHash {
    Sha256::digest(bytes).into()
}

impl<'a> Work<'a> {
    fn change(&self, at: usize) -> Option<&'a Change> {
        self.before[at].change.as_ref()
    }

    fn edits(&self, at: usize, path: &RepoPath) -> bool {
        self.change(at).is_some_and(|change| change.edits.iter().any(|edit| edit.path == *path))
    }

    fn refuse(&mut self, at: usize, why: Refusal) {
        self.active.remove(&at);
        self.refused.entry(at).or_insert(why);
    }

    /// Nothing of this file is changed.
    fn refuse_file(&mut self, path: &RepoPath, why: &Refusal) {
        let touching: Vec<usize> = self.active.iter().copied().filter(|&at| self.edits(at, path)).collect();
        for at in touching {
            self.refuse(at, why.clone());
        }
    }

    /// The edited files, and for each the content its edits were made for.
    fn files(&self) -> BTreeMap<RepoPath, BTreeSet<ContentHash>> {
        let mut files: BTreeMap<RepoPath, BTreeSet<ContentHash>> = BTreeMap::new();
        for edit in self.active.iter().filter_map(|&at| self.change(at)).flat_map(|change| &change.edits) {
            files.entry(edit.path.clone()).or_default().insert(edit.seen);
        }
        files
    }

    /// Reads the files that are to be edited, and sorts out those that must be left alone.
    fn read(&mut self, options: Options) {
        let root = self.request.root;
        let staged = Staged::of(root);
        for (path, seen) in self.files() {
            let mut bytes = Vec::new();
            match root.tree().read(&path, self.request.settings.max_file_size, &mut bytes) {
                Ok(()) => {}
                // What is not there yet loses nothing.
                Err(ReadError::Vanished) if seen == BTreeSet::from([hash(b"")]) => {
                    self.new.insert(path.clone());
                    self.contents.insert(path, Vec::new());
                    continue;
                }
                Err(error) => {
                    self.refuse_file(&path, &Refusal::Unread(error));
                    continue;
                }
            }
            if seen != BTreeSet::from([hash(&bytes)]) {
                self.refuse_file(&path, &Refusal::ChangedMeanwhile);
                continue;
            }
            let dirty = match &staged {
                _ if options.allow_dirty => None,
                _ if root.git().is_none() => Some(Refusal::NoGit),
                Err(_) => Some(Refusal::NoIndex),
                Ok(staged) => match staged.state(&path, &bytes) {
                    State::Kept => None,
                    State::Changed => Some(Refusal::Uncommitted),
                    State::Unknown => Some(Refusal::Untracked),
                },
            };
            match dirty {
                Some(why) => self.refuse_file(&path, &why),
                None => {
                    self.contents.insert(path, bytes);
                }
            }
        }
    }

    /// Replaces the files, and says what those hold now that were. Where one cannot be replaced, changes that it has part
    /// in are made in no other: what was written of them is taken back.
    fn write(&mut self) -> BTreeMap<RepoPath, Vec<u8>> {
        let tree = self.request.root.tree();
        let mut written: BTreeMap<RepoPath, Vec<u8>> = BTreeMap::new();
        for path in self.files().into_keys() {
            let Some(after) = self.content_after(&path) else { continue };
            let done = if self.new.contains(&path) {
                create(tree, &path, &after, &mut |_| {})
            } else {
                replace(tree, &path, &hash(&self.contents[&path]), &after, &mut |_| {})
            };
            match done {
                Ok(()) => {
                    written.insert(path, after);
                }
                Err(error) => self.refuse_file(&path, &Refusal::Unwritten(error.to_string())),
            }
        }
        let mut kept = BTreeMap::new();
        for (path, now) in written {
            let before = &self.contents[&path];
            let wanted = self.content_after(&path).unwrap_or_else(|| before.clone());
            if wanted != now
                && let Err(error) = replace(tree, &path, &hash(&now), &wanted, &mut |_| {})
            {
                let why = Refusal::HalfWritten(error.to_string());
                let halves: Vec<usize> =
                    self.refused.keys().copied().filter(|&at| self.edits(at, &path)).collect();
                self.refused.extend(halves.into_iter().map(|at| (at, why.clone())));
                kept.insert(path, now);
            } else if wanted != *before {
                kept.insert(path, wanted);
            }
        }
        kept
    }

    /// What a file would hold after the active changes; `None` if none edits it.
    fn content_after(&self, path: &RepoPath) -> Option<Vec<u8>> {
        let edits = self.active.iter().filter_map(|&at| self.change(at)).flat_map(|change| &change.edits);
        let mut edits = edits.filter(|edit| edit.path == *path).peekable();
        edits.peek()?;
        apply(self.contents.get(path)?, edits)
    }

    /// What the files would hold after the active changes.
    fn contents_after(&self) -> BTreeMap<RepoPath, Vec<u8>> {
        self.contents_of(&self.active)
    }

    fn contents_of(&self, findings: &BTreeSet<usize>) -> BTreeMap<RepoPath, Vec<u8>> {
        let edits = || findings.iter().filter_map(|&at| self.change(at)).flat_map(|change| &change.edits);
        let paths: BTreeSet<&RepoPath> = edits().map(|edit| &edit.path).collect();
        let after = |path: &RepoPath| apply(self.contents.get(path)?, edits().filter(|e| e.path == *path));
        paths.into_iter().filter_map(|path| Some((path.clone(), after(path)?))).collect()
    }

    /// Tries all changes together, then without those in whose files a fault shows, until none does. What was taken out
    /// is tried by itself, since what one file makes of another is to be held against neither; what stands that is
    /// tried once more with all the others. So what is written is always a set that was tried as a whole.
    fn try_together(&mut self) -> Result<(), FixError> {
        self.refuse_unparsable();
        let mut suspects = Vec::new();
        let mut groups = self.groups();
        while !self.active.is_empty() {
            let faults = self.faults(&self.active)?;
            let (faulty, others) =
                groups.into_iter().partition(|group| group.iter().any(|at| faults.contains_key(at)));
            groups = others;
            if faulty.is_empty() {
                break;
            }
            suspects.extend::<Vec<BTreeSet<usize>>>(faulty);
            self.active = groups.iter().flatten().copied().collect();
        }
        let mut cleared = false;
        for group in suspects {
            let kept = self.without_faults(group)?;
            cleared |= !kept.is_empty();
            self.active.extend(kept);
        }
        if cleared {
            self.active = self.without_faults(self.active.clone())?;
        }
        Ok(())
    }

    /// Those of these findings whose changes can be made together. The others are refused.
    fn without_faults(&mut self, mut findings: BTreeSet<usize>) -> Result<BTreeSet<usize>, FixError> {
        while !findings.is_empty() {
            let faults = self.faults(&findings)?;
            if faults.is_empty() {
                break;
            }
            for (at, why) in faults {
                findings.remove(&at);
                self.refuse(at, why);
            }
        }
        Ok(findings)
    }

    fn refuse_unparsable(&mut self) {
        for (path, after) in self.contents_after() {
            let before = &self.contents[&path];
            let language = language_of(&path, &before[..before.len().min(1024)]);
            if !still_parses(language, before, &after) {
                self.refuse_file(&path, &Refusal::Unparsable);
            }
        }
    }

    /// What is wrong with these changes: audits the root as it would be. Faults are named by findings of these only.
    fn faults(&self, findings: &BTreeSet<usize>) -> Result<BTreeMap<usize, Refusal>, FixError> {
        let root = self.request.root.with_changes(self.contents_of(findings))?;
        let after = audit(&Request { root: &root, ..self.request.clone() })?;
        // The report names files as they may be shown.
        let shown: BTreeMap<RepoPath, RepoPath> = findings
            .iter()
            .filter_map(|&at| self.change(at))
            .flat_map(|change| &change.edits)
            .map(|edit| (self.redactor.path(&edit.path), edit.path.clone()))
            .collect();
        let places = findings.iter().filter_map(|&at| self.before[at].place.path.as_ref());
        let files: BTreeSet<&RepoPath> = shown.keys().chain(places).collect();
        let edits_file =
            |at: usize, path: &RepoPath| shown.get(path).is_some_and(|path| self.edits(at, path));
        let mut faults = compare(self.before, findings, &files, &after.findings, edits_file);
        // What is not looked at any more finds nothing either.
        let known: BTreeSet<_> = self.not_checked.iter().map(|n| (&n.path, n.what)).collect();
        for open in after.not_checked.iter().filter(|n| !known.contains(&(&n.path, n.what))) {
            let editing = |at: &usize| open.path.as_ref().is_some_and(|path| edits_file(*at, path));
            let mut at_fault: Vec<usize> = findings.iter().copied().filter(editing).collect();
            if at_fault.is_empty() {
                at_fault = findings.iter().copied().collect();
            }
            for at in at_fault {
                faults.entry(at).or_insert(Refusal::Unchecked);
            }
        }
        Ok(faults)
    }

    /// The active findings, those together whose changes share a file.
    fn groups(&self) -> Vec<BTreeSet<usize>> {
        let mut groups: Vec<(BTreeSet<&RepoPath>, BTreeSet<usize>)> = Vec::new();
        for &at in &self.active {
            let Some(change) = self.change(at) else { continue };
            let mut files: BTreeSet<&RepoPath> = change.edits.iter().map(|edit| &edit.path).collect();
            let mut members = BTreeSet::from([at]);
            let (touching, apart): (Vec<_>, Vec<_>) =
                groups.into_iter().partition(|(others, _)| !others.is_disjoint(&files));
            groups = apart;
            for (others, more) in touching {
                files.extend(others);
                members.extend(more);
            }
            groups.push((files, members));
        }
        groups.into_iter().map(|(_, members)| members).collect()
    }

    fn said(&self) -> (Vec<Done>, Vec<Refused>) {
        let done = self.active.iter().map(|&at| {
            let finding = &self.before[at];
            Done {
                rule: finding.rule.clone(),
                place: finding.place.clone(),
                what: self.change(at).map(|change| change.what.clone()).unwrap_or_default(),
            }
        });
        let refused = self.refused.iter().map(|(&at, why)| {
            let finding = &self.before[at];
            Refused { rule: finding.rule.clone(), place: finding.place.clone(), why: why.clone() }
        });
        (done.collect(), refused.collect())
    }
}
