//! This room: the repository (its root, its files by Git's rules, manifests, lock files, advisory data).
//! May touch: `model`, `source`; the file system, read-only but for the advisory cache.
//! Never: know any rule; start a process on behalf of the repository.

/// Advisory data of RustSec: finding it on disk, reading it, fetching it on request.
pub mod advisories;
mod cargo;
mod ignored_by;
mod lockfile;
/// `Cargo.toml`, and which packages belong together.
pub mod manifest;
/// What each file of a Cargo package is for.
pub mod targets;
/// What repository checks see.
pub mod view;

pub use cargo::CargoFacts;
pub use ignored_by::IgnoreLine;
pub use lockfile::{Graph, LockedPackage, Lockfile, LockfileError, UnusedPatch, Ways, is_default_registry};
pub use view::{Entry, Kept, ParsedLockfiles, RepoView};
