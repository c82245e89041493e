use std::ops::Range;

use serde::Serialize;

use super::RepoPath;

/// A stretch of a file. Offsets count bytes from 0, lines and columns from 1; columns count Unicode
/// scalar values (a byte that is not UTF-8 counts as one).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
    /// Line of the first byte.
    pub line: u32,
    /// Column of the first byte.
    pub column: u32,
    /// Line of the end.
    pub end_line: u32,
    /// Column one past the last character.
    pub end_column: u32,
}

impl Span {
    /// The byte offsets.
    pub fn range(&self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// Where the bytes came from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// The work tree.
    Tree,
    /// The Git index.
    Index,
    /// A commit, as hex.
    Commit(String),
}

impl Origin {
    /// `tree`, `index` or the commit's id.
    pub fn word(&self) -> &str {
        match self {
            Self::Tree => "tree",
            Self::Index => "index",
            Self::Commit(id) => id,
        }
    }
}

/// Where a finding stands: in a stretch of a file, at a file, or at the repository as a whole.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The file; `None` for the repository.
    pub path: Option<RepoPath>,
    /// The stretch; `None` for the file as a whole.
    pub span: Option<Span>,
    /// Where the bytes came from.
    pub origin: Origin,
    /// Decoders between the file and the text that matched, the outermost first.
    pub via: Vec<&'static str>,
}

/// Where the lines of a text start: turns byte offsets into lines and columns.
///
/// A line ends behind `\n`; a `\r` before it belongs to the line's end.
#[derive(Debug)]
pub struct LineIndex {
    starts: Vec<u32>,
    len: u32,
}

impl LineIndex {
    /// Reads the text once. Texts above 4 GiB are not supported (the scan's size limit is far below).
    pub fn new(text: &[u8]) -> Self {
        let mut starts = vec![0];
        starts.extend(memchr::memchr_iter(b'\n', text).map(|at| at as u32 + 1));
        Self { starts, len: text.len() as u32 }
    }

    /// The 0-based line that holds this offset.
    pub fn line_at(&self, offset: usize) -> usize {
        self.starts.partition_point(|&start| start as usize <= offset) - 1
    }

    /// How many lines there are; the empty text has one.
    pub fn count(&self) -> usize {
        self.starts.len()
    }

    /// The bytes of a 0-based line, its line end included.
    pub fn whole_line(&self, line: usize) -> Range<usize> {
        let start = self.starts.get(line).copied().unwrap_or(self.len);
        let end = self.starts.get(line + 1).copied().unwrap_or(self.len);
        start as usize..end as usize
    }

    /// The bytes of a 0-based line without `\n` or `\r\n`.
    pub fn line(&self, text: &[u8], line: usize) -> Range<usize> {
        let Range { start, mut end } = self.whole_line(line);
        if end > start && text[end - 1] == b'\n' {
            end -= 1;
            if end > start && text[end - 1] == b'\r' {
                end -= 1;
            }
        }
        start..end
    }

    /// Offsets with their lines and columns.
    pub fn span(&self, text: &[u8], range: Range<usize>) -> Span {
        let (line, column) = self.position(text, range.start);
        let (end_line, end_column) = self.position(text, range.end.max(range.start));
        Span { start: range.start as u32, end: range.end as u32, line, column, end_line, end_column }
    }

    fn position(&self, text: &[u8], offset: usize) -> (u32, u32) {
        let line = self.line_at(offset);
        let start = self.starts[line] as usize;
        let before = &text[start..offset.clamp(start, text.len())];
        let column: usize =
            before.utf8_chunks().map(|chunk| chunk.valid().chars().count() + chunk.invalid().len()).sum();
        (line as u32 + 1, column as u32 + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_and_lines_end_at_newlines() {
        let text = "eins\r\nzwö «x»\n".as_bytes();
        let index = LineIndex::new(text);
        let at = text.windows(1).position(|w| w == b"x").unwrap_or_default();
        let span = index.span(text, at..at + 1);
        assert_eq!((span.line, span.column, span.end_line, span.end_column), (2, 6, 2, 7));
        assert_eq!(&text[index.line(text, 0)], b"eins");
        assert_eq!(index.count(), 3);
        assert_eq!(index.line(text, 2), text.len()..text.len());
    }

    #[test]
    fn bytes_that_are_not_utf8_count_one_each() {
        let text = b"\xff\xfe x";
        let index = LineIndex::new(text);
        assert_eq!(index.span(text, 3..4).column, 4);
    }
}
