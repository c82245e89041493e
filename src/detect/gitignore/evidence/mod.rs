//! What says that a file with secrets lies in people's work trees, though Git has none of it.

mod compose;
mod dependency;
mod example;
mod named;
mod terraform;

use std::ops::Range;

use super::names::KnownNames;
use crate::model::{RepoPath, Severity};
use crate::repo::RepoView;
use crate::rules::Rule;

/// One thing that says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Evidence {
    /// Where the file lies in a work tree; if nobody can say, the places where it may lie.
    pub(super) may_be: Vec<RepoPath>,
    /// The pattern that keeps it out.
    pub(super) pattern: String,
    /// The file that says so.
    pub(super) by: RepoPath,
    /// Its bytes that do.
    pub(super) range: Option<Range<usize>>,
    /// What it says, behind the name of the file: `is its example`.
    pub(super) says: &'static str,
    /// How bad it is that Git would take the file in.
    pub(super) severity: Severity,
}

/// All that says so, in order of files.
pub(super) fn evidence(rule: &Rule, repo: &RepoView, names: &KnownNames) -> Vec<Evidence> {
    let mut all = Vec::new();
    example::find(rule, repo, names, &mut all);
    compose::find(repo, names, &mut all);
    dependency::find(rule, repo, &mut all);
    terraform::find(repo, &mut all);
    named::find(repo, names, &mut all);
    all.retain(|found| !names.is_in_deliberate_folder(&found.by) && !is_for_show(repo, &found.by));
    all.sort_by(|a, b| {
        let key = |e: &Evidence| (e.by.clone(), e.range.clone().map(|r| (r.start, r.end)), e.pattern.clone());
        key(a).cmp(&key(b))
    });
    all
}

/// Whether a file belongs to tests, examples or code of others.
fn is_for_show(repo: &RepoView, path: &RepoPath) -> bool {
    use crate::model::Target;
    // An example of a configuration is one by its own name; what it lies in counts.
    let folder = path.parent();
    matches!(
        repo.targets().package_context(&folder),
        Some(Target::Test | Target::Example | Target::Bench | Target::Vendored)
    )
}

/// The file that a text of this folder's files names, if it lies in the repository: `./a/b`, `a/b`.
fn named_from(folder: &RepoPath, text: &str) -> Option<RepoPath> {
    let text = text.strip_prefix("./").unwrap_or(text);
    let strange = |part: &str| matches!(part, "" | "." | "..") || part.starts_with(['~', '-']);
    let is_plain = text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-/@+".contains(&b));
    if !is_plain || text.split('/').any(strange) {
        return None;
    }
    Some(folder.join(text.as_bytes()))
}
