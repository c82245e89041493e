use super::containers;
use crate::detect::deploy::check::{Standing, weighed};
use crate::detect::{Emit, Prepared, Raw};
use crate::source::{FileView, YamlNode};

/// Logs that go with the pod: their folder is an `emptyDir`, and nothing in the pod ships them.
pub(in crate::detect::deploy) fn ephemeral_logs(rule: &Prepared, view: &FileView, emit: &mut Emit) {
    if Standing::of(view) == Standing::Rehearsal {
        return;
    }
    let all = containers(view);
    for container in &all {
        let pod = container.pod.spec;
        // A second container that has the folder reads it.
        let beside = all.iter().filter(|other| other.pod.spec == pod);
        let mounts = |volume: &str| {
            let of = |c: &super::Container| {
                let mounts = c.node.lookup("volumeMounts").into_iter().flat_map(YamlNode::elements);
                mounts.filter(|m| m.lookup("name").and_then(YamlNode::as_str) == Some(volume)).count()
            };
            beside.clone().filter(|c| of(c) > 0).count()
        };
        for mount in container.node.lookup("volumeMounts").into_iter().flat_map(YamlNode::elements) {
            let text = |key| mount.lookup(key).and_then(YamlNode::as_str);
            let (Some(name), Some(path)) = (text("name"), text("mountPath")) else { continue };
            let is_log = path.split('/').any(|part| matches!(part, "log" | "logs"));
            let volumes = pod.lookup("volumes").into_iter().flat_map(YamlNode::elements);
            let is_lost = volumes
                .filter(|volume| volume.lookup("name").and_then(YamlNode::as_str) == Some(name))
                .any(|volume| volume.lookup("emptyDir").is_some());
            if !is_log || !is_lost || mounts(name) > 1 {
                continue;
            }
            let node = mount.lookup("mountPath").unwrap_or(mount);
            let raw = Raw::at(node.resolved().span())
                .message(format!("the logs that {} writes to {path} are gone with the pod", container.name));
            emit.raw(weighed(raw, rule.rule.severity));
        }
    }
}
