//! Keys in DER: PKCS#1 (RFC 8017, A.1.2), PKCS#8 (RFC 5958), SEC 1 (RFC 5915), DSA as OpenSSL writes it.

use super::Key;
use crate::detect::secrets::decode::element;

const INTEGER: u8 = 0x02;
const BITS: u8 = 0x03;
const OCTETS: u8 = 0x04;
const OID: u8 = 0x06;
const SEQUENCE: u8 = 0x30;
const TAGGED_0: u8 = 0xA0;
const TAGGED_1: u8 = 0xA1;

/// What all algorithms of RSA Laboratories begin with, ways of encryption among them.
const PKCS: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01];
/// The shortest modulus that was ever used.
const SHORTEST_MODULUS: usize = 512;

/// Curves by their identifiers, with the bytes that a key has.
const CURVES: &[(&[u8], &str, usize)] = &[
    (&[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07], "P-256", 32),
    (&[0x2B, 0x81, 0x04, 0x00, 0x22], "P-384", 48),
    (&[0x2B, 0x81, 0x04, 0x00, 0x23], "P-521", 66),
    (&[0x2B, 0x81, 0x04, 0x00, 0x0A], "secp256k1", 32),
    (&[0x2B, 0x81, 0x04, 0x00, 0x21], "P-224", 28),
    (&[0x2B, 0x24, 0x03, 0x03, 0x02, 0x08, 0x01, 0x01, 0x07], "brainpoolP256r1", 32),
    (&[0x2B, 0x24, 0x03, 0x03, 0x02, 0x08, 0x01, 0x01, 0x0B], "brainpoolP384r1", 48),
    (&[0x2B, 0x24, 0x03, 0x03, 0x02, 0x08, 0x01, 0x01, 0x0D], "brainpoolP512r1", 64),
];

/// Keys that are bytes of one length (RFC 8410), by the last byte of their identifiers.
const BYTES: &[(u8, &str, usize)] =
    &[(0x70, "Ed25519", 32), (0x6E, "X25519", 32), (0x71, "Ed448", 57), (0x6F, "X448", 56)];

/// The key in a block with this label; `None` if it is none.
pub(super) fn key(label: &[u8], der: &[u8]) -> Option<Key> {
    let content = whole(der, SEQUENCE)?;
    match label {
        b"RSA " => rsa(content),
        b"EC " => ec(content, None),
        b"DSA " => dsa(content),
        b"ENCRYPTED " => encrypted(content),
        b"" => pkcs8(content),
        _ => None,
    }
}

/// What RFC 1421's headers call encrypted: blocks of a cipher.
pub(super) fn encrypted_as_a_whole(label: &[u8], bytes: &[u8]) -> Option<Key> {
    let algorithm = match label {
        b"RSA " => "RSA",
        b"EC " => "EC",
        b"DSA " => "DSA",
        _ => "",
    };
    (!bytes.is_empty() && bytes.len().is_multiple_of(8)).then(|| Key::of(algorithm).encrypted(true))
}

/// The content of the one element that this is.
fn whole(der: &[u8], tag: u8) -> Option<&[u8]> {
    let (found, content, rest) = element(der)?;
    (found == tag && rest.is_empty()).then_some(content)
}

/// The content of the first element, which is of this kind; what is behind it is left.
fn next<'d>(rest: &mut &'d [u8], tag: u8) -> Option<&'d [u8]> {
    let (found, content, behind) = element(rest)?;
    *rest = behind;
    (found == tag).then_some(content)
}

/// The same, if it stands there at all.
fn optional<'d>(rest: &mut &'d [u8], tag: u8) -> Option<&'d [u8]> {
    if rest.first() == Some(&tag) { next(rest, tag) } else { None }
}

/// A number above zero, without leading zeros.
fn positive<'d>(rest: &mut &'d [u8]) -> Option<&'d [u8]> {
    let number = next(rest, INTEGER)?;
    let (&first, _) = number.split_first()?;
    let digits = number.strip_prefix(&[0]).unwrap_or(number);
    (first < 0x80 && digits.first().is_some_and(|&byte| byte > 0)).then_some(digits)
}

/// A number of one byte.
fn small(rest: &mut &[u8]) -> Option<u8> {
    match next(rest, INTEGER)? {
        [number] => Some(*number),
        _ => None,
    }
}

pub(super) fn bits_of(number: &[u8]) -> usize {
    let digits = number.iter().position(|&byte| byte > 0).map_or(&[][..], |at| &number[at..]);
    digits.first().map_or(0, |first| digits.len() * 8 - first.leading_zeros() as usize)
}

/// A version and eight numbers, of which the fourth and fifth make the first.
fn rsa(mut rest: &[u8]) -> Option<Key> {
    let version = small(&mut rest)?;
    let [modulus, _, exponent, p, q, _, _, _] = numbers::<8>(&mut rest)?;
    let bits = bits_of(modulus);
    let more_primes = version == 1 && optional(&mut rest, SEQUENCE).is_some();
    let product = bits_of(p) + bits_of(q);
    let fits = more_primes || version == 0 && (product == bits || product == bits + 1);
    (fits && rest.is_empty() && bits >= SHORTEST_MODULUS && bits_of(exponent) <= bits)
        .then(|| Key::of("RSA").bits(bits))
}

fn numbers<'d, const N: usize>(rest: &mut &'d [u8]) -> Option<[&'d [u8]; N]> {
    let mut all = [&[][..]; N];
    for one in &mut all {
        *one = positive(rest)?;
    }
    Some(all)
}

/// A version, prime, subgroup, generator, public and private number.
fn dsa(mut rest: &[u8]) -> Option<Key> {
    let version = small(&mut rest)?;
    let [p, q, _, _, private] = numbers::<5>(&mut rest)?;
    let fits = version == 0 && rest.is_empty() && bits_of(private) <= bits_of(q) && bits_of(q) < bits_of(p);
    (fits && bits_of(p) >= SHORTEST_MODULUS).then(|| Key::of("DSA").bits(bits_of(p)))
}

/// A version and a number as bytes; then perhaps the curve and the public key. `curve` is what stands
/// around it in PKCS#8.
fn ec(mut rest: &[u8], curve: Option<&[u8]>) -> Option<Key> {
    let version = small(&mut rest)?;
    let number = next(&mut rest, OCTETS)?;
    let inner = optional(&mut rest, TAGGED_0);
    let named = inner.and_then(|parameters| whole(parameters, OID));
    if let Some(public) = optional(&mut rest, TAGGED_1) {
        whole(public, BITS)?;
    }
    if version != 1 || !rest.is_empty() {
        return None;
    }
    match curve.or(named).and_then(|id| CURVES.iter().find(|(known, ..)| *known == id)) {
        Some((_, name, len)) => (number.len() == *len).then(|| Key::of("EC").curve(Some(name))),
        None => (16..=72).contains(&number.len()).then(|| Key::of("EC")),
    }
}

/// A version, the algorithm, and the key in its own format.
fn pkcs8(mut rest: &[u8]) -> Option<Key> {
    let version = small(&mut rest)?;
    let mut algorithm = next(&mut rest, SEQUENCE)?;
    let id = next(&mut algorithm, OID)?;
    let inner = next(&mut rest, OCTETS)?;
    let _attributes = optional(&mut rest, TAGGED_0);
    // RFC 5958: the public key, tagged in place.
    let _public = optional(&mut rest, 0x81).or_else(|| optional(&mut rest, TAGGED_1));
    if version > 1 || !rest.is_empty() || inner.is_empty() {
        return None;
    }
    match id {
        // RSA, and RSA for PSS.
        [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01 | 0x0A] => rsa(whole(inner, SEQUENCE)?),
        [0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01] => ec(whole(inner, SEQUENCE)?, whole(algorithm, OID)),
        [0x2A, 0x86, 0x48, 0xCE, 0x38, 0x04, 0x01] => {
            let p = positive(&mut next(&mut algorithm, SEQUENCE)?)?;
            positive(&mut &*inner)?;
            Some(Key::of("DSA").bits(bits_of(p)))
        }
        [0x2B, 0x65, last] => {
            let (_, name, len) = BYTES.iter().find(|(known, ..)| known == last)?;
            (whole(inner, OCTETS)?.len() == *len).then(|| Key::of(name))
        }
        // There are others, and there will be more.
        _ => Some(Key::of("")),
    }
}

/// A way of encryption with its parameters, and what it made.
fn encrypted(mut rest: &[u8]) -> Option<Key> {
    let mut algorithm = next(&mut rest, SEQUENCE)?;
    let id = next(&mut algorithm, OID)?;
    let parameters = next(&mut algorithm, SEQUENCE)?;
    let made = next(&mut rest, OCTETS)?;
    let fits = id.starts_with(PKCS) && !parameters.is_empty() && made.len() >= 16 && rest.is_empty();
    fits.then(|| Key::of("").encrypted(true))
}
