//! What stands around a literal and changes nothing: types, constructors, calls.

use super::cursor::Cursor;
use super::literal;

/// How far a type may reach.
const LONGEST_TYPE: usize = 64;

/// Goes behind the `=` of `: Type =` if that is what stands here.
pub(super) fn annotation(cursor: &mut Cursor) {
    let window = cursor.near(LONGEST_TYPE);
    for (at, &byte) in window.iter().enumerate() {
        match byte {
            b'=' => {
                if !matches!(window.get(at + 1), Some(b'=' | b'>')) {
                    cursor.at += at + 1;
                }
                return;
            }
            b' ' | b'_' | b'&' | b'<' | b'>' | b'[' | b']' | b'?' | b'.' | b':' | b'|' => {}
            // A lifetime, not a string.
            b'\'' if window[at + 1..].starts_with(b"static") => {}
            _ if byte.is_ascii_alphanumeric() => {}
            _ => return,
        }
    }
}

/// Goes over what only wraps a literal, to its quote; true if that is a list.
pub(super) fn wrappers(cursor: &mut Cursor) -> bool {
    #[rustfmt::skip]
    const WRAPPERS: &[&[u8]] = &[
        b"&", b"Some(", b"Ok(", b"String::from(", b"str(", b"bytes(", b"Secret::new(", b"SecretString::new(",
        b"SecretString::from(", b"SecretBox::new(", b"Zeroizing::new(", b"Box::from(", b"Cow::from(",
        b"Cow::Borrowed(", b"SecretStr(", b"SecureString(", b"std::string(", b"new String(",
        b"new SecretString(", b"Buffer.from(", b"[]byte(", b"Encoding.UTF8.GetBytes(",
        b"System.Text.Encoding.UTF8.GetBytes(", b"String(", b"aws.String(", b"pulumi.String(",
        b"to.StringPtr(", b"strdup(", b"passwordEncoder.encode(", b"encoder.encode(",
        b"passwordEncoder().encode(", b"bcrypt.hashSync(", b"bcrypt.hash(", b"generate_password_hash(",
        b"make_password(", b"hash_password(", b"Hash::make(", b"bcrypt(", b"*", b"mark_safe(",
        b"!sensitive ", b"(", b"[",
    ];
    let mut in_list = false;
    for _ in 0..3 {
        // A literal may stand on the next line.
        let mut next = *cursor;
        next.gap();
        if matches!(next.peek(), Some(b'"' | b'\'' | b'`' | b'r' | b'b')) {
            *cursor = next;
        }
        // Most values stand in nothing.
        if matches!(cursor.peek(), None | Some(b'"' | b'\'' | b'`' | b'0'..=b'9')) {
            break;
        }
        let Some(wrapper) = WRAPPERS.iter().find(|wrapper| cursor.eat(wrapper)) else { break };
        in_list |= *wrapper == b"[";
    }
    literal::prefix(cursor);
    in_list
}
