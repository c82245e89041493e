//! This room: Git's files, read as files (pointers, configuration, index, ignore patterns), never by calling git.
//! May touch: `model`, `repo::read`; the file system, read-only.
//! Never: trust them. They are as hostile as the rest of the repository.

use std::path::PathBuf;

/// The Git folder of a work tree.
#[derive(Debug, Clone)]
pub struct GitDir {
    /// What belongs to this work tree alone: the index, HEAD.
    pub own: PathBuf,
    /// What all work trees share: configuration, objects, `info/`.
    pub common: PathBuf,
}
