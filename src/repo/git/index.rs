//! The Git index: <https://git-scm.com/docs/index-format>. Read by our own few lines, since it is hostile input: a
//! version 4 index of a few megabytes can unfold to terabytes of paths, and the shared index of a split one must
//! be opened as carefully as the index itself.

use std::collections::HashMap;

use bstr::BString;

use crate::repo::read::ReadError;

/// What the index says of one path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct IndexEntry {
    /// The path, as it stands there.
    pub path: BString,
    /// What Git keeps at it.
    pub kind: IndexKind,
    /// The name of what is staged there.
    pub id: ObjectId,
    /// 0; or 1 to 3 for the sides of a conflict.
    pub stage: u8,
    /// Whether the path was announced only (`git add -N`): nothing is staged there yet.
    pub intent: bool,
}

/// The name of an object: SHA-1 or SHA-256 of what it holds, the shorter one followed by zeros.
pub type ObjectId = [u8; 32];

/// What Git keeps at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum IndexKind {
    /// A regular file.
    File,
    /// A symbolic link.
    Link,
    /// A commit of another repository.
    Submodule,
    /// A whole folder that is not checked out.
    SparseFolder,
}

/// An index that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IndexError {
    /// It ends too early, or numbers in it contradict each other.
    #[error("it is damaged")]
    Damaged,
    /// A version after 4, or an extension that must be understood.
    #[error("it has a form that is not known")]
    Unknown,
    /// Paths longer than any system can open, or too many of them.
    #[error("its paths are too long")]
    TooLong,
    /// It cannot be opened.
    #[error(transparent)]
    Unread(#[from] ReadError),
}

/// The parts of an index file.
#[derive(Debug, Default)]
pub(in crate::repo) struct IndexFile {
    /// In the file's order: by path, then by stage.
    pub(in crate::repo) entries: Vec<IndexEntry>,
    /// If it is split: the name of the shared index, and which of its entries are gone or replaced.
    pub(super) link: Option<Link>,
    /// Folders whose tree object is known already: what a commit would write for them.
    pub(in crate::repo) trees: HashMap<BString, ObjectId>,
}

/// What a split index takes from the shared one.
#[derive(Debug)]
pub(super) struct Link {
    /// The checksum that is part of the shared file's name, as hex.
    pub(super) shared: String,
    deleted: Vec<u64>,
    replaced: Vec<u64>,
}

/// Longer paths cannot be opened on any system we run on.
const LONGEST_PATH: usize = 4096;
/// What the paths of an index may take in memory.
const MOST_PATH_BYTES: usize = 1 << 30;
/// More entries than this no shared index has.
const MOST_BITS: usize = 1 << 25;

/// Reads an index file. `hash_len` is 20, or 32 for SHA-256.
pub(in crate::repo) fn read(bytes: &[u8], hash_len: usize) -> Result<IndexFile, IndexError> {
    // Behind everything stands a checksum, which is not verified: a file system that damages files is no concern
    // of an audit, and somebody hostile would compute it.
    let body = bytes.len().checked_sub(hash_len).ok_or(IndexError::Damaged)?;
    let mut input = Input { rest: &bytes[..body] };
    if input.take(4)? != b"DIRC" {
        return Err(IndexError::Damaged);
    }
    let version = input.u32()?;
    if !(2..=4).contains(&version) {
        return Err(IndexError::Unknown);
    }
    let count = input.u32()? as usize;
    // The smallest entry is a fixed part, flags and a path's end.
    if count > body / (40 + hash_len + 3) {
        return Err(IndexError::Damaged);
    }
    let mut file = IndexFile { entries: Vec::with_capacity(count), ..IndexFile::default() };
    let mut path: Vec<u8> = Vec::new();
    let mut path_bytes = 0;
    for _ in 0..count {
        let before = input.rest.len();
        let stat = input.take(40)?;
        let mode = u32::from_be_bytes([stat[24], stat[25], stat[26], stat[27]]);
        let mut id = ObjectId::default();
        let hash = input.take(hash_len)?;
        id[..hash.len().min(32)].copy_from_slice(&hash[..hash.len().min(32)]);
        let flags = input.u16()?;
        let mut intent = false;
        if flags & 0x4000 != 0 {
            if version < 3 {
                return Err(IndexError::Damaged);
            }
            intent = input.u16()? & 0x2000 != 0;
        }
        if version == 4 {
            let strip = input.varint()?;
            path.truncate(path.len().checked_sub(strip).ok_or(IndexError::Damaged)?);
            path.extend_from_slice(input.until_nul()?);
        } else {
            path.clear();
            path.extend_from_slice(input.until_nul()?);
            // One to eight NULs make the entry a multiple of eight; `until_nul` took the first.
            let used = before - input.rest.len();
            input.take(used.next_multiple_of(8) - used)?;
        }
        path_bytes += path.len();
        if path.len() > LONGEST_PATH || path_bytes > MOST_PATH_BYTES {
            return Err(IndexError::TooLong);
        }
        let kind = match mode & 0o170_000 {
            0o160_000 => IndexKind::Submodule,
            0o040_000 => IndexKind::SparseFolder,
            0o120_000 => IndexKind::Link,
            _ => IndexKind::File,
        };
        let stage = (flags >> 12 & 3) as u8;
        file.entries.push(IndexEntry { path: BString::from(path.as_slice()), kind, id, stage, intent });
    }
    while !input.rest.is_empty() {
        let name = input.take(4)?;
        let size = input.u32()? as usize;
        let extension = input.take(size)?;
        match name {
            b"link" => file.link = Some(link(extension, hash_len)?),
            // What is wrong in it is as good as not there: it only saves work.
            b"TREE" => file.trees = trees(extension, hash_len).unwrap_or_default(),
            // `sdir` says that there are sparse folders, which their entries say too.
            b"sdir" => {}
            // Those with a small first letter must be understood.
            [first, ..] if first.is_ascii_uppercase() => {}
            _ => return Err(IndexError::Unknown),
        }
    }
    Ok(file)
}

/// How many entries an index file holds, read whole. `hash_len` is 20, or 32 for SHA-256.
///
/// # Errors
/// It does not have the form of one.
pub fn parse(bytes: &[u8], hash_len: usize) -> Result<usize, IndexError> {
    read(bytes, hash_len).map(|file| file.entries.len())
}

/// A split index put together: the shared entries that are left, then its own.
pub(super) fn join(own: IndexFile, link: &Link, shared: IndexFile) -> Result<Vec<IndexEntry>, IndexError> {
    if shared.link.is_some() {
        return Err(IndexError::Damaged);
    }
    let is_set = |bits: &[u64], at: usize| bits.get(at / 64).is_some_and(|word| word & (1 << (at % 64)) != 0);
    let mut own = own.entries.into_iter().peekable();
    let mut entries = Vec::with_capacity(shared.entries.len() + own.len());
    for (at, mut entry) in shared.entries.into_iter().enumerate() {
        // Entries that replace shared ones come first, and without a path.
        if is_set(&link.replaced, at) {
            let new = own.next().ok_or(IndexError::Damaged)?;
            if !new.path.is_empty() {
                return Err(IndexError::Damaged);
            }
            (entry.kind, entry.id, entry.stage, entry.intent) = (new.kind, new.id, new.stage, new.intent);
        }
        if !is_set(&link.deleted, at) {
            entries.push(entry);
        }
    }
    entries.extend(own);
    Ok(entries)
}

/// The folders whose tree is known: a name, how many entries and folders it has (-1 entries: not known), and the
/// tree's name; the folders in it follow (<https://git-scm.com/docs/index-format#_cache_tree>).
fn trees(extension: &[u8], hash_len: usize) -> Result<HashMap<BString, ObjectId>, IndexError> {
    let mut input = Input { rest: extension };
    let mut trees = HashMap::new();
    // The folders that others are in: their paths, and how many are to come.
    let mut above: Vec<(BString, u64)> = Vec::new();
    loop {
        let name = input.until_nul()?;
        let mut path = above.last().map(|(path, _)| path.clone()).unwrap_or_default();
        if !path.is_empty() {
            path.push(b'/');
        }
        path.extend_from_slice(name);
        if path.len() > LONGEST_PATH {
            return Err(IndexError::TooLong);
        }
        let entries = input.number(b' ')?;
        let folders = input.number(b'\n')?;
        if entries >= 0 {
            let mut id = ObjectId::default();
            id[..hash_len].copy_from_slice(input.take(hash_len)?);
            trees.insert(path.clone(), id);
        }
        above.push((path, u64::try_from(folders).map_err(|_| IndexError::Damaged)?));
        while let Some((_, left)) = above.last_mut() {
            if *left > 0 {
                *left -= 1;
                break;
            }
            above.pop();
        }
        if above.is_empty() {
            return Ok(trees);
        }
    }
}

fn link(extension: &[u8], hash_len: usize) -> Result<Link, IndexError> {
    let mut input = Input { rest: extension };
    let hash = input.take(hash_len)?;
    let digit = |half: u8| char::from_digit(u32::from(half), 16).unwrap_or_default();
    let shared: String = hash.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect();
    if input.rest.is_empty() {
        return Ok(Link { shared, deleted: Vec::new(), replaced: Vec::new() });
    }
    Ok(Link { shared, deleted: bitmap(&mut input)?, replaced: bitmap(&mut input)? })
}

/// An EWAH bitmap: runs of equal words, each followed by words as they are
/// (<https://git-scm.com/docs/bitmap-format#_appendix_a_serialization_format_for_an_ewah_bitmap>).
fn bitmap(input: &mut Input) -> Result<Vec<u64>, IndexError> {
    let bits = input.u32()? as usize;
    let count = input.u32()? as usize;
    let mut words = Input { rest: input.take(count.checked_mul(8).ok_or(IndexError::Damaged)?)? };
    input.u32()?;
    if bits > MOST_BITS {
        return Err(IndexError::Damaged);
    }
    let most = bits.div_ceil(64);
    let mut set = Vec::new();
    while !words.rest.is_empty() {
        let head = words.u64()?;
        let run = (head >> 1) as u32 as usize;
        let literals = (head >> 33) as usize;
        if set.len() + run + literals > most {
            return Err(IndexError::Damaged);
        }
        set.resize(set.len() + run, if head & 1 == 1 { u64::MAX } else { 0 });
        for _ in 0..literals {
            set.push(words.u64()?);
        }
    }
    Ok(set)
}

/// What is left to read.
struct Input<'a> {
    rest: &'a [u8],
}

impl<'a> Input<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], IndexError> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or(IndexError::Damaged)?;
        self.rest = rest;
        Ok(taken)
    }

    fn u16(&mut self) -> Result<u16, IndexError> {
        let bytes = self.take(2)?;
        Ok(u16::from_be_bytes([bytes[0], bytes[1]]))
    }

    fn u32(&mut self) -> Result<u32, IndexError> {
        Ok(u32::from(self.u16()?) << 16 | u32::from(self.u16()?))
    }

    fn u64(&mut self) -> Result<u64, IndexError> {
        Ok(u64::from(self.u32()?) << 32 | u64::from(self.u32()?))
    }

    /// The offset encoding of packs, which version 4 uses for the bytes to strip.
    fn varint(&mut self) -> Result<usize, IndexError> {
        let mut byte = self.take(1)?[0];
        let mut value = usize::from(byte & 0x7f);
        while byte & 0x80 != 0 {
            byte = self.take(1)?[0];
            value = value.checked_add(1).and_then(|v| v.checked_mul(128)).ok_or(IndexError::Damaged)?
                | usize::from(byte & 0x7f);
        }
        Ok(value)
    }

    /// A decimal number, and the byte that ends it.
    fn number(&mut self, end: u8) -> Result<i64, IndexError> {
        let length = memchr::memchr(end, self.rest).ok_or(IndexError::Damaged)?;
        let text = std::str::from_utf8(self.take(length)?).map_err(|_| IndexError::Damaged)?;
        self.take(1)?;
        text.parse().map_err(|_| IndexError::Damaged)
    }

    fn until_nul(&mut self) -> Result<&'a [u8], IndexError> {
        let end = memchr::memchr(0, self.rest).ok_or(IndexError::Damaged)?;
        let taken = self.take(end)?;
        self.take(1)?;
        Ok(taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An index of these raw version 4 entries: how many bytes to strip (below 128), and what to append.
    fn version_4(entries: &[(u8, &[u8])]) -> Vec<u8> {
        let mut bytes = b"DIRC\0\0\0\x04".to_vec();
        bytes.extend((entries.len() as u32).to_be_bytes());
        for (strip, append) in entries {
            let mut entry = vec![0; 40 + 20 + 2];
            entry[26] = 0o100;
            bytes.extend(entry);
            bytes.push(*strip);
            bytes.extend_from_slice(append);
            bytes.push(0);
        }
        bytes.extend([0; 20]);
        bytes
    }

    #[test]
    fn paths_unfold() {
        let file = read(&version_4(&[(0, b"a/b"), (1, b"c"), (3, b"d")]), 20).unwrap();
        let paths: Vec<_> = file.entries.iter().map(|e| e.path.to_string()).collect();
        assert_eq!(paths, ["a/b", "a/c", "d"]);
    }

    #[test]
    fn a_path_bomb_is_refused() {
        let long = vec![b'a'; 5000];
        assert_eq!(read(&version_4(&[(0, &long)]), 20).unwrap_err(), IndexError::TooLong);
    }

    #[test]
    fn no_cut_and_no_flipped_byte_is_a_panic() {
        let whole = version_4(&[(0, b"a/b"), (1, b"c"), (3, b"d")]);
        for end in 0..whole.len() {
            let _ = read(&whole[..end], 20);
            let _ = read(&whole[..end], 32);
            let mut flipped = whole.clone();
            flipped[end] ^= 0xff;
            let _ = read(&flipped, 20);
        }
    }

    #[test]
    fn a_count_without_entries_takes_no_memory() {
        let mut bytes = b"DIRC\0\0\0\x02\xff\xff\xff\xff".to_vec();
        bytes.extend([0; 40]);
        assert_eq!(read(&bytes, 20).unwrap_err(), IndexError::Damaged);
    }
}
