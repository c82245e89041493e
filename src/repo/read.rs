//! Opening a file without being hurt by it: what is not a regular file is never waited for, an endless one is
//! never swallowed. Nothing is mapped into memory, since a mapped file that shrinks kills the process.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

/// Why a file was not read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// It is something else than a regular file.
    #[error("it is {what}, not a regular file")]
    NotRegular {
        /// What it is: `a folder`, `a symbolic link`, `a FIFO`, …
        what: &'static str,
    },
    /// It is larger than the limit.
    #[error("it is too large ({size} bytes)")]
    TooLarge {
        /// Its size in bytes, or what was seen of it before reading was stopped.
        size: u64,
    },
    /// There is nothing of this name (any more).
    #[error("it is not there")]
    Vanished,
    /// The system does not let us.
    #[error("permission denied")]
    Permission,
    /// The name is longer than the system can open.
    #[error("its path is too long to open")]
    TooLong,
    /// Anything else, in the system's words.
    #[error("{0}")]
    Io(String),
}

impl ReadError {
    /// A word for scripts, as in [`NotChecked::what`](crate::model::NotChecked::what).
    pub fn word(&self) -> &'static str {
        match self {
            Self::NotRegular { .. } => "not-regular",
            Self::TooLarge { .. } => "too-large",
            Self::Vanished => "vanished",
            Self::Permission | Self::TooLong | Self::Io(_) => "unreadable",
        }
    }
}

impl From<io::Error> for ReadError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Self::Vanished,
            io::ErrorKind::PermissionDenied => Self::Permission,
            io::ErrorKind::InvalidFilename => Self::TooLong,
            // `kind()` has words that do not hold the path, unlike some messages.
            kind => Self::Io(kind.to_string()),
        }
    }
}

/// Whether a symbolic link as the last part of a path is followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Links {
    /// No. For everything that belongs to the repository.
    Refuse,
    /// Yes. For files of the user, whose home is trusted.
    Follow,
}

/// Replaces what `into` holds by the whole of a regular file of at most `limit` bytes.
///
/// For files outside the root (Git's own files, configuration). Files of the repository are read through
/// [`Tree`](super::Tree), which also refuses links on the way.
///
/// # Errors
/// See [`ReadError`]; `into` is empty then.
pub fn file(path: &Path, links: Links, limit: u64, into: &mut Vec<u8>) -> Result<(), ReadError> {
    into.clear();
    whole(&open(path, links)?, limit, into)
}

/// Opens a regular file.
///
/// # Errors
/// See [`ReadError`].
pub(super) fn open(path: &Path, links: Links) -> Result<File, ReadError> {
    // Looked at first, since opening a device can already do something.
    let look = match links {
        Links::Refuse => path.symlink_metadata(),
        Links::Follow => path.metadata(),
    }?;
    if !look.is_file() {
        return Err(ReadError::NotRegular { what: what(look.file_type()) });
    }
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        let mut flags = rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOCTTY;
        if links == Links::Refuse {
            flags |= rustix::fs::OFlags::NOFOLLOW;
        }
        options.custom_flags(flags.bits().cast_signed());
    }
    Ok(options.open(path)?)
}

/// The whole of an open file, looked at again: it may be another one than the name led to before.
pub(super) fn whole(file: &File, limit: u64, into: &mut Vec<u8>) -> Result<(), ReadError> {
    into.clear();
    let look = file.metadata()?;
    if !look.is_file() {
        return Err(ReadError::NotRegular { what: what(look.file_type()) });
    }
    if look.len() > limit {
        return Err(ReadError::TooLarge { size: look.len() });
    }
    let filled = fill(file, look.len(), limit, into);
    if filled.is_err() {
        into.clear();
    }
    filled
}

/// Reads to the end. A file that grows meanwhile is stopped at the limit.
fn fill(file: &File, size: u64, limit: u64, into: &mut Vec<u8>) -> Result<(), ReadError> {
    // One byte more than the size: a read that brings less than it could has seen the end.
    let size = usize::try_from(size).map_err(|_| ReadError::TooLarge { size })?;
    into.try_reserve_exact(size + 1).map_err(|_| ReadError::TooLarge { size: size as u64 })?;
    #[cfg(unix)]
    loop {
        if into.len() == into.capacity() {
            into.reserve(64 << 10);
        }
        match rustix::io::read(file, rustix::buffer::spare_capacity(into)) {
            Ok(0) => return Ok(()),
            Ok(_) if into.len() as u64 > limit => {
                return Err(ReadError::TooLarge { size: into.len() as u64 });
            }
            Ok(_) if into.len() == size && into.capacity() > size => return Ok(()),
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(io::Error::from(error).into()),
        }
    }
    #[cfg(not(unix))]
    {
        use std::io::Read;
        file.take(limit.saturating_add(1)).read_to_end(into)?;
        if into.len() as u64 > limit {
            return Err(ReadError::TooLarge { size: into.len() as u64 });
        }
        Ok(())
    }
}

/// What a thing is that is no regular file.
pub(super) fn what(kind: std::fs::FileType) -> &'static str {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        if kind.is_fifo() {
            return "a FIFO";
        }
        if kind.is_socket() {
            return "a socket";
        }
        if kind.is_char_device() || kind.is_block_device() {
            return "a device";
        }
    }
    if kind.is_dir() {
        "a folder"
    } else if kind.is_symlink() {
        "a symbolic link"
    } else {
        "something else"
    }
}
