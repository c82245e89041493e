use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::Root;
use super::git::{IndexError, IndexKind, ObjectId, User};
use crate::model::RepoPath;

/// What Git has staged of each file, to tell whether a file's present content could be had back from Git.
#[derive(Debug, Default)]
pub struct Staged {
    ids: BTreeMap<RepoPath, ObjectId>,
    sha256: bool,
}

/// How a file's content stands to what Git has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Git has this very content.
    Kept,
    /// Git has another one.
    Changed,
    /// Git has none: the file is untracked, in conflict, or there is no Git.
    Unknown,
}

impl Staged {
    /// Reads the index of a root. Without Git nothing is staged.
    ///
    /// # Errors
    /// The index cannot be read.
    pub fn of(root: &Root) -> Result<Self, IndexError> {
        let Some(git) = root.git() else { return Ok(Self::default()) };
        let sha256 = git.habits(root.path(), &User::of_environment()).sha256;
        let mut ids = BTreeMap::new();
        for entry in git.index(sha256)? {
            if entry.kind == IndexKind::File && entry.stage == 0 {
                ids.insert(RepoPath::new(entry.path.as_slice()), entry.id);
            }
        }
        Ok(Self { ids, sha256 })
    }

    /// Compares a file's content with what is staged. Line ends that Git converts on checkout make no
    /// difference; a file that a filter rewrites counts as changed.
    pub fn state(&self, path: &RepoPath, content: &[u8]) -> State {
        let Some(staged) = self.ids.get(path) else { return State::Unknown };
        let unix = || memchr::memchr(b'\r', content).map(|_| without_carriage_returns(content));
        if self.blob(content) == *staged || unix().is_some_and(|unix| self.blob(&unix) == *staged) {
            State::Kept
        } else {
            State::Changed
        }
    }

    /// The name Git gives to a file's content:
    /// <https://git-scm.com/book/en/v2/Git-Internals-Git-Objects#_object_storage>.
    fn blob(&self, content: &[u8]) -> ObjectId {
        let head = format!("blob {}\0", content.len());
        let mut id = ObjectId::default();
        if self.sha256 {
            id.copy_from_slice(&Sha256::new().chain_update(head).chain_update(content).finalize());
        } else {
            let digest = sha1::Sha1::new().chain_update(head).chain_update(content).finalize();
            id[..20].copy_from_slice(&digest);
        }
        id
    }
}

fn without_carriage_returns(content: &[u8]) -> Vec<u8> {
    let mut unix = Vec::with_capacity(content.len());
    for (at, byte) in content.iter().enumerate() {
        if *byte != b'\r' || content.get(at + 1) != Some(&b'\n') {
            unix.push(*byte);
        }
    }
    unix
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contents_are_known_by_their_name() {
        // What `git hash-object` says of `hello\n`.
        let mut id = ObjectId::default();
        id[..20].copy_from_slice(&[
            0xce, 0x01, 0x36, 0x25, 0x03, 0x0b, 0xa8, 0xdb, 0xa9, 0x06, 0xf7, 0x56, 0x96, 0x7f, 0x9e, 0x9c,
            0xa3, 0x94, 0x46, 0x4a,
        ]);
        let path = RepoPath::from("a");
        let staged = Staged { ids: [(path.clone(), id)].into(), sha256: false };
        for (content, expect) in [
            (&b"hello\n"[..], State::Kept),
            (b"hello\r\n", State::Kept),
            (b"hello", State::Changed),
            (b"hello\r", State::Changed),
        ] {
            assert_eq!(staged.state(&path, content), expect, "{content:?}");
        }
        assert_eq!(staged.state(&RepoPath::from("b"), b"hello\n"), State::Unknown);
    }
}
