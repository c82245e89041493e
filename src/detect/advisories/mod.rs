mod coverage;
mod entry;
mod matches;

use super::Detector;

pub(super) const DETECTORS: &[&dyn Detector] =
    &[&matches::Matches, &coverage::Unchecked, &coverage::StaleData];
