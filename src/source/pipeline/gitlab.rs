use std::collections::BTreeSet;

use super::super::{YamlDocuments, YamlNode};
use super::texts;

/// A pipeline of GitLab's (<https://docs.gitlab.com/ci/yaml/>).
#[derive(Debug, Clone, Default)]
pub struct GitlabPipeline<'d, 'a> {
    /// What it takes from elsewhere.
    pub includes: Vec<GitlabInclude<'d, 'a>>,
    /// The images that jobs run in.
    pub images: Vec<YamlNode<'d, 'a>>,
    /// The images that run beside them.
    pub services: Vec<YamlNode<'d, 'a>>,
    /// The lines of all scripts.
    pub scripts: Vec<YamlNode<'d, 'a>>,
}

/// An entry of `include`.
#[derive(Debug, Clone, Copy)]
pub enum GitlabInclude<'d, 'a> {
    /// A file at an address.
    Remote {
        /// The address.
        url: YamlNode<'d, 'a>,
        /// The hash it must have.
        integrity: Option<YamlNode<'d, 'a>>,
    },
    /// A file of another project.
    Project {
        /// The project.
        project: YamlNode<'d, 'a>,
        /// The commit, tag or branch.
        reference: Option<YamlNode<'d, 'a>>,
    },
    /// A component: `host/project/name@version`.
    Component(YamlNode<'d, 'a>),
}

/// Reads a pipeline.
pub fn gitlab_pipeline<'d, 'a>(documents: &'d YamlDocuments<'a>) -> GitlabPipeline<'d, 'a> {
    let mut pipeline = GitlabPipeline::default();
    let mut seen = BTreeSet::new();
    for root in documents.roots() {
        if let Some(includes) = root.get("include") {
            let single = (includes.elements().len() == 0).then_some(includes);
            pipeline.includes.extend(includes.elements().chain(single).filter_map(include));
        }
        job(root, &mut pipeline, &mut seen);
        for (key, node) in root.members() {
            if key.as_str() != Some("include") {
                job(node, &mut pipeline, &mut seen);
            }
        }
    }
    pipeline
}

fn include<'d, 'a>(node: YamlNode<'d, 'a>) -> Option<GitlabInclude<'d, 'a>> {
    if let Some(text) = node.as_str() {
        return text.starts_with("http").then_some(GitlabInclude::Remote { url: node, integrity: None });
    }
    if let Some(url) = node.get("remote") {
        return Some(GitlabInclude::Remote { url, integrity: node.get("integrity") });
    }
    if let Some(project) = node.get("project") {
        return Some(GitlabInclude::Project { project, reference: node.get("ref") });
    }
    node.get("component").map(GitlabInclude::Component)
}

fn job<'d, 'a>(node: YamlNode<'d, 'a>, pipeline: &mut GitlabPipeline<'d, 'a>, seen: &mut BTreeSet<u32>) {
    let image = |node: YamlNode<'d, 'a>| node.get("name").unwrap_or(node);
    pipeline.images.extend(node.get("image").map(image).filter(|image| image.as_str().is_some()));
    let services = node.get("services").filter(|services| seen.insert(services.identity()));
    let services = services.into_iter().flat_map(YamlNode::elements);
    pipeline.services.extend(services.map(image).filter(|image| image.as_str().is_some()));
    for key in ["before_script", "script", "after_script"] {
        pipeline.scripts.extend(node.get(key).into_iter().flat_map(|node| texts(node, seen)));
    }
}
