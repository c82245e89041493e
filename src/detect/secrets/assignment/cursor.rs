use std::ops::Range;

/// How far blanks and line ends between the parts of an assignment may reach.
const LONGEST_GAP: usize = 160;

/// A place in a text that moves on as things are read there. Nothing it does reads further than a bounded
/// number of bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cursor<'t> {
    pub(super) text: &'t [u8],
    pub(super) at: usize,
}

impl<'t> Cursor<'t> {
    pub(super) fn new(text: &'t [u8], at: usize) -> Self {
        Self { text, at }
    }

    pub(super) fn rest(&self) -> &'t [u8] {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// At most so many bytes of the rest.
    pub(super) fn near(&self, most: usize) -> &'t [u8] {
        let rest = self.rest();
        &rest[..rest.len().min(most)]
    }

    #[inline]
    pub(super) fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    pub(super) fn before(&self) -> Option<u8> {
        self.at.checked_sub(1).and_then(|at| self.text.get(at)).copied()
    }

    /// Whether this text, which is not empty, stands here. Most are told from what does by their first byte.
    #[inline]
    pub(super) fn has(&self, what: &[u8]) -> bool {
        self.peek() == what.first().copied() && self.rest().starts_with(what)
    }

    #[inline]
    pub(super) fn eat(&mut self, what: &[u8]) -> bool {
        let found = self.has(what);
        if found {
            self.at += what.len();
        }
        found
    }

    pub(super) fn eat_any(&mut self, of: &[u8]) -> bool {
        let found = self.peek().is_some_and(|byte| of.contains(&byte));
        self.at += usize::from(found);
        found
    }

    /// Goes over blanks on the line; true if there were any.
    pub(super) fn blanks(&mut self) -> bool {
        let count = self.near(64).iter().take_while(|&&b| b == b' ' || b == b'\t').count();
        self.at += count;
        count > 0
    }

    /// Goes over blanks and line ends, also behind a backslash; true if a line ended.
    pub(super) fn gap(&mut self) -> bool {
        let near = self.near(LONGEST_GAP);
        let len = near.iter().take_while(|b| b.is_ascii_whitespace() || **b == b'\\').count();
        let stretch = &near[..len];
        // A backslash belongs to a gap only where it stands before a line's end.
        let escaped = stretch.iter().position(|&b| b == b'\\');
        let len = match escaped {
            Some(at) if !matches!(stretch.get(at + 1), Some(b'\n' | b'\r')) => at,
            _ => len,
        };
        self.at += len;
        near[..len].contains(&b'\n')
    }

    /// A run of such bytes.
    pub(super) fn run(&mut self, most: usize, of: impl Fn(u8) -> bool) -> Range<usize> {
        let start = self.at;
        self.at += self.near(most).iter().take_while(|&&b| of(b)).count();
        start..self.at
    }

    /// The line up to this place, at most so many bytes.
    pub(super) fn line_before(&self, most: usize) -> &'t [u8] {
        let at = self.at.min(self.text.len());
        let near = &self.text[at.saturating_sub(most)..at];
        let start = memchr::memrchr(b'\n', near).map_or(0, |newline| newline + 1);
        &near[start..]
    }
}
