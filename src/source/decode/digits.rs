use std::ops::Range;

use super::{Decoded, is_text, runs};
use crate::model::codec::base64_digit;
use crate::source::Positions;

/// So many decoded bytes tell whether it is worth decoding the rest.
const HEAD: usize = 24;
/// So many tell whether to look at those: that is asked at each long name.
const FIRST: usize = 6;
/// A stretch has no more lines.
const LINES_MAX: usize = 65_536;

/// Digits of base64 or hex, perhaps wrapped over several lines.
pub(super) struct Stretch {
    /// The digits of each line.
    lines: Vec<Range<usize>>,
}

/// How digits become bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Base {
    Sixteen,
    SixtyFour,
}

impl Base {
    /// What the first digits say.
    fn of(digits: &[u8]) -> Self {
        let is_hex = digits.iter().take(24).all(u8::is_ascii_hexdigit);
        if is_hex { Self::Sixteen } else { Self::SixtyFour }
    }

    /// How many digits make how many bytes.
    fn group(self) -> (usize, usize) {
        match self {
            Self::Sixteen => (2, 1),
            Self::SixtyFour => (4, 3),
        }
    }

    fn value(self, byte: u8) -> Option<u8> {
        match self {
            Self::Sixteen => char::from(byte).to_digit(16).map(|value| value as u8),
            Self::SixtyFour => base64_digit(byte),
        }
    }
}

impl Stretch {
    /// Takes these digits, and the lines below them that go on with the text.
    pub(super) fn read(text: &[u8], first: Range<usize>) -> Self {
        let width = first.len();
        let mut end = first.end;
        let mut lines = vec![first];
        // Whoever wraps a value does so between groups; other lines are values of their own.
        while width.is_multiple_of(4) && lines.len() < LINES_MAX {
            let Some(start) = next_line(text, end) else { break };
            let length = runs::length(runs::DIGITS, &text[start..]).min(width + 1);
            // All lines but the last are of one width.
            let ends = |at: usize| !matches!(text.get(at), Some(byte) if !b"\r\n\"'\\= \t,;)".contains(byte));
            if length == 0 || length > width || !ends(start + length) {
                break;
            }
            end = start + length;
            lines.push(start..end);
            if length < width {
                break;
            }
        }
        Self { lines }
    }

    /// Behind the last digit.
    pub(super) fn end(&self) -> usize {
        self.lines.last().map_or(0, |line| line.end)
    }

    pub(super) fn decode(&self, text: &[u8], budget: usize) -> Option<Decoded> {
        self.decode_as(text, Base::of(text.get(self.lines.first()?.clone())?), budget)
    }

    fn digits<'s>(&'s self, text: &'s [u8]) -> impl Iterator<Item = (usize, u8)> + 's {
        self.lines.iter().flat_map(|line| line.clone().map(|at| (at, text[at])))
    }

    fn decode_as(&self, text: &[u8], base: Base, budget: usize) -> Option<Decoded> {
        let mut head = Vec::with_capacity(HEAD + 3);
        self.each_group(text, base, |bytes, _| {
            head.extend_from_slice(bytes);
            head.len() < HEAD
        });
        let is_wide = is_wide(&head);
        if !is_wide && !is_text(&head) {
            return None;
        }
        let mut decoded = Vec::new();
        let mut positions = Positions::default();
        self.each_group(text, base, |bytes, source| {
            positions.add(decoded.len(), source.start, base.group().1, source.len());
            decoded.extend_from_slice(bytes);
            decoded.len() < budget
        });
        let range = self.lines.first()?.start..self.end();
        positions.finish(range.end);
        let via: &[&str] = match (base, is_wide) {
            (Base::Sixteen, false) => &["hex"],
            (Base::Sixteen, true) => &["hex", "utf-16"],
            (Base::SixtyFour, false) => &["base64"],
            (Base::SixtyFour, true) => &["base64", "utf-16"],
        };
        if is_wide {
            (decoded, positions) = narrowed(&decoded, &positions, range.end);
        }
        is_text(&decoded).then_some(Decoded { range, text: decoded, via, positions, is_mixed: false })
    }

    /// Gives the bytes of each group of digits and where the digits stand, until it is told to stop. Digits at the
    /// end that make no whole byte are left out.
    fn each_group(&self, text: &[u8], base: Base, mut each: impl FnMut(&[u8], Range<usize>) -> bool) {
        let (digits, bytes) = base.group();
        let bits_each = if base == Base::Sixteen { 4 } else { 6 };
        let (mut bits, mut count, mut start) = (0_u32, 0, 0);
        let mut last = 0;
        let mut give = |bits: u32, count: usize, source: Range<usize>| {
            let whole = count * bits_each / 8;
            let all = (bits << (32 - count * bits_each)).to_be_bytes();
            whole == 0 || each(&all[..whole.min(bytes)], source)
        };
        for (at, byte) in self.digits(text) {
            let Some(value) = base.value(byte) else { return };
            if count == 0 {
                start = at;
            }
            bits = bits << bits_each | u32::from(value);
            count += 1;
            last = at + 1;
            if count == digits {
                if !give(bits, count, start..last) {
                    return;
                }
                (bits, count) = (0, 0);
            }
        }
        if count > 0 {
            give(bits, count, start..last);
        }
    }
}

/// Whether the very first bytes could be text: those of names, paths and numbers are not, and this is asked at each
/// of them.
pub(super) fn may_be_text(digits: &[u8]) -> bool {
    let base = Base::of(digits);
    let mut first = [0; FIRST];
    let mut bits = 0;
    let mut len = 0;
    let mut count = 0;
    let bits_each = if base == Base::Sixteen { 4 } else { 6 };
    for &byte in digits {
        let Some(value) = base.value(byte) else { return false };
        bits = bits << bits_each | u32::from(value);
        count += bits_each;
        if count >= 8 {
            count -= 8;
            first[len] = (bits >> count) as u8;
            bits &= (1 << count) - 1;
            len += 1;
            if len == FIRST {
                break;
            }
        }
    }
    let first = first[..len].strip_prefix(b"\xef\xbb\xbf").unwrap_or(&first[..len]);
    let is_printable = |byte: &u8| byte.is_ascii_graphic() || byte.is_ascii_whitespace();
    let is_wide =
        || first.chunks(2).all(|pair| is_printable(&pair[0]) && pair.get(1).is_none_or(|&byte| byte == 0));
    first.iter().filter(|byte| is_printable(byte)).count() + 1 >= first.len() || is_wide()
}

/// Where the digits of the next line begin, if nothing stands between them and `end` but what wraps a
/// long value: a line end (also one that is written out), indentation, quotes and what joins literals.
fn next_line(text: &[u8], end: usize) -> Option<usize> {
    let rest = text.get(end..)?;
    for written in [&b"\\r\\n"[..], b"\\n"] {
        if rest.starts_with(written) {
            return Some(end + written.len());
        }
    }
    let tail = rest.iter().take(6).take_while(|byte| b"\"'+\\, \r".contains(byte)).count();
    if rest.get(tail) != Some(&b'\n') {
        return None;
    }
    let below = &rest[tail + 1..];
    let margin = below.iter().take(64).take_while(|byte| b" \t\"'+#*/".contains(byte)).count();
    // `+` and `/` are digits too, unless blanks are around them.
    let digits = below[..margin].iter().rev().take_while(|byte| b"+/".contains(byte)).count();
    Some(end + tail + 1 + margin - digits)
}

/// Whether it is ASCII in UTF-16, as `powershell -EncodedCommand` takes it.
fn is_wide(bytes: &[u8]) -> bool {
    bytes.len() >= 16
        && bytes
            .chunks_exact(2)
            .all(|pair| pair[1] == 0 && matches!(pair[0], b' '..=b'~' | b'\t' | b'\r' | b'\n'))
}

/// The same text in ASCII; what is not ASCII becomes a question mark.
fn narrowed(wide: &[u8], positions: &Positions, end: usize) -> (Vec<u8>, Positions) {
    let mut text = Vec::with_capacity(wide.len() / 2);
    let mut narrow = Positions::default();
    for (at, pair) in wide.chunks_exact(2).enumerate() {
        let source = positions.source(at * 2..at * 2 + 2);
        narrow.add(at, source.start, 1, source.len());
        text.push(if pair[1] == 0 && pair[0].is_ascii() { pair[0] } else { b'?' });
    }
    narrow.finish(end);
    (text, narrow)
}
