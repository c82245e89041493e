//! Base64, as far as keys and tokens need it.

/// Decodes base64 of either alphabet. Padding and whatever stands behind it is left out; `None` if another
/// byte stands in it, or it breaks off within a byte.
pub(super) fn base64(text: &[u8]) -> Option<Vec<u8>> {
    let text = text.split(|&byte| byte == b'=').next().unwrap_or_default();
    let mut decoded = Vec::with_capacity(text.len() / 4 * 3 + 3);
    let (mut bits, mut count) = (0u32, 0);
    for &byte in text {
        bits = bits << 6 | u32::from(digit(byte)?);
        count += 6;
        if count >= 8 {
            count -= 8;
            decoded.push((bits >> count) as u8);
            bits &= (1 << count) - 1;
        }
    }
    (count < 6).then_some(decoded)
}

fn digit(byte: u8) -> Option<u8> {
    Some(match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' | b'-' => 62,
        b'/' | b'_' => 63,
        _ => return None,
    })
}

/// The tag and content of the first ASN.1 element (DER), and what follows it. Nothing is understood that
/// a private key does not use: no long tags, no open lengths.
pub(super) fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = der.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (len, rest) = if first < 0x80 {
        (usize::from(first), rest)
    } else {
        let bytes = usize::from(first & 0x7f);
        if bytes == 0 || bytes > 3 {
            return None;
        }
        let (len, rest) = rest.split_at_checked(bytes)?;
        (len.iter().fold(0, |sum, &byte| sum << 8 | usize::from(byte)), rest)
    };
    let (content, rest) = rest.split_at_checked(len)?;
    Some((tag, content, rest))
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
            assert_eq!(base64(text.as_bytes()).as_deref(), expect, "{text}");
        }
    }

    #[test]
    fn elements_stay_inside() {
        assert_eq!(element(b"\x02\x01\x05rest"), Some((2, &b"\x05"[..], &b"rest"[..])));
        assert_eq!(element(b"\x04\x81\x02ab"), Some((4, &b"ab"[..], &b""[..])));
        for broken in
            [&b""[..], b"\x30", b"\x30\x05a", b"\x30\x80", b"\x30\x84\x7f\xff\xff\xff", b"\x30\x82\xff"]
        {
            assert_eq!(element(broken), None);
        }
    }
}
