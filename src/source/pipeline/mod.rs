//! What stands in the YAML of containers and pipelines: services of Compose, objects of Kubernetes, jobs and
//! steps of GitHub, GitLab and Azure, hooks of pre-commit. Each is a few nodes of the document, which know
//! their bytes.

mod azure;
mod compose;
mod github;
mod gitlab;
mod kubernetes;
mod pre_commit;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::ops::Range;

pub use azure::{AzurePipeline, azure_pipeline};
pub use compose::{ComposeService, compose_image, compose_services};
pub use github::{GithubJob, GithubStep, GithubUse, GithubWorkflow, github_workflow};
pub use gitlab::{GitlabInclude, GitlabPipeline, gitlab_pipeline};
pub use kubernetes::{KubernetesContainer, KubernetesObject, KubernetesPod, kubernetes_objects};
pub use pre_commit::{PreCommitRepo, pre_commit_repos};

use super::{ShellCommand, ShellDialect, YamlNode, shell_commands};
use crate::model::RepoPath;

/// What kind of file this is, by its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PipelineKind {
    /// A workflow of GitHub's, or an action in the repository.
    Github,
    /// A pipeline of GitLab's.
    Gitlab,
    /// A pipeline of Azure's.
    Azure,
    /// The hooks of pre-commit.
    PreCommit,
    /// Services of Compose.
    Compose,
}

impl PipelineKind {
    /// What the path tells; `None` for all other files.
    pub fn of(path: &RepoPath) -> Option<Self> {
        let name = path.name();
        let stem = name.strip_suffix(b".yml").or_else(|| name.strip_suffix(b".yaml"))?;
        let parent = path.parent();
        let parts: Vec<&[u8]> = parent.parts().collect();
        let has = |what: &[u8]| memchr::memmem::find(stem, what).is_some();
        Some(match stem {
            b"action" => Self::Github,
            _ if parts.ends_with(&[b".github", b"workflows"]) => Self::Github,
            b".gitlab-ci" => Self::Gitlab,
            _ if stem.ends_with(b".gitlab-ci") || parts.contains(&&b".gitlab"[..]) => Self::Gitlab,
            b".pre-commit-config" => Self::PreCommit,
            _ if has(b"azure-pipeline") || parts.iter().any(|p| p.starts_with(b"azure-pipelines")) => {
                Self::Azure
            }
            _ if parts.contains(&&b".azure-pipelines"[..]) || parts.contains(&&b".pipelines"[..]) => {
                Self::Azure
            }
            _ if has(b"docker-compose") || stem == b"compose" || stem.starts_with(b"compose.") => {
                Self::Compose
            }
            _ if stem.starts_with(b"compose-") || stem.ends_with(b".compose") => Self::Compose,
            _ => return None,
        })
    }
}

/// The commands of a text that a shell is given, with their bytes in the file. `bytes` are the file's.
pub fn yaml_commands(node: YamlNode, bytes: &[u8]) -> Vec<ShellCommand> {
    let Some(text) = node.as_str() else { return Vec::new() };
    let node = node.resolved();
    let positions = node.positions(bytes);
    let mut commands = shell_commands(text.as_bytes(), 0..text.len(), ShellDialect::Script);
    let place = |span: &mut Range<usize>| *span = positions.source(span.clone());
    for command in &mut commands {
        place(&mut command.span);
        command.assignments.iter_mut().chain(&mut command.words).for_each(|word| place(&mut word.span));
    }
    commands
}

/// Shows every entry of every mapping below a node, those of one that is taken excepted, each once. What aliases point at
/// stands elsewhere.
fn each_member<'d, 'a>(
    root: YamlNode<'d, 'a>,
    mut takes: impl FnMut(Option<&str>, YamlNode<'d, 'a>) -> bool,
) {
    let mut left = vec![root];
    while let Some(node) = left.pop() {
        if node.is_alias() {
            continue;
        }
        // What an alias stands for is looked at where it stands; else aliases would multiply it.
        for (key, value) in node.members().filter(|(_, value)| !value.is_alias() || value.as_str().is_some())
        {
            if !takes(key.as_str(), value) {
                left.push(value);
            }
        }
        left.extend(node.elements().rev());
    }
}

/// The texts of a node: itself, or those of its lists, however they nest. `seen` are the nodes that were looked at
/// before, which aliases lead back to.
fn texts<'d, 'a>(node: YamlNode<'d, 'a>, seen: &mut BTreeSet<u32>) -> Vec<YamlNode<'d, 'a>> {
    let mut found = Vec::new();
    let mut left = vec![node];
    while let Some(node) = left.pop() {
        if !seen.insert(node.identity()) {
            continue;
        }
        if node.as_str().is_some() {
            found.push(node);
        } else {
            left.extend(node.elements().rev());
        }
    }
    found
}
