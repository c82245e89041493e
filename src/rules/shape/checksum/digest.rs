//! Checks that are the beginning of a SHA-256.

use sha2::{Digest, Sha256};

use crate::model::codec;

/// The version bytes of extended private keys: main and test network, and those of SLIP-132.
const EXTENDED: [[u8; 4]; 6] = [
    [0x04, 0x88, 0xAD, 0xE4],
    [0x04, 0x35, 0x83, 0x94],
    [0x04, 0x9D, 0x78, 0x78],
    [0x04, 0xB2, 0x43, 0x0C],
    [0x04, 0x4A, 0x4E, 0x28],
    [0x04, 0x5F, 0x18, 0xBC],
];

/// Whether this is base58check of a private key: in the import format of wallets
/// (<https://en.bitcoin.it/wiki/Wallet_import_format>), or an extended one (BIP 32).
pub(super) fn holds_base58check(token: &[u8]) -> bool {
    let Some(bytes) = codec::from_base58(token) else { return false };
    let Some((payload, check)) = bytes.split_last_chunk::<4>() else { return false };
    is_key(payload) && twice(payload).starts_with(check)
}

fn is_key(payload: &[u8]) -> bool {
    match payload {
        [0x80, key @ ..] => key.len() == 32 || key.len() == 33 && key.ends_with(&[1]),
        _ => {
            payload.len() == 78
                && EXTENDED.iter().any(|version| payload.starts_with(version))
                && payload[45] == 0
        }
    }
}

/// Writes a private key of the token's kind and length, drawn from the token's own bytes.
pub(super) fn seal_base58check(token: &mut [u8]) -> bool {
    let (key, chain) = (Sha256::digest(&*token), twice(token));
    let payloads: Vec<Vec<u8>> = match token.len() {
        51 => vec![[&[0x80], &key[..]].concat()],
        52 => vec![[&[0x80], &key[..], &[1]].concat()],
        111 => EXTENDED
            .iter()
            .map(|version| [&version[..], &[3], &chain[..8], &chain, &[0], &key].concat())
            .collect(),
        _ => return false,
    };
    for payload in payloads {
        let sealed = codec::to_base58(&[&payload, &twice(&payload)[..4]].concat());
        // The version shows in the first characters; those of the import format have but one.
        let known = if token.len() == 111 { 4 } else { 0 };
        if sealed.len() == token.len() && sealed[..known] == token[..known] {
            token.copy_from_slice(&sealed);
            return true;
        }
    }
    false
}

/// The eight characters behind the 43rd of the last part are the beginning of the SHA-256 of all before
/// them, in base32.
pub(super) fn seal_github_fine_grained(token: &mut [u8]) -> bool {
    let Some(at) = token.len().checked_sub(59 - 43).filter(|&at| at > 43) else { return false };
    let (signed, rest) = token.split_at_mut(at);
    let digest = Sha256::digest(&*signed);
    let written = codec::to_base32(&digest[..5]);
    rest[..8].copy_from_slice(&written);
    true
}

fn twice(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(Sha256::digest(bytes)).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_keys_hold_and_no_byte_of_them_may_change() {
        for key in [
            // The wiki's example of the import format, and BIP 32's test vector 1, chain m.
            concat!("5HueCGU8rMjxEXxiPuD5BDku4", "MkFqeZyd4dZ1jvhTVqvbTLvyTJ"),
            concat!(
                "xprv9s21ZrQH143K3QTDL4LXw2F7HEK3wJUD2nW2nRk4stbPy6cq3jPP",
                "qjiChkVvvNKmPGJxWUtg6LnF5kejMRNNU3TGtRBeJgk33yuGBxrMPHi"
            ),
        ] {
            assert!(holds_base58check(key.as_bytes()), "{key}");
            for at in 0..key.len() {
                let mut touched = key.as_bytes().to_vec();
                touched[at] = if touched[at] == b'z' { b'y' } else { b'z' };
                assert!(!holds_base58check(&touched), "{at}");
            }
        }
    }
}
