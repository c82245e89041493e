use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use semver::Version;

use super::advisory::{Advisory, Unusable};
use super::folder::Folder;
use super::packed::{self, NotPacked, Packed};
use crate::model::{AdvisorySource, shown, shown_bytes};

/// Advisories by package, and where they come from.
#[derive(Debug, Clone)]
pub struct Database {
    /// Where it lies, its commit, date and size; what could not be read is counted over the packages asked for.
    pub source: AdvisorySource,
    /// Entries about packages asked for that could not be used, in order of package.
    pub damaged: Vec<Damaged>,
    by_package: BTreeMap<String, Vec<Advisory>>,
    /// All names, of advisories that were not asked for, too.
    names: Names,
}

/// The names of all advisories of a database.
#[derive(Debug, Clone)]
enum Names {
    /// Their ids alone.
    Ids(BTreeSet<String>),
    /// The lines of a packed file, which hold all names. Of thousands hardly one is ever asked for.
    Lines(String),
}

/// An entry of the database that could not be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damaged {
    /// The package it is filed under.
    pub package: String,
    /// The name of its file. Safe to show.
    pub file: String,
    /// What is wrong with it.
    pub reason: Unusable,
}

/// Why something is no usable database.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// It cannot be looked at, or has no `crates` folder, or that cannot be listed.
    #[error(
        "{} is no advisory database: neither a folder with a readable `crates` folder in it nor a file that \
         `cargo prodcheck advisories update` wrote", .path.display()
    )]
    NoDatabase {
        /// What was looked at.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// There is not one advisory in it.
    #[error("{} holds no advisories", .path.display())]
    Empty {
        /// What was looked at.
        path: PathBuf,
    },
    /// A packed file that cannot be used.
    #[error("{} holds no usable advisory data: {reason}", .path.display())]
    Packed {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: NotPacked,
    },
    /// The variable of the environment holds a relative path: what it means would be for the folder to say that one
    /// happens to stand in, an audited repository perhaps.
    #[error(
        "{} must hold an absolute path; a file of a repository is named with --advisory-db",
        super::places::VARIABLE
    )]
    Relative,
    /// Two were named, and only one can be used.
    #[error("{} and {} are two databases of RustSec's form; name one of them", .first.display(), .second.display())]
    Two {
        /// The one.
        first: PathBuf,
        /// The other.
        second: PathBuf,
    },
}

impl Database {
    /// Reads what a folder or a packed file says about these packages.
    ///
    /// # Errors
    /// It is neither, or holds no advisory at all. Single entries that are damaged are no error but stand in
    /// [`Database::damaged`].
    pub fn load(path: &Path, names: &BTreeSet<&str>) -> Result<Self, DatabaseError> {
        Found::at(path)?.read(names)
    }

    /// A database of these advisories: pairs of package and text. For examples and tests.
    pub fn from_markdown(advisories: &[(&str, &str)]) -> Self {
        let mut database = Self::empty(AdvisorySource {
            source: "memory".into(),
            commit: None,
            date: None,
            count: advisories.len() as u64,
            unreadable: 0,
        });
        for (package, text) in advisories {
            database.add(package, None, Some(text));
        }
        database.source.date = database.all().map(|a| a.date.clone()).max();
        database.names = Names::Ids(database.all().map(|a| a.id.clone()).collect());
        database
    }

    pub(super) fn empty(source: AdvisorySource) -> Self {
        Self { source, damaged: Vec::new(), by_package: BTreeMap::new(), names: Names::Ids(BTreeSet::new()) }
    }

    /// What concerns this version of a package of the public registry, in order of id.
    pub fn concerning<'a>(&'a self, name: &str, version: &'a Version) -> impl Iterator<Item = &'a Advisory> {
        self.by_package.get(name).into_iter().flatten().filter(|a| a.concerns(version))
    }

    /// Every advisory that was read, in order of package and id.
    pub fn all(&self) -> impl Iterator<Item = &Advisory> {
        self.by_package.values().flatten()
    }

    /// Whether it has an advisory of this name. `None` if only its entry could tell: other names of advisories
    /// on packages that were not asked for.
    pub fn knows(&self, id: &str) -> Option<bool> {
        let is_alias = || self.all().any(|a| a.aliases.iter().any(|alias| alias == id));
        match &self.names {
            Names::Ids(ids) if ids.contains(id) || is_alias() => Some(true),
            Names::Ids(_) => id.starts_with("RUSTSEC-").then_some(false),
            Names::Lines(lines) => Some(packed::names(lines).any(|name| name == id)),
        }
    }

    /// The names of advisories that say nothing any more.
    pub(super) fn other_names(&self) -> Vec<&str> {
        let all: BTreeSet<&str> =
            self.all().flat_map(|a| a.aliases.iter().chain([&a.id])).map(String::as_str).collect();
        let mut names: Vec<&str> = match &self.names {
            Names::Ids(ids) => ids.iter().map(String::as_str).collect(),
            Names::Lines(lines) => packed::names(lines).collect(),
        };
        names.retain(|id| !all.contains(id));
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Takes in the ids of all its advisories.
    pub(super) fn name_all(&mut self, ids: impl IntoIterator<Item = String>) {
        self.names = Names::Ids(ids.into_iter().collect());
    }

    /// Takes in the lines of a packed file, for the names in them.
    pub(super) fn take_lines(&mut self, lines: String) {
        self.names = Names::Lines(lines);
    }

    /// Takes in a file of the database; `None` for one that cannot be read.
    pub(super) fn add(&mut self, package: &str, file: Option<&str>, text: Option<&str>) {
        let read = text.ok_or(Unusable::Unreadable).and_then(|text| Advisory::read(package, file, text));
        match read {
            Ok(Some(advisory)) => self.insert(advisory),
            Ok(None) => {}
            Err(reason) => self.miss(package, file.unwrap_or_default(), reason),
        }
    }

    pub(super) fn insert(&mut self, advisory: Advisory) {
        let list = self.by_package.entry(advisory.package.clone()).or_default();
        let at = list.partition_point(|a| a.id < advisory.id);
        list.insert(at, advisory);
    }

    pub(super) fn miss(&mut self, package: &str, file: &str, reason: Unusable) {
        self.source.unreadable += 1;
        let file = shown_bytes(file.as_bytes());
        self.damaged.push(Damaged { package: package.to_owned(), file, reason });
    }
}

/// Usable advisory data: a folder, or a packed file.
#[derive(Debug, Clone)]
pub struct Found {
    /// Where it lies; `None` for what was built into the program.
    pub path: Option<PathBuf>,
    /// Its commit, date and size: what a status line says.
    pub source: AdvisorySource,
    data: Data,
}

#[derive(Debug, Clone)]
enum Data {
    Folder(Folder),
    Packed(Packed),
}

impl Found {
    /// Looks at a folder or a packed file without reading its advisories.
    ///
    /// # Errors
    /// It is neither, or holds no advisory at all.
    pub fn at(path: &Path) -> Result<Self, DatabaseError> {
        let name = shown(&path.display().to_string()).replace(['\n', '\t'], " ");
        let no_database = |source| DatabaseError::NoDatabase { path: path.to_owned(), source };
        let (source, data) = if fs::metadata(path).map_err(no_database)?.is_dir() {
            let folder = Folder::at(path)?;
            (folder.source(name), Data::Folder(folder))
        } else {
            let packed = Packed::read(path)?;
            (packed.source(name), Data::Packed(packed))
        };
        Ok(Self { path: Some(path.to_owned()), source, data })
    }

    /// The data that was built into the program, if any was.
    pub fn embedded() -> Option<Self> {
        let packed = Packed::embedded()?;
        Some(Self {
            path: None,
            source: packed.source("built into this program".into()),
            data: Data::Packed(packed),
        })
    }

    /// Reads what it says about these packages. Of a folder only theirs are opened.
    ///
    /// # Errors
    /// It is a packed file whose contents are none. Single entries that are damaged are no error but stand in
    /// [`Database::damaged`].
    pub fn read(&self, names: &BTreeSet<&str>) -> Result<Database, DatabaseError> {
        self.read_if(|name| names.contains(name))
    }

    /// Reads everything.
    ///
    /// # Errors
    /// As [`Found::read`].
    pub fn read_all(&self) -> Result<Database, DatabaseError> {
        self.read_if(|_| true)
    }

    fn read_if(&self, wanted: impl Fn(&str) -> bool) -> Result<Database, DatabaseError> {
        let mut database = Database::empty(self.source.clone());
        database.source.unreadable = 0;
        match &self.data {
            Data::Folder(folder) => folder.read(wanted, &mut database),
            Data::Packed(packed) => packed.unpack(wanted, &mut database).map_err(|reason| {
                DatabaseError::Packed { path: self.path.clone().unwrap_or_default(), reason }
            })?,
        }
        Ok(database)
    }
}
