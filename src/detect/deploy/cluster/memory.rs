use super::{at, workloads};
use crate::detect::{Emit, Prepared};
use crate::repo::RepoView;
use crate::repo::deployment::GivenVariable;

/// Limits, sessions and caches that each process keeps for itself, where several copies run.
///
/// The rule's words: `settings`, each `NAME=values that mean memory`.
pub(in crate::detect::deploy) fn memory_storage(rule: &Prepared, repo: &RepoView, emit: &mut Emit) {
    let deployment = repo.deployment();
    let settings = rule.rule.detect.words("settings");
    let is_in_memory = |variable: &GivenVariable| {
        settings.iter().filter_map(|setting| setting.split_once('=')).any(|(name, values)| {
            name == variable.name
                && values.split('|').any(|value| variable.value.text.eq_ignore_ascii_case(value))
        })
    };
    for object in workloads(deployment) {
        let own: Option<u64> = object.replicas.as_ref().and_then(|replicas| replicas.text.parse().ok());
        let is_scaled = deployment
            .objects
            .iter()
            .any(|other| other.scales.as_ref().is_some_and(|scales| scales.name.text == object.name.text));
        if own.unwrap_or(1) < 2 && !is_scaled {
            continue;
        }
        let copies = own.filter(|own| *own > 1).map_or("several".to_owned(), |own| own.to_string());
        for variable in object.variables.iter().filter(|variable| is_in_memory(variable)) {
            let raw = at(&object.path, &variable.value, rule.rule.severity).message(format!(
                "{} copies of {} run, and each keeps its own {}",
                copies, object.name.text, variable.name
            ));
            emit.raw(raw);
        }
    }
    for file in deployment.compose.iter().filter(|file| !file.is_rehearsal) {
        for service in file.services.iter().filter(|service| service.replicas > 1) {
            for variable in service.variables.iter().filter(|variable| is_in_memory(variable)) {
                let raw = at(&file.path, &variable.value, rule.rule.severity).message(format!(
                    "{} copies of {} run, and each keeps its own {}",
                    service.replicas, service.name.text, variable.name
                ));
                emit.raw(raw);
            }
        }
    }
}
