//! Services of Compose (<https://docs.docker.com/reference/compose-file/services/>).

mod access;
mod exposed;
mod lasting;
mod mounts;

pub(super) use access::host_access;
pub(super) use exposed::exposed_database;
pub(super) use lasting::{limits, log_rotation, restart};
pub(super) use mounts::writable_secret_mount;

use crate::source::{ComposeService, FileView, PipelineKind, YamlNode, compose_services};

/// The services of a Compose file; of other files none.
pub(super) fn services<'v>(view: &'v FileView<'_>) -> Vec<ComposeService<'v, 'v>> {
    if PipelineKind::of(view.path()) != Some(PipelineKind::Compose) {
        return Vec::new();
    }
    let Ok(documents) = view.yaml() else { return Vec::new() };
    compose_services(documents)
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
