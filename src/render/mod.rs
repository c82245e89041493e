//! This room: the report in the formats people and programs read. One file or folder per format.
//! May touch: `model`, `rules`.
//! Never: the file system, source files, terminal probing.

mod card;
mod concise;
mod diff;
mod graphical;
mod json;
mod look;
mod neutral;
mod sarif;
mod summary;
mod window;

use std::fmt;
use std::io;
use std::str::FromStr;

pub use diff::write_diff;
pub use look::Look;

use crate::model::Report;
use crate::rules::Catalog;

/// A form of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// Windows of the files, for people at a terminal.
    Graphical,
    /// One line for each finding, for logs and `grep`.
    Concise,
    /// All of it, for scripts; described by `schema/report.schema.json`.
    Json,
    /// SARIF 2.1.0, for code scanning services and editors.
    Sarif,
}

impl Format {
    /// Every format there is.
    pub const ALL: &'static [Self] = &[Self::Graphical, Self::Concise, Self::Json, Self::Sarif];
    /// Their words, in the same order.
    pub const WORDS: &'static [&'static str] = &["graphical", "concise", "json", "sarif"];

    /// The word used in options.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Graphical => "graphical",
            Self::Concise => "concise",
            Self::Json => "json",
            Self::Sarif => "sarif",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// A word that is no format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownFormat {
    /// What was written.
    pub word: String,
}

impl fmt::Display for UnknownFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected one of {}", Format::WORDS.join(", "))
    }
}

impl std::error::Error for UnknownFormat {}

impl FromStr for Format {
    type Err = UnknownFormat;
    fn from_str(word: &str) -> Result<Self, UnknownFormat> {
        Self::ALL
            .iter()
            .copied()
            .find(|format| format.word() == word)
            .ok_or_else(|| UnknownFormat { word: word.to_owned() })
    }
}

/// Writes the report. Whatever stands in it, no control or bidirectional character comes out but line
/// ends and, where the look has colour or links, escapes of our own.
///
/// # Errors
/// What the writer says; nothing else goes wrong.
pub fn render(
    format: Format,
    report: &Report,
    catalog: &Catalog,
    look: &Look,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    match format {
        Format::Graphical if look.width >= look::NARROW => graphical::write(report, catalog, look, out),
        Format::Graphical | Format::Concise => concise::write(report, look, out),
        Format::Json => json::write(report, catalog, look, out),
        Format::Sarif => sarif::write(report, catalog, look, out),
    }
}
