use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::Wanted;
use super::archive::Archive;
use super::ecosystem::Ecosystem;
use super::pack::{Header, shard_name, shard_of};
use super::record::{OsvAdvisory, Record, is_record};
use super::source::{Form, PACKED_HEADER, Source, each_file, entries, read_small};
use crate::model::{shown, shown_bytes};

/// So many of the newest ids are asked for their date. Ids are given out in order, dates nearly so.
const NEWEST: usize = 12;
/// A source speaks of an ecosystem if at least one in so many of its entries does: entries about one
/// ecosystem mention packages of others now and then.
const ONE_IN: u64 = 20;
/// More than a packed file's part of any ecosystem has.
const SHARD_MAX: u64 = 64 << 20;

/// A source of data, as a report names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OsvSource {
    /// Where it lies. Safe to show.
    pub path: String,
    /// Of what it speaks.
    pub ecosystems: BTreeSet<Ecosystem>,
    /// The day of its newest change, `YYYY-MM-DD`, as far as it is known.
    pub date: Option<String>,
    /// How many entries it has.
    pub count: u64,
    /// All its ids, or those that begin like this.
    ids: Ids,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Ids {
    known: BTreeSet<String>,
    /// Of which ids all are known; `""` is all.
    complete: Option<&'static str>,
}

impl OsvSource {
    /// Whether it has this id. `None` if it was not looked through.
    pub fn knows(&self, id: &str) -> Option<bool> {
        if self.ids.known.contains(id) {
            return Some(true);
        }
        self.ids.complete.filter(|prefix| id.starts_with(prefix)).map(|_| false)
    }
}

/// An entry that could not be used.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Passed {
    /// Of which source. Safe to show.
    pub source: String,
    /// Its name. Safe to show.
    pub entry: String,
}

/// What a source says about the packages that were asked for.
#[derive(Debug)]
pub(super) struct Loaded {
    pub(super) source: OsvSource,
    pub(super) passed: Vec<Passed>,
    pub(super) advisories: Vec<(Ecosystem, String, OsvAdvisory)>,
}

impl Loaded {
    fn of(path: &Path) -> Self {
        let path = shown(&path.display().to_string()).replace(['\n', '\t'], " ");
        let source =
            OsvSource { path, ecosystems: BTreeSet::new(), date: None, count: 0, ids: Ids::default() };
        Self { source, passed: Vec::new(), advisories: Vec::new() }
    }

    fn pass_over(&mut self, entry: &str) {
        let entry = shown_bytes(entry.as_bytes()).replace(['\n', '\t'], " ");
        self.passed.push(Passed { source: self.source.path.clone(), entry });
    }

    fn take(&mut self, record: &Record, wanted: &Wanted) {
        let packages: BTreeSet<_> = record.packages().collect();
        for (ecosystem, key) in packages {
            if wanted.get(&ecosystem).is_some_and(|names| names.contains(&key))
                && let Some(advisory) = OsvAdvisory::of(record, ecosystem, &key)
            {
                self.advisories.push((ecosystem, key, advisory));
            }
        }
    }

    fn date_of(&mut self, record: &Record) {
        if self.source.date.as_deref() < record.day() {
            self.source.date = record.day().map(str::to_owned);
        }
    }
}

/// Reads what a source says about these packages, and only that, if the source is laid out by package.
pub(super) fn load(source: &Source, wanted: &Wanted) -> Loaded {
    let mut loaded = Loaded::of(&source.path);
    match &source.form {
        Form::ByPackage(folder) => by_package(folder, wanted, &mut loaded),
        Form::Files(folder) => all(|show| each_file(folder, show), wanted, &mut loaded),
        Form::Zip(archive) => all(|show| archive.each(show), wanted, &mut loaded),
        Form::Packed(archive) => packed(archive, wanted, &mut loaded),
    }
    loaded
}

/// Entries that are in memory already.
pub(super) fn of_texts(texts: &[(&str, &str)], wanted: &Wanted) -> Loaded {
    let mut loaded = Loaded::of(Path::new("memory"));
    let each = |show: &mut dyn FnMut(&str, Option<&[u8]>)| {
        for (name, text) in texts {
            show(name, Some(text.as_bytes()));
        }
    };
    all(each, wanted, &mut loaded);
    loaded
}

/// The folders are named by the packages' keys.
fn by_package(folder: &Path, wanted: &Wanted, loaded: &mut Loaded) {
    loaded.source.ecosystems.insert(Ecosystem::PyPi);
    let mut newest: Vec<(u64, u64, std::path::PathBuf)> = Vec::new();
    let ids = &mut loaded.source.ids;
    ids.complete = Some("PYSEC-");
    let mut of_package: BTreeMap<String, Vec<std::path::PathBuf>> = BTreeMap::new();
    let names = wanted.get(&Ecosystem::PyPi);
    for package in entries(folder) {
        let name = package.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let key = Ecosystem::PyPi.key(&name);
        for file in entries(&package) {
            let Some(name) = file.file_name().and_then(|n| n.to_str()).filter(|n| is_record(n)) else {
                continue;
            };
            let id = name.rsplit_once('.').map_or(name, |(id, _)| id).to_owned();
            loaded.source.count += 1;
            newest.extend(number_of(&id).map(|(year, number)| (year, number, file.clone())));
            ids.known.insert(id);
            if names.is_some_and(|names| names.contains(&key)) {
                of_package.entry(key.clone()).or_default().push(file);
            }
        }
    }
    newest.sort_unstable_by(|a, b| b.cmp(a));
    for (.., file) in newest.into_iter().take(NEWEST) {
        if let Some(record) = read_record(&file) {
            loaded.date_of(&record);
        }
    }
    for file in of_package.values().flatten() {
        match read_record(file) {
            Some(record) => loaded.take(&record, wanted),
            None => loaded.pass_over(&file.file_name().unwrap_or_default().to_string_lossy()),
        }
    }
}

fn read_record(file: &Path) -> Option<Record> {
    Record::read(file.file_name()?.to_str()?, &read_small(file)?)
}

/// `PYSEC-2024-17` is 2024 and 17.
fn number_of(id: &str) -> Option<(u64, u64)> {
    let mut parts = id.rsplit('-');
    let (number, year) = (parts.next()?, parts.next()?);
    Some((year.parse().ok()?, number.parse().ok()?))
}

/// Nothing but the entries themselves says which packages they are about.
fn all(each: impl FnOnce(&mut dyn FnMut(&str, Option<&[u8]>)), wanted: &Wanted, loaded: &mut Loaded) {
    let mut counts: BTreeMap<Ecosystem, u64> = BTreeMap::new();
    loaded.source.ids.complete = Some("");
    each(&mut |name, bytes| {
        loaded.source.count += 1;
        let Some(record) = bytes.and_then(|bytes| Record::read(name, bytes)) else {
            return loaded.pass_over(name);
        };
        let ecosystems: BTreeSet<Ecosystem> = record.packages().map(|(ecosystem, _)| ecosystem).collect();
        for ecosystem in ecosystems {
            *counts.entry(ecosystem).or_default() += 1;
        }
        loaded.date_of(&record);
        loaded.take(&record, wanted);
        let ids = &mut loaded.source.ids.known;
        ids.extend(record.aliases);
        ids.insert(record.id);
    });
    let least = loaded.source.count.div_ceil(ONE_IN);
    loaded.source.ecosystems =
        counts.into_iter().filter(|(_, count)| *count >= least).map(|(ecosystem, _)| ecosystem).collect();
}

/// Only the parts in which the packages lie are unpacked.
fn packed(archive: &Archive, wanted: &Wanted, loaded: &mut Loaded) {
    let header = archive.read(PACKED_HEADER, SHARD_MAX);
    let Some(header) = header.and_then(|bytes| serde_json::from_slice::<Header>(&bytes).ok()) else {
        return loaded.pass_over(PACKED_HEADER);
    };
    loaded.source.ecosystems = header.ecosystems.iter().filter_map(|word| Ecosystem::of_word(word)).collect();
    loaded.source.count = header.count;
    loaded.source.date = header.date;
    if header.passed > 0 {
        loaded.pass_over(&format!("{} that could not be read when it was packed", header.passed));
    }
    for (ecosystem, names) in wanted {
        if !loaded.source.ecosystems.contains(ecosystem) {
            continue;
        }
        let shards: BTreeSet<u8> = names.iter().map(|name| shard_of(name)).collect();
        for name in shards.into_iter().map(|shard| shard_name(*ecosystem, shard)) {
            if !archive.has(&name) {
                continue;
            }
            let bytes = archive.read(&name, SHARD_MAX);
            match bytes.and_then(|bytes| serde_json::from_slice::<Vec<Record>>(&bytes).ok()) {
                Some(records) => records.iter().for_each(|record| loaded.take(record, wanted)),
                None => loaded.pass_over(&name),
            }
        }
    }
    loaded.advisories.sort_by(|a, b| (a.0, &a.1, &a.2.id).cmp(&(b.0, &b.1, &b.2.id)));
    loaded.advisories.dedup_by(|a, b| (a.0, &a.1, &a.2.id) == (b.0, &b.1, &b.2.id));
}
