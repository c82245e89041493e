//! PGP's secret keys: the armor's checksum and the packets (RFC 9580, 4, 5.5 and 6.1).

use super::Key;
use crate::detect::secrets::decode;

const SECRET_KEY: u8 = 5;

/// The key that the first packet is; `None` if the checksum fails, or packets do not fill the bytes.
pub(super) fn key(bytes: &[u8], check: Option<[u8; 4]>) -> Option<Key> {
    if let Some(check) = check
        && decode::base64(&check)? != crc24(bytes).to_be_bytes()[1..]
    {
        return None;
    }
    let mut rest = bytes;
    let (SECRET_KEY, body) = packet(&mut rest)? else { return None };
    while !rest.is_empty() {
        packet(&mut rest)?;
    }
    secret_key(body)
}

/// The tag and the body of the first packet, in the new format or the old one.
fn packet<'b>(rest: &mut &'b [u8]) -> Option<(u8, &'b [u8])> {
    let (&first, behind) = rest.split_first()?;
    let (tag, len, behind) = match first {
        0xC0.. => {
            let (&one, behind) = behind.split_first()?;
            let (len, behind) = match one {
                0..=191 => (usize::from(one), behind),
                192..=223 => {
                    let (&two, behind) = behind.split_first()?;
                    (((usize::from(one) - 192) << 8) + usize::from(two) + 192, behind)
                }
                255 => big_endian(behind, 4)?,
                // Parts are for data, not for keys.
                _ => return None,
            };
            (first & 0x3f, len, behind)
        }
        0x80..=0xBF => {
            let (len, behind) = match first & 3 {
                0 => big_endian(behind, 1)?,
                1 => big_endian(behind, 2)?,
                2 => big_endian(behind, 4)?,
                _ => (behind.len(), behind),
            };
            (first >> 2 & 0x0f, len, behind)
        }
        _ => return None,
    };
    let (body, behind) = behind.split_at_checked(len)?;
    *rest = behind;
    Some((tag, body))
}

fn big_endian(bytes: &[u8], width: usize) -> Option<(usize, &[u8])> {
    let (number, behind) = bytes.split_at_checked(width)?;
    Some((number.iter().fold(0, |sum, &byte| sum << 8 | usize::from(byte)), behind))
}

/// Version, time, algorithm, the public part; then a byte that says whether the secret part is encrypted.
fn secret_key(body: &[u8]) -> Option<Key> {
    let (&[version, _, _, _, _, algorithm], rest) = body.split_first_chunk::<6>()?;
    let mut rest = rest;
    let framed = match version {
        4 => None,
        5 | 6 => {
            let (len, behind) = big_endian(rest, 4)?;
            let (public, behind) = behind.split_at_checked(len)?;
            rest = public;
            Some(behind)
        }
        _ => return None,
    };
    let mut key = match algorithm {
        1..=3 => {
            let bits = number(&mut rest)?;
            number(&mut rest)?;
            Key::of("RSA").bits(bits)
        }
        16 | 20 => Key::of("ElGamal").bits(several(&mut rest, 3)?),
        17 => Key::of("DSA").bits(several(&mut rest, 4)?),
        18 | 19 | 22 => {
            let curve = counted(&mut rest)?;
            number(&mut rest)?;
            if algorithm == 18 {
                counted(&mut rest)?;
            }
            match curve {
                [0x2B, 0x06, 0x01, 0x04, 0x01, 0xDA, 0x47, 0x0F, 0x01] => Key::of("Ed25519"),
                _ => Key::of("EC"),
            }
        }
        25 => fixed(&mut rest, 32, "X25519")?,
        26 => fixed(&mut rest, 56, "X448")?,
        27 => fixed(&mut rest, 32, "Ed25519")?,
        28 => fixed(&mut rest, 57, "Ed448")?,
        _ => return None,
    };
    let (usage, secret) = framed.unwrap_or(rest).split_first()?;
    key.encrypted = *usage != 0;
    (!secret.is_empty()).then_some(key)
}

/// A number with its bits counted before it; the count must be right.
fn number(rest: &mut &[u8]) -> Option<usize> {
    let (bits, behind) = big_endian(rest, 2)?;
    let (bytes, behind) = behind.split_at_checked(bits.div_ceil(8))?;
    *rest = behind;
    (super::asn1::bits_of(bytes) == bits && bits > 0).then_some(bits)
}

/// So many numbers; how many bits the first one has.
fn several(rest: &mut &[u8], count: usize) -> Option<usize> {
    let first = number(rest)?;
    for _ in 1..count {
        number(rest)?;
    }
    Some(first)
}

/// Bytes with their count before them.
fn counted<'b>(rest: &mut &'b [u8]) -> Option<&'b [u8]> {
    let (len, behind) = big_endian(rest, 1)?;
    let (bytes, behind) = behind.split_at_checked(len)?;
    *rest = behind;
    Some(bytes)
}

fn fixed(rest: &mut &[u8], len: usize, name: &'static str) -> Option<Key> {
    *rest = rest.get(len..)?;
    Some(Key::of(name))
}

/// CRC-24 (RFC 9580, 6.1.1).
fn crc24(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x00B7_04CE, |crc: u32, &byte| {
        (0..8).fold(crc ^ u32::from(byte) << 16, |crc, _| {
            let next = crc << 1;
            if next & 0x0100_0000 == 0 { next } else { next ^ 0x0186_4CFB }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crc24_gives_the_check_value_of_its_catalogue() {
        // <https://reveng.sourceforge.io/crc-catalogue/all.htm>, CRC-24/OPENPGP
        assert_eq!(crc24(b"123456789"), 0x0021_CF02);
    }

    #[test]
    fn packets_are_read_in_both_formats() {
        for (bytes, expect) in [
            (&[0x94, 2, 7, 8][..], Some((5, &[7, 8][..]))),
            (&[0x95, 0, 1, 7], Some((5, &[7]))),
            (&[0xC5, 1, 7], Some((5, &[7]))),
            (&[0xC5, 192, 0, 7], None),
            (&[0xC5, 255, 0, 0, 0, 1, 7], Some((5, &[7]))),
            (&[0x05, 1, 7], None),
            (&[], None),
        ] {
            assert_eq!(packet(&mut &*bytes), expect, "{bytes:?}");
        }
    }
}
