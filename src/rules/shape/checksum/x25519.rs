//! Keys of X25519 (RFC 7748, 5), in base64: three bits are zero, the highest but one is set.

use crate::model::codec;

/// Whether these are 32 bytes with the bits set that X25519 sets.
pub(super) fn holds(token: &[u8], prefix: usize) -> bool {
    let Some(bytes) = token.get(prefix..).and_then(codec::from_base64) else { return false };
    let [first, .., last] = *bytes else { return false };
    bytes.len() == 32 && first.trailing_zeros() >= 3 && last & 0xC0 == 0x40
}

/// Sets those bits.
pub(super) fn seal(token: &mut [u8], prefix: usize) -> bool {
    let Some(body) = token.get_mut(prefix..) else { return false };
    let Some(mut bytes) = codec::from_base64(body) else { return false };
    let [first, .., last] = &mut *bytes else { return false };
    *first &= !7;
    *last = *last & 0x3F | 0x40;
    let sealed = codec::to_base64(&bytes);
    let fits = bytes.len() == 32 && body.len() >= sealed.len();
    if fits {
        body[..sealed.len()].copy_from_slice(&sealed);
    }
    fits
}
