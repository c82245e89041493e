use std::collections::BTreeMap;
use std::sync::OnceLock;

use super::RepoView;
use super::manifest::{Manifest, ManifestProblem, Workspaces};
use super::targets::Targets;
use crate::model::RepoPath;

/// What the repository's manifests say, read when somebody first asks.
#[derive(Debug, Default)]
pub struct CargoFacts(OnceLock<Facts>);

#[derive(Debug, Default)]
struct Facts {
    manifests: BTreeMap<RepoPath, Manifest>,
    problems: BTreeMap<RepoPath, ManifestProblem>,
    workspaces: Workspaces,
    targets: Targets,
}

impl RepoView {
    fn facts(&self) -> &Facts {
        self.cargo.0.get_or_init(|| {
            let mut facts = Facts::default();
            for (path, kept) in self.kept.iter().filter(|(path, _)| path.name() == b"Cargo.toml") {
                match Manifest::parse(path, &kept.bytes) {
                    Ok(manifest) => {
                        facts.manifests.insert(path.clone(), manifest);
                    }
                    Err(problem) => {
                        facts.problems.insert(path.clone(), problem);
                    }
                }
            }
            facts.workspaces = Workspaces::new(&facts.manifests, &self.entries);
            facts.targets = Targets::with_workspaces(&facts.manifests, &facts.workspaces, &self.entries);
            facts
        })
    }

    /// Every `Cargo.toml` that parses.
    pub fn manifests(&self) -> &BTreeMap<RepoPath, Manifest> {
        &self.facts().manifests
    }

    /// Every `Cargo.toml` that does not.
    pub fn manifest_problems(&self) -> &BTreeMap<RepoPath, ManifestProblem> {
        &self.facts().problems
    }

    /// Which packages belong together.
    pub fn workspaces(&self) -> &Workspaces {
        &self.facts().workspaces
    }

    /// What each file of a package is for.
    pub fn targets(&self) -> &Targets {
        &self.facts().targets
    }
}
