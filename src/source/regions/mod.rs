//! Which bytes of a source file are code, comments, documentation and strings.
//!
//! Hand-made maskers instead of parsers: they read each byte once, need no grammar of statements, and cannot
//! fail. Rust, Python, JavaScript, TypeScript, Ruby and the shell have one of their own; the other languages
//! are tables for [`generic`]. What cannot be understood is code.

mod embedded;
mod generic;
mod heredoc;
mod javascript;
mod python;
mod ruby;
mod rust;
mod rust_items;
mod shell;
mod tables;
#[cfg(test)]
mod tests;

use std::ops::Range;

use crate::model::{Language, Region};

pub use rust_items::LintAllowance;

/// What each byte of a source file belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Regions {
    /// Everything that is not code, in order and without overlaps: bytes in no stretch are code.
    stretches: Vec<Stretch>,
    /// Places that are compiled for tests only (Rust: `#[cfg(test)]` items, `#[test]` functions), in order.
    tests: Vec<Range<usize>>,
}

/// A run of bytes of one region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stretch {
    /// The bytes, delimiters included.
    pub range: Range<usize>,
    /// What they belong to.
    pub region: Region,
}

impl Regions {
    /// Reads a whole file. Never fails: what cannot be understood is code.
    pub fn new(language: Language, text: &[u8]) -> Self {
        let mut stretches = Stretches::default();
        let mut tests = Vec::new();
        match language {
            Language::Rust => {
                rust::mask(text, &mut stretches);
                tests = rust_items::test_ranges(text, &stretches.list);
            }
            Language::Python => python::mask(text, &mut stretches),
            Language::JavaScript | Language::TypeScript => {
                javascript::mask(text, 0..text.len(), &mut stretches);
            }
            Language::Shell => shell::mask(text, &mut stretches),
            Language::Ruby => ruby::mask(text, &mut stretches),
            Language::Html => embedded::mask_html(text, &mut stretches),
            Language::Php => embedded::mask_php(text, &mut stretches),
            other => {
                if let Some(syntax) = tables::syntax_of(other) {
                    generic::mask(syntax, text, 0..text.len(), &mut stretches);
                }
            }
        }
        Self { stretches: stretches.list, tests }
    }

    /// What the byte at this offset belongs to.
    pub fn at(&self, offset: usize) -> Region {
        self.stretch_at(offset).map_or(Region::Code, |stretch| stretch.region)
    }

    /// The stretch of comment or string that holds this offset.
    pub fn stretch_at(&self, offset: usize) -> Option<&Stretch> {
        let after = self.stretches.partition_point(|s| s.range.start <= offset);
        after.checked_sub(1).map(|i| &self.stretches[i]).filter(|s| s.range.contains(&offset))
    }

    /// Everything that is not code, in order. A string with code inside it (a template literal, an f-string)
    /// is several stretches.
    pub fn stretches(&self) -> &[Stretch] {
        &self.stretches
    }

    /// Whether the byte is compiled for tests only.
    pub fn in_test(&self, offset: usize) -> bool {
        let after = self.tests.partition_point(|t| t.start <= offset);
        after.checked_sub(1).is_some_and(|i| self.tests[i].contains(&offset))
    }

    /// The places compiled for tests only, in order.
    pub fn tests(&self) -> &[Range<usize>] {
        &self.tests
    }
}

/// The Rust lints that attributes of this file switch off, with the bytes they hold for.
pub(super) fn lint_allowances(text: &[u8], regions: &Regions) -> Vec<LintAllowance> {
    rust_items::lint_allowances(text, &regions.stretches)
}

/// Takes stretches in order.
#[derive(Debug, Default)]
struct Stretches {
    list: Vec<Stretch>,
}

impl Stretches {
    /// Everything from `start` to `end` belongs to `region`. Empty ranges are left out.
    fn push(&mut self, start: usize, end: usize, region: Region) {
        debug_assert!(self.end() <= start, "stretches come in order");
        if start < end {
            self.list.push(Stretch { range: start..end, region });
        }
    }

    /// Where the last stretch ends.
    fn end(&self) -> usize {
        self.list.last().map_or(0, |last| last.range.end)
    }
}

/// Whether a byte may be part of a name. Bytes of non-ASCII characters count as such.
const fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

/// Where the line that holds `at` ends: the offset of its `\n`, or the end of the text.
fn line_end(text: &[u8], at: usize, end: usize) -> usize {
    memchr::memchr(b'\n', &text[at..end]).map_or(end, |found| at + found)
}

/// What stands behind the line at `at`, if that ends a here-document of this word: alone on its line, behind blanks only
/// where the document is `indented`.
fn behind_here_document(text: &[u8], at: usize, word: &[u8], indented: bool) -> Option<usize> {
    let stop = line_end(text, at, text.len());
    let line = &text[at..stop];
    let line = if indented { line.trim_ascii_start() } else { line };
    (line.strip_suffix(b"\r").unwrap_or(line) == word).then(|| (stop + 1).min(text.len()))
}

/// Where `needle` begins at or after `at`.
fn find(text: &[u8], at: usize, end: usize, needle: &[u8]) -> Option<usize> {
    memchr::memmem::find(&text[at.min(end)..end], needle).map(|found| at + found)
}
