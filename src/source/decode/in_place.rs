use std::ops::Range;

use super::Decoded;
use crate::source::Positions;

/// So many encoded characters of ASCII in one run are no accident.
const MARKS_MIN: usize = 3;

/// Encodings that leave most of a text as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Decoder {
    /// `%40` (RFC 3986, 2.1).
    Percent,
    /// `\x40`, `\u0040`, `\u{40}`.
    Escapes,
    /// `&quot;`, `&#64;`, `&#x40;` (HTML, 13.5).
    Entities,
}

impl Decoder {
    /// The decoder that a run asks for, if any.
    pub(super) fn of(run: &[u8]) -> Option<Self> {
        memchr::memchr3(b'%', b'\\', b'&', run)?;
        let decoders = [(Self::Percent, b'%'), (Self::Escapes, b'\\'), (Self::Entities, b'&')];
        decoders.into_iter().find_map(|(decoder, mark)| {
            let marks = memchr::memchr_iter(mark, run);
            let encoded = marks.filter(|&at| decoder.character(&run[at..]).is_some_and(|(c, _)| c.is_text()));
            (encoded.take(MARKS_MIN).count() == MARKS_MIN).then_some(decoder)
        })
    }

    pub(super) fn decode(self, text: &[u8], range: &Range<usize>, budget: usize) -> Option<Decoded> {
        let (mark, via): (u8, &[&str]) = match self {
            Self::Percent => (b'%', &["percent"]),
            Self::Escapes => (b'\\', &["escapes"]),
            Self::Entities => (b'&', &["entities"]),
        };
        let source = text.get(range.clone())?;
        let mut decoded = Vec::with_capacity(source.len().min(budget));
        let mut positions = Positions::default();
        let mut at = 0;
        while at < source.len() && decoded.len() < budget {
            let plain = memchr::memchr(mark, &source[at..]).unwrap_or(source.len() - at);
            if plain > 0 {
                positions.add(decoded.len(), range.start + at, 1, 1);
                decoded.extend_from_slice(&source[at..at + plain]);
                at += plain;
                continue;
            }
            match self.character(&source[at..]) {
                Some((Character::Byte(byte), len)) => {
                    positions.add(decoded.len(), range.start + at, 1, len);
                    decoded.push(byte);
                    at += len;
                }
                Some((Character::Char(c), len)) => {
                    positions.add(decoded.len(), range.start + at, c.len_utf8(), len);
                    decoded.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                    at += len;
                }
                None => {
                    positions.add(decoded.len(), range.start + at, 1, 1);
                    decoded.push(mark);
                    at += 1;
                }
            }
        }
        positions.finish(range.start + at);
        Some(Decoded { range: range.start..range.start + at, text: decoded, via, positions, is_mixed: true })
    }

    /// The encoded character that stands first, and how long it is.
    fn character(self, text: &[u8]) -> Option<(Character, usize)> {
        match self {
            Self::Percent => {
                let byte = number(text.get(1..3)?, 16)?;
                Some((Character::Byte(byte as u8), 3))
            }
            Self::Escapes => match text.get(1)? {
                b'x' => Some((Character::Byte(number(text.get(2..4)?, 16)? as u8), 4)),
                b'u' if text.get(2) == Some(&b'{') => {
                    let digits = text.get(3..)?.iter().take(7).position(|&byte| byte == b'}')?;
                    Some((Character::of(number(text.get(3..3 + digits)?, 16)?), digits + 4))
                }
                b'u' => {
                    let first = number(text.get(2..6)?, 16)?;
                    // Characters beyond the first 65,536 are written as two halves.
                    let second = text.get(6..12).filter(|rest| rest.starts_with(b"\\u"));
                    match second.and_then(|rest| number(&rest[2..], 16)) {
                        Some(second) if first >> 10 == 0x36 && second >> 10 == 0x37 => {
                            let both = 0x10000 + ((first & 0x3ff) << 10 | second & 0x3ff);
                            Some((Character::of(both), 12))
                        }
                        _ => Some((Character::of(first), 6)),
                    }
                }
                _ => None,
            },
            Self::Entities => {
                let end = text.iter().take(10).position(|&byte| byte == b';')?;
                let c = match text.get(1..end)? {
                    b"quot" => '"',
                    b"apos" => '\'',
                    b"amp" => '&',
                    b"lt" => '<',
                    b"gt" => '>',
                    b"nbsp" => ' ',
                    b"equals" => '=',
                    b"colon" => ':',
                    [b'#', b'x' | b'X', digits @ ..] => {
                        return Some((Character::of(number(digits, 16)?), end + 1));
                    }
                    [b'#', digits @ ..] => return Some((Character::of(number(digits, 10)?), end + 1)),
                    _ => return None,
                };
                Some((Character::Char(c), end + 1))
            }
        }
    }
}

/// What an escape stands for.
#[derive(Debug, Clone, Copy)]
enum Character {
    Byte(u8),
    Char(char),
}

impl Character {
    /// Whether it is part of a text in ASCII. Tables of characters and bytes are mostly not.
    fn is_text(self) -> bool {
        match self {
            Self::Byte(byte) => matches!(byte, b' '..=b'~' | b'\n' | b'\t'),
            Self::Char(c) => matches!(c, ' '..='~' | '\n' | '\t'),
        }
    }

    fn of(number: u32) -> Self {
        Self::Char(char::from_u32(number).unwrap_or(char::REPLACEMENT_CHARACTER))
    }
}

/// A number of up to eight digits.
fn number(digits: &[u8], radix: u32) -> Option<u32> {
    if digits.is_empty() || digits.len() > 8 {
        return None;
    }
    digits
        .iter()
        .try_fold(0_u32, |sum, &byte| sum.checked_mul(radix)?.checked_add(char::from(byte).to_digit(radix)?))
}
