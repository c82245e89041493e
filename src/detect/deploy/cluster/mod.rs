//! What files of a deployment say of each other: references between objects of Kubernetes, health checks of images and
//! services, figures that multiply.

mod copies;
mod figures;
mod health;
mod memory;
mod references;
mod routes;
mod scrape;
mod serving;
mod shared_state;
mod uneven;
mod variables;

pub(super) use figures::too_many_connections;
pub(super) use health::{image_health, service_health};
pub(super) use memory::memory_storage;
pub(super) use references::dangling;
pub(super) use routes::probe_route;
pub(super) use scrape::unscraped;
pub(super) use serving::{exposed_service, single_replica};
pub(super) use shared_state::{scattered_sockets, uncounted_limits};
pub(super) use uneven::uneven;
pub(super) use variables::differing;

use crate::detect::Raw;
use crate::model::{RepoPath, Severity};
use crate::repo::deployment::{ClusterObject, Deployment, Placed};

/// A finding at a text of a file.
fn at(path: &RepoPath, placed: &Placed, severity: Severity) -> Raw {
    super::check::weighed(Raw::at(placed.span.clone()).path(path.clone()), severity)
}

/// Objects that run pods, those for a desk excepted.
fn workloads(deployment: &Deployment) -> impl Iterator<Item = &ClusterObject> {
    deployment.objects.iter().filter(|object| object.runs_pods && !object.is_rehearsal)
}

/// Whether one of the labels' sets holds all of the other.
fn selects(object: &ClusterObject, pods: &ClusterObject) -> bool {
    object.selector.as_ref().is_some_and(|(labels, _)| {
        !labels.is_empty() && labels.iter().all(|(key, value)| pods.labels.get(key) == Some(value))
    })
}
