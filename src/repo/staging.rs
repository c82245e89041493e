use std::collections::{BTreeSet, HashMap};
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bstr::{BString, ByteSlice};

use super::Root;
use super::before::Before;
use super::git::objects::{ObjectError, ObjectKind, Objects, Reader, TreeKind, is_usual_name, tree_entries};
use super::git::{GitDir, IndexEntry, IndexError, IndexKind, ObjectId, Refs, RevError, User, commit};
use super::ignored::{GITIGNORE, IgnoreFile, IgnoreRules, IgnoreSource};
use super::inventory::{ListedFile, outer_rules};
use super::read::ReadError;
use super::walk::LARGEST_IGNORE_FILE;
use crate::model::{Coverage, NotChecked, Notice, RepoPath, counted};

/// A tree object above this size is not read; it would list a million names in one folder.
const LARGEST_TREE: u64 = 64 << 20;
/// Trees are deltas to each other.
const TREES_REMEMBERED: usize = 8 << 20;
/// Sparse folders unfold to at most this many files.
const MOST_FILES: usize = 1 << 22;

/// What the next commit would hold: the files of the index, and which of them it would change. Nothing of it comes
/// from the work tree.
#[derive(Debug)]
pub struct Staging {
    /// All files of the index, in order of path.
    pub files: Vec<ListedFile>,
    /// Those that are not in HEAD like this.
    pub changed: BTreeSet<RepoPath>,
    /// What is staged and has no content to look at, or cannot be told; in order of path.
    pub not_checked: Vec<NotChecked>,
    /// What was odd.
    pub notices: Vec<Notice>,
    /// How many paths of HEAD are gone.
    pub removed: usize,
    /// The files' contents, by name.
    ids: HashMap<RepoPath, ObjectId>,
    objects: Objects,
    /// HEAD's files; `None` before the first commit.
    head: Option<ObjectId>,
    blobs: AtomicU64,
    bytes: AtomicU64,
}

/// Why it cannot be told what is staged. Safe to show.
#[derive(Debug, thiserror::Error)]
pub enum StagingError {
    /// There is no index.
    #[error("--staged looks at what is staged in Git, and this is no Git work tree")]
    NoGit,
    /// The index cannot be read.
    #[error("the Git index {path} cannot be read: {error}")]
    Index {
        /// Where it lies.
        path: String,
        /// Why.
        error: IndexError,
    },
    /// HEAD cannot be read.
    #[error("what is staged cannot be told from what was committed: HEAD: {0}")]
    Head(#[from] RevError),
    /// A commit or a tree cannot be read.
    #[error("what is staged cannot be told from what was committed: {0}")]
    Object(#[from] ObjectError),
}

impl Staging {
    /// Reads the index of a root, or the one that `GIT_INDEX_FILE` names: `git commit -a` and `git commit PATH`
    /// put together an index of their own for their hooks.
    ///
    /// # Errors
    /// There is no Git; or the index or HEAD cannot be read.
    pub fn of(root: &Root) -> Result<Self, StagingError> {
        Self::with(root, std::env::var_os("GIT_INDEX_FILE").map(PathBuf::from), &User::of_environment())
    }

    /// The same with the index file and the user's Git configuration given.
    ///
    /// # Errors
    /// See [`Staging::of`].
    pub fn with(root: &Root, index: Option<PathBuf>, user: &User) -> Result<Self, StagingError> {
        let git = root.git().ok_or(StagingError::NoGit)?;
        let habits = git.habits(root.path(), user);
        let (entries, trees) = read_index(git, root, index, habits.sha256)?;
        let mut staging = Self {
            files: Vec::new(),
            changed: BTreeSet::new(),
            not_checked: Vec::new(),
            notices: Vec::new(),
            removed: 0,
            ids: HashMap::new(),
            head: None,
            blobs: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            objects: git.objects(habits.sha256),
        };
        let entries = unfolded(&mut Reader::new(&staging.objects, 0), entries)?;
        let entries = staging.usable(entries);
        let mut reader = Reader::new(&staging.objects, TREES_REMEMBERED);
        if let Some(id) = Refs::new(git, staging.objects.hash_len()).head()? {
            staging.head = Some(commit(&mut reader, &id)?.tree);
        }
        let mut compare =
            Compare { entries: &entries, known: &trees, same: vec![false; entries.len()], removed: 0 };
        if let Some(head) = staging.head {
            compare.with(&mut reader, head)?;
        }
        let (same, removed) = (compare.same, compare.removed);
        staging.removed = removed;
        staging.take(entries, &same);
        Ok(staging)
    }

    /// Puts the content of a staged file into `buffer`, in place of what is there.
    ///
    /// # Errors
    /// Nothing is staged there, or Git does not have it.
    pub fn read(&self, path: &RepoPath, limit: u64, buffer: &mut Vec<u8>) -> Result<(), ReadError> {
        buffer.clear();
        let id = self.ids.get(path).ok_or(ReadError::Vanished)?;
        let (kind, bytes) = Reader::new(&self.objects, 0).read(id, limit).map_err(|e| self.unread(e))?;
        if kind != ObjectKind::Blob {
            return Err(ReadError::Io(ObjectError::Damaged.to_string()));
        }
        self.blobs.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        match Arc::try_unwrap(bytes) {
            Ok(bytes) => *buffer = bytes,
            Err(shared) => buffer.extend_from_slice(&shared),
        }
        Ok(())
    }

    fn unread(&self, error: ObjectError) -> ReadError {
        match error {
            ObjectError::TooLarge { size } => ReadError::TooLarge { size },
            ObjectError::Unread(error) => error,
            ObjectError::Missing if self.objects.is_partial() => {
                ReadError::Io("this partial clone has not fetched it".into())
            }
            other => ReadError::Io(other.to_string()),
        }
    }

    /// The files of HEAD, to tell which lines are staged anew.
    pub fn before(&self, root: &Root) -> Option<Before> {
        let objects = root.git()?.objects(self.objects.is_sha256());
        Some(Before::of_tree(objects, self.head))
    }

    /// Whether a regular file is staged at a path.
    pub fn is_file(&self, path: &RepoPath) -> bool {
        self.ids.contains_key(path)
    }

    /// How many contents were read from Git's object database, and how many bytes they have.
    pub fn read_so_far(&self) -> (u64, u64) {
        (self.blobs.load(Ordering::Relaxed), self.bytes.load(Ordering::Relaxed))
    }

    /// The ignore rules as they are staged, and the user's; and what of them could not be read.
    pub fn ignore_rules(&self, root: &Root) -> (IgnoreRules, Vec<Notice>) {
        let mut notices = Vec::new();
        let habits =
            root.git().map(|git| git.habits(root.path(), &User::of_environment())).unwrap_or_default();
        let mut rules =
            IgnoreRules { outer: outer_rules(root, &habits, &mut notices), ..IgnoreRules::default() };
        let mut bytes = Vec::new();
        for file in self.files.iter().filter(|file| file.path.name() == GITIGNORE) {
            match self.read(&file.path, LARGEST_IGNORE_FILE, &mut bytes) {
                Ok(()) => {
                    let folder = file.path.parent();
                    let source = IgnoreSource::Repo(file.path.clone());
                    let made = IgnoreFile::git(source, folder.clone(), &bytes, habits.ignore_case);
                    rules.folders.entry(folder).or_default().push(Arc::new(made));
                }
                Err(error) => {
                    let text = format!("its ignore rules were not applied: {error}");
                    notices.push(Notice { path: Some(file.path.clone()), text });
                }
            }
        }
        (rules, notices)
    }

    /// Files that bear on what the ignore rules say of staged ones: those that are staged; all of them if an ignore
    /// file is.
    pub fn ignored_anew(&self) -> Vec<&RepoPath> {
        if self.changed.iter().any(|path| path.name() == GITIGNORE) {
            return self.files.iter().map(|file| &file.path).collect();
        }
        self.changed.iter().collect()
    }

    /// Leaves out paths that lead elsewhere and the sides of conflicts, and says so.
    fn usable(&mut self, mut entries: Vec<IndexEntry>) -> Vec<IndexEntry> {
        let mut strange = 0_usize;
        let mut announced = 0_u64;
        let mut conflicts: Vec<RepoPath> = Vec::new();
        entries.retain(|entry| {
            let usual = entry.path.split(|&b| b == b'/').all(is_usual_name);
            strange += usize::from(!usual);
            if usual && entry.stage > 0 {
                conflicts.push(RepoPath::new(entry.path.as_slice()));
            }
            announced += u64::from(usual && entry.intent);
            usual && entry.stage == 0 && !entry.intent
        });
        if announced > 0 {
            let text = format!(
                "{} announced with `git add -N`: nothing is staged there yet",
                counted(announced, "file")
            );
            self.notices.push(Notice { path: None, text });
        }
        entries.sort_unstable();
        entries.dedup_by(|a, b| a.path == b.path);
        let missing = |path, what, reason: String| NotChecked {
            path,
            what,
            reason,
            mend: None,
            coverage: Coverage::Missing,
        };
        if strange > 0 {
            let paths = if strange == 1 { "path" } else { "paths" };
            let reason =
                format!("{strange} {paths} of the Git index lead out of the work tree or into `.git`");
            self.not_checked.push(missing(None, "index", reason));
        }
        conflicts.sort();
        conflicts.dedup();
        for path in conflicts {
            let reason = "it is in conflict: nothing is staged of it before that is resolved".to_owned();
            self.not_checked.push(missing(Some(path), "conflict", reason));
        }
        for text in self.objects.unread() {
            self.notices.push(Notice { path: None, text: text.clone() });
        }
        entries
    }

    /// Takes over what the index holds, now that it is known what HEAD has like it.
    fn take(&mut self, entries: Vec<IndexEntry>, same: &[bool]) {
        let mut links = 0_u64;
        for (entry, same) in entries.into_iter().zip(same) {
            let path = RepoPath::new(Vec::from(entry.path));
            match entry.kind {
                IndexKind::File => {
                    if !same {
                        self.changed.insert(path.clone());
                    }
                    self.ids.insert(path.clone(), entry.id);
                    self.files.push(ListedFile { path, tracked: true });
                }
                IndexKind::Link => links += u64::from(!same),
                IndexKind::Submodule if !same => self.not_checked.push(NotChecked {
                    path: Some(path),
                    what: "submodule",
                    reason: "it is a submodule: a repository of its own".into(),
                    mend: None,
                    coverage: Coverage::Outside,
                }),
                IndexKind::Submodule | IndexKind::SparseFolder => {}
            }
        }
        if links > 0 {
            let text =
                format!("{} staged: there is nothing in them to look at", counted(links, "symbolic link"));
            self.notices.push(Notice { path: None, text });
        }
        self.not_checked.sort();
    }
}

fn read_index(
    git: &GitDir,
    root: &Root,
    index: Option<PathBuf>,
    sha256: bool,
) -> Result<(Vec<IndexEntry>, HashMap<BString, ObjectId>), StagingError> {
    // Git takes a relative one from the top of the work tree.
    let named = index.filter(|path| !path.as_os_str().is_empty()).map(|path| root.path().join(path));
    let path = named.clone().unwrap_or_else(|| git.own.join("index"));
    match git.index_at(&path, sha256) {
        // Before the first `git add` there is none. One that is named must be there.
        Err(IndexError::Unread(ReadError::Vanished)) if named.is_none() => Ok((Vec::new(), HashMap::new())),
        other => other.map_err(|error| StagingError::Index {
            path: crate::model::shown_bytes(path.as_os_str().as_encoded_bytes()),
            error,
        }),
    }
}

/// The index with the folders of a sparse checkout unfolded to the files in them.
fn unfolded(reader: &mut Reader, entries: Vec<IndexEntry>) -> Result<Vec<IndexEntry>, ObjectError> {
    if entries.iter().all(|entry| entry.kind != IndexKind::SparseFolder) {
        return Ok(entries);
    }
    let mut files = Vec::with_capacity(entries.len());
    let mut folders = Vec::new();
    for entry in entries {
        if entry.kind == IndexKind::SparseFolder {
            folders.push((BString::from(entry.path.strip_suffix(b"/").unwrap_or(&entry.path)), entry.id));
        } else {
            files.push(entry);
        }
    }
    while let Some((folder, id)) = folders.pop() {
        let bytes = tree(reader, &id)?;
        for entry in tree_entries(&bytes, reader.objects().hash_len()) {
            let entry = entry?;
            let mut path = folder.clone();
            path.push(b'/');
            path.extend_from_slice(entry.name);
            if path.len() > 4096 || files.len() + folders.len() > MOST_FILES {
                return Err(ObjectError::TooLarge { size: MOST_FILES as u64 });
            }
            let kind = match entry.kind {
                TreeKind::Folder => {
                    folders.push((path, entry.id));
                    continue;
                }
                TreeKind::File => IndexKind::File,
                TreeKind::Link => IndexKind::Link,
                TreeKind::Submodule => IndexKind::Submodule,
            };
            files.push(IndexEntry { path, kind, id: entry.id, stage: 0, intent: false });
        }
    }
    Ok(files)
}

fn tree(reader: &mut Reader, id: &ObjectId) -> Result<Arc<Vec<u8>>, ObjectError> {
    match reader.read(id, LARGEST_TREE)? {
        (ObjectKind::Tree, bytes) => Ok(bytes),
        _ => Err(ObjectError::Damaged),
    }
}

/// Holds the index against a tree. What is not found to be the same counts as changed.
struct Compare<'e> {
    /// In order of path.
    entries: &'e [IndexEntry],
    /// Folders of the index whose tree is known.
    known: &'e HashMap<BString, ObjectId>,
    same: Vec<bool>,
    removed: usize,
}

impl Compare<'_> {
    fn with(&mut self, reader: &mut Reader, root: ObjectId) -> Result<(), ObjectError> {
        let mut folders = vec![(BString::default(), root, 0..self.entries.len())];
        while let Some((folder, id, within)) = folders.pop() {
            if self.known.get(&folder) == Some(&id) {
                self.same[within].fill(true);
                continue;
            }
            if within.is_empty() {
                self.removed += 1;
                continue;
            }
            let bytes = tree(reader, &id)?;
            for entry in tree_entries(&bytes, reader.objects().hash_len()) {
                let entry = entry?;
                let mut path = folder.clone();
                if !path.is_empty() {
                    path.push(b'/');
                }
                path.extend_from_slice(entry.name);
                let kind = match entry.kind {
                    TreeKind::Folder => {
                        let below = self.below(&path, &within);
                        folders.push((path, entry.id, below));
                        continue;
                    }
                    TreeKind::File => IndexKind::File,
                    TreeKind::Link => IndexKind::Link,
                    TreeKind::Submodule => IndexKind::Submodule,
                };
                match self.entries[within.clone()].binary_search_by(|e| e.path.as_bstr().cmp(path.as_bstr()))
                {
                    Ok(at) => {
                        let at = within.start + at;
                        let staged = &self.entries[at];
                        self.same[at] = staged.kind == kind && staged.id == entry.id;
                    }
                    Err(_) => self.removed += 1,
                }
            }
        }
        Ok(())
    }

    /// Where the entries below a folder stand.
    fn below(&self, folder: &BString, within: &Range<usize>) -> Range<usize> {
        let entries = &self.entries[within.clone()];
        let before = |end: u8| {
            within.start
                + entries.partition_point(|e| {
                    e.path.iter().cmp(folder.iter().chain(std::iter::once(&end))).is_lt()
                })
        };
        // `/` sorts before `0`.
        before(b'/')..before(b'/' + 1)
    }
}
