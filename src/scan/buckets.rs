use super::literals::Text;

/// Buckets of literals by their bytes, as a power of two.
const BUCKET_BITS: u32 = 13;

/// A literal, and where in it the bytes stand that it is found by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Member {
    /// The bytes as they are looked up.
    pub(super) bytes: u32,
    /// Its name.
    pub(super) literal: u16,
    /// The bytes begin so many bytes behind the one before the literal.
    pub(super) offset: u16,
}

/// Literals by a hash of some of their bytes.
#[derive(Debug)]
pub(super) struct Buckets {
    /// Where each bucket begins in `members`; one more at the end.
    starts: Box<[u32; (1 << BUCKET_BITS) + 1]>,
    members: Vec<Member>,
}

impl Buckets {
    pub(super) fn new(mut members: Vec<Member>) -> Option<Self> {
        members.sort_unstable_by_key(|member| (bucket(member.bytes), *member));
        members.dedup();
        let mut starts: Box<[u32; (1 << BUCKET_BITS) + 1]> =
            vec![0; (1 << BUCKET_BITS) + 1].into_boxed_slice().try_into().ok()?;
        for member in &members {
            starts[bucket(member.bytes) + 1] += 1;
        }
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        Some(Self { starts, members })
    }

    /// All of them.
    pub(super) fn members(&self) -> &[Member] {
        &self.members
    }

    /// Calls `hit` with the literals that stand around these bytes, and with where they begin.
    #[inline]
    pub(super) fn compare(
        &self,
        texts: &[Text],
        text: &[u8],
        bytes: u32,
        place: usize,
        hit: &mut impl FnMut(usize, usize),
    ) {
        let at = bucket(bytes);
        for member in &self.members[self.starts[at] as usize..self.starts[at + 1] as usize] {
            let literal = usize::from(member.literal);
            if member.bytes == bytes
                && let Some(start) = (place + 1).checked_sub(usize::from(member.offset))
                && texts[literal].stands(text, start)
            {
                hit(literal, start);
            }
        }
    }
}

/// Fibonacci hashing: the upper bits of a product with the golden ratio.
#[inline]
fn bucket(bytes: u32) -> usize {
    (bytes.wrapping_mul(0x9E37_79B1) >> (32 - BUCKET_BITS)) as usize
}
