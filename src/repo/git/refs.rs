use std::cell::OnceCell;
use std::collections::BTreeSet;

use bstr::{BStr, BString, ByteSlice};

use super::dir::GitDir;
use super::index::ObjectId;
use super::objects::{Commit, ObjectError, ObjectKind, Reader, from_hex, is_usual_name, tagged};
use crate::model::shown;
use crate::repo::read::{self, Links, ReadError};

/// A ref's own file is not opened if it is larger.
const LARGEST_REF: u64 = 4 << 10;
/// The list of packed refs, and that of commits where a shallow clone ends, are not opened if they are larger.
const LARGEST_LIST: u64 = 256 << 20;
/// How far refs may point to refs, and tags to tags; Git's own limit for refs.
const DEEPEST: usize = 5;
/// Commits and tags are small. One above this size is none.
const LARGEST_COMMIT: u64 = 16 << 20;

/// Why a revision names no commit. Safe to show.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RevError {
    /// Nothing has that name.
    #[error("{rev} names no branch, tag or commit of this repository{}", if *.shallow {
        "; it is a shallow clone: `git fetch --unshallow`, or fetch that branch too"
    } else {
        ""
    })]
    Unknown {
        /// What was typed.
        rev: String,
        /// Whether the history is cut.
        shallow: bool,
    },
    /// More than one commit is meant.
    #[error("{rev} is the start of more than one object's name; give more of it")]
    Ambiguous {
        /// What was typed.
        rev: String,
    },
    /// A form of Git's that is not read here.
    #[error("{rev} is not understood; give a branch, a tag or a commit, with ~N or ^N behind it at the most")]
    Form {
        /// What was typed.
        rev: String,
    },
    /// It names something else.
    #[error("{rev} is no commit")]
    NoCommit {
        /// What was typed.
        rev: String,
    },
    /// The refs are kept in a form that is not read here.
    #[error("this repository keeps its refs in a form that is not known (reftable)")]
    Reftable,
    /// A ref cannot be read.
    #[error("the refs of this repository cannot be read: {0}")]
    Unread(ReadError),
    /// A commit on the way cannot be read.
    #[error("{rev}: {error}")]
    Object {
        /// What was typed.
        rev: String,
        /// Why.
        error: ObjectError,
    },
}

/// The names a repository gives to commits: <https://git-scm.com/docs/gitrevisions>.
#[derive(Debug)]
pub struct Refs<'g> {
    git: &'g GitDir,
    hash_len: usize,
    packed: OnceCell<Vec<(BString, ObjectId)>>,
}

impl<'g> Refs<'g> {
    /// Those of a Git folder.
    pub(in crate::repo) fn new(git: &'g GitDir, hash_len: usize) -> Self {
        Self { git, hash_len, packed: OnceCell::new() }
    }

    /// The commit that is checked out; `None` before the first one.
    ///
    /// # Errors
    /// The refs cannot be read.
    pub fn head(&self) -> Result<Option<ObjectId>, RevError> {
        self.resolve(b"HEAD".as_bstr())
    }

    /// The commits where a shallow clone ends: those before them are not there.
    pub fn shallow(&self) -> BTreeSet<ObjectId> {
        let mut bytes = Vec::new();
        if read::file(&self.git.common.join("shallow"), Links::Refuse, LARGEST_LIST, &mut bytes).is_err() {
            return BTreeSet::new();
        }
        bytes.lines().filter_map(|line| from_hex(line, self.hash_len)).collect()
    }

    /// The commit that a revision names.
    ///
    /// # Errors
    /// See [`RevError`].
    pub fn commit(&self, reader: &mut Reader, rev: &str) -> Result<ObjectId, RevError> {
        let said = || shown(rev).into_owned();
        let failed = |error| RevError::Object { rev: said(), error };
        let end = rev.find(['~', '^']).unwrap_or(rev.len());
        let (name, steps) = rev.split_at(end);
        let name = if name == "@" { "HEAD" } else { name };
        if name.is_empty() || name.contains("@{") || name.contains("..") || name.contains(':') {
            return Err(RevError::Form { rev: said() });
        }
        let id = match self.named(reader, name.as_bytes().as_bstr())? {
            Named::One(id) => id,
            Named::None => {
                return Err(RevError::Unknown { rev: said(), shallow: !self.shallow().is_empty() });
            }
            Named::Several => return Err(RevError::Ambiguous { rev: said() }),
        };
        let no_commit = || RevError::NoCommit { rev: said() };
        let mut id = peeled(reader, id).map_err(failed)?.ok_or_else(no_commit)?;
        for step in steps_of(steps).ok_or_else(|| RevError::Form { rev: said() })? {
            let parents = commit(reader, &id).map_err(failed)?.parents;
            let unknown = || RevError::Unknown { rev: said(), shallow: self.shallow().contains(&id) };
            id = match step {
                0 => id,
                nth => parents.get(nth - 1).copied().ok_or_else(unknown)?,
            };
        }
        Ok(id)
    }

    /// The commits that branches, tags and all other refs name.
    pub fn all(&self, reader: &mut Reader) -> Vec<ObjectId> {
        /// More refs are not looked at, nor folders that lie deeper in each other.
        const MOST: usize = 1 << 20;
        const DEEP: usize = 32;
        let packed = self.packed.get_or_init(|| self.read_packed());
        let mut ids: Vec<ObjectId> = packed.iter().map(|(_, id)| *id).collect();
        let mut folders = vec![(self.git.common.join("refs"), 0), (self.git.own.join("refs"), 0)];
        let mut bytes = Vec::new();
        while let Some((folder, depth)) = folders.pop() {
            for entry in folder.read_dir().into_iter().flatten().flatten() {
                let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
                if is_folder && depth < DEEP {
                    folders.push((entry.path(), depth + 1));
                } else if !is_folder
                    && ids.len() < MOST
                    && read::file(&entry.path(), Links::Refuse, LARGEST_REF, &mut bytes).is_ok()
                {
                    ids.extend(from_hex(bytes.trim(), self.hash_len));
                }
            }
        }
        ids.sort_unstable();
        ids.dedup();
        let mut commits: Vec<ObjectId> =
            ids.into_iter().filter_map(|id| peeled(reader, id).ok().flatten()).collect();
        commits.dedup();
        commits
    }

    /// What a name alone leads to, in the order in which Git looks.
    fn named(&self, reader: &Reader, name: &BStr) -> Result<Named, RevError> {
        if let Some(id) = from_hex(name, self.hash_len) {
            return Ok(Named::One(id));
        }
        for pattern in ["", "refs/", "refs/tags/", "refs/heads/", "refs/remotes/", "refs/remotes/{}/HEAD"] {
            let whole = match pattern.split_once("{}") {
                Some((before, behind)) => [before.as_bytes(), name, behind.as_bytes()].concat(),
                None => [pattern.as_bytes(), name].concat(),
            };
            if let Some(id) = self.resolve(whole.as_bstr())? {
                return Ok(Named::One(id));
            }
        }
        if name.len() < 4 {
            return Ok(Named::None);
        }
        let found = reader.objects().starting(name);
        let found =
            found.map_err(|error| RevError::Object { rev: shown(&name.to_str_lossy()).into(), error })?;
        Ok(match found[..] {
            [] => Named::None,
            [id] => Named::One(id),
            _ => Named::Several,
        })
    }

    /// What a ref points to, through refs that point to refs.
    fn resolve(&self, name: &BStr) -> Result<Option<ObjectId>, RevError> {
        let mut name = name.to_owned();
        for _ in 0..=DEEPEST {
            if !is_ref_name(&name) {
                return Ok(None);
            }
            match self.own_file(name.as_bstr())? {
                Some(text) => match text.strip_prefix(b"ref:") {
                    // What repositories with reftables have there, for programs that do not know them.
                    Some(target) if target.trim() == b"refs/heads/.invalid" => {
                        return Err(RevError::Reftable);
                    }
                    Some(target) => name = target.trim().into(),
                    None => return Ok(from_hex(text.trim(), self.hash_len)),
                },
                None => return Ok(self.packed(name.as_bstr())),
            }
        }
        Ok(None)
    }

    fn own_file(&self, name: &BStr) -> Result<Option<BString>, RevError> {
        let Ok(relative) = name.to_path() else { return Ok(None) };
        let mut bytes = Vec::new();
        for folder in [&self.git.own, &self.git.common] {
            let path = folder.join(relative);
            // Old repositories have HEAD as a link.
            if let Ok(target) = path.read_link()
                && target.starts_with("refs")
            {
                return Ok(Some([b"ref: ", target.as_os_str().as_encoded_bytes()].concat().into()));
            }
            match read::file(&path, Links::Refuse, LARGEST_REF, &mut bytes) {
                Ok(()) => return Ok(Some(bytes.into())),
                // A branch `a/b` makes `a` a folder.
                Err(
                    ReadError::Vanished | ReadError::TooLong | ReadError::NotRegular { what: "a folder" },
                ) => {}
                Err(error) => return Err(RevError::Unread(error)),
            }
        }
        Ok(None)
    }

    fn packed(&self, name: &BStr) -> Option<ObjectId> {
        let packed = self.packed.get_or_init(|| self.read_packed());
        packed.iter().find(|(packed, _)| packed == name).map(|(_, id)| *id)
    }

    fn read_packed(&self) -> Vec<(BString, ObjectId)> {
        let mut bytes = Vec::new();
        if read::file(&self.git.common.join("packed-refs"), Links::Refuse, LARGEST_LIST, &mut bytes).is_err()
        {
            return Vec::new();
        }
        let line = |line: &[u8]| {
            let (hex, name) = line.split_at_checked(self.hash_len * 2)?;
            Some((name.strip_prefix(b" ")?.into(), from_hex(hex, self.hash_len)?))
        };
        bytes.lines().filter_map(line).collect()
    }
}

enum Named {
    None,
    One(ObjectId),
    Several,
}

/// Reads a commit.
///
/// # Errors
/// It is not there, or no commit.
pub(in crate::repo) fn commit(reader: &mut Reader, id: &ObjectId) -> Result<Commit, ObjectError> {
    match reader.read(id, LARGEST_COMMIT)? {
        (ObjectKind::Commit, bytes) => Commit::parse(&bytes, reader.objects().hash_len()),
        _ => Err(ObjectError::Damaged),
    }
}

/// The commit behind a tag, or the commit itself.
pub(in crate::repo) fn peeled(reader: &mut Reader, id: ObjectId) -> Result<Option<ObjectId>, ObjectError> {
    let mut id = id;
    for _ in 0..=DEEPEST {
        match reader.read(&id, LARGEST_COMMIT)? {
            (ObjectKind::Commit, _) => return Ok(Some(id)),
            (ObjectKind::Tag, bytes) => match tagged(&bytes, reader.objects().hash_len()) {
                Some(target) => id = target,
                None => return Ok(None),
            },
            _ => return Ok(None),
        }
    }
    Ok(None)
}

/// `~2^2` as the parents to go to, one after the other; 0 stays. `None` if it is written otherwise.
fn steps_of(text: &str) -> Option<Vec<usize>> {
    /// Nobody types more, and each is a commit to read.
    const MOST: usize = 100_000;
    let mut steps = Vec::new();
    let mut rest = text;
    while let Some(sign) = rest.chars().next() {
        rest = &rest[1..];
        if sign == '^'
            && let Some(behind) =
                ["{commit}", "{}", "{object}"].iter().find_map(|form| rest.strip_prefix(form))
        {
            rest = behind;
            continue;
        }
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let number = if digits == 0 { 1 } else { rest[..digits].parse().ok().filter(|n| *n <= MOST)? };
        rest = &rest[digits..];
        match sign {
            '^' => steps.push(number),
            '~' => steps.extend(std::iter::repeat_n(1, number)),
            _ => return None,
        }
    }
    Some(steps)
}

/// Whether a name can be that of a ref, and leads nowhere else: <https://git-scm.com/docs/git-check-ref-format>.
fn is_ref_name(name: &[u8]) -> bool {
    name.split(|b| *b == b'/').all(|part| is_usual_name(part) && !part.starts_with(b"."))
        && !name.contains(&b'\\')
        && !name.iter().any(|b| b.is_ascii_control() || matches!(b, b' ' | b':' | b'?' | b'*' | b'['))
        && (name.starts_with(b"refs/") || name.iter().all(|b| b.is_ascii_uppercase() || *b == b'_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_read() {
        for (text, expect) in [
            ("", Some(vec![])),
            ("~2", Some(vec![1, 1])),
            ("^2~", Some(vec![2, 1])),
            ("^{commit}^^0", Some(vec![1, 0])),
            ("^{tree}", None),
            ("~x", None),
            ("~999999999", None),
        ] {
            assert_eq!(steps_of(text), expect, "{text}");
        }
    }

    #[test]
    fn no_ref_leads_out_of_the_git_folder() {
        for name in ["HEAD", "refs/heads/a/b", "FETCH_HEAD"] {
            assert!(is_ref_name(name.as_bytes()), "{name}");
        }
        for name in [
            "../x",
            "refs/../../x",
            "refs//x",
            "/etc/passwd",
            "config",
            "refs/heads/.x",
            "refs/a b",
            "refs/x/",
        ] {
            assert!(!is_ref_name(name.as_bytes()), "{name}");
        }
    }
}
