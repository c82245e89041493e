use super::GITIGNORE;
use crate::detect::{Detector, Emit, Needs, Prepared, Raw};
use crate::model::RepoPath;
use crate::repo::RepoView;

/// A project whose tools make files beside its own, and that has no `.gitignore` at all.
pub(super) struct Absent;

/// What makes files beside the sources as soon as somebody builds, installs or runs it.
const MANIFESTS: &[&str] = &[
    "Cargo.toml",
    "package.json",
    "pyproject.toml",
    "requirements.txt",
    "setup.py",
    "Pipfile",
    "pom.xml",
    "build.gradle",
    "build.gradle.kts",
    "Gemfile",
    "composer.json",
];

impl Detector for Absent {
    fn name(&self) -> &'static str {
        "absent"
    }

    fn needs(&self) -> Needs {
        Needs::Repo
    }

    fn repo(&self, _rule: &Prepared, repo: &RepoView, emit: &mut Emit) {
        let is_ignore_file = |path: &RepoPath| path.name() == GITIGNORE.as_bytes();
        if !repo.is_git || repo.entries.iter().any(|entry| is_ignore_file(&entry.path)) {
            return;
        }
        let Some(manifest) = MANIFESTS.iter().find(|name| repo.entry(&RepoPath::from(**name)).is_some())
        else {
            return;
        };
        emit.raw(
            Raw::file(RepoPath::from(*manifest))
                .message(format!("the repository has a {manifest} and no {GITIGNORE}")),
        );
    }
}
