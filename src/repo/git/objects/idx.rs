use std::cmp::Ordering;
use std::path::Path;

use super::file::OpenFile;
use super::{ObjectError, ObjectId};

/// Where the objects of a pack stand in it: <https://git-scm.com/docs/pack-format#_version_2_pack_idx_files_support_packs_larger_than_4_gib_and>.
/// It is searched on disk, so that it takes no memory.
#[derive(Debug)]
pub(super) struct Idx {
    file: OpenFile,
    /// How many objects have a first byte up to this one.
    fan: Box<[u32; 256]>,
    hash_len: usize,
    old: bool,
}

/// The whole of an index.
pub(super) struct Loaded {
    /// One behind the other, in order.
    pub(super) names: Vec<u8>,
    /// Of each name.
    pub(super) offsets: Vec<u64>,
    /// For each first byte, how many names come before it; and how many there are.
    pub(super) fan: Vec<u32>,
}

const FAN: u64 = 256 * 4;

impl Idx {
    pub(super) fn open(path: &Path, hash_len: usize) -> Result<Self, ObjectError> {
        let file = OpenFile::open(path)?;
        let mut head = [0; 8];
        file.read_exact(0, &mut head)?;
        let old = head[..4] != *b"\xfftOc";
        if !old && head[4..] != [0, 0, 0, 2] {
            return Err(ObjectError::Unknown);
        }
        let mut bytes = [0; FAN as usize];
        file.read_exact(if old { 0 } else { 8 }, &mut bytes)?;
        let mut fan = Box::new([0; 256]);
        for (at, word) in bytes.chunks_exact(4).enumerate() {
            fan[at] = u32::from_be_bytes([word[0], word[1], word[2], word[3]]);
        }
        let idx = Self { file, fan, hash_len, old };
        let per_object = hash_len as u64 + if old { 4 } else { 8 };
        let is_rising = idx.fan.windows(2).all(|pair| pair[0] <= pair[1]);
        if !is_rising || u64::from(idx.count()) * per_object + FAN > idx.file.len {
            return Err(ObjectError::Damaged);
        }
        Ok(idx)
    }

    /// How many objects there are.
    pub(super) fn count(&self) -> u32 {
        self.fan[255]
    }

    /// Where in the pack the object starts.
    pub(super) fn find(&self, id: &ObjectId) -> Result<Option<u64>, ObjectError> {
        let (mut low, mut high) = self.bucket(id[0]);
        while low < high {
            let middle = low + (high - low) / 2;
            match self.id(middle)?.cmp(id) {
                Ordering::Less => low = middle + 1,
                Ordering::Greater => high = middle,
                Ordering::Equal => return self.offset(middle).map(Some),
            }
        }
        Ok(None)
    }

    /// The first two objects whose name starts with these hex digits, as half bytes.
    pub(super) fn starting(&self, digits: &[u8], found: &mut Vec<ObjectId>) -> Result<(), ObjectError> {
        let [first, second, ..] = digits else { return Ok(()) };
        let (mut low, end) = self.bucket(first << 4 | second);
        let mut high = end;
        while low < high {
            let middle = low + (high - low) / 2;
            if super::half_bytes(&self.id(middle)?).take(digits.len()).lt(digits.iter().copied()) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        for at in low..end.min(low + 2) {
            let id = self.id(at)?;
            if super::half_bytes(&id).take(digits.len()).eq(digits.iter().copied()) {
                found.push(id);
            }
        }
        Ok(())
    }

    /// All of it: every object with its offset, in order of name.
    pub(super) fn load(&self) -> Result<Loaded, ObjectError> {
        let count = self.count() as usize;
        let mut loaded = Loaded { names: Vec::new(), offsets: Vec::with_capacity(count), fan: vec![0] };
        loaded.fan.extend_from_slice(&self.fan[..]);
        if self.old {
            for at in 0..self.count() {
                loaded.names.extend_from_slice(&self.id(at)?[..self.hash_len]);
                loaded.offsets.push(self.offset(at)?);
            }
            return Ok(loaded);
        }
        loaded.names = vec![0; count * self.hash_len];
        self.file.read_exact(8 + FAN, &mut loaded.names)?;
        let mut small = vec![0; count * 4];
        self.file.read_exact(8 + FAN + count as u64 * (self.hash_len as u64 + 4), &mut small)?;
        for (at, word) in small.chunks_exact(4).enumerate() {
            let offset = u32::from_be_bytes([word[0], word[1], word[2], word[3]]);
            let is_small = offset & 0x8000_0000 == 0;
            loaded.offsets.push(if is_small { u64::from(offset) } else { self.offset(at as u32)? });
        }
        Ok(loaded)
    }

    fn bucket(&self, first: u8) -> (u32, u32) {
        let low = usize::from(first).checked_sub(1).map_or(0, |before| self.fan[before]);
        (low, self.fan[usize::from(first)])
    }

    fn id(&self, at: u32) -> Result<ObjectId, ObjectError> {
        let mut id = ObjectId::default();
        let (start, step, skip) =
            if self.old { (FAN, self.hash_len + 4, 4) } else { (8 + FAN, self.hash_len, 0) };
        self.file.read_exact(start + u64::from(at) * step as u64 + skip, &mut id[..self.hash_len])?;
        Ok(id)
    }

    fn offset(&self, at: u32) -> Result<u64, ObjectError> {
        let (at, count) = (u64::from(at), u64::from(self.count()));
        let hash_len = self.hash_len as u64;
        if self.old {
            return Ok(u64::from(self.u32(FAN + at * (hash_len + 4))?));
        }
        let small = 8 + FAN + count * (hash_len + 4);
        let offset = self.u32(small + at * 4)?;
        if offset & 0x8000_0000 == 0 {
            return Ok(u64::from(offset));
        }
        let large = small + count * 4 + u64::from(offset & 0x7fff_ffff) * 8;
        Ok(u64::from(self.u32(large)?) << 32 | u64::from(self.u32(large + 4)?))
    }

    fn u32(&self, offset: u64) -> Result<u32, ObjectError> {
        let mut bytes = [0; 4];
        self.file.read_exact(offset, &mut bytes)?;
        Ok(u32::from_be_bytes(bytes))
    }
}
