//! What containers and pipelines take from elsewhere without saying which version.

mod actions;
mod images;
mod includes;
/// Whether what a file describes reaches production.
pub(super) mod reach;
pub(super) mod reference;
mod terraform;
/// The images that a file names.
pub(super) mod used_images;

use super::Detector;

pub(super) const DETECTORS: &[&dyn Detector] = &[
    &images::MovingTag,
    &images::WithoutDigest,
    &actions::ByBranch,
    &actions::ByTag,
    &includes::Includes,
    &includes::Hooks,
    &terraform::Modules,
    &terraform::Providers,
];
