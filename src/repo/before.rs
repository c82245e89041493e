use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use bstr::BString;

use super::Root;
use super::git::objects::{ObjectError, ObjectKind, Objects, Reader, TreeKind, tree_entries};
use super::git::{ObjectId, Refs, RevError, User, commit, merge_base};
use crate::model::RepoPath;
use crate::source::likeness;

/// A tree object above this size is not read; it would list a million names in one folder.
const LARGEST_TREE: u64 = 64 << 20;
/// Trees are deltas to each other.
const TREES_REMEMBERED: usize = 16 << 20;
/// More files no commit is taken to have.
const MOST_FILES: usize = 1 << 22;
/// Contents above this size are not compared.
const LARGEST_FILE: u64 = 64 << 20;

/// The files of a commit, to tell what has changed since.
#[derive(Debug)]
pub struct Before {
    objects: Objects,
    /// `None` before the first commit: there was nothing.
    tree: Option<ObjectId>,
    files: OnceLock<Result<BTreeMap<RepoPath, ObjectId>, ObjectError>>,
}

/// Why there is nothing to compare with. Safe to show.
#[derive(Debug, thiserror::Error)]
pub enum SinceError {
    /// There is no Git.
    #[error("--since compares with a commit, and this is no Git work tree")]
    NoGit,
    /// The revision names no commit.
    #[error("--since: {0}")]
    Rev(#[from] RevError),
    /// HEAD is no commit yet.
    #[error("--since: there is no commit yet")]
    Unborn,
    /// Nothing connects the two.
    #[error("--since: {rev} and HEAD have no commit in common{}", if *.shallow {
        " that this shallow clone holds; fetch more of the history: `git fetch --unshallow`, or `fetch-depth: 0` in CI"
    } else {
        ""
    })]
    Unrelated {
        /// What was typed.
        rev: String,
        /// Whether the history is cut.
        shallow: bool,
    },
    /// A commit cannot be read.
    #[error("--since: the history cannot be read: {error}{}", if *.shallow {
        " (this is a shallow clone: fetch more of the history)"
    } else {
        ""
    })]
    Object {
        /// Why.
        error: ObjectError,
        /// Whether the history is cut.
        shallow: bool,
    },
}

impl Before {
    /// The commit at which HEAD's history and a revision's part, and its name in hex digits. What was changed there
    /// since is the change of this branch, whatever the other went on to do.
    ///
    /// # Errors
    /// See [`SinceError`].
    pub fn since(root: &Root, rev: &str) -> Result<(Self, String), SinceError> {
        let git = root.git().ok_or(SinceError::NoGit)?;
        let habits = git.habits(root.path(), &User::of_environment());
        let objects = git.objects(habits.sha256);
        let refs = Refs::new(git, objects.hash_len());
        let mut reader = Reader::new(&objects, TREES_REMEMBERED);
        let there = refs.commit(&mut reader, rev)?;
        let head = refs.head()?.ok_or(SinceError::Unborn)?;
        let ends = refs.shallow();
        let shallow = !ends.is_empty();
        let failed = |error| SinceError::Object { error, shallow };
        let base = merge_base(&mut reader, &ends, head, there)
            .map_err(failed)?
            .ok_or_else(|| SinceError::Unrelated { rev: crate::model::shown(rev).into_owned(), shallow })?;
        let tree = commit(&mut reader, &base).map_err(failed)?.tree;
        let name = objects.hex(&base);
        Ok((Self::of_tree(objects, Some(tree)), name))
    }

    pub(super) fn of_tree(objects: Objects, tree: Option<ObjectId>) -> Self {
        Self { objects, tree, files: OnceLock::new() }
    }

    /// What a file held; `None` if there was none of this path. A file that moved is looked for among those that are
    /// gone: `is_there` says whether a path is still there.
    ///
    /// # Errors
    /// The files, or this one, cannot be read.
    pub fn file(
        &self,
        path: &RepoPath,
        now: &[u8],
        is_there: &dyn Fn(&RepoPath) -> bool,
    ) -> Result<Option<Arc<Vec<u8>>>, ObjectError> {
        let files = self.files.get_or_init(|| self.list()).as_ref().map_err(Clone::clone)?;
        match files.get(path) {
            Some(id) => self.blob(id).map(Some),
            None => Ok(self.moved(files, path, now, is_there)),
        }
    }

    /// The file that this one was: one that is gone, and is much like it.
    fn moved(
        &self,
        files: &BTreeMap<RepoPath, ObjectId>,
        path: &RepoPath,
        now: &[u8],
        is_there: &dyn Fn(&RepoPath) -> bool,
    ) -> Option<Arc<Vec<u8>>> {
        /// So many are looked at; those of the same name first.
        const MOST: usize = 64;
        let mut gone: Vec<(bool, &RepoPath, &ObjectId)> = files
            .iter()
            .filter(|(old, _)| old.extension() == path.extension() && !is_there(old))
            .map(|(old, id)| (old.name() != path.name(), old, id))
            .collect();
        gone.sort();
        let mut best: Option<(f64, Arc<Vec<u8>>)> = None;
        for (_, _, id) in gone.into_iter().take(MOST) {
            let Ok(bytes) = self.blob(id) else { continue };
            let like = likeness(&bytes, now);
            if like >= 0.5 && best.as_ref().is_none_or(|(most, _)| like > *most) {
                best = Some((like, bytes));
            }
        }
        best.map(|(_, bytes)| bytes)
    }

    fn blob(&self, id: &ObjectId) -> Result<Arc<Vec<u8>>, ObjectError> {
        match Reader::new(&self.objects, 0).read(id, LARGEST_FILE)? {
            (ObjectKind::Blob, bytes) => Ok(bytes),
            _ => Err(ObjectError::Damaged),
        }
    }

    /// All regular files.
    fn list(&self) -> Result<BTreeMap<RepoPath, ObjectId>, ObjectError> {
        let mut files = BTreeMap::new();
        let mut reader = Reader::new(&self.objects, TREES_REMEMBERED);
        let mut folders: Vec<(BString, ObjectId)> =
            self.tree.iter().map(|id| (BString::default(), *id)).collect();
        let mut seen = BTreeSet::new();
        while let Some((folder, id)) = folders.pop() {
            // The same folder at another place is read again; at the same place only a hostile tree has it twice.
            if !seen.insert(folder.clone()) {
                continue;
            }
            let (kind, bytes) = reader.read(&id, LARGEST_TREE)?;
            if kind != ObjectKind::Tree {
                return Err(ObjectError::Damaged);
            }
            for entry in tree_entries(&bytes, self.objects.hash_len()) {
                let entry = entry?;
                let mut path = folder.clone();
                if !path.is_empty() {
                    path.push(b'/');
                }
                path.extend_from_slice(entry.name);
                if path.len() > 4096 || files.len() + folders.len() > MOST_FILES {
                    return Err(ObjectError::TooLarge { size: MOST_FILES as u64 });
                }
                match entry.kind {
                    TreeKind::Folder => folders.push((path, entry.id)),
                    TreeKind::File => {
                        files.insert(RepoPath::new(Vec::from(path)), entry.id);
                    }
                    TreeKind::Link | TreeKind::Submodule => {}
                }
            }
        }
        Ok(files)
    }
}
