use super::Checksum;
use crate::model::Proof;

/// The digits of GitHub's and npm's base 62.
const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// The digits of the base 62 that the Rust registry's trusted publishing uses.
const BASE62_LETTERS_FIRST: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
/// The 32 digits of bech32 (BIP 173), upper case as age writes them.
const BECH32: &[u8; 32] = b"QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L";

impl Checksum {
    /// Whether the checksum in the token is right. `prefix` is how many bytes the vendor's prefix has. A
    /// token too short to hold one has none that is right.
    pub fn holds(self, token: &[u8], prefix: usize) -> bool {
        let mut sealed = token.to_vec();
        self.seal(&mut sealed, prefix) && sealed == token
    }

    /// Writes the right checksum into a token whose other bytes stand. False if it is too short.
    pub fn seal(self, token: &mut [u8], prefix: usize) -> bool {
        let len = self.len();
        let Some(body) = token.len().checked_sub(len).filter(|&body| body >= prefix) else { return false };
        let (signed, check) = token.split_at_mut(body);
        match self {
            Self::Crc32Base62 => {
                let mut rest = crc32(&signed[prefix..]);
                for digit in check.iter_mut().rev() {
                    *digit = BASE62[(rest % 62) as usize];
                    rest /= 62;
                }
            }
            Self::Crc32HexUpper => write_hex(check, crc32(signed).to_be_bytes(), b"0123456789ABCDEF"),
            Self::Crc32HexGrafana => {
                // The underscore before the checksum is not part of what is signed.
                let Some((_, signed)) = signed.split_last() else { return false };
                write_hex(check, crc32(signed).to_le_bytes(), b"0123456789abcdef");
            }
            Self::XorBase62 => {
                let sum = signed[prefix..].iter().fold(0, |sum, byte| sum ^ byte);
                check[0] = BASE62_LETTERS_FIRST[usize::from(sum) % 62];
            }
            Self::Bech32Age => return seal_bech32(signed, check),
        }
        true
    }

    /// How many bytes at the end of the token it takes.
    const fn len(self) -> usize {
        match self {
            Self::Crc32Base62 | Self::Bech32Age => 6,
            Self::Crc32HexUpper | Self::Crc32HexGrafana => 8,
            Self::XorBase62 => 1,
        }
    }

    /// What a token rests on if the checksum holds. One character proves little.
    pub const fn proof(self) -> Proof {
        match self {
            Self::XorBase62 => Proof::Structure,
            _ => Proof::Checksum,
        }
    }
}

fn write_hex(check: &mut [u8], bytes: [u8; 4], digits: &[u8; 16]) {
    for (pair, byte) in check.chunks_exact_mut(2).zip(bytes) {
        pair[0] = digits[usize::from(byte >> 4)];
        pair[1] = digits[usize::from(byte & 15)];
    }
}

/// CRC-32 as in zip and PNG (ISO 3309, reflected polynomial `0xEDB88320`). Bit by bit: tokens are short.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc: u32, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| (crc >> 1) ^ (0xEDB8_8320 & (crc & 1).wrapping_neg()))
    })
}

/// The six checking digits of bech32 (BIP 173): the human-readable part stands before the last `1`, and
/// counts in lower case.
fn seal_bech32(signed: &[u8], check: &mut [u8]) -> bool {
    let Some(separator) = signed.iter().rposition(|&byte| byte == b'1') else { return false };
    let (human, data) = (&signed[..separator], &signed[separator + 1..]);
    let human: Vec<u8> = human.iter().map(u8::to_ascii_lowercase).collect();
    let mut values: Vec<u8> = human.iter().map(|byte| byte >> 5).collect();
    values.push(0);
    values.extend(human.iter().map(|byte| byte & 31));
    for byte in data {
        let Some(value) = BECH32.iter().position(|digit| digit == byte) else { return false };
        values.push(value as u8);
    }
    values.extend([0; 6]);
    let sum = polymod(&values) ^ 1;
    for (at, digit) in check.iter_mut().enumerate() {
        *digit = BECH32[(sum >> (5 * (5 - at)) & 31) as usize];
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
    fn crc32_gives_the_check_value_of_its_catalogue() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
    }

    #[test]
    fn bech32_agrees_with_the_test_vectors_of_its_specification() {
        // BIP 173, "Test vectors": the shortest valid strings.
        for (human, check) in [("A1", "2UEL5L"), ("?1", "EZYFCL")] {
            let mut written = [0; 6];
            assert!(seal_bech32(human.as_bytes(), &mut written));
            assert_eq!(written, check.as_bytes());
        }
    }

    #[test]
    fn what_is_sealed_holds_and_what_is_touched_does_not() {
        for (checksum, prefix, token) in [
            (Checksum::Crc32Base62, 4, "abc_0123456789abcdefghijklmnopqrst______"),
            (Checksum::Crc32HexUpper, 4, "ABCD0123456789abcdefghij--------"),
            (Checksum::Crc32HexGrafana, 5, "abcd_0123456789abcdefghijklmnopqrstuv_--------"),
            (Checksum::XorBase62, 4, "abc_0123456789abcdef-"),
            (Checksum::Bech32Age, 4, "ABC1QPZRY9X8GF2TVDW0------"),
        ] {
            let mut token = token.as_bytes().to_vec();
            assert!(checksum.seal(&mut token, prefix));
            assert!(checksum.holds(&token, prefix), "{checksum:?}");
            let at = prefix + 3;
            token[at] = if token[at] == b'9' { b'8' } else { b'9' };
            assert!(!checksum.holds(&token, prefix), "{checksum:?}");
            assert!(!checksum.holds(b"", 0) && !checksum.holds(b"abc_", 4));
        }
    }
}
