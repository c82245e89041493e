use std::collections::{BTreeMap, BTreeSet};

use super::{Dependency, Manifest, member_glob};
use crate::model::RepoPath;
use crate::repo::ListedFile;

/// Which packages of a repository belong together, by cargo's rules:
/// <https://doc.rust-lang.org/cargo/reference/workspaces.html>.
///
/// Only the repository's own manifests count; a workspace root above the repository is not seen.
#[derive(Debug, Clone, Default)]
pub struct Workspaces {
    packages: BTreeMap<RepoPath, Belonging>,
    /// The members of each root, in order of path.
    members: BTreeMap<RepoPath, Vec<RepoPath>>,
}

/// Where a manifest belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Belonging {
    /// The manifest of its workspace's root; its own if it stands alone.
    pub root: RepoPath,
    /// Whether the root counts it in. Cargo refuses to build a package that finds a root which does not.
    pub member: bool,
    /// The lock file that serves it, if the repository has it.
    pub lock: Option<RepoPath>,
}

/// The path that `relative` names as seen from `folder`; `None` if it is absolute or leaves the root.
pub fn resolve(folder: &RepoPath, relative: &str) -> Option<RepoPath> {
    let drive = relative.as_bytes().get(1) == Some(&b':');
    if relative.starts_with(['/', '\\']) || drive {
        return None;
    }
    let mut parts: Vec<&[u8]> = folder.parts().filter(|part| !part.is_empty()).collect();
    // Cargo takes both separators on Windows; a folder's name does not hold the other one elsewhere.
    for part in relative.split(['/', '\\']) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            _ => parts.push(part.as_bytes()),
        }
    }
    Some(RepoPath::new(parts.join(&b'/')))
}

impl Workspaces {
    /// Settles where each manifest belongs. `files` is the inventory, in order of path.
    pub fn new(manifests: &BTreeMap<RepoPath, Manifest>, files: &[ListedFile]) -> Self {
        let has = |path: &RepoPath| files.binary_search_by(|e| e.path.cmp(path)).is_ok();
        let mut members: BTreeMap<RepoPath, BTreeSet<RepoPath>> = BTreeMap::new();
        for (path, manifest) in manifests {
            if manifest.workspace.is_some() {
                members.insert(path.clone(), members_of(path, manifest, manifests));
            }
        }
        let mut packages = BTreeMap::new();
        let mut by_root: BTreeMap<RepoPath, Vec<RepoPath>> = BTreeMap::new();
        for (path, manifest) in manifests {
            let root = root_of(path, manifest, manifests).unwrap_or_else(|| path.clone());
            let member = root == *path || members.get(&root).is_some_and(|m| m.contains(path));
            let lock = root.parent().join(b"Cargo.lock");
            let lock = (member && has(&lock)).then_some(lock);
            if member {
                by_root.entry(root.clone()).or_default().push(path.clone());
            }
            packages.insert(path.clone(), Belonging { root, member, lock });
        }
        Self { packages, members: by_root }
    }

    /// Where the manifest at this path belongs. `None` for a path that is no manifest of the repository.
    pub fn of(&self, manifest: &RepoPath) -> Option<&Belonging> {
        self.packages.get(manifest)
    }

    /// The manifests that are the root of a workspace or stand alone.
    pub fn roots(&self) -> impl Iterator<Item = &RepoPath> {
        self.members.keys()
    }

    /// The manifests that a root counts in, itself among them.
    pub fn members(&self, root: &RepoPath) -> impl Iterator<Item = &RepoPath> {
        self.members.get(root).into_iter().flatten()
    }
}

/// The root a package finds: the one it names, itself, or the nearest above that does not exclude it.
fn root_of(
    path: &RepoPath,
    manifest: &Manifest,
    manifests: &BTreeMap<RepoPath, Manifest>,
) -> Option<RepoPath> {
    if manifest.workspace.is_some() {
        return Some(path.clone());
    }
    let named = |manifest: &Manifest, folder: &RepoPath| {
        let pointer = manifest.package.as_ref()?.workspace.as_ref()?;
        let root = resolve(folder, &pointer.value)?.join(b"Cargo.toml");
        manifests.contains_key(&root).then_some(root)
    };
    let own = path.parent();
    if let Some(root) = named(manifest, &own) {
        return Some(root);
    }
    let mut folder = own.clone();
    while !folder.as_bytes().is_empty() {
        folder = folder.parent();
        let above = folder.join(b"Cargo.toml");
        let Some(candidate) = manifests.get(&above) else { continue };
        match &candidate.workspace {
            Some(_) if is_excluded(&own, &folder, candidate) => {}
            Some(_) => return Some(above),
            None => {
                if let Some(root) = named(candidate, &folder) {
                    return Some(root);
                }
            }
        }
    }
    None
}

/// Whether a root excludes the package in `package`. A folder that `members` names outright wins.
fn is_excluded(package: &RepoPath, root: &RepoPath, manifest: &Manifest) -> bool {
    let Some(workspace) = &manifest.workspace else { return false };
    let covers = |list: &[super::Located<String>]| {
        list.iter().any(|entry| resolve(root, &entry.value).is_some_and(|folder| package.is_in(&folder)))
    };
    covers(&workspace.exclude) && !covers(&workspace.members)
}

/// The members of a workspace: its own package, what `members` names, and every path dependency of those
/// that lies below the root.
fn members_of(
    root_path: &RepoPath,
    root: &Manifest,
    manifests: &BTreeMap<RepoPath, Manifest>,
) -> BTreeSet<RepoPath> {
    let Some(workspace) = &root.workspace else { return BTreeSet::new() };
    let root_folder = root_path.parent();
    let mut found = BTreeSet::from([root_path.clone()]);
    let mut open = vec![root_path.clone()];
    for entry in &workspace.members {
        let Some(pattern) = resolve(&root_folder, &entry.value) else { continue };
        if entry.value.contains(['*', '?']) {
            // All that match lie below the part of the pattern that has no wildcard.
            let wildcard = pattern.as_bytes().iter().position(|b| matches!(b, b'*' | b'?'));
            let fixed = &pattern.as_bytes()[..wildcard.unwrap_or_default()];
            let below = manifests.range(RepoPath::new(fixed)..);
            for (path, manifest) in below.take_while(|(path, _)| path.as_bytes().starts_with(fixed)) {
                let folder = path.parent();
                if manifest.package.is_some()
                    && member_glob::matches(pattern.as_bytes(), folder.as_bytes())
                    && !is_excluded(&folder, &root_folder, root)
                    && found.insert(path.clone())
                {
                    open.push(path.clone());
                }
            }
        } else {
            let path = pattern.join(b"Cargo.toml");
            if manifests.contains_key(&path) && found.insert(path.clone()) {
                open.push(path);
            }
        }
    }
    while let Some(path) = open.pop() {
        let Some(manifest) = manifests.get(&path) else { continue };
        for dependency in &manifest.dependencies {
            let Some(folder) = path_of(dependency, &path.parent(), workspace, &root_folder) else { continue };
            let next = folder.join(b"Cargo.toml");
            let belongs = folder.is_in(&root_folder)
                && !is_excluded(&folder, &root_folder, root)
                && manifests.get(&next).is_some_and(|m| m.workspace.is_none());
            if belongs && found.insert(next.clone()) {
                open.push(next);
            }
        }
    }
    found
}

/// The folder of a path dependency, also of one whose path stands in the workspace.
fn path_of(
    dependency: &Dependency,
    folder: &RepoPath,
    workspace: &super::WorkspaceTable,
    root_folder: &RepoPath,
) -> Option<RepoPath> {
    if dependency.inherited {
        let shared = workspace.dependencies.iter().find(|d| d.name.value == dependency.name.value)?;
        return resolve(root_folder, &shared.path.as_ref()?.value);
    }
    resolve(folder, &dependency.path.as_ref()?.value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(files: &[(&str, &str)], expect: &[(&str, &str, bool, Option<&str>)]) {
        let manifests: BTreeMap<RepoPath, Manifest> = files
            .iter()
            .filter(|(path, _)| path.ends_with("Cargo.toml"))
            .map(|(path, text)| {
                let path = RepoPath::from(*path);
                let manifest = Manifest::parse(&path, text.as_bytes()).expect("parses");
                (path, manifest)
            })
            .collect();
        let mut entries: Vec<ListedFile> =
            files.iter().map(|(path, _)| ListedFile { path: RepoPath::from(*path), tracked: true }).collect();
        entries.sort_by(|a, b| a.path.cmp(&b.path));
        let workspaces = Workspaces::new(&manifests, &entries);
        for &(path, root, member, lock) in expect {
            let belonging = workspaces.of(&RepoPath::from(path)).expect(path);
            let expect = Belonging { root: root.into(), member, lock: lock.map(RepoPath::from) };
            assert_eq!(*belonging, expect, "{path}");
        }
    }

    const PACKAGE: &str = "[package]\nname = 'p'\n";

    #[test]
    fn members_by_name_glob_and_path_dependency() {
        check(
            &[
                (
                    "Cargo.toml",
                    "[package]\nname = 'r'\n[dependencies]\np = {path = 'deps/p'}\n\
                     q.workspace = true\n[workspace]\nmembers = ['crates/*', './tool']\nexclude = ['crates/x']\n\
                     [workspace.dependencies]\nq = {path = 'deps/q'}",
                ),
                ("Cargo.lock", ""),
                ("crates/a/Cargo.toml", PACKAGE),
                ("crates/a/deep/Cargo.toml", PACKAGE),
                ("crates/x/Cargo.toml", PACKAGE),
                ("crates/x/Cargo.lock", ""),
                ("tool/Cargo.toml", PACKAGE),
                ("deps/p/Cargo.toml", PACKAGE),
                ("deps/q/Cargo.toml", PACKAGE),
            ],
            &[
                ("Cargo.toml", "Cargo.toml", true, Some("Cargo.lock")),
                ("crates/a/Cargo.toml", "Cargo.toml", true, Some("Cargo.lock")),
                ("crates/a/deep/Cargo.toml", "Cargo.toml", false, None),
                ("crates/x/Cargo.toml", "crates/x/Cargo.toml", true, Some("crates/x/Cargo.lock")),
                ("tool/Cargo.toml", "Cargo.toml", true, Some("Cargo.lock")),
                ("deps/p/Cargo.toml", "Cargo.toml", true, Some("Cargo.lock")),
                ("deps/q/Cargo.toml", "Cargo.toml", true, Some("Cargo.lock")),
            ],
        );
    }

    #[test]
    fn a_package_may_name_its_root_and_a_nested_root_stands_alone() {
        check(
            &[
                ("ws/Cargo.toml", "[workspace]\nmembers = ['../side']"),
                ("side/Cargo.toml", "[package]\nname = 's'\nworkspace = '../ws'"),
                ("ws/fuzz/Cargo.toml", "[package]\nname = 'f'\n[workspace]"),
                ("lone/Cargo.toml", PACKAGE),
                ("lone/Cargo.lock", ""),
            ],
            &[
                ("side/Cargo.toml", "ws/Cargo.toml", true, None),
                ("ws/fuzz/Cargo.toml", "ws/fuzz/Cargo.toml", true, None),
                ("lone/Cargo.toml", "lone/Cargo.toml", true, Some("lone/Cargo.lock")),
            ],
        );
    }

    #[test]
    fn paths_stay_inside_the_root() {
        let folder = RepoPath::from("a/b");
        for (relative, expect) in [
            ("c", Some("a/b/c")),
            ("../c", Some("a/c")),
            ("./../../c/.", Some("c")),
            ("../..", Some("")),
            ("../../..", None),
            ("../../../a", None),
            ("/etc", None),
            ("C:/x", None),
            ("", Some("a/b")),
        ] {
            assert_eq!(resolve(&folder, relative), expect.map(RepoPath::from), "{relative}");
        }
    }
}
