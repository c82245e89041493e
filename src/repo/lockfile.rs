mod canonical;
mod document;
mod draft;
mod graph;

use std::cmp::Ordering;
use std::fmt;
use std::ops::Range;
use std::sync::OnceLock;

use rustsec::SourceId;
use semver::Version;

pub use graph::{Graph, Ways};

/// A `Cargo.lock`, with the place of everything in it.
///
/// The format is cargo's own: <https://doc.rust-lang.org/cargo/guide/cargo-toml-vs-cargo-lock.html>, its four
/// versions are told apart in <https://github.com/rust-lang/cargo/blob/master/src/cargo/core/resolver/encode.rs>.
#[derive(Debug, Clone, Default)]
pub struct Lockfile {
    /// Its `version`; files without one are 1 or 2, told apart by their form.
    pub version: u32,
    /// The packages in the order of the file, the `[root]` of old files among them.
    pub packages: Vec<LockedPackage>,
    /// What `[patch]` offers and nobody uses. These are not part of the build.
    pub unused_patches: Vec<UnusedPatch>,
    /// Indices into `packages`, in order of name, version and source: a lock file may hold a hundred thousand
    /// packages of one name to make lookups slow.
    by_name: Vec<u32>,
    /// Several checks ask for it.
    graph: OnceLock<Graph>,
}

/// One `[[package]]`.
#[derive(Debug, Clone)]
pub struct LockedPackage {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: Version,
    /// Where it came from; `None` for path and workspace packages.
    pub source: Option<String>,
    /// The checksum, also from version 1's `[metadata]`.
    pub checksum: Option<String>,
    /// As written: `name`, `name version` or `name version (source)`.
    pub dependencies: Vec<String>,
    /// The package that `[replace]` put in its place, written like a dependency.
    pub replace: Option<String>,
    /// The bytes from `[[package]]` to the end of its last entry.
    pub span: Range<usize>,
    /// The bytes of the version's value, quotes included.
    pub version_span: Range<usize>,
}

/// One `[[patch.unused]]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnusedPatch {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: Version,
    /// Where it comes from; `None` for a path.
    pub source: Option<String>,
    /// The bytes from the header to the end of its last entry.
    pub span: Range<usize>,
}

/// A lock file that cargo would refuse too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockfileError {
    /// What is wrong, without any text of the file.
    pub message: String,
    /// Where.
    pub span: Option<Range<usize>>,
}

impl fmt::Display for LockfileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for LockfileError {}

impl LockfileError {
    fn new(message: impl Into<String>, span: Range<usize>) -> Self {
        Self { message: message.into(), span: Some(span) }
    }
}

impl Lockfile {
    /// Reads a lock file of any version. Files as cargo writes them are read line by line; whatever looks
    /// unusual goes through a TOML parser, which alone decides what is an error.
    ///
    /// # Errors
    /// The file is not UTF-8 or not TOML, has a version newer than 4, or holds a package without a name, a
    /// version, source or checksum of no known form, or a dependency that names no package.
    pub fn parse(bytes: &[u8]) -> Result<Self, LockfileError> {
        let text = std::str::from_utf8(bytes).map_err(|e| {
            let at = e.valid_up_to();
            LockfileError::new("it is not UTF-8", at..at + e.error_len().unwrap_or(bytes.len() - at))
        })?;
        let draft = match canonical::read(text) {
            Some(draft) => draft,
            None => document::read(text)?,
        };
        draft::settle(&draft)
    }

    /// The packages of this name: their indices, in order of version.
    pub fn named<'a>(&'a self, name: &str) -> impl Iterator<Item = usize> + use<'a> {
        self.range(name, None).iter().map(|&i| i as usize)
    }

    /// The index of the package with this name and version; any one of them if several sources have it.
    pub fn find(&self, name: &str, version: &Version) -> Option<usize> {
        self.range(name, Some(version)).first().map(|&i| i as usize)
    }

    /// The index of the package that a dependency (as written) means. Cargo leaves out what is not needed
    /// to tell packages apart. `None` if there is no such package, as is usual for those that are replaced.
    pub fn resolve(&self, dependency: &str) -> Option<usize> {
        self.resolve_by(dependency, |name| self.range(name, None))
    }

    /// The same, where packages of a name are looked up by another way: their indices, in order.
    fn resolve_by<'a>(&self, dependency: &str, named: impl FnOnce(&str) -> &'a [u32]) -> Option<usize> {
        let mut words = dependency.split_whitespace();
        let fitting = named(words.next()?);
        let fitting = match words.next() {
            Some(version) => {
                let version = Version::parse(version).ok()?;
                let source = words.next().map(|s| place(s.trim_start_matches('(').trim_end_matches(')')));
                let of_version = part(fitting, |i| self.package(i).version.cmp(&version));
                let of_source = |source| part(of_version, |i| self.package(i).place().cmp(source));
                // In some versions of the format the source of the package says more.
                source.map(of_source).filter(|fitting| !fitting.is_empty()).unwrap_or(of_version)
            }
            None => fitting,
        };
        fitting.first().map(|&i| i as usize)
    }

    /// Who depends on whom.
    pub fn graph(&self) -> &Graph {
        self.graph.get_or_init(|| Graph::new(self))
    }

    fn index(&mut self) {
        let mut order: Vec<u32> = (0..self.packages.len() as u32).collect();
        order.sort_by(|&a, &b| {
            let (a, b) = (self.package(a), self.package(b));
            let by_version = || a.version.cmp(&b.version);
            a.name.cmp(&b.name).then_with(by_version).then_with(|| a.place().cmp(b.place()))
        });
        self.by_name = order;
    }

    fn package(&self, index: u32) -> &LockedPackage {
        &self.packages[index as usize]
    }

    /// The part of the index with this name and, if given, version.
    fn range(&self, name: &str, version: Option<&Version>) -> &[u32] {
        part(&self.by_name, |i| {
            let package = self.package(i);
            let by_version = || version.map_or(Ordering::Equal, |v| package.version.cmp(v));
            package.name.as_str().cmp(name).then_with(by_version)
        })
    }
}

impl LockedPackage {
    /// Its source as dependencies name it.
    fn place(&self) -> &str {
        self.source.as_deref().map_or("", place)
    }
}

/// The part of an ordered list that is equal.
fn part(list: &[u32], order: impl Fn(u32) -> Ordering) -> &[u32] {
    let from = list.partition_point(|&i| order(i) == Ordering::Less);
    let behind = &list[from..];
    // Nearly always there is one at the most.
    let is_equal = |at: usize| behind.get(at).is_some_and(|&i| order(i) == Ordering::Equal);
    let length = match (is_equal(0), is_equal(1)) {
        (false, _) => 0,
        (true, false) => 1,
        (true, true) => behind.partition_point(|&i| order(i) == Ordering::Equal),
    };
    &behind[..length]
}

/// A source without the commit, which dependencies leave out.
fn place(source: &str) -> &str {
    source.split_once('#').map_or(source, |(place, _)| place)
}

/// Whether a package of this source came from the public registry, over Git or over HTTP.
pub fn is_default_registry(source: &str) -> bool {
    match source {
        "registry+https://github.com/rust-lang/crates.io-index" | "sparse+https://index.crates.io/" => true,
        // Spelled otherwise (case of the host, default port).
        _ => {
            (source.starts_with("registry+") || source.starts_with("sparse+"))
                && SourceId::from_url(source).is_ok_and(|s| s.is_default_registry())
        }
    }
}

#[cfg(test)]
mod tests;
