use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Tree;
use super::git::{DotGit, GitDir, is_git_dir};
use super::read::{self, Links, ReadError};
use crate::model::{Notice, RepoPath, shown_bytes};

/// Manifests above this size are not looked into for `[workspace]`.
const LARGEST_MANIFEST: u64 = 4 << 20;

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
    /// The root of these paths (`cwd` if there are none), and what of it was selected: nothing means all of it,
    /// which is what no path selects, wherever below the root one stands.
    ///
    /// The root is the Git work tree of the first path, else the Cargo workspace or package, else the folder itself.
    /// Relative paths start at `cwd`.
    ///
    /// # Errors
    /// A path cannot be opened, lies in another root than the first, or in a bare repository.
    pub fn find(paths: &[PathBuf], cwd: &Path) -> Result<(Self, Vec<RepoPath>), RootError> {
        let here = [PathBuf::from(".")];
        let everything = paths.is_empty();
        let paths = if everything { &here } else { paths };
        let mut root: Option<Self> = None;
        let mut selected = Vec::new();
        for path in paths {
            let target = Target::at(&cwd.join(path))?;
            let place = Place::of(&target.folder)?;
            let path = match &root {
                Some(root) if root.path() != place.folder && !root.holds(&target, &place) => {
                    return Err(RootError::Different {
                        first: said(root.path()),
                        other: said(&place.folder),
                    });
                }
                Some(root) => target.below(root.path())?,
                None => target.below(&place.folder)?,
            };
            if root.is_none() {
                root = Some(Self::open(place)?);
            }
            selected.push(path);
        }
        if everything || selected.iter().any(|path| path.as_bytes().is_empty()) {
            selected.clear();
        }
        selected.sort();
        selected.dedup();
        let root =
            root.ok_or_else(|| RootError::Unreadable { path: said(cwd), error: ReadError::Vanished })?;
        Ok((root, selected))
    }

    fn open(place: Place) -> Result<Self, RootError> {
        let Place { folder, git, mut notices } = place;
        if let Some(git) = &git {
            let (bare, more) = git.work_tree(&folder);
            if bare {
                return Err(RootError::Bare { path: said(&folder) });
            }
            notices.extend(more);
        }
        let tree =
            Tree::open(&folder).map_err(|error| RootError::Unreadable { path: said(&folder), error })?;
        Ok(Self { tree: Arc::new(tree), git: git.map(Arc::new), notices })
    }

    /// Whether a path outside Git lies below a root outside Git: `a` and `a/b/c` share the root `a`, though `a/b`
    /// alone would be a root too.
    fn holds(&self, target: &Target, place: &Place) -> bool {
        self.git.is_none() && place.git.is_none() && target.path.starts_with(self.path())
    }

    /// The same root, in which these files read as given.
    ///
    /// # Errors
    /// See [`Tree::with_changes`].
    pub fn with_changes(&self, changes: BTreeMap<RepoPath, Vec<u8>>) -> Result<Self, ReadError> {
        Ok(Self { tree: Arc::new(self.tree.with_changes(changes)?), ..self.clone() })
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

/// What a path of the call leads to.
struct Target {
    /// Canonical but for the last part of a file's path: a link is selected as what it is.
    path: PathBuf,
    /// The folder, or the one that holds the file. Canonical.
    folder: PathBuf,
}

impl Target {
    fn at(path: &Path) -> Result<Self, RootError> {
        let failed = |error: std::io::Error| RootError::Unreadable { path: said(path), error: error.into() };
        if path.metadata().map_err(failed)?.is_dir() {
            let folder = path.canonicalize().map_err(failed)?;
            return Ok(Self { path: folder.clone(), folder });
        }
        let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else {
            return Err(RootError::Unreadable { path: said(path), error: ReadError::Vanished });
        };
        let folder = parent.canonicalize().map_err(failed)?;
        Ok(Self { path: folder.join(name), folder })
    }

    fn below(&self, root: &Path) -> Result<RepoPath, RootError> {
        let path = self.path.strip_prefix(root).ok().and_then(RepoPath::from_relative);
        let path = path.ok_or_else(|| RootError::Different { first: said(root), other: said(&self.path) })?;
        if path.parts().any(|part| part == b".git") {
            return Err(RootError::Bare { path: said(&self.path) });
        }
        Ok(path)
    }
}

/// A folder that can be a root.
struct Place {
    folder: PathBuf,
    git: Option<GitDir>,
    notices: Vec<Notice>,
}

impl Place {
    fn of(folder: &Path) -> Result<Self, RootError> {
        let mut bare = None;
        for above in on_one_file_system(folder) {
            match DotGit::of(above) {
                DotGit::Found(git) => {
                    return Ok(Self { folder: above.to_owned(), git: Some(git), notices: Vec::new() });
                }
                DotGit::Broken => {
                    let text =
                        "`.git` points to something that is no Git folder; all files count as untracked";
                    let notices = vec![Notice { path: None, text: text.into() }];
                    return Ok(Self { folder: above.to_owned(), git: None, notices });
                }
                DotGit::Nothing if bare.is_none() && is_git_dir(above) => bare = Some(above),
                DotGit::Nothing => {}
            }
        }
        if let Some(bare) = bare {
            return Err(RootError::Bare { path: said(bare) });
        }
        let folder = cargo_root(folder).unwrap_or(folder).to_owned();
        Ok(Self { folder, git: None, notices: Vec::new() })
    }
}

/// The folder and those above it, up to where another file system begins, as Git does.
fn on_one_file_system(folder: &Path) -> impl Iterator<Item = &Path> {
    #[cfg(unix)]
    let device = |path: &Path| {
        use std::os::unix::fs::MetadataExt;
        path.metadata().map(|look| look.dev()).ok()
    };
    #[cfg(not(unix))]
    let device = |_: &Path| Some(0);
    let first = device(folder);
    folder.ancestors().take_while(move |above| device(above) == first)
}

/// The nearest folder with a Cargo workspace, else the nearest with a package.
fn cargo_root(folder: &Path) -> Option<&Path> {
    let mut package = None;
    let mut bytes = Vec::new();
    for above in folder.ancestors() {
        match read::file(&above.join("Cargo.toml"), Links::Refuse, LARGEST_MANIFEST, &mut bytes) {
            Ok(()) if is_workspace(&bytes) => return Some(above),
            Ok(()) => package = package.or(Some(above)),
            Err(_) => {}
        }
    }
    package
}

/// Whether a manifest has a `[workspace]`.
fn is_workspace(manifest: &[u8]) -> bool {
    std::str::from_utf8(manifest)
        .ok()
        .and_then(|text| text.parse::<toml_edit::Document<String>>().ok())
        .is_some_and(|document| document.contains_key("workspace"))
}

/// A path of the caller, in a form that is safe to show.
fn said(path: &Path) -> String {
    shown_bytes(path.as_os_str().as_encoded_bytes())
}
