/// Decodes base64 of either alphabet (RFC 4648). Padding and whatever stands behind it is left out; `None` if
/// another byte stands in it, or it breaks off within a byte.
pub fn base64(text: &[u8]) -> Option<Vec<u8>> {
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

/// The value of a digit of either alphabet.
pub(super) fn digit(byte: u8) -> Option<u8> {
    Some(match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' | b'-' => 62,
        b'/' | b'_' => 63,
        _ => return None,
    })
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
}
