use super::super::{YamlDocuments, YamlNode};
use super::NODES_MAX;

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

/// The objects of a file; those of a `List` stand for themselves.
pub fn kubernetes_objects<'d, 'a>(documents: &'d YamlDocuments<'a>) -> Vec<KubernetesObject<'d, 'a>> {
    let mut found = Vec::new();
    for root in documents.roots() {
        let items = root.get("items").filter(|_| root.get("kind").and_then(YamlNode::as_str) == Some("List"));
        match items {
            Some(items) => found.extend(items.elements().take(NODES_MAX).filter_map(object)),
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
    /// Every container below it, wherever its kind keeps its pods.
    pub fn containers(&self) -> Vec<KubernetesContainer<'d, 'a>> {
        let mut found = Vec::new();
        let mut left = vec![self.node];
        let mut seen = 0;
        while let Some(node) = left.pop() {
            seen += 1;
            if seen > NODES_MAX {
                break;
            }
            if node.is_alias() {
                continue;
            }
            for (key, value) in node.members() {
                let is_init = key.as_str() == Some("initContainers");
                if is_init || matches!(key.as_str(), Some("containers" | "ephemeralContainers")) {
                    found.extend(value.elements().take(NODES_MAX).map(|node| KubernetesContainer {
                        node,
                        image: node.lookup("image").filter(|image| image.as_str().is_some()),
                        is_init,
                    }));
                } else {
                    left.push(value);
                }
            }
            left.extend(node.elements().take(NODES_MAX));
        }
        found.sort_by_key(|container| container.node.span().start);
        found
    }
}
