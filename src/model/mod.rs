//! This room: the words everything else speaks (rule ids, findings, places, the report).
//! May touch: nothing but std and serde.
//! Never: I/O, miette, clap.

mod advisory_id;
mod change;
/// Alphabets that bytes are written in.
pub mod codec;
mod counted;
mod day;
mod environments;
mod finding;
mod glob;
mod id;
mod kind;
mod level;
mod path;
mod place;
mod report;
mod shown;

pub use advisory_id::is_advisory_id;
pub use change::{Change, ContentHash, Edit};
pub use counted::{counted, grouped};
pub use day::{date_of, days_of};
pub use environments::{Environment, Environments};
pub use finding::{Allow, Evidence, Finding, Fingerprint, Label, Related, Secret, Status, VENDOR_PREFIX_MAX};
pub use glob::{Glob, GlobError};
pub use id::RuleId;
pub use kind::{Language, Region, Target};
pub use level::{Confidence, FailOn, Profile, Proof, Severity, UnknownLevel};
pub use path::RepoPath;
pub use place::{LineIndex, Origin, Place, Span};
pub use report::{AdvisorySource, Checked, Coverage, MAX_AGE_DAYS, NotChecked, Notice, Report, Summary};
pub use shown::{shown, shown_bytes};
