use std::collections::HashMap;

use super::Look;
use crate::model::{Finding, Report, Status};

/// A card shows no more windows; the other places are listed by line.
pub(super) const WINDOWS: usize = 5;
/// Of one rule in one file no more cards are shown in full; the others take a line each.
const CARDS: usize = 5;

/// Findings of one rule and one file that say the same, shown as one.
pub(super) struct Card<'r> {
    /// At least one, in the report's order.
    pub(super) findings: Vec<&'r Finding>,
    /// Whether there are so many of this rule in this file that a line must do.
    pub(super) brief: bool,
}

impl<'r> Card<'r> {
    /// The one that speaks for all.
    pub(super) fn first(&self) -> &'r Finding {
        self.findings[0]
    }
}

/// The findings that human formats show, in the report's order.
pub(super) fn visible<'r>(report: &'r Report, look: &Look) -> impl Iterator<Item = &'r Finding> {
    let least = look.min_severity;
    report.findings.iter().filter(move |f| f.status == Status::New && f.severity >= least)
}

/// Puts together what says the same of one file: first by rule and file, then by words.
pub(super) fn cards<'r>(report: &'r Report, look: &Look) -> Vec<Card<'r>> {
    let mut cards: Vec<Card> = Vec::new();
    let mut card_of = HashMap::new();
    let mut cards_of_group: HashMap<_, usize> = HashMap::new();
    for finding in visible(report, look) {
        let group = (&finding.rule, &finding.place.path, &finding.place.origin, finding.severity);
        let words = (&finding.message, &finding.fix);
        let index = *card_of.entry((group, words)).or_insert_with(|| {
            let count = cards_of_group.entry(group).or_default();
            *count += 1;
            cards.push(Card { findings: Vec::new(), brief: *count > CARDS });
            cards.len() - 1
        });
        cards[index].findings.push(finding);
    }
    // A brief card belongs behind the full ones of its rule and file, which are found there already:
    // both keep the order of their first findings.
    cards
}
