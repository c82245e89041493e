use std::collections::BTreeMap;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::composite;
use super::decoded::run_decoded;
use super::draft::{Draft, MaskedLines, Seen, draft};
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
    /// What was looked at and is none, with the reason.
    pub(super) passed: Vec<(usize, &'static str)>,
    /// What is no finding and is not shown either.
    pub(super) masks: Vec<Secret>,
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
/// the secrets family are asked in any case: what they find is masked even where it is not reported.
pub(super) fn run_hits(plan: &Plan, view: &FileView, only_secrets: bool, found: &mut Found) {
    let mut emit = plan.emit();
    plan.literals().find(view.bytes(), |literal, start| {
        let Some(rules) = plan.wanted_by(literal) else {
            found.marks.push(start);
            return;
        };
        for &at in rules {
            let prepared = &plan.prepared()[usize::from(at)];
            if !prepared.is_secret
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
                emit = plan.emit();
            } else if !emit.is_empty() {
                found.take(at, Ok(emit.take()));
            }
        }
    });
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
    run_hits(plan, view, false, &mut found);
    run_whole(plan, view, &mut found);
    run_decoded(plan, view, &mut found);
    if found.raws.is_empty()
        && found.marks.is_empty()
        && found.crashed.is_empty()
        && found.not_checked.is_empty()
        && found.passed.is_empty()
    {
        return None;
    }
    let secrets = found.secrets();
    let shown = found.raws.iter().filter_map(|(_, raw)| raw.range.as_ref()).map(|range| range.start);
    let shown = shown.chain(found.marks.iter().copied());
    let masks = Masks::new(&secrets).with_repeats(view.bytes(), &secrets, shown);
    let lines = MaskedLines::default();
    let seen = Seen { view, masks: &masks, lines: &lines };
    let mut outcome =
        FileOutcome { not_checked: std::mem::take(&mut found.not_checked), ..FileOutcome::default() };
    for &rule in &found.crashed {
        outcome.not_checked.push(crashed(Some(view.path()), &plan.prepared()[usize::from(rule)].rule.id));
    }
    let mut raws = std::mem::take(&mut found.raws);
    raws.retain(|(at, raw)| is_reported(plan, *at, raw, view));
    composite::join(plan, view, &mut raws);
    for (at, raw) in raws {
        let prepared = &plan.prepared()[usize::from(at)];
        outcome.drafts.push(draft(plan, prepared, raw, Some(seen)));
    }
    let passed = |(at, reason)| Passed {
        reason,
        path: view.path().clone(),
        line: view.lines().line_at(at) as u32 + 1,
    };
    outcome.passed = std::mem::take(&mut found.passed).into_iter().map(passed).collect();
    let (marks, left_out) = marks(view, &found.marks, &masks);
    outcome.marks = marks;
    if left_out {
        outcome.not_checked.push(too_many_marks(view.path()));
    }
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

/// No more of a mark is read: ids and a reason.
const LONGEST_MARK: usize = 1024;
/// More marks than these for one line are no allows but an attempt at something.
const MARKS_PER_LINE: usize = 32;

/// The inline allows among the places where the word stands. The second is whether some were left out
/// because too many speak of one line.
fn marks(view: &FileView, places: &[usize], masks: &Masks) -> (Vec<FoundMark>, bool) {
    let mut places = places.to_vec();
    places.sort_unstable();
    let mut line: Option<MarkedLine> = None;
    let mut below = CodeBelow::default();
    let mut given: BTreeMap<usize, usize> = BTreeMap::new();
    let mut left_out = false;
    let mut marks = Vec::new();
    for at in places {
        let line = match &mut line {
            Some(known) if at < known.range.end => known,
            other => other.insert(MarkedLine::new(view, at)),
        };
        if !line.in_comment(view, at) {
            continue;
        }
        let own = view.lines().line_at(at);
        let covers = if at <= line.alone_to { below.of(view, own).unwrap_or(own) } else { own };
        let already = given.entry(covers).or_default();
        if *already == MARKS_PER_LINE {
            left_out = true;
            continue;
        }
        *already += 1;
        marks.push(mark(view, at, &line.range, covers, masks));
    }
    (marks, left_out)
}

fn mark(view: &FileView, at: usize, line: &Range<usize>, covers: usize, masks: &Masks) -> FoundMark {
    let bytes = view.bytes();
    let lines = view.lines();
    let mut range = at..line.end;
    if range.len() > LONGEST_MARK {
        range.end = at + LONGEST_MARK;
        // Not within a character.
        let inside = bytes[range.end - 3..=range.end].iter().rev().take_while(|b| **b & 0xc0 == 0x80).count();
        range.end -= inside.min(3);
    }
    FoundMark {
        path: view.path().clone(),
        span: view.span(range.clone()),
        text: masks.shown(bytes, range.clone()),
        line: lines.line_at(at) as u32 + 1,
        covers: covers as u32 + 1,
        evidence: super::evidence::evidence(bytes, lines, range, "", masks),
    }
}

/// Some marks were not read.
fn too_many_marks(path: &RepoPath) -> NotChecked {
    NotChecked {
        path: Some(path.clone()),
        what: "too-many-allows",
        reason: format!(
            "more than {MARKS_PER_LINE} inline allows speak of one line; the others were not read"
        ),
        mend: None,
        coverage: Coverage::Outside,
    }
}

/// What all marks of one line have in common: a line may be the whole file, and is looked at once.
struct MarkedLine {
    range: Range<usize>,
    /// Up to here nothing but blanks and what opens a comment stands on it.
    alone_to: usize,
    /// Behind the first thing that opens a comment in texts without a grammar.
    opened: Option<usize>,
}

impl MarkedLine {
    fn new(view: &FileView, at: usize) -> Self {
        const OPENERS: [&[u8]; 8] = [b"#", b"//", b"--", b";", b"%", b"/*", b"<!--", b"*"];
        let range = view.line_around(at);
        let line = &view.bytes()[range.clone()];
        let alone =
            line.iter().take_while(|b| b.is_ascii_whitespace() || b"#/*-;%!<{\"'".contains(b)).count();
        let opened = match view.language() {
            Language::Text | Language::Unknown => (0..line.len())
                .filter(|&i| i == 0 || line[i - 1].is_ascii_whitespace())
                .find_map(|i| OPENERS.iter().find(|o| line[i..].starts_with(o)).map(|o| i + o.len())),
            _ => None,
        };
        Self { alone_to: range.start + alone, opened: opened.map(|end| range.start + end), range }
    }

    fn in_comment(&self, view: &FileView, at: usize) -> bool {
        match view.language() {
            Language::Text | Language::Unknown => self.opened.is_some_and(|end| end <= at),
            // Documentation speaks of marks; it does not set them.
            _ => view.region_at(at) == Region::Comment,
        }
    }
}

/// The first line below that is neither blank nor a comment alone. Asked from the top to the bottom of a
/// file, it looks at each line once.
#[derive(Default)]
struct CodeBelow {
    /// Lines above this one were looked at.
    looked_to: usize,
    /// The line of code that was found last.
    found: Option<usize>,
}

impl CodeBelow {
    fn of(&mut self, view: &FileView, own: usize) -> Option<usize> {
        if own >= self.looked_to {
            self.found = next_code_line(view, own);
            self.looked_to = self.found.unwrap_or(usize::MAX);
        }
        self.found
    }
}

fn next_code_line(view: &FileView, own: usize) -> Option<usize> {
    let lines = view.lines();
    (own + 1..lines.count()).find(|&line| {
        let range = lines.line(view.bytes(), line);
        let text = &view.bytes()[range.clone()];
        let indent = text.iter().take_while(|b| b.is_ascii_whitespace()).count();
        indent < text.len() && !matches!(view.region_at(range.start + indent), Region::Comment | Region::Doc)
    })
}
