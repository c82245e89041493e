use std::path::Path;

use super::file::OpenFile;
use super::inflate::Inflate;
use super::{ObjectError, ObjectId, ObjectKind, hex};
use crate::repo::read::{self, Links};

/// A head is at most `commit `, twenty digits and a zero byte.
const HEAD: usize = 32;

/// Reads a loose object below a folder of objects.
pub(super) fn read(
    folder: &Path,
    id: &ObjectId,
    hash_len: usize,
    limit: u64,
    inflate: &mut Inflate,
) -> Result<(ObjectKind, Vec<u8>), ObjectError> {
    let name = hex(id, hash_len);
    let path = folder.join(&name[..2]).join(&name[2..]);
    // What does not shrink when packed grows by a little.
    let most = limit + limit / 100 + 1024;
    let mut stream = Vec::new();
    read::file(&path, Links::Refuse, most, &mut stream).map_err(|error| match error {
        read::ReadError::Vanished => ObjectError::Missing,
        read::ReadError::TooLarge { size } => ObjectError::TooLarge { size },
        other => ObjectError::Unread(other),
    })?;
    let head = inflate.head(&stream, HEAD)?;
    let (kind, size, start) = parse(&head).ok_or(ObjectError::Damaged)?;
    if size > limit {
        return Err(ObjectError::TooLarge { size });
    }
    let mut whole = inflate.whole(&stream, start + size as usize)?;
    whole.drain(..start);
    Ok((kind, whole))
}

/// What a loose object is, by its first bytes.
pub(super) fn kind(folder: &Path, id: &ObjectId, hash_len: usize) -> Result<ObjectKind, ObjectError> {
    let name = hex(id, hash_len);
    let file = OpenFile::open(&folder.join(&name[..2]).join(&name[2..]))?;
    let mut start = [0; 128];
    let length = file.read_some(0, &mut start)?;
    let head = Inflate::new().head(&start[..length], HEAD)?;
    parse(&head).map(|(kind, _, _)| kind).ok_or(ObjectError::Damaged)
}

/// What `blob 123` says, and where the content starts.
fn parse(head: &[u8]) -> Option<(ObjectKind, u64, usize)> {
    let end = memchr::memchr(0, head)?;
    let text = std::str::from_utf8(&head[..end]).ok()?;
    let (word, size) = text.split_once(' ')?;
    let kinds = [ObjectKind::Commit, ObjectKind::Tree, ObjectKind::Blob, ObjectKind::Tag];
    let kind = kinds.into_iter().find(|kind| kind.word() == word)?;
    let is_number = !size.is_empty() && size.bytes().all(|b| b.is_ascii_digit());
    Some((kind, size.parse().ok().filter(|_| is_number)?, end + 1))
}
