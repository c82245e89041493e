//! What cargo remembers of the public registry: every release that it once looked up, without the network.

mod cache;
mod entry;

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use semver::Version;

use self::cache::{Cached, Folder};
use super::advisories::{Environment, cargo_home, own_cache};
pub use entry::{IndexedDependency, Kind, Release, encoded, look_through, revision};

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

/// Single releases by package; `None` if cargo has nothing on one.
type KnownReleases = HashMap<String, Vec<(Version, Option<Arc<Release>>)>>;

/// So many packages are looked up at least by one more thread.
const SHARE: usize = 64;

impl Index {
    /// What is on this machine: the index in cargo's home (`$CARGO_HOME/registry/index/<registry>/.cache`), and what
    /// was asked of the registry since ([`own_folder`]).
    pub fn at_hand(env: &Environment) -> Self {
        let of_cargo = cargo_home(env).map(|home| home.join("registry").join("index"));
        let entries = of_cargo.and_then(|folder| fs::read_dir(folder).ok()).into_iter().flatten().flatten();
        let mut folders: Vec<PathBuf> = entries
            .filter(|e| e.file_name().to_str().is_some_and(|n| n.starts_with(SPARSE) || GIT.contains(&n)))
            .map(|e| e.path().join(".cache"))
            .collect();
        folders.sort();
        folders.extend(own_folder(env));
        Self { folders: folders.into_iter().filter_map(Folder::open).collect(), ..Self::default() }
    }

    /// An index of these packages: pairs of name and lines of JSON, as the registry serves them. For examples and
    /// tests.
    pub fn from_lines<'a>(packages: impl Iterator<Item = (&'a str, &'a str)>) -> Self {
        let index = Self::default();
        for (name, lines) in packages {
            let releases = lines.lines().filter_map(|line| Release::of_line(line.as_bytes())).collect();
            index.remember(name, Some(releases));
        }
        index
    }

    /// Every release of a package, in the order of the index. `None` if cargo has nothing on it.
    pub fn releases(&self, name: &str) -> Option<Arc<[Release]>> {
        if let Some(known) = self.recall(name) {
            return known;
        }
        let releases = self.open(name).and_then(|cached| entry::releases(cached.whole()?)).map(Arc::from);
        self.remember(name, releases.clone());
        releases
    }

    /// One release of a package. Far cheaper than all of them, if those are not at hand.
    pub fn release(&self, name: &str, version: &Version) -> Option<Arc<Release>> {
        if let Some(known) = self.recall(name) {
            return known?.iter().find(|r| r.version == *version).cloned().map(Arc::new);
        }
        let mut known = self.known_releases.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, release)) = known.get(name).and_then(|all| all.iter().find(|(v, _)| v == version)) {
            return release.clone();
        }
        let release = self.read(name, version, &mut Vec::new());
        known.entry(name.to_owned()).or_default().push((version.clone(), release.clone()));
        release
    }

    /// Whether a release was yanked. `None` if cargo has nothing on it.
    pub fn is_yanked(&self, name: &str, version: &Version) -> Option<bool> {
        self.release(name, version).map(|release| release.yanked)
    }

    /// Looks many releases up at once, by so many threads: what is asked about them then is at hand.
    pub fn look_up(&self, packages: &[(&str, &Version)], threads: usize) {
        if self.folders.is_empty() {
            return;
        }
        let next = AtomicUsize::new(0);
        let work = || {
            let (mut found, mut buffer) = (Vec::new(), Vec::new());
            while let Some(some) = packages.chunks(SHARE / 4).nth(next.fetch_add(1, Ordering::Relaxed)) {
                for &(name, version) in some {
                    found.push((name, version.clone(), self.read(name, version, &mut buffer)));
                }
            }
            let mut known = self.known_releases.lock().unwrap_or_else(PoisonError::into_inner);
            for (name, version, release) in found {
                known.entry(name.to_owned()).or_default().push((version, release));
            }
        };
        thread::scope(|scope| {
            for _ in 1..threads.min(packages.len() / SHARE) {
                scope.spawn(work);
            }
            work();
        });
    }

    fn read(&self, name: &str, version: &Version, buffer: &mut Vec<u8>) -> Option<Arc<Release>> {
        Some(Arc::new(self.open(name)?.release(version, buffer)?))
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

/// Where this tool keeps what it asked of the registry's index itself, in the form of cargo's cache: the folder `index`
/// beside its advisory data. `None` if the environment does not say where caches are.
pub fn own_folder(env: &Environment) -> Option<PathBuf> {
    Some(own_cache(env)?.parent()?.join("index"))
}

/// `serde` lies at `se/rd/serde`: <https://doc.rust-lang.org/cargo/reference/registry-index.html#index-files>.
/// `None` for what no package of the registry is called: names come from lock files and may hold anything.
pub fn path_of(name: &str) -> Option<PathBuf> {
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
