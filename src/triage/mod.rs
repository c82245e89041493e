//! This room: which findings count (severity overrides, allows) and what there is to say about the allows.
//! May touch: `model`, `rules`. Texts come in.
//! Never: I/O, looking for findings.

mod advisory;
mod foreign;
mod mark;
mod meta;
mod policy;

pub use advisory::AdvisoryAllow;
pub use foreign::foreign_mark;
pub use mark::{MARK, Mark, Written, parse_mark};
pub use policy::{AllowEntry, Policy, triage};
