use std::collections::{BTreeMap, BTreeSet};

use super::compose::{max_connections, of_container};
use super::text::{placed, placed_at};
use super::{GivenVariable, Placed, is_rehearsal};
use crate::model::RepoPath;
use crate::source::{FileView, KubernetesObject, YamlDocuments, YamlNode, kubernetes_objects};

/// No more elements of one list are read.
const ELEMENTS_MAX: usize = 2_000;

/// An object, and what it says of others.
#[expect(clippy::struct_excessive_bools, reason = "each is said by a line of its own in the manifest")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClusterObject {
    /// Its file.
    pub path: RepoPath,
    /// What it is: `Deployment`.
    pub kind: String,
    /// Its name.
    pub name: Placed,
    /// Whether the file is for a desk, for tests, for show.
    pub is_rehearsal: bool,
    /// Whether it runs pods, and is no patch of something that does.
    pub runs_pods: bool,
    /// How many copies it runs, where it says so.
    pub replicas: Option<Placed>,
    /// Whether it ends the old copy before it starts the new one: `Recreate`.
    pub recreates: bool,
    /// Labels of its pods.
    pub labels: BTreeMap<String, String>,
    /// What the pods are chosen by: of a Service, a `PodDisruptionBudget`; with the place of the first label.
    pub selector: Option<(BTreeMap<String, String>, Placed)>,
    /// Names and numbers of the ports of its containers.
    pub ports: BTreeSet<String>,
    /// The ports of a Service: its own names and numbers.
    pub own_ports: BTreeSet<String>,
    /// The pods' ports that a Service or a probe names by a word.
    pub named_ports: Vec<Placed>,
    /// What a `HorizontalPodAutoscaler` changes.
    pub scales: Option<Named>,
    /// The images of its containers.
    pub images: Vec<String>,
    /// The paths that probes ask its containers for.
    pub probes: Vec<Placed>,
    /// The services that an Ingress sends to, with their ports.
    pub backends: Vec<(Placed, Option<Placed>)>,
    /// The `ConfigMap`s and Secrets that its pods take.
    pub takes: Vec<ConfigReference>,
    /// The keys of a `ConfigMap` or Secret; `None` if nobody can say.
    pub keys: Option<BTreeSet<String>>,
    /// Variables of its containers that have a value.
    pub variables: Vec<GivenVariable>,
    /// The names of all variables that its containers are given.
    pub given: BTreeSet<String>,
    /// Whether an object gives them more, of which nobody knows the keys.
    pub takes_more: bool,
    /// How many connections it takes, where its command says that of a database.
    pub max_connections: Option<u64>,
    /// The kind of a Service, such as `LoadBalancer`, with its place; not of one with annotations, since a cloud's may end
    /// TLS.
    pub service_type: Option<Placed>,
}

/// An object that another one names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// What it is.
    pub kind: String,
    /// Its name.
    pub name: Placed,
}

/// A `ConfigMap` or a Secret that a pod takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigReference {
    /// `ConfigMap` or `Secret`.
    pub kind: &'static str,
    /// Its name.
    pub name: Placed,
    /// The key that is taken of it.
    pub key: Option<Placed>,
    /// Whether the pod starts without it.
    pub is_optional: bool,
}

pub(super) fn read(view: &FileView, documents: &YamlDocuments) -> Vec<ClusterObject> {
    let staged = view.staged();
    let empty = |kind: &str, name: Placed| ClusterObject {
        path: view.path().clone(),
        kind: kind.to_owned(),
        name,
        is_rehearsal: is_rehearsal(staged),
        runs_pods: false,
        replicas: None,
        recreates: false,
        labels: BTreeMap::new(),
        selector: None,
        ports: BTreeSet::new(),
        own_ports: BTreeSet::new(),
        named_ports: Vec::new(),
        scales: None,
        images: Vec::new(),
        probes: Vec::new(),
        backends: Vec::new(),
        takes: Vec::new(),
        keys: None,
        variables: Vec::new(),
        given: BTreeSet::new(),
        takes_more: false,
        max_connections: None,
        service_type: None,
    };
    let mut found = Vec::new();
    if view.path().name().starts_with(b"kustomization.") {
        for root in documents.roots() {
            for (key, kind) in [("configMapGenerator", "ConfigMap"), ("secretGenerator", "Secret")] {
                let list = root.get(key).into_iter().flat_map(YamlNode::elements).take(ELEMENTS_MAX);
                found.extend(list.filter_map(|node| Some(empty(kind, placed_at(node, "name")?))));
            }
        }
        return found;
    }
    for object in kubernetes_objects(documents) {
        let Some(name) = object.name.and_then(placed) else { continue };
        let mut facts = empty(object.kind, name);
        fill(&mut facts, &object);
        found.push(facts);
    }
    found
}

fn fill(facts: &mut ClusterObject, object: &KubernetesObject) {
    let spec = object.node.get("spec");
    let of = |key: &str| spec.and_then(|spec| spec.get(key));
    match object.kind {
        "Service" => {
            facts.selector = of("selector").and_then(selected);
            let is_annotated = object.node.get("metadata").is_some_and(|m| m.get("annotations").is_some());
            facts.service_type = of("type").filter(|_| !is_annotated).and_then(placed);
            for port in of("ports").into_iter().flat_map(YamlNode::elements).take(ELEMENTS_MAX) {
                for key in ["name", "port"] {
                    facts.own_ports.extend(placed_at(port, key).map(|placed| placed.text));
                }
                facts.named_ports.extend(placed_at(port, "targetPort").filter(is_word));
            }
        }
        "PodDisruptionBudget" => {
            facts.selector = of("selector").and_then(|s| s.get("matchLabels")).and_then(selected);
        }
        "HorizontalPodAutoscaler" => {
            let target = of("scaleTargetRef");
            let kind = target.and_then(|target| placed_at(target, "kind")).map(|placed| placed.text);
            let name = target.and_then(|target| placed_at(target, "name"));
            facts.scales = kind.zip(name).map(|(kind, name)| Named { kind, name });
        }
        "Ingress" => facts.backends = backends(object.node),
        "ConfigMap" | "Secret" => {
            let tables =
                ["data", "stringData", "binaryData"].iter().filter_map(|table| object.node.get(table));
            facts.keys = Some(
                tables
                    .flat_map(YamlNode::members)
                    .filter_map(|(key, _)| key.as_str().map(str::to_owned))
                    .collect(),
            );
        }
        // Operators make a Secret of the same name.
        "SealedSecret" | "ExternalSecret" | "Certificate" => {}
        _ => pods(facts, object),
    }
}

/// Whether a port is named, not numbered.
fn is_word(port: &Placed) -> bool {
    port.text.bytes().any(|b| b.is_ascii_alphabetic()) && !port.text.contains(['$', '{'])
}

fn labels(node: YamlNode) -> BTreeMap<String, String> {
    let pairs = node.members().take(ELEMENTS_MAX);
    pairs.filter_map(|(key, value)| Some((key.as_str()?.to_owned(), value.as_str()?.to_owned()))).collect()
}

fn selected(node: YamlNode) -> Option<(BTreeMap<String, String>, Placed)> {
    let first = node.members().next().and_then(|(_, value)| placed(value))?;
    Some((labels(node), first))
}

fn pods(facts: &mut ClusterObject, object: &KubernetesObject) {
    let spec = object.node.get("spec");
    facts.replicas = spec.and_then(|spec| spec.get("replicas")).and_then(placed);
    let strategy = spec.and_then(|spec| spec.get("strategy")).and_then(|strategy| strategy.get("type"));
    facts.recreates = strategy.and_then(YamlNode::as_str) == Some("Recreate");
    let Some(pod) = object.pod() else { return };
    facts.runs_pods = true;
    facts.labels = pod.metadata.and_then(|metadata| metadata.get("labels")).map(labels).unwrap_or_default();
    let take = |kind, node: YamlNode, name_key: &str| {
        Some(ConfigReference {
            kind,
            name: placed_at(node, name_key)?,
            key: placed_at(node, "key"),
            is_optional: node.lookup("optional").and_then(YamlNode::as_str) == Some("true"),
        })
    };
    let lists = ["containers", "initContainers"].iter().filter_map(|key| pod.spec.get(key));
    for container in lists.flat_map(YamlNode::elements).take(ELEMENTS_MAX) {
        for port in container.lookup("ports").into_iter().flat_map(YamlNode::elements).take(ELEMENTS_MAX) {
            for key in ["name", "containerPort"] {
                facts.ports.extend(placed_at(port, key).map(|placed| placed.text));
            }
        }
        for probe in ["livenessProbe", "readinessProbe", "startupProbe"] {
            let Some(probe) = container.lookup(probe) else { continue };
            facts.probes.extend(probe.lookup("httpGet").and_then(|get| placed_at(get, "path")));
            let asked = ["httpGet", "tcpSocket"].iter().find_map(|kind| probe.lookup(kind)?.lookup("port"));
            facts.named_ports.extend(asked.and_then(placed).filter(is_word));
        }
        for variable in container.lookup("env").into_iter().flat_map(YamlNode::elements).take(ELEMENTS_MAX) {
            let Some(from) = variable.lookup("valueFrom") else { continue };
            for (key, kind) in [("configMapKeyRef", "ConfigMap"), ("secretKeyRef", "Secret")] {
                facts.takes.extend(from.lookup(key).and_then(|node| take(kind, node, "name")));
            }
        }
        for source in container.lookup("envFrom").into_iter().flat_map(YamlNode::elements).take(ELEMENTS_MAX)
        {
            for (key, kind) in [("configMapRef", "ConfigMap"), ("secretRef", "Secret")] {
                facts.takes.extend(source.lookup(key).and_then(|node| take(kind, node, "name")));
            }
        }
        facts.images.extend(placed_at(container, "image").map(|image| image.text));
        let named = container.lookup("env").into_iter().flat_map(YamlNode::elements).take(ELEMENTS_MAX);
        facts.given.extend(named.filter_map(|node| Some(placed_at(node, "name")?.text)));
        facts.takes_more |= container.lookup("envFrom").is_some();
        facts.variables.extend(of_container(container));
        let mut commands = ["command", "args"].iter().filter_map(|key| container.lookup(key));
        facts.max_connections = facts.max_connections.or_else(|| commands.find_map(max_connections));
    }
    for volume in pod.spec.lookup("volumes").into_iter().flat_map(YamlNode::elements).take(ELEMENTS_MAX) {
        facts.takes.extend(volume.lookup("configMap").and_then(|node| take("ConfigMap", node, "name")));
        facts.takes.extend(volume.lookup("secret").and_then(|node| take("Secret", node, "secretName")));
    }
}

/// Where an Ingress sends to, in the form of today and in the one before.
fn backends(node: YamlNode) -> Vec<(Placed, Option<Placed>)> {
    let Some(spec) = node.get("spec") else { return Vec::new() };
    let paths = spec
        .lookup("rules")
        .into_iter()
        .flat_map(YamlNode::elements)
        .take(ELEMENTS_MAX)
        .filter_map(|rule| rule.lookup("http")?.lookup("paths"))
        .flat_map(YamlNode::elements)
        .filter_map(|path| path.lookup("backend"));
    let whole = spec.lookup("defaultBackend").or_else(|| spec.lookup("backend"));
    let backend = |node: YamlNode<'_, '_>| {
        if let Some(service) = node.lookup("service") {
            let port = service.lookup("port");
            let port = port.and_then(|port| placed_at(port, "name").or_else(|| placed_at(port, "number")));
            return Some((placed_at(service, "name")?, port));
        }
        Some((placed_at(node, "serviceName")?, placed_at(node, "servicePort")))
    };
    paths.chain(whole).take(ELEMENTS_MAX).filter_map(backend).collect()
}
