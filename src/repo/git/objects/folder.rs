use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use bstr::ByteSlice;

use super::layout::{Layout, Number};
use super::pack::Pack;
use super::{ObjectError, ObjectId, half_byte, hex};
use crate::repo::read::{self, Links, ReadError};

/// Git follows alternates of alternates this far, too.
const DEEPEST: usize = 5;
/// More folders are not looked into, nor more packs in all.
const MOST_FOLDERS: usize = 64;
const MOST_PACKS: usize = 4096;
/// A list of alternates is not opened if it is larger.
const LARGEST_LIST: u64 = 64 << 10;

/// A repository's object database: its own folder and its alternates, wherever those lie: what is read there is known
/// by its name beforehand.
#[derive(Debug)]
pub struct Objects {
    pub(super) folders: Vec<Folder>,
    pub(super) packs: Vec<Pack>,
    /// How many of the packs lie in the repository's own folder; they come first.
    own_packs: usize,
    pub(super) hash_len: usize,
    /// The pack that had the last object: the next one is likely there too.
    last: AtomicUsize,
    /// What could not be opened, in words.
    unread: Vec<String>,
    is_partial: bool,
}

/// A folder of objects.
#[derive(Debug)]
pub(super) struct Folder {
    pub(super) path: PathBuf,
    /// How deep in alternates it lies; 0 is the repository's own.
    depth: usize,
}

/// Where an object is.
#[derive(Debug, Clone, Copy)]
pub(super) enum Found {
    Packed(u32, u64),
    Nowhere,
}

impl Objects {
    /// Opens the database below a Git folder's `objects`. What of it cannot be opened is said by
    /// [`Objects::unread`]: an object that may lie there is missing then.
    pub fn open(objects: &Path, sha256: bool) -> Self {
        let mut all = Self {
            folders: Vec::new(),
            packs: Vec::new(),
            own_packs: 0,
            hash_len: if sha256 { 32 } else { 20 },
            last: AtomicUsize::new(0),
            unread: Vec::new(),
            is_partial: false,
        };
        let mut seen = BTreeSet::new();
        all.add(objects, 0, &mut seen);
        all.own_packs = all.packs.len();
        let mut at = 0;
        while at < all.folders.len() {
            all.add_alternates(at, &mut seen);
            at += 1;
        }
        all
    }

    /// Whether names are SHA-256.
    pub fn is_sha256(&self) -> bool {
        self.hash_len == 32
    }

    /// How many bytes a name has.
    pub fn hash_len(&self) -> usize {
        self.hash_len
    }

    /// Parts of the database that could not be opened. Safe to show.
    pub fn unread(&self) -> &[String] {
        &self.unread
    }

    /// Whether it is the database of a partial clone, which fetches objects when Git wants them.
    pub fn is_partial(&self) -> bool {
        self.is_partial
    }

    /// An object's name in hex digits.
    pub fn hex(&self, id: &ObjectId) -> String {
        hex(id, self.hash_len)
    }

    fn add(&mut self, folder: &Path, depth: usize, seen: &mut BTreeSet<PathBuf>) {
        let Ok(folder) = folder.canonicalize() else {
            self.unread.push("a folder of objects that is named is not there".into());
            return;
        };
        if !seen.insert(folder.clone()) {
            return;
        }
        if depth > DEEPEST || self.folders.len() >= MOST_FOLDERS {
            self.unread.push("folders of objects name more of each other than are looked into".into());
            return;
        }
        let mut indexes = Vec::new();
        if let Ok(names) = folder.join("pack").read_dir() {
            for path in names.flatten().map(|entry| entry.path()).take(4 * MOST_PACKS) {
                match path.extension().map(OsStr::as_encoded_bytes) {
                    Some(b"idx") => indexes.push(path),
                    Some(b"promisor") => self.is_partial = true,
                    _ => {}
                }
            }
        }
        indexes.sort();
        for path in indexes {
            if self.packs.len() >= MOST_PACKS {
                self.unread.push("there are more packs than are looked into".into());
                break;
            }
            match Pack::open(&path, self.hash_len) {
                Ok(pack) => self.packs.push(pack),
                // A pack that is just being replaced.
                Err(ObjectError::Unread(ReadError::Vanished)) => {}
                Err(error) => self.unread.push(format!("a pack of objects: {error}")),
            }
        }
        self.folders.push(Folder { path: folder, depth });
    }

    /// <https://git-scm.com/docs/gitrepository-layout#Documentation/gitrepository-layout.txt-objectsinfoalternates>
    fn add_alternates(&mut self, at: usize, seen: &mut BTreeSet<PathBuf>) {
        let (folder, depth) = (self.folders[at].path.clone(), self.folders[at].depth);
        let mut bytes = Vec::new();
        match read::file(&folder.join("info/alternates"), Links::Refuse, LARGEST_LIST, &mut bytes) {
            Ok(()) => {}
            Err(ReadError::Vanished) => return,
            Err(error) => {
                self.unread.push(format!("the list of other folders of objects: {error}"));
                return;
            }
        }
        for line in bytes.lines().filter(|line| !line.is_empty() && !line.starts_with(b"#")) {
            match line.to_path() {
                Ok(path) => self.add(&folder.join(path), depth + 1, seen),
                Err(_) => self.unread.push("a folder of objects whose name is none here".into()),
            }
        }
    }

    /// The names of all objects.
    ///
    /// # Errors
    /// A pack cannot be read.
    pub fn names(&self) -> Result<Vec<ObjectId>, ObjectError> {
        let layout = Layout::new(self)?;
        Ok((0..layout.len() as Number).map(|number| layout.id(number)).collect())
    }

    /// The folders of objects, and whether each is the repository's own.
    pub(super) fn folders(&self) -> impl Iterator<Item = (&Path, bool)> {
        self.folders.iter().map(|folder| (&*folder.path, folder.depth == 0))
    }

    /// Whether a pack lies in the repository's own folder.
    pub(super) fn is_own(&self, pack: usize) -> bool {
        self.own_packs > pack
    }

    /// Which pack has an object.
    pub(super) fn find(&self, id: &ObjectId) -> Result<Found, ObjectError> {
        let first = self.last.load(Ordering::Relaxed);
        let order = std::iter::once(first).chain((0..self.packs.len()).filter(|at| *at != first));
        let mut failed = None;
        for at in order {
            let Some(pack) = self.packs.get(at) else { continue };
            match pack.idx.find(id) {
                Ok(Some(offset)) => {
                    self.last.store(at, Ordering::Relaxed);
                    return Ok(Found::Packed(at as u32, offset));
                }
                Ok(None) => {}
                Err(error) => failed = Some(error),
            }
        }
        failed.map_or(Ok(Found::Nowhere), Err)
    }

    /// The objects whose names start with these hex digits; two are as good as many.
    ///
    /// # Errors
    /// A pack cannot be searched.
    pub(in crate::repo) fn starting(&self, digits: &[u8]) -> Result<Vec<ObjectId>, ObjectError> {
        let halves: Option<Vec<u8>> = digits.iter().map(|digit| half_byte(*digit)).collect();
        let Some(halves) = halves.filter(|h| h.len() >= 2 && h.len() <= self.hash_len * 2) else {
            return Ok(Vec::new());
        };
        let mut found = Vec::new();
        for pack in &self.packs {
            pack.idx.starting(&halves, &mut found)?;
        }
        let (folder, rest) = digits.split_at(2);
        let lower = |digits: &[u8]| String::from_utf8_lossy(digits).to_ascii_lowercase();
        for known in &self.folders {
            let Ok(names) = known.path.join(lower(folder)).read_dir() else { continue };
            for name in names.flatten().map(|entry| entry.file_name()) {
                let name = name.as_encoded_bytes();
                if name.starts_with(lower(rest).as_bytes()) {
                    let whole = [folder, name].concat();
                    found.extend(super::from_hex(&whole, self.hash_len));
                }
            }
        }
        found.sort_unstable();
        found.dedup();
        Ok(found)
    }
}
