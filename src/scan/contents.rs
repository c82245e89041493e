use std::collections::BTreeMap;

use crate::model::RepoPath;
use crate::repo::{Kind, ReadError, Staging, Tree};

/// Where the bytes of a run come from.
pub trait Contents: Sync {
    /// Puts a file's bytes into `buffer`, in place of what is there.
    ///
    /// # Errors
    /// Why it cannot be read.
    fn read(&self, path: &RepoPath, limit: u64, buffer: &mut Vec<u8>) -> Result<(), ReadError>;

    /// Whether a regular file lies there.
    fn is_file(&self, path: &RepoPath) -> bool;
}

/// The files on disk below a root.
#[derive(Debug)]
pub struct WorkTree<'a> {
    /// The root, opened.
    pub tree: &'a Tree,
}

impl Contents for WorkTree<'_> {
    fn read(&self, path: &RepoPath, limit: u64, buffer: &mut Vec<u8>) -> Result<(), ReadError> {
        self.tree.read(path, limit, buffer)
    }

    fn is_file(&self, path: &RepoPath) -> bool {
        self.tree.kind(path) == Ok(Kind::File)
    }
}

/// What is staged, as Git keeps it; never the work tree.
impl Contents for Staging {
    fn read(&self, path: &RepoPath, limit: u64, buffer: &mut Vec<u8>) -> Result<(), ReadError> {
        Self::read(self, path, limit, buffer)
    }

    fn is_file(&self, path: &RepoPath) -> bool {
        Self::is_file(self, path)
    }
}

/// A repository that exists in memory only: the examples of rules.
#[derive(Debug, Default)]
pub struct InMemory {
    /// Path and content.
    pub files: BTreeMap<RepoPath, Vec<u8>>,
}

impl Contents for InMemory {
    fn read(&self, path: &RepoPath, _limit: u64, buffer: &mut Vec<u8>) -> Result<(), ReadError> {
        let bytes = self.files.get(path).ok_or(ReadError::Vanished)?;
        buffer.clear();
        buffer.extend_from_slice(bytes);
        Ok(())
    }

    fn is_file(&self, path: &RepoPath) -> bool {
        self.files.contains_key(path)
    }
}
