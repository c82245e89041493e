use std::collections::HashMap;
use std::path::{Path, PathBuf};

use bstr::{BString, ByteSlice};

use super::config::{Conditions, Config};
use super::index::{self, IndexEntry, IndexError, ObjectId};
use super::objects::Objects;
use super::user::User;
use crate::model::{Notice, shown_bytes};
use crate::repo::read::{self, Links, ReadError};

/// Git's small files (HEAD, `gitdir:` pointers, `commondir`) are not opened if they are larger.
const LARGEST_POINTER: u64 = 64 << 10;
/// An index above this size is not opened. That of a million files takes about 100 MiB.
const LARGEST_INDEX: u64 = 1 << 30;

/// The Git folder of a work tree.
#[derive(Debug, Clone)]
pub struct GitDir {
    /// What belongs to this work tree alone: the index, HEAD. Canonical.
    pub own: PathBuf,
    /// What all work trees share: configuration, objects, `info/`. Canonical.
    pub common: PathBuf,
}

/// What stands at `.git` in a folder.
#[derive(Debug)]
pub(in crate::repo) enum DotGit {
    /// Nothing, or a folder that is no Git folder: Git looks further up.
    Nothing,
    /// A Git folder, there or where a pointer leads.
    Found(GitDir),
    /// A pointer that leads to no Git folder: Git gives up here.
    Broken,
}

impl DotGit {
    /// Looks at `.git` in a folder. Pointers and links are followed, wherever they lead: Git does so too, and all
    /// that comes from there is a list of names that is held against the files that are here.
    pub(in crate::repo) fn of(folder: &Path) -> Self {
        let dot_git = folder.join(".git");
        let Ok(look) = dot_git.metadata() else { return Self::Nothing };
        if look.is_dir() {
            return GitDir::at(&dot_git).map_or(Self::Nothing, Self::Found);
        }
        if !look.is_file() {
            return Self::Nothing;
        }
        let mut bytes = Vec::new();
        if read::file(&dot_git, Links::Follow, LARGEST_POINTER, &mut bytes).is_err() {
            return Self::Broken;
        }
        bytes
            .strip_prefix(b"gitdir: ")
            .and_then(|target| target.trim_end_with(|c| c == '\n' || c == '\r').to_path().ok())
            .and_then(|target| GitDir::at(&folder.join(target)))
            .map_or(Self::Broken, Self::Found)
    }
}

/// Whether a folder is itself a Git folder: that of a bare repository, or a `.git`.
pub(in crate::repo) fn is_git_dir(folder: &Path) -> bool {
    GitDir::at(folder).is_some()
}

impl GitDir {
    /// The Git folder at this path, if it has the form of one
    /// (<https://git-scm.com/docs/gitrepository-layout>): HEAD, objects and refs.
    fn at(path: &Path) -> Option<Self> {
        let own = path.canonicalize().ok()?;
        if !has_head(&own) {
            return None;
        }
        let common = match pointer(&own.join("commondir")) {
            Ok(target) => own.join(target).canonicalize().ok()?,
            Err(ReadError::Vanished) => own.clone(),
            Err(_) => return None,
        };
        (common.join("objects").is_dir() && common.join("refs").is_dir()).then_some(Self { own, common })
    }

    /// Whether this is one of several work trees (or a submodule of a newer form) that share a repository.
    pub fn is_linked(&self) -> bool {
        self.own != self.common
    }

    /// The repository's configuration, with the user's before it.
    pub(super) fn config(&self, user: &User) -> Config {
        let conditions = Conditions { git_dir: &self.own, branch: self.branch() };
        let mut config = Config::default();
        for file in user.files() {
            config.file(file, Links::Follow, user, &conditions);
        }
        config.file(&self.common.join("config"), Links::Refuse, user, &conditions);
        if config.per_worktree {
            config.file(&self.own.join("config.worktree"), Links::Refuse, user, &conditions);
        }
        config
    }

    /// Why its files cannot be listed: it is bare. And what of its configuration is not followed.
    pub(in crate::repo) fn work_tree(&self, root: &Path) -> (bool, Vec<Notice>) {
        let mut config = self.config(&User::default());
        let mut notices = std::mem::take(&mut config.notices);
        if let Some(elsewhere) = &config.worktree {
            let target = elsewhere.to_path().ok().and_then(|p| self.own.join(p).canonicalize().ok());
            if target.as_deref() != Some(root) {
                notices.push(Notice {
                    path: None,
                    text: format!(
                        "core.worktree of this repository is {}; it was not followed",
                        shown_bytes(elsewhere)
                    ),
                });
            }
        }
        (config.bare && !self.is_linked(), notices)
    }

    fn branch(&self) -> Option<BString> {
        let mut bytes = Vec::new();
        read::file(&self.own.join("HEAD"), Links::Refuse, LARGEST_POINTER, &mut bytes).ok()?;
        let branch = bytes.strip_prefix(b"ref:")?.trim().strip_prefix(b"refs/heads/")?;
        Some(branch.into())
    }

    /// What the index holds, by path and stage; nothing if there is no index yet.
    ///
    /// # Errors
    /// The index, or the one it shares entries with, cannot be read.
    pub(in crate::repo) fn index(&self, sha256: bool) -> Result<Vec<IndexEntry>, IndexError> {
        match self.index_at(&self.own.join("index"), sha256) {
            Err(IndexError::Unread(ReadError::Vanished)) => Ok(Vec::new()),
            other => Ok(other?.0),
        }
    }

    /// What the index at a path holds, and the folders whose tree objects it knows.
    ///
    /// # Errors
    /// It, or the one it shares entries with, cannot be read.
    pub(in crate::repo) fn index_at(&self, path: &Path, sha256: bool) -> Result<Indexed, IndexError> {
        let hash_len = if sha256 { 32 } else { 20 };
        let mut bytes = Vec::new();
        read::file(path, Links::Refuse, LARGEST_INDEX, &mut bytes)?;
        let mut own = index::read(&bytes, hash_len)?;
        let trees = std::mem::take(&mut own.trees);
        let Some(link) = own.link.take() else { return Ok((own.entries, trees)) };
        if link.shared.bytes().all(|digit| digit == b'0') {
            return Ok((own.entries, trees));
        }
        let shared = self.own.join(format!("sharedindex.{}", link.shared));
        // There is an index; that a part of it is missing must not pass for none.
        read::file(&shared, Links::Refuse, LARGEST_INDEX, &mut bytes).map_err(|error| match error {
            ReadError::Vanished => IndexError::Damaged,
            other => other.into(),
        })?;
        Ok((index::join(own, &link, index::read(&bytes, hash_len)?)?, trees))
    }
}

impl GitDir {
    /// The repository's object database.
    pub(in crate::repo) fn objects(&self, sha256: bool) -> Objects {
        Objects::open(&self.common.join("objects"), sha256)
    }
}

/// The entries of an index, and the folders whose tree objects it knows.
pub(in crate::repo) type Indexed = (Vec<IndexEntry>, HashMap<BString, ObjectId>);

/// What the inventory must know of a repository's configuration.
#[derive(Debug, Clone, Default)]
pub(in crate::repo) struct Habits {
    /// The file of `core.excludesFile`, or the usual one.
    pub(in crate::repo) excludes_file: Option<PathBuf>,
    /// `core.ignoreCase`
    pub(in crate::repo) ignore_case: bool,
    /// Whether object names are SHA-256.
    pub(in crate::repo) sha256: bool,
    /// What could not be read.
    pub(in crate::repo) notices: Vec<Notice>,
}

impl GitDir {
    /// Reads the configuration for the inventory. `root` is what a relative `core.excludesFile` is relative to.
    pub(in crate::repo) fn habits(&self, root: &Path, user: &User) -> Habits {
        let config = self.config(user);
        Habits {
            excludes_file: match &config.excludes_file {
                Some(path) => user.expand(path.as_bstr()).map(|path| root.join(path)),
                None => user.usual_excludes_file(),
            },
            ignore_case: config.ignore_case,
            sha256: config.object_format.is_some_and(|f| f.eq_ignore_ascii_case(b"sha256")),
            notices: config.notices,
        }
    }
}

/// Whether a HEAD stands here: a link into `refs/`, a branch's name, or a commit's.
fn has_head(folder: &Path) -> bool {
    let head = folder.join("HEAD");
    if let Ok(target) = head.read_link() {
        return target.starts_with("refs");
    }
    let mut bytes = Vec::new();
    if read::file(&head, Links::Refuse, LARGEST_POINTER, &mut bytes).is_err() {
        return false;
    }
    match bytes.strip_prefix(b"ref:") {
        Some(name) => name.trim_start().starts_with(b"refs/"),
        None => bytes.len() >= 40 && bytes[..40].iter().all(u8::is_ascii_hexdigit),
    }
}

/// A path that a file consists of.
fn pointer(file: &Path) -> Result<PathBuf, ReadError> {
    let mut bytes = Vec::new();
    read::file(file, Links::Refuse, LARGEST_POINTER, &mut bytes)?;
    let path = bytes.trim_end_with(|c| c == '\n' || c == '\r');
    path.to_path().map(Path::to_owned).map_err(|_| ReadError::Vanished)
}
