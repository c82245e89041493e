/// How much of a file is looked at to tell text from binary data.
const HEAD: usize = 8 << 10;

/// Whether a file is no text, told by its beginning as Git does: a NUL in the first 8 KiB, unless a byte order
/// mark says that it is UTF-16.
pub fn is_binary(head: &[u8]) -> bool {
    !is_utf16(head) && memchr::memchr(0, &head[..head.len().min(HEAD)]).is_some()
}

/// Whether a byte order mark of UTF-16 stands first (and not one of UTF-32).
pub fn is_utf16(head: &[u8]) -> bool {
    (head.starts_with(b"\xff\xfe") && !head.starts_with(b"\xff\xfe\0\0")) || head.starts_with(b"\xfe\xff")
}

/// UTF-16 text with a byte order mark as UTF-8, without the mark; `None` for any other bytes.
///
/// Each line stays the line it was, and each character keeps its column, so that positions told from the result are
/// right for the file; byte offsets are those of the result. Halves of pairs become U+FFFD.
pub fn decode_utf16(bytes: &[u8]) -> Option<Vec<u8>> {
    if !is_utf16(bytes) {
        return None;
    }
    let unit: fn([u8; 2]) -> u16 = if bytes[0] == 0xff { u16::from_le_bytes } else { u16::from_be_bytes };
    let units = bytes[2..].chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    let mut text = Vec::with_capacity(bytes.len() / 2);
    let mut buffer = [0; 4];
    for c in char::decode_utf16(units) {
        let c = c.unwrap_or(char::REPLACEMENT_CHARACTER);
        text.extend_from_slice(c.encode_utf8(&mut buffer).as_bytes());
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utf16_becomes_utf8() {
        let text = "a=\u{e9}\r\n\u{1f600}b";
        let little: Vec<u8> =
            [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
        let big: Vec<u8> =
            [0xfe, 0xff].into_iter().chain(text.encode_utf16().flat_map(u16::to_be_bytes)).collect();
        assert_eq!(decode_utf16(&little).as_deref(), Some(text.as_bytes()));
        assert_eq!(decode_utf16(&big).as_deref(), Some(text.as_bytes()));
        assert_eq!(decode_utf16(b"\xff\xfe\x00\xd8a").as_deref(), Some("\u{fffd}".as_bytes()));
        assert_eq!(decode_utf16(b"\xff\xfe\0\0a\0\0\0"), None);
        assert_eq!(decode_utf16(b"abc"), None);
    }

    #[test]
    fn a_nul_makes_it_binary() {
        let check = |head: &[u8], expect| assert_eq!(is_binary(head), expect, "{head:?}");
        check(b"", false);
        check(b"text", false);
        check(b"\x7fELF\0", true);
        check(b"\xff\xfea\0", false);
        check(b"\xff\xfe\0\0a\0\0\0", true);
        check(&[&[b'a'; 8192][..], b"\0"].concat(), false);
    }
}
