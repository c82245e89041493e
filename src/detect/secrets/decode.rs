//! Base64 and ASN.1, as far as keys and tokens need them.

pub(super) use crate::rules::shape::codec::from_base64 as base64;

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
