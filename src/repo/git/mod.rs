//! This room: Git's files, read as files (pointers, configuration, index, ignore patterns), never by calling git.
//! May touch: `model`, `repo::read`; the file system, read-only.
//! Never: trust them. They are as hostile as the rest of the repository.

mod config;
mod dir;
mod glob;
mod index;
mod patterns;
mod user;

pub use dir::GitDir;
pub(super) use dir::{DotGit, Habits, is_git_dir};
pub(super) use index::read as read_index;
pub use index::{IndexEntry, IndexError, IndexKind, ObjectId};
pub(super) use patterns::Patterns;
pub use user::User;
