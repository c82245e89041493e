//! What a value is by its form alone: identities, numbers, public keys, addresses.

use super::decode;

/// UUIDs: 8, 4, 4, 4 and 12 hex digits.
pub(super) fn is_uuid(value: &[u8]) -> bool {
    value.len() == 36
        && value.iter().enumerate().all(|(at, byte)| {
            if matches!(at, 8 | 13 | 18 | 23) { *byte == b'-' } else { byte.is_ascii_hexdigit() }
        })
}

/// Sixty-four characters of every kind, blanks among them: <https://api.wordpress.org/secret-key/1.1/salt/>.
pub(super) fn is_salted_line(text: &[u8]) -> bool {
    let kinds =
        [u8::is_ascii_lowercase, u8::is_ascii_uppercase, u8::is_ascii_digit, u8::is_ascii_punctuation];
    text.len() == 64 && kinds.iter().all(|kind| text.iter().filter(|byte| kind(byte)).count() > 4)
}

/// `^1.0.0`, `~> 2.1`, `>=3`.
pub(super) fn is_version(text: &[u8]) -> bool {
    let rest = text.trim_ascii_start();
    let bare = &rest[rest.iter().take_while(|byte| b"^~<>=v".contains(byte)).count()..];
    bare.len() < rest.len()
        && bare.first().is_some_and(u8::is_ascii_digit)
        && bare.contains(&b'.')
        && bare.iter().all(|byte| byte.is_ascii_digit() || b".-".contains(byte))
}

/// A number in hex as programs write it: `0xc0`.
pub(super) fn is_number(text: &[u8]) -> bool {
    text.len() <= 18
        && text.strip_prefix(b"0x").is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
}

/// An account of Ethereum and its relatives: `0x` and 20 bytes in hex.
pub(super) fn is_chain_address(text: &[u8]) -> bool {
    text.len() == 42 && text.starts_with(b"0x") && text[2..].iter().all(u8::is_ascii_hexdigit)
}

/// A public key as a point on a curve (SEC 1, 2.3.3), in hex: 33 bytes behind 02 or 03, 65 behind 04.
pub(super) fn is_public_point(text: &[u8]) -> bool {
    let compressed = text.len() == 66 && (text.starts_with(b"02") || text.starts_with(b"03"));
    (compressed || text.len() == 130 && text.starts_with(b"04")) && text.iter().all(u8::is_ascii_hexdigit)
}

/// URLs, paths, host names, addresses of mail.
pub(super) fn is_address(text: &[u8]) -> bool {
    let slashes = memchr::memchr_iter(b'/', text).count();
    let dots = memchr::memchr_iter(b'.', text).count();
    let words = |separator: u8| {
        text.split(|&byte| byte == separator).all(|part| part.iter().all(u8::is_ascii_alphabetic))
    };
    let words_and_marks = |text: &[u8]| {
        text.iter().all(|byte| byte.is_ascii_lowercase() || matches!(byte, b'/' | b'_' | b'-' | b'.'))
    };
    memchr::memmem::find(text, b"://").is_some()
        || text.starts_with(b"/") && (slashes > 1 || words(b'/'))
        || slashes > 0 && dots > 0 && !text.contains(&b'+') && !text.contains(&b'=')
        || slashes > 0 && words_and_marks(text)
        || text.starts_with(b"\\\\")
        || is_time_zone(text)
}

/// `Pacific/Palau` (<https://www.iana.org/time-zones>).
fn is_time_zone(text: &[u8]) -> bool {
    let mut parts = text.split(|&byte| byte == b'/');
    let is_part = |part: &[u8]| {
        part.first().is_some_and(u8::is_ascii_uppercase)
            && part[1..].iter().all(|byte| byte.is_ascii_lowercase() || *byte == b'_')
    };
    parts.next().is_some_and(is_part) && parts.next().is_some_and(is_part) && parts.next().is_none()
}

/// `roles.0.head_node.vm_size`: words and numbers joined by dots.
pub(super) fn is_dotted_path(text: &[u8]) -> bool {
    text.split(|&byte| byte == b'.').all(|part| {
        let all = |test: fn(&u8) -> bool| !part.is_empty() && part.iter().all(test);
        all(u8::is_ascii_digit) || all(|byte| byte.is_ascii_lowercase() || matches!(byte, b'_' | b'$'))
    })
}

/// `_SC_{…}`: a UUID in braces, as Windows names things of the registry.
pub(super) fn is_class(text: &[u8]) -> bool {
    memchr::memchr(b'{', text)
        .is_some_and(|at| text.get(at + 1..at + 38).is_some_and(|id| is_uuid(&id[..36]) && id[36] == b'}'))
}

/// The id of a key of AWS, of which the key itself is another.
pub(super) fn is_key_id(text: &[u8]) -> bool {
    text.len() == 20
        && [&b"AKIA"[..], b"ASIA"].iter().any(|kind| text.starts_with(kind))
        && text.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

/// What `PostgreSQL` and `MySQL` keep of a password: `md5` and 32 hex digits
/// (<https://www.postgresql.org/docs/current/catalog-pg-authid.html>), `*` and 40
/// (<https://dev.mysql.com/doc/refman/8.0/en/password-hashing.html>).
pub(super) fn is_database_hash(text: &[u8]) -> bool {
    let is_hex = |digits: &[u8], len| digits.len() == len && digits.iter().all(u8::is_ascii_hexdigit);
    text.strip_prefix(b"md5").is_some_and(|digits| is_hex(digits, 32))
        || text.strip_prefix(b"*").is_some_and(|digits| is_hex(digits, 40))
}

/// Whether it says words with blanks between them in base64.
pub(super) fn is_encoded_sentence(text: &[u8]) -> bool {
    let is_word = |word: &[u8]| !word.is_empty() && word.iter().all(u8::is_ascii_alphabetic);
    text.len() >= 8
        && text.len().is_multiple_of(4)
        && decode::base64_text(text)
            .is_some_and(|said| said.contains(&b' ') && said.split(|&byte| byte == b' ').all(is_word))
}
