use std::ops::Range;

/// So many bytes are looked at in one go; the compiler makes a few vector instructions of it.
const BLOCK: usize = 16;

/// The next run of at least `min` characters (more than a block has) that begins at `from` or behind it.
///
/// Only a block in every stride is looked at, and only where all of a block belongs to a run, what is around
/// it. In source code that is nearly nowhere.
pub(super) fn next(text: &[u8], from: usize, min: usize) -> Option<Range<usize>> {
    // A run that is long enough holds a whole block, if one begins every so many bytes. (To jump by what the block
    // says would be fewer blocks and slower: the next one could not be loaded before this one is looked at.)
    let stride = min.saturating_sub(BLOCK) + 1;
    // No run begins before `floor`, and none that is long enough before `at - stride`.
    let (mut floor, mut at) = (from, from);
    while let Some(block) = text.get(at..).and_then(|rest| rest.first_chunk::<BLOCK>()) {
        // Most blocks of code have a blank, a line end or a quote in them, which is quickly seen.
        if has_blank_or_quote(block) || !is_all_run(block) {
            at += stride;
            continue;
        }
        let before = length_at_end(&text[floor..at]);
        let behind = length(&text[at..]);
        if before + behind >= min {
            return Some(at - before..at + behind);
        }
        floor = at + behind;
        at = floor;
    }
    None
}

/// Whether one of the bytes is below `#`: a blank, a line end, `!` or `"`.
///
/// The usual test for small bytes in a word: what is smaller borrows, and its uppermost bit is set then.
#[inline]
fn has_blank_or_quote(block: &[u8; BLOCK]) -> bool {
    const ONES: u128 = u128::from_le_bytes([1; BLOCK]);
    let word = u128::from_le_bytes(*block);
    word.wrapping_sub(ONES * u128::from(b'#')) & !word & (ONES << 7) != 0
}

/// Whether all bytes belong to runs. Without a way out in the middle: a branch for each byte costs more than all of
/// them.
#[inline]
fn is_all_run(block: &[u8; BLOCK]) -> bool {
    block.iter().fold(0, |stops, &byte| stops | u8::from(!is_run(byte))) == 0
}

/// What runs are made of: digits of base64 (those of hex are among them) and what other encodings put between
/// them. Without branches, so that a block of them is a few vector instructions: half of all the time would go
/// into the branches.
#[inline]
#[allow(clippy::needless_bitwise_bool)]
fn is_run(byte: u8) -> bool {
    let letter = (byte | 0x20).wrapping_sub(b'a') < 26;
    // `+`, `-`, `.`, `/` and the digits follow each other, with one byte among them that is none.
    let number = (byte.wrapping_sub(b'+') < 15) & (byte != b',');
    let marks = (byte == b'_') | (byte == b'=') | (byte == b'%') | (byte == b'\\');
    letter | number | marks | (byte == b'&') | (byte == b'#') | (byte == b';')
}

/// A digit of base64 of either alphabet.
const DIGIT: u8 = 1;
/// What runs are made of.
const RUN: u8 = 2;

/// The same for one byte at a time: there a look-up is faster.
static CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        classes[byte] = match byte as u8 {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'+' | b'/' | b'-' | b'_' => DIGIT | RUN,
            b'=' | b'%' | b'\\' | b'&' | b'#' | b';' | b'.' => RUN,
            _ => 0,
        };
        byte += 1;
    }
    classes
};

/// How many bytes of a run stand first.
pub(super) fn length(text: &[u8]) -> usize {
    text.iter().take_while(|&&byte| CLASSES[usize::from(byte)] & RUN != 0).count()
}

/// How many bytes of a run stand last.
pub(super) fn length_at_end(text: &[u8]) -> usize {
    text.iter().rev().take_while(|&&byte| CLASSES[usize::from(byte)] & RUN != 0).count()
}

/// How many digits of base64 of either alphabet stand first.
pub(super) fn digits(text: &[u8]) -> usize {
    text.iter().take_while(|&&byte| CLASSES[usize::from(byte)] & DIGIT != 0).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_and_quotes_are_seen() {
        for (block, expect) in [
            (b"abcdefghijklmnop", false),
            (b" bcdefghijklmno\xff", true),
            (b"abc\ndefghijklmno", true),
            (b"abcdefghijklmno\"", true),
            (b"\xe4bcdefg#ijklmno!", true),
            (b"###############\xa0", false),
        ] {
            assert_eq!(has_blank_or_quote(block), expect, "{block:?}");
        }
    }

    #[test]
    fn every_run_is_found_wherever_it_begins() {
        for before in 0..80 {
            for start in ["#", "a", "=", "/"] {
                for gap in [" ", "(", "\" ", "ab cd,", "!!!!!!!! "] {
                    let head = format!("{}{gap}", &"x y(".repeat(before)[..before]);
                    let text = format!("{head}{start}{}){}", "a".repeat(39), "b c".repeat(before));
                    let run = next(text.as_bytes(), 0, 40).map(|run| run.start);
                    assert_eq!(run, Some(head.len()), "{text}");
                    let short = format!("{head}{start}{})", "a".repeat(38));
                    assert_eq!(next(short.as_bytes(), 0, 40), None, "{short}");
                }
            }
        }
    }

    #[test]
    fn both_ways_to_tell_a_byte_agree() {
        for byte in 0..=255 {
            assert_eq!(is_run(byte), CLASSES[usize::from(byte)] & RUN != 0, "{byte}");
        }
    }
}
