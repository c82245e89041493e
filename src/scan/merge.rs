use super::draft::Draft;

/// How many findings before a place can overlap it.
const NEAR: usize = 32;

/// Sorts the findings of a run into the report's order and leaves out what another one says better: the
/// same rule at the same place, and weaker secrets that overlap stronger ones.
pub(super) fn merge(mut drafts: Vec<Draft>) -> Vec<Draft> {
    drafts.sort_by(|a, b| a.finding.order(&b.finding).then_with(|| b.rank.cmp(&a.rank)));
    drafts.dedup_by(|later, first| {
        later.finding.rule == first.finding.rule
            && later.finding.place == first.finding.place
            && later.finding.properties == first.finding.properties
            && later.finding.place.span.is_some()
    });
    let mut kept: Vec<Draft> = Vec::with_capacity(drafts.len());
    for draft in drafts {
        // Findings stand in order of path and place, so a rival is near.
        let near = kept.len().saturating_sub(NEAR);
        if let Some(rival) = kept[near..].iter().rposition(|k| overlaps(k, &draft)) {
            let rival = near + rival;
            if kept[rival].rank < draft.rank {
                kept[rival] = draft;
            }
            continue;
        }
        kept.push(draft);
    }
    kept.sort_by(|a, b| a.finding.order(&b.finding));
    kept
}

/// Whether two findings claim the same secret of the same file.
fn overlaps(a: &Draft, b: &Draft) -> bool {
    let (Some(x), Some(y)) = (&a.secret_range, &b.secret_range) else { return false };
    a.finding.place.path == b.finding.place.path && x.start < y.end && y.start < x.end
}
