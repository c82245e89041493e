//! The environment contract: which variables the code of a service reads, and which places provide or document them.

mod mentions;
mod places;
mod platform;
mod providers;
mod services;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::OnceLock;

pub use places::is_example;

use super::RepoView;
use crate::model::RepoPath;

/// The contract, read on first use: several checks ask for it.
#[derive(Debug, Default)]
pub struct ParsedContract(OnceLock<Contract>);

/// What all services of a repository read and are given.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Contract {
    /// In order of their folders.
    pub services: Vec<Service>,
}

/// A part of a repository that runs by itself: the folder of a Dockerfile, of a build of Compose or of a file of examples;
/// what lies in none is the repository's.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Service {
    /// Its folder; empty for the repository itself.
    pub root: RepoPath,
    /// The variables, in order of their names.
    pub variables: BTreeMap<String, Variable>,
    /// Manifests that name variables one by one and take in no others.
    pub closed_manifests: BTreeSet<Manifest>,
    /// Whether a file of examples lies in its folder or above.
    pub has_example: bool,
}

/// A place that runs a service with variables.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Manifest {
    /// Its file.
    pub path: RepoPath,
    /// The service of Compose or the object of Kubernetes, and where it is named.
    pub name: String,
    /// The bytes of the name.
    pub span: (usize, usize),
}

/// One variable of a service.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Variable {
    /// Where the program reads it.
    pub reads: Vec<Read>,
    /// Where it is provided or named.
    pub places: Vec<Provided>,
}

/// A reading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read {
    /// The file.
    pub path: RepoPath,
    /// The bytes of the name.
    pub range: Range<usize>,
    /// 1-based line.
    pub line: usize,
    /// What happens without it.
    pub need: Need,
    /// Whether it is merely named there, in a way that is not understood.
    pub is_guessed: bool,
}

/// What happens without a variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// Something stands in for it.
    Default,
    /// The program goes on without it.
    Optional,
    /// The program ends.
    Required,
}

impl Need {
    /// The word shown to people.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Optional => "optional",
            Self::Required => "required",
        }
    }
}

/// A place that names a variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provided {
    /// The file.
    pub path: RepoPath,
    /// The bytes of the name.
    pub range: Range<usize>,
    /// 1-based line.
    pub line: usize,
    /// What kind of place.
    pub kind: PlaceKind,
    /// Whether a value stands there, not a reference or nothing.
    pub is_literal: bool,
    /// Of a manifest: which of its services or objects.
    pub manifest: String,
}

/// Kinds of places that name variables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PlaceKind {
    /// `.env.example` and its like.
    Example,
    /// `.env` and its like.
    EnvFile,
    /// A service of Compose.
    Compose,
    /// A container of Kubernetes.
    Kubernetes,
    /// A `ConfigMap`.
    ConfigMap,
    /// A `Secret`.
    Secret,
    /// `ENV` and `ARG` of a Dockerfile.
    Dockerfile,
    /// A task definition of ECS.
    Ecs,
    /// Settings of App Service.
    AppService,
    /// A resource of Terraform.
    Terraform,
    /// A unit of systemd.
    Systemd,
    /// A workflow of GitHub's.
    Workflow,
    /// Text for people.
    Text,
}

impl PlaceKind {
    /// The word shown to people.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Example => "example",
            Self::EnvFile => "env file",
            Self::Compose => "compose",
            Self::Kubernetes => "kubernetes",
            Self::ConfigMap => "configmap",
            Self::Secret => "secret",
            Self::Dockerfile => "dockerfile",
            Self::Ecs => "ecs",
            Self::AppService => "app service",
            Self::Terraform => "terraform",
            Self::Systemd => "systemd",
            Self::Workflow => "workflow",
            Self::Text => "text",
        }
    }

    /// Whether it tells people that the variable exists.
    pub const fn documents(self) -> bool {
        matches!(self, Self::Example | Self::Text)
    }
}

impl Variable {
    /// The sternest of all readings; `None` if no program reads it.
    pub fn need(&self) -> Option<Need> {
        self.reads.iter().map(|read| read.need).max()
    }

    /// Whether people are told that it exists.
    pub fn is_documented(&self) -> bool {
        self.places.iter().any(|place| place.kind.documents())
    }
}

impl RepoView {
    /// Which variables of the environment the services read, and what provides them, as the kept files say.
    pub fn contract(&self) -> &Contract {
        self.parsed_contract.0.get_or_init(|| contract(self))
    }
}

fn contract(repo: &RepoView) -> Contract {
    let roots = services::Roots::of(repo);
    let mut services: BTreeMap<RepoPath, Service> = BTreeMap::new();
    places::collect(repo, &roots, &mut services);
    let examples: Vec<RepoPath> = repo
        .entries
        .iter()
        .filter(|entry| places::is_example(entry.path.name()))
        .map(|entry| entry.path.parent())
        .collect();
    for (root, service) in &mut services {
        service.root = root.clone();
        service.has_example = examples.iter().any(|folder| is_within(root, folder));
        for variable in service.variables.values_mut() {
            variable.reads.sort_by(|a, b| (&a.path, a.range.start).cmp(&(&b.path, b.range.start)));
            variable.places.sort_by(|a, b| (&a.path, a.range.start).cmp(&(&b.path, b.range.start)));
            variable.places.dedup();
        }
    }
    services.retain(|_, service| !service.variables.is_empty());
    Contract { services: services.into_values().collect() }
}

/// Whether the folder is the other one or lies in it.
fn is_within(folder: &RepoPath, other: &RepoPath) -> bool {
    other.as_bytes().is_empty() || folder == other || folder.is_in(other)
}
