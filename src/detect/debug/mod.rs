//! Debug leftovers that a keyword and a pattern cannot tell.

mod conflict;
mod debug_mode;
#[cfg(test)]
mod tests;

use super::Detector;

pub(super) const DETECTORS: &[&dyn Detector] = &[&conflict::ConflictMarker, &debug_mode::DebugMode];
