use super::objects;
use crate::detect::deploy::check::{Standing, weighed};
use crate::detect::{Emit, Prepared, Raw};
use crate::model::Severity;
use crate::source::{FileView, YamlNode};

/// What gives a pod the node that it runs on. Agents, which a `DaemonSet` puts on every node, have to have it: of them it
/// is a note.
pub(in crate::detect::deploy) fn host_access(rule: &Prepared, view: &FileView, emit: &mut Emit) {
    let standing = Standing::of(view);
    for object in objects(view) {
        let Some(pod) = object.pod() else { continue };
        let namespace =
            object.node.get("metadata").and_then(|m| m.get("namespace")).and_then(YamlNode::as_str);
        let agent = object.kind == "DaemonSet" || namespace.is_some_and(|n| n.starts_with("kube-"));
        let name = object.name.and_then(YamlNode::as_str).unwrap_or(object.kind);
        let mut say = |node: YamlNode, what: &str, most: Severity, fix: &str| {
            let most = if agent { Severity::Note } else { most.min(rule.rule.severity) };
            let Some(severity) = standing.fault(most) else { return };
            let raw = Raw::at(node.resolved().span()).message(format!("{name} {what}")).fix(fix);
            emit.raw(weighed(raw, severity));
        };
        for container in object.containers() {
            let Some(context) = container.node.lookup("securityContext") else { continue };
            if let Some(node) = context.lookup("privileged").filter(|node| node.as_str() == Some("true")) {
                say(
                    node,
                    "has a privileged container: whoever breaks out of it has the node",
                    Severity::Error,
                    "Delete the line, and add the single capability that it needs.",
                );
            }
            let added = context.lookup("capabilities").and_then(|c| c.lookup("add"));
            for capability in added.into_iter().flat_map(YamlNode::elements) {
                if let Some(text @ ("ALL" | "SYS_ADMIN" | "CAP_SYS_ADMIN" | "SYS_MODULE")) =
                    capability.as_str()
                {
                    let what = format!("has the capability {text}, which is nearly root on the node");
                    say(capability, &what, Severity::Warning, "Name the single capabilities that it needs.");
                }
            }
        }
        for (field, what) in [
            ("hostNetwork", "shares the network of the node, past every network policy"),
            ("hostPID", "sees all processes of the node"),
            ("hostIPC", "shares memory with all processes of the node"),
        ] {
            if let Some(node) = pod.spec.lookup(field).filter(|node| node.as_str() == Some("true")) {
                say(node, what, Severity::Warning, "Delete the line.");
            }
        }
        for volume in pod.spec.lookup("volumes").into_iter().flat_map(YamlNode::elements) {
            let Some(path) = volume.lookup("hostPath").and_then(|host| host.lookup("path")) else { continue };
            match path.as_str() {
                Some("/var/run/docker.sock" | "/run/docker.sock" | "/run/containerd/containerd.sock") => say(
                    path,
                    "has the socket of the container runtime: with it it can start a container that owns the node",
                    Severity::Error,
                    "Do without: build images with a tool that needs no daemon.",
                ),
                Some("/" | "/etc" | "/root" | "/var/lib/kubelet") => {
                    say(
                        path,
                        "mounts a folder of the node's system",
                        Severity::Warning,
                        "Mount no folder of the node.",
                    );
                }
                _ => {}
            }
        }
    }
}
