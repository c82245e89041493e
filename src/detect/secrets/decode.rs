//! Base64 and ASN.1, as far as keys and tokens need them.

pub(super) use crate::model::codec::from_base64 as base64;

/// The text in a value of base64, of any length: what Kubernetes, Docker and npm write. `None` if it decodes to
/// anything but printable text.
pub(super) fn base64_text(value: &[u8]) -> Option<Vec<u8>> {
    let is_printable = |byte: &u8| byte.is_ascii_graphic() || byte.is_ascii_whitespace() || !byte.is_ascii();
    let text = base64(value)?;
    (!text.is_empty() && text.iter().all(is_printable) && std::str::from_utf8(&text).is_ok()).then_some(text)
}

/// The user and the password in base64 of `user:password` (RFC 7617), which is also how Docker and npm keep them.
pub(super) fn user_and_password(value: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    let text = base64_text(value)?;
    let colon = memchr::memchr(b':', &text)?;
    let (user, password) = (&text[..colon], text[colon + 1..].trim_ascii_end());
    (!user.is_empty() && !password.is_empty()).then(|| (user.to_vec(), password.to_vec()))
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
    fn short_values_hold_text() {
        assert_eq!(base64_text(b"cHc=").as_deref(), Some(&b"pw"[..]));
        assert_eq!(base64_text(b"cHcK").as_deref(), Some(&b"pw\n"[..]));
        for none in [&b""[..], b"AAAA", b"_w==", b"${X}"] {
            assert_eq!(base64_text(none), None);
        }
        assert_eq!(user_and_password(b"dTpwOnc="), Some((b"u".to_vec(), b"p:w".to_vec())));
        for none in [&b"cHc="[..], b"OnA=", b"dTo="] {
            assert_eq!(user_and_password(none), None);
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
