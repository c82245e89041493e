//! Services of Compose (<https://docs.docker.com/reference/compose-file/services/>).

mod access;
mod exposed;
mod lasting;
mod mounts;

pub(super) use access::host_access;
pub(super) use exposed::exposed_database;
pub(super) use lasting::{limits, log_rotation, restart};
pub(super) use mounts::writable_secret_mount;

use crate::source::{ComposeService, FileView, PipelineKind, compose_services};

/// The services of a Compose file; of other files none.
pub(super) fn services<'v>(view: &'v FileView<'_>) -> Vec<ComposeService<'v, 'v>> {
    if PipelineKind::of(view.path()) != Some(PipelineKind::Compose) {
        return Vec::new();
    }
    let Ok(documents) = view.yaml() else { return Vec::new() };
    compose_services(documents)
}
