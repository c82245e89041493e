use std::collections::BTreeSet;

use super::text::{placed, placed_at};
use super::{GivenVariable, Placed, is_rehearsal};
use crate::model::RepoPath;
use crate::source::{FileView, Stage, YamlDocuments, YamlNode, compose_services};

/// A file of Compose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComposeFile {
    /// The file.
    pub path: RepoPath,
    /// Whether it is for a desk, for tests, for show.
    pub is_rehearsal: bool,
    /// Whether a name or a variable says that it is production's.
    pub is_production: bool,
    /// Its services.
    pub services: Vec<ComposeFacts>,
}

/// A service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComposeFacts {
    /// Its name.
    pub name: Placed,
    /// The Dockerfile that its image is built from.
    pub dockerfile: Option<RepoPath>,
    /// Whether it has an image or a build, and is not merely changed.
    pub is_declared: bool,
    /// Whether it has a health check, or says that it has none.
    pub says_health: bool,
    /// Whether it opens a port.
    pub serves: bool,
    /// How many copies run.
    pub replicas: u64,
    /// Its variables that have a literal value.
    pub variables: Vec<GivenVariable>,
    /// The names of all its variables; `None` if it takes others from elsewhere too.
    pub given: Option<BTreeSet<String>>,
    /// How many connections it takes, where its command says that of a database.
    pub max_connections: Option<u64>,
}

pub(super) fn read(view: &FileView, documents: &YamlDocuments) -> ComposeFile {
    let staged = view.staged();
    ComposeFile {
        path: view.path().clone(),
        is_rehearsal: is_rehearsal(staged),
        is_production: staged.is_said && staged.stage == Stage::Production,
        services: compose_services(documents)
            .iter()
            .filter_map(|service| {
                let of = |key: &str| service.node.lookup(key);
                let replicas =
                    of("deploy").and_then(|deploy| deploy.lookup("replicas")).or_else(|| of("scale"));
                Some(ComposeFacts {
                    name: placed(service.name)?,
                    dockerfile: service.build.and_then(|build| dockerfile(view.path(), build)),
                    is_declared: service.build.is_some() || service.image.is_some(),
                    says_health: of("healthcheck").is_some(),
                    serves: of("ports").is_some() || of("expose").is_some(),
                    replicas: replicas
                        .and_then(YamlNode::as_str)
                        .and_then(|text| text.parse().ok())
                        .unwrap_or(1),
                    variables: of("environment").map(variables).unwrap_or_default(),
                    given: given(service.node),
                    max_connections: of("command").and_then(max_connections),
                })
            })
            .collect(),
    }
}

/// The Dockerfile of `build: folder` or `build: {context, dockerfile}`.
fn dockerfile(compose: &RepoPath, build: YamlNode) -> Option<RepoPath> {
    let context = build.as_str().or_else(|| build.lookup("context")?.as_str()).unwrap_or(".");
    let name = build.lookup("dockerfile").map_or(Some("Dockerfile"), YamlNode::as_str)?;
    if context.contains(['$', ':']) || name.contains('$') {
        return None;
    }
    let folder = super::super::manifest::resolve(&compose.parent(), context)?;
    super::super::manifest::resolve(&folder, name)
}

/// The names of a service's variables, if it names them all.
fn given(service: YamlNode) -> Option<BTreeSet<String>> {
    let environment = service.get("environment")?;
    let is_open = ["env_file", "extends", "<<"].iter().any(|key| service.get(key).is_some())
        || environment.get("<<").is_some()
        || environment.is_alias();
    let keys = environment.members().filter_map(|(key, _)| key.as_str());
    let lines = environment.elements().filter_map(YamlNode::as_str);
    let names = keys.chain(lines.map(|line| line.split('=').next().unwrap_or(line)));
    (!is_open).then(|| names.map(str::to_owned).collect())
}

fn variables(environment: YamlNode) -> Vec<GivenVariable> {
    let is_literal = |value: &str| !value.is_empty() && !value.contains('$');
    let mut found = Vec::new();
    for (key, value) in environment.members() {
        if let (Some(name), Some(value)) =
            (key.as_str(), placed(value).filter(|value| is_literal(&value.text)))
        {
            found.push(GivenVariable { name: name.to_owned(), value });
        }
    }
    for element in environment.elements() {
        let Some(whole) = placed(element) else { continue };
        if let Some((name, value)) = whole.text.split_once('=').filter(|(_, value)| is_literal(value)) {
            let value = Placed { text: value.to_owned(), span: whole.span.clone() };
            found.push(GivenVariable { name: name.to_owned(), value });
        }
    }
    found
}

/// `max_connections=100` in a command.
pub(super) fn max_connections(command: YamlNode) -> Option<u64> {
    let own = command.as_str().into_iter();
    let texts = own.chain(command.elements().take(1_000).filter_map(YamlNode::as_str));
    let number = |text: &str| {
        let rest = text.split_once("max_connections=")?.1;
        rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
    };
    texts.into_iter().find_map(number)
}

/// The same for a pod's container.
pub(super) fn of_container(container: YamlNode) -> Vec<GivenVariable> {
    let list = container.lookup("env").into_iter().flat_map(YamlNode::elements);
    let variable = |node: YamlNode<'_, '_>| {
        Some(GivenVariable { name: placed_at(node, "name")?.text, value: placed_at(node, "value")? })
    };
    list.filter_map(variable).collect()
}
