use std::fs::File;
use std::path::Path;

use super::ObjectError;
use crate::repo::read::{self, Links, ReadError};

/// A file that is read at offsets. It is not mapped into memory: one that shrinks meanwhile would kill the process.
#[derive(Debug)]
pub(super) struct OpenFile {
    file: File,
    /// Its length when it was opened.
    pub(super) len: u64,
}

impl OpenFile {
    pub(super) fn open(path: &Path) -> Result<Self, ReadError> {
        let file = read::open(path, Links::Refuse)?;
        let len = file.metadata()?.len();
        Ok(Self { file, len })
    }

    /// Fills the buffer as far as the file goes; says how far.
    pub(super) fn read_some(&self, offset: u64, buffer: &mut [u8]) -> Result<usize, ObjectError> {
        loop {
            #[cfg(unix)]
            let read = std::os::unix::fs::FileExt::read_at(&self.file, buffer, offset);
            #[cfg(windows)]
            let read = std::os::windows::fs::FileExt::seek_read(&self.file, buffer, offset);
            match read {
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(ReadError::from(error).into()),
                Ok(count) => return Ok(count),
            }
        }
    }

    /// Fills the whole buffer.
    pub(super) fn read_exact(&self, offset: u64, buffer: &mut [u8]) -> Result<(), ObjectError> {
        let mut filled = 0;
        while filled < buffer.len() {
            match self.read_some(offset + filled as u64, &mut buffer[filled..])? {
                0 => return Err(ObjectError::Damaged),
                count => filled += count,
            }
        }
        Ok(())
    }
}
