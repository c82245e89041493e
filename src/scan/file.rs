use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::change::change;
use super::composite;
use super::decoded::run_decoded;
use super::draft::{Draft, MaskedLines, Seen, draft};
use super::mark::{self, FoundMark, Marked};
use super::mask::Masks;
use super::plan::Plan;
use super::redact::Redactor;
use crate::detect::{Emit, Needs, Raw};
use crate::model::{Coverage, NotChecked, RepoPath, Secret};
use crate::source::{FileView, LongRuns, ParseProblem};

/// What the rules found in one file, before anything is judged.
#[derive(Default)]
pub(super) struct Found {
    /// The rule (as its place in the plan) and what it found.
    pub(super) raws: Vec<(u16, Raw)>,
    /// Where an inline allow stands, or what was meant as one.
    pub(super) marks: Vec<Marked>,
    /// Rules that crashed.
    pub(super) crashed: Vec<u16>,
    /// What detectors could not look at.
    pub(super) not_checked: Vec<NotChecked>,
    /// What was looked at and is none, with the reason.
    pub(super) passed: Vec<(usize, &'static str)>,
    /// What is no finding and is not shown either.
    pub(super) masks: Vec<Secret>,
    /// Whether a check of the repository as a whole wants to see it.
    pub(super) is_asked_for: bool,
}

impl Found {
    /// All stretches that nobody may see, in order of their start.
    pub(super) fn secrets(&self) -> Vec<Secret> {
        let mut masks: Vec<Secret> = self
            .raws
            .iter()
            .filter(|(_, raw)| raw.path.is_none())
            .flat_map(|(_, raw)| raw.secrets.iter().cloned())
            .chain(self.masks.iter().cloned())
            .collect();
        masks.sort_by_key(|s| (s.range.start, s.range.end, s.prefix));
        masks.dedup();
        masks
    }

    /// Takes what a detector emitted, or notes that it crashed.
    fn take(&mut self, rule: u16, outcome: std::thread::Result<Emit>) {
        match outcome {
            Ok(emit) => {
                self.raws.extend(emit.raws.into_iter().map(|raw| (rule, raw)));
                self.masks.extend(emit.masks);
                self.not_checked.extend(emit.not_checked);
                self.passed.extend(emit.passed);
            }
            Err(_) if !self.crashed.contains(&rule) => self.crashed.push(rule),
            Err(_) => {}
        }
    }
}

/// One pass over the bytes; each hit goes to the rules that want it, if they apply to the file. Rules of
/// the secrets family are asked in any case: what they find is masked even where it is not reported. Where encoded text
/// may be is given back.
pub(super) fn run_hits(plan: &Plan, view: &FileView, only_secrets: bool, found: &mut Found) -> LongRuns {
    let mut emit = plan.emit();
    plan.literals().find(view.bytes(), |literal, start| {
        if plan.is_mark(literal) {
            found.marks.extend(mark::marked(view.bytes(), start));
        }
        for &at in plan.wanted_by(literal) {
            let prepared = &plan.prepared()[usize::from(at)];
            if !prepared.is_secret
                && (only_secrets
                    || !plan.speaks(at, view.language())
                    || !plan.applies(at, view.path(), view.language(), view.target()))
            {
                continue;
            }
            if prepared.needs == Needs::Repo {
                found.is_asked_for = true;
                continue;
            }
            let range: Range<usize> = start..start + plan.literals().len_of(literal);
            let outcome = catch_unwind(AssertUnwindSafe(|| {
                prepared.detector.hit(prepared, view, range, &mut emit);
            }));
            if !prepared.selected {
                // It ran for what it masks.
                emit.passed.clear();
            }
            if outcome.is_err() {
                found.take(at, Err(Box::new(())));
                emit = plan.emit();
            } else if !emit.is_empty() {
                found.take(at, Ok(emit.take()));
            }
        }
    })
}

/// Asks the rules that look at this whole file.
fn run_whole(plan: &Plan, view: &FileView, found: &mut Found) {
    for at in plan.whole_file(view.path()) {
        let prepared = &plan.prepared()[usize::from(at)];
        if !prepared.is_secret && !plan.applies(at, view.path(), view.language(), view.target()) {
            continue;
        }
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            let mut emit = plan.emit();
            prepared.detector.file(prepared, view, &mut emit);
            emit
        }));
        found.take(at, outcome);
    }
}

/// What came of one file.
#[derive(Default)]
pub(super) struct FileOutcome {
    pub(super) drafts: Vec<Draft>,
    pub(super) marks: Vec<FoundMark>,
    pub(super) not_checked: Vec<NotChecked>,
    pub(super) passed: Vec<Passed>,
    pub(super) is_asked_for: bool,
}

/// Something that looked like a finding and is none.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Passed {
    /// Why it is none.
    pub reason: &'static str,
    /// The file.
    pub path: RepoPath,
    /// 1-based line it stands in.
    pub line: u32,
}

/// Runs all rules over one file. `None` if there is nothing to say: then nothing was allocated.
pub(super) fn scan_file(plan: &Plan, view: &FileView) -> Option<FileOutcome> {
    let mut found = Found::default();
    let runs = run_hits(plan, view, false, &mut found);
    run_whole(plan, view, &mut found);
    run_decoded(plan, view, &runs, &mut found);
    // Packed programs are read by no check of the repository: they are many bytes to keep.
    found.is_asked_for = found.is_asked_for && !view.is_packed();
    found.not_checked.extend(view.unread_recipe().map(|problem| unread_recipe(view, problem)));
    if found.raws.is_empty()
        && found.marks.is_empty()
        && found.crashed.is_empty()
        && found.not_checked.is_empty()
        && found.passed.is_empty()
        && !found.is_asked_for
    {
        return None;
    }
    let secrets = found.secrets();
    let shown = found.raws.iter().filter_map(|(_, raw)| raw.range.as_ref()).map(|range| range.start);
    let shown = shown.chain(found.marks.iter().map(|mark| mark.at));
    let masks = Masks::new(&secrets).with_repeats(view.bytes(), &secrets, shown);
    let lines = MaskedLines::default();
    let seen = Seen { view, masks: &masks, lines: &lines };
    let mut outcome = FileOutcome {
        not_checked: std::mem::take(&mut found.not_checked),
        is_asked_for: found.is_asked_for,
        ..FileOutcome::default()
    };
    for &rule in &found.crashed {
        outcome.not_checked.push(crashed(Some(view.path()), &plan.prepared()[usize::from(rule)].rule.id));
    }
    let mut raws = std::mem::take(&mut found.raws);
    let passed = unreported(std::mem::take(&mut found.passed), &raws);
    raws.retain(|(at, raw)| is_reported(plan, *at, raw, view));
    composite::join(plan, view, &mut raws);
    for (at, mut raw) in raws {
        let prepared = &plan.prepared()[usize::from(at)];
        let change = raw.change.take().and_then(|raw| {
            let here = |path: &RepoPath| (path == view.path()).then(|| view.content_hash());
            change(raw, Some(view.path()), Redactor::new(plan), here)
        });
        let mut made = draft(plan, prepared, raw, Some(seen));
        made.finding.change = change;
        outcome.drafts.push(made);
    }
    let named = |(at, reason)| Passed {
        reason,
        path: view.path().clone(),
        line: view.lines().line_at(at) as u32 + 1,
    };
    outcome.passed = passed.into_iter().map(named).collect();
    let (marks, left_out) = mark::marks(view, &found.marks, &masks);
    outcome.marks = marks;
    if left_out {
        outcome.not_checked.push(mark::too_many(view.path()));
    }
    Some(outcome)
}

/// Rules about a pipeline say nothing of one that does not parse, and nobody may take that for good news.
fn unread_recipe(view: &FileView, problem: &ParseProblem) -> NotChecked {
    let line = problem.span.as_ref().map(|span| format!("line {}: ", view.lines().line_at(span.start) + 1));
    NotChecked {
        path: Some(view.path().clone()),
        what: "unparsable",
        reason: format!("{}{problem}", line.unwrap_or_default()),
        mend: None,
        coverage: Coverage::Outside,
    }
}

/// What one rule passed over and no other found: the hash of a password is no password, and has a rule of its own.
fn unreported(mut passed: Vec<(usize, &'static str)>, raws: &[(u16, Raw)]) -> Vec<(usize, &'static str)> {
    if passed.is_empty() {
        return passed;
    }
    // Starts in order, each with the furthest end of those up to it.
    let secrets = raws.iter().flat_map(|(_, raw)| &raw.secrets);
    let mut found: Vec<(usize, usize)> = secrets.map(|s| (s.range.start, s.range.end)).collect();
    found.sort_unstable();
    let mut furthest = 0;
    for (_, end) in &mut found {
        furthest = furthest.max(*end);
        *end = furthest;
    }
    passed.retain(|&(at, _)| {
        let begun = found.partition_point(|&(start, _)| start <= at);
        begun.checked_sub(1).is_none_or(|last| found[last].1 <= at)
    });
    passed
}

/// A rule's crash as the report says it.
pub(super) fn crashed(path: Option<&RepoPath>, rule: &str) -> NotChecked {
    NotChecked {
        path: path.cloned(),
        what: "rule-crashed",
        reason: format!("the rule {rule} crashed on it; this is a bug of cargo prodcheck"),
        mend: None,
        coverage: Coverage::Missing,
    }
}

/// Whether a finding of this rule at this place is wanted, as opposed to masked only.
fn is_reported(plan: &Plan, at: u16, raw: &Raw, view: &FileView) -> bool {
    let prepared = &plan.prepared()[usize::from(at)];
    if !prepared.selected || !plan.applies(at, view.path(), view.language(), view.target()) {
        return false;
    }
    let Some(range) = &raw.range else { return true };
    let regions = &prepared.rule.applies.regions;
    if !regions.is_empty() && !regions.contains(&view.region_at(range.start)) {
        return false;
    }
    prepared.rule.applies.targets.is_empty() || plan.applies_to_target(at, view.target_at(range.start))
}
