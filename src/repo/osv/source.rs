use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use super::archive::Archive;
use super::record::is_record;

/// No entry of a database comes near this size; one that does is not read.
pub(super) const LARGEST: u64 = 8 << 20;
/// Nor do databases nest deeper.
const DEPTH_MAX: usize = 12;
/// What the packed file is told by.
pub(super) const PACKED_HEADER: &str = "prodcheck-osv.json";

/// A place with data in the form of OSV.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) path: PathBuf,
    pub(super) form: Form,
}

/// How the entries of a source lie.
#[derive(Debug)]
pub(super) enum Form {
    /// A folder for each package of PyPI, as in <https://github.com/pypa/advisory-database>.
    ByPackage(PathBuf),
    /// Files in any folders.
    Files(PathBuf),
    /// A zip of such files, as OSV publishes one for each ecosystem: <https://google.github.io/osv.dev/data/>.
    Zip(Archive),
    /// What [`super::pack`] writes.
    Packed(Archive),
}

impl Source {
    /// What lies at this path, if it is data in the form of OSV: told by names and first bytes.
    pub(super) fn at(path: &Path) -> Option<Self> {
        let form = if path.is_dir() { folder(path)? } else { archive(path)? };
        Some(Self { path: path.to_owned(), form })
    }
}

fn archive(path: &Path) -> Option<Form> {
    let mut first = [0; 4];
    if !path.is_file() {
        return None;
    }
    File::open(path).and_then(|mut file| file.read_exact(&mut first)).ok()?;
    // An archive without entries begins with its end.
    if !matches!(&first, b"PK\x03\x04" | b"PK\x05\x06") {
        return None;
    }
    let archive = Archive::open(path)?;
    Some(if archive.has(PACKED_HEADER) { Form::Packed(archive) } else { Form::Zip(archive) })
}

fn folder(path: &Path) -> Option<Form> {
    // RustSec's form, which others read.
    if path.join("crates").is_dir() {
        return None;
    }
    let vulns = path.join("vulns");
    if vulns.is_dir() {
        return Some(Form::ByPackage(vulns));
    }
    let has_records = path.join("advisories").is_dir()
        || entries(path).iter().any(|entry| is_record(&entry.to_string_lossy()))
        || entries(path).iter().take(8).any(|entry| {
            entry.is_dir() && entries(entry).iter().take(8).any(|file| is_record(&file.to_string_lossy()))
        });
    has_records.then(|| Form::Files(path.to_owned()))
}

/// What lies in a folder, in order of name.
pub(super) fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut entries: Vec<PathBuf> =
        fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    entries.sort();
    entries
}

/// Shows every entry below a folder, in order of path. Links are not followed, hidden folders not entered.
pub(super) fn each_file(folder: &Path, show: &mut dyn FnMut(&str, Option<&[u8]>)) {
    below(folder, DEPTH_MAX, show);
}

fn below(folder: &Path, depth: usize, show: &mut dyn FnMut(&str, Option<&[u8]>)) {
    let Some(depth) = depth.checked_sub(1) else { return };
    for path in entries(folder) {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let Ok(metadata) = path.symlink_metadata() else { continue };
        if metadata.is_dir() {
            // GitHub keeps there what names no package yet.
            if !name.starts_with('.') && name != "unreviewed" {
                below(&path, depth, show);
            }
        } else if is_record(&name) {
            show(&name, read_small(&path).as_deref());
        }
    }
}

/// A file, if it is a plain one that is not too large.
pub(super) fn read_small(path: &Path) -> Option<Vec<u8>> {
    let metadata = path.symlink_metadata().ok()?;
    if !metadata.is_file() || metadata.len() > LARGEST {
        return None;
    }
    let mut bytes = Vec::new();
    File::open(path).ok()?.take(LARGEST).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}
