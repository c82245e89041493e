use super::{Detector, Needs};

pub(super) const DETECTORS: &[&dyn Detector] = &[&Triage];

/// The rules about allows are judged once all findings are known, by triage. Here they find nothing.
struct Triage;

impl Detector for Triage {
    fn name(&self) -> &'static str {
        "triage"
    }

    fn needs(&self) -> Needs {
        Needs::Repo
    }
}
