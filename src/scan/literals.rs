//! Finds many literals in one pass, overlapping ones too, of most of them ASCII case ignored.
//!
//! Source code holds almost none of them, so the pass is about passing over. Of each literal the five bytes are
//! chosen that are rarest in source code. The four bytes at every second place of the text are looked up in a
//! table of bits ([`Filter`]): there stand either the first four of the five or the last four, whichever place the
//! literal begins at. (Of a literal of four bytes that begins at an odd place it is its last three and the byte behind,
//! of one of three bytes the byte before it and its three.) The look-ups do not depend on each other, unlike the steps
//! of an automaton, which is what makes this faster than a DFA of the same literals; `cargo bench --bench literals`
//! measures both. Where the bit is set, the literals that have these four bytes are compared.
//!
//! The prefixes of tokens would fill the table, since they are short. They are looked for only where a long run of the
//! bytes of words begins ([`LongRuns`]), which is where tokens do.

use fearless_simd::Level;

use super::beginnings::Beginnings;
use super::buckets::{Buckets, Member};
use super::filter::{BEHIND, BLOCK, CHUNK, FOLD, Filter, Notes};
use super::rarity;
use crate::rules::shape::ByteSet;
use crate::source::LongRuns;

/// The shortest literal that can be looked for.
const SHORTEST: usize = 3;

/// A text to look for.
#[derive(Debug, Clone, Copy)]
pub struct Literal<'a> {
    /// ASCII.
    pub text: &'a str,
    /// Whether it counts only as it is spelled here; else case does not matter.
    pub is_spelled: bool,
    /// What the byte behind it must be for anybody to care; `None` means anything.
    pub after: Option<ByteSet>,
    /// Whether anybody cares only where it stands at one of the places that [`LongRuns::of`] names.
    pub begins_word: bool,
}

/// A set of literals, made ready.
#[derive(Debug)]
pub struct Literals {
    filter: Filter,
    /// By four bytes, their case folded.
    anywhere: Buckets,
    beginnings: Beginnings,
    texts: Vec<Text>,
}

/// A literal as it is compared.
#[derive(Debug)]
pub(super) struct Text {
    pub(super) bytes: Box<[u8]>,
    is_spelled: bool,
    after: Option<ByteSet>,
}

impl Literals {
    /// Takes literals of at least three bytes each; their places in the list are their names. `None` if
    /// one is shorter, or if there are more than 32,767.
    pub fn new(literals: &[Literal]) -> Option<Self> {
        Self::by(Level::new(), literals)
    }

    fn by(level: Level, literals: &[Literal]) -> Option<Self> {
        let text = |literal: &Literal| Text {
            bytes: literal.text.as_bytes().into(),
            is_spelled: literal.is_spelled,
            after: literal.after,
        };
        let texts: Vec<Text> = literals.iter().map(text).collect();
        if texts.iter().any(|t| t.bytes.len() < SHORTEST) || texts.len() > usize::from(u16::MAX / 2) {
            return None;
        }
        let (words, others): (Vec<u16>, Vec<u16>) = (0..texts.len() as u16).partition(|&name| {
            let literal = &literals[usize::from(name)];
            // Long runs are not looked at behind a dash where another follows.
            literal.begins_word && !literal.text.starts_with('-')
        });
        let mut all = Vec::with_capacity(4 * others.len());
        for name in others {
            members(name, &texts[usize::from(name)], |member| all.push(member));
        }
        let anywhere = Buckets::new(all)?;
        let members = anywhere.members().iter();
        let members = members.map(|member| (*member, &*texts[usize::from(member.literal)].bytes));
        let filter = Filter::new(level, members)?;
        let beginnings = Beginnings::new(&texts, words.into_iter())?;
        Some(Self { filter, anywhere, beginnings, texts })
    }

    /// Calls `hit` with the literal and where it begins, for each place where one stands. Places come in the same order
    /// each time. What else the look at long runs has found is given back.
    pub fn find(&self, text: &[u8], mut hit: impl FnMut(usize, usize)) -> LongRuns {
        let runs = LongRuns::of(text, |place| self.beginnings.find(&self.texts, text, place, &mut hit));
        let mut notes = Notes::new();
        let mut at = 0;
        while let Some(some) = text.get(at..at + CHUNK + BEHIND) {
            self.compare(text, at, self.filter.places(some, &mut notes), &mut hit);
            at += CHUNK;
        }
        // What is left is looked at with nothing behind it.
        let mut rest = [0; CHUNK + BEHIND];
        while at < text.len() {
            let left = &text[at..text.len().min(at + CHUNK + BEHIND)];
            rest[..left.len()].copy_from_slice(left);
            rest[left.len()..].fill(0);
            let end = left.len().min(CHUNK).next_multiple_of(BLOCK) + BEHIND;
            self.compare(text, at, self.filter.places(&rest[..end], &mut notes), &mut hit);
            at += CHUNK;
        }
        runs
    }

    /// Compares the literals that may stand at these places behind `from`.
    #[inline]
    fn compare(&self, text: &[u8], from: usize, places: &[u16], hit: &mut impl FnMut(usize, usize)) {
        for place in places {
            let place = from + usize::from(*place);
            // The literals that these four bytes stand for: each has exactly one such place, wherever it begins.
            self.anywhere.compare(&self.texts, text, four(text, place) & FOLD, place, hit);
        }
    }

    /// The literals in order.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.texts.iter().map(|text| std::str::from_utf8(&text.bytes).unwrap_or_default())
    }

    /// How many bytes a literal has.
    pub fn len_of(&self, literal: usize) -> usize {
        self.texts[literal].bytes.len()
    }
}

impl Text {
    /// Whether it stands here.
    #[inline]
    pub(super) fn stands(&self, text: &[u8], start: usize) -> bool {
        let end = start + self.bytes.len();
        let Some(found) = text.get(start..end) else { return false };
        // The first byte differs nearly always, so nothing is called that is made for long texts.
        let mut pairs = found.iter().zip(&self.bytes);
        let is_equal = if self.is_spelled {
            pairs.all(|(found, wanted)| found == wanted)
        } else {
            pairs.all(|(found, wanted)| found.eq_ignore_ascii_case(wanted))
        };
        is_equal && self.after.is_none_or(|set| text.get(end).is_some_and(|&byte| set.has(byte)))
    }
}

/// What stands for a literal in the table: four bytes for each of the two places that one of them is looked up at.
fn members(literal: u16, text: &Text, mut take: impl FnMut(Member)) {
    let member = |bytes: [u8; 4], offset: usize| Member {
        bytes: u32::from_le_bytes(bytes) & FOLD,
        literal,
        offset: offset as u16,
    };
    let after = folded().filter(|&any| text.after.is_none_or(|set| has_folded(set, any)));
    match *text.bytes {
        [a, b, c] => {
            after.map(|any| member([a, b, c, any], 1)).for_each(&mut take);
            folded().map(|any| member([any, a, b, c], 0)).for_each(take);
        }
        [a, b, c, d] => {
            after.map(|any| member([b, c, d, any], 2)).for_each(&mut take);
            take(member([a, b, c, d], 1));
        }
        ref bytes => {
            let fours = bytes.windows(4).enumerate().skip(rarest(bytes)).take(2);
            fours.map(|(at, four)| member([four[0], four[1], four[2], four[3]], at + 1)).for_each(take);
        }
    }
}

/// Where in a literal of five bytes and more the five stand that are rarest in source code.
fn rarest(text: &[u8]) -> usize {
    let rarity = |four: &[u8]| rarity::rarity([four[0], four[1], four[2], four[3]]);
    // Four of the five are looked for, one way or the other.
    let mut rarities = text.windows(4).map(rarity);
    let Some(mut before) = rarities.next() else { return 0 };
    let fives = rarities.map(|behind| {
        let pair = (before.min(behind), before.max(behind));
        before = behind;
        pair
    });
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

/// Four bytes from here on as a number; behind the text there is nothing.
#[inline]
fn four(text: &[u8], place: usize) -> u32 {
    let here = &text[place.min(text.len())..];
    let four = here.first_chunk().copied().unwrap_or_else(|| {
        let mut four = [0; 4];
        four[..here.len()].copy_from_slice(here);
        four
    });
    u32::from_le_bytes(four)
}

#[cfg(test)]
mod tests {
    use aho_corasick::AhoCorasick;

    use super::*;
    use crate::source::levels;

    fn check(literals: &[&str], text: &[u8]) {
        let all: Vec<Literal> = literals
            .iter()
            .map(|text| Literal { text, is_spelled: false, after: None, begins_word: false })
            .collect();
        let reference = AhoCorasick::builder().ascii_case_insensitive(true).build(literals).expect("builds");
        let mut expected: Vec<(usize, usize)> =
            reference.find_overlapping_iter(text).map(|m| (m.start(), m.pattern().as_usize())).collect();
        expected.sort_unstable();
        for level in levels() {
            let mut found = Vec::new();
            let set = Literals::by(level, &all).expect("long enough");
            set.find(text, |literal, start| found.push((start, literal)));
            found.sort_unstable();
            assert_eq!(found, expected, "{level:?} {:?}", String::from_utf8_lossy(text));
        }
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
    fn in_texts_that_take_more_than_one_go() {
        let literals = ["abc", "bcda", "cab", "xyzzy", "plugh-plover"];
        let whole = "..xyzzy..abcdab-PLUGH-plover".repeat(400);
        for len in (2000..2300).chain(6100..6200) {
            check(&literals, &whole.as_bytes()[..len]);
        }
    }

    #[test]
    fn short_literals_are_refused() {
        assert!(
            Literals::new(&[Literal { text: "ab", is_spelled: false, after: None, begins_word: false }])
                .is_none()
        );
        assert!(Literals::new(&[]).is_some());
    }

    #[test]
    fn what_must_be_spelled_is_found_as_it_is_spelled() {
        let set = Literals::new(&[
            Literal { text: "Abc", is_spelled: true, after: None, begins_word: false },
            Literal { text: "AbCdEfg", is_spelled: true, after: None, begins_word: false },
        ])
        .expect("long enough");
        let mut found = Vec::new();
        let text = b"abc Abc ABCDEFG AbCdEfg";
        set.find(text, |literal, start| found.push((literal, start)));
        assert_eq!(found, [(0, 4), (1, 16)]);
    }

    #[test]
    fn a_hint_leaves_nothing_out_that_fits_it() {
        let digits = ByteSet(0x03ff_0000_0000_0000);
        for (text, after) in [("abc", Some(digits)), ("abcd", Some(digits)), ("abcde", Some(digits))] {
            let set = Literals::new(&[Literal { text, is_spelled: false, after, begins_word: false }])
                .expect("long enough");
            for before in 0..30 {
                let whole = format!("{}{text}7{}", "x".repeat(before), "y".repeat(30 - before));
                let mut found = Vec::new();
                set.find(whole.as_bytes(), |_, start| found.push(start));
                assert_eq!(found, [before]);
            }
        }
    }
}
