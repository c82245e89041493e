//! This room: Git's files, read as files (pointers, configuration, index, ignore patterns), never by calling git.
//! May touch: `model`, `repo::read`; the file system, read-only.
//! Never: trust them. They are as hostile as the rest of the repository.

mod config;
mod dir;
mod glob;
mod hooks;
mod index;
mod merge_base;
pub mod objects;
mod patterns;
mod refs;
mod user;

pub use dir::GitDir;
pub(super) use dir::{DotGit, Habits, is_git_dir};
pub use hooks::HooksFolder;
pub(super) use index::read as read_index;
pub use index::{IndexEntry, IndexError, IndexKind, ObjectId};
pub(super) use merge_base::merge_base;
pub(super) use patterns::Patterns;
pub use patterns::ignore_lines;
pub(super) use refs::commit;
pub use refs::{Refs, RevError};
pub use user::User;
