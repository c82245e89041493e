//! Base64 of files and of DER, known by their first bytes.

use super::Known;
use crate::detect::secrets::decode;

/// First characters in base64 of files, and the shortest value that is taken for one.
const FILES: &[(&[u8], Known)] = &[
    // PNG, JPEG, GIF, `<svg`, `<?xml`, RIFF (WebP), ICO.
    (b"iVBORw0KGgo", Known::Base64Image),
    (b"/9j/4", Known::Base64Image),
    (b"R0lGODlh", Known::Base64Image),
    (b"R0lGODdh", Known::Base64Image),
    (b"PHN2Zy", Known::Base64Image),
    (b"UklGR", Known::Base64Image),
    (b"AAABAAEA", Known::Base64Image),
    // WOFF, WOFF2, OpenType, TrueType, WebAssembly, gzip, zip, PDF, ELF.
    (b"d09GRg", Known::Base64File),
    (b"d09GMg", Known::Base64File),
    (b"T1RUTw", Known::Base64File),
    (b"AAEAAAA", Known::Base64File),
    (b"AGFzbQE", Known::Base64File),
    (b"H4sIA", Known::Base64File),
    (b"UEsDB", Known::Base64File),
    (b"JVBERi0", Known::Base64File),
    (b"f0VMRg", Known::Base64File),
];
/// A shorter value begins so by chance.
const SHORTEST_FILE: usize = 24;
/// So much base64 is decoded to see how a DER structure begins; a multiple of four.
const HEAD: usize = 64;

/// What a value in base64 holds.
pub(super) fn kind_of(value: &[u8]) -> Option<Known> {
    if value.len() < SHORTEST_FILE {
        return None;
    }
    if let Some((_, kind)) = FILES.iter().find(|(head, _)| value.starts_with(head)) {
        return Some(*kind);
    }
    // DER of any length begins with a SEQUENCE: `MA` to `MI` in base64.
    if !value.starts_with(b"M") || value.len() < 56 {
        return None;
    }
    let head = &value[..value.len().min(HEAD)];
    der(&decode::base64(&head[..head.len() / 4 * 4])?)
}

const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;
const OBJECT: u8 = 0x06;
const VERSION: u8 = 0xa0;

/// What the first bytes of DER are, if that is public: RFC 5280 (certificates and keys), RFC 2986
/// (requests), RFC 8017 (RSA), RFC 5958 (keys, encrypted or not).
fn der(bytes: &[u8]) -> Option<Known> {
    let outer = enter(bytes, SEQUENCE)?;
    if let Some(integer) = enter(outer, INTEGER) {
        // A number of more than 64 bytes is a modulus; private keys begin with their version, 0 or 1.
        return (length(outer)? >= 64 && !integer.is_empty()).then_some(Known::PublicKey);
    }
    let inner = enter(outer, SEQUENCE)?;
    match *inner.first()? {
        OBJECT => {
            let object = enter(inner, OBJECT)?;
            // PKCS#5 and PKCS#12: a key's encryption. Any other algorithm: the key itself is in the clear,
            // and public.
            let encrypted = [
                &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05],
                &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x0c],
            ];
            let is_encrypted = encrypted.iter().any(|start| object.starts_with(*start));
            Some(if is_encrypted { Known::Encrypted } else { Known::PublicKey })
        }
        // A certificate's version, or, in its first version, its serial number; a request's version.
        VERSION | INTEGER => Some(Known::Certificate),
        _ => None,
    }
}

/// The contents of an element of this kind, as far as they are there.
fn enter(bytes: &[u8], kind: u8) -> Option<&[u8]> {
    let rest = bytes.strip_prefix(&[kind])?;
    match rest.first()? {
        1..=0x7f => {}
        0x81..=0x84 => return rest.get(1 + usize::from(rest[0] & 0x7f)..),
        _ => return None,
    }
    rest.get(1..)
}

/// The length that an element says.
fn length(bytes: &[u8]) -> Option<usize> {
    match bytes.get(1)? {
        short @ 0..=0x7f => Some(usize::from(*short)),
        long @ 0x81..=0x84 => {
            let digits = bytes.get(2..2 + usize::from(long & 0x7f))?;
            Some(digits.iter().fold(0, |length, &digit| length << 8 | usize::from(digit)))
        }
        _ => None,
    }
}
