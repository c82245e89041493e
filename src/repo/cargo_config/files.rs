use std::collections::{BTreeMap, BTreeSet};

use super::read::read_config;
use crate::model::RepoPath;
use crate::repo::Kept;
use crate::repo::manifest::resolve;

/// Whether cargo takes this file as configuration when it is called in the folder that holds `.cargo`, or below.
pub fn is_cargo_config(path: &RepoPath) -> bool {
    matches!(path.name(), b"config" | b"config.toml") && path.parent().name() == b".cargo"
}

/// Whether rustup takes the toolchain from this file.
pub fn is_toolchain_file(path: &RepoPath) -> bool {
    matches!(path.name(), b"rust-toolchain" | b"rust-toolchain.toml")
}

/// More files than these no configuration takes in.
const MOST: usize = 256;

/// All files that are configuration of cargo among those whose bytes were kept: by their names, and those that are
/// taken in by others.
pub fn config_files(kept: &BTreeMap<RepoPath, Kept>) -> BTreeSet<RepoPath> {
    configs_from(kept, |_| true)
}

/// Those of these names that are wanted, and what they take in.
pub fn configs_from(
    kept: &BTreeMap<RepoPath, Kept>,
    wanted: impl Fn(&RepoPath) -> bool,
) -> BTreeSet<RepoPath> {
    let named = kept.keys().filter(|path| is_cargo_config(path) && wanted(path));
    let mut found: BTreeSet<RepoPath> = named.cloned().collect();
    let most = found.len() + MOST;
    let mut open: Vec<RepoPath> = found.iter().cloned().collect();
    while let Some(path) = open.pop() {
        for included in included(&path, kept) {
            if found.len() < most && kept.contains_key(&included) && found.insert(included.clone()) {
                open.push(included);
            }
        }
    }
    found
}

/// Whether configurations take in more files than are looked at.
pub fn too_many_includes(kept: &BTreeMap<RepoPath, Kept>) -> bool {
    let all = config_files(kept);
    // Only then may one have been left out.
    all.len() > MOST
        && all
            .iter()
            .flat_map(|path| included(path, kept))
            .any(|path| kept.contains_key(&path) && !all.contains(&path))
}

/// The files that a configuration takes in and whose bytes were not kept.
pub fn missing_includes(kept: &BTreeMap<RepoPath, Kept>) -> BTreeSet<RepoPath> {
    let all = config_files(kept);
    let included = all.iter().flat_map(|path| included(path, kept));
    included.filter(|path| !kept.contains_key(path)).collect()
}

fn included(path: &RepoPath, kept: &BTreeMap<RepoPath, Kept>) -> Vec<RepoPath> {
    let Some(config) = kept.get(path).and_then(|kept| read_config(&kept.bytes).ok()) else {
        return Vec::new();
    };
    config.includes.iter().filter_map(|include| resolve(&path.parent(), &include.path)).collect()
}
