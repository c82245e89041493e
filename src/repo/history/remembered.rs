use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs;
use std::io::Write;
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::repo::git::ObjectId;
use crate::repo::read::{self, Links};

/// Begins every file of this form; another form has another beginning.
const MAGIC: &[u8] = b"prodcheck history 1\n";
/// A file above this size is not read.
const LARGEST: u64 = 1 << 30;
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

/// What an earlier run found out, under the same rules. It holds names of Git's objects, and nothing of what they say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Remembered {
    /// Contents with nothing in them.
    pub contents: HashMap<ObjectId, Verdict>,
    /// Commits whose contents are all here, or in `open`.
    pub commits: HashSet<ObjectId>,
    /// Contents that must be looked at again, and the commits that brought them.
    pub open: BTreeMap<ObjectId, Vec<ObjectId>>,
}

impl Remembered {
    /// Reads the file at this path. What is not whole is as good as not there.
    pub fn load(path: &Path, hash_len: usize) -> Self {
        let mut bytes = Vec::new();
        match read::file(path, Links::Refuse, LARGEST, &mut bytes) {
            Ok(()) => Self::parse(&bytes, hash_len).unwrap_or_default(),
            Err(_) => Self::default(),
        }
    }

    /// Reads the file's text. `None` if it is another form, or damaged.
    pub fn parse(bytes: &[u8], hash_len: usize) -> Option<Self> {
        let (body, seal) = bytes.split_at_checked(bytes.len().checked_sub(SEAL)?)?;
        if Sha256::digest(body)[..SEAL] != *seal {
            return None;
        }
        let mut input = Input { rest: body.strip_prefix(MAGIC)?, hash_len };
        if input.take(1)?[0] as usize != hash_len {
            return None;
        }
        let mut made = Self::default();
        for _ in 0..input.number()? {
            let id = input.id()?;
            let verdict = match input.take(1)?[0] {
                0 => Verdict::Clean,
                1 => Verdict::Binary,
                2 => Verdict::TooLarge,
                _ => return None,
            };
            made.contents.insert(id, verdict);
        }
        for _ in 0..input.number()? {
            made.commits.insert(input.id()?);
        }
        for _ in 0..input.number()? {
            let id = input.id()?;
            let commits = (0..input.number()?).map(|_| input.id()).collect::<Option<_>>()?;
            made.open.insert(id, commits);
        }
        input.rest.is_empty().then_some(made)
    }

    /// Writes it in place of what lies at this path, whole or not at all.
    ///
    /// # Errors
    /// The folder cannot be made, or the file not written.
    pub fn save(&self, path: &Path, hash_len: usize) -> std::io::Result<()> {
        let folder = path.parent().ok_or(std::io::ErrorKind::InvalidInput)?;
        fs::create_dir_all(folder)?;
        let mut file = tempfile::Builder::new().prefix(".history-").tempfile_in(folder)?;
        file.write_all(&self.written(hash_len))?;
        file.persist(path).map_err(|error| error.error)?;
        // What was found out under other rules is of no use any more.
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let repository = name.split('-').next().unwrap_or_default();
        for other in folder.read_dir()?.flatten() {
            let other_name = other.file_name();
            let other_name = other_name.to_string_lossy();
            if other_name.split('-').next() == Some(repository) && other_name != name {
                fs::remove_file(other.path())?;
            }
        }
        Ok(())
    }

    /// Tells this build of the program from others of its version.
    pub fn build() -> String {
        let look = std::env::current_exe().and_then(fs::metadata).ok();
        let built = look.as_ref().and_then(|look| look.modified().ok());
        format!("{} {:?} {built:?}", env!("CARGO_PKG_VERSION"), look.map(|look| look.len()))
    }

    /// The file's text.
    pub fn written(&self, hash_len: usize) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.push(hash_len as u8);
        let number = |bytes: &mut Vec<u8>, count: usize| bytes.extend((count as u64).to_le_bytes());
        number(&mut bytes, self.contents.len());
        let mut contents: Vec<_> = self.contents.iter().collect();
        contents.sort_unstable_by_key(|(id, _)| **id);
        for (id, verdict) in contents {
            bytes.extend_from_slice(&id[..hash_len]);
            bytes.push(*verdict as u8);
        }
        number(&mut bytes, self.commits.len());
        let mut commits: Vec<_> = self.commits.iter().collect();
        commits.sort_unstable();
        bytes.extend(commits.iter().flat_map(|id| &id[..hash_len]));
        number(&mut bytes, self.open.len());
        for (id, commits) in &self.open {
            bytes.extend_from_slice(&id[..hash_len]);
            number(&mut bytes, commits.len());
            bytes.extend(commits.iter().flat_map(|id| &id[..hash_len]));
        }
        let seal = Sha256::digest(&bytes);
        bytes.extend_from_slice(&seal[..SEAL]);
        bytes
    }
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
        let some = Remembered {
            contents: [(name(1), Verdict::Clean), (name(2), Verdict::Binary), (name(3), Verdict::TooLarge)]
                .into(),
            commits: [name(4), name(5)].into(),
            open: [(name(6), vec![name(4), name(5)]), (name(7), Vec::new())].into(),
        };
        let bytes = some.written(20);
        assert_eq!(Remembered::parse(&bytes, 20), Some(some));
        assert_eq!(Remembered::parse(&bytes, 32), None);
        for end in 0..bytes.len() {
            assert_eq!(Remembered::parse(&bytes[..end], 20), None);
            let mut flipped = bytes.clone();
            flipped[end] ^= 1;
            assert_eq!(Remembered::parse(&flipped, 20), None, "{end}");
        }
    }
}
