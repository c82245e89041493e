use std::collections::BTreeSet;

use super::bases::At;
use super::folder::Objects;
use super::loose;
use super::pack::Form;
use super::{ObjectError, ObjectId, ObjectKind, from_hex};

/// An object's place in a [`Layout`].
pub type Number = u32;

const NONE: u32 = u32::MAX;

/// All objects of a database, told apart once: where each stands, what it is, and what it is made of. About 50 bytes
/// for each.
#[derive(Debug)]
pub struct Layout {
    packs: Vec<PackLayout>,
    loose: Vec<Loose>,
    /// The number of the first loose object.
    first_loose: Number,
    hash_len: usize,
}

#[derive(Debug)]
struct PackLayout {
    first: Number,
    is_own: bool,
    /// Names in their order, one behind the other.
    names: Vec<u8>,
    /// For each first byte, how many names come before it.
    fan: Vec<u32>,
    /// For each name, which entry it is.
    entry_of: Vec<u32>,
    /// In order of offset.
    entries: Vec<Packed>,
}

#[derive(Debug, Clone, Copy)]
struct Packed {
    offset: u64,
    /// Of what the stream unpacks to: the object, or the delta. What is larger than that counts as that.
    size: u32,
    /// Which name it has.
    name: u32,
    /// The entry of this pack that it is made of, if it is a delta to one.
    base: u32,
    kind: Option<ObjectKind>,
    is_delta: bool,
}

#[derive(Debug, Clone, Copy)]
struct Loose {
    id: ObjectId,
    kind: Option<ObjectKind>,
    is_own: bool,
}

impl Layout {
    /// Looks at the head of every object.
    ///
    /// # Errors
    /// A pack cannot be read, or there are too many objects.
    pub fn new(objects: &Objects) -> Result<Self, ObjectError> {
        let mut layout =
            Self { packs: Vec::new(), loose: Vec::new(), first_loose: 0, hash_len: objects.hash_len };
        let mut first = 0_u64;
        for (at, pack) in objects.packs.iter().enumerate() {
            let made = PackLayout::new(objects, at, first as Number)?;
            first += u64::from(pack.idx.count());
            layout.packs.push(made);
        }
        layout.first_loose = first as Number;
        layout.loose = loose_objects(objects);
        if first + layout.loose.len() as u64 >= u64::from(NONE) {
            return Err(ObjectError::TooLarge { size: first });
        }
        layout.tell_kinds(objects);
        Ok(layout)
    }

    /// The name of an object with this content.
    pub fn name_of(&self, kind: ObjectKind, content: &[u8]) -> ObjectId {
        super::name_of(kind, content, self.hash_len == 32)
    }

    /// How many bytes a name has.
    pub fn hash_len(&self) -> usize {
        self.hash_len
    }

    /// How many objects there are. An object that stands at two places counts twice, and is found at the first.
    pub fn len(&self) -> usize {
        self.first_loose as usize + self.loose.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The object of this name.
    pub fn find(&self, id: &ObjectId) -> Option<Number> {
        for pack in &self.packs {
            if let Some(entry) = pack.find(id, self.hash_len) {
                return Some(pack.first + entry);
            }
        }
        let at = self.loose.binary_search_by(|loose| loose.id.cmp(id)).ok()?;
        Some(self.first_loose + at as u32)
    }

    /// An object's name.
    pub fn id(&self, number: Number) -> ObjectId {
        match self.place(number) {
            Place::Packed(pack, entry) => pack.id(pack.entries[entry as usize].name, self.hash_len),
            Place::Loose(loose) => loose.id,
        }
    }

    /// What an object is; `None` if its place is damaged.
    pub fn kind(&self, number: Number) -> Option<ObjectKind> {
        match self.place(number) {
            Place::Packed(pack, entry) => pack.entries[entry as usize].kind,
            Place::Loose(loose) => loose.kind,
        }
    }

    /// Whether it is in the repository's own folder, and in no other that is shared.
    pub fn is_own(&self, number: Number) -> bool {
        match self.place(number) {
            Place::Packed(pack, _) => pack.is_own,
            Place::Loose(loose) => loose.is_own,
        }
    }

    /// Where in a pack an object stands.
    pub(super) fn at(&self, number: Number) -> Option<At> {
        let pack = self.pack_of(number)?;
        let layout = &self.packs[pack];
        Some((pack as u32, layout.entries[(number - layout.first) as usize].offset))
    }

    fn pack_of(&self, number: Number) -> Option<usize> {
        if number >= self.first_loose {
            return None;
        }
        self.packs.partition_point(|pack| pack.first <= number).checked_sub(1)
    }

    fn place(&self, number: Number) -> Place<'_> {
        match self.pack_of(number) {
            Some(pack) => Place::Packed(&self.packs[pack], number - self.packs[pack].first),
            None => Place::Loose(&self.loose[(number - self.first_loose) as usize]),
        }
    }

    /// The object that a packed one is a delta to; `None` for a whole one, and for one whose base stands elsewhere.
    pub(super) fn base(&self, number: Number) -> Option<Number> {
        match self.place(number) {
            Place::Packed(pack, entry) => {
                let base = pack.entries[entry as usize].base;
                (base != NONE).then(|| pack.first + base)
            }
            Place::Loose(_) => None,
        }
    }

    /// Whether an object is a delta, and how large it is, or its delta.
    pub(super) fn packed_size(&self, number: Number) -> Option<(bool, u64)> {
        match self.place(number) {
            Place::Packed(pack, entry) => {
                let entry = &pack.entries[entry as usize];
                Some((entry.is_delta, u64::from(entry.size)))
            }
            Place::Loose(_) => None,
        }
    }

    /// A delta is what its base is.
    fn tell_kinds(&mut self, objects: &Objects) {
        for at in 0..self.packs.len() {
            for entry in 0..self.packs[at].entries.len() {
                let mut way = Vec::new();
                let mut here = entry as u32;
                let kind = loop {
                    let pack = &self.packs[at].entries[here as usize];
                    match pack.kind {
                        Some(kind) => break Some(kind),
                        // In a circle, or to a base that stands elsewhere.
                        None if pack.base == NONE || way.len() > 4096 => break None,
                        None => way.push(here),
                    }
                    here = pack.base;
                };
                let kind = kind.or_else(|| self.kind_elsewhere(objects, at, here));
                for entry in way.into_iter().chain([entry as u32]) {
                    self.packs[at].entries[entry as usize].kind = kind;
                }
            }
        }
    }

    /// The kind of a delta whose base is in another pack, or loose: only broken or unfinished packs have them.
    fn kind_elsewhere(&self, objects: &Objects, pack: usize, entry: u32) -> Option<ObjectKind> {
        let entry = &self.packs[pack].entries[entry as usize];
        match objects.packs[pack].entry(entry.offset).ok()?.form {
            Form::DeltaTo(id) => self.kind(self.find(&id)?),
            _ => None,
        }
    }
}

enum Place<'l> {
    Packed(&'l PackLayout, u32),
    Loose(&'l Loose),
}

impl PackLayout {
    fn new(objects: &Objects, at: usize, first: Number) -> Result<Self, ObjectError> {
        let (pack, hash_len) = (&objects.packs[at], objects.hash_len);
        let index = pack.idx.load()?;
        let count = index.offsets.len();
        let mut order: Vec<(u64, u32)> =
            index.offsets.iter().enumerate().map(|(name, offset)| (*offset, name as u32)).collect();
        order.sort_unstable();
        let mut layout = Self {
            first,
            is_own: objects.is_own(at),
            names: index.names,
            fan: index.fan,
            entry_of: vec![0; count],
            entries: Vec::with_capacity(count),
        };
        let mut window = Window::default();
        let mut to_names: Vec<(u32, ObjectId)> = Vec::new();
        for (place, (offset, name)) in order.into_iter().enumerate() {
            layout.entry_of[name as usize] = place as u32;
            let read = window.head(pack, offset).and_then(|head| pack.parse(head, offset));
            // What is damaged is told when it is wanted.
            let entry = read.ok();
            let mut base = NONE;
            match entry.map(|entry| entry.form) {
                Some(Form::DeltaAt(offset)) => {
                    // It lies before what is made of it.
                    let found = layout.entries.binary_search_by_key(&offset, |entry| entry.offset);
                    base = found.map_or(NONE, |at| at as u32);
                }
                Some(Form::DeltaTo(id)) => to_names.push((place as u32, id)),
                _ => {}
            }
            layout.entries.push(Packed {
                offset,
                size: entry.map_or(0, |entry| u32::try_from(entry.size).unwrap_or(u32::MAX)),
                name,
                base,
                kind: match entry.map(|entry| entry.form) {
                    Some(Form::Whole(kind)) => Some(kind),
                    _ => None,
                },
                is_delta: entry.is_some_and(|entry| !matches!(entry.form, Form::Whole(_))),
            });
        }
        for (place, id) in to_names {
            if let Some(base) = layout.find(&id, hash_len) {
                layout.entries[place as usize].base = base;
            }
        }
        Ok(layout)
    }

    fn id(&self, name: u32, hash_len: usize) -> ObjectId {
        let mut id = ObjectId::default();
        let start = name as usize * hash_len;
        id[..hash_len].copy_from_slice(&self.names[start..start + hash_len]);
        id
    }

    /// Which entry has this name.
    fn find(&self, id: &ObjectId, hash_len: usize) -> Option<u32> {
        let (mut low, mut high) = (self.fan[usize::from(id[0])], self.fan[usize::from(id[0]) + 1]);
        while low < high {
            let middle = low + (high - low) / 2;
            let start = middle as usize * hash_len;
            match self.names[start..start + hash_len].cmp(&id[..hash_len]) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
                std::cmp::Ordering::Equal => return Some(self.entry_of[middle as usize]),
            }
        }
        None
    }
}

/// A stretch of a pack, read at once, from which heads are taken one after the other.
#[derive(Default)]
struct Window {
    start: u64,
    bytes: Vec<u8>,
}

impl Window {
    const SIZE: usize = 256 << 10;
    const HEAD: u64 = 48;

    fn head(&mut self, pack: &super::pack::Pack, offset: u64) -> Result<&[u8], ObjectError> {
        let end = self.start + self.bytes.len() as u64;
        if offset < self.start || offset + Self::HEAD > end {
            self.bytes.resize(Self::SIZE, 0);
            let read = pack.file.read_some(offset, &mut self.bytes)?;
            self.bytes.truncate(read);
            self.start = offset;
        }
        let from = (offset - self.start) as usize;
        Ok(&self.bytes[from..self.bytes.len().min(from + Self::HEAD as usize)])
    }
}

/// Every loose object, in order of name.
fn loose_objects(objects: &Objects) -> Vec<Loose> {
    /// More are not looked at; `git gc` packs them at some thousands.
    const MOST: usize = 1 << 22;
    let mut found = Vec::new();
    let mut seen: BTreeSet<ObjectId> = BTreeSet::new();
    for (folder, is_own) in objects.folders() {
        for first in 0..=255_u8 {
            let Ok(names) = folder.join(format!("{first:02x}")).read_dir() else { continue };
            for name in names.flatten().map(|entry| entry.file_name()) {
                let whole = [format!("{first:02x}").as_bytes(), name.as_encoded_bytes()].concat();
                let Some(id) = from_hex(&whole, objects.hash_len) else { continue };
                if found.len() < MOST && seen.insert(id) {
                    let kind = loose::kind(folder, &id, objects.hash_len).ok();
                    found.push(Loose { id, kind, is_own });
                }
            }
        }
    }
    found.sort_unstable_by_key(|loose| loose.id);
    found
}
