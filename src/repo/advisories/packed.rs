//! The database as one small file.
//!
//! A line of JSON says what is in it ([`Header`]); behind it, compressed with zlib (RFC 1950), stands one line for
//! each advisory: the package, a tab, its names with blanks between them, a tab, and a [`Record`] as JSON. A line
//! without a package names what was withdrawn. The same database makes the same bytes.

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::path::Path;

use flate2::{Compression, read::ZlibDecoder, write::ZlibEncoder};
use semver::VersionReq;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::advisory::{self, Advisory, Kind, LICENCE, Unusable, page_of};
use super::database::{Database, DatabaseError};
use super::update::DEFAULT_URL;
use crate::model::AdvisorySource;
use crate::repo::read::{self, Links};

const FORMAT: &str = "prodcheck-advisories";
const VERSION: u32 = 1;

/// A file of the whole database has a hundredth of this size.
const LARGEST: u64 = 16 << 20;
/// Nothing is unpacked beyond this.
const LARGEST_UNPACKED: u64 = 64 << 20;
/// The first line ends before this.
const LONGEST_HEADER: usize = 4096;

/// Why a file is no packed advisory data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotPacked {
    /// It does not begin as such files do.
    #[error("it was not written by `cargo prodcheck advisories update`")]
    Form,
    /// A newer program wrote it.
    #[error("a newer version of this program wrote it")]
    Newer,
    /// It is not what was written.
    #[error("it is damaged: the checksum in its first line is another one")]
    Damaged,
    /// There is not one advisory in it.
    #[error("it is empty")]
    Empty,
}

/// The first line of the file.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Header {
    format: String,
    version: u32,
    /// Where the data comes from, and under which licence: that of entries which name none.
    origin: String,
    licence: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    commit: Option<String>,
    /// The date of the newest advisory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    date: Option<String>,
    count: u64,
    /// How many entries of the database could not be read.
    #[serde(default)]
    damaged: u64,
    /// Of all that follows the line.
    sha256: String,
}

/// An advisory, or an entry of the database that was none.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Record {
    #[serde(skip_serializing_if = "String::is_empty")]
    kind: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    date: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    title: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cvss: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rating: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    score: Option<u8>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    functions: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    os: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    arch: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    licence: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    patched: Vec<VersionReq>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unaffected: Vec<VersionReq>,
    /// The name of a file that could not be used, in place of all the rest.
    #[serde(skip_serializing_if = "Option::is_none")]
    damaged: Option<String>,
}

/// Writes a database down that was read whole.
pub(super) fn pack(database: &Database) -> Vec<u8> {
    let mut lines: Vec<String> = Vec::new();
    let mut line = |package: &str, names: &str, record: &Record| {
        // No package of the registry is named so, and it would end the line.
        let is_odd = package.contains(char::is_control) || names.contains(char::is_control);
        if let Ok(json) = serde_json::to_string(record)
            && !is_odd
        {
            lines.push(format!("{package}\t{names}\t{json}\n"));
        }
    };
    for advisory in database.all() {
        let names: Vec<&str> =
            std::iter::once(&advisory.id).chain(&advisory.aliases).map(String::as_str).collect();
        line(&advisory.package, &names.join(" "), &Record::of(advisory));
    }
    for damaged in &database.damaged {
        line(&damaged.package, "", &Record { damaged: Some(damaged.file.clone()), ..Record::default() });
    }
    line("", &database.other_names().join(" "), &Record::default());
    lines.sort();
    let body = compressed(lines.concat().as_bytes());
    let header = Header {
        format: FORMAT.into(),
        version: VERSION,
        origin: DEFAULT_URL.into(),
        licence: LICENCE.into(),
        commit: database.source.commit.clone(),
        date: database.source.date.clone(),
        count: database.all().count() as u64,
        damaged: database.damaged.len() as u64,
        sha256: sha256(&body),
    };
    let mut file = serde_json::to_vec(&header).unwrap_or_default();
    file.push(b'\n');
    file.extend(body);
    file
}

fn compressed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    // Writing to memory cannot fail.
    let _ = encoder.write_all(bytes);
    encoder.finish().unwrap_or_default()
}

fn sha256(bytes: &[u8]) -> String {
    let mut hex = String::new();
    for byte in Sha256::digest(bytes) {
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

/// A packed file whose checksum holds.
#[derive(Debug, Clone)]
pub(super) struct Packed {
    header: Header,
    body: std::borrow::Cow<'static, [u8]>,
}

include!(concat!(env!("OUT_DIR"), "/advisories.rs"));

impl Packed {
    /// Reads a file's first line and verifies the rest.
    pub(super) fn read(path: &Path) -> Result<Self, DatabaseError> {
        let mut bytes = Vec::new();
        read::file(path, Links::Follow, LARGEST, &mut bytes).map_err(|error| DatabaseError::NoDatabase {
            path: path.to_owned(),
            source: std::io::Error::other(error.to_string()),
        })?;
        let (header, at) =
            open(&bytes).map_err(|reason| DatabaseError::Packed { path: path.to_owned(), reason })?;
        bytes.drain(..at);
        Ok(Self { header, body: bytes.into() })
    }

    /// What was built in. Its checksum was verified then.
    pub(super) fn embedded() -> Option<Self> {
        let bytes = EMBEDDED?;
        let (header, at) = split(bytes).ok()?;
        Some(Self { header, body: bytes[at..].into() })
    }

    pub(super) fn source(&self, name: String) -> AdvisorySource {
        AdvisorySource {
            source: name,
            commit: self.header.commit.clone(),
            date: self.header.date.clone(),
            count: self.header.count,
            unreadable: self.header.damaged,
        }
    }

    /// Adds what it says about the packages that are wanted.
    pub(super) fn unpack(&self, wanted: impl Fn(&str) -> bool, into: &mut Database) -> Result<(), NotPacked> {
        let mut text = String::new();
        let mut reader = ZlibDecoder::new(&*self.body).take(LARGEST_UNPACKED);
        reader.read_to_string(&mut text).map_err(|_| NotPacked::Damaged)?;
        for line in text.lines() {
            let mut parts = line.splitn(3, '\t');
            let (Some(package), Some(names), Some(json)) = (parts.next(), parts.next(), parts.next()) else {
                return Err(NotPacked::Damaged);
            };
            if package.is_empty() || !wanted(package) {
                continue;
            }
            match serde_json::from_str::<Record>(json).ok().and_then(|r| r.into_entry(package, names)) {
                Some(Ok(advisory)) => into.insert(advisory),
                Some(Err(file)) => into.miss(package, &file, Unusable::Form),
                None => into.miss(package, "", Unusable::Form),
            }
        }
        into.take_lines(text);
        Ok(())
    }
}

/// All names in the lines of a packed file.
pub(super) fn names(lines: &str) -> impl Iterator<Item = &str> {
    lines.lines().filter_map(|line| line.split('\t').nth(1)).flat_map(str::split_ascii_whitespace)
}

/// Parses a packed file to the end, and reads every entry. For fuzzing.
///
/// # Errors
/// It is none.
pub fn look_through(bytes: &[u8]) -> Result<usize, NotPacked> {
    let (header, at) = open(bytes)?;
    let packed = Packed { header, body: bytes[at..].to_vec().into() };
    let mut database = Database::empty(packed.source(String::new()));
    packed.unpack(|_| true, &mut database)?;
    Ok(database.all().count())
}

/// The first line, and where the rest begins, whose checksum holds.
fn open(bytes: &[u8]) -> Result<(Header, usize), NotPacked> {
    let (header, at) = split(bytes)?;
    if header.sha256 != sha256(&bytes[at..]) {
        return Err(NotPacked::Damaged);
    }
    Ok((header, at))
}

fn split(bytes: &[u8]) -> Result<(Header, usize), NotPacked> {
    let start = &bytes[..bytes.len().min(LONGEST_HEADER)];
    let end = memchr::memchr(b'\n', start).ok_or(NotPacked::Form)?;
    let mut header: Header = serde_json::from_slice(&bytes[..end]).map_err(|_| NotPacked::Form)?;
    if header.format != FORMAT {
        return Err(NotPacked::Form);
    }
    if header.version > VERSION {
        return Err(NotPacked::Newer);
    }
    if header.count == 0 {
        return Err(NotPacked::Empty);
    }
    // They are shown as they stand.
    header.date = header.date.filter(|date| super::days_between(date, date).is_some());
    header.commit = header.commit.filter(|id| id.len() <= 64 && id.bytes().all(|b| b.is_ascii_hexdigit()));
    Ok((header, end + 1))
}

impl Record {
    fn of(advisory: &Advisory) -> Self {
        let page = page_of(&advisory.id);
        Self {
            kind: advisory.kind.word().into(),
            date: advisory.date.clone(),
            title: advisory.title.clone(),
            url: (advisory.url != page).then(|| advisory.url.clone()),
            cvss: advisory.cvss.clone(),
            rating: advisory.rating.map(str::to_owned),
            score: advisory.score,
            functions: advisory.functions.clone(),
            os: advisory.os.clone(),
            arch: advisory.arch.clone(),
            licence: advisory.licence.clone(),
            patched: advisory.versions.patched().to_vec(),
            unaffected: advisory.versions.unaffected().to_vec(),
            damaged: None,
        }
    }

    /// The advisory, or the name of a file that was none. `None` if the record itself is damaged.
    fn into_entry(self, package: &str, names: &str) -> Option<Result<Advisory, String>> {
        if let Some(file) = self.damaged {
            return Some(Err(file));
        }
        let mut names = names.split_ascii_whitespace().map(str::to_owned);
        let id = names.next()?;
        let number = id.strip_prefix("RUSTSEC-")?;
        if !number.bytes().all(|b| b.is_ascii_digit() || b == b'-') {
            return None;
        }
        super::days_between(&self.date, &self.date)?;
        let rating = match self.rating.as_deref() {
            None => None,
            Some(word) => Some(*advisory::RATINGS.iter().find(|known| **known == word)?),
        };
        Some(Ok(Advisory {
            kind: Kind::ALL.iter().copied().find(|kind| kind.word() == self.kind)?,
            url: self.url.unwrap_or_else(|| page_of(&id)),
            id,
            package: package.to_owned(),
            title: self.title,
            date: self.date,
            aliases: names.collect(),
            cvss: self.cvss,
            rating,
            score: self.score,
            functions: self.functions,
            os: self.os,
            arch: self.arch,
            licence: self.licence,
            versions: advisory::ranges(self.patched, self.unaffected)?,
        }))
    }
}
