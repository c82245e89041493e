use super::Root;
use crate::model::{NotChecked, Notice, RepoPath};

/// A regular file that Git would commit, or that the walk found outside Git.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedFile {
    /// Where it lies.
    pub path: RepoPath,
    /// Whether it stands in the Git index. Always false outside Git.
    pub tracked: bool,
}

/// All files of a root, and what could not be listed.
#[derive(Debug, Default)]
pub struct Inventory {
    /// In order of path.
    pub files: Vec<ListedFile>,
    /// In order of path.
    pub not_checked: Vec<NotChecked>,
    /// In order of path.
    pub notices: Vec<Notice>,
    /// Whether the root is a Git work tree.
    pub is_git: bool,
}

/// Lists what `git ls-files -co --exclude-standard` would, restricted to regular files that exist.
pub fn inventory(root: &Root, threads: usize) -> Inventory {
    let _ = (root, threads);
    Inventory::default()
}
