//! The alphabets that bytes are written in: base64, base32, base 58, and the way back.

/// The digits of base64 (RFC 4648, 4).
const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
/// The digits of base64url (RFC 4648, 5).
const BASE64URL: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
/// The digits of base32 (RFC 4648, 6).
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
/// The digits of base 58 (<https://en.bitcoin.it/wiki/Base58Check_encoding>).
const BASE58: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
/// Base 58 takes quadratic time; nothing that uses it is longer.
const LONGEST_BASE58: usize = 256;

/// Decodes base64 of either alphabet. Padding and whatever stands behind it is left out; `None` if another
/// byte stands in it, or it breaks off within a byte.
pub fn from_base64(text: &[u8]) -> Option<Vec<u8>> {
    let text = text.split(|&byte| byte == b'=').next().unwrap_or_default();
    let mut decoded = Vec::with_capacity(text.len() / 4 * 3 + 3);
    let (mut bits, mut count) = (0u32, 0);
    for &byte in text {
        bits = bits << 6 | u32::from(base64_digit(byte)?);
        count += 6;
        if count >= 8 {
            count -= 8;
            decoded.push((bits >> count) as u8);
            bits &= (1 << count) - 1;
        }
    }
    (count < 6).then_some(decoded)
}

/// Base64 without padding.
pub fn to_base64(bytes: &[u8]) -> Vec<u8> {
    spread(bytes, 6, BASE64)
}

/// Base64url without padding.
pub fn to_base64url(bytes: &[u8]) -> Vec<u8> {
    spread(bytes, 6, BASE64URL)
}

/// Decodes base32 without padding; bits that are left over are dropped.
pub fn from_base32(text: &[u8]) -> Option<Vec<u8>> {
    let mut decoded = Vec::with_capacity(text.len() * 5 / 8);
    let (mut bits, mut count) = (0u32, 0);
    for byte in text {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'2'..=b'7' => byte - b'2' + 26,
            _ => return None,
        };
        bits = bits << 5 | u32::from(value);
        count += 5;
        if count >= 8 {
            count -= 8;
            decoded.push((bits >> count) as u8);
            bits &= (1 << count) - 1;
        }
    }
    Some(decoded)
}

/// Base32 without padding.
pub fn to_base32(bytes: &[u8]) -> Vec<u8> {
    spread(bytes, 5, BASE32)
}

/// Decodes base 58; leading ones are leading zeros.
pub fn from_base58(text: &[u8]) -> Option<Vec<u8>> {
    if text.len() > LONGEST_BASE58 {
        return None;
    }
    let zeros = text.iter().take_while(|&&byte| byte == b'1').count();
    let mut number = Vec::new();
    for byte in text {
        let digit = BASE58.iter().position(|known| known == byte)?;
        carry(&mut number, 58, digit, 256);
    }
    number.resize(number.len() + zeros, 0);
    number.reverse();
    Some(number)
}

/// Base 58; leading zeros are leading ones.
pub fn to_base58(bytes: &[u8]) -> Vec<u8> {
    let bytes = &bytes[..bytes.len().min(LONGEST_BASE58)];
    let zeros = bytes.iter().take_while(|&&byte| byte == 0).count();
    let mut number = Vec::new();
    for &byte in bytes {
        carry(&mut number, 256, usize::from(byte), 58);
    }
    number.resize(number.len() + zeros, 0);
    number.iter().rev().map(|&digit| BASE58[usize::from(digit) % 58]).collect()
}

/// Multiplies a number of digits in `base`, least first, and adds to it.
fn carry(number: &mut Vec<u8>, times: usize, plus: usize, base: usize) {
    let mut carry = plus;
    for digit in number.iter_mut() {
        carry += usize::from(*digit) * times;
        *digit = (carry % base) as u8;
        carry /= base;
    }
    while carry > 0 {
        number.push((carry % base) as u8);
        carry /= base;
    }
}

/// The value of a digit of base64 of either alphabet.
pub fn base64_digit(byte: u8) -> Option<u8> {
    Some(match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' | b'-' => 62,
        b'/' | b'_' => 63,
        _ => return None,
    })
}

/// Writes bytes as digits of so many bits each; the last digit is filled with zeros.
fn spread(bytes: &[u8], width: u32, digits: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(bytes.len() * 8 / width as usize + 1);
    let (mut bits, mut count) = (0u32, 0);
    for &byte in bytes {
        bits = bits << 8 | u32::from(byte);
        count += 8;
        while count >= width {
            count -= width;
            text.push(digits[(bits >> count) as usize % digits.len()]);
            bits &= (1 << count) - 1;
        }
    }
    if count > 0 {
        text.push(digits[(bits << (width - count)) as usize % digits.len()]);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_of_both_alphabets() {
        for (text, expect) in [
            ("", Some(&b""[..])),
            ("Zg==", Some(b"f")),
            ("Zm9vYmFy", Some(b"foobar")),
            ("-_-_", Some(b"\xfb\xff\xbf")),
            ("+/+/", Some(b"\xfb\xff\xbf")),
            ("Z", None),
            ("Z!9v", None),
        ] {
            assert_eq!(from_base64(text.as_bytes()).as_deref(), expect, "{text}");
        }
    }

    #[test]
    fn what_is_written_is_read() {
        // RFC 4648, 10, and the draft of base 58 (draft-msporny-base58, "Test vectors").
        assert_eq!(to_base64(b"fooba"), b"Zm9vYmE");
        assert_eq!(to_base32(b"foobar"), b"MZXW6YTBOI");
        assert_eq!(to_base58(b"Hello World!"), b"2NEpo7TZRRrLZSi2U");
        assert_eq!(to_base58(&[0, 0, 0x28, 0x7f, 0xb4, 0xcd]), b"11233QC4");
        for len in 0..40u8 {
            let bytes: Vec<u8> = (0..len).map(|at| at.wrapping_mul(0x3d) ^ len).collect();
            assert_eq!(from_base64(&to_base64(&bytes)).as_ref(), Some(&bytes));
            assert_eq!(from_base64(&to_base64url(&bytes)).as_ref(), Some(&bytes));
            assert_eq!(from_base32(&to_base32(&bytes)).as_ref(), Some(&bytes));
            assert_eq!(from_base58(&to_base58(&bytes)).as_ref(), Some(&bytes));
        }
    }
}
