use super::super::{YamlDocuments, YamlNode};

/// A repository of hooks (<https://pre-commit.com/#pre-commit-configyaml---repos>).
#[derive(Debug, Clone, Copy)]
pub struct PreCommitRepo<'d, 'a> {
    /// Its address, `local` or `meta`.
    pub repo: YamlNode<'d, 'a>,
    /// The commit, tag or branch.
    pub rev: Option<YamlNode<'d, 'a>>,
}

/// The repositories of a file.
pub fn pre_commit_repos<'d, 'a>(documents: &'d YamlDocuments<'a>) -> Vec<PreCommitRepo<'d, 'a>> {
    let repos = documents.roots().filter_map(|root| root.get("repos")).flat_map(YamlNode::elements);
    repos.filter_map(|node| Some(PreCommitRepo { repo: node.get("repo")?, rev: node.get("rev") })).collect()
}
