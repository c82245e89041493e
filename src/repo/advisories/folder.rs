//! The database as files: <https://github.com/RustSec/advisory-db>, a Git checkout or not.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::database::{Database, DatabaseError};
use crate::model::AdvisorySource;
use crate::repo::git;
use crate::repo::read::{self, Links};

/// No advisory comes near this size; one that does is not read.
const LARGEST: u64 = 1 << 20;

/// Nor does the index of a checkout.
const LARGEST_INDEX: u64 = 16 << 20;

/// The database is a SHA-1 repository: its ids have this many bytes.
const SHA1_LEN: usize = 20;

/// So many of the newest ids are asked for their date. Ids are given out in order, dates nearly so.
const NEWEST: usize = 12;

/// What lies in a database's `crates` folder, by name alone: the files of each package,
/// `crates/<package>/RUSTSEC-YYYY-NNNN.md`.
#[derive(Debug, Clone)]
pub(super) struct Folder {
    dir: PathBuf,
    crates: PathBuf,
    files: BTreeMap<String, BTreeSet<String>>,
}

impl Folder {
    pub(super) fn at(dir: &Path) -> Result<Self, DatabaseError> {
        let crates = dir.join("crates");
        let entries = fs::read_dir(&crates)
            .map_err(|source| DatabaseError::NoDatabase { path: dir.to_owned(), source })?;
        // Names come from the folder and not from the lock file, whose names may hold anything.
        let packages: BTreeSet<String> = entries
            .flatten()
            .filter(|e| e.file_type().is_ok_and(|t| t.is_dir()))
            .filter_map(|e| e.file_name().into_string().ok())
            .collect();
        // A thousand folders take longer to list than all the rest takes. The index of a checkout has their
        // content in one file. It is believed if it knows the same packages, and what it names and is not
        // there counts as damaged.
        let files = indexed(dir).filter(|files| files.keys().eq(&packages)).unwrap_or_else(|| {
            packages
                .into_iter()
                .map(|name| (crates.join(&name), name))
                .map(|(p, n)| (n, files_in(&p)))
                .collect()
        });
        if files.values().all(BTreeSet::is_empty) {
            return Err(DatabaseError::Empty { path: dir.to_owned() });
        }
        Ok(Self { dir: dir.to_owned(), crates, files })
    }

    /// Reads the advisories of the packages that are wanted. Only their folders are opened.
    pub(super) fn read(&self, wanted: impl Fn(&str) -> bool, into: &mut Database) {
        // Files are named by their advisories' ids.
        let ids = self.files.values().flatten().filter_map(|file| file.strip_suffix(".md"));
        into.name_all(ids.map(str::to_owned));
        for (name, listed) in self.files.iter().filter(|(name, _)| wanted(name)) {
            let folder = self.crates.join(name);
            for file in listed.union(&files_in(&folder)) {
                let text = read_small(&folder.join(file), LARGEST);
                into.add(name, Some(file), text.ok().as_deref());
            }
        }
    }

    pub(super) fn source(&self, name: String) -> AdvisorySource {
        let all = self.files.iter().flat_map(|(package, files)| files.iter().map(move |f| (package, f)));
        let mut newest: Vec<_> = all.filter_map(|(p, f)| Some((id_of(f)?, p, f))).collect();
        newest.sort_unstable_by(|a, b| b.cmp(a));
        newest.truncate(NEWEST);
        AdvisorySource {
            source: name,
            commit: commit(&self.dir),
            date: newest.iter().filter_map(|(_, p, f)| date_in(&self.crates.join(p).join(f))).max(),
            count: self.files.values().map(|files| files.len() as u64).sum(),
            unreadable: 0,
        }
    }
}

/// The files of each package as the index of a Git checkout has them.
fn indexed(dir: &Path) -> Option<BTreeMap<String, BTreeSet<String>>> {
    let mut bytes = Vec::new();
    read::file(&dir.join(".git").join("index"), Links::Refuse, LARGEST_INDEX, &mut bytes).ok()?;
    let index = git::read_index(&bytes, SHA1_LEN).ok()?;
    let mut files: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for entry in &index.entries {
        let path = std::str::from_utf8(&entry.path).ok()?;
        let Some((package, file)) = path.strip_prefix("crates/").and_then(|p| p.split_once('/')) else {
            continue;
        };
        let files = files.entry(package.to_owned()).or_default();
        if is_advisory(file) {
            files.insert(file.to_owned());
        }
    }
    Some(files)
}

/// The names of a package's advisories.
fn files_in(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.filter_map(|e| e.file_name().into_string().ok()).filter(|n| is_advisory(n)).collect()
}

fn is_advisory(file: &str) -> bool {
    !file.starts_with('.') && !file.contains('/') && file.strip_suffix(".md").is_some()
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
