//! Bech32 (<https://github.com/bitcoin/bips/blob/master/bip-0173.mediawiki>): six checking digits behind a
//! human-readable part, a `1` and the data. All in one case; the human-readable part counts in lower case.

/// The 32 digits.
const DIGITS: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";

/// Writes the checking digits into the last six bytes. False if what stands before has not the form.
pub(super) fn seal(token: &mut [u8], upper: bool) -> bool {
    let Some((signed, check)) = token.split_last_chunk_mut::<6>() else { return false };
    let Some(separator) = signed.iter().rposition(|&byte| byte == b'1') else { return false };
    let (human, data) = (&signed[..separator], &signed[separator + 1..]);
    let human: Vec<u8> = human.iter().map(u8::to_ascii_lowercase).collect();
    let mut values: Vec<u8> = human.iter().map(|byte| byte >> 5).collect();
    values.push(0);
    values.extend(human.iter().map(|byte| byte & 31));
    for &byte in data {
        if upper && byte.is_ascii_lowercase() {
            return false;
        }
        let of_case = if upper { byte.to_ascii_lowercase() } else { byte };
        let Some(value) = DIGITS.iter().position(|&digit| digit == of_case) else { return false };
        values.push(value as u8);
    }
    values.extend([0; 6]);
    let sum = polymod(&values) ^ 1;
    for (at, digit) in check.iter_mut().enumerate() {
        let lower = DIGITS[(sum >> (5 * (5 - at)) & 31) as usize];
        *digit = if upper { lower.to_ascii_uppercase() } else { lower };
    }
    true
}

fn polymod(values: &[u8]) -> u32 {
    const GENERATOR: [u32; 5] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];
    values.iter().fold(1, |sum, &value| {
        let top = sum >> 25;
        let next = ((sum & 0x01ff_ffff) << 5) ^ u32::from(value);
        GENERATOR
            .iter()
            .enumerate()
            .fold(next, |next, (bit, word)| if top >> bit & 1 == 1 { next ^ word } else { next })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_the_test_vectors_of_its_specification() {
        // BIP 173, "Test vectors", and NIP-19's example of a secret key, put together here.
        for (text, upper) in [
            ("A12UEL5L", true),
            ("a12uel5l", false),
            ("?1ezyfcl", false),
            ("split1checkupstagehandshakeupstreamerranterredcaperred2y9e3w", false),
            (concat!("nsec1", "vl029mgpspedva04g90vltkh6fvh240zqtv9k0t9af8935ke9laqsnlfe5"), false),
        ] {
            let mut sealed = text.as_bytes().to_vec();
            let body = sealed.len() - 6;
            sealed[body..].fill(b'-');
            assert!(seal(&mut sealed, upper));
            assert_eq!(sealed, text.as_bytes());
        }
    }
}
