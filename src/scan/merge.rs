use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::Range;

use super::draft::{Draft, Rank};
use crate::detect::PUBLIC;
use crate::model::RepoPath;

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
    let beaten = beaten(drafts.iter().map(claim));
    let mut beaten = beaten.into_iter();
    drafts.retain(|_| !beaten.next().unwrap_or(false));
    drafts
}

/// What a finding says is a secret.
struct Claim<'d> {
    path: Option<&'d RepoPath>,
    range: Range<usize>,
    rank: Rank,
    dummy: bool,
}

fn claim(draft: &Draft) -> Option<Claim<'_>> {
    let range = draft.secret_range.clone().filter(|range| !range.is_empty())?;
    // What is public by design is known for what it is, and so is all that stands in it.
    let dummy = draft.dummy.as_deref().is_some_and(|reason| reason != PUBLIC);
    Some(Claim { path: draft.finding.place.path.as_ref(), range, rank: draft.rank, dummy })
}

/// Which claims are left out. The strongest are heard first, and whatever overlaps one that was accepted
/// goes; so a claim is never beaten by one that was itself beaten.
///
/// A dummy is no secret, so it says nothing about a secret that only overlaps it: the two rival only about
/// the very same stretch.
fn beaten<'d>(claims: impl Iterator<Item = Option<Claim<'d>>>) -> Vec<bool> {
    let claims: Vec<Option<Claim>> = claims.collect();
    let mut beaten = vec![false; claims.len()];
    let mut heard: Vec<(usize, &Claim)> =
        claims.iter().enumerate().filter_map(|(at, claim)| Some((at, claim.as_ref()?))).collect();
    // The sort is stable: of equals the first in the report's order.
    heard.sort_by_key(|(_, claim)| Reverse(claim.rank));
    let mut accepted: BTreeMap<Option<&RepoPath>, [Disjoint; 2]> = BTreeMap::new();
    for (at, claim) in heard {
        let in_file = accepted.entry(claim.path).or_default();
        let (own, other) = (usize::from(claim.dummy), usize::from(!claim.dummy));
        if in_file[own].overlap(&claim.range) || in_file[other].has(&claim.range) {
            beaten[at] = true;
        } else {
            in_file[own].0.insert(claim.range.start, claim.range.end);
        }
    }
    beaten
}

/// Stretches that do not overlap, none empty: ends by starts.
#[derive(Default)]
struct Disjoint(BTreeMap<usize, usize>);

impl Disjoint {
    fn overlap(&self, range: &Range<usize>) -> bool {
        self.0.range(..range.end).next_back().is_some_and(|(_, &end)| end > range.start)
    }

    fn has(&self, range: &Range<usize>) -> bool {
        self.0.get(&range.start) == Some(&range.end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::KnownBy;
    use crate::model::Severity;

    /// Claims as stretch, strength and whether it is a dummy; expected are the strengths that stay.
    #[track_caller]
    fn check(claims: &[(Range<usize>, usize, bool)], expect: &[usize]) {
        let made = claims.iter().map(|(range, strength, dummy)| {
            let rank = (KnownBy::Form, None, Severity::Error, 0, *strength);
            Some(Claim { path: None, range: range.clone(), rank, dummy: *dummy })
        });
        let beaten = beaten(made);
        let kept: Vec<usize> =
            claims.iter().zip(beaten).filter(|(_, beaten)| !beaten).map(|((_, s, _), _)| *s).collect();
        assert_eq!(kept, expect, "{claims:?}");
    }

    #[test]
    fn chains_lose_no_more_than_they_must() {
        let chain = |a, b, c| [(0..10, a, false), (5..15, b, false), (12..20, c, false)];
        check(&chain(1, 2, 3), &[1, 3]);
        check(&chain(3, 2, 1), &[3, 1]);
        check(&chain(1, 3, 2), &[3]);
        check(&chain(2, 1, 3), &[2, 3]);
        check(&[(0..10, 1, false), (10..20, 2, false)], &[1, 2]);
        check(&[(0..100, 1, false), (10..20, 2, false), (30..40, 3, false)], &[2, 3]);
        check(&[(0..100, 4, false), (10..20, 2, false), (30..40, 3, false)], &[4]);
    }

    #[test]
    fn a_dummy_beats_only_what_claims_the_very_same() {
        check(&[(0..10, 2, true), (0..10, 1, false)], &[2]);
        check(&[(0..10, 1, true), (0..10, 2, false)], &[2]);
        check(&[(0..10, 2, true), (5..15, 1, false)], &[2, 1]);
        check(&[(0..10, 2, true), (0..12, 1, false)], &[2, 1]);
        check(&[(0..10, 2, true), (5..15, 1, true)], &[2]);
    }
}
