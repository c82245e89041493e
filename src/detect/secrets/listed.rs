//! Lists of texts that values are held against at every hit. Nearly every value is none of them, and is told so by
//! a look at a table that is made when the program is built, before anything is compared.

/// Bits of a table that is asked about two bytes, as a power of two.
const PAIR_BITS: u32 = 10;
/// Longer texts share one bit.
const LONGEST: usize = 31;

/// Which two bytes some texts begin with.
pub(super) struct FirstTwo([u64; 1 << (PAIR_BITS - 6)]);

impl FirstTwo {
    /// Of no text.
    pub(super) const fn none() -> Self {
        Self([0; 1 << (PAIR_BITS - 6)])
    }

    /// Also those of this text, which has two bytes or more.
    pub(super) const fn and(mut self, text: &[u8]) -> Self {
        let (word, bit) = place_of(text[0], text[1]);
        self.0[word] |= bit;
        self
    }

    /// Whether a value may begin with one of the texts.
    pub(super) fn may_begin(&self, value: &[u8]) -> bool {
        let &[first, second, ..] = value else { return false };
        let (word, bit) = place_of(first, second);
        self.0[word] & bit != 0
    }
}

/// Bits of a table that is asked about the beginning of a text, as a power of two.
const HEAD_BITS: u32 = 12;
/// So many bytes of a text it is asked about, at the most.
const HEAD: usize = 4;

/// Texts that others begin with.
pub(super) struct Beginnings {
    list: &'static [&'static [u8]],
    /// How many bytes the shortest of them has, [`HEAD`] at the most.
    head: usize,
    /// What they begin with.
    heads: [u64; 1 << (HEAD_BITS - 6)],
}

impl Beginnings {
    pub(super) const fn of(list: &'static [&'static [u8]]) -> Self {
        let mut made = Self { list, head: HEAD, heads: [0; 1 << (HEAD_BITS - 6)] };
        let mut at = 0;
        while at < list.len() {
            if list[at].len() < made.head {
                made.head = list[at].len();
            }
            at += 1;
        }
        at = 0;
        while at < list.len() {
            let (mut number, mut byte) = (0, 0);
            while byte < made.head {
                number = number << 8 | list[at][byte] as u32;
                byte += 1;
            }
            let (word, bit) = place_of_head(number);
            made.heads[word] |= bit;
            at += 1;
        }
        made
    }

    /// Whether the value begins with one of them.
    pub(super) fn begin(&self, value: &[u8]) -> bool {
        let Some(head) = value.get(..self.head) else { return false };
        self.begin_by(head.iter().fold(0, |number, &byte| number << 8 | u32::from(byte)), value)
    }

    /// Whether one of them stands in the text.
    pub(super) fn stand_in(&self, text: &[u8]) -> bool {
        let mask = u32::MAX >> (32 - 8 * self.head);
        let mut number = 0;
        text.iter().enumerate().any(|(at, &byte)| {
            number = (number << 8 | u32::from(byte)) & mask;
            at + 1 >= self.head && self.begin_by(number, &text[at + 1 - self.head..])
        })
    }

    /// The same as [`Self::begin`], with what the value begins with as a number.
    #[inline]
    fn begin_by(&self, number: u32, value: &[u8]) -> bool {
        let (word, bit) = place_of_head(number);
        self.heads[word] & bit != 0 && self.list.iter().any(|start| value.starts_with(start))
    }
}

/// Whole texts, in lower case.
pub(super) struct Wholes {
    list: &'static [&'static [u8]],
    /// For each first byte the lengths that there are, as bits.
    lengths: [u32; 256],
}

impl Wholes {
    pub(super) const fn of(list: &'static [&'static [u8]]) -> Self {
        let mut lengths = [0; 256];
        let mut at = 0;
        while at < list.len() {
            lengths[list[at][0] as usize] |= 1 << length_of(list[at]);
            at += 1;
        }
        Self { list, lengths }
    }

    fn may_hold(&self, first: u8, text: &[u8]) -> bool {
        self.lengths[usize::from(first)] >> length_of(text) & 1 != 0
    }

    /// Whether the text is one of them.
    pub(super) fn hold(&self, text: &[u8]) -> bool {
        text.first().is_some_and(|&first| self.may_hold(first, text)) && self.list.contains(&text)
    }

    /// The same, case ignored.
    pub(super) fn hold_in_any_case(&self, text: &[u8]) -> bool {
        text.first().is_some_and(|first| self.may_hold(first.to_ascii_lowercase(), text))
            && self.list.iter().any(|known| known.eq_ignore_ascii_case(text))
    }
}

/// Texts that stand in others, of two bytes or more.
pub(super) struct Parts<const N: usize> {
    list: &'static [&'static [u8]; N],
    /// For each of them the pairs of bytes that it is made of.
    pairs: [u64; N],
}

impl<const N: usize> Parts<N> {
    pub(super) const fn of(list: &'static [&'static [u8]; N]) -> Self {
        let mut pairs = [0; N];
        let mut at = 0;
        while at < N {
            pairs[at] = pairs_of(list[at]);
            at += 1;
        }
        Self { list, pairs }
    }

    /// Whether one of them stands in the text: one whose pairs all stand there is looked for.
    pub(super) fn stand_in(&self, text: &[u8]) -> bool {
        let there = pairs_of(text);
        self.pairs
            .iter()
            .zip(self.list)
            .any(|(&pairs, part)| pairs & !there == 0 && memchr::memmem::find(text, part).is_some())
    }
}

/// Where the bit of two bytes stands in the table of [`FirstTwo`].
const fn place_of(first: u8, second: u8) -> (usize, u64) {
    let place = hash(first, second) >> (32 - PAIR_BITS);
    ((place >> 6) as usize, 1 << (place & 63))
}

/// The same for the table of [`Beginnings`].
#[inline]
const fn place_of_head(number: u32) -> (usize, u64) {
    let place = number.wrapping_mul(GOLDEN) >> (32 - HEAD_BITS);
    ((place >> 6) as usize, 1 << (place & 63))
}

/// All pairs of neighbours in a text, each as one bit of 64.
const fn pairs_of(text: &[u8]) -> u64 {
    let mut pairs = 0;
    let mut at = 1;
    while at < text.len() {
        pairs |= 1 << (hash(text[at - 1], text[at]) >> 26);
        at += 1;
    }
    pairs
}

/// The golden ratio, as a fraction of 32 bits.
const GOLDEN: u32 = 0x9E37_79B1;

/// Fibonacci hashing: the upper bits of a product with the golden ratio.
const fn hash(first: u8, second: u8) -> u32 {
    ((first as u32) << 8 | second as u32).wrapping_mul(GOLDEN)
}

const fn length_of(text: &[u8]) -> u32 {
    if text.len() < LONGEST { text.len() as u32 } else { LONGEST as u32 }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: [&[u8]; 5] = [b"ab", b"abc", b"key", b"a-very-long-text-of-forty-characters-ok!", b"zz"];

    #[test]
    fn tables_leave_nothing_out() {
        let (beginnings, wholes, parts) = (Beginnings::of(&LIST), Wholes::of(&LIST), Parts::of(&LIST));
        for text in LIST {
            assert!(beginnings.begin(text) && wholes.hold(text) && parts.stand_in(text));
            let upper = text.to_ascii_uppercase();
            assert!(!wholes.hold(&upper) && wholes.hold_in_any_case(&upper));
            let longer = [b"x", text, b"x"].concat();
            assert!(parts.stand_in(&longer) && !wholes.hold(&longer) && !beginnings.begin(&longer));
            assert!(
                beginnings.begin(&longer[1..]) && beginnings.stand_in(&longer) && beginnings.stand_in(text)
            );
        }
        for text in [&b""[..], b"a", b"z", b"keq", b"ba", b"xyz"] {
            assert!(!beginnings.begin(text) && !wholes.hold(text) && !parts.stand_in(text));
            assert!(!wholes.hold_in_any_case(text) && !beginnings.stand_in(text));
        }
    }
}
