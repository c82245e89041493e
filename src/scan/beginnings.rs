use super::buckets::{Buckets, Member};
use super::literals::Text;

/// Literals that are asked for only where a long run of the bytes of words begins: the prefixes of tokens. There are
/// few such places, so what stands there is simply looked up.
#[derive(Debug)]
pub(super) struct Beginnings(Buckets);

impl Beginnings {
    /// Takes literals of at least three bytes, by their names.
    pub(super) fn new(texts: &[Text], names: impl Iterator<Item = u16>) -> Option<Self> {
        let member = |literal: u16| match *texts[usize::from(literal)].bytes {
            [a, b, c, ..] => Some(Member { bytes: u32::from_le_bytes([a, b, c, 0]), literal, offset: 1 }),
            _ => None,
        };
        Some(Self(Buckets::new(names.filter_map(member).collect())?))
    }

    /// Calls `hit` with the literals that begin at this place.
    #[inline]
    pub(super) fn find(&self, texts: &[Text], text: &[u8], place: usize, hit: &mut impl FnMut(usize, usize)) {
        if let Some(&[a, b, c]) = text.get(place..).and_then(<[u8]>::first_chunk) {
            self.0.compare(texts, text, u32::from_le_bytes([a, b, c, 0]), place, hit);
        }
    }
}
