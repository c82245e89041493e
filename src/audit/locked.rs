use std::collections::BTreeSet;

use crate::model::RepoPath;
use crate::repo::advisories::checkable;
use crate::repo::{Lockfile, Root, inventory};
use crate::scan::{Contents as _, WorkTree};

/// No lock file is larger, in bytes.
const LARGEST: u64 = 16 << 20;

/// What the lock files of a repository hold of the public registry.
#[derive(Debug, Default)]
pub struct Locked {
    /// The names of the packages.
    pub names: BTreeSet<String>,
    /// Lock files that could not be read, and why. Safe to show.
    pub unread: Vec<(RepoPath, String)>,
}

/// Reads every lock file at these paths of a root that Git would commit; no path means all.
pub fn locked_packages(root: &Root, paths: &[RepoPath]) -> Locked {
    let mut locked = Locked::default();
    let contents = WorkTree { tree: root.tree() };
    let is_wanted = |path: &RepoPath| {
        path.name() == b"Cargo.lock" && (paths.is_empty() || paths.iter().any(|folder| path.is_in(folder)))
    };
    for file in inventory(root, 1).files.into_iter().filter(|file| is_wanted(&file.path)) {
        let mut bytes = Vec::new();
        let read = contents.read(&file.path, LARGEST, &mut bytes).map_err(|error| error.to_string());
        match read.and_then(|()| Lockfile::parse(&bytes).map_err(|error| error.to_string())) {
            Ok(lockfile) => {
                locked.names.extend(checkable(&lockfile).map(|(_, package)| package.name.clone()));
            }
            Err(why) => locked.unread.push((file.path, why)),
        }
    }
    locked
}
