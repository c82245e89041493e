//! This room: the changes of findings, applied (collected, checked by a second audit, shown or written).
//! May touch: `model`, `source`, `repo`, `scan`, `audit`; files of the repository, each replaced whole or not at all.
//! Never: know any rule; write outside of the root or through a link; printing.

mod add_allow;
mod apply;
mod check;
mod collect;
mod diff;
mod outcome;
mod run;
mod write;

pub use add_allow::{LONGEST_REASON, add_allows, is_reason};
pub use outcome::{Done, Outcome, Refusal, Refused};
pub use run::{FixError, Options, fix};
pub use write::{Step, WriteError, create, create_folder, create_program, replace};
