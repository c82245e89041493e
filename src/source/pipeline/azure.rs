use super::super::{YamlDocuments, YamlNode};
use super::{NODES_MAX, texts};

/// A pipeline of Azure's (<https://learn.microsoft.com/azure/devops/pipelines/yaml-schema/>).
#[derive(Debug, Clone, Default)]
pub struct AzurePipeline<'d, 'a> {
    /// The repositories it takes templates from.
    pub repositories: Vec<YamlNode<'d, 'a>>,
    /// The images that jobs run in.
    pub images: Vec<YamlNode<'d, 'a>>,
    /// The commands of all steps.
    pub scripts: Vec<YamlNode<'d, 'a>>,
}

/// Reads a pipeline.
pub fn azure_pipeline<'d, 'a>(documents: &'d YamlDocuments<'a>) -> AzurePipeline<'d, 'a> {
    let mut pipeline = AzurePipeline::default();
    for root in documents.roots() {
        let mut left = vec![root];
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
                match key.as_str() {
                    Some("repositories") => pipeline.repositories.extend(value.elements().take(NODES_MAX)),
                    Some("script" | "bash") => pipeline.scripts.extend(texts(value)),
                    Some("container") => pipeline.images.extend(value.get("image")),
                    Some("containers") => {
                        pipeline
                            .images
                            .extend(value.elements().filter_map(|container| container.get("image")));
                    }
                    _ => left.push(value),
                }
            }
            left.extend(node.elements().rev().take(NODES_MAX));
        }
    }
    pipeline
}
