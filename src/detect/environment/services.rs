use std::collections::BTreeSet;

use super::is_within;
use super::places::is_example;
use crate::model::RepoPath;
use crate::repo::{RepoView, manifest};
use crate::source::{PipelineKind, compose_services, parse_yaml};

/// Folders for what builds and starts a service, which lies beside or above them.
const BESIDE: &[&[u8]] = &[
    b"docker",
    b".docker",
    b"deploy",
    b"deployment",
    b"build",
    b".devcontainer",
    b"ops",
    b"infra",
    b"config",
    b"env",
];

/// The folders of services.
pub(super) struct Roots(BTreeSet<RepoPath>);

impl Roots {
    pub(super) fn of(repo: &RepoView) -> Self {
        let mut roots = BTreeSet::from([RepoPath::from("")]);
        for entry in &repo.entries {
            let name = entry.path.name();
            let marks = name == b"Dockerfile"
                || matches!(name, b"Procfile" | b"fly.toml" | b"app.yaml")
                || is_example(name);
            if marks && !repo.kind(&entry.path).target.is_for_show() {
                roots.insert(beside(entry.path.parent()));
            }
        }
        for (path, kept) in &repo.kept {
            if PipelineKind::of(path) != Some(PipelineKind::Compose) {
                continue;
            }
            let Ok(documents) = parse_yaml(&kept.bytes) else { continue };
            for service in compose_services(&documents) {
                roots.extend(build_folder(path, service.build));
            }
        }
        Self(roots)
    }

    /// The service whose folder a file lies in: the innermost.
    pub(super) fn service_of(&self, path: &RepoPath) -> RepoPath {
        let mut folder = beside(path.parent());
        loop {
            if self.0.contains(&folder) || folder.as_bytes().is_empty() {
                return folder;
            }
            folder = folder.parent();
        }
    }

    /// The services whose folders lie in this one, itself included.
    pub(super) fn below(&self, folder: &RepoPath) -> Vec<RepoPath> {
        self.0.iter().filter(|root| is_within(root, folder)).cloned().collect()
    }

    /// The only service with this name as its folder's.
    pub(super) fn named(&self, name: &str) -> Option<RepoPath> {
        let mut found = self.0.iter().filter(|root| root.name() == name.as_bytes());
        let one = found.next()?;
        found.next().is_none().then(|| one.clone())
    }

    /// Whether there is but one.
    pub(super) fn is_single(&self) -> bool {
        self.0.len() == 1
    }
}

fn beside(folder: RepoPath) -> RepoPath {
    if BESIDE.contains(&folder.name()) { folder.parent() } else { folder }
}

/// The folder that a service of Compose is built from.
pub(super) fn build_folder(from: &RepoPath, build: Option<crate::source::YamlNode>) -> Option<RepoPath> {
    let build = build?;
    let context =
        build.as_str().or_else(|| build.lookup("context").and_then(crate::source::YamlNode::as_str))?;
    if context.contains(['$', ':']) {
        return None;
    }
    if matches!(context, "." | "./") {
        return Some(from.parent());
    }
    manifest::resolve(&from.parent(), context.trim_end_matches('/'))
}
