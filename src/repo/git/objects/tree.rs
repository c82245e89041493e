use super::{ObjectError, ObjectId};

/// What a name in a tree stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TreeKind {
    /// A regular file.
    File,
    /// A symbolic link.
    Link,
    /// A folder.
    Folder,
    /// A commit of another repository.
    Submodule,
}

/// One name in a tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TreeEntry<'t> {
    /// The name; hostile trees hold names that no folder could.
    pub name: &'t [u8],
    /// What stands there.
    pub kind: TreeKind,
    /// Its name as an object.
    pub id: ObjectId,
}

/// The names in a tree object: mode, blank, name, zero byte, the object's name.
pub fn tree_entries(bytes: &[u8], hash_len: usize) -> TreeEntries<'_> {
    TreeEntries { rest: bytes, hash_len }
}

/// See [`tree_entries`].
#[derive(Debug)]
pub struct TreeEntries<'t> {
    rest: &'t [u8],
    hash_len: usize,
}

impl<'t> Iterator for TreeEntries<'t> {
    type Item = Result<TreeEntry<'t>, ObjectError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let entry = self.entry();
        if entry.is_none() {
            self.rest = b"";
        }
        Some(entry.ok_or(ObjectError::Damaged))
    }
}

impl<'t> TreeEntries<'t> {
    fn entry(&mut self) -> Option<TreeEntry<'t>> {
        let blank = self.rest.iter().take(8).position(|b| *b == b' ')?;
        let mut mode = 0_u32;
        for digit in &self.rest[..blank] {
            mode = mode << 3 | u32::from(digit.checked_sub(b'0').filter(|d| *d < 8)?);
        }
        let rest = &self.rest[blank + 1..];
        let end = memchr::memchr(0, rest)?;
        let (name, rest) = (&rest[..end], &rest[end + 1..]);
        let (hash, rest) = rest.split_at_checked(self.hash_len)?;
        self.rest = rest;
        let mut id = ObjectId::default();
        id[..self.hash_len].copy_from_slice(hash);
        let kind = match mode & 0o170_000 {
            0o040_000 => TreeKind::Folder,
            0o120_000 => TreeKind::Link,
            0o160_000 => TreeKind::Submodule,
            _ => TreeKind::File,
        };
        Some(TreeEntry { name, kind, id })
    }
}

/// Whether a name can stand in a folder, and Git would put it there.
pub fn is_usual_name(name: &[u8]) -> bool {
    !matches!(name, b"" | b"." | b"..") && !name.eq_ignore_ascii_case(b".git") && !name.contains(&b'/')
}
