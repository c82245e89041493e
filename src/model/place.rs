use std::cell::OnceCell;
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
    /// Offsets inside long lines with the characters before them in their line, once somebody asks.
    counted: OnceCell<Vec<(u32, u32)>>,
}

/// From a line's start, or from a place where they are known, no more bytes than about these are counted.
const COUNTED_EVERY: usize = 1024;

impl LineIndex {
    /// Reads the text once. Texts above 4 GiB are not supported (the scan's size limit is far below).
    pub fn new(text: &[u8]) -> Self {
        let mut starts = vec![0];
        starts.extend(memchr::memchr_iter(b'\n', text).map(|at| at as u32 + 1));
        Self { starts, len: text.len() as u32, counted: OnceCell::new() }
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
        let offset = offset.clamp(start, text.len());
        let (from, known) =
            if offset - start > COUNTED_EVERY { self.counted(text, start, offset) } else { (start, 0) };
        let column = known + characters(&text[from..offset]);
        (line as u32 + 1, column as u32 + 1)
    }

    /// The last place at or before this offset of a long line where the characters before it are known.
    fn counted(&self, text: &[u8], start: usize, offset: usize) -> (usize, usize) {
        let counted = self.counted.get_or_init(|| self.count_long_lines(text));
        let after = counted.partition_point(|&(at, _)| at as usize <= offset);
        after
            .checked_sub(1)
            .map(|last| (counted[last].0 as usize, counted[last].1 as usize))
            .filter(|&(at, _)| at > start)
            .unwrap_or((start, 0))
    }

    fn count_long_lines(&self, text: &[u8]) -> Vec<(u32, u32)> {
        let mut counted = Vec::new();
        for line in 0..self.count() {
            let Range { start: mut at, end } = self.whole_line(line);
            let mut known = 0;
            while end - at > COUNTED_EVERY {
                // Not within a character: they have up to three continuation bytes.
                let target = at + COUNTED_EVERY;
                let inside = text[target..end].iter().take(3).take_while(|b| **b & 0xc0 == 0x80).count();
                let next = target + inside;
                known += characters(&text[at..next]);
                counted.push((next as u32, known as u32));
                at = next;
            }
        }
        counted
    }
}

/// Unicode scalars; a byte that is not UTF-8 counts as one.
fn characters(bytes: &[u8]) -> usize {
    // Told many bytes at a time, and so it is of nearly every text.
    if bytes.is_ascii() {
        return bytes.len();
    }
    bytes.utf8_chunks().map(|chunk| chunk.valid().chars().count() + chunk.invalid().len()).sum()
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

    #[test]
    fn columns_of_long_lines_are_those_that_counting_gives() {
        let mut text = b"short\n".to_vec();
        for piece in [
            &b"a"[..],
            "\u{e4}".as_bytes(),
            "\u{20ac}".as_bytes(),
            "\u{1f600}".as_bytes(),
            b"\x80",
            b"\xe2\x82",
        ] {
            // Odd lengths, so that characters lie across every border.
            for _ in 0..1_500 {
                text.extend_from_slice(piece);
            }
            text.push(b'b');
        }
        text.extend_from_slice(b"\nlast");
        let index = LineIndex::new(&text);
        for offset in (0..=text.len()).rev() {
            let start = index.whole_line(index.line_at(offset)).start;
            let column = characters(&text[start..offset]) as u32 + 1;
            if offset % 7 == 0 || offset % COUNTED_EVERY < 12 {
                assert_eq!(index.span(&text, offset..offset).column, column, "{offset}");
            }
        }
    }
}
