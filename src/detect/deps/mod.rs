//! What a manifest asks for but does not pin, and lock files that are missing or out of step.

mod cargo_manifest;
mod dev_tools;
mod gemfile;
mod git_source;
mod go_replace;
mod installs;
mod lock_contents;
mod locked;
mod lockfile;
mod npm;
mod pin_commit;
mod python;
mod python_git;
mod python_project;
mod registry;
mod repo_config;
mod requirement;
mod runtime;
mod stale;

use super::Detector;
use crate::model::{Coverage, NotChecked, RepoPath, Severity, Target};
use crate::repo::manifest::{Dependency, Manifest, Section};
use crate::repo::{Lockfile, RepoView};
use crate::source::ParseProblem;

pub(super) const DETECTORS: &[&dyn Detector] = &[
    &requirement::Wildcard,
    &requirement::Unbounded,
    &git_source::WithoutRev,
    &git_source::Tag,
    &git_source::Patch,
    &cargo_manifest::OutsideRepository,
    &lockfile::Missing,
    &lockfile::Ignored,
    &lockfile::Library,
    &stale::Stale,
    &python::Unpinned,
    &python::MissingFile,
    &python::WithoutHash,
    &python_git::FollowsBranch,
    &python_project::MissingLock,
    &python_project::Wildcard,
    &npm::Unpinned,
    &npm::MissingLock,
    &go_replace::Outside,
    &gemfile::Unlocked,
    &gemfile::FollowsBranch,
    &installs::Piped,
    &installs::Unpinned,
    &installs::IgnoresLock,
    &installs::CargoUnlocked,
    &installs::SystemPackages,
    &lock_contents::WithoutChecksum,
    &lock_contents::TwoSources,
    &registry::Insecure,
    &registry::Alternate,
    &requirement::Exact,
    &runtime::Mismatch,
    &runtime::Undated,
    &dev_tools::InProduction,
    &repo_config::Executes,
];

/// What the report says of a manifest that a rule needs and that does not parse.
fn unread(path: &RepoPath, bytes: &[u8], problem: &ParseProblem) -> NotChecked {
    let line = problem.span.as_ref().map(|span| {
        let before = &bytes[..span.start.min(bytes.len())];
        format!("line {}: ", memchr::memchr_iter(b'\n', before).count() + 1)
    });
    NotChecked {
        path: Some(path.clone()),
        what: "unparsable",
        reason: format!("{}{problem}", line.unwrap_or_default()),
        mend: None,
        coverage: Coverage::Outside,
    }
}

/// The manifests whose packages ship: not those of tests, examples, benchmarks and copied code.
fn shipping(repo: &RepoView) -> impl Iterator<Item = (&RepoPath, &Manifest)> {
    repo.manifests().iter().filter(|(path, _)| ships(repo, path))
}

fn ships(repo: &RepoView, manifest: &RepoPath) -> bool {
    !matches!(
        repo.targets().package_context(&manifest.parent()),
        Some(Target::Test | Target::Example | Target::Bench | Target::Vendored)
    )
}

/// The lock file that serves this manifest and that everybody gets: committed, if there is Git at all.
fn committed_lock<'r>(repo: &'r RepoView, manifest: &RepoPath) -> Option<&'r Lockfile> {
    let path = repo.workspaces().of(manifest)?.lock.as_ref()?;
    let entry = repo.entry(path)?;
    (entry.tracked || !repo.is_git).then(|| repo.lockfiles().get(path)?.as_ref().ok()).flatten()
}

/// Whether the file is one that everybody gets: committed, if there is Git at all.
fn committed(repo: &RepoView, path: &RepoPath) -> bool {
    repo.entry(path).is_some_and(|entry| entry.tracked || !repo.is_git)
}

/// The first of these files that everybody gets, beside a file or in a folder above.
pub(in crate::detect) fn committed_upward(
    repo: &RepoView,
    path: &RepoPath,
    names: &[&str],
) -> Option<RepoPath> {
    let mut folder = path.parent();
    loop {
        let mut files = names.iter().map(|name| folder.join(name.as_bytes()));
        if let Some(file) = files.find(|file| committed(repo, file)) {
            return Some(file);
        }
        if folder.as_bytes().is_empty() {
            return None;
        }
        folder = folder.parent();
    }
}

/// Dependencies of tests do not reach what ships: one step milder.
fn milder_for_dev(dependency: &Dependency, severity: Severity) -> Severity {
    match (dependency.section, severity) {
        (Section::Dev, Severity::Error) => Severity::Warning,
        (Section::Dev, _) => Severity::Note,
        _ => severity,
    }
}
