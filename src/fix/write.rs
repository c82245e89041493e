use sha2::{Digest, Sha256};

use crate::model::{ContentHash, RepoPath};
use crate::repo::{Kind, ReadError, Tree};

/// Files above this size are not replaced: no edit is made of one.
const LARGEST: u64 = 256 << 20;

/// How far the replacing of a file has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// An empty file stands beside it.
    Created,
    /// That one holds a half of the new content.
    Half,
    /// It holds all of it.
    Written,
    /// It has the owner and the permissions of the file.
    Permitted,
    /// It is on the disk.
    Synced,
    /// It has taken the file's place.
    Renamed,
    /// That is on the disk too.
    Settled,
}

impl Step {
    /// All steps in their order.
    pub const ALL: [Self; 7] = [
        Self::Created,
        Self::Half,
        Self::Written,
        Self::Permitted,
        Self::Synced,
        Self::Renamed,
        Self::Settled,
    ];
}

/// Why a file was not replaced. Safe to show.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// It is not what was scanned any more.
    #[error("it has changed since it was read")]
    Changed,
    /// It was to be a new file, and something of its name is there.
    #[error("something of this name is there already")]
    Exists,
    /// Its owner does not let anybody write to it.
    #[error("it is read-only")]
    ReadOnly,
    /// It belongs to somebody else, and would belong to us.
    #[error("it belongs to another user")]
    NotOurs,
    /// Runs that were killed have left too many files beside it.
    #[error("too many files named *.prodcheck-part lie beside it; delete them")]
    Leftovers,
    /// It cannot be read, or is no regular file below the root.
    #[error(transparent)]
    Unread(#[from] ReadError),
}

impl From<std::io::Error> for WriteError {
    fn from(error: std::io::Error) -> Self {
        Self::Unread(error.into())
    }
}

/// Replaces a regular file below the root by a new content, whole or not at all: whoever looks meanwhile, and
/// whatever happens, sees the old file or the new one. It keeps its owner and permissions. Links are not followed, neither
/// at the end of the path nor on the way.
///
/// `seen` is the SHA-256 of the content that the new one was made from. `at` is told of each step.
///
/// # Errors
/// The file is not replaced; nothing is left beside it.
pub fn replace(
    tree: &Tree,
    path: &RepoPath,
    seen: &ContentHash,
    content: &[u8],
    at: &mut dyn FnMut(Step),
) -> Result<(), WriteError> {
    unchanged(tree, path, seen)?;
    let folder = system::Folder::open(tree, &path.parent())?;
    let old = folder.look(path.name())?;
    let (part, mut file) = create_beside(&folder, path.name(), Access::Owner)?;
    let result = through(&mut file, content, &old, at).and_then(|()| {
        drop(file);
        // Once more, as late as can be.
        unchanged(tree, path, seen)?;
        folder.rename(&part, path.name())
    });
    if result.is_err() {
        folder.remove(&part);
        return result;
    }
    at(Step::Renamed);
    folder.sync();
    at(Step::Settled);
    Ok(())
}

/// Writes a file that is not there yet, whole or not at all. Its folder must be there; links are not followed on the
/// way, and a link of the file's name is in the way like everything else. `at` is told of each step but
/// [`Step::Permitted`].
///
/// # Errors
/// There is something of this name, or the file cannot be written; nothing is left beside it.
pub fn create(
    tree: &Tree,
    path: &RepoPath,
    content: &[u8],
    at: &mut dyn FnMut(Step),
) -> Result<(), WriteError> {
    let folder = system::Folder::open(tree, &path.parent())?;
    write_new(&folder, path.name(), content, Access::Usual, at)
}

/// The same for a program: whoever may read it may run it.
///
/// # Errors
/// See [`create`].
pub fn create_program(
    tree: &Tree,
    path: &RepoPath,
    content: &[u8],
    at: &mut dyn FnMut(Step),
) -> Result<(), WriteError> {
    let folder = system::Folder::open(tree, &path.parent())?;
    write_new(&folder, path.name(), content, Access::Program, at)
}

/// Makes a folder, if nothing of its name is there. Links are not followed.
///
/// # Errors
/// It cannot be made; one that is there is no error.
pub fn create_folder(tree: &Tree, path: &RepoPath) -> Result<(), WriteError> {
    match tree.kind(path) {
        Ok(Kind::Folder) => Ok(()),
        Ok(_) => Err(WriteError::Exists),
        Err(ReadError::Vanished) => system::Folder::open(tree, &path.parent())?.make(path.name()),
        Err(error) => Err(error.into()),
    }
}

/// Who may do what with a new file, beside what the user's habits (`umask`) say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Access {
    /// Its owner alone reads it, until it gets the permissions of another file.
    Owner,
    /// Everybody reads it.
    Usual,
    /// Everybody reads and runs it.
    Program,
}

fn write_new(
    folder: &system::Folder,
    name: &[u8],
    content: &[u8],
    access: Access,
    at: &mut dyn FnMut(Step),
) -> Result<(), WriteError> {
    let (part, mut file) = create_beside(folder, name, access)?;
    let result = written(&mut file, content, at).and_then(|()| {
        file.sync_all()?;
        at(Step::Synced);
        drop(file);
        folder.place(&part, name)
    });
    if result.is_err() {
        folder.remove(&part);
        return result;
    }
    at(Step::Renamed);
    folder.sync();
    at(Step::Settled);
    Ok(())
}

/// How many runs that were killed may have left something behind.
const ATTEMPTS: usize = 64;

/// The new file, under the name it has until it takes the old one's place. What a killed run left behind is not
/// touched: it may as well be that of a run that goes on.
fn create_beside(
    folder: &system::Folder,
    beside: &[u8],
    access: Access,
) -> Result<(Vec<u8>, std::fs::File), WriteError> {
    for attempt in 0..ATTEMPTS {
        let mut name = b".".to_vec();
        name.extend_from_slice(beside);
        name.extend_from_slice(format!(".{attempt}.prodcheck-part").as_bytes());
        match folder.create(&name, access) {
            Ok(file) => return Ok((name, file)),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(WriteError::Leftovers)
}

fn unchanged(tree: &Tree, path: &RepoPath, seen: &ContentHash) -> Result<(), WriteError> {
    if tree.kind(path)? != Kind::File {
        return Err(ReadError::NotRegular { what: "a link or no file at all" }.into());
    }
    let mut bytes = Vec::new();
    tree.read(path, LARGEST, &mut bytes)?;
    let now: ContentHash = Sha256::digest(&bytes).into();
    if now == *seen { Ok(()) } else { Err(WriteError::Changed) }
}

fn through(
    file: &mut std::fs::File,
    content: &[u8],
    old: &system::Old,
    at: &mut dyn FnMut(Step),
) -> Result<(), WriteError> {
    written(file, content, at)?;
    old.give_to(file)?;
    at(Step::Permitted);
    file.sync_all()?;
    at(Step::Synced);
    Ok(())
}

fn written(file: &mut std::fs::File, content: &[u8], at: &mut dyn FnMut(Step)) -> Result<(), WriteError> {
    use std::io::Write;
    at(Step::Created);
    let (first, second) = content.split_at(content.len() / 2);
    file.write_all(first)?;
    at(Step::Half);
    file.write_all(second)?;
    at(Step::Written);
    Ok(())
}

/// The folder is held open, so that it cannot be swapped for a link between the steps.
#[cfg(unix)]
mod system {
    use std::fs::File;
    use std::os::fd::OwnedFd;

    use rustix::fs::{self, AtFlags, FileType, Gid, Mode, OFlags, Stat, Uid};

    use super::{Access, WriteError};
    use crate::model::RepoPath;
    use crate::repo::{ReadError, Tree};

    pub(super) struct Folder(OwnedFd);

    /// Owner and permissions of a file.
    pub(super) struct Old(Stat);

    fn io(error: rustix::io::Errno) -> WriteError {
        std::io::Error::from(error).into()
    }

    impl Folder {
        pub(super) fn open(tree: &Tree, folder: &RepoPath) -> Result<Self, WriteError> {
            Ok(Self(tree.open_folder(folder)?))
        }

        pub(super) fn look(&self, name: &[u8]) -> Result<Old, WriteError> {
            let look = fs::statat(&self.0, name, AtFlags::SYMLINK_NOFOLLOW).map_err(io)?;
            if FileType::from_raw_mode(look.st_mode) != FileType::RegularFile {
                return Err(ReadError::NotRegular { what: "no file" }.into());
            }
            if Mode::from_raw_mode(look.st_mode).intersects(Mode::WUSR) {
                Ok(Old(look))
            } else {
                Err(WriteError::ReadOnly)
            }
        }

        pub(super) fn create(&self, name: &[u8], access: Access) -> std::io::Result<File> {
            let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            let mode = match access {
                Access::Owner => Mode::RUSR | Mode::WUSR,
                // Less what `umask` takes away.
                Access::Usual => Mode::from_raw_mode(0o666),
                Access::Program => Mode::from_raw_mode(0o777),
            };
            Ok(File::from(fs::openat(&self.0, name, flags, mode)?))
        }

        pub(super) fn make(&self, name: &[u8]) -> Result<(), WriteError> {
            fs::mkdirat(&self.0, name, Mode::from_raw_mode(0o777)).map_err(io)
        }

        /// Gives a file its name, if nothing has it.
        pub(super) fn place(&self, part: &[u8], name: &[u8]) -> Result<(), WriteError> {
            use rustix::io::Errno;
            match fs::linkat(&self.0, part, &self.0, name, AtFlags::empty()) {
                Ok(()) => {
                    self.remove(part);
                    Ok(())
                }
                Err(Errno::EXIST) => Err(WriteError::Exists),
                // Some file systems know no second name of a file.
                Err(_) => match fs::statat(&self.0, name, AtFlags::SYMLINK_NOFOLLOW) {
                    Err(Errno::NOENT) => self.rename(part, name),
                    Err(error) => Err(io(error)),
                    Ok(_) => Err(WriteError::Exists),
                },
            }
        }

        pub(super) fn rename(&self, from: &[u8], to: &[u8]) -> Result<(), WriteError> {
            fs::renameat(&self.0, from, &self.0, to).map_err(io)
        }

        /// If it cannot be removed, nothing else can be done.
        pub(super) fn remove(&self, name: &[u8]) {
            let _ = fs::unlinkat(&self.0, name, AtFlags::empty());
        }

        /// Some file systems cannot; the new file is there all the same.
        pub(super) fn sync(&self) {
            let _ = fs::fsync(&self.0);
        }
    }

    impl Old {
        pub(super) fn give_to(&self, file: &File) -> Result<(), WriteError> {
            let new = fs::fstat(file).map_err(io)?;
            if (new.st_uid, new.st_gid) != (self.0.st_uid, self.0.st_gid) {
                let (user, group) = (Uid::from_raw(self.0.st_uid), Gid::from_raw(self.0.st_gid));
                fs::fchown(file, Some(user), Some(group)).map_err(|_| WriteError::NotOurs)?;
            }
            fs::fchmod(file, Mode::from_raw_mode(self.0.st_mode)).map_err(io)
        }
    }
}

#[cfg(not(unix))]
mod system {
    use std::fs::{self, File, OpenOptions};
    use std::path::PathBuf;

    use super::{Access, WriteError};
    use crate::model::RepoPath;
    use crate::repo::{Kind, ReadError, Tree};

    pub(super) struct Folder(PathBuf);

    /// The permissions of a file.
    pub(super) struct Old(fs::Permissions);

    impl Folder {
        pub(super) fn open(tree: &Tree, folder: &RepoPath) -> Result<Self, WriteError> {
            let mut way = folder.clone();
            while !way.as_bytes().is_empty() {
                if tree.kind(&way)? != Kind::Folder {
                    return Err(ReadError::NotRegular { what: "a symbolic link" }.into());
                }
                way = way.parent();
            }
            Ok(Self(folder.on_disk(tree.path()).ok_or(ReadError::Vanished)?))
        }

        fn join(&self, name: &[u8]) -> Result<PathBuf, WriteError> {
            Ok(RepoPath::new(name).on_disk(&self.0).ok_or(ReadError::Vanished)?)
        }

        pub(super) fn look(&self, name: &[u8]) -> Result<Old, WriteError> {
            let look = self.join(name)?.symlink_metadata()?;
            if !look.is_file() {
                return Err(ReadError::NotRegular { what: "no file" }.into());
            }
            if look.permissions().readonly() {
                Err(WriteError::ReadOnly)
            } else {
                Ok(Old(look.permissions()))
            }
        }

        pub(super) fn make(&self, name: &[u8]) -> Result<(), WriteError> {
            Ok(fs::create_dir(self.join(name)?)?)
        }

        pub(super) fn place(&self, part: &[u8], name: &[u8]) -> Result<(), WriteError> {
            match self.join(name)?.symlink_metadata() {
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => self.rename(part, name),
                Err(error) => Err(error.into()),
                Ok(_) => Err(WriteError::Exists),
            }
        }

        pub(super) fn create(&self, name: &[u8], _access: Access) -> std::io::Result<File> {
            let path = self.join(name).map_err(|_| std::io::ErrorKind::InvalidFilename)?;
            OpenOptions::new().write(true).create_new(true).open(path)
        }

        pub(super) fn rename(&self, from: &[u8], to: &[u8]) -> Result<(), WriteError> {
            Ok(fs::rename(self.join(from)?, self.join(to)?)?)
        }

        pub(super) fn remove(&self, name: &[u8]) {
            if let Ok(path) = self.join(name) {
                let _ = fs::remove_file(path);
            }
        }

        pub(super) fn sync(&self) {}
    }

    impl Old {
        pub(super) fn give_to(&self, file: &File) -> Result<(), WriteError> {
            Ok(file.set_permissions(self.0.clone())?)
        }
    }
}
