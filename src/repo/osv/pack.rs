use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use rawzip::{CompressionMethod, ZipArchiveWriter};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::ecosystem::Ecosystem;
use super::own_folder;
use super::record::Record;
use super::source::{Form, PACKED_HEADER, Source, each_file};
use crate::repo::advisories::Environment;

/// What the packed file says of itself, in its first entry.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
pub(super) struct Header {
    pub(super) ecosystems: Vec<String>,
    pub(super) date: Option<String>,
    pub(super) count: u64,
    /// How many could not be read and are not in it.
    #[serde(default)]
    pub(super) passed: u64,
}

/// A packed file that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packed {
    /// Where it lies.
    pub path: PathBuf,
    /// Of what it speaks.
    pub ecosystems: Vec<Ecosystem>,
    /// How many entries it has.
    pub count: u64,
    /// How many could not be read and were left out.
    pub passed: u64,
    /// The day of the newest change.
    pub date: Option<String>,
    /// Its size in bytes.
    pub size: u64,
}

/// Why nothing was packed.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    /// It is no database of the right form.
    #[error("{} holds no advisories in the form of OSV", .0.display())]
    NoData(PathBuf),
    /// It is packed already.
    #[error("{} is packed already", .0.display())]
    IsPacked(PathBuf),
    /// No place was named, and the environment does not say where caches lie.
    #[error("the environment does not say where caches lie; name a file with --output")]
    NoPlace,
    /// The file cannot be written.
    #[error("{} cannot be written", .path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

/// The part of the packed file in which a package lies: parts are small, and there are not too many.
pub(super) fn shard_of(key: &str) -> u8 {
    Sha256::digest(key.as_bytes())[0]
}

pub(super) fn shard_name(ecosystem: Ecosystem, shard: u8) -> String {
    format!("{}/{shard:02x}.json", ecosystem.word())
}

/// Makes one file of all that these places say, from which the data about a few packages is read in
/// milliseconds. It is a zip of JSON in the form of OSV, so that anybody can look into it. Without `output`
/// it becomes part of this tool's own folder, where audits find it.
///
/// # Errors
/// A place holds no such data, or the file cannot be written.
pub fn pack(paths: &[PathBuf], output: Option<&Path>, env: &Environment) -> Result<Packed, PackError> {
    let mut shards: BTreeMap<(Ecosystem, u8), BTreeMap<String, Record>> = BTreeMap::new();
    let mut counts: BTreeMap<Ecosystem, u64> = BTreeMap::new();
    let (mut ids, mut passed, mut date) = (BTreeSet::new(), 0, None::<String>);
    for path in paths {
        let source = Source::at(path).ok_or_else(|| PackError::NoData(path.clone()))?;
        let mut take = |name: &str, bytes: Option<&[u8]>| {
            let Some(record) = bytes.and_then(|bytes| Record::read(name, bytes)) else {
                passed += 1;
                return;
            };
            let packages: BTreeSet<_> = record.packages().collect();
            if record.withdrawn.is_some() || packages.is_empty() {
                return;
            }
            if date.as_deref() < record.day() {
                date = record.day().map(str::to_owned);
            }
            let record = reduced(record);
            ids.insert(record.id.clone());
            for ecosystem in packages.iter().map(|(e, _)| *e).collect::<BTreeSet<_>>() {
                *counts.entry(ecosystem).or_default() += 1;
            }
            for (ecosystem, key) in packages {
                let shard = shards.entry((ecosystem, shard_of(&key))).or_default();
                let newer = shard.get(&record.id).is_none_or(|known| known.modified < record.modified);
                if newer {
                    shard.insert(record.id.clone(), record.clone());
                }
            }
        };
        match &source.form {
            Form::ByPackage(folder) | Form::Files(folder) => each_file(folder, &mut take),
            Form::Zip(archive) => archive.each(&mut take),
            Form::Packed(_) => return Err(PackError::IsPacked(path.clone())),
        }
    }
    // Entries about one ecosystem mention packages of others now and then: that is not all about those.
    let ecosystems: Vec<Ecosystem> =
        counts.into_iter().filter(|(_, n)| *n >= (ids.len() as u64).div_ceil(20)).map(|(e, _)| e).collect();
    if ecosystems.is_empty() {
        return Err(PackError::NoData(paths.first().cloned().unwrap_or_default()));
    }
    shards.retain(|(ecosystem, _), _| ecosystems.contains(ecosystem));
    let words: Vec<String> = ecosystems.iter().map(|e| e.word().to_owned()).collect();
    let count = ids.len() as u64;
    let path = match output {
        Some(path) => path.to_owned(),
        None => own_folder(env).ok_or(PackError::NoPlace)?.join(format!("{}.zip", words.join("-"))),
    };
    let write = |source: io::Error| PackError::Write { path: path.clone(), source };
    // The cache is made where there is none; a folder that somebody misspelt is not.
    if let (None, Some(folder)) = (output, path.parent()) {
        fs::create_dir_all(folder).map_err(write)?;
    }
    let header = Header { ecosystems: words, date: date.clone(), count, passed };
    let bytes = written(&header, &shards).map_err(write)?;
    replace(&path, &bytes).map_err(write)?;
    Ok(Packed { path, ecosystems, count, passed, date, size: bytes.len() as u64 })
}

/// What matching does not need is left away: the prose, and versions that are listed and lie in a range.
fn reduced(mut record: Record) -> Record {
    record.summary = Some(record.title());
    record.details = None;
    for affected in &mut record.affected {
        let Some(ecosystem) = affected.ecosystem() else { continue };
        let intervals = affected.intervals(ecosystem);
        affected.versions.retain(|text| {
            let version = ecosystem.version(text);
            version.is_none_or(|version| !intervals.iter().any(|interval| interval.holds(&version)))
        });
        affected.ranges.retain(|range| range.kind != "GIT");
    }
    record.affected.retain(|affected| affected.ecosystem().is_some());
    let said = record.database_specific.take();
    let said = said.and_then(|said| Some(serde_json::json!({ "severity": said.get("severity")?.as_str()? })));
    record.database_specific = said;
    record
}

fn written(
    header: &Header,
    shards: &BTreeMap<(Ecosystem, u8), BTreeMap<String, Record>>,
) -> io::Result<Vec<u8>> {
    let mut output = Vec::new();
    let mut archive = ZipArchiveWriter::new(&mut output);
    let mut put = |name: &str, content: &[u8]| -> io::Result<()> {
        let (mut entry, config) = archive
            .new_file(name)
            .compression_method(CompressionMethod::DEFLATE)
            .start()
            .map_err(io::Error::other)?;
        let encoder = flate2::write::DeflateEncoder::new(&mut entry, flate2::Compression::best());
        let mut writer = config.wrap(encoder);
        writer.write_all(content)?;
        let (encoder, descriptor) = writer.finish().map_err(io::Error::other)?;
        encoder.finish()?;
        entry.finish(descriptor).map_err(io::Error::other)?;
        Ok(())
    };
    put(PACKED_HEADER, &serde_json::to_vec(header)?)?;
    for ((ecosystem, shard), records) in shards {
        let records: Vec<&Record> = records.values().collect();
        put(&shard_name(*ecosystem, *shard), &serde_json::to_vec(&records)?)?;
    }
    archive.finish().map_err(io::Error::other)?;
    Ok(output)
}

/// Whoever reads sees the old file or the new one.
fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.new", std::process::id()));
    let new = path.with_file_name(name);
    let done = fs::write(&new, bytes).and_then(|()| fs::rename(&new, path));
    if done.is_err() {
        let _ = fs::remove_file(&new);
    }
    done
}
