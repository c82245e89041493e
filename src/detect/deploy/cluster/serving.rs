use super::{at, selects, workloads};
use crate::detect::{Emit, Prepared};
use crate::repo::RepoView;

/// Deployments that serve users with one pod: each update and each failed node is an outage.
pub(in crate::detect::deploy) fn single_replica(rule: &Prepared, repo: &RepoView, emit: &mut Emit) {
    let deployment = repo.deployment();
    for object in workloads(deployment).filter(|object| object.kind == "Deployment" && !object.recreates) {
        let is_one = object.replicas.as_ref().is_none_or(|replicas| replicas.text == "1");
        let is_scaled = deployment
            .objects
            .iter()
            .any(|other| other.scales.as_ref().is_some_and(|scales| scales.name.text == object.name.text));
        // What a patch says counts, of whichever file.
        let is_patched = deployment.objects.iter().any(|other| {
            other.kind == object.kind
                && other.name.text == object.name.text
                && other.replicas.as_ref().is_some_and(|replicas| replicas.text != "1")
        });
        let serves = deployment.objects.iter().any(|other| other.kind == "Service" && selects(other, object));
        if is_one && serves && !is_scaled && !is_patched {
            let place = object.replicas.as_ref().unwrap_or(&object.name);
            let raw = at(&object.path, place, rule.rule.severity)
                .message(format!("{} serves with one pod, and nothing scales it", object.name.text));
            emit.raw(raw);
        }
    }
}

/// Services that the internet reaches without TLS.
pub(in crate::detect::deploy) fn exposed_service(rule: &Prepared, repo: &RepoView, emit: &mut Emit) {
    for object in
        repo.deployment().objects.iter().filter(|object| object.kind == "Service" && !object.is_rehearsal)
    {
        let Some(kind) = object.service_type.as_ref().filter(|kind| kind.text == "LoadBalancer") else {
            continue;
        };
        let has = |port: &str| object.own_ports.contains(port);
        if !(has("80") || has("8080")) || has("443") || has("https") {
            continue;
        }
        let raw = at(&object.path, kind, rule.rule.severity)
            .message(format!("the internet reaches {} without TLS", object.name.text));
        emit.raw(raw);
    }
}
