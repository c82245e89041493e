pub(super) mod token;

use super::Detector;

pub(super) const DETECTORS: &[&dyn Detector] = &[&token::Tokens];
