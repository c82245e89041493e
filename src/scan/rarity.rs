//! How rare four bytes are in source code.

use crate::detect::randomness;

/// So many of the commonest are known one by one.
pub const COMMON: usize = 2048;
const ENTRY: usize = 5;

/// The commonest four bytes in their order, lower case, and behind each how many eighths of a bit it is worth.
/// `examples/count_fours` makes it.
static TABLE: &[u8; COMMON * ENTRY] = include_bytes!("fours.bin");

fn entries() -> &'static [[u8; ENTRY]] {
    TABLE.as_chunks::<ENTRY>().0
}

/// How rare they are, their case ignored: more is rarer. What is not among the commonest is rarer than all of those,
/// and told apart by its characters.
pub(super) fn rarity(four: [u8; 4]) -> u32 {
    let four = four.map(|byte| byte.to_ascii_lowercase());
    let entries = entries();
    match entries.binary_search_by(|entry| entry[..4].cmp(&four)) {
        Ok(at) => u32::from(entries[at][4]),
        Err(_) => u32::from(u8::MAX) + randomness::surprise(&four),
    }
}
