//! This room: Git's object database, read as files: packs, loose objects, alternates.
//! May touch: `repo::read`; the file system, read-only.
//! Never: believe a size, an offset or a name. Nothing is allocated for a size before it was held against a limit; no
//! object counts that is not what its name says, so that trees and commits cannot lie in circles.

mod bases;
mod commit;
mod delta;
mod families;
mod file;
mod folder;
mod idx;
mod inflate;
mod layout;
mod loose;
mod pack;
mod reader;
mod tree;

pub use commit::Commit;
pub(in crate::repo) use commit::tagged;
pub use families::{Families, Take};
pub use folder::Objects;
pub use layout::{Layout, Number};
pub use reader::Reader;
pub use tree::{TreeEntries, TreeEntry, TreeKind, is_usual_name, tree_entries};

pub use super::index::parse as parse_index;

use sha2::{Digest, Sha256};

use super::index::ObjectId;
use crate::repo::read::ReadError;

/// What an object is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ObjectKind {
    /// A commit.
    Commit,
    /// The names in a folder.
    Tree,
    /// A file's content.
    Blob,
    /// A tag with a message.
    Tag,
}

impl ObjectKind {
    fn word(self) -> &'static str {
        match self {
            Self::Commit => "commit",
            Self::Tree => "tree",
            Self::Blob => "blob",
            Self::Tag => "tag",
        }
    }
}

/// Why an object was not read. Safe to show.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ObjectError {
    /// The database does not have it.
    #[error("Git's object database does not have it")]
    Missing,
    /// It, or what it is made of, is larger than what is read.
    #[error("it is too large ({size} bytes)")]
    TooLarge {
        /// Its size in bytes.
        size: u64,
    },
    /// What it is made of is larger than what is read; it may be small itself.
    #[error("what Git has made it of is too large to be read")]
    Base,
    /// What is there is not what its name says.
    #[error("Git's object database is damaged here")]
    Damaged,
    /// A version that is not known.
    #[error("Git's object database has a form that is not known")]
    Unknown,
    /// It cannot be opened.
    #[error(transparent)]
    Unread(#[from] ReadError),
}

/// The name Git gives to an object:
/// <https://git-scm.com/book/en/v2/Git-Internals-Git-Objects#_object_storage>.
pub(in crate::repo) fn name_of(kind: ObjectKind, content: &[u8], sha256: bool) -> ObjectId {
    let head = format!("{} {}\0", kind.word(), content.len());
    let mut id = ObjectId::default();
    if sha256 {
        id.copy_from_slice(&Sha256::new().chain_update(head).chain_update(content).finalize());
    } else {
        let digest = sha1::Sha1::new().chain_update(head).chain_update(content).finalize();
        id[..20].copy_from_slice(&digest);
    }
    id
}

/// A whole name in hex digits.
pub(in crate::repo) fn from_hex(digits: &[u8], hash_len: usize) -> Option<ObjectId> {
    if digits.len() != hash_len * 2 {
        return None;
    }
    let mut id = ObjectId::default();
    for (byte, pair) in id.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = half_byte(pair[0])? << 4 | half_byte(pair[1])?;
    }
    Some(id)
}

/// What a hex digit says.
pub(super) fn half_byte(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).map(|value| value as u8)
}

fn half_bytes(id: &ObjectId) -> impl Iterator<Item = u8> {
    id.iter().flat_map(|byte| [byte >> 4, byte & 15])
}

/// A name as hex digits.
pub fn hex(id: &ObjectId, hash_len: usize) -> String {
    id[..hash_len]
        .iter()
        .flat_map(|b| [b >> 4, b & 15])
        .filter_map(|half| char::from_digit(u32::from(half), 16))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_and_written() {
        let id = name_of(ObjectKind::Blob, b"hello\n", false);
        assert_eq!(hex(&id, 20), "ce013625030ba8dba906f756967f9e9ca394464a");
        assert_eq!(from_hex(b"ce013625030ba8dba906f756967f9e9ca394464a", 20), Some(id));
        assert_eq!(from_hex(b"ce01", 20), None);
        assert_eq!(from_hex(&[b'g'; 40], 20), None);
    }
}
