use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use semver::Version;

use super::advisory::{Advisory, Unusable};
use crate::model::{AdvisorySource, shown, shown_bytes};

/// No advisory comes near this size; one that does is not read.
const LARGEST: u64 = 1 << 20;

/// So many of the newest ids are asked for their date. Ids are given out in order, dates nearly so.
const NEWEST: usize = 24;

/// Advisories by package, and where they come from.
///
/// The layout on disk is that of <https://github.com/RustSec/advisory-db>, a Git checkout or not:
/// `crates/<package>/RUSTSEC-YYYY-NNNN.md`.
#[derive(Debug, Clone)]
pub struct Database {
    /// Where it lies, its commit, date and size; what could not be read is counted over the packages asked for.
    pub source: AdvisorySource,
    /// Files about packages asked for that could not be used, in order of package.
    pub damaged: Vec<Damaged>,
    by_package: BTreeMap<String, Vec<Advisory>>,
}

/// A file of the database that could not be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damaged {
    /// The package in whose folder it lies.
    pub package: String,
    /// Its name. Safe to show.
    pub file: String,
    /// What is wrong with it.
    pub reason: Unusable,
}

/// Why a folder is no usable database.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// There is no `crates` folder in it, or it cannot be listed.
    #[error("{} is no advisory database: it has no readable `crates` folder", .path.display())]
    NoDatabase {
        /// The folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// There is not one advisory in it.
    #[error("{} holds no advisories", .path.display())]
    Empty {
        /// The folder.
        path: PathBuf,
    },
}

impl Database {
    /// Reads what a folder says about these packages. Only their folders are opened; the others are listed.
    ///
    /// # Errors
    /// The folder has not the layout, or holds no advisory at all. Single files that are damaged are no error
    /// but stand in [`Database::damaged`].
    pub fn load(dir: &Path, names: &BTreeSet<&str>) -> Result<Self, DatabaseError> {
        let listing = Listing::of(dir)?;
        let mut database =
            Self { source: listing.source(dir), damaged: Vec::new(), by_package: BTreeMap::new() };
        for &name in names.iter().filter(|n| listing.packages.contains(**n)) {
            for file in files(&listing.crates.join(name)) {
                let text = read_small(&listing.crates.join(name).join(&file), LARGEST);
                database.add(name, Some(&file), text.ok().as_deref());
            }
        }
        Ok(database)
    }

    /// A database of these advisories: pairs of package and text. For examples and tests.
    pub fn from_markdown(advisories: &[(&str, &str)]) -> Self {
        let source = AdvisorySource {
            source: "memory".into(),
            commit: None,
            date: None,
            count: advisories.len() as u64,
            unreadable: 0,
        };
        let mut database = Self { source, damaged: Vec::new(), by_package: BTreeMap::new() };
        for (package, text) in advisories {
            database.add(package, None, Some(text));
        }
        let all = database.by_package.values().flatten();
        database.source.date = all.map(|a| a.date.clone()).max();
        database
    }

    /// Where a folder's data comes from, without reading it: what a status line says.
    ///
    /// # Errors
    /// As [`Database::load`].
    pub fn survey(dir: &Path) -> Result<AdvisorySource, DatabaseError> {
        Ok(Listing::of(dir)?.source(dir))
    }

    /// What concerns this version of a package of the public registry, in order of id.
    pub fn concerning<'a>(&'a self, name: &str, version: &'a Version) -> impl Iterator<Item = &'a Advisory> {
        self.by_package.get(name).into_iter().flatten().filter(|a| a.concerns(version))
    }

    fn add(&mut self, package: &str, file: Option<&str>, text: Option<&str>) {
        let read = text.ok_or(Unusable::Unreadable).and_then(|text| Advisory::read(package, file, text));
        match read {
            Ok(Some(advisory)) => {
                let list = self.by_package.entry(package.to_owned()).or_default();
                let at = list.partition_point(|a| a.id < advisory.id);
                list.insert(at, advisory);
            }
            Ok(None) => {}
            Err(reason) => {
                self.source.unreadable += 1;
                let file = shown_bytes(file.unwrap_or_default().as_bytes());
                self.damaged.push(Damaged { package: package.to_owned(), file, reason });
            }
        }
    }
}

/// What lies in a database's `crates` folder, by name alone.
struct Listing {
    crates: PathBuf,
    packages: BTreeSet<String>,
    count: u64,
    /// Year and number of the newest ids, the newest first, with the file.
    newest: Vec<((u32, u32), PathBuf)>,
}

impl Listing {
    fn of(dir: &Path) -> Result<Self, DatabaseError> {
        let crates = dir.join("crates");
        let entries = fs::read_dir(&crates)
            .map_err(|source| DatabaseError::NoDatabase { path: dir.to_owned(), source })?;
        let mut listing = Self { crates, packages: BTreeSet::new(), count: 0, newest: Vec::new() };
        for entry in entries.flatten() {
            // Names come from the folder and not from the lock file, whose names may hold anything.
            let Ok(name) = entry.file_name().into_string() else { continue };
            if !entry.file_type().is_ok_and(|t| t.is_dir()) {
                continue;
            }
            for file in files(&entry.path()) {
                listing.count += 1;
                let Some(id) = id_of(&file) else { continue };
                let at = listing.newest.partition_point(|(other, _)| *other > id);
                if at < NEWEST {
                    listing.newest.insert(at, (id, entry.path().join(file)));
                    listing.newest.truncate(NEWEST);
                }
            }
            listing.packages.insert(name);
        }
        if listing.count == 0 {
            return Err(DatabaseError::Empty { path: dir.to_owned() });
        }
        Ok(listing)
    }

    fn source(&self, dir: &Path) -> AdvisorySource {
        AdvisorySource {
            source: shown(&dir.display().to_string()).replace(['\n', '\t'], " "),
            commit: commit(dir),
            date: self.newest.iter().filter_map(|(_, file)| date_in(file)).max(),
            count: self.count,
            unreadable: 0,
        }
    }
}

/// The names of a package's advisories, in order.
fn files(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let names = entries.flatten().filter_map(|e| e.file_name().into_string().ok());
    let mut names: Vec<String> = names.filter(|n| n.ends_with(".md") && !n.starts_with('.')).collect();
    names.sort_unstable();
    names
}

/// `RUSTSEC-2024-0042.md` is 2024 and 42; drafts and other names are nothing.
fn id_of(file: &str) -> Option<(u32, u32)> {
    let (year, number) = file.strip_suffix(".md")?.strip_prefix("RUSTSEC-")?.split_once('-')?;
    let id = (year.parse().ok()?, number.parse().ok()?);
    (id.0 > 0).then_some(id)
}

/// The date an advisory was reported, found without parsing it.
fn date_in(file: &Path) -> Option<String> {
    let text = read_small(file, LARGEST).ok()?;
    let line = text.lines().take(40).find_map(|l| l.strip_prefix("date")?.trim_start().strip_prefix('='))?;
    let date = line.trim().strip_prefix('"')?.get(..10)?;
    super::days_between(date, date).map(|_| date.to_owned())
}

/// The commit of a Git checkout, read from its files.
fn commit(dir: &Path) -> Option<String> {
    let git = dir.join(".git");
    let head = read_small(&git.join("HEAD"), 4096).ok()?;
    let head = head.trim();
    let Some(name) = head.strip_prefix("ref: ") else { return object_id(head) };
    if !name.starts_with("refs/") || name.split('/').any(|part| matches!(part, "" | "." | "..")) {
        return None;
    }
    if let Ok(id) = read_small(&git.join(name), 4096) {
        return object_id(id.trim());
    }
    let packed = read_small(&git.join("packed-refs"), LARGEST).ok()?;
    packed.lines().find_map(|line| line.strip_suffix(name)?.strip_suffix(' ')).and_then(object_id)
}

fn object_id(text: &str) -> Option<String> {
    let is_id = matches!(text.len(), 40 | 64) && text.bytes().all(|b| b.is_ascii_hexdigit());
    is_id.then(|| text.to_owned())
}

/// A plain file of limited size. Looked at before it is opened: a pipe would never end.
fn read_small(path: &Path, limit: u64) -> io::Result<String> {
    let metadata = fs::symlink_metadata(path)?;
    if !metadata.is_file() || metadata.len() > limit {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut text = String::new();
    File::open(path)?.take(limit).read_to_string(&mut text)?;
    Ok(text)
}
