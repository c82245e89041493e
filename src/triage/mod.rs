//! This room: which findings count (severity overrides, allows) and what there is to say about the allows.
//! May touch: `model`, `rules`. Texts come in.
//! Never: I/O, looking for findings.

mod advisory;
mod baseline;
mod foreign;
mod mark;
mod meta;
mod policy;
mod ratchet;

pub use advisory::AdvisoryAllow;
pub use baseline::{BASELINE, Baseline, BaselineEntry, BaselineError, Looked, hold_against};
pub use foreign::foreign_mark;
pub use mark::{MARK, Mark, Written, parse_mark};
pub use meta::{STALE_BASELINE, of_baseline};
pub use policy::{AllowEntry, Policy, triage};
pub use ratchet::{RATCHET, Ratchet, hold_ratchets};
