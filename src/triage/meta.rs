/// The name that rules of the family `meta` give as their detector: triage finds for them.
pub const DETECTOR: &str = "triage";
