mod coverage;
mod entry;
mod matches;
mod pinned;
mod pinned_coverage;

use super::Detector;

pub(super) const DETECTORS: &[&dyn Detector] =
    &[&matches::Matches, &coverage::Unchecked, &coverage::StaleData];
