use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use rawzip::{CompressionMethod, FileReader, RECOMMENDED_BUFFER_SIZE, ZipArchive, ZipArchiveEntryWayfinder};

use super::record::is_record;
use super::source::LARGEST;

/// More than all ecosystems together have.
const ENTRIES_MAX: usize = 4_000_000;

/// A zip file whose entries can be read one by one.
pub(super) struct Archive {
    archive: ZipArchive<FileReader>,
    entries: BTreeMap<String, (ZipArchiveEntryWayfinder, CompressionMethod)>,
}

impl fmt::Debug for Archive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Archive({} entries)", self.entries.len())
    }
}

impl Archive {
    /// Reads the list of entries. `None` if it is no archive, or its list is damaged.
    pub(super) fn open(path: &Path) -> Option<Self> {
        let mut buffer = vec![0; RECOMMENDED_BUFFER_SIZE];
        let archive = ZipArchive::from_file(File::open(path).ok()?, &mut buffer).ok()?;
        let mut found = BTreeMap::new();
        let mut entries = archive.entries(&mut buffer);
        while let Some(entry) = entries.next_entry().ok()? {
            // Names are looked up and never opened as paths.
            if let Ok(name) = std::str::from_utf8(entry.file_path().as_ref())
                && is_record(name)
                && !name.contains("/unreviewed/")
            {
                found.insert(name.to_owned(), (entry.wayfinder(), entry.compression_method()));
            }
            if found.len() > ENTRIES_MAX {
                return None;
            }
        }
        Some(Self { archive, entries: found })
    }

    /// Whether there is an entry of this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.entries.contains_key(name)
    }

    /// The names, in order.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.keys().map(String::as_str)
    }

    /// An entry's content. `None` if it is damaged, packed in a way that nobody uses here, or above `limit`
    /// bytes: what it says of its size is not believed.
    pub(super) fn read(&self, name: &str, limit: u64) -> Option<Vec<u8>> {
        let (wayfinder, method) = self.entries.get(name)?;
        let entry = self.archive.get_entry(*wayfinder).ok()?;
        let mut bytes = Vec::new();
        match *method {
            CompressionMethod::STORE => {
                entry.verifying_reader(entry.reader()).take(limit + 1).read_to_end(&mut bytes).ok()?;
            }
            CompressionMethod::DEFLATE => {
                let inflated = flate2::read::DeflateDecoder::new(entry.reader());
                entry.verifying_reader(inflated).take(limit + 1).read_to_end(&mut bytes).ok()?;
            }
            _ => return None,
        }
        (bytes.len() as u64 <= limit).then_some(bytes)
    }

    /// Shows every entry, in order of name.
    pub(super) fn each(&self, show: &mut dyn FnMut(&str, Option<&[u8]>)) {
        for name in self.names() {
            show(name, self.read(name, LARGEST).as_deref());
        }
    }
}
