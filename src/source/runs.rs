//! Long runs of the bytes that tokens and encoded text are made of.
//!
//! Both are looked for in one pass: which of 64 bytes are of a kind is told by a few instructions for sixteen of
//! them, and where so many in a row begin by shifting the 64 bits that come of it.

use wide::i8x16;

/// So many bytes of a word stand in a row where a token begins.
pub const WORD_RUN: usize = 20;
/// So many bytes that encodings are made of stand in a row where one may begin.
pub const ENCODED_RUN: usize = 24;
/// Where a token may begin behind what opens an escape, at most.
const ESCAPE: usize = 5;
const BLOCK: usize = 64;

/// Where in a text runs begin that encoded text may be in.
#[derive(Debug, Default)]
pub struct LongRuns {
    encoded: Vec<usize>,
}

impl LongRuns {
    /// Finds them, and calls `word` with each place, in order, where a token may begin, if at least [`WORD_RUN`] bytes
    /// from there on are letters, digits, `_` and `-`: where such a run begins, behind each dash in it, and where an
    /// escape before it may end.
    pub fn of(text: &[u8], mut word: impl FnMut(usize)) -> Self {
        let (whole, rest) = text.as_chunks::<BLOCK>();
        let mut last = [0; BLOCK];
        last[..rest.len()].copy_from_slice(rest);
        let mut look = Look { text, behind: 0, before: Kinds::default(), now: Kinds::default(), noted: 0 };
        let mut encoded = Vec::new();
        for block in whole {
            look.at(block, &mut encoded, &mut word);
        }
        look.at(&last, &mut encoded, &mut word);
        look.at(&[0; BLOCK], &mut encoded, &mut word);
        Self { encoded }
    }

    /// Where runs of at least [`ENCODED_RUN`] bytes begin that encoded text may be in, in order. Some bytes that it is
    /// never made of belong to them too.
    pub(super) fn encoded(&self) -> &[usize] {
        &self.encoded
    }
}

/// Goes through a text by blocks. What begins in a block is noted once the one behind it is known.
struct Look<'t> {
    text: &'t [u8],
    /// Where the block begins that comes next.
    behind: usize,
    before: Kinds,
    now: Kinds,
    /// Places before this one are noted.
    noted: usize,
}

impl Look<'_> {
    #[inline]
    fn at(&mut self, block: &[u8; BLOCK], encoded: &mut Vec<usize>, word: &mut impl FnMut(usize)) {
        let (before, now, next) = (self.before, self.now, Kinds::of(block));
        if now.half_word | next.half_word != 0 {
            let long = in_a_row::<WORD_RUN>(now.word, next.word);
            let places = !(now.word << 1 | before.word >> 63) | now.dash << 1 | before.dash >> 63;
            if long & places != 0 {
                self.words(long & places, word);
            }
        }
        if now.half_encoded | next.half_encoded != 0 {
            let long = in_a_row::<ENCODED_RUN>(now.encoded, next.encoded);
            let first = long & !(now.encoded << 1 | before.encoded >> 63);
            each_bit(first, |bit| encoded.push(self.behind - BLOCK + bit));
        }
        (self.before, self.now) = (now, next);
        self.behind += BLOCK;
    }

    /// Names places in a block.
    #[inline(never)]
    fn words(&mut self, places: u64, word: &mut impl FnMut(usize)) {
        each_bit(places, |bit| {
            let place = self.behind - BLOCK + bit;
            if place < self.noted {
                return;
            }
            let before = place.checked_sub(1).map(|before| self.text[before]);
            let more = if matches!(before, Some(b'\\' | b'%')) { ESCAPE } else { 0 };
            (place..=place + more).for_each(&mut *word);
            self.noted = place + more + 1;
        });
    }
}

/// Whether a byte belongs to the runs that tokens are looked for in.
pub fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

/// Up to where encoded text may go on that begins here.
pub(super) fn encoded_end(text: &[u8], from: usize) -> usize {
    from + text[from..].iter().take_while(|&&byte| is_encoded(byte)).count()
}

/// Which bytes of a block are of which kind; the first byte is the lowest bit.
#[derive(Clone, Copy, Default)]
struct Kinds {
    word: u64,
    dash: u64,
    encoded: u64,
    /// Where half of a run begins. One that lies in two blocks has a half in one of them.
    half_word: u64,
    half_encoded: u64,
}

impl Kinds {
    #[inline]
    fn of(block: &[u8; BLOCK]) -> Self {
        let mut kinds = Self::default();
        for (at, bytes) in block.as_chunks::<16>().0.iter().enumerate() {
            let bytes = i8x16::new(bytes.map(u8::cast_signed));
            let letter = within(bytes | i8x16::splat(0x20), b'a', b'z');
            let dash = equal(bytes, b'-');
            let word = letter | within(bytes, b'0', b'9') | dash | equal(bytes, b'_');
            let encoded = letter | within(bytes, b'#', b'=') | equal(bytes, b'\\');
            let bits = |of: i8x16| u64::from(of.to_bitmask()) << (16 * at);
            kinds.word |= bits(word);
            kinds.dash |= bits(dash);
            kinds.encoded |= bits(encoded);
        }
        kinds.half_word = in_a_row::<{ WORD_RUN / 2 }>(kinds.word, 0);
        kinds.half_encoded = in_a_row::<{ ENCODED_RUN / 2 }>(kinds.encoded, 0);
        kinds
    }
}

/// The same as [`Kinds::encoded`], of one byte.
fn is_encoded(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || matches!(byte, b'#'..=b'=' | b'\\')
}

/// Which of sixteen bytes lie between these two. They are moved to where the last one is the greatest signed number.
#[inline]
fn within(bytes: i8x16, first: u8, last: u8) -> i8x16 {
    let moved = bytes + i8x16::splat(i8::MAX.wrapping_sub_unsigned(last));
    moved.simd_gt(i8x16::splat(i8::MAX - (last - first).cast_signed() - 1))
}

/// Which of sixteen bytes are this one.
#[inline]
fn equal(bytes: i8x16, byte: u8) -> i8x16 {
    bytes.simd_eq(i8x16::splat(byte.cast_signed()))
}

/// Where `COUNT` set bits in a row begin, of 64 and what follows those.
#[inline]
fn in_a_row<const COUNT: usize>(bits: u64, next: u64) -> u64 {
    let mut row = u128::from(bits) | u128::from(next) << 64;
    let mut count = 1;
    while 2 * count <= COUNT {
        row &= row >> count;
        count *= 2;
    }
    (row & row >> (COUNT - count)) as u64
}

#[inline]
fn each_bit(mut bits: u64, mut each: impl FnMut(usize)) {
    while bits != 0 {
        each(bits.trailing_zeros() as usize);
        bits &= bits - 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same, byte by byte.
    fn slowly(text: &[u8]) -> (Vec<usize>, Vec<usize>) {
        let is_word = |byte: &u8| is_word(*byte);
        let long = |at: usize, is: &dyn Fn(&u8) -> bool, count: usize| {
            text.get(at..at + count).is_some_and(|run| run.iter().all(is))
        };
        let before = |at: usize| at.checked_sub(1).map(|at| text[at]);
        let mut words = Vec::new();
        for at in (0..text.len()).filter(|&at| long(at, &is_word, WORD_RUN)) {
            if before(at).is_none_or(|byte| !is_word(&byte) || byte == b'-') {
                words.push(at);
            }
            if before(at).is_some_and(|byte| matches!(byte, b'\\' | b'%')) {
                words.extend(at + 1..=at + ESCAPE);
            }
        }
        words.sort_unstable();
        words.dedup();
        let is = |byte: &u8| is_encoded(*byte);
        let encoded = (0..text.len())
            .filter(|&at| long(at, &is, ENCODED_RUN) && before(at).is_none_or(|byte| !is_encoded(byte)))
            .collect();
        (words, encoded)
    }

    fn check(text: &[u8]) {
        let mut found = Vec::new();
        let runs = LongRuns::of(text, |place| found.push(place));
        let (words, encoded) = slowly(text);
        assert_eq!(found, words, "{:?}", String::from_utf8_lossy(text));
        assert_eq!(runs.encoded, encoded, "{:?}", String::from_utf8_lossy(text));
    }

    #[test]
    fn every_byte_is_of_the_kind_it_is_of() {
        for byte in 0..=u8::MAX {
            check(&[byte; 30]);
            check(&[&[b' ', byte][..], &[b'a'; 30], &[byte], &[b'a'; 22], &[byte; 3]].concat());
        }
    }

    #[test]
    fn runs_are_found_wherever_they_begin_and_however_long_they_are() {
        for before in 0..140 {
            for len in [18, 19, 20, 21, 23, 24, 25, 63, 64, 65, 130] {
                for opening in [" ", "\\", "%", "x-", "(a_"] {
                    let head = &"x y(".repeat(before)[..before];
                    check(
                        format!("{head}{opening}{}) {head}", "a1-b_".repeat(len).split_at(len).0).as_bytes(),
                    );
                    check(format!("{head}{opening}{}", "a/+b=".repeat(len).split_at(len).0).as_bytes());
                }
            }
        }
    }
}
