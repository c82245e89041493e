use std::ops::Range;

use crate::model::{Evidence, Finding, Origin, RepoPath, Span};

/// What an inline allow starts with.
pub const MARK: &str = "prodcheck:allow";

/// An inline allow: `prodcheck:allow(id, id) reason` in a comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// The file.
    pub path: RepoPath,
    /// Where the file's bytes came from.
    pub origin: Origin,
    /// The mark without its reason ([`Written::whole`]).
    pub span: Span,
    /// The last line (1-based) that it covers; it covers all from its own on. A mark behind code covers its own
    /// line, one alone on its line reaches down to the next line of code.
    pub covers_to: u32,
    /// Selectors of rules as they were written: ids, families, `family/prefix*`. Empty if the mark has no list.
    pub ids: Vec<String>,
    /// Whether it was only meant as a mark: it has no ids then, and allows nothing.
    pub is_misspelt: bool,
    /// Why, as it may be shown: masked and made displayable. `None` if nothing was written.
    pub reason: Option<String>,
    /// What is shown when something is said about the mark.
    pub evidence: Option<Evidence>,
}

impl Mark {
    /// Whether it stands on one of the finding's lines or reaches one of them.
    pub fn covers(&self, finding: &Finding) -> bool {
        let Some(span) = finding.place.span else { return false };
        finding.place.path.as_ref() == Some(&self.path)
            && finding.place.origin == self.origin
            && span.line <= self.covers_to
            && span.end_line >= self.span.line
    }
}

/// A mark as it stands in a text, in bytes of that text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// From `prodcheck:allow` to the closing parenthesis.
    pub whole: Range<usize>,
    /// The ids, without blanks. Empty if there is no list, or nothing in it.
    pub ids: Vec<Range<usize>>,
    /// The reason, without blanks and the comment's end.
    pub reason: Option<Range<usize>>,
}

/// What closes comments, and so is no part of a reason.
const CLOSERS: &[&[u8]] = &[b"*/", b"-->", b"--%>", b"#}", b"--}}", b"*)", b"%>", b"]]", b"-}"];

/// Reads the mark at `at`, where [`MARK`] stands. `end` is where the comment or the line ends, whichever
/// comes first. Blanks may stand around the parentheses and commas; a reason may start with `:` or `-`.
///
/// Never fails: a mark without a readable list has no ids, which triage reports.
pub fn parse_mark(text: &[u8], at: usize, end: usize) -> Written {
    let end = end.min(text.len());
    let name_end = (at + MARK.len()).min(end);
    let mut written = Written { whole: at.min(name_end)..name_end, ids: Vec::new(), reason: None };
    let open = name_end + blanks(&text[name_end..end]);
    if text.get(open) != Some(&b'(') || open >= end {
        return written;
    }
    let Some(length) = text[open..end].iter().position(|&b| b == b')') else { return written };
    let close = open + length;
    let mut from = open + 1;
    for id in text[from..close].split(|&b| b == b',') {
        let range = trimmed(text, from..from + id.len());
        if !range.is_empty() {
            written.ids.push(range);
        }
        from += id.len() + 1;
    }
    written.whole.end = close + 1;
    let mut reason = trimmed(text, close + 1..end);
    if let Some(closer) = CLOSERS.iter().find(|c| text[reason.clone()].ends_with(c)) {
        reason = trimmed(text, reason.start..reason.end - closer.len());
    }
    let lead = text[reason.clone()].iter().take_while(|b| matches!(b, b':' | b'-' | b' ' | b'\t')).count();
    reason.start += lead;
    written.reason = (!reason.is_empty()).then_some(reason);
    written
}

fn blanks(text: &[u8]) -> usize {
    text.iter().take_while(|b| b.is_ascii_whitespace()).count()
}

fn trimmed(text: &[u8], range: Range<usize>) -> Range<usize> {
    let start = range.start + blanks(&text[range.clone()]);
    let trailing = text[start..range.end].iter().rev().take_while(|b| b.is_ascii_whitespace()).count();
    start..range.end - trailing
}
