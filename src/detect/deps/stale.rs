use std::collections::BTreeSet;
use std::ops::Range;

use semver::{Version, VersionReq};

use super::{committed_lock, ships};
use crate::detect::{Detector, Emit, Needs, Prepared, Raw, RawRelated};
use crate::model::RepoPath;
use crate::repo::manifest::{Dependency, Field, Manifest, WorkspaceTable};
use crate::repo::{LockedPackage, Lockfile, RepoView};

/// Lock files that do not hold what the manifests ask for: `cargo build --locked` refuses them, and
/// without `--locked` cargo picks other versions in silence.
pub(super) struct Stale;

impl Detector for Stale {
    fn name(&self) -> &'static str {
        "stale-lockfile"
    }

    fn needs(&self) -> Needs {
        Needs::Repo
    }

    fn repo(&self, _: &Prepared, repo: &RepoView, emit: &mut Emit) {
        for root in repo.workspaces().roots().filter(|root| ships(repo, root)) {
            let Some(lock) = committed_lock(repo, root) else { continue };
            let Some(workspace_manifest) = repo.manifests().get(root) else { continue };
            for member in repo.workspaces().members(root) {
                let Some(manifest) = repo.manifests().get(member) else { continue };
                let check = Check {
                    lock,
                    lock_path: root.parent().join(b"Cargo.lock"),
                    root: workspace_manifest,
                    path: member,
                    manifest,
                };
                check.package(emit);
            }
        }
    }
}

/// A member held against the lock file.
struct Check<'r> {
    lock: &'r Lockfile,
    lock_path: RepoPath,
    root: &'r Manifest,
    path: &'r RepoPath,
    manifest: &'r Manifest,
}

impl Check<'_> {
    fn package(&self, emit: &mut Emit) {
        let Some(package) = &self.manifest.package else { return };
        let name = &*package.name.value;
        let own: Vec<&LockedPackage> = self.locked(name).filter(|p| p.source.is_none()).collect();
        let heading = self.manifest.heading();
        if own.is_empty() {
            return self.report(emit, heading, format!("Cargo.lock does not know the package {name}"), None);
        }
        let version = match &package.version {
            Field::Absent => Some("0.0.0"),
            field => {
                field.or_inherited(self.workspace().and_then(|w| w.version.as_ref())).map(String::as_str)
            }
        };
        let version = version.and_then(|v| Version::parse(v.trim()).ok());
        if let Some(version) = version
            && !own.iter().any(|p| p.version == version)
        {
            let at = match &package.version {
                Field::Here(here) => Some(here.span.clone()),
                _ => heading.clone(),
            };
            let message = format!("{name} is {version} here and {} in Cargo.lock", own[0].version);
            self.report(emit, at, message, Some(own[0]));
        }
        for dependency in &self.manifest.dependencies {
            self.dependency(dependency, own[0], emit);
        }
    }

    fn dependency(&self, written: &Dependency, own: &LockedPackage, emit: &mut Emit) {
        // What an inherited dependency asks for stands in the workspace.
        let asked = if written.inherited {
            let shared = self.workspace().map_or(&[][..], |w| &w.dependencies);
            match shared.iter().find(|d| d.name.value == written.name.value) {
                Some(shared) => shared,
                None => return,
            }
        } else {
            written
        };
        let name = asked.package_name();
        let at = Some(written.requirement.as_ref().map_or(written.name.span.clone(), |r| r.span.clone()));
        let known: BTreeSet<&str> = own.dependencies.iter().map(|d| first_word(d)).collect();
        if !known.contains(name) {
            let message =
                format!("{name} is not among the dependencies that Cargo.lock holds for this package");
            return self.report(emit, at, message, Some(own));
        }
        let Some(requirement) = asked.requirement.as_ref().filter(|_| asked.path.is_none()) else { return };
        let Ok(requirement) = VersionReq::parse(&requirement.value) else { return };
        if requirement.comparators.is_empty() {
            return;
        }
        let mut candidates = own
            .dependencies
            .iter()
            .filter(|d| first_word(d) == name)
            .filter_map(|d| Some(&self.lock.packages[self.lock.resolve(d)?]));
        let Some(first) = candidates.next() else { return };
        if !std::iter::once(first).chain(candidates).any(|p| requirement.matches(&p.version)) {
            let message =
                format!("{name} must be {requirement} here, and Cargo.lock holds {}", first.version);
            self.report(emit, at, message, Some(first));
        }
    }

    fn workspace(&self) -> Option<&WorkspaceTable> {
        self.root.workspace.as_ref()
    }

    fn locked(&self, name: &str) -> impl Iterator<Item = &LockedPackage> {
        self.lock.named(name).map(|at| &self.lock.packages[at])
    }

    fn report(
        &self,
        emit: &mut Emit,
        at: Option<Range<usize>>,
        message: String,
        other: Option<&LockedPackage>,
    ) {
        let mut raw = Raw::file(self.path.clone()).message(message);
        raw.range = at;
        if let Some(package) = other {
            raw = raw.related(RawRelated {
                path: Some(self.lock_path.clone()),
                range: Some(package.version_span.clone()),
                message: "what is locked".into(),
            });
        }
        emit.raw(raw);
    }
}

/// The name in a lock file's `name`, `name version` or `name version (source)`.
fn first_word(dependency: &str) -> &str {
    dependency.split(' ').next().unwrap_or(dependency)
}
