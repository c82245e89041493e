use super::{at, workloads};
use crate::detect::{Emit, Prepared};
use crate::model::RepoPath;
use crate::repo::RepoView;
use crate::repo::deployment::{GivenVariable, Placed};

/// Pools that may open more connections than the database takes: processes × (pool + overflow) × copies, where all of
/// them are numbers.
pub(in crate::detect::deploy) fn too_many_connections(rule: &Prepared, repo: &RepoView, emit: &mut Emit) {
    let deployment = repo.deployment();
    let limits = deployment
        .compose
        .iter()
        .flat_map(|file| &file.services)
        .filter_map(|service| service.max_connections);
    // Of several databases nobody can say which one is meant.
    let limits: Vec<u64> =
        limits.chain(deployment.objects.iter().filter_map(|object| object.max_connections)).collect();
    let [limit] = *limits else { return };
    let mut judge = |path: &RepoPath, name: &Placed, copies: u64, variables: &[GivenVariable]| {
        let number = |names: &[&str]| {
            let found = variables.iter().find(|variable| names.contains(&&*variable.name))?;
            Some((found.value.text.parse::<u64>().ok()?, &found.value))
        };
        let Some((pool, place)) =
            number(&["DB_POOL_SIZE", "DATABASE_POOL_SIZE", "POOL_SIZE", "SQLALCHEMY_POOL_SIZE"])
        else {
            return;
        };
        let overflow =
            number(&["DB_MAX_OVERFLOW", "DATABASE_MAX_OVERFLOW", "MAX_OVERFLOW", "SQLALCHEMY_MAX_OVERFLOW"])
                .map_or(0, |n| n.0);
        let workers =
            number(&["WEB_CONCURRENCY", "WORKERS", "GUNICORN_WORKERS", "UVICORN_WORKERS"]).map_or(1, |n| n.0);
        let all = workers.saturating_mul(pool.saturating_add(overflow)).saturating_mul(copies);
        if all > limit {
            let raw = at(path, place, rule.rule.severity)
                .message(format!(
                    "{} may open {all} connections: {copies} copies × {workers} processes × ({pool} + {overflow}); the \
                     database takes {limit}",
                    name.text
                ))
                .fix("Lower the pool, or put a pooler such as pgbouncer in front of the database.");
            emit.raw(raw);
        }
    };
    for object in workloads(deployment) {
        let copies = object.replicas.as_ref().and_then(|replicas| replicas.text.parse().ok()).unwrap_or(1);
        judge(&object.path, &object.name, copies, &object.variables);
    }
    for file in deployment.compose.iter().filter(|file| !file.is_rehearsal) {
        for service in &file.services {
            judge(&file.path, &service.name, service.replicas, &service.variables);
        }
    }
}
