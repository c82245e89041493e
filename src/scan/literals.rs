//! Finds many literals in one pass, overlapping ones too, of most of them ASCII case ignored.
//!
//! Source code holds almost none of them, so the pass is about passing over. Of each literal the five bytes are
//! chosen that are rarest in source code. The four bytes at every second place of the text are looked up in a
//! table of bits: there stand either the first four of the five or the last four, whichever place the literal
//! begins at. (Of a literal of four bytes that begins at an odd place it is its last three and the byte behind, of one of three bytes the byte before it and
//! its three.) The look-ups do not depend on each other, unlike the steps of an automaton, which is what makes
//! this faster than a DFA of the same literals; `cargo bench --bench literals` measures both. Where the bits are
//! set, the literals that have these four bytes are compared.
//!
//! Four bytes are two bits in one word of the table (a blocked Bloom filter: Putze, Sanders, Singler,
//! [Cache-, Hash- and Space-Efficient Bloom Filters](https://doi.org/10.1145/1498698.1594230)): with one bit, every
//! twentieth place had it by accident, and each of those costs more than a whole row of look-ups.

use super::rarity;
use crate::rules::shape::ByteSet;

/// Bits in the table, as a power of two. 64 KiB is more than the first-level cache holds, but a sparser table has
/// fewer bits set by accident, and that is worth more (measured with 18, 19 and 20).
const FILTER_BITS: u32 = 19;
/// Buckets of literals by their first bytes, as a power of two.
const BUCKET_BITS: u32 = 11;
/// Takes the case off each byte, and the bit that ASCII has not, so that there are fewer bytes that anything may be.
/// Some other characters fall together too; comparing tells them apart.
const FOLD: u32 = 0x5f5f_5f5f;
/// The shortest literal that can be looked for.
const SHORTEST: usize = 3;
/// So many bytes further the next step of [`Literals::find`] begins: every second one has a bit of 64.
const STEP: usize = 128;
/// So many bytes are loaded for each: four at the last of its places.
const LOADED: usize = STEP + 2;

/// Odd numbers to hash by: the golden ratio, and what a generator made of it.
const FACTORS: [u64; 8] = [
    0x9E37_79B9_7F4A_7C15,
    0xBF58_476D_1CE4_E5B9,
    0x94D0_49BB_1331_11EB,
    0xD6E8_FEB8_6659_FD93,
    0xA076_1D64_78BD_642F,
    0xE703_7ED1_A0B4_28DB,
    0x8EBC_6AF0_9C88_C6E3,
    0x5899_65CC_7537_4CC3,
];

/// A text to look for.
#[derive(Debug, Clone, Copy)]
pub struct Literal<'a> {
    /// ASCII.
    pub text: &'a str,
    /// Whether it counts only as it is spelled here; else case does not matter.
    pub is_spelled: bool,
    /// What the byte behind it must be for anybody to care; `None` means anything. It is a hint: places
    /// where another byte follows may be reported all the same.
    pub after: Option<ByteSet>,
}

/// A set of literals, made ready.
#[derive(Debug)]
pub struct Literals {
    filter: Filter,
    /// By four bytes that stand at the place.
    fours: Buckets,
    /// By three bytes that stand at the place.
    threes: Buckets,
    /// By three bytes that stand behind the place.
    behind: Buckets,
    /// Each with whether it counts only as it is spelled.
    texts: Vec<(Box<[u8]>, bool)>,
}

impl Literals {
    /// Takes literals of at least three bytes each; their places in the list are their names. `None` if
    /// one is shorter, or if there are more than 32,767.
    pub fn new(literals: &[Literal]) -> Option<Self> {
        let texts: Vec<(Box<[u8]>, bool)> =
            literals.iter().map(|l| (l.text.as_bytes().into(), l.is_spelled)).collect();
        if texts.iter().any(|(t, _)| t.len() < SHORTEST) || texts.len() > usize::from(u16::MAX / 2) {
            return None;
        }
        let mut set = Vec::new();
        let (mut fours, mut threes, mut behind) = (Vec::new(), Vec::new(), Vec::new());
        for (at, ((text, _), literal)) in texts.iter().zip(literals).enumerate() {
            let at = at as u16;
            let after = folded().filter(|&any| literal.after.is_none_or(|set| has_folded(set, any)));
            let mut four = |offset: usize| {
                if let Some(&[a, b, c, d]) = text.get(offset..offset + 4) {
                    set.push([a, b, c, d]);
                    fours.push(Member::new(at, offset, first_four(text, offset)));
                }
            };
            match **text {
                [a, b, c] => {
                    after.for_each(|any| set.push([a, b, c, any]));
                    folded().for_each(|any| set.push([any, a, b, c]));
                    let member = Member::new(at, 0, first_three(text, 0));
                    threes.push(member);
                    behind.push(member);
                }
                [_, b, c, d] => {
                    four(0);
                    after.for_each(|any| set.push([b, c, d, any]));
                    threes.push(Member::new(at, 1, first_three(text, 1)));
                }
                _ => {
                    let offset = rarest(text);
                    four(offset);
                    four(offset + 1);
                }
            }
        }
        let [fours, threes, behind] = [fours, threes, behind].map(Buckets::new);
        let filter = Filter::new(&set)?;
        Some(Self { filter, fours, threes, behind, texts })
    }

    /// Calls `hit` with the literal and where it begins, for each place where one stands. Places come roughly in
    /// order, and in the same order each time.
    pub fn find(&self, text: &[u8], mut hit: impl FnMut(usize, usize)) {
        let mut at = 0;
        while let Some(some) = text.get(at..).and_then(<[u8]>::first_chunk) {
            self.step(text, some, at, &mut hit);
            at += STEP;
        }
        // What is left is looked at with nothing behind it.
        let left = &text[at..];
        for from in (0..left.len()).step_by(STEP) {
            let mut rest = [0; LOADED];
            rest[..left.len() - from].copy_from_slice(&left[from..]);
            self.step(text, &rest, at + from, &mut hit);
        }
    }

    /// Looks at the four bytes at every second place of a step. `some` are the bytes from `at` on.
    ///
    /// Places that may begin something are noted first and looked at then: a branch at each of them would be
    /// foreseen wrongly too often.
    #[inline]
    fn step(&self, text: &[u8], some: &[u8; LOADED], at: usize, hit: &mut impl FnMut(usize, usize)) {
        let mut places = 0u64;
        for half in 0..STEP / 2 {
            places = places >> 1 | self.filter.has(first_four(some, 2 * half)) << 63;
        }
        while places != 0 {
            let offset = 2 * places.trailing_zeros() as usize;
            places &= places - 1;
            self.compare_around(text, first_four(some, offset), at + offset, hit);
        }
    }

    /// The literals that these four bytes at an even place stand for: each has exactly one such place, wherever it
    /// begins.
    #[inline]
    fn compare_around(&self, text: &[u8], four: u32, place: usize, hit: &mut impl FnMut(usize, usize)) {
        let wanted = [
            (&self.fours, four, place),
            (&self.threes, four & 0x00ff_ffff, place),
            (&self.behind, four >> 8, place + 1),
        ];
        for (buckets, bytes, place) in wanted {
            let bytes = bytes & FOLD;
            for member in buckets.of(bytes) {
                // Nearly all bits that are set by accident end here.
                if member.bytes == bytes && self.stands(text, *member, place) {
                    hit(usize::from(member.literal), place - usize::from(member.offset));
                }
            }
        }
    }

    /// Whether a literal stands where its bytes were found.
    #[inline]
    fn stands(&self, text: &[u8], member: Member, place: usize) -> bool {
        let Some(start) = place.checked_sub(usize::from(member.offset)) else { return false };
        let (wanted, is_spelled) = &self.texts[usize::from(member.literal)];
        text.get(start..start + wanted.len())
            .is_some_and(|t| if *is_spelled { *t == **wanted } else { t.eq_ignore_ascii_case(wanted) })
    }

    /// The literals in order.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.texts.iter().map(|(text, _)| std::str::from_utf8(text).unwrap_or_default())
    }

    /// How many bytes a literal has.
    pub fn len_of(&self, literal: usize) -> usize {
        self.texts[literal].0.len()
    }
}

/// Where in a literal of five bytes and more the five stand that are rarest in source code.
fn rarest(text: &[u8]) -> usize {
    let rarities: Vec<u32> =
        text.windows(4).map(|four| rarity::rarity([four[0], four[1], four[2], four[3]])).collect();
    // Four of the five are looked for, one way or the other.
    let fives = rarities.windows(2).map(|pair| (pair[0].min(pair[1]), pair[0].max(pair[1])));
    fives.enumerate().max_by_key(|&(at, rarity)| (rarity, text.len() - at)).map_or(0, |(at, _)| at)
}

/// What bytes are once they are folded.
fn folded() -> impl Iterator<Item = u8> {
    (0..=u8::MAX).filter(|byte| byte & FOLD as u8 == *byte)
}

/// Whether a byte of the set becomes this one by folding.
fn has_folded(set: ByteSet, folded: u8) -> bool {
    const LOST: u8 = !(FOLD as u8);
    [0, LOST & 0x20, LOST & 0x80, LOST].iter().any(|lost| set.has(folded | lost))
}

/// Four bytes that stand in literals, and by accident others.
#[derive(Debug)]
struct Filter {
    /// Of a fixed length, so that a look-up needs no check of bounds.
    words: Box<[u64; 1 << (FILTER_BITS - 6)]>,
    /// What it is hashed by.
    factor: u64,
}

impl Filter {
    /// Of a few ways to hash, that one is taken by which the fewest of the commonest bytes pass by accident.
    fn new(set: &[[u8; 4]]) -> Option<Self> {
        let filters = FACTORS.map(|factor| {
            let mut words: Box<[u64; 1 << (FILTER_BITS - 6)]> =
                vec![0; 1 << (FILTER_BITS - 6)].into_boxed_slice().try_into().ok()?;
            for &bytes in set {
                let (word, first, second) = filter_bits(u32::from_le_bytes(bytes), factor);
                words[word] |= 1 << first | 1 << second;
            }
            let filter = Self { words, factor };
            let passing: f32 = rarity::common()
                .filter(|(bytes, _)| filter.has(u32::from_le_bytes(*bytes)) != 0)
                .map(|(_, weight)| weight)
                .sum();
            Some((passing, filter))
        });
        filters.into_iter().flatten().min_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, filter)| filter)
    }

    /// 1 if these four bytes may be part of a literal, else 0.
    #[inline]
    fn has(&self, four: u32) -> u64 {
        let (word, first, second) = filter_bits(four, self.factor);
        let word = self.words[word];
        word >> first & word >> second & 1
    }
}

/// Which word of the filter, and which two bits of it: the upper bits of a product.
#[inline]
fn filter_bits(four: u32, factor: u64) -> (usize, u32, u32) {
    let hash = u64::from(four & FOLD).wrapping_mul(factor);
    let word = hash >> (70 - FILTER_BITS);
    (word as usize, (hash >> (64 - FILTER_BITS)) as u32 & 63, (hash >> (58 - FILTER_BITS)) as u32 & 63)
}

/// A literal, and where in it the bytes stand that it was found by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Member {
    /// The bytes, their case folded.
    bytes: u32,
    literal: u16,
    offset: u16,
}

impl Member {
    fn new(literal: u16, offset: usize, bytes: u32) -> Self {
        Self { bytes: bytes & FOLD, literal, offset: offset as u16 }
    }
}

/// Literals by a hash of some of their bytes.
#[derive(Debug)]
struct Buckets {
    /// Where each bucket begins in `members`; one more at the end.
    starts: Box<[u16; (1 << BUCKET_BITS) + 1]>,
    members: Vec<Member>,
}

impl Buckets {
    fn new(mut members: Vec<Member>) -> Self {
        members.sort_unstable_by_key(|member| (bucket(member.bytes), *member));
        let mut starts = Box::new([0; (1 << BUCKET_BITS) + 1]);
        for (at, start) in starts.iter_mut().enumerate() {
            *start = members.partition_point(|member| (bucket(member.bytes) as usize) < at) as u16;
        }
        Self { starts, members }
    }

    #[inline]
    fn of(&self, bytes: u32) -> &[Member] {
        let at = bucket(bytes) as usize;
        &self.members[usize::from(self.starts[at])..usize::from(self.starts[at + 1])]
    }
}

/// Four bytes from `at` on as a number. They are there.
#[inline]
fn first_four(text: &[u8], at: usize) -> u32 {
    let mut bytes = [0; 4];
    bytes.copy_from_slice(&text[at..at + 4]);
    u32::from_le_bytes(bytes)
}

/// Three bytes from `at` on as a number. They are there.
#[inline]
fn first_three(text: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([text[at], text[at + 1], text[at + 2], 0])
}

/// Fibonacci hashing: the upper bits of a product with the golden ratio.
#[inline]
fn hash(four: u32) -> u32 {
    (four & FOLD).wrapping_mul(0x9E37_79B1)
}

#[inline]
fn bucket(four: u32) -> u32 {
    hash(four) >> (32 - BUCKET_BITS)
}

#[cfg(test)]
mod tests {
    use aho_corasick::AhoCorasick;

    use super::*;

    fn check(literals: &[&str], text: &[u8]) {
        let mut found = Vec::new();
        let all: Vec<Literal> =
            literals.iter().map(|text| Literal { text, is_spelled: false, after: None }).collect();
        let set = Literals::new(&all).expect("long enough");
        set.find(text, |literal, start| found.push((start, literal)));
        found.sort_unstable();
        let reference = AhoCorasick::builder().ascii_case_insensitive(true).build(literals).expect("builds");
        let mut expected: Vec<(usize, usize)> =
            reference.find_overlapping_iter(text).map(|m| (m.start(), m.pattern().as_usize())).collect();
        expected.sort_unstable();
        assert_eq!(found, expected, "{:?}", String::from_utf8_lossy(text));
    }

    #[test]
    fn at_every_place_of_every_length_of_text() {
        let literals = ["abc", "ABCD", "bcde", "://", "password", "word", "sk_live_", "zzz"];
        for before in 0..20 {
            for after in 0..12 {
                for literal in literals {
                    let text = format!("{}{literal}{}", "x".repeat(before), "y".repeat(after));
                    check(&literals, text.as_bytes());
                    check(&literals, text.to_ascii_uppercase().as_bytes());
                }
            }
        }
    }

    #[test]
    fn like_an_automaton_on_text_made_of_pieces() {
        let literals = ["aab", "aaba", "baab", "b@b", "b`b", "[a]", "{a}", "abababab"];
        let pieces: &[&[u8]] =
            &[b"a", b"b", b"A", b"B", b"@", b"`", b"[", b"{", b"]", b"}", b"\n", b"\xc3\xa4", b"\0"];
        let mut state = 1_u64;
        for round in 0..400 {
            let mut text = Vec::new();
            for _ in 0..round {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                text.extend_from_slice(pieces[(state >> 33) as usize % pieces.len()]);
            }
            check(&literals, &text);
        }
    }

    #[test]
    fn short_literals_are_refused() {
        assert!(Literals::new(&[Literal { text: "ab", is_spelled: false, after: None }]).is_none());
        assert!(Literals::new(&[]).is_some());
    }

    #[test]
    fn what_must_be_spelled_is_found_as_it_is_spelled() {
        let set = Literals::new(&[
            Literal { text: "Abc", is_spelled: true, after: None },
            Literal { text: "AbCdEfg", is_spelled: true, after: None },
        ])
        .expect("long enough");
        let mut found = Vec::new();
        set.find(b"abc Abc ABCDEFG AbCdEfg", |literal, start| found.push((literal, start)));
        assert_eq!(found, [(0, 4), (1, 16)]);
    }

    #[test]
    fn a_hint_leaves_nothing_out_that_fits_it() {
        let digits = ByteSet(0x03ff_0000_0000_0000);
        for (text, after) in [("abc", Some(digits)), ("abcd", Some(digits)), ("abcde", Some(digits))] {
            let set = Literals::new(&[Literal { text, is_spelled: false, after }]).expect("long enough");
            for before in 0..30 {
                let whole = format!("{}{text}7{}", "x".repeat(before), "y".repeat(30 - before));
                let mut found = Vec::new();
                set.find(whole.as_bytes(), |_, start| found.push(start));
                assert_eq!(found, [before]);
            }
        }
    }
}
