//! This room: the repository (its root, its files by Git's rules, manifests, lock files, advisory data).
//! May touch: `model`, `source`; the file system, read-only but for the advisory cache.
//! Never: know any rule; start a process on behalf of the repository.

/// Advisory data of RustSec: finding it on disk, reading it, fetching it on request.
pub mod advisories;
mod cargo;
mod git;
mod ignored;
mod ignored_by;
/// What cargo remembers of the public registry.
pub mod index;
mod inventory;
mod lockfile;
/// `Cargo.toml`, and which packages belong together.
pub mod manifest;
/// Opening files safely.
pub mod read;
mod root;
/// What each file of a Cargo package is for.
pub mod targets;
mod tree;
/// What repository checks see.
pub mod view;
mod walk;

pub use cargo::CargoFacts;
pub use git::{GitDir, IndexEntry, IndexError, IndexKind, User};
pub use ignored::{Decision, IgnoreRules, IgnoreSource};
pub use ignored_by::IgnoreLine;
pub use inventory::{Inventory, ListedFile, inventory, inventory_for};
pub use lockfile::{Graph, LockedPackage, Lockfile, LockfileError, UnusedPatch, Ways, is_default_registry};
pub use read::ReadError;
pub use root::{Root, RootError};
pub use tree::{Kind, Tree};
pub use view::{Entry, Kept, ParsedLockfiles, RepoView, TrackedIgnored};
