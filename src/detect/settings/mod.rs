//! What a program sets and calls that makes a service unsafe in production.

mod absent;
mod fallback;
mod logged;
mod removed;
mod server;
mod spec;
mod weak_random;
mod wrong;

use super::Detector;
use crate::model::Region;
use crate::source::{FileView, Stage};

pub(super) const DETECTORS: &[&dyn Detector] = &[
    &wrong::Wrong,
    &fallback::Fallback,
    &logged::Logged,
    &weak_random::WeakRandom,
    &removed::Removed,
    &absent::Absent,
    &server::StartedInCode,
    &server::SqlxOffline,
];

/// Whether what stands here may run in production, and somebody wrote it: no comment, no file for development or tests,
/// no output of a build.
fn may_ship(view: &FileView, offset: usize) -> bool {
    !view.is_packed()
        && matches!(view.region_at(offset), Region::Code | Region::String)
        && view.staged().stage != Stage::Development
        && !view.target_at(offset).is_for_show()
}
