use std::sync::Arc;

use super::bases::{At, Bases};
use super::delta;
use super::folder::{Found, Objects};
use super::inflate::Inflate;
use super::layout::{Layout, Number};
use super::loose;
use super::pack::Form;
use super::{ObjectError, ObjectId, ObjectKind, name_of};

/// No object is made of more than this many others. Git's own packs have 50 by default, and 4,095 at the most.
const LONGEST_CHAIN: usize = 4096;
/// What others are made of may be larger than what is asked for, up to this size.
const LARGEST_BASE: u64 = 64 << 20;
/// What may be unpacked for one object, all that it is made of together.
const MOST_WORK: u64 = 2 << 30;

/// Reads objects, one after the other. Each thread has its own.
pub struct Reader<'o> {
    objects: &'o Objects,
    inflate: Inflate,
    bases: Bases,
}

/// An object's kind and content.
pub type Object = (ObjectKind, Arc<Vec<u8>>);

impl<'o> Reader<'o> {
    /// A reader that remembers this many bytes of what it unpacked, since objects are made of each other.
    pub fn new(objects: &'o Objects, remembered: usize) -> Self {
        Self { objects, inflate: Inflate::new(), bases: Bases::new(remembered) }
    }

    /// The database.
    pub fn objects(&self) -> &'o Objects {
        self.objects
    }

    /// An object of at most `limit` bytes.
    ///
    /// # Errors
    /// See [`ObjectError`]: it is not there, too large, or not what its name says.
    pub fn read(&mut self, id: &ObjectId, limit: u64) -> Result<Object, ObjectError> {
        let (kind, bytes) = match self.objects.find(id)? {
            Found::Packed(pack, offset) => self.packed((pack, offset), limit)?,
            Found::Nowhere => self.loose(id, limit)?,
        };
        if name_of(kind, &bytes, self.objects.is_sha256()) != *id {
            return Err(ObjectError::Damaged);
        }
        Ok((kind, bytes))
    }

    /// An object by its number, of at most `limit` bytes. It is not held against its name.
    ///
    /// # Errors
    /// See [`ObjectError`].
    pub fn numbered(&mut self, layout: &Layout, number: Number, limit: u64) -> Result<Object, ObjectError> {
        match layout.at(number) {
            Some(at) => self.packed(at, limit),
            None => self.loose(&layout.id(number), limit),
        }
    }

    /// What a packed object that is a delta says of itself.
    pub(super) fn delta(
        &mut self,
        layout: &Layout,
        number: Number,
        limit: u64,
    ) -> Result<Vec<u8>, ObjectError> {
        let (pack, offset) = layout.at(number).ok_or(ObjectError::Damaged)?;
        let pack = &self.objects.packs[pack as usize];
        let entry = pack.entry(offset)?;
        if entry.size > limit {
            return Err(ObjectError::Base);
        }
        self.inflate.at(&pack.file, entry.data, entry.size as usize)
    }

    fn loose(&mut self, id: &ObjectId, limit: u64) -> Result<Object, ObjectError> {
        let objects = self.objects;
        for folder in &objects.folders {
            match loose::read(&folder.path, id, objects.hash_len, limit, &mut self.inflate) {
                Err(ObjectError::Missing) => {}
                other => return other.map(|(kind, bytes)| (kind, Arc::new(bytes))),
            }
        }
        Err(ObjectError::Missing)
    }

    /// The object at an offset of a pack: what it is made of first, then one delta after the other.
    fn packed(&mut self, at: At, limit: u64) -> Result<Object, ObjectError> {
        let base_limit = limit.max(LARGEST_BASE);
        let mut chain: Vec<(At, u64, u64)> = Vec::new();
        let (mut pack, mut offset) = at;
        let (kind, mut bytes) = loop {
            if let Some(known) = self.bases.get((pack, offset)) {
                break known;
            }
            if chain.len() >= LONGEST_CHAIN {
                return Err(ObjectError::Damaged);
            }
            let entry = self.objects.packs[pack as usize].entry(offset)?;
            let most = if chain.is_empty() { limit } else { base_limit };
            match entry.form {
                Form::Whole(kind) => {
                    if entry.size > most {
                        let whole = chain.is_empty();
                        return Err(if whole {
                            ObjectError::TooLarge { size: entry.size }
                        } else {
                            ObjectError::Base
                        });
                    }
                    let file = &self.objects.packs[pack as usize].file;
                    let bytes = Arc::new(self.inflate.at(file, entry.data, entry.size as usize)?);
                    self.bases.put((pack, offset), kind, &bytes);
                    break (kind, bytes);
                }
                Form::DeltaAt(base) => {
                    chain.push(((pack, offset), entry.data, entry.size));
                    offset = base;
                }
                Form::DeltaTo(id) => {
                    chain.push(((pack, offset), entry.data, entry.size));
                    match self.objects.find(&id)? {
                        Found::Packed(at, base) => (pack, offset) = (at, base),
                        Found::Nowhere => break self.loose(&id, base_limit).map_err(of_base)?,
                    }
                }
            }
        };
        let mut work = 0;
        while let Some((at, data, size)) = chain.pop() {
            let is_last = chain.is_empty();
            // A delta that is larger than what it makes is no saving; Git makes none.
            if size > base_limit {
                return Err(ObjectError::Base);
            }
            let delta = self.inflate.at(&self.objects.packs[at.0 as usize].file, data, size as usize)?;
            let most = if is_last { limit } else { base_limit };
            bytes = Arc::new(
                delta::apply(&bytes, &delta, most).map_err(|e| if is_last { e } else { of_base(e) })?,
            );
            work += (bytes.len() + delta.len()) as u64;
            if work > MOST_WORK {
                return Err(ObjectError::Base);
            }
            self.bases.put(at, kind, &bytes);
        }
        Ok((kind, bytes))
    }
}

/// Why an object cannot be made, by what is wrong with what it is made of.
pub(super) fn of_base(error: ObjectError) -> ObjectError {
    match error {
        ObjectError::TooLarge { .. } => ObjectError::Base,
        other => other,
    }
}
