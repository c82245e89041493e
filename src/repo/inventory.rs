use std::sync::Arc;

use super::Root;
use super::git::{Habits, IndexEntry, IndexKind, User};
use super::ignored::{Chain, IgnoreFile, IgnoreRules, IgnoreSource};
use super::read::{self, Links, ReadError};
use super::view::TrackedIgnored;
use super::walk::{LARGEST_IGNORE_FILE, Walk};
use crate::model::{Coverage, NotChecked, Notice, RepoPath, shown_bytes};

/// A regular file that Git would commit, or that the walk found outside Git.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ListedFile {
    /// Where it lies.
    pub path: RepoPath,
    /// Whether it stands in the Git index. Always false outside Git.
    pub tracked: bool,
}

/// All files of a root, and what could not be listed.
#[derive(Debug, Default)]
pub struct Inventory {
    /// In order of path, each once.
    pub files: Vec<ListedFile>,
    /// In order of path.
    pub not_checked: Vec<NotChecked>,
    /// In order of path.
    pub notices: Vec<Notice>,
    /// Tracked files that a pattern of the repository's own ignore files ignores, in order of path.
    pub tracked_ignored: Vec<TrackedIgnored>,
    /// Files that only the user's own patterns ignore (`core.excludesFile`, `info/exclude`), in order of path. What lies
    /// in folders that are ignored is not among them.
    pub ignored_by_user: Vec<RepoPath>,
    /// The ignore rules, for questions about other paths.
    pub ignore: IgnoreRules,
    /// Whether the root is a Git work tree.
    pub is_git: bool,
    /// Whether the index could be read; a repository without a first commit has an empty one.
    pub has_index: bool,
}

/// Lists what `git ls-files -co --exclude-standard` lists, restricted to regular files that exist. Outside Git:
/// all files but those that `.gitignore` and `.ignore` files rule out. `.git` is never looked into.
///
/// Nothing here fails: what cannot be read is in [`Inventory::not_checked`] or [`Inventory::notices`].
pub fn inventory(root: &Root, threads: usize) -> Inventory {
    inventory_for(root, threads, &User::of_environment())
}

/// The same with the user's Git configuration given.
pub fn inventory_for(root: &Root, threads: usize, user: &User) -> Inventory {
    let mut inventory = Inventory { is_git: root.git().is_some(), ..Inventory::default() };
    inventory.notices.extend_from_slice(root.notices());
    let mut index = Vec::new();
    let mut habits = Habits::default();
    if let Some(git) = root.git() {
        habits = git.habits(root.path(), user);
        inventory.notices.append(&mut habits.notices);
        inventory.ignore.outer = outer_rules(root, &habits, &mut inventory.notices);
        match git.index(habits.sha256) {
            Ok(entries) => {
                inventory.has_index = true;
                index = usable(entries, &mut inventory);
            }
            Err(error) => inventory.not_checked.push(NotChecked {
                path: None,
                what: "index",
                reason: format!("the Git index was not read ({error}); all files count as untracked"),
                mend: None,
                coverage: Coverage::Missing,
            }),
        }
    }
    let walk = Walk { tree: root.tree(), index: &index, is_git: inventory.is_git, fold: habits.ignore_case };
    for harvest in walk.run(Chain::new(inventory.ignore.outer.clone()), threads) {
        inventory.files.extend(harvest.files);
        inventory.not_checked.extend(harvest.not_checked);
        inventory.notices.extend(harvest.notices);
        inventory.tracked_ignored.extend(harvest.tracked_ignored);
        inventory.ignored_by_user.extend(harvest.ignored_by_user);
        inventory.ignore.folders.extend(harvest.rules);
    }
    // Each thread has sorted its own, which this sort sees.
    inventory.files.sort();
    let absent = absent(root, &index, &inventory.files);
    inventory.not_checked.extend(absent);
    inventory.not_checked.sort();
    inventory.notices.sort();
    inventory.notices.dedup();
    inventory.ignored_by_user.sort_unstable();
    inventory.tracked_ignored.sort_unstable_by(|a, b| a.path.cmp(&b.path));
    inventory
}

/// What Git tracks and the work tree does not hold: left out by a sparse checkout, or deleted and not yet
/// taken out of the index. Said in one entry.
fn absent(root: &Root, index: &[IndexEntry], files: &[ListedFile]) -> Option<NotChecked> {
    let (mut lacking, mut folders) = (0_usize, 0_usize);
    for entry in index {
        let path = RepoPath::new(entry.path.strip_suffix(b"/").unwrap_or(&entry.path));
        match entry.kind {
            IndexKind::Submodule => {}
            IndexKind::SparseFolder => folders += 1,
            IndexKind::File | IndexKind::Link => {
                let listed = files.binary_search_by(|f| f.path.cmp(&path)).is_ok();
                // Links and the like are there, and no files; what may not be looked at is said by the walk.
                let gone = !listed
                    && matches!(
                        root.tree().kind(&path),
                        Err(ReadError::Vanished | ReadError::NotRegular { .. })
                    );
                lacking += usize::from(gone);
            }
        }
    }
    let file = |n| if n == 1 { "tracked file is" } else { "tracked files are" };
    let folder = |n| if n == 1 { "tracked folder is" } else { "tracked folders are" };
    let reason = match (lacking, folders) {
        (0, 0) => return None,
        (_, 0) => format!("{lacking} {} not in the work tree", file(lacking)),
        (0, _) => format!("{folders} {} not in the work tree (sparse checkout)", folder(folders)),
        _ => format!(
            "{lacking} {} not in the work tree, and {folders} {} neither (sparse checkout)",
            file(lacking),
            folder(folders)
        ),
    };
    Some(NotChecked { path: None, what: "absent", reason, mend: None, coverage: Coverage::Outside })
}

/// The ignore rules outside the work tree, the weakest first.
pub(super) fn outer_rules(root: &Root, habits: &Habits, notices: &mut Vec<Notice>) -> Vec<Arc<IgnoreFile>> {
    let exclude = root.git().map(|git| git.common.join("info/exclude"));
    // The user's file may be a link into some collection of dotfiles; Git's own folder may be hostile.
    let files = [(habits.excludes_file.clone(), Links::Follow), (exclude, Links::Refuse)];
    let mut rules = Vec::new();
    let mut bytes = Vec::new();
    for (path, links) in files {
        let Some(path) = path else { continue };
        match read::file(&path, links, LARGEST_IGNORE_FILE, &mut bytes) {
            Ok(()) => {
                let source = IgnoreSource::Outside(path);
                let file = IgnoreFile::git(source, RepoPath::new(""), &bytes, habits.ignore_case);
                rules.push(Arc::new(file));
            }
            Err(ReadError::Vanished | ReadError::NotRegular { what: "a folder" }) => {}
            Err(error) => {
                let name = shown_bytes(path.as_os_str().as_encoded_bytes());
                let text = format!("the ignore rules of {name} were not applied: {error}");
                notices.push(Notice { path: None, text });
            }
        }
    }
    rules
}

/// The entries the walk can use: sorted, each path once (a conflict has it up to three times), no path that leads
/// elsewhere. Submodules are said here.
fn usable(mut entries: Vec<IndexEntry>, inventory: &mut Inventory) -> Vec<IndexEntry> {
    let mut strange = 0_usize;
    entries.retain(|entry| {
        let path = entry.path.strip_suffix(b"/").unwrap_or(&entry.path);
        let usual = path.split(|&b| b == b'/').all(|part| !matches!(part, b"" | b"." | b".." | b".git"));
        strange += usize::from(!usual);
        usual
    });
    if strange > 0 {
        inventory.not_checked.push(NotChecked {
            path: None,
            what: "index",
            reason: format!("{strange} paths of the Git index lead out of the work tree or into `.git`"),
            mend: None,
            coverage: Coverage::Missing,
        });
    }
    entries.sort_unstable();
    entries.dedup_by(|a, b| a.path == b.path);
    for entry in entries.iter().filter(|e| e.kind == IndexKind::Submodule) {
        inventory.not_checked.push(NotChecked {
            path: Some(RepoPath::new(entry.path.as_slice())),
            what: "submodule",
            reason: "it is a submodule: a repository of its own".into(),
            mend: None,
            coverage: Coverage::Outside,
        });
    }
    entries
}
