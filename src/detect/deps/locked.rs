use std::collections::BTreeSet;

use semver::{Version, VersionReq};

use super::committed_lock;
use crate::model::RepoPath;
use crate::repo::manifest::{Dependency, Section};
use crate::repo::{LockedPackage, Lockfile, RepoView};

/// The one version that a dependency of this manifest came to. `None` if no committed lock file tells, or if it holds
/// several: then nobody but its author knows which one is meant.
pub(super) fn locked_version(
    repo: &RepoView,
    manifest: &RepoPath,
    dependency: &Dependency,
) -> Option<Version> {
    let lock = committed_lock(repo, manifest)?;
    let asked = VersionReq::parse(&dependency.requirement.as_ref()?.value).ok()?;
    let versions: BTreeSet<&Version> = users(repo, manifest, dependency)
        .flat_map(|user| packages_of(lock, user, dependency.package_name()))
        .map(|package| &package.version)
        .filter(|version| asked.matches(version))
        .collect();
    let mut versions = versions.into_iter();
    let version = versions.next()?.clone();
    versions.next().is_none().then_some(version)
}

/// The requirement that takes this version and those compatible with it. What is behind a `+` says nothing there.
pub(super) fn as_requirement(version: &Version) -> String {
    Version { build: semver::BuildMetadata::EMPTY, ..version.clone() }.to_string()
}

/// The names of the packages that use a dependency of this manifest: the manifest's own, or, for one of the
/// workspace, all that take it over.
fn users<'r>(
    repo: &'r RepoView,
    manifest: &'r RepoPath,
    dependency: &'r Dependency,
) -> impl Iterator<Item = &'r str> {
    let shared = dependency.section == Section::Workspace;
    let members = repo.workspaces().members(manifest).filter(move |_| shared);
    let own = (!shared).then_some(manifest);
    own.into_iter().chain(members).filter_map(move |path| {
        let member = repo.manifests().get(path)?;
        let takes_over = |d: &Dependency| d.inherited && d.name.value == dependency.name.value;
        let uses = !shared || member.dependencies.iter().any(takes_over);
        Some(member.package.as_ref().filter(|_| uses)?.name.value.as_str())
    })
}

/// What a package of the workspace has locked under this name.
fn packages_of<'l>(lock: &'l Lockfile, user: &str, name: &str) -> Vec<&'l LockedPackage> {
    lock.named(user)
        .map(|at| &lock.packages[at])
        .filter(|package| package.source.is_none())
        .flat_map(|package| &package.dependencies)
        .filter(|written| written.split(' ').next() == Some(name))
        .filter_map(|written| Some(&lock.packages[lock.resolve(written)?]))
        .collect()
}
