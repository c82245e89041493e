use std::collections::BTreeSet;

use super::super::{YamlDocuments, YamlNode};
use super::{each_member, texts};

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
    let mut seen = BTreeSet::new();
    for root in documents.roots() {
        each_member(root, |key, value| {
            match key {
                Some("repositories") => pipeline.repositories.extend(value.elements()),
                Some("script" | "bash") => pipeline.scripts.extend(texts(value, &mut seen)),
                Some("container") => pipeline.images.extend(value.get("image")),
                Some("containers") => {
                    pipeline.images.extend(value.elements().filter_map(|container| container.get("image")));
                }
                _ => return false,
            }
            true
        });
    }
    pipeline
}
