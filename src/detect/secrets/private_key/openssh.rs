//! OpenSSH's own format (<https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.key>).

use super::Key;
use super::asn1::bits_of;

const MAGIC: &[u8] = b"openssh-key-v1\0";

/// The key; `None` if it is none.
pub(super) fn key(bytes: &[u8]) -> Option<Key> {
    let mut rest = bytes.strip_prefix(MAGIC)?;
    let cipher = string(&mut rest)?;
    let derivation = string(&mut rest)?;
    let _options = string(&mut rest)?;
    let count = number(&mut rest)?;
    if count == 0 {
        return None;
    }
    let public = string(&mut rest)?;
    for _ in 1..count {
        string(&mut rest)?;
    }
    let private = string(&mut rest)?;
    let key = public_key(public)?;
    if cipher != b"none" {
        return (derivation != b"none" && private.len().is_multiple_of(8)).then(|| key.encrypted(true));
    }
    // Two equal numbers, by which it is seen that a passphrase was right; then the key of the same kind.
    let mut private = private;
    let (first, second) = (number(&mut private)?, number(&mut private)?);
    let kind = string(&mut private)?;
    let same = string(&mut &*public)? == kind;
    (first == second && same && derivation == b"none" && !private.is_empty()).then_some(key)
}

/// What a public key in the wire format (RFC 4253, 6.6) is of. One that stays on a device is as good as
/// encrypted.
pub(super) fn public_key(mut rest: &[u8]) -> Option<Key> {
    let kind = string(&mut rest)?;
    Some(match kind {
        b"ssh-rsa" => {
            let _exponent = string(&mut rest)?;
            Key::of("RSA").bits(bits_of(string(&mut rest)?))
        }
        b"ssh-dss" => Key::of("DSA").bits(bits_of(string(&mut rest)?)),
        b"ssh-ed25519" => Key::of("Ed25519"),
        b"ssh-ed448" => Key::of("Ed448"),
        b"ecdsa-sha2-nistp256" => Key::of("EC").curve(Some("P-256")),
        b"ecdsa-sha2-nistp384" => Key::of("EC").curve(Some("P-384")),
        b"ecdsa-sha2-nistp521" => Key::of("EC").curve(Some("P-521")),
        _ if kind.starts_with(b"sk-") => Key::of("security").encrypted(true),
        _ => return None,
    })
}

fn number(rest: &mut &[u8]) -> Option<u32> {
    let (bytes, behind) = rest.split_first_chunk::<4>()?;
    *rest = behind;
    Some(u32::from_be_bytes(*bytes))
}

/// Bytes with their length before them.
pub(super) fn string<'b>(rest: &mut &'b [u8]) -> Option<&'b [u8]> {
    let len = usize::try_from(number(rest)?).ok()?;
    let (bytes, behind) = rest.split_at_checked(len)?;
    *rest = behind;
    Some(bytes)
}
