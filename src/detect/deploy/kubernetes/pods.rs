use super::{Container, containers};
use crate::detect::deploy::check::{Standing, weighed};
use crate::detect::{Emit, Prepared, Raw};
use crate::model::Severity;
use crate::source::{FileView, YamlNode};

/// Containers that serve something and are asked neither whether they are ready nor whether they live; and those that
/// are asked the same for both.
pub(in crate::detect::deploy) fn probes(rule: &Prepared, view: &FileView, emit: &mut Emit) {
    let Some(severity) = Standing::of(view).lack(rule.rule.severity) else { return };
    for container in containers(view).iter().filter(|c| c.object.is_lasting()) {
        let of = |probe: &str| container.node.lookup(probe);
        let serves = of("ports").is_some_and(|ports| ports.elements().len() > 0);
        let (live, ready) = (of("livenessProbe"), of("readinessProbe"));
        let what = match (live, ready) {
            (None, None) if serves => "neither a readiness nor a liveness probe",
            (Some(_), None) if serves => "no readiness probe",
            (None, Some(_)) => "no liveness probe",
            (Some(live), Some(ready)) => {
                same(container, live, ready, emit);
                continue;
            }
            _ => continue,
        };
        // Who starts anew what hangs is a choice; that nobody is sent to what is not ready is none.
        let severity = if ready.is_some() { Severity::Note } else { severity };
        let raw = Raw::at(container.place()).message(format!("{} has {what}", container.name));
        emit.raw(weighed(raw, severity));
    }
}

/// Both probes ask for the same path: when what that needs is away, all pods are started anew.
fn same(container: &Container, live: YamlNode, ready: YamlNode, emit: &mut Emit) {
    let path = |probe: YamlNode<'_, '_>| {
        let get = probe.lookup("httpGet")?;
        let text = |key| get.lookup(key).and_then(YamlNode::as_str).unwrap_or_default().to_owned();
        Some((text("path"), text("port")))
    };
    let (Some(asked), true) = (path(live), path(live) == path(ready)) else { return };
    // A path that is named after living says that it asks for nothing else.
    if ["live", "ping", "alive", "healthz"].iter().any(|word| asked.0.contains(word)) {
        return;
    }
    let node = live.lookup("httpGet").and_then(|get| get.lookup("path")).unwrap_or(live);
    let raw = Raw::at(node.resolved().span())
        .message(format!(
            "both probes of {} ask for {}: if that looks at a database, an outage of it restarts every pod",
            container.name, asked.0
        ))
        .fix("Give the liveness probe a path that asks for nothing but whether the process answers.");
    emit.raw(weighed(raw, Severity::Note));
}

/// Containers that say not what they need, or may take all memory of the node.
pub(in crate::detect::deploy) fn resources(rule: &Prepared, view: &FileView, emit: &mut Emit) {
    let Some(severity) = Standing::of(view).lack(rule.rule.severity) else { return };
    for container in containers(view) {
        let resources = container.node.lookup("resources");
        let has = |kind: &str, what: &str| {
            resources.and_then(|r| r.lookup(kind)).and_then(|node| node.lookup(what)).is_some()
        };
        // A limit is a request too, where there is none.
        let missing: Vec<&str> = [
            ("a memory limit", has("limits", "memory")),
            ("a memory request", has("requests", "memory") || has("limits", "memory")),
            ("a CPU request", has("requests", "cpu") || has("limits", "cpu")),
        ]
        .into_iter()
        .filter_map(|(what, has)| (!has).then_some(what))
        .collect();
        let (Some(last), first) = (missing.last(), &missing[..missing.len().saturating_sub(1)]) else {
            continue;
        };
        let list =
            if first.is_empty() { (*last).to_owned() } else { format!("{} and {last}", first.join(", ")) };
        let raw = Raw::at(container.place()).message(format!("{} lacks {list}", container.name));
        emit.raw(weighed(raw, severity));
    }
}

/// Pods whose programs may run as root.
pub(in crate::detect::deploy) fn root(rule: &Prepared, view: &FileView, emit: &mut Emit) {
    let standing = Standing::of(view);
    for container in containers(view) {
        let user = container.security("runAsUser");
        let is_said = user == Some("0") && container.security("runAsNonRoot") != Some("true");
        if user.is_some_and(|user| user != "0") || container.security("runAsNonRoot") == Some("true") {
            continue;
        }
        // Who looks after a node mostly has to.
        let is_agent = container.object.kind == "DaemonSet" || is_privileged(&container);
        let severity =
            if is_said { standing.fault(rule.rule.severity) } else { standing.lack(rule.rule.severity) };
        let Some(severity) = severity.map(|s| if is_agent { Severity::Note } else { s }) else { continue };
        let what = if is_said { "runs as root: runAsUser is 0" } else { "runs as root if its image does" };
        let place = is_said
            .then(|| {
                container
                    .node
                    .lookup("securityContext")
                    .or_else(|| container.pod.spec.lookup("securityContext"))
            })
            .flatten()
            .and_then(|context| context.lookup("runAsUser"))
            .map_or_else(|| container.place(), |node| node.resolved().span());
        let raw = Raw::at(place).message(format!("{} {what}", container.name));
        emit.raw(weighed(raw, severity));
    }
}

fn is_privileged(container: &Container) -> bool {
    container.security("privileged") == Some("true")
        || ["hostNetwork", "hostPID"].iter().any(|field| container.pod.spec.lookup(field).is_some())
}

/// What else a pod can give up; one note for each.
pub(in crate::detect::deploy) fn hardening(rule: &Prepared, view: &FileView, emit: &mut Emit) {
    if Standing::of(view) == Standing::Rehearsal {
        return;
    }
    for container in containers(view) {
        if is_privileged(&container) {
            continue;
        }
        let context = container.node.lookup("securityContext");
        let own = |field: &str| context.and_then(|c| c.lookup(field));
        let drops_all = own("capabilities")
            .and_then(|capabilities| capabilities.lookup("drop"))
            .is_some_and(|drop| drop.elements().any(|c| matches!(c.as_str(), Some("ALL" | "all"))));
        let seccomp = own("seccompProfile")
            .or_else(|| container.pod.spec.lookup("securityContext")?.lookup("seccompProfile"));
        let missing: Vec<&str> = [
            ("allowPrivilegeEscalation: false", own("allowPrivilegeEscalation").is_some()),
            ("readOnlyRootFilesystem: true", own("readOnlyRootFilesystem").is_some()),
            ("capabilities: {drop: [ALL]}", drops_all),
            ("seccompProfile: {type: RuntimeDefault}", seccomp.is_some()),
        ]
        .into_iter()
        .filter_map(|(what, has)| (!has).then_some(what))
        .collect();
        if missing.is_empty() {
            continue;
        }
        let raw = Raw::at(container.place())
            .message(format!("{} could do with less", container.name))
            .fix(format!("Write below its securityContext: {}.", missing.join(", ")));
        emit.raw(weighed(raw, rule.rule.severity));
    }
}
