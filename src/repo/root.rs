use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Tree;
use super::git::GitDir;
use super::read::ReadError;
use crate::model::{Notice, RepoPath};

/// Where the audit stands: the folder everything is relative to, opened.
#[derive(Debug, Clone)]
pub struct Root {
    tree: Arc<Tree>,
    git: Option<Arc<GitDir>>,
    notices: Vec<Notice>,
}

/// The paths of a call do not lead to one root. Safe to show.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RootError {
    /// A path leads nowhere, or cannot be opened.
    #[error("{path}: {error}")]
    Unreadable {
        /// The path.
        path: String,
        /// Why.
        error: ReadError,
    },
    /// Two paths lie in different repositories.
    #[error("{first} and {other} lie in different repositories; audit them one after the other")]
    Different {
        /// The root of the first path.
        first: String,
        /// The root of a later one.
        other: String,
    },
    /// A Git repository without files to look at, or the inside of `.git`.
    #[error("{path} has no work tree: it is a bare repository or the inside of one; audit a checkout of it")]
    Bare {
        /// The repository.
        path: String,
    },
}

impl Root {
    /// The root of these paths (`cwd` if there are none), and what of it was selected: nothing means all of it.
    ///
    /// The root is the Git work tree of the first path, else the Cargo workspace or package, else the folder itself.
    ///
    /// # Errors
    /// A path cannot be opened, lies in another root than the first, or in a bare repository.
    pub fn find(paths: &[PathBuf], cwd: &Path) -> Result<(Self, Vec<RepoPath>), RootError> {
        let _ = (paths, cwd);
        Err(RootError::Bare { path: String::new() })
    }

    /// The folder, as a canonical path.
    pub fn path(&self) -> &Path {
        self.tree.path()
    }

    /// The folder, opened.
    pub fn tree(&self) -> &Tree {
        &self.tree
    }

    /// Its Git folder, if it is a Git work tree.
    pub fn git(&self) -> Option<&GitDir> {
        self.git.as_deref()
    }

    /// What was odd on the way.
    pub fn notices(&self) -> &[Notice] {
        &self.notices
    }
}
