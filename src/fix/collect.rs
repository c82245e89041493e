use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::outcome::Refusal;
use crate::model::{Change, Edit, Finding, RepoPath, Status};

/// The changes that can be made together.
#[derive(Debug, Default)]
pub(super) struct Collected {
    /// Places in the report's findings.
    pub(super) accepted: BTreeSet<usize>,
    /// What was dropped, and why.
    pub(super) refused: BTreeMap<usize, Refusal>,
}

/// Takes the changes of findings that count, in the order of the report. One that overlaps a change that was taken
/// before is dropped; the same edit asked for by several findings is no overlap.
pub(super) fn collect(findings: &[Finding]) -> Collected {
    // Whoever allowed a finding wants its place as it is.
    let allowed: HashSet<&Change> =
        findings.iter().filter(|f| f.status != Status::New).filter_map(|f| f.change.as_ref()).collect();
    let mut taken: BTreeMap<&RepoPath, BTreeSet<Stretch>> = BTreeMap::new();
    let mut collected = Collected::default();
    for (at, finding) in findings.iter().enumerate().filter(|(_, f)| f.status == Status::New) {
        let Some(change) = &finding.change else { continue };
        if allowed.contains(change) {
            collected.refused.insert(at, Refusal::Allowed);
        } else if contradicts(change)
            || change.edits.iter().any(|e| taken.get(&e.path).is_some_and(|t| overlaps(t, e)))
        {
            collected.refused.insert(at, Refusal::Overlaps);
        } else {
            for edit in &change.edits {
                taken.entry(&edit.path).or_default().insert(stretch(edit));
            }
            collected.accepted.insert(at);
        }
    }
    collected
}

/// From, to, and what is written there.
type Stretch<'e> = (usize, usize, &'e str);

fn stretch(edit: &Edit) -> Stretch<'_> {
    (edit.range.start, edit.range.end, &edit.replacement)
}

/// Whether the edits of one change get in each other's way.
fn contradicts(change: &Change) -> bool {
    let mut taken: BTreeMap<&RepoPath, BTreeSet<Stretch>> = BTreeMap::new();
    change.edits.iter().any(|edit| {
        let taken = taken.entry(&edit.path).or_default();
        let overlaps = overlaps(taken, edit) || edit.range.start > edit.range.end;
        taken.insert(stretch(edit));
        overlaps
    })
}

/// Whether nothing is replaced, and whole lines are written.
fn is_lines(replaced: usize, text: &str) -> bool {
    replaced == 0 && text.ends_with('\n')
}

/// Whether an edit touches what another one replaces or where it writes. Stretches taken before do not overlap,
/// so only the neighbours count.
fn overlaps(taken: &BTreeSet<Stretch>, edit: &Edit) -> bool {
    let (start, end) = (edit.range.start, edit.range.end);
    if taken.contains(&stretch(edit)) {
        return false;
    }
    let touches = |&(other_start, other_end, other): &Stretch| {
        // Two texts written at one place have no order, and neither have one and what is replaced from there on. Whole
        // lines do: that of their text.
        let lines = is_lines(edit.range.len(), &edit.replacement) && is_lines(other_end - other_start, other);
        (start == other_start && !lines) || (start < other_end && other_start < end)
    };
    // Empty stretches may stand between the neighbour and the edit.
    let before = taken.range(..(end.max(start + 1), 0, "")).rev();
    // Any number of texts may be written at one place; what is replaced stands alone.
    let mut replaced = 0;
    before
        .take_while(|(from, to, _)| {
            replaced += usize::from(to > from);
            replaced <= 2
        })
        .any(touches)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(taken: &[(usize, usize, &str)], edit: (usize, usize, &str), expect: bool) {
        let taken: BTreeSet<Stretch> = taken.iter().copied().collect();
        let (start, end, text) = edit;
        let edit = Edit { path: "a".into(), range: start..end, replacement: text.into(), seen: [0; 32] };
        assert_eq!(overlaps(&taken, &edit), expect, "{taken:?} {edit:?}");
    }

    #[test]
    fn what_touches_the_same_bytes_overlaps() {
        check(&[(2, 5, "x")], (2, 5, "x"), false);
        check(&[(2, 5, "x")], (2, 5, "y"), true);
        check(&[(2, 5, "x")], (4, 6, "x"), true);
        check(&[(2, 5, "x")], (0, 3, "x"), true);
        check(&[(2, 5, "x")], (0, 9, "x"), true);
        check(&[(0, 9, "x")], (3, 4, "x"), true);
        check(&[(2, 5, "x")], (5, 6, "x"), false);
        check(&[(2, 5, "x")], (0, 2, "x"), false);
        check(&[(2, 5, "x")], (5, 5, "x"), false);
        check(&[(2, 5, "x")], (3, 3, "x"), true);
        check(&[(2, 2, "x")], (2, 2, "y"), true);
        check(&[(2, 2, "x")], (1, 3, "y"), true);
        check(&[(2, 2, "x\n")], (2, 2, "y\n"), false);
        check(&[(2, 2, "x\n")], (2, 2, "y"), true);
        check(&[(2, 4, "x\n")], (2, 2, "y\n"), true);
        check(&[(2, 2, "a\n"), (2, 2, "b\n"), (2, 2, "c\n"), (2, 9, "d")], (5, 6, "y"), true);
        check(&[(0, 9, ""), (9, 9, "x"), (10, 11, "")], (8, 10, "y"), true);
    }
}
