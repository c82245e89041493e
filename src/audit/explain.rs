use super::core::targets;
use crate::model::{Language, RepoPath, Target};
use crate::repo::{ReadError, Root, inventory};
use crate::rules::{Catalog, Selection};
use crate::scan::{Asked, Contents, Plan, WorkTree, kind_of};

/// How the audit sees a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileExplained {
    /// Where it lies.
    pub path: RepoPath,
    /// What it is written in.
    pub language: Language,
    /// What it is for.
    pub target: Target,
    /// Whether it is part of an audit, and why.
    pub listed: &'static str,
    /// The rules of every profile that look at it, its regions aside.
    pub rules: Vec<String>,
}

/// Says how the audit sees a file.
///
/// # Errors
/// It cannot be read.
pub fn explain_file(root: &Root, path: &RepoPath) -> Result<FileExplained, ReadError> {
    let contents = WorkTree { tree: root.tree() };
    let mut bytes = Vec::new();
    contents.read(path, crate::config::MAX_FILE_SIZE, &mut bytes)?;
    let found = inventory(root, 1);
    let listed = match found.files.binary_search_by(|file| file.path.cmp(path)) {
        Ok(at) if found.files[at].tracked => "tracked",
        Ok(_) if found.is_git => "untracked, not ignored: Git would add it",
        Ok(_) => "listed",
        Err(_) => "not part of an audit: ignored, or below a folder that is",
    };
    let target = targets(&found.files, &contents).of(path);
    let kind = kind_of(&Asked { path: path.clone(), target }, &bytes);
    let catalog = Catalog::built_in();
    let all = Selection { profile: crate::model::Profile::Audit, only: Vec::new(), skip: Vec::new() };
    let selected = all.resolve(&catalog).unwrap_or_default();
    let rules = Plan::new(&catalog, &selected)
        .map(|plan| plan.looking_at(path, kind.language, kind.target))
        .unwrap_or_default();
    Ok(FileExplained { path: path.clone(), language: kind.language, target: kind.target, listed, rules })
}
