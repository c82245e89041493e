//! This room: the way of the bytes (plan, parallel read, one prefilter pass, verification at the hits, findings with evidence).
//! May touch: `model`, `rules`, `source`, `repo`, `detect`; threads.
//! Never: rendering, triage.

mod beginnings;
mod buckets;
mod change;
mod composite;
mod content;
mod contents;
mod decoded;
mod draft;
/// What is shown of a file.
pub mod evidence;
mod file;
mod filter;
mod fingerprint;
mod literals;
mod mark;
mod mask;
mod merge;
mod plan;
/// How common four bytes are; public for the program that counts.
pub mod rarity;
mod redact;
mod repository;
mod walk;
mod whole_file;

pub use content::{ContentFound, scan_content};
pub use contents::{Contents, InMemory, WorkTree};
pub use draft::Draft;
pub use file::Passed;
pub use fingerprint::{SecretKey, fill_fingerprints, number};
pub use literals::{Literal, Literals};
pub use mark::FoundMark;
pub use mask::{Masks, masked_text};
pub use plan::{Plan, PlanError};
pub use redact::Redactor;
pub use repository::check_repository;
pub use walk::{Asked, Job, Scanned, kind_of, scan, unread};
