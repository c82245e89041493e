use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::draft::{Draft, draft};
use super::mask::Masks;
use super::plan::Plan;
use super::walk::FoundMark;
use crate::detect::{Emit, Raw};
use crate::model::{Coverage, Language, NotChecked, Region, RepoPath, Secret};
use crate::source::FileView;

/// What the rules found in one file, before anything is judged.
#[derive(Default)]
pub(super) struct Found {
    /// The rule (as its place in the plan) and what it found.
    pub(super) raws: Vec<(u16, Raw)>,
    /// Where the word of an inline allow stands.
    pub(super) marks: Vec<usize>,
    /// Rules that crashed.
    pub(super) crashed: Vec<u16>,
    /// What detectors could not look at.
    pub(super) not_checked: Vec<NotChecked>,
    /// What is no finding and is not shown either.
    masks: Vec<Secret>,
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
            }
            Err(_) if !self.crashed.contains(&rule) => self.crashed.push(rule),
            Err(_) => {}
        }
    }
}

/// One pass of the automaton; each hit goes to the rules that want it, if they apply to the file. Rules of
/// the secrets family are asked in any case: what they find is masked even where it is not reported.
pub(super) fn run_hits(plan: &Plan, view: &FileView, only_secrets: bool, found: &mut Found) {
    let mut emit = Emit::default();
    plan.literals().find(view.bytes(), |literal, start| {
        let Some(rules) = plan.wanted_by(literal) else {
            found.marks.push(start);
            return;
        };
        for &at in rules {
            let prepared = &plan.prepared()[usize::from(at)];
            if prepared.rule.family() != "secrets"
                && (only_secrets || !plan.applies(at, view.path(), view.language(), view.target()))
            {
                continue;
            }
            let range: Range<usize> = start..start + plan.literals().len_of(literal);
            let outcome = catch_unwind(AssertUnwindSafe(|| {
                prepared.detector.hit(prepared, view, range, &mut emit);
            }));
            if outcome.is_err() {
                found.take(at, Err(Box::new(())));
                emit = Emit::default();
            } else if !emit.is_empty() {
                found.take(at, Ok(std::mem::take(&mut emit)));
            }
        }
    });
}

/// Asks the rules that look at this whole file.
fn run_whole(plan: &Plan, view: &FileView, found: &mut Found) {
    for at in plan.whole_file(view.path()) {
        let prepared = &plan.prepared()[usize::from(at)];
        let is_secret = prepared.rule.family() == "secrets";
        if !is_secret && !plan.applies(at, view.path(), view.language(), view.target()) {
            continue;
        }
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            let mut emit = Emit::default();
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
}

/// Runs all rules over one file. `None` if there is nothing to say: then nothing was allocated.
pub(super) fn scan_file(plan: &Plan, view: &FileView) -> Option<FileOutcome> {
    let mut found = Found::default();
    run_hits(plan, view, false, &mut found);
    run_whole(plan, view, &mut found);
    if found.raws.is_empty()
        && found.marks.is_empty()
        && found.crashed.is_empty()
        && found.not_checked.is_empty()
    {
        return None;
    }
    let masks = Masks::new(&found.secrets());
    let mut outcome =
        FileOutcome { not_checked: std::mem::take(&mut found.not_checked), ..FileOutcome::default() };
    for &rule in &found.crashed {
        outcome.not_checked.push(crashed(Some(view.path()), &plan.prepared()[usize::from(rule)].rule.id));
    }
    for (at, raw) in std::mem::take(&mut found.raws) {
        if is_reported(plan, at, &raw, view) {
            let prepared = &plan.prepared()[usize::from(at)];
            outcome.drafts.push(draft(plan, prepared, raw, Some(view), &masks));
        }
    }
    outcome.marks = found.marks.iter().filter_map(|&at| mark(view, at, &masks)).collect();
    Some(outcome)
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

/// An inline allow, if the word stands in a comment.
fn mark(view: &FileView, at: usize, masks: &Masks) -> Option<FoundMark> {
    let bytes = view.bytes();
    let line = view.line_around(at);
    let before = &bytes[line.start..at];
    let in_comment = match view.language() {
        Language::Text | Language::Unknown => {
            let text = before.trim_ascii_start();
            let openers: [&[u8]; 8] = [b"#", b"//", b"--", b";", b"%", b"/*", b"<!--", b"*"];
            openers.iter().any(|o| {
                text.starts_with(o)
                    || before.windows(o.len() + 1).any(|w| w[0].is_ascii_whitespace() && &w[1..] == *o)
            })
        }
        // Documentation speaks of marks; it does not set them.
        _ => view.region_at(at) == Region::Comment,
    };
    if !in_comment {
        return None;
    }
    let alone = before.iter().all(|b| b.is_ascii_whitespace() || b"#/*-;%!<{\"'".contains(b));
    let lines = view.lines();
    let own = lines.line_at(at);
    let covers = if alone { next_code_line(view, own) } else { own };
    let range = at..line.end;
    Some(FoundMark {
        path: view.path().clone(),
        span: view.span(range.clone()),
        text: masks.shown(bytes, range.clone()),
        line: own as u32 + 1,
        covers: covers as u32 + 1,
        evidence: super::evidence::evidence(bytes, lines, range, "", masks),
    })
}

/// The first line below that is neither blank nor a comment alone.
fn next_code_line(view: &FileView, own: usize) -> usize {
    let lines = view.lines();
    for line in own + 1..lines.count() {
        let range = lines.line(view.bytes(), line);
        let text = view.bytes()[range.clone()].trim_ascii();
        if text.is_empty() {
            continue;
        }
        let indent = view.bytes()[range.clone()].iter().take_while(|b| b.is_ascii_whitespace()).count();
        if !matches!(view.region_at(range.start + indent), Region::Comment | Region::Doc) {
            return line;
        }
    }
    own
}
