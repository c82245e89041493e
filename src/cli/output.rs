use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use super::Failure;
use crate::model::{Report, shown};
use crate::render::{Format, Look, render};
use crate::rules::Catalog;

/// A line on standard error. If nobody listens there is nobody to tell.
pub(super) fn say(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Whether anybody is left to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Written {
    /// All of it arrived.
    Whole,
    /// The reader went away, which is its right.
    Closed,
}

/// Writes to standard output through one locked, buffered stream.
///
/// # Errors
/// The output cannot be written; a reader that went away is no error.
pub(super) fn to_stdout(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<Written, Failure> {
    let mut out = BufWriter::with_capacity(1 << 16, io::stdout().lock());
    match write(&mut out).and_then(|()| out.flush()) {
        Ok(()) => Ok(Written::Whole),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
            // What is still buffered cannot be written either.
            let _ = out.into_parts();
            Ok(Written::Closed)
        }
        Err(error) => Err(Failure(format!("the standard output cannot be written: {error}"))),
    }
}

/// Writes a report to a file: whole, or not at all where the file is a regular one.
///
/// # Errors
/// The file cannot be written.
pub(super) fn to_file(
    path: &Path,
    format: Format,
    report: &Report,
    catalog: &Catalog,
    look: &Look,
) -> Result<(), Failure> {
    let failed =
        |error: io::Error| Failure(format!("{} cannot be written: {error}", shown(&path.to_string_lossy())));
    let mut bytes = Vec::new();
    render(format, report, catalog, look, &mut bytes).map_err(failed)?;
    let is_special = fs::metadata(path).is_ok_and(|m| !m.is_file());
    if is_special {
        // A pipe or a device takes what comes; there is nothing to put in its place.
        return fs::write(path, &bytes).map_err(failed);
    }
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".{}.part", std::process::id()));
    let part = folder.join(name);
    let written = fs::write(&part, &bytes).and_then(|()| fs::rename(&part, path));
    if written.is_err() {
        let _ = fs::remove_file(&part);
    }
    written.map_err(failed)
}
