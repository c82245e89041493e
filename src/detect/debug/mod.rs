//! Debug leftovers that a keyword and a pattern cannot tell.

mod bypass;
mod conflict;
mod debug_mode;
mod local_host;
mod release_profile;
mod setting;
#[cfg(test)]
mod tests;
mod untracked;
mod xtrace;

use super::Detector;

pub(super) const DETECTORS: &[&dyn Detector] = &[
    &bypass::DebugBypass,
    &conflict::ConflictMarker,
    &debug_mode::DebugMode,
    &setting::Setting,
    &local_host::LocalHost,
    &release_profile::ReleaseProfile,
    &untracked::Untracked,
    &xtrace::Xtrace,
];
