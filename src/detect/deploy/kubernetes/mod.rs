//! Objects of Kubernetes, each by itself. What they say of each other is in [`super::cluster`].

mod api;
mod logs;
mod pods;
mod privileged;
mod secret;

pub(super) use api::removed_api;
pub(super) use logs::ephemeral_logs;
pub(super) use pods::{hardening, probes, resources, root};
pub(super) use privileged::host_access;
pub(super) use secret::literal_secret;

use memchr::memmem;

use crate::source::{FileView, KubernetesObject, KubernetesPod, PipelineKind, YamlNode, kubernetes_objects};

/// The objects of a file; of what is no manifest none.
pub(super) fn objects<'v>(view: &'v FileView<'_>) -> Vec<KubernetesObject<'v, 'v>> {
    let has = |what: &[u8]| memmem::find(view.bytes(), what).is_some();
    if PipelineKind::of(view.path()).is_some() || !has(b"apiVersion:") || !has(b"kind:") {
        return Vec::new();
    }
    let Ok(documents) = view.yaml() else { return Vec::new() };
    kubernetes_objects(documents)
}

/// A container and the pod it is in.
pub(super) struct Container<'v> {
    pub(super) object: KubernetesObject<'v, 'v>,
    pub(super) pod: KubernetesPod<'v, 'v>,
    pub(super) node: YamlNode<'v, 'v>,
    pub(super) name: &'v str,
}

impl<'v> Container<'v> {
    /// Where it is named, for a finding about what it lacks.
    pub(super) fn place(&self) -> std::ops::Range<usize> {
        let node = self.node.lookup("name").or_else(|| self.node.lookup("image")).unwrap_or(self.node);
        node.resolved().span()
    }

    /// A field of its security context, else of the pod's.
    pub(super) fn security(&self, field: &str) -> Option<&'v str> {
        let of = |node: YamlNode<'v, 'v>| node.lookup("securityContext")?.lookup(field)?.as_str();
        of(self.node).or_else(|| of(self.pod.spec))
    }
}

/// The containers of all pods, those that end before the others begin excepted.
pub(super) fn containers<'v>(view: &'v FileView<'_>) -> Vec<Container<'v>> {
    let mut found = Vec::new();
    for object in objects(view) {
        let Some(pod) = object.pod() else { continue };
        let list = pod.spec.get("containers").into_iter().flat_map(YamlNode::elements);
        for node in list.take(1_000).filter(|node| node.lookup("image").is_some()) {
            let name = node.lookup("name").and_then(YamlNode::as_str).unwrap_or("a container");
            found.push(Container { object, pod, node, name });
        }
    }
    found
}
