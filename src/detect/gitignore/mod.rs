//! This room: what Git's index and the ignore files say about each other.
//! May touch: `model`, `rules`, `repo::view`.
//! Never: decide by itself what is ignored; the inventory has done so by Git's rules.

mod name;
mod sensitive_file;
mod tracked_ignored;

use super::Detector;

pub(super) const DETECTORS: &[&dyn Detector] =
    &[&sensitive_file::SensitiveFile, &tracked_ignored::TrackedButIgnored];
