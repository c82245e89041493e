//! Digests and ids of Git: as random as keys, known by what stands around them.

use super::{Known, SHORTEST_OF_CONTEXT};
use crate::detect::secrets::words::{Piece, segments};

/// Lengths of digests in hex: MD4 and MD5, SHA-1, SHA-224, SHA-256, SHA-384, SHA-512. CRCs are too short to
/// be taken for secrets.
const HEX_LENGTHS: &[usize] = &[32, 40, 56, 64, 96, 128];
/// The same in base64, with padding and without.
const BASE64_LENGTHS: &[usize] = &[22, 24, 27, 28, 38, 40, 43, 44, 64, 86, 88];

/// Words in names of digests.
const DIGESTS: &[&[u8]] = &[
    b"sha",
    b"sha1",
    b"sha224",
    b"sha256",
    b"sha384",
    b"sha512",
    b"md5",
    b"shasum",
    b"digest",
    b"checksum",
    b"hash",
    b"integrity",
    b"etag",
    b"sum",
    b"blake2",
    b"blake3",
    b"fingerprint",
    b"thumbprint",
    b"narhash",
    b"cid",
    b"sha256sum",
    b"sha512sum",
    b"md5sum",
    b"hashes",
    b"checksums",
    b"digests",
    b"sri",
    b"sha2",
    b"sha3",
];
/// Words in names of Git's ids.
const GIT: &[&[u8]] = &[
    b"commit",
    b"commits",
    b"rev",
    b"revision",
    b"ref",
    b"refs",
    b"sha",
    b"sha1",
    b"tree",
    b"blob",
    b"git",
    b"oid",
    b"head",
    b"parent",
    b"base",
    b"merge",
    b"branch",
    b"submodule",
    b"tag",
    b"changeset",
    b"pick",
    b"revert",
    b"since",
];
/// Last words of names that speak of a secret, whatever stands before: `hash_key`, `sha256_secret`.
const SECRETS: &[&[u8]] = &[
    b"secret",
    b"key",
    b"token",
    b"password",
    b"passwd",
    b"passphrase",
    b"pwd",
    b"pass",
    b"salt",
    b"pepper",
    b"seed",
    b"credential",
    b"credentials",
    b"auth",
    b"pat",
];
/// What stands right before a digest: `sha256:…`.
const LABELS: &[&[u8]] = &[
    b"sha1", b"sha224", b"sha256", b"sha384", b"sha512", b"md5", b"blake2b", b"blake3", b"sha-1", b"sha-256",
    b"sha-384", b"sha-512", b"sha2", b"sha3",
];

/// Whether a value is a digest or an id of Git by its name and its place.
pub(super) fn digest(value: &[u8], name: &[u8], before: &[u8], after: &[u8]) -> Option<Known> {
    if value.len() < SHORTEST_OF_CONTEXT {
        return None;
    }
    let hex = value.iter().all(u8::is_ascii_hexdigit) && HEX_LENGTHS.contains(&value.len());
    let is_base64 = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/=-_".contains(byte);
    if !(hex || BASE64_LENGTHS.contains(&value.len()) && value.iter().all(is_base64)) {
        return None;
    }
    if ends_with_label(before) {
        return Some(Known::Digest);
    }
    let is_id = hex && matches!(value.len(), 40 | 64);
    // `owner/action@<id>`, `…/commit/<id>`, `git+https://…#<id>`; `<id> refs/heads/main` in Git's own lists.
    let in_url = || {
        [
            &b"/commit/"[..],
            b"/tree/",
            b"/blob/",
            b"/commits/",
            b"/raw/",
            b"/compare/",
            b"?rev=",
            b"?ref=",
            b"index ",
        ]
        .iter()
        .any(|part| before.ends_with(part))
            || before.ends_with(b"@") && before.contains(&b'/')
            || before.ends_with(b"#") && memchr::memmem::find(before, b"git").is_some()
            || after.starts_with(b" refs/")
            || after.starts_with(b"\trefs/")
    };
    if is_id && in_url() {
        return Some(Known::GitId);
    }
    let mut last = None;
    let (mut digest, mut git) = (false, false);
    each_word(name, |word| {
        digest |= DIGESTS.contains(&word);
        git |= GIT.contains(&word);
        last = Some(SECRETS.contains(&word));
    });
    if last == Some(true) {
        return None;
    }
    if !digest && !git {
        // Without a name of its own, the word before it is its name: `commit 1f2e…`, `sha256sum 9a8b…`.
        let before = before.trim_ascii_end();
        let start = before.iter().rposition(|byte| !byte.is_ascii_alphanumeric()).map_or(0, |at| at + 1);
        each_word(&before[start..], |word| {
            digest |= DIGESTS.contains(&word);
            git |= GIT.contains(&word);
        });
    }
    // `sha` is either; a name of Git's beside it decides.
    match (digest, git) {
        (true, _) if !(is_id && git && value.len() == 40) => Some(Known::Digest),
        (_, true) if is_id => Some(Known::GitId),
        _ => None,
    }
}

/// `sha256:`, `SHA512-`, `md5=`, `sha256$`.
fn ends_with_label(before: &[u8]) -> bool {
    let Some((mark, rest)) = before.split_last() else { return false };
    let longest = &rest[rest.len().saturating_sub(8)..];
    b":-=$/_".contains(mark)
        && LABELS.iter().any(|label| {
            longest.len() >= label.len() && longest[longest.len() - label.len()..].eq_ignore_ascii_case(label)
        })
}

/// Calls back for each word of a name, in lower case: `dist.shaSum` is `dist`, `sha`, `sum`; what is between
/// marks counts as a whole, too.
fn each_word(name: &[u8], mut each: impl FnMut(&[u8])) {
    let mut lower = [0; 24];
    let mut call = |word: &[u8]| {
        if let Some(lower) = lower.get_mut(..word.len()) {
            lower.copy_from_slice(word);
            lower.make_ascii_lowercase();
            each(lower);
        }
    };
    for whole in name.split(|byte| !byte.is_ascii_alphanumeric()).filter(|whole| !whole.is_empty()) {
        call(whole);
        // `shasum` is not Git's `sha`.
        if DIGESTS.iter().any(|word| whole.eq_ignore_ascii_case(word)) {
            continue;
        }
        for segment in segments(whole).filter(|segment| matches!(segment.piece, Piece::Word | Piece::Unknown))
        {
            call(&whole[segment.range]);
        }
    }
}
