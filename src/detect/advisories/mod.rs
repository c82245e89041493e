mod advice;
mod coverage;
mod finding;
mod lock;
mod matches;
mod members;
mod pinned;
mod pinned_coverage;
mod reach;
mod remedy;
mod yanked;

use super::Detector;

pub(super) const DETECTORS: &[&dyn Detector] =
    &[&matches::Matches, &yanked::Yanked, &coverage::Unchecked, &coverage::StaleData];
