//! Long runs of the bytes that tokens and encoded text are made of.
//!
//! Both are looked for in one pass. Which of 64 bytes are of a kind is told by a few instructions for as many of them as
//! the processor takes at once, and where so many in a row begin by shifting the 64 bits that come of it.

// What is not inlined is compiled for the least of all processors.
#![allow(clippy::inline_always)]

use fearless_simd::{Level, Simd, dispatch, prelude::*, u8x32};

/// So many bytes of a word stand in a row where a token begins.
pub const WORD_RUN: usize = 20;
/// So many bytes that encodings are made of stand in a row where one may begin.
pub const ENCODED_RUN: usize = 24;
/// Where a token may begin behind what opens an escape, at most.
const ESCAPE: usize = 5;
const BLOCK: usize = 64;
/// So many blocks are told apart before anybody looks at what came of it.
const BLOCKS: usize = 32;
/// With those that tell how the last one goes on.
const TOLD: usize = BLOCKS + 2;

/// Where in a text runs begin that encoded text may be in.
#[derive(Debug, Default)]
pub struct LongRuns {
    encoded: Vec<usize>,
}

impl LongRuns {
    /// Finds them, and calls `word` with each place, in order, where a token may begin, if at least [`WORD_RUN`] bytes
    /// from there on are letters, digits, `_` and `-`: where such a run begins, behind dashes in it, and where an
    /// escape before it may end. No dash is such a place but where a run begins.
    pub fn of(text: &[u8], word: impl FnMut(usize)) -> Self {
        Self::by(Level::new(), text, word)
    }

    fn by(level: Level, text: &[u8], mut word: impl FnMut(usize)) -> Self {
        let mut look = Look { text, noted: 0, encoded: Vec::new() };
        let mut kinds = Kinds::new();
        let (blocks, rest) = text.as_chunks::<BLOCK>();
        let mut at = 0;
        while let Some(told) = blocks.get(at..=at + BLOCKS) {
            kinds.tell(level, told);
            look.at(&kinds, at * BLOCK, BLOCKS, &mut word);
            kinds.pass(BLOCKS);
            at += BLOCKS;
        }
        // The last ones are followed by nothing.
        let mut told = [[0; BLOCK]; TOLD];
        let left = blocks.len() - at;
        told[..left].copy_from_slice(&blocks[at..]);
        told[left][..rest.len()].copy_from_slice(rest);
        kinds.tell(level, &told[..left + 2]);
        look.at(&kinds, at * BLOCK, left + 1, &mut word);
        Self { encoded: look.encoded }
    }

    /// Where runs of at least [`ENCODED_RUN`] bytes begin that encoded text may be in, in order.
    pub(super) fn encoded(&self) -> &[usize] {
        &self.encoded
    }
}

/// What is found in a text.
struct Look<'t> {
    text: &'t [u8],
    /// Places before this one are noted.
    noted: usize,
    encoded: Vec<usize>,
}

impl Look<'_> {
    /// Notes what begins in so many blocks, the first of which begins at `from`.
    #[inline]
    fn at(&mut self, kinds: &Kinds, from: usize, blocks: usize, word: &mut impl FnMut(usize)) {
        for (block, (&words, &encoded)) in
            kinds.long_words.iter().zip(&kinds.long_encoded).enumerate().take(blocks)
        {
            if words | encoded == 0 {
                continue;
            }
            // Of the many dashes of a line the first is enough.
            let behind_dashes = behind(&kinds.dashes, block) & !kinds.dashes[block + 1];
            let places = words & (!behind(&kinds.words, block) | behind_dashes);
            if places != 0 {
                self.words(from + block * BLOCK, places, word);
            }
            let first = encoded & !behind(&kinds.encoded, block);
            each_bit(first, |bit| self.encoded.push(from + block * BLOCK + bit));
        }
    }

    /// Names places in a block.
    #[inline(never)]
    fn words(&mut self, block: usize, places: u64, word: &mut impl FnMut(usize)) {
        each_bit(places, |bit| {
            let place = block + bit;
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

/// Of 64 bytes of a block each a bit, for so many blocks; the first byte is the lowest bit.
type Bits<const BLOCKS: usize> = [u64; BLOCKS];

/// Of which kind the bytes of some blocks are: of the block before them, and theirs.
struct Kinds {
    words: Bits<{ TOLD + 1 }>,
    dashes: Bits<{ TOLD + 1 }>,
    encoded: Bits<{ TOLD + 1 }>,
    /// Where at least [`WORD_RUN`] bytes of words follow; without the block before.
    long_words: Bits<TOLD>,
    /// The same for [`ENCODED_RUN`] bytes.
    long_encoded: Bits<TOLD>,
}

impl Kinds {
    fn new() -> Self {
        Self {
            words: [0; TOLD + 1],
            dashes: [0; TOLD + 1],
            encoded: [0; TOLD + 1],
            long_words: [0; TOLD],
            long_encoded: [0; TOLD],
        }
    }

    /// Tells the bytes of these blocks apart. Whether a run is long is known of all but the last.
    fn tell(&mut self, level: Level, blocks: &[[u8; BLOCK]]) {
        dispatch!(level, simd => self.tell_by(simd, blocks));
    }

    #[inline(always)]
    fn tell_by<S: Simd>(&mut self, simd: S, blocks: &[[u8; BLOCK]]) {
        let sets = Sets::new(simd);
        let kinds = self.words[1..].iter_mut().zip(&mut self.dashes[1..]).zip(&mut self.encoded[1..]);
        for (block, ((words, dashes), encoded)) in blocks.iter().zip(kinds) {
            let halves = block.as_chunks::<32>().0;
            let (low, high) = (sets.kind(simd, &halves[0]), sets.kind(simd, &halves[1]));
            *words = low[0] | high[0] << 32;
            *dashes = low[1] | high[1] << 32;
            *encoded = low[2] | high[2] << 32;
        }
        long::<WORD_RUN>(&self.words, &mut self.long_words, blocks.len() - 1);
        long::<ENCODED_RUN>(&self.encoded, &mut self.long_encoded, blocks.len() - 1);
    }

    /// Goes on behind so many blocks.
    fn pass(&mut self, blocks: usize) {
        for kind in [&mut self.words, &mut self.dashes, &mut self.encoded] {
            kind[0] = kind[blocks];
        }
    }
}

/// Which bytes of a block stand behind one of this kind.
#[inline]
fn behind(kind: &Bits<{ TOLD + 1 }>, block: usize) -> u64 {
    kind[block + 1] << 1 | kind[block] >> 63
}

/// Where so many bytes of a kind stand in a row.
#[inline(always)]
fn long<const COUNT: usize>(kind: &Bits<{ TOLD + 1 }>, long: &mut Bits<TOLD>, blocks: usize) {
    let (now, next) = (&kind[1..=blocks], &kind[2..blocks + 2]);
    for ((long, &now), &next) in long[..blocks].iter_mut().zip(now).zip(next) {
        *long = in_a_row::<COUNT>(now, next);
    }
}

/// Tells bytes apart by their two halves: a byte is of a set if a group of the set holds both.
struct Sets<S: Simd> {
    lower: u8x32<S>,
    upper: u8x32<S>,
}

/// Groups of bytes: what their upper halves may be, and what their lower ones, as bits.
///
/// What encoded text is made of: digits of base64 (those of hex are among them) and what other encodings put between
/// them. Without `_`, which is what long names have, and the digits of text hardly ever: of three bytes of ASCII only the
/// last can make one, and only as `?` or a control character.
const GROUPS: [(&[u8], u16); 8] = [
    (&[2], 1 << 0xd),                    // -
    (&[3], 0x3ff),                       // digits
    (&[4, 6], 0xfffe),                   // A to O
    (&[5, 7], 0x7ff),                    // P to Z
    (&[5], 1 << 0xf),                    // _
    (&[2], 0xe868),                      // # % & + - . /
    (&[3], 0x3ff | 1 << 0xb | 1 << 0xd), // digits, ; =
    (&[5], 1 << 0xc),                    // \
];
const WORD: u8 = 0b0001_1111;
const ENCODED: u8 = 0b1110_1100;

/// For each half of a byte the groups that it may be of: lower halves, upper ones.
const HALVES: [[u8; 16]; 2] = {
    let mut halves = [[0; 16]; 2];
    let mut group = 0;
    while group < GROUPS.len() {
        let (upper, lower) = &GROUPS[group];
        let mut half = 0;
        while half < 16 {
            if *lower >> half & 1 != 0 {
                halves[0][half] |= 1 << group;
            }
            half += 1;
        }
        let mut at = 0;
        while at < upper.len() {
            halves[1][upper[at] as usize] |= 1 << group;
            at += 1;
        }
        group += 1;
    }
    halves
};

impl<S: Simd> Sets<S> {
    #[inline(always)]
    fn new(simd: S) -> Self {
        let twice = |half: [u8; 16]| <[u8; 32]>::simd_from(simd, std::array::from_fn(|at| half[at % 16]));
        Self {
            lower: u8x32::simd_from(simd, twice(HALVES[0])),
            upper: u8x32::simd_from(simd, twice(HALVES[1])),
        }
    }

    /// Which bytes belong to words, are dashes, are encoded.
    #[inline(always)]
    fn kind(&self, simd: S, bytes: &[u8; 32]) -> [u64; 3] {
        let bytes = u8x32::simd_from(simd, *bytes);
        let lower = self.lower.swizzle_dyn_within_blocks(bytes & 0xf);
        let upper = self.upper.swizzle_dyn_within_blocks(bytes >> 4);
        let groups = lower & upper;
        let dashes = bytes.simd_eq(u8x32::splat(simd, b'-')).to_bitmask();
        [bits_of(simd, groups & WORD), dashes, bits_of(simd, groups & ENCODED)]
    }
}

/// Which bytes are not 0.
#[inline(always)]
fn bits_of<S: Simd>(simd: S, bytes: u8x32<S>) -> u64 {
    !bytes.simd_eq(u8x32::splat(simd, 0)).to_bitmask() & 0xffff_ffff
}

/// Where `COUNT` set bits in a row begin, of 64 and what follows those.
#[inline(always)]
fn in_a_row<const COUNT: usize>(mut bits: u64, mut next: u64) -> u64 {
    let mut count = 1;
    while 2 * count <= COUNT {
        bits &= bits >> count | next << (64 - count);
        next &= next >> count;
        count *= 2;
    }
    let rest = COUNT - count;
    bits & if rest == 0 { bits } else { bits >> rest | next << (64 - rest) }
}

#[inline]
fn each_bit(mut bits: u64, mut each: impl FnMut(usize)) {
    while bits != 0 {
        each(bits.trailing_zeros() as usize);
        bits &= bits - 1;
    }
}

/// The best that this processor can do, and what others can.
#[cfg(test)]
pub fn levels() -> Vec<Level> {
    let best = Level::new();
    #[cfg(target_arch = "x86_64")]
    let lesser =
        [best.as_sse2().map(Simd::level), best.as_sse4_2().map(Simd::level), best.as_avx2().map(Simd::level)];
    #[cfg(not(target_arch = "x86_64"))]
    let lesser = [None];
    lesser.into_iter().flatten().chain([best]).collect()
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
            if before(at).is_none_or(|byte| !is_word(&byte) || byte == b'-' && text[at] != b'-') {
                words.push(at);
            }
            if before(at).is_some_and(|byte| matches!(byte, b'\\' | b'%')) {
                words.extend(at + 1..=at + ESCAPE);
            }
        }
        words.sort_unstable();
        words.dedup();
        let is = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/-=%\\&#;.".contains(byte);
        let encoded = (0..text.len())
            .filter(|&at| long(at, &is, ENCODED_RUN) && before(at).is_none_or(|byte| !is(&byte)))
            .collect();
        (words, encoded)
    }

    fn check(text: &[u8]) {
        let (words, encoded) = slowly(text);
        for level in levels() {
            let mut found = Vec::new();
            let runs = LongRuns::by(level, text, |place| found.push(place));
            assert_eq!(found, words, "{level:?} {:?}", String::from_utf8_lossy(text));
            assert_eq!(runs.encoded, encoded, "{level:?} {:?}", String::from_utf8_lossy(text));
        }
    }

    #[test]
    fn every_byte_is_of_the_kind_it_is_of() {
        for byte in 0..=u8::MAX {
            check(&[byte; 30]);
            check(&[&[b' ', byte][..], &[b'a'; 30], &[byte], &[b'a'; 22], &[byte; 3]].concat());
        }
    }

    #[test]
    fn long_texts_are_looked_at_in_one_go_after_the_other() {
        for around in 1940..2060 {
            for len in [19, 20, 24, 90] {
                let mut text = "ab(".repeat(around)[..around].to_owned();
                text.push_str(&"a1-bC--_".repeat(len)[..len]);
                text.push_str(&" x".repeat(5000)[..around + len]);
                check(text.as_bytes());
            }
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
