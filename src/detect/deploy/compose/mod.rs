//! Services of Compose (<https://docs.docker.com/reference/compose-file/services/>).

mod access;
mod exposed;
mod lasting;
mod mounts;
mod secret;

pub(super) use access::host_access;
pub(super) use exposed::exposed_database;
pub(super) use lasting::{limits, log_rotation, restart};
pub(super) use mounts::writable_secret_mount;
pub(super) use secret::literal_secret;

use crate::source::{ComposeService, FileView, PipelineKind, YamlNode, compose_services};

/// The services of a Compose file; of other files none.
pub(super) fn services<'v>(view: &'v FileView<'_>) -> Vec<ComposeService<'v, 'v>> {
    if PipelineKind::of(view.path()) != Some(PipelineKind::Compose) {
        return Vec::new();
    }
    let Ok(documents) = view.yaml() else { return Vec::new() };
    compose_services(documents)
}

/// Whether the file only changes services that another one declares: none of its services has an image or a build.
pub(super) fn is_override(services: &[ComposeService]) -> bool {
    !services.iter().any(|service| is_declared(service))
}

/// Whether the service is declared here, and not merely changed.
pub(super) fn is_declared(service: &ComposeService) -> bool {
    service.image.is_some() || service.build.is_some()
}

/// Whether it does one thing and ends: a migration, a seed, what only a profile starts.
pub(super) fn is_job(service: &ComposeService) -> bool {
    const WORDS: &[&str] = &[
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
    let has_word =
        |text: &str| text.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| WORDS.contains(&word));
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

/// The environment of a service: names, and values where there are any, both with their nodes.
pub(super) struct Variable<'v> {
    pub(super) name: &'v str,
    pub(super) value: Option<&'v str>,
    /// Where the value is written; of `- NAME=value` the whole element.
    pub(super) node: YamlNode<'v, 'v>,
    /// How many bytes of that node's text stand before the value.
    pub(super) before: usize,
}

/// The variables of a service, in the form of a list or of a mapping.
pub(super) fn environment<'v>(service: &ComposeService<'v, 'v>) -> Vec<Variable<'v>> {
    let Some(environment) = service.node.lookup("environment") else { return Vec::new() };
    let mut found = Vec::new();
    for (key, value) in environment.members() {
        if let Some(name) = key.as_str().filter(|name| *name != "<<") {
            found.push(Variable { name, value: value.as_str(), node: value, before: 0 });
        }
    }
    for element in environment.elements() {
        let Some(text) = element.as_str() else { continue };
        let (name, value) = text.split_once('=').map_or((text, None), |(name, value)| (name, Some(value)));
        found.push(Variable { name, value, node: element, before: name.len() + 1 });
    }
    found
}
