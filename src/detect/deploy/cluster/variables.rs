use std::collections::BTreeMap;

use super::{at, workloads};
use crate::detect::{Emit, Prepared, RawRelated};
use crate::model::RepoPath;
use crate::repo::RepoView;
use crate::repo::deployment::GivenVariable;

/// The same variable of the same service, with one value in Compose and another in Kubernetes.
///
/// The rule's words: `places`, words of names that say where something is, which differs by nature.
pub(in crate::detect::deploy) fn differing(rule: &Prepared, repo: &RepoView, emit: &mut Emit) {
    let deployment = repo.deployment();
    let places = rule.rule.detect.words("places");
    let is_place = |name: &str| name.split('_').any(|word| places.iter().any(|place| *place == word));
    let mut by_service: BTreeMap<&str, Vec<(&RepoPath, &[GivenVariable])>> = BTreeMap::new();
    for file in deployment.compose.iter().filter(|file| file.is_production) {
        for service in &file.services {
            by_service.entry(&service.name.text).or_default().push((&file.path, &service.variables));
        }
    }
    for object in workloads(deployment) {
        let Some(others) = by_service.get(&*object.name.text) else { continue };
        for variable in object.variables.iter().filter(|variable| !is_place(&variable.name)) {
            let other = others.iter().find_map(|(path, variables)| {
                let other = variables.iter().find(|other| other.name == variable.name)?;
                (other.value.text != variable.value.text).then_some((*path, other))
            });
            let Some((path, other)) = other else { continue };
            let raw = at(&object.path, &variable.value, rule.rule.severity)
                .message(format!("{} has another value in {path}", variable.name))
                .related(RawRelated {
                    path: Some(path.clone()),
                    range: Some(other.value.span.clone()),
                    message: "there it is this".into(),
                });
            emit.raw(raw);
        }
    }
}
