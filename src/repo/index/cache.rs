//! The files of cargo's cache of the registry's index.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use semver::Version;

use super::entry;
use crate::repo::read::{self, ReadError};

/// No package has releases for a file of this size.
const LARGEST: u64 = 64 << 20;

/// What is locked mostly stands among the last releases: so many bytes are read from the end of a file before more,
/// and then so many, before all of it. Some packages have megabytes.
const ENDS: [u64; 2] = [8 << 10, 64 << 10];

/// A folder of such files, opened once: a thousand of them are asked for.
#[derive(Debug)]
pub(super) struct Folder {
    #[cfg(unix)]
    handle: std::os::fd::OwnedFd,
    #[cfg(not(unix))]
    path: PathBuf,
}

impl Folder {
    /// `None` if there is none.
    #[cfg(unix)]
    pub(super) fn open(path: PathBuf) -> Option<Self> {
        use rustix::fs::{Mode, OFlags};
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        Some(Self { handle: rustix::fs::open(path, flags, Mode::empty()).ok()? })
    }

    /// `None` if there is none.
    #[cfg(not(unix))]
    pub(super) fn open(path: PathBuf) -> Option<Self> {
        path.is_dir().then_some(Self { path })
    }

    /// The file at this path, if it is a regular one.
    pub(super) fn file(&self, path: &Path) -> Option<Cached> {
        let file = self.open_below(path)?;
        let metadata = file.metadata().ok().filter(std::fs::Metadata::is_file)?;
        Some(Cached { file, size: metadata.len(), written: metadata.modified().ok() })
    }

    #[cfg(unix)]
    fn open_below(&self, path: &Path) -> Option<File> {
        use rustix::fs::{Mode, OFlags};
        let flags =
            OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        rustix::fs::openat(&self.handle, path, flags, Mode::empty()).ok().map(File::from)
    }

    #[cfg(not(unix))]
    fn open_below(&self, path: &Path) -> Option<File> {
        read::open(&self.path.join(path), read::Links::Refuse).ok()
    }
}

/// The file about a package.
#[derive(Debug)]
pub(super) struct Cached {
    file: File,
    size: u64,
    written: Option<SystemTime>,
}

impl Cached {
    /// When it was written.
    pub(super) fn written(&self) -> Option<SystemTime> {
        self.written
    }

    /// All of it.
    pub(super) fn whole(&self) -> Option<Vec<u8>> {
        self.read_whole().ok()
    }

    fn read_whole(&self) -> Result<Vec<u8>, ReadError> {
        let mut bytes = Vec::new();
        (&self.file).rewind()?;
        read::whole(&self.file, LARGEST, &mut bytes)?;
        Ok(bytes)
    }

    /// What the line of the index on a version is read as.
    pub(super) fn line<T>(&self, version: &Version, read: impl Fn(&[u8]) -> T) -> Option<T> {
        let version = version.to_string();
        for size in ENDS.into_iter().filter(|size| *size < self.size) {
            if let Some(line) = entry::line_in(&self.end(size)?, &version) {
                return Some(read(line));
            }
        }
        entry::line(&self.whole()?, &version).map(read)
    }

    /// The last bytes of it.
    fn end(&self, size: u64) -> Option<Vec<u8>> {
        let mut bytes = vec![0; usize::try_from(size).ok()?];
        (&self.file).seek(SeekFrom::Start(self.size.checked_sub(size)?)).ok()?;
        (&self.file).read_exact(&mut bytes).ok()?;
        Some(bytes)
    }
}
