//! Macaroons in the second binary format
//! (<https://github.com/rescrv/libmacaroons/blob/master/doc/format.txt>): packets of a type, a length and
//! data. A location, an identifier, caveats, a signature of 32 bytes.

use crate::model::codec;

const VERSION: u8 = 2;
const END: u8 = 0;
const LOCATION: u8 = 1;
const IDENTIFIER: u8 = 2;
const VERIFICATION: u8 = 4;
const SIGNATURE: u8 = 6;

/// Whether the text behind the prefix's last dash is a macaroon.
pub(super) fn holds(token: &[u8]) -> bool {
    let Some(bytes) = codec::from_base64(&token[body_at(token)..]) else { return false };
    let Some((&VERSION, mut rest)) = bytes.split_first() else { return false };
    sections(&mut rest).is_some_and(|count| count > 0)
        && packet(&mut rest, SIGNATURE).map(<[u8]>::len) == Some(32)
        && rest.is_empty()
}

/// The number of sections with an identifier, up to the empty one.
fn sections(rest: &mut &[u8]) -> Option<usize> {
    let mut count = 0;
    loop {
        if next_is(rest, END) {
            *rest = &rest[1..];
            return Some(count);
        }
        if next_is(rest, LOCATION) {
            packet(rest, LOCATION)?;
        }
        packet(rest, IDENTIFIER)?;
        if next_is(rest, VERIFICATION) {
            packet(rest, VERIFICATION)?;
        }
        let (&END, behind) = rest.split_first()? else { return None };
        *rest = behind;
        count += 1;
    }
}

fn next_is(rest: &[u8], kind: u8) -> bool {
    rest.first() == Some(&kind)
}

/// The data of a packet of this type.
fn packet<'b>(rest: &mut &'b [u8], kind: u8) -> Option<&'b [u8]> {
    let (&found, behind) = rest.split_first()?;
    // A length of two digits of seven bits is more than any token has.
    let (&low, behind) = behind.split_first()?;
    let (len, behind) = if low < 0x80 {
        (usize::from(low), behind)
    } else {
        let (&high, behind) = behind.split_first()?;
        (usize::from(low & 0x7f) | usize::from(high & 0x7f) << 7, behind)
    };
    let (data, behind) = behind.split_at_checked(len)?;
    *rest = behind;
    (found == kind).then_some(data)
}

/// Makes a macaroon of the token: its location stands in the prefix, its identifier takes what room there is.
pub(super) fn seal(token: &mut [u8], prefix: usize) -> bool {
    let at = body_at(token);
    // The prefix may end within a byte; the whole bytes of it are the location's packet.
    let Some(known) = token.get(at..prefix).map(|known| &known[..known.len() / 4 * 4]) else { return false };
    let Some(known) = codec::from_base64(known).filter(|known| known.len() > 2) else { return false };
    let room = (token.len() - at) * 6 / 8;
    // A `=` among the digits makes fewer bytes of them.
    let Some(mut bytes) = codec::from_base64(&token[at..]).filter(|bytes| bytes.len() == room) else {
        return false;
    };
    // The version, the location's packet; then the identifier's; two ends; the signature's.
    let location = 1 + 2 + usize::from(known[2]);
    let Some(len) = room.checked_sub(location + 2 + 2 + 34) else { return false };
    let head: &[u8] = if len < 0x80 {
        &[IDENTIFIER, len as u8]
    } else {
        &[IDENTIFIER, (len - 1) as u8 | 0x80, ((len - 1) >> 7) as u8]
    };
    let end = bytes.len() - 34;
    bytes[location..location + head.len()].copy_from_slice(head);
    bytes[end - 2..end + 2].copy_from_slice(&[END, END, SIGNATURE, 32]);
    let sealed = codec::to_base64url(&bytes);
    let fits = sealed.len() == token.len() - at && holds_bytes(&sealed);
    if fits {
        token[at..].copy_from_slice(&sealed);
    }
    fits
}

fn holds_bytes(body: &[u8]) -> bool {
    holds(&[b"-", body].concat())
}

/// Behind the scheme: `pypi-`.
fn body_at(token: &[u8]) -> usize {
    token.iter().take(16).position(|&byte| byte == b'-').map_or(0, |dash| dash + 1)
}
