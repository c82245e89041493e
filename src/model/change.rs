use std::ops::Range;

use super::RepoPath;

/// A change to files that mends a finding: all of its edits together, or none.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Change {
    /// What it does, as in `writes the version that Cargo.lock holds`. Safe to show.
    pub what: String,
    /// In any order; they may lie in several files.
    pub edits: Vec<Edit>,
}

/// One stretch of a file replaced by another text.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Edit {
    /// The file by its real name, which is not safe to show.
    pub path: RepoPath,
    /// Bytes of the file as it was scanned; an empty stretch is a place to write at.
    pub range: Range<usize>,
    /// What stands there afterwards. Words of ours, never a secret.
    pub replacement: String,
    /// The SHA-256 of the bytes that were scanned: an edit of another content means nothing.
    pub seen: ContentHash,
}

/// The SHA-256 of a file's bytes.
pub type ContentHash = [u8; 32];
