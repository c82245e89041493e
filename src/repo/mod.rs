//! This room: the repository (its root, its files by Git's rules, manifests, lock files, advisory data).
//! May touch: `model`, `source`; the file system, read-only but for the user's cache; in `advisories` git, in `resolve` cargo.
//! Never: know any rule; start a process that runs anything of the repository.

/// Advisory data of RustSec: finding it on disk, reading it, fetching it on request.
pub mod advisories;
mod before;
mod cargo;
/// What of cargo's configuration names programs.
pub mod cargo_config;
/// What the repository deploys, as its files say it together.
pub mod deployment;
/// Which variables of the environment services read, and what provides them.
pub mod environment;
mod foreign_ignores;
/// What other tools are told to ignore of secrets.
pub mod foreign_secrets;
mod git;
/// The history of a repository.
pub mod history;
mod ignore_evidence;
mod ignored;
mod ignored_by;
/// What cargo remembers of the public registry.
pub mod index;
mod inventory;
/// What the repository tells its linters.
pub mod lints;
mod lockfile;
/// `Cargo.toml`, and which packages belong together.
pub mod manifest;
/// Advisory data in the form of OSV, for packages of Python and npm.
pub mod osv;
/// Lock files and requirements of Python and npm.
pub mod packages;
/// Opening files safely.
pub mod read;
/// What cargo says of a workspace, on request.
pub mod resolve;
mod root;
/// What `cargo package` would publish.
pub mod shipped;
mod staged;
mod staging;
/// What each file of a Cargo package is for.
pub mod targets;
mod tree;
/// What repository checks see.
pub mod view;
mod walk;

pub use before::{Before, SinceError};
pub use cargo::CargoFacts;
pub use foreign_ignores::{ForeignIgnore, foreign_ignores, is_foreign_ignores, parse_foreign_ignores};
pub use git::objects;
pub use git::{
    GitDir, HooksFolder, IndexEntry, IndexError, IndexKind, ObjectId, RevError, User, ignore_lines,
};
pub use ignore_evidence::{is_compose, is_dockerfile, is_dockerignore};
pub use ignored::{Decision, IgnoreRules, IgnoreSource};
pub use ignored_by::IgnoreLine;
pub use inventory::{Inventory, ListedFile, inventory, inventory_for};
pub use lockfile::{Graph, LockedPackage, Lockfile, LockfileError, UnusedPatch, Ways, is_default_registry};
pub use read::ReadError;
pub use root::{Root, RootError};
pub use staged::{Staged, State};
pub use staging::{Staging, StagingError};
pub use tree::{Kind, Tree};
pub use view::{Kept, ParsedLockfiles, RepoView, RequiredIgnore, TrackedIgnored};
