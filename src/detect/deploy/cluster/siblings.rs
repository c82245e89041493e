use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::workloads;
use crate::detect::deploy::check::weighed;
use crate::detect::{Emit, Prepared, Raw, RawRelated};
use crate::model::{Language, RepoPath, Severity};
use crate::repo::RepoView;
use crate::source::{FileView, JsonNode, Stage};

/// A place that runs a service, with the names of all its variables.
struct Manifest<'r> {
    path: &'r RepoPath,
    place: Range<usize>,
    given: BTreeSet<String>,
}

fn add<'r>(services: &mut BTreeMap<String, Vec<Manifest<'r>>>, name: &str, manifest: Manifest<'r>) {
    if !manifest.given.is_empty() {
        services.entry(name.to_owned()).or_default().push(manifest);
    }
}

/// A variable that two manifests of a service give it, and a third one does not.
///
/// The rule's words: `secrets`, ends of names of secrets.
pub(in crate::detect::deploy) fn lost(rule: &Prepared, repo: &RepoView, emit: &mut Emit) {
    let deployment = repo.deployment();
    let mut services: BTreeMap<String, Vec<Manifest>> = BTreeMap::new();
    for file in deployment.compose.iter().filter(|file| !file.is_rehearsal) {
        for service in &file.services {
            if let Some(given) = service.given.clone() {
                let place = service.name.span.clone();
                add(&mut services, &service.name.text, Manifest { path: &file.path, place, given });
            }
        }
    }
    for object in workloads(deployment) {
        if let Some(given) = object.given.clone() {
            let place = object.name.span.clone();
            add(&mut services, &object.name.text, Manifest { path: &object.path, place, given });
        }
    }
    for (path, kept) in &repo.kept {
        if kept.kind.language != Language::Json
            || memchr::memmem::find(&kept.bytes, b"containerDefinitions").is_none()
        {
            continue;
        }
        let view = FileView::new(path, &kept.bytes, kept.kind);
        if view.staged().stage == Stage::Development || view.target().is_for_show() {
            continue;
        }
        let Ok(document) = view.json() else { continue };
        let Some(root) = &document.root else { continue };
        let task = root.get("taskDefinition").unwrap_or(root);
        for container in task.get("containerDefinitions").map_or(&[][..], JsonNode::elements) {
            let Some(name) = container.get("name").filter(|_| container.get("environmentFiles").is_none())
            else {
                continue;
            };
            let lists = ["environment", "secrets"].iter().filter_map(|key| container.get(key));
            let given = lists
                .flat_map(JsonNode::elements)
                .filter_map(|entry| Some(entry.get("name")?.as_str()?.to_owned()))
                .collect();
            let place = name.span.start + 1..name.span.end.max(name.span.start + 2) - 1;
            add(&mut services, name.as_str().unwrap_or_default(), Manifest { path, place, given });
        }
    }
    for (service, manifests) in services.iter().filter(|(_, manifests)| manifests.len() > 2) {
        let names: BTreeSet<&String> = manifests.iter().flat_map(|manifest| &manifest.given).collect();
        for name in names {
            let lacking: Vec<&Manifest> = manifests.iter().filter(|m| !m.given.contains(name)).collect();
            let [one] = lacking[..] else { continue };
            let is_secret = rule.rule.detect.words("secrets").iter().any(|end| name.ends_with(&**end));
            let severity = if is_secret { rule.rule.severity } else { Severity::Note };
            let mut raw = Raw::at(one.place.clone())
                .path(one.path.clone())
                .property("variable", &**name)
                .message(format!("{service} is not given {name} here, and everywhere else it is"));
            for other in manifests.iter().filter(|other| other.given.contains(name)) {
                raw = raw.related(RawRelated {
                    path: Some(other.path.clone()),
                    range: Some(other.place.clone()),
                    message: "given here".into(),
                });
            }
            emit.raw(weighed(raw, severity));
        }
    }
}
