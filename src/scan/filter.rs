//! Passes over the places of a text where no literal can stand, which are nearly all.
//!
//! At every second place the four bytes that stand there are looked up in a table of bits. Hashes are made for as many
//! places at once as the processor takes; then each is looked up by two loads, whatever comes of it; then the bits are
//! tested for many places at once again. No step asks what came of another place, so nothing is foreseen wrongly. What
//! passes, some two places of a hundred, is held against a second table, by one byte more.

// What is not inlined is compiled for the least of all processors.
#![allow(clippy::inline_always)]

use fearless_simd::{Level, Simd, dispatch, prelude::*, u8x32, u16x16, u32x8};

use super::buckets::Member;

/// So many bytes are looked at in one go.
pub(super) const CHUNK: usize = 2048;
/// So many bytes must follow: eight are loaded at the last place.
pub(super) const BEHIND: usize = 8;
/// The bytes of a go are a multiple of it.
pub(super) const BLOCK: usize = 128;
const PLACES: usize = CHUNK / 2;
/// Bits in the table, as a power of two. A byte of it is told by sixteen bits, and a bit of that by three.
const BITS: u32 = 16 + 3;
/// Bits in the second table.
const SECOND_BITS: u32 = 17;
/// So many places are noted whether or not there are as many.
const NOTED: usize = 4;

/// Takes the case off each byte, and the bit that ASCII has not, so that there are fewer bytes that anything may be.
/// Some other characters fall together too; comparing tells them apart.
pub(super) const FOLD: u32 = 0x5f5f_5f5f;
/// The same of five bytes.
const FIVE: u64 = 0x5f_5f5f_5f5f;
/// Of three.
const THREE: u64 = 0x5f_5f5f;

/// Bytes that stand in literals, and by accident others.
#[derive(Debug)]
pub(super) struct Filter {
    level: Level,
    /// Four bytes that stand at an even place; of a fixed length, so that a look-up needs no check of bounds.
    first: Box<[u8; 1 << (BITS - 3)]>,
    /// What stands there in more detail.
    second: Box<[u64; 1 << (SECOND_BITS - 6)]>,
}

/// What is noted on the way.
pub(super) struct Notes {
    bytes: [u16; PLACES],
    bits: [u8; PLACES],
    places: [u16; PLACES + NOTED],
}

impl Notes {
    pub(super) fn new() -> Self {
        Self { bytes: [0; PLACES], bits: [0; PLACES], places: [0; PLACES + NOTED] }
    }
}

impl Filter {
    /// Takes what stands for literals, with the literal.
    pub(super) fn new<'a>(level: Level, members: impl Iterator<Item = (Member, &'a [u8])>) -> Option<Self> {
        let mut first: Box<[u8; 1 << (BITS - 3)]> =
            vec![0; 1 << (BITS - 3)].into_boxed_slice().try_into().ok()?;
        let mut second: Box<[u64; 1 << (SECOND_BITS - 6)]> =
            vec![0; 1 << (SECOND_BITS - 6)].into_boxed_slice().try_into().ok()?;
        for (member, text) in members {
            let bit = hash(member.bytes) >> (32 - BITS);
            first[(bit >> 3) as usize] |= 1 << (bit & 7);
            let bit = second_bit(known(member, text));
            second[bit >> 6] |= 1 << (bit & 63);
        }
        Some(Self { level, first, second })
    }

    /// The even places where a literal may stand, in order. The text is so many blocks and the bytes behind.
    pub(super) fn places<'n>(&self, text: &[u8], notes: &'n mut Notes) -> &'n [u16] {
        let level = self.level;
        let count = dispatch!(level, simd => self.find(simd, text, notes));
        &notes.places[..count]
    }

    #[inline(always)]
    fn find<S: Simd>(&self, simd: S, text: &[u8], notes: &mut Notes) -> usize {
        let count = hash_all(simd, text, notes);
        let mut passed = 0;
        let (bytes, bits) = (notes.bytes[..count].as_chunks().0, notes.bits[..count].as_chunks().0);
        for (block, (bytes, bits)) in bytes.iter().zip(bits).enumerate() {
            let mut set = self.set_bits(simd, bytes, bits);
            let to = passed + set.count_ones() as usize;
            loop {
                for place in &mut notes.places[passed..passed + NOTED] {
                    *place = (block * BLOCK) as u16 + 2 * set.trailing_zeros() as u16;
                    set &= set.wrapping_sub(1);
                }
                passed += NOTED;
                if passed >= to {
                    break;
                }
            }
            passed = to;
        }
        let mut kept = 0;
        for at in 0..passed {
            let place = usize::from(notes.places[at]);
            let mut here = [0; BEHIND];
            here.copy_from_slice(&text[place..place + BEHIND]);
            let here = u64::from_le_bytes(here);
            notes.places[kept] = place as u16;
            let more = self.has_second(here & FIVE) | self.has_second(here & u64::from(FOLD));
            let three = self.has_second(here & THREE) | self.has_second(here >> 8 & THREE);
            kept += usize::from(more | three);
        }
        kept
    }

    /// Which of 64 places have their bit in the table.
    #[inline(always)]
    fn set_bits<S: Simd>(&self, simd: S, bytes: &[u16; 64], bits: &[u8; 64]) -> u64 {
        let (bytes, bits) = (bytes.as_chunks().0, bits.as_chunks().0);
        self.set_half(simd, &bytes[0], &bits[0]) | self.set_half(simd, &bytes[1], &bits[1]) << 32
    }

    #[inline(always)]
    fn set_half<S: Simd>(&self, simd: S, bytes: &[u16; 32], bits: &[u8; 32]) -> u64 {
        let looked_up: [u8; 32] = std::array::from_fn(|at| self.first[usize::from(bytes[at])]);
        let set = u8x32::simd_from(simd, looked_up) & u8x32::simd_from(simd, *bits);
        !set.simd_eq(u8x32::splat(simd, 0)).to_bitmask() & 0xffff_ffff
    }

    #[inline(always)]
    fn has_second(&self, known: u64) -> bool {
        let bit = second_bit(known);
        self.second[bit >> 6] >> (bit & 63) & 1 != 0
    }
}

/// Notes for each even place which bit is asked for. Gives back how many there are.
#[inline(always)]
fn hash_all<S: Simd>(simd: S, text: &[u8], notes: &mut Notes) -> usize {
    // The bytes at every second even place, and those two further.
    let here = text[..text.len() - BEHIND].as_chunks::<64>().0;
    let further = text[2..].as_chunks::<64>().0;
    let one = u8x32::simd_from(simd, std::array::from_fn::<u8, 32, _>(|at| 1 << (at % 8)));
    let noted = notes.bytes.as_chunks_mut::<32>().0.iter_mut().zip(notes.bits.as_chunks_mut::<32>().0);
    for ((here, further), (bytes, bits)) in here.iter().zip(further).zip(noted) {
        let (here, further) = (here.as_chunks::<32>().0, further.as_chunks::<32>().0);
        let (low, low_bits) = hash_some(simd, &here[0], &further[0]);
        let (high, high_bits) = hash_some(simd, &here[1], &further[1]);
        let (to_low, to_high) = bytes.split_at_mut(16);
        low.store_slice(to_low);
        high.store_slice(to_high);
        one.swizzle_dyn_within_blocks(low_bits.narrow(high_bits)).store_slice(bits);
    }
    here.len() * 32
}

/// Of sixteen places, half of which stand in each of these: which byte of the table, and which bit of it.
#[inline(always)]
fn hash_some<S: Simd>(simd: S, here: &[u8; 32], further: &[u8; 32]) -> (u16x16<S>, u16x16<S>) {
    let fold = u32x8::splat(simd, FOLD);
    let here: u32x8<S> = u8x32::simd_from(simd, *here).bitcast();
    let further: u32x8<S> = u8x32::simd_from(simd, *further).bitcast();
    let (here, further) = ((here & fold) * FACTOR, (further & fold) * FACTOR);
    let bytes = here >> 16 | further & 0xffff_0000;
    let bits = here >> (32 - BITS) & 7 | (further >> (32 - BITS) & 7) << 16;
    (bytes.bitcast(), bits.bitcast())
}

/// Fibonacci hashing: the upper bits of a product with the golden ratio.
const FACTOR: u32 = 0x9E37_79B1;

fn hash(four: u32) -> u32 {
    four.wrapping_mul(FACTOR)
}

/// Which bit of the second table.
#[inline(always)]
fn second_bit(known: u64) -> usize {
    (known.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (64 - SECOND_BITS)) as usize
}

/// What is known of the bytes at the place where a literal is looked up: the five from there on; of a literal that ends
/// before them four or three, which may begin one byte further.
fn known(member: Member, text: &[u8]) -> u64 {
    let from = usize::from(member.offset).saturating_sub(1);
    text[from..text.len().min(from + 5)]
        .iter()
        .rev()
        .fold(0, |known, byte| known << 8 | u64::from(byte & FOLD as u8))
}
