use std::path::{Path, PathBuf};

use super::super::Root;
use super::super::advisories::{Environment, own_cache};
use super::super::git::DotGit;

/// Where what was found out is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cache {
    /// In this folder, which need not be there yet.
    At(PathBuf),
    /// The user's cache lies in the audited repository, as a variable of a CI job may say. What lay there would be a
    /// change's own judge, so it is neither read nor written.
    Inside,
    /// The environment does not say where the user's cache is, or there is no Git.
    Nowhere,
}

impl Cache {
    /// Looks where the user's cache is.
    pub fn of(root: &Root, env: &Environment) -> Self {
        let folder = own_cache(env).and_then(|data| Some(data.parent()?.join("history")));
        let (Some(folder), Some(git)) = (folder, root.git()) else { return Self::Nowhere };
        let real = resolved(&folder);
        // A repository has its work trees, and each may bring files; another one's are the user's own business, as where
        // a home folder is one.
        let is_of_it =
            |folder: &Path| matches!(DotGit::of(folder), DotGit::Found(found) if found.common == git.common);
        let is_inside = real.starts_with(root.path())
            || real.starts_with(&git.common)
            || real.starts_with(&git.own)
            || real.ancestors().any(is_of_it);
        if is_inside { Self::Inside } else { Self::At(folder) }
    }
}

/// A path with its links followed, as far as it is there.
fn resolved(path: &Path) -> PathBuf {
    for there in path.ancestors() {
        if let Ok(real) = there.canonicalize() {
            return path.strip_prefix(there).map_or_else(|_| real.clone(), |rest| real.join(rest));
        }
    }
    path.to_owned()
}
