use super::Detector;

pub(super) const DETECTORS: &[&dyn Detector] = &[];
