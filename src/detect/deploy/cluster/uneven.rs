use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::workloads;
use crate::detect::deploy::check::{Standing, weighed};
use crate::detect::deploy::cloud::tasks;
use crate::detect::{Emit, Prepared, Raw};
use crate::model::RepoPath;
use crate::repo::RepoView;

/// What a manifest gives a service.
struct Given {
    path: RepoPath,
    /// Where the service is named.
    place: Range<usize>,
    names: BTreeSet<String>,
    /// Whether it may be given more, from files or objects whose keys are not known.
    is_open: bool,
}

/// Which kind of manifest it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Compose,
    Kubernetes,
    Task,
}

/// A variable that a service is given by Compose and Kubernetes and not by ECS, or the other way round: of three manifests
/// of one service, one forgot it.
pub(in crate::detect::deploy) fn uneven(rule: &Prepared, repo: &RepoView, emit: &mut Emit) {
    for (name, manifests) in services(repo) {
        let [Some(first), Some(second), Some(third)] =
            [Kind::Compose, Kind::Kubernetes, Kind::Task].map(|kind| match &manifests.get(&kind)?[..] {
                // Of several of one kind nobody can say which one is meant.
                [only] => Some(only),
                _ => None,
            })
        else {
            continue;
        };
        for (one, [other, third]) in
            [(first, [second, third]), (second, [first, third]), (third, [first, second])]
        {
            // What has little in common is another program of the same name.
            let in_common =
                other.names.intersection(&third.names).filter(|name| one.names.contains(*name)).count();
            if one.is_open || in_common < 2 {
                continue;
            }
            for variable in other.names.intersection(&third.names).filter(|name| !one.names.contains(*name)) {
                let raw = Raw::at(one.place.clone())
                    .path(one.path.clone())
                    .property("variable", variable)
                    .message(format!(
                        "{name} is not given {variable} here; {} and {} give it",
                        other.path, third.path
                    ))
                    .fix(format!("Give it {variable}, as the others do."));
                emit.raw(weighed(raw, rule.rule.severity));
            }
        }
    }
}

fn services(repo: &RepoView) -> BTreeMap<String, BTreeMap<Kind, Vec<Given>>> {
    let deployment = repo.deployment();
    let mut found: BTreeMap<String, BTreeMap<Kind, Vec<Given>>> = BTreeMap::new();
    let mut add = |name: &str, kind, given| {
        found.entry(name.to_owned()).or_default().entry(kind).or_default().push(given);
    };
    for file in deployment.compose.iter().filter(|file| file.is_production) {
        for service in &file.services {
            let layers = deployment.layers(file, service);
            let is_open = layers.as_ref().is_none_or(|layers| layers.iter().any(|layer| layer.takes_more));
            let names = layers.into_iter().flatten().flat_map(|layer| layer.given.iter().cloned()).collect();
            let (path, place) = (file.path.clone(), service.name.span.clone());
            add(&service.name.text, Kind::Compose, Given { path, place, names, is_open });
        }
    }
    for object in workloads(deployment) {
        let (path, place) = (object.path.clone(), object.name.span.clone());
        let given = Given { path, place, names: object.given.clone(), is_open: object.takes_more };
        add(&object.name.text, Kind::Kubernetes, given);
    }
    for (path, kept) in &repo.kept {
        let has = |what: &[u8]| memchr::memmem::find(&kept.bytes, what).is_some();
        if !(has(b"containerDefinitions") || has(b"container_definitions")) {
            continue;
        }
        let view = repo.file(path, kept);
        if Standing::of(&view) == Standing::Rehearsal {
            continue;
        }
        for container in tasks(&view).into_iter().flat_map(|task| task.containers) {
            let is_open = container.keys.iter().any(|key| key == "environmentFiles");
            let (path, place) = (path.clone(), container.place);
            add(&container.name, Kind::Task, Given { path, place, names: container.given, is_open });
        }
    }
    found
}
