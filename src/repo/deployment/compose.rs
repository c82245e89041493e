use std::collections::BTreeSet;

use super::text::{own_path, placed, placed_at};
use super::{Deployment, GivenVariable, Placed, is_rehearsal};
use crate::model::RepoPath;
use crate::source::{ComposeService, FileView, Stage, YamlDocuments, YamlNode, compose_services};

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
#[expect(clippy::struct_excessive_bools, reason = "each is said by a line of its own in the manifest")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComposeFacts {
    /// Its name.
    pub name: Placed,
    /// The Dockerfile that its image is built from.
    pub dockerfile: Option<RepoPath>,
    /// The image that it runs, or the name of the one that is built.
    pub image: Option<String>,
    /// The paths that its health check asks for.
    pub probes: Vec<Placed>,
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
    /// The names of all variables that it is given.
    pub given: BTreeSet<String>,
    /// Whether a file gives it more.
    pub takes_more: bool,
    /// How many connections it takes, where its command says that of a database.
    pub max_connections: Option<u64>,
    /// Whether it does one thing and ends: a migration, a seed, what only a profile starts.
    pub ends: bool,
    /// Whether it is started again; `None` if nothing is said.
    pub restarts: Option<bool>,
    /// Whether its log is cut, or kept by somebody else.
    pub bounds_log: bool,
    /// Whether its memory is limited.
    pub bounds_memory: bool,
    /// Where a line can be put in as its first, and what stands before the lines there.
    pub first_line: Option<(usize, String)>,
    /// The service that it takes what it does not say itself from.
    pub extends: Option<ExtendedService>,
}

/// What `extends` names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExtendedService {
    /// Its file; `None` if nobody can say which.
    pub path: Option<RepoPath>,
    /// Its name.
    pub name: String,
}

/// No service is put together of more.
const LAYERS_MAX: usize = 16;

impl Deployment {
    /// What a service is put together of, first what wins: what its file says, what it extends, and what the file says
    /// that all others are laid over. `None` if a part of it is not known.
    pub fn layers<'d>(
        &'d self,
        file: &'d ComposeFile,
        service: &'d ComposeFacts,
    ) -> Option<Vec<&'d ComposeFacts>> {
        let mut found = Vec::new();
        let mut next = Some(service);
        while let Some(service) = next {
            if found.len() == LAYERS_MAX {
                return None;
            }
            found.push(service);
            next = match &service.extends {
                None => None,
                Some(extended) => {
                    let path = extended.path.as_ref()?;
                    let file = self.compose.iter().find(|other| other.path == *path)?;
                    Some(file.services.iter().find(|other| other.name.text == extended.name)?)
                }
            };
        }
        if !is_base(&file.path) {
            let below =
                |other: &&ComposeFile| is_base(&other.path) && other.path.parent() == file.path.parent();
            for base in self.compose.iter().filter(below) {
                if let Some(same) = base.services.iter().find(|other| other.name.text == service.name.text) {
                    found.extend(self.layers(base, same)?);
                }
            }
        }
        Some(found)
    }
}

/// Whether Compose reads a file of this name by itself, and others are laid over it.
fn is_base(path: &RepoPath) -> bool {
    matches!(path.name(), b"compose.yaml" | b"compose.yml" | b"docker-compose.yaml" | b"docker-compose.yml")
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
                    image: service.image.and_then(YamlNode::as_str).map(str::to_owned),
                    probes: of("healthcheck").map(probes).unwrap_or_default(),
                    is_declared: service.build.is_some() || service.image.is_some(),
                    says_health: of("healthcheck").is_some(),
                    serves: of("ports").is_some() || of("expose").is_some(),
                    replicas: replicas
                        .and_then(YamlNode::as_str)
                        .and_then(|text| text.parse().ok())
                        .unwrap_or(1),
                    variables: of("environment").map(variables).unwrap_or_default(),
                    given: of("environment").map(given).unwrap_or_default(),
                    takes_more: of("env_file").is_some(),
                    max_connections: of("command").and_then(max_connections),
                    ends: ends(service),
                    restarts: restarts(service.node),
                    bounds_log: of("logging").is_some_and(bounds_log),
                    bounds_memory: of("mem_limit").is_some()
                        || below(of("deploy"), &["resources", "limits", "memory"]).is_some(),
                    first_line: first_line(view.bytes(), service.node),
                    extends: of("extends").and_then(|node| extended(view.path(), node)),
                })
            })
            .collect(),
    }
}

fn below<'v>(node: Option<YamlNode<'v, 'v>>, keys: &[&str]) -> Option<YamlNode<'v, 'v>> {
    keys.iter().try_fold(node?, |node, key| node.lookup(key))
}

fn restarts(node: YamlNode) -> Option<bool> {
    if below(node.lookup("deploy"), &["restart_policy"]).is_some() {
        return Some(true);
    }
    Some(!matches!(node.lookup("restart")?.as_str()?, "no" | "false"))
}

/// Whether a log does not grow for ever: the other drivers send it away, or bound it by themselves.
fn bounds_log(logging: YamlNode) -> bool {
    let driver = logging.lookup("driver").and_then(YamlNode::as_str).unwrap_or("json-file");
    driver != "json-file" || below(Some(logging), &["options", "max-size"]).is_some()
}

/// `extends: name` and `extends: {file, service}`.
fn extended(compose: &RepoPath, node: YamlNode) -> Option<ExtendedService> {
    let name = node.as_str().or_else(|| node.lookup("service")?.as_str())?.to_owned();
    let path = match node.lookup("file") {
        None => Some(compose.clone()),
        Some(file) => file.as_str().and_then(|file| super::super::manifest::resolve(&compose.parent(), file)),
    };
    Some(ExtendedService { path, name })
}

/// Where the first line of what a service says stands. In braces, or through an alias, there are no lines.
fn first_line(bytes: &[u8], node: YamlNode) -> Option<(usize, String)> {
    let at = node.members().next()?.0.span().start;
    let line_start = memchr::memrchr(b'\n', &bytes[..at]).map_or(0, |newline| newline + 1);
    let indent = bytes.get(line_start..at)?;
    let is_block = !node.is_alias() && !indent.is_empty() && indent.iter().all(|b| *b == b' ');
    Some((at, std::str::from_utf8(indent).ok()?.to_owned())).filter(|_| is_block)
}

/// Words in the name or the command of what does one thing and ends.
const ENDING: &[&str] = &[
    "migrate",
    "migration",
    "migrations",
    "init",
    "setup",
    "seed",
    "job",
    "test",
    "tests",
    "cli",
    "backup",
    "create",
    "bootstrap",
    "provision",
    "lint",
    "build",
    "builder",
    "tool",
    "tools",
    "shell",
    "console",
    "certbot",
];

fn ends(service: &ComposeService) -> bool {
    let has_word =
        |text: &str| text.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| ENDING.contains(&word));
    let text = |node: YamlNode<'_, '_>| {
        let own = node.as_str().map(str::to_owned);
        own.unwrap_or_else(|| {
            node.elements().take(20).filter_map(YamlNode::as_str).collect::<Vec<_>>().join(" ")
        })
    };
    service.name.as_str().is_some_and(has_word)
        || service.node.lookup("profiles").is_some()
        || service.node.lookup("command").is_some_and(|command| has_word(&text(command)))
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

/// The paths that the command of a health check asks its own machine for.
fn probes(check: YamlNode) -> Vec<Placed> {
    let Some(test) = check.lookup("test") else { return Vec::new() };
    let own = test.as_str().map(|_| test);
    let texts = own.into_iter().chain(test.elements().take(100)).filter_map(placed);
    texts.filter_map(|text| Some(Placed { text: own_path(&text.text)?, span: text.span })).collect()
}

fn given(environment: YamlNode) -> BTreeSet<String> {
    let keys = environment.members().filter_map(|(key, _)| key.as_str());
    let lines = environment.elements().filter_map(YamlNode::as_str);
    let names = keys.chain(lines.map(|line| line.split('=').next().unwrap_or(line)));
    names.map(str::to_owned).collect()
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
