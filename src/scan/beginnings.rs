use super::buckets::{Buckets, Member};
use super::literals::Text;

/// Bits in the table of beginnings, as a power of two: it is small, and few of them are set.
const BITS: u32 = 14;

/// Literals that are asked for only where a long run of the bytes of words begins: the prefixes of tokens. There are
/// few such places, so what stands there is simply looked up, first in a table of bits.
#[derive(Debug)]
pub(super) struct Beginnings {
    bits: Box<[u64; 1 << (BITS - 6)]>,
    by_three: Buckets,
}

impl Beginnings {
    /// Takes literals of at least three bytes, by their names.
    pub(super) fn new(texts: &[Text], names: impl Iterator<Item = u16>) -> Option<Self> {
        let member = |literal: u16| match *texts[usize::from(literal)].bytes {
            [a, b, c, ..] => Some(Member { bytes: u32::from_le_bytes([a, b, c, 0]), literal, offset: 1 }),
            _ => None,
        };
        let by_three = Buckets::new(names.filter_map(member).collect())?;
        let mut bits = Box::new([0; 1 << (BITS - 6)]);
        for member in by_three.members() {
            let bit = bit(member.bytes);
            bits[bit >> 6] |= 1 << (bit & 63);
        }
        Some(Self { bits, by_three })
    }

    /// Calls `hit` with the literals that begin at this place.
    #[inline]
    pub(super) fn find(&self, texts: &[Text], text: &[u8], place: usize, hit: &mut impl FnMut(usize, usize)) {
        if let Some(&[a, b, c]) = text.get(place..).and_then(<[u8]>::first_chunk) {
            let three = u32::from_le_bytes([a, b, c, 0]);
            let bit = bit(three);
            if self.bits[bit >> 6] >> (bit & 63) & 1 != 0 {
                self.by_three.compare(texts, text, three, place, hit);
            }
        }
    }
}

/// Fibonacci hashing, as in the buckets.
#[inline]
fn bit(three: u32) -> usize {
    (three.wrapping_mul(0x9E37_79B1) >> (32 - BITS)) as usize
}
