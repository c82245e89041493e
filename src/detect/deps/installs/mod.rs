//! What Dockerfiles and pipelines install by the way, outside of any lock file.

mod arguments;
mod cargo_install;
mod cargo_unlocked;
mod copied;
mod npm_lock;
mod piped;
mod places;
mod system_packages;
mod unpinned;

pub(super) use cargo_unlocked::CargoUnlocked;
pub(super) use npm_lock::IgnoresLock;
pub(super) use piped::Piped;
pub(super) use system_packages::SystemPackages;
pub(super) use unpinned::Unpinned;
