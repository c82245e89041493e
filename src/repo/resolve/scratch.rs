use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::run::ResolveError;
use super::toolchain::cargo_home;
use crate::repo::advisories::{Environment, own_cache};

/// A fresh folder that disappears with us: an empty one for cargo to stand in, since it reads the configuration of
/// the folder it is started in and of all above, and one for what it writes.
#[derive(Debug)]
pub(super) struct Scratch {
    /// Kept for its end.
    _folder: TempDir,
    pub(super) empty: PathBuf,
    pub(super) target: PathBuf,
}

impl Scratch {
    /// In the user's cache, else among the system's temporary files; not where somebody else's configuration holds.
    pub(super) fn new(env: &Environment, root: &Path) -> Result<Self, ResolveError> {
        let cache = own_cache(env).and_then(|data| Some(data.parent()?.to_owned()));
        let mut bases = cache.into_iter().chain([std::env::temp_dir()]);
        bases.find_map(|base| Self::below(&base, env, root)).ok_or(ResolveError::NoScratch)
    }

    fn below(base: &Path, env: &Environment, root: &Path) -> Option<Self> {
        std::fs::create_dir_all(base).ok()?;
        let base = base.canonicalize().ok()?;
        let own = cargo_home(env).and_then(|home| home.canonicalize().ok());
        let foreign = |folder: &Path| {
            let config = folder.join(".cargo");
            let is_own = own.is_some() && config.canonicalize().ok() == own;
            !is_own
                && ["config", "config.toml"].iter().any(|name| config.join(name).symlink_metadata().is_ok())
        };
        if base.starts_with(root) || base.ancestors().any(foreign) {
            return None;
        }
        let folder = tempfile::Builder::new().prefix("resolve-").tempdir_in(&base).ok()?;
        let empty = folder.path().join("empty");
        let target = folder.path().join("target");
        std::fs::create_dir(&empty).ok()?;
        Some(Self { _folder: folder, empty, target })
    }
}
