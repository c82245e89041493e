use super::services;
use crate::detect::deploy::check::{Standing, weighed};
use crate::detect::{Emit, Prepared, Raw};
use crate::model::Severity;
use crate::source::{FileView, YamlNode};

/// What gives a service the machine that it runs on.
pub(in crate::detect::deploy) fn host_access(rule: &Prepared, view: &FileView, emit: &mut Emit) {
    let standing = Standing::of(view);
    for service in services(view) {
        let name = service.name.as_str().unwrap_or_default();
        // Who watches or balances the machine's containers needs their socket, and says so by its name.
        let agent = is_agent(name) || service.image.and_then(YamlNode::as_str).is_some_and(is_agent);
        let mut say = |node: YamlNode, what: &str, most: Severity, fix: &str| {
            let most = if agent { Severity::Note } else { most };
            let Some(severity) = standing.fault(most.min(rule.rule.severity)) else { return };
            let raw = Raw::at(node.resolved().span()).message(format!("{name} {what}")).fix(fix);
            emit.raw(weighed(raw, severity));
        };
        let of = |key: &str| service.node.lookup(key);
        if let Some(node) = of("privileged").filter(|node| node.as_str() == Some("true")) {
            say(
                node,
                "is privileged: whoever breaks out of it has the machine",
                Severity::Error,
                "Delete the line, and add the single capability that it needs with cap_add.",
            );
        }
        for (key, what) in [
            ("pid", "sees and can end all processes of the machine"),
            ("ipc", "shares memory with all processes of the machine"),
        ] {
            if let Some(node) = of(key).filter(|node| node.as_str() == Some("host")) {
                say(node, what, Severity::Warning, "Delete the line.");
            }
        }
        if let Some(node) = of("network_mode").filter(|node| node.as_str() == Some("host")) {
            say(
                node,
                "shares the network of the machine: it reaches all that listens on localhost",
                Severity::Note,
                "Publish the ports that it needs with ports: instead.",
            );
        }
        for capability in of("cap_add").into_iter().flat_map(YamlNode::elements) {
            let Some(text) = capability.as_str() else { continue };
            if matches!(text.trim_start_matches("CAP_"), "ALL" | "SYS_ADMIN" | "SYS_MODULE") {
                let what = format!("has the capability {text}, which is nearly root on the machine");
                say(capability, &what, Severity::Warning, "Name the single capabilities that it needs.");
            }
        }
        for volume in of("volumes").into_iter().flat_map(YamlNode::elements) {
            let source = volume.as_str().or_else(|| volume.lookup("source").and_then(YamlNode::as_str));
            let node = volume.lookup("source").unwrap_or(volume);
            match source.map(|text| text.split(':').next().unwrap_or(text)) {
                Some("/var/run/docker.sock" | "/run/docker.sock" | "/run/containerd/containerd.sock") => say(
                    node,
                    "has the socket of the container runtime: with it it can start a container that owns the machine",
                    Severity::Warning,
                    "Give it a proxy that lets only single calls through, or do without.",
                ),
                Some("/" | "/etc" | "/root" | "/boot" | "/proc" | "/sys") => say(
                    node,
                    "mounts a folder of the system",
                    Severity::Warning,
                    "Mount the single file that it needs, with :ro.",
                ),
                _ => {}
            }
        }
    }
}

/// Programs whose work it is to look after the machine and its containers.
fn is_agent(name: &str) -> bool {
    const AGENTS: &[&str] = &[
        "traefik",
        "portainer",
        "watchtower",
        "cadvisor",
        "node-exporter",
        "node_exporter",
        "promtail",
        "datadog",
        "telegraf",
        "fluent",
        "filebeat",
        "metricbeat",
        "netdata",
        "dozzle",
        "autoheal",
        "dind",
        "runner",
        "agent",
        "docker-proxy",
        "socket-proxy",
        "nginx-proxy",
        "letsencrypt",
        "vector",
        "otel",
        "alloy",
        "falco",
        "localstack",
        "diun",
        "ofelia",
        "buildkit",
        "jenkins",
        "drone",
        "docker-gen",
        "logspout",
        "beszel",
        "swag",
        "glances",
    ];
    AGENTS.iter().any(|agent| name.contains(agent))
}
