use super::super::{YamlDocuments, YamlNode};
use super::each_member;

/// An object of Kubernetes (<https://kubernetes.io/docs/concepts/overview/working-with-objects/>).
#[derive(Debug, Clone, Copy)]
pub struct KubernetesObject<'d, 'a> {
    /// What it is: `Deployment`.
    pub kind: &'d str,
    /// Its `metadata.name`.
    pub name: Option<YamlNode<'d, 'a>>,
    /// All of it.
    pub node: YamlNode<'d, 'a>,
}

/// A container of a pod.
#[derive(Debug, Clone, Copy)]
pub struct KubernetesContainer<'d, 'a> {
    /// What it says.
    pub node: YamlNode<'d, 'a>,
    /// Its image.
    pub image: Option<YamlNode<'d, 'a>>,
    /// Whether it ends before the others begin.
    pub is_init: bool,
}

/// The pod that an object runs, or copies of it.
#[derive(Debug, Clone, Copy)]
pub struct KubernetesPod<'d, 'a> {
    /// Its `spec`.
    pub spec: YamlNode<'d, 'a>,
    /// Its `metadata`, where it has one.
    pub metadata: Option<YamlNode<'d, 'a>>,
}

/// The objects of a file; those of a `List` stand for themselves.
pub fn kubernetes_objects<'d, 'a>(documents: &'d YamlDocuments<'a>) -> Vec<KubernetesObject<'d, 'a>> {
    let mut found = Vec::new();
    for root in documents.roots() {
        let items = root.get("items").filter(|_| root.get("kind").and_then(YamlNode::as_str) == Some("List"));
        match items {
            Some(items) => found.extend(items.elements().filter_map(object)),
            None => found.extend(object(root)),
        }
    }
    found
}

fn object<'d, 'a>(node: YamlNode<'d, 'a>) -> Option<KubernetesObject<'d, 'a>> {
    node.get("apiVersion")?.as_str()?;
    let kind = node.get("kind")?.as_str()?;
    let name = node.get("metadata").and_then(|metadata| metadata.get("name"));
    Some(KubernetesObject { kind, name, node })
}

impl<'d, 'a> KubernetesObject<'d, 'a> {
    /// The pod that it runs; `None` for objects that run none, and for patches that name no image.
    pub fn pod(&self) -> Option<KubernetesPod<'d, 'a>> {
        let template = match self.kind {
            "Pod" => self.node,
            "CronJob" => self.node.get("spec")?.get("jobTemplate")?.get("spec")?.get("template")?,
            "Deployment"
            | "StatefulSet"
            | "DaemonSet"
            | "ReplicaSet"
            | "ReplicationController"
            | "Job"
            | "Rollout" => self.node.get("spec")?.get("template")?,
            _ => return None,
        };
        let spec = template.get("spec")?;
        let has_image = |container: YamlNode| container.lookup("image").is_some();
        let is_whole = spec.get("containers").is_some_and(|list| list.elements().any(has_image));
        is_whole.then_some(KubernetesPod { spec, metadata: template.get("metadata") })
    }

    /// Whether it runs until somebody ends it.
    pub fn is_lasting(&self) -> bool {
        matches!(self.kind, "Deployment" | "StatefulSet" | "DaemonSet" | "Rollout" | "ReplicationController")
    }

    /// Every container below it, wherever its kind keeps its pods.
    pub fn containers(&self) -> Vec<KubernetesContainer<'d, 'a>> {
        let mut found = Vec::new();
        each_member(self.node, |key, value| {
            let is_init = key == Some("initContainers");
            let takes = is_init || matches!(key, Some("containers" | "ephemeralContainers"));
            if takes {
                found.extend(value.elements().map(|node| KubernetesContainer {
                    node,
                    image: node.lookup("image").filter(|image| image.as_str().is_some()),
                    is_init,
                }));
            }
            takes
        });
        found.sort_by_key(|container| container.node.span().start);
        found
    }
}
