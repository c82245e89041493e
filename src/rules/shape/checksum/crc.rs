//! Cyclic redundancy checks, and the ways vendors append them to their tokens.

use crate::model::codec;

/// The digits of GitHub's and npm's base 62.
pub(super) const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// The digits of the base 62 that the Rust registry's trusted publishing uses.
const BASE62_LETTERS_FIRST: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const BASE36: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";

/// CRC-32 as in zip and PNG (ISO 3309, reflected polynomial `0xEDB88320`). Bit by bit: tokens are short.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc: u32, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| (crc >> 1) ^ (0xEDB8_8320 & (crc & 1).wrapping_neg()))
    })
}

/// CRC-16/XMODEM (polynomial `0x1021`, nothing reflected, from zero).
fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |crc: u16, &byte| {
        (0..8).fold(crc ^ u16::from(byte) << 8, |crc, _| (crc << 1) ^ (0x1021 & (crc >> 15).wrapping_neg()))
    })
}

/// Six digits of base 62 over the body.
pub(super) fn seal_base62(token: &mut [u8], prefix: usize) -> bool {
    let Some((body, check)) = split(token, 6, prefix) else { return false };
    write_number(check, crc32(&body[prefix..]), BASE62);
    true
}

/// Eight hex digits of upper case over everything before.
pub(super) fn seal_hex_upper(token: &mut [u8], prefix: usize) -> bool {
    let Some((signed, check)) = split(token, 8, prefix) else { return false };
    write_number(check, crc32(signed), b"0123456789ABCDEF");
    true
}

/// Eight hex digits, least byte first, over everything before the `_` before them.
pub(super) fn seal_hex_grafana(token: &mut [u8], prefix: usize) -> bool {
    let Some((signed, check)) = split(token, 8, prefix) else { return false };
    let Some((b'_', signed)) = signed.split_last() else { return false };
    write_number(check, crc32(signed).swap_bytes(), b"0123456789abcdef");
    true
}

/// Eight hex digits over the body, which may end with a `_` that does not count.
pub(super) fn seal_hex(token: &mut [u8], prefix: usize) -> bool {
    let Some((body, check)) = split(token, 8, prefix) else { return false };
    let body = &body[prefix..];
    write_number(check, crc32(body.strip_suffix(b"_").unwrap_or(body)), b"0123456789abcdef");
    true
}

/// Six digits of base64 over the body, least byte first.
pub(super) fn seal_confluent(token: &mut [u8], prefix: usize) -> bool {
    let Some((body, check)) = split(token, 6, prefix) else { return false };
    check.copy_from_slice(&codec::to_base64(&crc32(&body[prefix..]).to_le_bytes()));
    true
}

/// Nine digits of base 36: two say how long the part before the first dot is, seven are the check of
/// everything before them.
pub(super) fn seal_gitlab(token: &mut [u8], prefix: usize) -> bool {
    let Some((signed, check)) = split(token, 7, prefix) else { return false };
    let payload = signed[prefix..].iter().position(|&byte| byte == b'.');
    let (Some(payload), Some((_, length))) = (payload, signed.split_last_chunk_mut::<2>()) else {
        return false;
    };
    write_number(length, payload as u32, BASE36);
    write_number(check, crc32(signed), BASE36);
    true
}

/// The check alone. How long the payload is depends on where the prefix ends, which differs by kind.
pub(super) fn holds_gitlab(token: &[u8]) -> bool {
    let Some((signed, check)) = token.split_last_chunk::<7>() else { return false };
    let mut written = [0; 7];
    write_number(&mut written, crc32(signed), BASE36);
    written == *check
}

/// One digit: the exclusive or of the body modulo 62.
pub(super) fn seal_xor(token: &mut [u8], prefix: usize) -> bool {
    let Some((body, check)) = split(token, 1, prefix) else { return false };
    let sum = body[prefix..].iter().fold(0, |sum, byte| sum ^ byte);
    check.fill(BASE62_LETTERS_FIRST[usize::from(sum) % 62]);
    true
}

/// Base32 of a version, the key and the CRC-16 of both, least byte first: Stellar's 35 bytes, NATS' 36.
pub(super) fn seal_crc16(token: &mut [u8]) -> bool {
    let Some(mut bytes) = codec::from_base32(token) else { return false };
    let Some((signed, check)) = bytes.split_last_chunk_mut::<2>() else { return false };
    *check = crc16(signed).to_le_bytes();
    let sealed = codec::to_base32(&bytes);
    let fits = sealed.len() == token.len();
    if fits {
        token.copy_from_slice(&sealed);
    }
    fits
}

/// What is signed and the checksum's place, if there is a body between the prefix and it.
fn split(token: &mut [u8], check: usize, prefix: usize) -> Option<(&mut [u8], &mut [u8])> {
    let body = token.len().checked_sub(check).filter(|&body| body > prefix)?;
    Some(token.split_at_mut(body))
}

/// Writes a number with as many digits as there is room for.
fn write_number(into: &mut [u8], mut number: u32, digits: &[u8]) {
    let base = digits.len() as u32;
    for place in into.iter_mut().rev() {
        *place = digits[(number % base) as usize];
        number /= base;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_give_the_check_values_of_their_catalogue() {
        // <https://reveng.sourceforge.io/crc-catalogue/all.htm>
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
        assert_eq!(crc16(b"123456789"), 0x31C3);
    }

    #[test]
    fn crc16_agrees_with_a_published_key() {
        // SEP-23, the first valid strkey: a public key, sealed the same way as a seed.
        let key = b"GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ";
        let mut sealed = *key;
        sealed[53..].fill(b'A');
        assert!(seal_crc16(&mut sealed));
        assert_eq!(sealed, *key);
    }
}
