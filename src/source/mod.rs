//! This room: views of one file (lines, language, regions, parsed documents), made on first use, at most once.
//! May touch: `model`. Bytes come in; nothing is opened here.
//! Never: know any rule.

mod language;
mod regions;
mod view;

pub use language::language_of;
pub use regions::{Regions, Stretch};
pub use view::{FileKind, FileView};
