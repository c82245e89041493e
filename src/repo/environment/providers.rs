//! Other places that run services with variables: ECS, App Service, Terraform, systemd, workflows.

use std::ops::Range;

use hcl_edit::Span as _;
use hcl_edit::expr::{Expression, Object};

use super::places::{Adder, Services, service_of};
use super::services::Roots;
use super::{Manifest, PlaceKind};
use crate::model::RepoPath;
use crate::repo::Kept;
use crate::source::{HclBlock, HclBody, JsonNode, YamlDocuments, YamlNode, parse_hcl, parse_ini, parse_json};

/// So deep are blocks of Terraform looked into.
const DEPTH: usize = 6;

/// Task definitions of ECS, and lists of settings of App Service: `[{"name": …, "value": …, "slotSetting": …}]`.
pub(super) fn json(path: &RepoPath, kept: &Kept, roots: &Roots, services: &mut Services) {
    let has = |text: &[u8]| memchr::memmem::find(&kept.bytes, text).is_some();
    if !has(b"containerDefinitions") && !has(b"slotSetting") {
        return;
    }
    let Ok(document) = parse_json(&kept.bytes) else { return };
    let Some(root) = &document.root else { return };
    if has(b"slotSetting") {
        let Some(service) = service_of(&[], path, roots) else { return };
        let adder = Adder::new(path, &kept.bytes, PlaceKind::AppService);
        for entry in root.elements() {
            named(&adder, services, &service, entry);
        }
        return;
    }
    let task = root.get("taskDefinition").unwrap_or(root);
    for container in task.get("containerDefinitions").map_or(&[][..], JsonNode::elements) {
        let name = container.get("name").and_then(JsonNode::as_str).unwrap_or_default();
        let image = container.get("image").and_then(JsonNode::as_str).unwrap_or_default();
        let image = image.rsplit('/').next().unwrap_or(image).split([':', '@']).next().unwrap_or_default();
        let family = task.get("family").and_then(JsonNode::as_str).unwrap_or_default();
        let Some(service) = service_of(&[name, image, family], path, roots) else { continue };
        let mut adder = Adder::new(path, &kept.bytes, PlaceKind::Ecs);
        name.clone_into(&mut adder.manifest);
        let mut count = 0;
        for list in ["environment", "secrets"].iter().filter_map(|key| container.get(key)) {
            for entry in list.elements() {
                count += usize::from(named(&adder, services, &service, entry));
            }
        }
        if count > 0 && container.get("environmentFiles").is_none() {
            let span = container.get("name").map_or(0..0, |name| inner(&name.span));
            let manifest =
                Manifest { path: path.clone(), name: name.to_owned(), span: (span.start, span.end) };
            services.entry(service).or_default().closed_manifests.insert(manifest);
        }
    }
}

/// `{"name": …, "value": …}`.
fn named(adder: &Adder, services: &mut Services, service: &RepoPath, entry: &JsonNode) -> bool {
    let Some(name) = entry.get("name") else { return false };
    let Some(text) = name.as_str() else { return false };
    let value = entry.get("value").and_then(JsonNode::as_str).unwrap_or_default();
    let is_literal = !value.is_empty() && !value.starts_with("@Microsoft.KeyVault");
    adder.add(services, service, text, inner(&name.span), is_literal);
    true
}

fn inner(span: &Range<usize>) -> Range<usize> {
    if span.len() >= 2 { span.start + 1..span.end - 1 } else { span.clone() }
}

/// `Environment=A=b "C=d e"` of a unit of systemd.
pub(super) fn unit(path: &RepoPath, kept: &Kept, roots: &Roots, services: &mut Services) {
    let Ok(text) = std::str::from_utf8(&kept.bytes) else { return };
    let service = roots.service_of(path);
    let mut adder = Adder::new(path, &kept.bytes, PlaceKind::Systemd);
    adder.manifest = String::from_utf8_lossy(path.name()).into_owned();
    for entry in parse_ini(text).iter().filter(|e| e.section == "Service" && e.key == "Environment") {
        for (line, span) in &entry.lines {
            let mut at = 0;
            for word in line.split([' ', '"', '\'']) {
                let start = span.start + at;
                at += word.len() + 1;
                if let Some((name, value)) = word.split_once('=') {
                    let range = start..start + name.len();
                    adder.add(services, &service, name, range, !value.is_empty() && !value.contains('$'));
                }
            }
        }
    }
}

/// `env` of a workflow, its jobs and steps.
pub(super) fn workflow(
    path: &RepoPath,
    kept: &Kept,
    documents: &YamlDocuments,
    roots: &Roots,
    services: &mut Services,
) {
    let adder = Adder::new(path, &kept.bytes, PlaceKind::Workflow);
    let service = service_of(&[], path, roots).unwrap_or_else(|| RepoPath::from(""));
    let mut take = |node: YamlNode| {
        for (key, value) in node.get("env").into_iter().flat_map(YamlNode::members) {
            let Some(name) = key.as_str() else { continue };
            // What only the pipeline itself wants is no variable of a service.
            let is_read = services
                .get(&service)
                .is_some_and(|s| s.variables.get(name).is_some_and(|v| !v.reads.is_empty()));
            if is_read {
                let literal = value.as_str().is_some_and(|text| !text.is_empty() && !text.contains('$'));
                adder.add(services, &service, name, key.span(), literal);
            }
        }
    };
    for root in documents.roots() {
        take(root);
        for (_, job) in root.get("jobs").into_iter().flat_map(YamlNode::members) {
            take(job);
            for step in job.get("steps").into_iter().flat_map(YamlNode::elements) {
                take(step);
            }
        }
    }
}

/// `app_settings`, `environment_variables` and `environment` of Terraform's resources.
pub(super) fn terraform(path: &RepoPath, kept: &Kept, roots: &Roots, services: &mut Services) {
    const KEYS: &[&str] =
        &["app_settings", "environment_variables", "variables", "environment", "env_vars", "secrets"];
    let has = |text: &[u8]| memchr::memmem::find(&kept.bytes, text).is_some();
    if !KEYS.iter().any(|key| has(key.as_bytes())) {
        return;
    }
    let Ok(body) = parse_hcl(&kept.bytes) else { return };
    let Some(service) = service_of(&[], path, roots) else { return };
    let adder = Adder::new(path, &kept.bytes, PlaceKind::Terraform);
    for block in body.blocks().filter(|block| block.ident.as_str() == "resource") {
        look(&adder, services, &service, block, KEYS, 0);
    }
}

fn look(
    adder: &Adder,
    services: &mut Services,
    service: &RepoPath,
    block: &HclBlock,
    keys: &[&str],
    depth: usize,
) {
    let body: &HclBody = &block.body;
    for attribute in body.attributes() {
        let key = attribute.key.as_str();
        match &attribute.value {
            Expression::Object(object) if keys.contains(&key) => members(adder, services, service, object),
            // `container_definitions = jsonencode([{environment = [{name = …}]}])`
            Expression::FuncCall(call) if key == "container_definitions" => {
                let Some(Expression::Array(list)) = call.args.iter().next() else { continue };
                for container in list.iter().filter_map(Expression::as_object) {
                    for list in ["environment", "secrets"].iter().filter_map(|key| member(container, key)) {
                        for pair in list.as_array().into_iter().flat_map(|a| a.iter()) {
                            let Some(pair) = pair.as_object() else { continue };
                            let Some(name) = member(pair, "name") else { continue };
                            if let (Some(text), Some(span)) = (name.as_str(), name.span()) {
                                let literal = member(pair, "value").is_some_and(|v| v.as_str().is_some());
                                adder.add(services, service, text, inner(&span), literal);
                            }
                        }
                    }
                }
            }
            _ => {}
        }
    }
    for inner_block in body.blocks() {
        // `env { name = "A" value = "b" }` of Cloud Run.
        if inner_block.ident.as_str() == "env"
            && let Some(name) = inner_block.body.get_attribute("name")
            && let (Some(text), Some(span)) = (name.value.as_str(), name.value.span())
        {
            let literal = inner_block.body.get_attribute("value").is_some_and(|v| v.value.as_str().is_some());
            adder.add(services, service, text, inner(&span), literal);
        }
        if depth < DEPTH {
            look(adder, services, service, inner_block, keys, depth + 1);
        }
    }
}

fn member<'o>(object: &'o Object, name: &str) -> Option<&'o Expression> {
    object.iter().find_map(|(key, value)| {
        let text = key.as_ident().map(hcl_edit::Ident::as_str).or_else(|| key.as_expr()?.as_str())?;
        (text == name).then(|| value.expr())
    })
}

fn members(adder: &Adder, services: &mut Services, service: &RepoPath, object: &Object) {
    for (key, value) in object {
        let ident = key.as_ident().map(|ident| (ident.as_str(), key.span()));
        let quoted = || key.as_expr().and_then(|e| Some((e.as_str()?, e.span().map(|s| inner(&s)))));
        if let Some((name, Some(span))) = ident.or_else(quoted)
            && name.bytes().any(|b| b.is_ascii_uppercase())
            && !name.bytes().any(|b| b.is_ascii_lowercase())
        {
            adder.add(services, service, name, span, value.expr().as_str().is_some());
        }
    }
}
