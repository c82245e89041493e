use std::ops::Range;

use super::YamlStyle;
use crate::source::Positions;

/// Where the bytes of a scalar's decoded text stand in the file.
///
/// Whatever YAML does to a scalar's text, it folds and strips blanks and line ends alone; every other
/// character comes in its order, as itself or as an escape. So the two texts are walked side by side, and
/// blanks are matched as far as they go.
pub(super) fn positions(bytes: &[u8], span: Range<usize>, style: YamlStyle, decoded: &str) -> Positions {
    let source = bytes.get(span.clone()).unwrap_or_default();
    let quotes = usize::from(matches!(style, YamlStyle::Single | YamlStyle::Double));
    let mut walk = Walk { source, at: quotes, end: source.len().saturating_sub(quotes).max(quotes), style };
    let mut positions = Positions::default();
    for (at, c) in decoded.char_indices() {
        let (range, is_itself) = walk.take(c);
        let range = span.start + range.start..span.start + range.end;
        if is_itself {
            positions.add(at, range.start, 1, 1);
        } else {
            positions.add(at, range.start, c.len_utf8(), range.len());
        }
    }
    positions.finish(span.end);
    positions
}

struct Walk<'s> {
    source: &'s [u8],
    at: usize,
    end: usize,
    style: YamlStyle,
}

impl Walk<'_> {
    /// The bytes that the next decoded character comes from, and whether they are the character itself.
    fn take(&mut self, c: char) -> (Range<usize>, bool) {
        let blank = matches!(c, ' ' | '\t' | '\n');
        let stands_here = |at: usize| {
            let mut buffer = [0; 4];
            self.source[..self.end]
                .get(at..)
                .is_some_and(|rest| rest.starts_with(c.encode_utf8(&mut buffer).as_bytes()))
        };
        if blank && stands_here(self.at) {
            self.at += 1;
            return (self.at - 1..self.at, true);
        }
        // Behind blanks that were folded or stripped.
        let mut next = self.at;
        loop {
            match self.source[..self.end].get(next..).unwrap_or_default() {
                [b' ' | b'\t' | b'\r' | b'\n', ..] => next += 1,
                // A line end that is escaped is none.
                [b'\\', b'\n', ..] if self.style == YamlStyle::Double => next += 2,
                [b'\\', b'\r', b'\n', ..] if self.style == YamlStyle::Double => next += 3,
                _ => break,
            }
        }
        if let Some(length) = self.escape(next, c) {
            self.at = next + length;
            return (next..self.at, false);
        }
        if blank || !stands_here(next) {
            // A blank that stands for others: where they begin. It takes none, the next may stand for them too.
            return (self.at..next.max(self.at), false);
        }
        self.at = next + c.len_utf8();
        (next..self.at, true)
    }

    /// How long the escape is that stands here for this character.
    fn escape(&self, at: usize, c: char) -> Option<usize> {
        let rest = self.source[..self.end].get(at..)?;
        match (self.style, rest) {
            (YamlStyle::Single, [b'\'', b'\'', ..]) if c == '\'' => Some(2),
            (YamlStyle::Double, [b'\\', letter, ..]) => {
                let digits = match letter {
                    b'x' => 2,
                    b'u' => 4,
                    b'U' => 8,
                    _ => return escapes(*letter, c).then_some(2),
                };
                let text = std::str::from_utf8(rest.get(2..2 + digits)?).ok()?;
                (u32::from_str_radix(text, 16).ok() == Some(u32::from(c))).then_some(2 + digits)
            }
            _ => None,
        }
    }
}

/// Whether this letter behind a backslash means this character (YAML 1.2.2, 5.7).
fn escapes(letter: u8, c: char) -> bool {
    let meant = match letter {
        b'0' => '\0',
        b'a' => '\x07',
        b'b' => '\x08',
        b't' | b'\t' => '\t',
        b'n' => '\n',
        b'v' => '\x0b',
        b'f' => '\x0c',
        b'r' => '\r',
        b'e' => '\x1b',
        b'N' => '\u{85}',
        b'_' => '\u{a0}',
        b'L' => '\u{2028}',
        b'P' => '\u{2029}',
        b' ' | b'"' | b'/' | b'\\' => char::from(letter),
        _ => return false,
    };
    meant == c
}
