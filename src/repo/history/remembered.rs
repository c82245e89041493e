use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::time::Duration;

use sha2::{Digest, Sha256};

use super::guises::Guises;
use crate::repo::git::ObjectId;
use crate::repo::git::objects::Commit;
use crate::repo::read::{self, Links};

/// Begins every file of this form; another form has another beginning.
const MAGIC: &[u8] = b"prodcheck history 2\n";
/// A file above this size is not read.
const LARGEST: u64 = 1 << 30;
/// Begins the names of files that are being written.
const UNFINISHED: &str = ".history-";
/// Nobody takes so long to write one.
const UNFINISHED_FOR: Duration = Duration::from_secs(3600);
/// What ends a file: a part of the hash of all before it.
const SEAL: usize = 16;

/// What is remembered of a content: there is nothing to find in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It was read, and nothing was found.
    Clean,
    /// It is no text.
    Binary,
    /// It is larger than what is read.
    TooLarge,
}

/// What is known of a content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// Why there is nothing to find in it.
    pub verdict: Verdict,
    /// As what it was looked at.
    pub(super) guises: Guises,
}

impl Known {
    /// Whether that holds for paths of these kinds.
    pub(super) fn covers(&self, guises: &Guises) -> bool {
        self.verdict != Verdict::Clean || self.guises.cover(guises)
    }
}

/// What an earlier run found out, under the same rules. It holds names of Git's objects, and nothing of what they say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Remembered {
    /// How many bytes a name has.
    pub hash_len: usize,
    /// Contents with nothing in them.
    pub contents: HashMap<ObjectId, Known>,
    /// Commits whose contents are all here, or in `open`, and what they say.
    pub commits: HashMap<ObjectId, Commit>,
    /// Contents that must be looked at again, and the commits that brought them.
    pub open: BTreeMap<ObjectId, Vec<ObjectId>>,
}

impl Remembered {
    /// Reads the file at this path. What is not whole is as good as not there.
    pub fn load(path: &Path) -> Self {
        let mut bytes = Vec::new();
        match read::file(path, Links::Refuse, LARGEST, &mut bytes) {
            Ok(()) => Self::parse(&bytes).unwrap_or_default(),
            Err(_) => Self::default(),
        }
    }

    /// The same, if names have so many bytes; else nothing.
    pub(super) fn of_names(self, hash_len: usize) -> Self {
        if self.hash_len == hash_len { self } else { Self { hash_len, ..Self::default() } }
    }

    /// Reads the file's text. `None` if it is another form, or damaged.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let (body, seal) = bytes.split_at_checked(bytes.len().checked_sub(SEAL)?)?;
        if Sha256::digest(body)[..SEAL] != *seal {
            return None;
        }
        let mut input = Input { rest: body.strip_prefix(MAGIC)?, hash_len: 1 };
        input.hash_len = usize::from(input.take(1)?[0]);
        if !matches!(input.hash_len, 20 | 32) {
            return None;
        }
        let mut made = Self { hash_len: input.hash_len, ..Self::default() };
        for _ in 0..input.number()? {
            let id = input.id()?;
            let &[verdict, count] = input.take(2)? else { return None };
            let verdict = match verdict {
                0 => Verdict::Clean,
                1 => Verdict::Binary,
                2 => Verdict::TooLarge,
                _ => return None,
            };
            let numbers = input.take(usize::from(count) * 4)?.chunks_exact(4);
            let numbers = numbers.map(|four| u32::from_le_bytes([four[0], four[1], four[2], four[3]]));
            made.contents.insert(id, Known { verdict, guises: Guises::of(numbers) });
        }
        for _ in 0..input.number()? {
            let (id, tree) = (input.id()?, input.id()?);
            let parents = (0..input.number()?).map(|_| input.id()).collect::<Option<_>>()?;
            let (committed, seconds, minutes) = (input.signed()?, input.signed()?, input.signed()?);
            let authored = (seconds, i32::try_from(minutes).ok()?);
            made.commits.insert(id, Commit { tree, parents, authored, committed });
        }
        for _ in 0..input.number()? {
            let id = input.id()?;
            let commits = (0..input.number()?).map(|_| input.id()).collect::<Option<_>>()?;
            made.open.insert(id, commits);
        }
        input.rest.is_empty().then_some(made)
    }

    /// Tells this build of the program from others of its version.
    pub fn build() -> String {
        let look = std::env::current_exe().and_then(fs::metadata).ok();
        let built = look.as_ref().and_then(|look| look.modified().ok());
        format!("{} {:?} {built:?}", env!("CARGO_PKG_VERSION"), look.map(|look| look.len()))
    }

    /// The file's text.
    pub fn written(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        // Nothing goes wrong in memory.
        let _ = self.write(&mut bytes, std::iter::empty(), std::iter::empty());
        bytes
    }

    /// Writes it, and what was found out since.
    pub(super) fn write(
        &self,
        out: impl Write,
        learned: impl Iterator<Item = (ObjectId, Known)>,
        commits: impl Iterator<Item = (ObjectId, Commit)> + Clone,
    ) -> io::Result<()> {
        let mut out = Output { out, seal: Sha256::new(), hash_len: self.hash_len };
        out.bytes(MAGIC)?;
        out.bytes(&[self.hash_len as u8])?;
        let before = self.contents.iter().map(|(id, known)| (*id, *known));
        let mut contents: Vec<(ObjectId, Known)> = before.chain(learned).collect();
        contents.sort_unstable_by_key(|(id, _)| *id);
        out.number(contents.len())?;
        for (id, Known { verdict, guises }) in contents {
            out.id(&id)?;
            out.bytes(&[verdict as u8, guises.numbers().len() as u8])?;
            for guise in guises.numbers() {
                out.bytes(&guise.to_le_bytes())?;
            }
        }
        out.number(self.commits.len() + commits.clone().count())?;
        let mut before: Vec<_> = self.commits.iter().map(|(id, commit)| (*id, commit.clone())).collect();
        before.sort_unstable_by_key(|(id, _)| *id);
        for (id, Commit { tree, parents, authored, committed }) in before.into_iter().chain(commits) {
            out.id(&id)?;
            out.id(&tree)?;
            out.number(parents.len())?;
            parents.iter().try_for_each(|parent| out.id(parent))?;
            for time in [committed, authored.0, i64::from(authored.1)] {
                out.bytes(&time.to_le_bytes())?;
            }
        }
        out.number(self.open.len())?;
        for (id, commits) in &self.open {
            out.id(id)?;
            out.number(commits.len())?;
            commits.iter().try_for_each(|commit| out.id(commit))?;
        }
        out.end()
    }
}

/// Writes a file in place of what lies at this path, whole or not at all.
///
/// # Errors
/// The folder cannot be made, or the file not written.
pub(super) fn save(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let folder = path.parent().ok_or(io::ErrorKind::InvalidInput)?;
    fs::create_dir_all(folder)?;
    let mut file = tempfile::Builder::new().prefix(UNFINISHED).tempfile_in(folder)?;
    let mut buffered = BufWriter::with_capacity(64 << 10, file.as_file_mut());
    write(&mut buffered)?;
    buffered.flush()?;
    drop(buffered);
    file.persist(path).map_err(|error| error.error)?;
    // What was found out under other rules is of no use any more, and neither is what a killed run left.
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let repository = name.split('-').next().unwrap_or_default();
    for other in folder.read_dir()?.flatten() {
        let other_name = other.file_name();
        let other_name = other_name.to_string_lossy();
        let is_superseded = other_name.split('-').next() == Some(repository) && other_name != name;
        if is_superseded || (other_name.starts_with(UNFINISHED) && is_old(&other)) {
            fs::remove_file(other.path())?;
        }
    }
    Ok(())
}

/// Writes the parts of a file, and what ends it.
struct Output<W> {
    out: W,
    seal: Sha256,
    hash_len: usize,
}

impl<W: Write> Output<W> {
    fn bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.seal.update(bytes);
        self.out.write_all(bytes)
    }

    fn number(&mut self, number: usize) -> io::Result<()> {
        self.bytes(&(number as u64).to_le_bytes())
    }

    fn id(&mut self, id: &ObjectId) -> io::Result<()> {
        self.bytes(&id[..self.hash_len])
    }

    fn end(mut self) -> io::Result<()> {
        self.out.write_all(&self.seal.finalize()[..SEAL])
    }
}

fn is_old(file: &fs::DirEntry) -> bool {
    let modified = file.metadata().and_then(|look| look.modified()).ok();
    modified.and_then(|time| time.elapsed().ok()).is_some_and(|age| age > UNFINISHED_FOR)
}

struct Input<'a> {
    rest: &'a [u8],
    hash_len: usize,
}

impl<'a> Input<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        Some(taken)
    }

    /// A count of things that are to come; each is a name at least.
    fn number(&mut self) -> Option<u64> {
        let number = u64::from_le_bytes(self.take(8)?.try_into().ok()?);
        (number <= (self.rest.len() / self.hash_len) as u64).then_some(number)
    }

    fn signed(&mut self) -> Option<i64> {
        Some(i64::from_le_bytes(self.take(8)?.try_into().ok()?))
    }

    fn id(&mut self) -> Option<ObjectId> {
        let mut id = ObjectId::default();
        id[..self.hash_len].copy_from_slice(self.take(self.hash_len)?);
        Some(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_what_is_damaged_is_not() {
        let name = |byte: u8| {
            let mut id = ObjectId::default();
            id[..20].fill(byte);
            id
        };
        let commit = |parents: Vec<ObjectId>| Commit {
            tree: name(9),
            parents,
            authored: (1_700_000_000, -90),
            committed: -1,
        };
        let some = Remembered {
            hash_len: 20,
            contents: [
                (name(1), Known { verdict: Verdict::Clean, guises: Guises::of([1, 7].into_iter()) }),
                (name(2), Known { verdict: Verdict::Binary, guises: Guises::default() }),
                (name(3), Known { verdict: Verdict::TooLarge, guises: Guises::default() }),
            ]
            .into(),
            commits: [(name(4), commit(Vec::new())), (name(5), commit(vec![name(4), name(8)]))].into(),
            open: [(name(6), vec![name(4), name(5)]), (name(7), Vec::new())].into(),
        };
        let bytes = some.written();
        assert_eq!(Remembered::parse(&bytes), Some(some));
        for end in 0..bytes.len() {
            assert_eq!(Remembered::parse(&bytes[..end]), None);
            let mut flipped = bytes.clone();
            flipped[end] ^= 1;
            assert_eq!(Remembered::parse(&flipped), None, "{end}");
        }
    }
}
