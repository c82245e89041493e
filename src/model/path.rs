use std::ffi::OsStr;
use std::fmt;
use std::path::{Path, PathBuf};

use bstr::{BStr, BString, ByteSlice};

use super::shown_bytes;

/// A path inside the repository: relative to its root, `/` between the parts, no `.` or `..`.
///
/// Names are bytes, as in Git. `Display` gives a form that is safe to show.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct RepoPath(BString);

impl RepoPath {
    /// Takes bytes that already have the form described above.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(BString::from(bytes.into()))
    }

    /// The bytes as Git stores them.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The same as a byte string.
    pub fn as_bstr(&self) -> &BStr {
        self.0.as_bstr()
    }

    /// The last part.
    pub fn name(&self) -> &[u8] {
        match self.0.rfind_byte(b'/') {
            Some(slash) => &self.0[slash + 1..],
            None => &self.0,
        }
    }

    /// What stands behind the last dot of the name; empty if the dot is its first byte.
    pub fn extension(&self) -> &[u8] {
        let name = self.name();
        match name.rfind_byte(b'.') {
            Some(dot) if dot > 0 => &name[dot + 1..],
            _ => b"",
        }
    }

    /// The folder it lies in; empty for the root.
    pub fn parent(&self) -> RepoPath {
        match self.0.rfind_byte(b'/') {
            Some(slash) => Self::new(&self.0[..slash]),
            None => Self::new(Vec::new()),
        }
    }

    /// Whether this is `folder` itself or lies below it. Everything lies below the root.
    pub fn is_in(&self, folder: &RepoPath) -> bool {
        folder.0.is_empty()
            || (self.0.starts_with(&folder.0)
                && (self.0.len() == folder.0.len() || self.0[folder.0.len()] == b'/'))
    }

    /// `self/name`, or `name` at the root.
    pub fn join(&self, name: &[u8]) -> RepoPath {
        if self.0.is_empty() {
            return Self::new(name);
        }
        let mut whole = self.0.clone();
        whole.push(b'/');
        whole.extend_from_slice(name);
        Self(whole)
    }

    /// The folders and the name, one after the other.
    pub fn parts(&self) -> impl DoubleEndedIterator<Item = &[u8]> {
        self.0.split(|&byte| byte == b'/')
    }

    /// Where it lies on disk. `None` where the platform cannot say the name.
    pub fn on_disk(&self, root: &Path) -> Option<PathBuf> {
        let relative = self.0.to_path().ok()?;
        Some(if self.0.is_empty() { root.to_owned() } else { root.join(relative) })
    }

    /// From a path that is already relative to the root.
    pub fn from_relative(path: &Path) -> Option<Self> {
        let mut whole = Vec::new();
        for part in path.components() {
            match part {
                std::path::Component::Normal(name) => {
                    if !whole.is_empty() {
                        whole.push(b'/');
                    }
                    whole.extend_from_slice(<[u8]>::from_os_str(OsStr::new(name))?);
                }
                std::path::Component::CurDir => {}
                _ => return None,
            }
        }
        Some(Self::new(whole))
    }
}

impl From<&str> for RepoPath {
    fn from(path: &str) -> Self {
        Self::new(path.as_bytes())
    }
}

impl fmt::Display for RepoPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&shown_bytes(&self.0))
    }
}

impl fmt::Debug for RepoPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
