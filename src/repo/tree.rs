use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::{Path, PathBuf};
#[cfg(target_os = "linux")]
use std::sync::atomic::{AtomicBool, Ordering};

use super::read::{self, ReadError};
use crate::model::RepoPath;

/// What a name in a folder stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// A symbolic link.
    Link,
    /// A FIFO, a socket, a device.
    Other,
}

/// A folder whose inside is reached by relative paths that never lead out of it: no symbolic link is
/// followed, neither at the end of a path nor on the way. A folder that is swapped for a link while we
/// work is refused too, where the system can say so in one step (Linux 5.6).
#[derive(Debug)]
pub struct Tree {
    path: PathBuf,
    #[cfg(unix)]
    handle: std::os::fd::OwnedFd,
    /// Contents that stand for those on disk.
    changes: BTreeMap<RepoPath, Vec<u8>>,
    /// Whether `openat2` works here; some sandboxes refuse it.
    #[cfg(target_os = "linux")]
    beneath: AtomicBool,
}

impl Tree {
    /// Opens a folder. Links in `path` itself are followed.
    ///
    /// # Errors
    /// It is no folder, or cannot be opened.
    pub fn open(path: &Path) -> Result<Self, ReadError> {
        let look = path.metadata()?;
        if !look.is_dir() {
            return Err(ReadError::NotRegular { what: read::what(look.file_type()) });
        }
        #[cfg(unix)]
        let handle = {
            use rustix::fs::{Mode, OFlags};
            rustix::fs::open(path, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())
                .map_err(std::io::Error::from)?
        };
        Ok(Self {
            path: path.to_owned(),
            #[cfg(unix)]
            handle,
            changes: BTreeMap::new(),
            #[cfg(target_os = "linux")]
            beneath: AtomicBool::new(true),
        })
    }

    /// The same folder, in which these files read as given: how it would be if they were written. Those that are
    /// not there are there then, if their folder is.
    ///
    /// # Errors
    /// The folder's handle cannot be doubled.
    pub fn with_changes(&self, changes: BTreeMap<RepoPath, Vec<u8>>) -> Result<Self, ReadError> {
        Ok(Self {
            path: self.path.clone(),
            #[cfg(unix)]
            handle: self.handle.try_clone()?,
            changes,
            #[cfg(target_os = "linux")]
            beneath: AtomicBool::new(self.beneath.load(Ordering::Relaxed)),
        })
    }

    /// A folder below, opened, to create files in and rename them.
    ///
    /// # Errors
    /// It is no folder, cannot be opened, or the way to it leads through a link.
    #[cfg(unix)]
    pub fn open_folder(&self, folder: &RepoPath) -> Result<std::os::fd::OwnedFd, ReadError> {
        self.open_below(folder, rustix::fs::OFlags::DIRECTORY)
    }

    /// The folder itself.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Replaces what `into` holds by the whole of a regular file of at most `limit` bytes.
    ///
    /// # Errors
    /// See [`ReadError`]; `into` is empty then.
    pub fn read(&self, path: &RepoPath, limit: u64, into: &mut Vec<u8>) -> Result<(), ReadError> {
        into.clear();
        if let Some(bytes) = self.changes.get(path) {
            if bytes.len() as u64 > limit {
                return Err(ReadError::TooLarge { size: bytes.len() as u64 });
            }
            into.extend_from_slice(bytes);
            return Ok(());
        }
        read::whole(&self.open_file(path)?, limit, into)
    }

    #[cfg(unix)]
    fn open_file(&self, path: &RepoPath) -> Result<File, ReadError> {
        use rustix::fs::OFlags;
        self.open_below(path, OFlags::NONBLOCK | OFlags::NOCTTY).map(File::from)
    }

    #[cfg(unix)]
    fn open_below(
        &self,
        path: &RepoPath,
        more: rustix::fs::OFlags,
    ) -> Result<std::os::fd::OwnedFd, ReadError> {
        use rustix::fs::{Mode, OFlags};
        use rustix::io::Errno;
        let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW | more;
        let name: &[u8] = if path.as_bytes().is_empty() { b"." } else { path.as_bytes() };
        #[cfg(target_os = "linux")]
        if self.beneath.load(Ordering::Relaxed) {
            use rustix::fs::ResolveFlags;
            let within = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
            match rustix::fs::openat2(&self.handle, name, flags, Mode::empty(), within) {
                Err(Errno::NOSYS) => self.beneath.store(false, Ordering::Relaxed),
                // What some sandboxes answer. It may be about this file alone, so the next is tried again.
                Err(Errno::PERM | Errno::INVAL) => {}
                other => return other.map_err(refusal),
            }
        }
        // Without `openat2` each folder on the way is looked at first.
        let mut way = path.parent();
        while !way.as_bytes().is_empty() {
            if self.kind(&way)? != Kind::Folder {
                return Err(refusal(Errno::LOOP));
            }
            way = way.parent();
        }
        rustix::fs::openat(&self.handle, name, flags, Mode::empty()).map_err(refusal)
    }

    /// What stands at this path; links on the way are followed here, never opened.
    ///
    /// # Errors
    /// There is nothing, or it cannot be looked at.
    pub fn kind(&self, path: &RepoPath) -> Result<Kind, ReadError> {
        match self.kind_on_disk(path) {
            Err(ReadError::Vanished) if self.changes.contains_key(path) => Ok(Kind::File),
            known => known,
        }
    }

    fn kind_on_disk(&self, path: &RepoPath) -> Result<Kind, ReadError> {
        #[cfg(unix)]
        {
            use rustix::fs::{AtFlags, FileType};
            let look = rustix::fs::statat(&self.handle, path.as_bytes(), AtFlags::SYMLINK_NOFOLLOW)
                .map_err(refusal)?;
            Ok(kind_of(FileType::from_raw_mode(look.st_mode)))
        }
        #[cfg(not(unix))]
        {
            let path = path.on_disk(&self.path).ok_or(ReadError::Vanished)?;
            Ok(kind_of(path.symlink_metadata()?.file_type()))
        }
    }

    /// Calls `each` with every name in a folder but `.` and `..`, and what it stands for.
    ///
    /// # Errors
    /// The folder cannot be opened or read; names seen before the error were delivered.
    pub fn list(&self, folder: &RepoPath, mut each: impl FnMut(&[u8], Kind)) -> Result<(), ReadError> {
        let mut added: BTreeSet<&[u8]> =
            self.changes.keys().filter(|path| path.parent() == *folder).map(RepoPath::name).collect();
        self.list_on_disk(folder, |name, kind| {
            added.remove(name);
            each(name, kind);
        })?;
        for name in added {
            each(name, Kind::File);
        }
        Ok(())
    }

    fn list_on_disk(&self, folder: &RepoPath, mut each: impl FnMut(&[u8], Kind)) -> Result<(), ReadError> {
        #[cfg(unix)]
        {
            use rustix::fs::{Dir, FileType, OFlags};
            let entries = Dir::new(self.open_below(folder, OFlags::DIRECTORY)?).map_err(refusal)?;
            for entry in entries {
                let entry = entry.map_err(refusal)?;
                let name = entry.file_name().to_bytes();
                if name == b"." || name == b".." {
                    continue;
                }
                match entry.file_type() {
                    // Some file systems do not tell the type with the name.
                    FileType::Unknown => {
                        if let Ok(kind) = self.kind(&folder.join(name)) {
                            each(name, kind);
                        }
                    }
                    known => each(name, kind_of(known)),
                }
            }
            Ok(())
        }
        #[cfg(not(unix))]
        {
            let path = folder.on_disk(&self.path).ok_or(ReadError::Vanished)?;
            if !path.symlink_metadata()?.is_dir() {
                return Err(ReadError::Vanished);
            }
            for entry in path.read_dir()? {
                let entry = entry?;
                let name = entry.file_name();
                if let Some(name) = RepoPath::from_relative(Path::new(&name)) {
                    each(name.as_bytes(), kind_of(entry.file_type()?));
                }
            }
            Ok(())
        }
    }

    #[cfg(not(unix))]
    fn open_file(&self, path: &RepoPath) -> Result<File, ReadError> {
        let path = path.on_disk(&self.path).ok_or(ReadError::Vanished)?;
        let look = path.symlink_metadata()?;
        if !look.is_file() {
            return Err(ReadError::NotRegular { what: read::what(look.file_type()) });
        }
        Ok(File::open(path)?)
    }
}

#[cfg(unix)]
fn kind_of(kind: rustix::fs::FileType) -> Kind {
    match kind {
        rustix::fs::FileType::RegularFile => Kind::File,
        rustix::fs::FileType::Directory => Kind::Folder,
        rustix::fs::FileType::Symlink => Kind::Link,
        _ => Kind::Other,
    }
}

#[cfg(not(unix))]
fn kind_of(kind: std::fs::FileType) -> Kind {
    if kind.is_symlink() {
        Kind::Link
    } else if kind.is_dir() {
        Kind::Folder
    } else if kind.is_file() {
        Kind::File
    } else {
        Kind::Other
    }
}

/// What the refusal of a path below the root means.
#[cfg(unix)]
fn refusal(error: rustix::io::Errno) -> ReadError {
    use rustix::io::Errno;
    match error {
        Errno::LOOP | Errno::XDEV => ReadError::NotRegular { what: "a symbolic link" },
        // What a socket says, or a FIFO nobody reads from.
        Errno::NXIO => ReadError::NotRegular { what: "a socket" },
        Errno::NAMETOOLONG => ReadError::TooLong,
        other => std::io::Error::from(other).into(),
    }
}
