use std::path::Path;

use super::file::OpenFile;
use super::idx::Idx;
use super::{ObjectError, ObjectId, ObjectKind};

/// A pack: <https://git-scm.com/docs/pack-format>.
#[derive(Debug)]
pub(super) struct Pack {
    pub(super) idx: Idx,
    pub(super) file: OpenFile,
    hash_len: usize,
}

/// An object as it stands in a pack.
#[derive(Debug, Clone, Copy)]
pub(super) struct PackedEntry {
    pub(super) form: Form,
    /// How large what the stream unpacks to is: the object, or the delta.
    pub(super) size: u64,
    /// Where its stream starts.
    pub(super) data: u64,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Form {
    Whole(ObjectKind),
    /// A delta to the object at this offset of the same pack, which lies before it.
    DeltaAt(u64),
    /// A delta to the object of this name.
    DeltaTo(ObjectId),
}

impl Pack {
    /// Opens a pack by the path of its index.
    pub(super) fn open(idx: &Path, hash_len: usize) -> Result<Self, ObjectError> {
        let file = OpenFile::open(&idx.with_extension("pack"))?;
        let mut head = [0; 12];
        file.read_exact(0, &mut head)?;
        if head[..4] != *b"PACK" || !matches!(head[4..8], [0, 0, 0, 2 | 3]) {
            return Err(ObjectError::Unknown);
        }
        Ok(Self { idx: Idx::open(idx, hash_len)?, file, hash_len })
    }

    /// What stands at an offset.
    pub(super) fn entry(&self, offset: u64) -> Result<PackedEntry, ObjectError> {
        // Sizes and offsets of ten bytes at the most, or a name.
        let mut head = [0; 48];
        let length = self.file.read_some(offset, &mut head)?;
        self.parse(&head[..length], offset)
    }

    /// The same from the bytes that stand there.
    pub(super) fn parse(&self, head: &[u8], offset: u64) -> Result<PackedEntry, ObjectError> {
        let length = head.len();
        let mut input = head;
        let byte = take(&mut input)?;
        let kind = byte >> 4 & 7;
        let mut size = u64::from(byte & 15);
        let (mut shift, mut more) = (4, byte & 0x80 != 0);
        while more {
            let byte = take(&mut input)?;
            if shift > 56 {
                return Err(ObjectError::Damaged);
            }
            size |= u64::from(byte & 0x7f) << shift;
            shift += 7;
            more = byte & 0x80 != 0;
        }
        let form = match kind {
            1 => Form::Whole(ObjectKind::Commit),
            2 => Form::Whole(ObjectKind::Tree),
            3 => Form::Whole(ObjectKind::Blob),
            4 => Form::Whole(ObjectKind::Tag),
            6 => {
                let back = back(&mut input)?;
                let base = offset.checked_sub(back).filter(|base| *base < offset && *base >= 12);
                Form::DeltaAt(base.ok_or(ObjectError::Damaged)?)
            }
            7 => {
                let (name, rest) = input.split_at_checked(self.hash_len).ok_or(ObjectError::Damaged)?;
                input = rest;
                let mut id = ObjectId::default();
                id[..self.hash_len].copy_from_slice(name);
                Form::DeltaTo(id)
            }
            _ => return Err(ObjectError::Damaged),
        };
        Ok(PackedEntry { form, size, data: offset + (length - input.len()) as u64 })
    }
}

fn take(input: &mut &[u8]) -> Result<u8, ObjectError> {
    let (&byte, rest) = input.split_first().ok_or(ObjectError::Damaged)?;
    *input = rest;
    Ok(byte)
}

/// How far before a delta its base lies.
fn back(input: &mut &[u8]) -> Result<u64, ObjectError> {
    let mut byte = take(input)?;
    let mut value = u64::from(byte & 0x7f);
    while byte & 0x80 != 0 {
        byte = take(input)?;
        value = value.checked_add(1).and_then(|v| v.checked_mul(128)).ok_or(ObjectError::Damaged)?
            | u64::from(byte & 0x7f);
    }
    Ok(value)
}
