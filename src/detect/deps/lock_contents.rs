use std::collections::BTreeMap;

use super::ships;
use crate::detect::{Detector, Emit, Needs, Prepared, Raw, RawRelated};
use crate::model::RepoPath;
use crate::repo::{Lockfile, RepoView};

/// Packages of a registry that `Cargo.lock` has no checksum of: whatever the registry sends is built.
pub(super) struct WithoutChecksum;

/// One version of a package from two places: the same name stands for two programs.
pub(super) struct TwoSources;

fn locks(repo: &RepoView) -> impl Iterator<Item = (&RepoPath, &Lockfile)> {
    let locks = repo.lockfiles().iter().filter_map(|(path, lock)| Some((path, lock.as_ref().ok()?)));
    locks.filter(|(path, _)| ships(repo, &path.parent().join(b"Cargo.toml")))
}

fn is_registry(source: &str) -> bool {
    source.starts_with("registry+") || source.starts_with("sparse+")
}

impl Detector for WithoutChecksum {
    fn name(&self) -> &'static str {
        "lock-without-checksum"
    }

    fn needs(&self) -> Needs {
        Needs::Repo
    }

    fn repo(&self, _: &Prepared, repo: &RepoView, emit: &mut Emit) {
        for (path, lock) in locks(repo) {
            let bare = |source: &Option<String>| source.as_deref().is_some_and(is_registry);
            let without: Vec<_> =
                lock.packages.iter().filter(|p| p.checksum.is_none() && bare(&p.source)).collect();
            let Some(first) = without.first() else { continue };
            let more = match without.len() {
                1 => String::new(),
                n => format!(" (and {} more)", n - 1),
            };
            emit.raw(
                Raw::at(first.version_span.clone())
                    .path(path.clone())
                    .message(format!(
                        "{} {}{more} comes from a registry and has no checksum",
                        first.name, first.version
                    ))
                    .property("package", first.name.clone()),
            );
        }
    }
}

impl Detector for TwoSources {
    fn name(&self) -> &'static str {
        "lock-two-sources"
    }

    fn needs(&self) -> Needs {
        Needs::Repo
    }

    fn repo(&self, _: &Prepared, repo: &RepoView, emit: &mut Emit) {
        for (path, lock) in locks(repo) {
            let mut seen: BTreeMap<(&str, String), usize> = BTreeMap::new();
            for (at, package) in lock.packages.iter().enumerate() {
                // Two packages of the repository may share a name with a published one while it is moved.
                let Some(source) = package.source.as_deref() else { continue };
                let key = (&*package.name, package.version.to_string());
                let Some(&first) = seen.get(&key) else {
                    seen.insert(key, at);
                    continue;
                };
                if lock.packages[first].source.as_deref() == Some(source) {
                    continue;
                }
                emit.raw(
                    Raw::at(package.version_span.clone())
                        .path(path.clone())
                        .message(format!("{} {} comes from two places", package.name, package.version))
                        .property("package", package.name.clone())
                        .related(RawRelated {
                            path: None,
                            range: Some(lock.packages[first].version_span.clone()),
                            message: "the other".into(),
                        }),
                );
            }
        }
    }
}
