use std::ops::Range;

/// A `Cargo.lock`, with the place of everything in it.
#[derive(Debug, Clone, Default)]
pub struct Lockfile {
    /// Its `version`; files without one are 1 or 2, told apart by their form.
    pub version: u32,
    /// The packages in the order of the file.
    pub packages: Vec<LockedPackage>,
}

/// One `[[package]]`.
#[derive(Debug, Clone)]
pub struct LockedPackage {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: semver::Version,
    /// Where it came from; `None` for path and workspace packages.
    pub source: Option<String>,
    /// The checksum, also from version 1's `[metadata]`.
    pub checksum: Option<String>,
    /// As written: `name`, `name version` or `name version (source)`.
    pub dependencies: Vec<String>,
    /// The bytes from `[[package]]` to the end of its last entry.
    pub span: Range<usize>,
    /// The bytes of the version's value, quotes included.
    pub version_span: Range<usize>,
}

/// A lock file that cargo would refuse too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockfileError {
    /// What is wrong, without any text of the file.
    pub message: String,
    /// Where.
    pub span: Option<Range<usize>>,
}
