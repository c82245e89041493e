//! What cargo remembers of the public registry: every release that it once looked up, without the network.

mod cache;
mod entry;

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use semver::Version;

use self::cache::{Cached, Folder};
use super::advisories::{Environment, cargo_home};
pub use entry::{IndexedDependency, Kind, Release, look_through};

/// No package of the registry has a longer name.
const LONGEST_NAME: usize = 64;

/// Where cargo of any version keeps its cache of the public registry's index: over HTTP (the name of the host and
/// a hash), and over Git (the hashes before and since cargo 1.85).
const SPARSE: &str = "index.crates.io-";
const GIT: [&str; 2] = ["github.com-1ecc6299db9ec823", "github.com-25cdd57fae9f0462"];

/// The registry's index, as far as cargo has it: files are opened when somebody asks for a package.
#[derive(Debug, Clone, Default)]
pub struct Index {
    folders: Arc<[Folder]>,
    known: Arc<Mutex<BTreeMap<String, Known>>>,
    known_releases: Arc<Mutex<KnownReleases>>,
}

/// The releases of a package in the order of the index; `None` if cargo has nothing on it.
type Known = Option<Arc<[Release]>>;

/// Single releases, by package and version.
type KnownReleases = HashMap<(String, Version), Option<Arc<Release>>>;

impl Index {
    /// The index in cargo's home: `$CARGO_HOME/registry/index/<registry>/.cache`.
    pub fn of_cargo(env: &Environment) -> Self {
        let Some(home) = cargo_home(env) else { return Self::default() };
        let entries = fs::read_dir(home.join("registry").join("index")).into_iter().flatten().flatten();
        let mut folders: Vec<PathBuf> = entries
            .filter(|e| e.file_name().to_str().is_some_and(|n| n.starts_with(SPARSE) || GIT.contains(&n)))
            .map(|e| e.path().join(".cache"))
            .collect();
        folders.sort();
        Self { folders: folders.into_iter().filter_map(Folder::open).collect(), ..Self::default() }
    }

    /// An index of these packages: pairs of name and lines of JSON, as the registry serves them. For examples and
    /// tests.
    pub fn from_lines<'a>(packages: impl Iterator<Item = (&'a str, &'a str)>) -> Self {
        let index = Self::default();
        for (name, lines) in packages {
            let releases = lines.lines().filter_map(|line| Release::read(line.as_bytes())).collect();
            index.remember(name, Some(releases));
        }
        index
    }

    /// Every release of a package, in the order of the index. `None` if cargo has nothing on it.
    pub fn releases(&self, name: &str) -> Option<Arc<[Release]>> {
        if let Some(known) = self.recall(name) {
            return known;
        }
        let releases = self.open(name).and_then(|cached| entry::releases(&cached.whole()?)).map(Arc::from);
        self.remember(name, releases.clone());
        releases
    }

    /// One release of a package. Far cheaper than all of them, if those are not at hand.
    pub fn release(&self, name: &str, version: &Version) -> Option<Arc<Release>> {
        if let Some(known) = self.recall(name) {
            return known?.iter().find(|r| r.version == *version).cloned().map(Arc::new);
        }
        let key = (name.to_owned(), version.clone());
        let mut known = self.known_releases.lock().unwrap_or_else(PoisonError::into_inner);
        let read = || Some(Arc::new(self.open(name)?.line(version, Release::read)??));
        known.entry(key).or_insert_with(read).clone()
    }

    /// Whether a release was yanked. `None` if cargo has nothing on it.
    pub fn is_yanked(&self, name: &str, version: &Version) -> Option<bool> {
        match self.recall(name) {
            Some(known) => known?.iter().find(|r| r.version == *version).map(|release| release.yanked),
            None => self.open(name)?.line(version, entry::is_yanked)?,
        }
    }

    fn recall(&self, name: &str) -> Option<Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }

    fn remember(&self, name: &str, releases: Known) {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), releases);
    }

    /// The file about a package; of several the one that was written last.
    fn open(&self, name: &str) -> Option<Cached> {
        if self.folders.is_empty() {
            return None;
        }
        let path = path_of(name)?;
        match &*self.folders {
            [only] => only.file(&path),
            several => {
                let files = several.iter().filter_map(|folder| folder.file(&path));
                // Of equals the first one.
                files.rev().max_by_key(Cached::written)
            }
        }
    }
}

/// `serde` lies at `se/rd/serde`: <https://doc.rust-lang.org/cargo/reference/registry-index.html#index-files>.
/// `None` for what no package of the registry is called: names come from lock files and may hold anything.
fn path_of(name: &str) -> Option<PathBuf> {
    let is_name = (1..=LONGEST_NAME).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    if !is_name {
        return None;
    }
    let name = name.to_ascii_lowercase();
    Some(match name.len() {
        1 => Path::new("1").join(name),
        2 => Path::new("2").join(name),
        3 => Path::new("3").join(&name[..1]).join(name),
        _ => Path::new(&name[..2]).join(&name[2..4]).join(name),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_where_its_file_lies_and_never_leaves_the_folder() {
        for (name, expect) in [
            ("a", Some("1/a")),
            ("ab", Some("2/ab")),
            ("abc", Some("3/a/abc")),
            ("Serde_json", Some("se/rd/serde_json")),
            ("..", None),
            ("../../etc", None),
            ("a/b", None),
            ("", None),
            ("ä", None),
        ] {
            assert_eq!(path_of(name), expect.map(PathBuf::from), "{name}");
        }
    }
}
