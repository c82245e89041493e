use std::collections::BTreeMap;
use std::sync::OnceLock;

use super::manifest::{Manifest, ManifestProblem, Workspaces};
use super::targets::Targets;
use super::{Lockfile, LockfileError, RepoView};
use crate::model::{Coverage, NotChecked, RepoPath, Target};

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
            facts.targets.take(&self.resolution.targets);
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

    /// The manifests that do not parse, as a report names them. Broken on purpose (in tests and the like), or
    /// a template to be filled in, they leave no answer open.
    pub fn unchecked_manifests(&self) -> Vec<NotChecked> {
        let unchecked = |(path, problem): (&RepoPath, &ManifestProblem)| {
            let context = self.targets().package_context(&path.parent());
            let is_template =
                self.bytes(path).is_some_and(|text| memchr::memmem::find(text, b"{{").is_some());
            NotChecked {
                path: Some(path.clone()),
                what: "unparsable",
                reason: problem.message.clone(),
                mend: None,
                coverage: if context.is_some() || is_template {
                    Coverage::Outside
                } else {
                    Coverage::Missing
                },
            }
        };
        self.manifest_problems().iter().map(unchecked).collect()
    }

    /// The lock files that do not parse, likewise. Only an audit that needs them says so.
    pub fn unchecked_lockfiles(&self) -> Vec<NotChecked> {
        let unchecked = |(path, lockfile): (&RepoPath, &Result<Lockfile, LockfileError>)| {
            let error = lockfile.as_ref().err()?;
            let line = error.span.as_ref().zip(self.bytes(path)).map(|(span, bytes)| {
                let before = &bytes[..span.start.min(bytes.len())];
                format!("line {}: ", memchr::memchr_iter(b'\n', before).count() + 1)
            });
            Some(NotChecked {
                path: Some(path.clone()),
                what: "unparsable",
                reason: format!("{}{}", line.unwrap_or_default(), error.message),
                mend: None,
                // Tests hold broken ones on purpose.
                coverage: if self.lock_is_for_tests(path) { Coverage::Outside } else { Coverage::Missing },
            })
        };
        self.lockfiles().iter().filter_map(unchecked).collect()
    }

    /// Whether a lock file lies among tests or copied sources, and is not what ships.
    pub fn lock_is_for_tests(&self, lock: &RepoPath) -> bool {
        let known = self.kept.get(lock).map(|k| k.kind.target);
        let folder = |part: &[u8]| {
            matches!(
                part,
                b"tests"
                    | b"test"
                    | b"testsuite"
                    | b"testdata"
                    | b"test-data"
                    | b"fixtures"
                    | b"vendor"
                    | b"third_party"
            )
        };
        matches!(known, Some(Target::Test | Target::Vendored)) || lock.parent().parts().any(folder)
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
