use std::ops::Range;

/// So many bytes are looked at in one go; the compiler makes a few vector instructions of it.
const BLOCK: usize = 16;

/// The next run of at least `min` characters (more than a block has) that begins at `from` or behind it.
///
/// Only a block in every stride is looked at, and only where all of a block belongs to a run, what is around
/// it. In source code that is nearly nowhere.
pub(super) fn next(text: &[u8], from: usize, min: usize) -> Option<Range<usize>> {
    // A run that is long enough holds a whole block, if one begins every so many bytes.
    let stride = min.saturating_sub(BLOCK) + 1;
    // No run begins before `floor`, and none that is long enough before `at - stride`.
    let (mut floor, mut at) = (from, from);
    while let Some(block) = text.get(at..).and_then(|rest| rest.first_chunk::<BLOCK>()) {
        // Without a way out in the middle: a branch for each byte costs more than all of them.
        let stops = block.iter().fold(0, |stops, &byte| stops | u8::from(!is_run(byte)));
        if stops != 0 {
            at += stride;
            continue;
        }
        let before =
            text[floor..at].iter().rev().take_while(|&&byte| CLASSES[usize::from(byte)] & RUN != 0).count();
        let behind = text[at..].iter().take_while(|&&byte| CLASSES[usize::from(byte)] & RUN != 0).count();
        if before + behind >= min {
            return Some(at - before..at + behind);
        }
        floor = at + behind;
        at = floor;
    }
    None
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

/// How many digits of base64 of either alphabet stand first.
pub(super) fn digits(text: &[u8]) -> usize {
    text.iter().take_while(|&&byte| CLASSES[usize::from(byte)] & DIGIT != 0).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_to_tell_a_byte_agree() {
        for byte in 0..=255 {
            assert_eq!(is_run(byte), CLASSES[usize::from(byte)] & RUN != 0, "{byte}");
        }
    }
}
