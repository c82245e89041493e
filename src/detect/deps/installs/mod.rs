//! What Dockerfiles and pipelines install by the way, outside of any lock file.

mod npm_lock;
mod piped;
mod places;
mod unpinned;

pub(super) use npm_lock::IgnoresLock;
pub(super) use piped::Piped;
pub(super) use unpinned::Unpinned;
