use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use super::mentions::{hand_down, mentions};
use super::platform::is_of_the_platform;
use super::providers;
use super::services::{Roots, build_folder};
use super::{Manifest, Need, PlaceKind, Provided, Read, Service};
use crate::model::{Language, LineIndex, RepoPath, Target};
use crate::repo::view::is_told;
use crate::repo::{Kept, RepoView};
use crate::source::{
    EnvironmentNeed, FileView, KubernetesObject, PipelineKind, YamlDocuments, YamlNode, compose_services,
    kubernetes_objects, parse_dockerfile, parse_dotenv, parse_yaml,
};

pub(super) type Services = BTreeMap<RepoPath, Service>;

/// Looks at every kept file.
pub(super) fn collect(repo: &RepoView, roots: &Roots, services: &mut Services) {
    for Reading { service, name, read } in all_reads(repo, roots) {
        variable(services, &service, &name).reads.push(read);
    }
    for (path, kept) in &repo.kept {
        let name = path.name();
        match kept.kind.language {
            _ if is_example(name) => dotenv(path, kept, PlaceKind::Example, roots, services),
            Language::Dotenv => dotenv(path, kept, PlaceKind::EnvFile, roots, services),
            Language::Dockerfile => dockerfile(path, kept, roots, services),
            Language::Yaml => yaml(path, kept, roots, services),
            Language::Json => providers::json(path, kept, roots, services),
            Language::Hcl => providers::terraform(path, kept, roots, services),
            _ if path.extension() == b"service" => providers::unit(path, kept, roots, services),
            _ => {}
        }
    }
    hand_down(roots, services);
    mentions(repo, roots, services);
    for (path, kept) in &repo.kept {
        if matches!(kept.kind.language, Language::Markdown | Language::Text) && is_told(path) {
            text(path, kept, services);
        }
    }
}

/// `.env.example`, `env.sample`, `example.env`.
pub fn is_example(name: &[u8]) -> bool {
    // Asked of every file there is: hardly any says so.
    if !name.windows(3).any(|part| part.eq_ignore_ascii_case(b"env")) {
        return false;
    }
    let name = name.to_ascii_lowercase();
    let mut words = name.split(|b| matches!(b, b'.' | b'-' | b'_'));
    let has = |wanted: &[&[u8]]| name.split(|b| matches!(b, b'.' | b'-' | b'_')).any(|w| wanted.contains(&w));
    words.any(|word| word == b"env" || word == b"dotenv")
        && has(&[b"example", b"sample", b"template", b"dist", b"defaults", b"tpl"])
        && !name.ends_with(b".md")
}

pub(super) fn is_code(language: Language) -> bool {
    matches!(
        language,
        Language::Python
            | Language::JavaScript
            | Language::TypeScript
            | Language::Rust
            | Language::Go
            | Language::Ruby
            | Language::Php
            | Language::Java
            | Language::Kotlin
            | Language::CSharp
    )
}

/// What a service's program reads.
struct Reading {
    service: RepoPath,
    name: String,
    read: Read,
}

/// What all programs read, in order of their files: parsing them is most of the work, so it is shared by all threads.
fn all_reads(repo: &RepoView, roots: &Roots) -> Vec<Reading> {
    /// So many files a thread takes at once.
    const SHARE: usize = 8;
    let code: Vec<_> = repo.kept.iter().filter(|(_, kept)| is_code(kept.kind.language)).collect();
    let next = AtomicUsize::new(0);
    let found = Mutex::new(BTreeMap::new());
    let work = || {
        loop {
            let share = next.fetch_add(1, Ordering::Relaxed);
            let Some(files) = code.chunks(SHARE).nth(share) else { break };
            let mut all = Vec::new();
            for (path, kept) in files {
                reads(path, kept, roots, &mut all);
            }
            found.lock().unwrap_or_else(PoisonError::into_inner).insert(share, all);
        }
    };
    thread::scope(|scope| {
        for _ in 1..repo.threads.min(code.len() / SHARE) {
            scope.spawn(work);
        }
        work();
    });
    found.into_inner().unwrap_or_else(PoisonError::into_inner).into_values().flatten().collect()
}

fn reads(path: &RepoPath, kept: &Kept, roots: &Roots, all: &mut Vec<Reading>) {
    let target = kept.kind.target;
    if target.is_for_show() || matches!(target, Target::BuildScript | Target::Generated | Target::Script) {
        return;
    }
    let view = FileView::new(path, &kept.bytes, kept.kind);
    let service = roots.service_of(path);
    for read in view.environment() {
        if view.target_at(read.name_span.start).is_for_show() || is_of_the_platform(&read.name) {
            continue;
        }
        let need = match read.need {
            EnvironmentNeed::Default(_) => Need::Default,
            EnvironmentNeed::Open => Need::Optional,
            EnvironmentNeed::Required
                if view.settings().condition(&kept.bytes, read.name_span.start).is_some()
                    || kept.kind.language == Language::Go && !starts(&kept.bytes, read.name_span.start) =>
            {
                Need::Optional
            }
            EnvironmentNeed::Required => Need::Required,
        };
        let line = view.lines().line_at(read.name_span.start) + 1;
        let read_there =
            Read { path: path.clone(), range: read.name_span.clone(), line, need, is_guessed: false };
        all.push(Reading { service: service.clone(), name: read.name.clone(), read: read_there });
    }
}

/// Whether a place of a Go program is reached whenever it starts: outside of functions, in `main` and `init`.
fn starts(text: &[u8], at: usize) -> bool {
    let function = memchr::memmem::rfind(&text[..at], b"\nfunc ").map(|start| &text[start + 6..]);
    function.is_none_or(|rest| rest.starts_with(b"main(") || rest.starts_with(b"init("))
}

pub(super) fn variable<'s>(
    services: &'s mut Services,
    service: &RepoPath,
    name: &str,
) -> &'s mut super::Variable {
    let service = services.entry(service.clone()).or_default();
    service.variables.entry(name.to_owned()).or_default()
}

/// Adds a place to the variable of the service, and to those of the same name in services below a file's folder, which
/// it speaks of as well.
pub(super) struct Adder<'a> {
    path: &'a RepoPath,
    bytes: &'a [u8],
    lines: LineIndex,
    kind: PlaceKind,
    pub(super) manifest: String,
}

impl<'a> Adder<'a> {
    pub(super) fn new(path: &'a RepoPath, bytes: &'a [u8], kind: PlaceKind) -> Self {
        Self { path, bytes, lines: LineIndex::new(bytes), kind, manifest: String::new() }
    }

    fn place(&self, range: Range<usize>, is_literal: bool) -> Provided {
        debug_assert!(range.end <= self.bytes.len());
        Provided {
            path: self.path.clone(),
            line: self.lines.line_at(range.start) + 1,
            range,
            kind: self.kind,
            is_literal,
            manifest: self.manifest.clone(),
        }
    }

    pub(super) fn add(
        &self,
        services: &mut Services,
        service: &RepoPath,
        name: &str,
        range: Range<usize>,
        is_literal: bool,
    ) {
        if is_name(name) && !is_of_the_platform(name) {
            let place = self.place(range, is_literal);
            variable(services, service, name).places.push(place);
        }
    }
}

fn is_name(name: &str) -> bool {
    name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') && !name.is_empty() && name.len() <= 128
}

fn dotenv(path: &RepoPath, kept: &Kept, kind: PlaceKind, roots: &Roots, services: &mut Services) {
    let adder = Adder::new(path, &kept.bytes, kind);
    let own = roots.service_of(path);
    let below = roots.below(&own);
    for entry in parse_dotenv(&kept.bytes).entries {
        let is_literal = !entry.value.is_empty() && !entry.refers;
        let readers: Vec<&RepoPath> = below
            .iter()
            .filter(|root| {
                services
                    .get(*root)
                    .is_some_and(|s| s.variables.get(&entry.key).is_some_and(|v| !v.reads.is_empty()))
            })
            .collect();
        if readers.is_empty() {
            adder.add(services, &own, &entry.key, entry.key_span.clone(), is_literal);
        }
        for reader in readers {
            adder.add(services, reader, &entry.key, entry.key_span.clone(), is_literal);
        }
    }
}

fn dockerfile(path: &RepoPath, kept: &Kept, roots: &Roots, services: &mut Services) {
    let adder = Adder::new(path, &kept.bytes, PlaceKind::Dockerfile);
    let service = roots.service_of(path);
    for instruction in parse_dockerfile(&kept.bytes).instructions {
        if instruction.keyword != "ENV" {
            continue;
        }
        for set in instruction.variables(&kept.bytes) {
            // What an image sets and no code of ours reads is for what it is built on.
            let is_read = services.get(&service).is_some_and(|s| s.variables.contains_key(&*set.name));
            if is_read {
                adder.add(services, &service, &set.name, set.name_span.clone(), true);
            }
        }
    }
}

fn yaml(path: &RepoPath, kept: &Kept, roots: &Roots, services: &mut Services) {
    let Ok(documents) = parse_yaml(&kept.bytes) else { return };
    match PipelineKind::of(path) {
        Some(PipelineKind::Compose) => compose(path, kept, &documents, roots, services),
        Some(PipelineKind::Github) => providers::workflow(path, kept, &documents, roots, services),
        Some(_) => {}
        None => kubernetes(path, kept, &documents, roots, services),
    }
}

fn compose(path: &RepoPath, kept: &Kept, documents: &YamlDocuments, roots: &Roots, services: &mut Services) {
    for service in compose_services(documents) {
        let Some(folder) = build_folder(path, service.build) else { continue };
        let Some(name) = service.name.as_str() else { continue };
        let mut adder = Adder::new(path, &kept.bytes, PlaceKind::Compose);
        name.clone_into(&mut adder.manifest);
        // A recipe in a folder of its own says which part of the context is meant.
        let recipe = service.build.and_then(|build| build.lookup("dockerfile")).and_then(YamlNode::as_str);
        let recipe = recipe.and_then(|recipe| crate::repo::manifest::resolve(&folder, recipe));
        let root = roots.service_of(&recipe.unwrap_or_else(|| inside(&folder)));
        let Some(environment) = service.node.lookup("environment") else { continue };
        let mut named = 0;
        for (key, value) in pairs(environment) {
            let (Some(text), range) = (key, value.1) else { continue };
            named += 1;
            adder.add(services, &root, &text, range, value.0);
        }
        // What is merged in or taken from files is not looked at here.
        let is_open = service.node.get("env_file").is_some()
            || service.node.get("extends").is_some()
            || service.node.get("<<").is_some()
            || environment.get("<<").is_some()
            || environment.is_alias();
        if named > 0 && !is_open {
            let span = service.name.span();
            let manifest =
                Manifest { path: path.clone(), name: name.to_owned(), span: (span.start, span.end) };
            services.entry(root).or_default().closed_manifests.insert(manifest);
        }
    }
}

/// A path in the folder.
fn inside(folder: &RepoPath) -> RepoPath {
    let mut text = folder.as_bytes().to_vec();
    if !text.is_empty() {
        text.push(b'/');
    }
    text.extend(b"x");
    RepoPath::new(text)
}

/// A name with whether a value stands there, and its bytes.
type Pair = (Option<String>, (bool, Range<usize>));

/// The pairs of a mapping or a list of `NAME=value`.
fn pairs(node: YamlNode) -> Vec<Pair> {
    let mut found = Vec::new();
    for (key, value) in node.members() {
        let literal = value.as_str().is_some_and(|text| !text.is_empty() && !text.contains('$'));
        found.push((key.as_str().map(str::to_owned), (literal, key.span())));
    }
    for element in node.elements() {
        let Some(text) = element.as_str() else { continue };
        let (name, value) = text.split_once('=').unwrap_or((text, ""));
        found.push((Some(name.to_owned()), (!value.is_empty() && !value.contains('$'), element.span())));
    }
    found
}

fn kubernetes(
    path: &RepoPath,
    kept: &Kept,
    documents: &YamlDocuments,
    roots: &Roots,
    services: &mut Services,
) {
    for object in kubernetes_objects(documents) {
        match object.kind {
            "ConfigMap" => map(path, kept, object, PlaceKind::ConfigMap, roots, services),
            "Secret" => map(path, kept, object, PlaceKind::Secret, roots, services),
            _ => workload(path, kept, object, roots, services),
        }
    }
}

/// Which service an object runs: the one that is called so, or the only one there is.
pub(super) fn service_of(names: &[&str], path: &RepoPath, roots: &Roots) -> Option<RepoPath> {
    if roots.is_single() {
        return Some(RepoPath::from(""));
    }
    names.iter().find_map(|name| roots.named(name)).or_else(|| {
        let own = roots.service_of(path);
        (!own.as_bytes().is_empty()).then_some(own)
    })
}

fn map(
    path: &RepoPath,
    kept: &Kept,
    object: KubernetesObject,
    kind: PlaceKind,
    roots: &Roots,
    services: &mut Services,
) {
    let name = object.name.and_then(YamlNode::as_str).unwrap_or_default();
    let stem = name.trim_end_matches("-config").trim_end_matches("-secrets").trim_end_matches("-secret");
    let Some(service) = service_of(&[name, stem], path, roots) else { return };
    let mut adder = Adder::new(path, &kept.bytes, kind);
    name.clone_into(&mut adder.manifest);
    for data in ["data", "stringData"].iter().filter_map(|key| object.node.get(key)) {
        for (key, value) in data.members() {
            let (Some(key_text), Some(value)) = (key.as_str(), value.as_str()) else { continue };
            adder.add(services, &service, key_text, key.span(), !value.trim().is_empty());
        }
    }
}

fn workload(path: &RepoPath, kept: &Kept, object: KubernetesObject, roots: &Roots, services: &mut Services) {
    let object_name = object.name.and_then(YamlNode::as_str).unwrap_or_default();
    for container in object.containers() {
        let Some(list) = container.node.get("env") else { continue };
        let name = container.node.get("name").and_then(YamlNode::as_str).unwrap_or_default();
        let image = container.image.and_then(YamlNode::as_str).unwrap_or_default();
        let image = image.rsplit('/').next().unwrap_or(image).split([':', '@']).next().unwrap_or_default();
        let Some(service) = service_of(&[name, image, object_name], path, roots) else { continue };
        let mut adder = Adder::new(path, &kept.bytes, PlaceKind::Kubernetes);
        object_name.clone_into(&mut adder.manifest);
        let mut named = 0;
        for entry in list.elements() {
            let Some(key) = entry.get("name") else { continue };
            let Some(text) = key.as_str() else { continue };
            named += 1;
            let literal =
                entry.get("value").is_some_and(|value| value.as_str().is_some_and(|v| !v.is_empty()));
            adder.add(services, &service, text, key.span(), literal);
        }
        if named > 0 && container.node.get("envFrom").is_none() && !container.is_init {
            let span = object.name.map_or(0..0, YamlNode::span);
            let manifest =
                Manifest { path: path.clone(), name: object_name.to_owned(), span: (span.start, span.end) };
            services.entry(service).or_default().closed_manifests.insert(manifest);
        }
    }
}

/// Names that are told to people, of variables that are known.
fn text(path: &RepoPath, kept: &Kept, services: &mut Services) {
    let adder = Adder::new(path, &kept.bytes, PlaceKind::Text);
    let mut words: BTreeMap<&[u8], usize> = BTreeMap::new();
    let mut at = 0;
    for word in kept.bytes.split(|b| !(b.is_ascii_alphanumeric() || *b == b'_')) {
        if word.len() > 1 {
            words.entry(word).or_insert(at);
        }
        at += word.len() + 1;
    }
    for service in services.values_mut() {
        for (name, variable) in &mut service.variables {
            if let Some(&start) = words.get(name.as_bytes()) {
                variable.places.push(adder.place(start..start + name.len(), false));
            }
        }
    }
}
