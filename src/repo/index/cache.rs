//! The files of cargo's cache of the registry's index.

use std::fs::File;
use std::io::{Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use semver::Version;

use super::entry::{self, Release};
use crate::repo::read::{self, ReadError};

/// No package has releases for a file of this size.
const LARGEST: u64 = 64 << 20;

/// What is locked mostly stands among the last releases, and some packages have megabytes: so many bytes are read from
/// the end of a file first, and [`GROWTH`] times as many if that did not tell.
const END: u64 = 4 << 10;
const GROWTH: u64 = 4;

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
        // What is no file has no end, or is told when it is read.
        let size = (&file).seek(SeekFrom::End(0)).ok()?;
        Some(Cached { file, size })
    }

    #[cfg(unix)]
    fn open_below(&self, path: &Path) -> Option<File> {
        use rustix::fs::{Mode, OFlags};
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
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
}

impl Cached {
    /// When it was written.
    pub(super) fn written(&self) -> Option<SystemTime> {
        self.file.metadata().and_then(|metadata| metadata.modified()).ok()
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

    /// The release of a version, read through a buffer that may be used again.
    pub(super) fn release(&self, version: &Version, buffer: &mut Vec<u8>) -> Option<Release> {
        let version = version.to_string();
        let release = |line: &[u8]| Release::new(version.as_bytes(), Arc::new(line.to_vec()), 0..line.len());
        if self.size > LARGEST {
            return None;
        }
        let mut size = END.min(self.size);
        loop {
            let end = self.end(size, buffer)?;
            if size == self.size {
                return release(&end[entry::line(end, &version)?]);
            }
            if let Some(line) = entry::line_in(end, &version) {
                return release(&end[line]);
            }
            size = (size * GROWTH).min(self.size);
        }
    }

    /// The last bytes of it.
    fn end<'b>(&self, size: u64, buffer: &'b mut Vec<u8>) -> Option<&'b [u8]> {
        let length = usize::try_from(size).ok()?;
        if buffer.len() < length {
            buffer.resize(length, 0);
        }
        self.read_at(self.size.checked_sub(size)?, &mut buffer[..length]).ok()?;
        Some(&buffer[..length])
    }

    #[cfg(unix)]
    fn read_at(&self, start: u64, into: &mut [u8]) -> std::io::Result<()> {
        use std::os::unix::fs::FileExt as _;
        self.file.read_exact_at(into, start)
    }

    #[cfg(not(unix))]
    fn read_at(&self, start: u64, into: &mut [u8]) -> std::io::Result<()> {
        use std::io::Read as _;
        (&self.file).seek(SeekFrom::Start(start))?;
        (&self.file).read_exact(into)
    }
}
