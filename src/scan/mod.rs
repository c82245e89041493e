//! This room: the audit itself (plan, walk, worker, merge), and what may be shown of a file.
//! May touch: `model`, `rules`, `source`, `detect`, `repo`.
//! Never: rendering, triage.

/// The window of a file that a finding carries.
pub mod evidence;
mod mask;

pub use evidence::evidence;
pub use mask::{Masks, masked_text};
