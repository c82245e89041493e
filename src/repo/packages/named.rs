use std::collections::BTreeMap;

use crate::model::RepoPath;
use crate::repo::manifest;
use crate::repo::view::{Kept, is_requirements};
use crate::source::{NamedFile, parse_requirements};

/// Requirements name no longer chains of files.
const ROUNDS_MAX: usize = 8;

/// The file that a requirements file names, if it can lie in the repository: no address, no variable, not outside.
pub fn resolved(from: &RepoPath, named: &NamedFile) -> Option<RepoPath> {
    let path = named.path.trim_matches(['"', '\'']);
    if path.contains("://") || path.starts_with('/') || path.contains(['\\', '$', '{', '%']) {
        return None;
    }
    manifest::resolve(&from.parent(), path)
}

/// The requirements files among these and the files that they name, with what each is: whether it only
/// constrains. What asks for packages and constrains as well asks for them.
pub(super) fn closure(kept: &BTreeMap<RepoPath, Kept>) -> BTreeMap<RepoPath, bool> {
    let mut found: BTreeMap<RepoPath, bool> =
        kept.keys().filter(|path| is_requirements(path)).map(|path| (path.clone(), false)).collect();
    let mut new: Vec<RepoPath> = found.keys().cloned().collect();
    for _ in 0..ROUNDS_MAX {
        let mut next = Vec::new();
        for from in new {
            let Some(kept) = kept.get(&from) else { continue };
            let constrains = found.get(&from) == Some(&true);
            for named in parse_requirements(&kept.bytes).files {
                let Some(path) = resolved(&from, &named) else { continue };
                let constrains = constrains || named.constrains;
                match found.get_mut(&path) {
                    None => {
                        found.insert(path.clone(), constrains);
                        next.push(path);
                    }
                    Some(only @ true) if !constrains => {
                        *only = false;
                        next.push(path);
                    }
                    Some(_) => {}
                }
            }
        }
        if next.is_empty() {
            break;
        }
        new = next;
    }
    found
}

/// The files that requirements files among the kept ones name and that are not kept themselves, in order of
/// path: whatever their names, what they pin is installed.
pub fn named_files(kept: &BTreeMap<RepoPath, Kept>) -> Vec<RepoPath> {
    closure(kept).into_keys().filter(|path| !kept.contains_key(path)).collect()
}
