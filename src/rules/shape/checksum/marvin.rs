//! Azure's identifiable keys: a signature of four characters, and a Marvin32 checksum whose seed says what
//! the key is for. All of it as Microsoft's own library has it
//! (<https://github.com/microsoft/security-utilities>, `IdentifiableMetadata.cs`, `IdentifiableSecrets.cs`).

use super::crc::BASE62;
use crate::model::codec;

/// A key's signature, whether it is written in base64url, and the seeds of its kinds: eight characters each,
/// the first one being the highest byte.
type Family = (&'static [u8; 4], bool, &'static [&'static [u8; 8]]);

const MESSAGING: &[&[u8; 8]] = &[b"Send0000", b"Listen00", b"Manage00", b"System00", b"Unknown0"];

const FAMILIES: &[Family] = &[
    (b"+ASt", false, &[b"Default0"]),
    (
        b"ACDb",
        false,
        &[b"MastRW00", b"MastRO00", b"Resour00", b"SysAll00", b"SystRW00", b"SystRO00", b"Encryp00"],
    ),
    (b"+ABa", false, &[b"AbAcct00"]),
    (b"+AMC", false, &[b"Classic0"]),
    (b"APIM", false, &[b"IoTHub00", b"Tenant00", b"Gateway0", b"GitKey00"]),
    (b"AzFu", true, &[b"Functi00", b"Master00", b"System00"]),
    (b"AzSe", true, &[b"Query000", b"PAdmin00"]),
    (b"+ASb", false, MESSAGING),
    (b"+AEh", false, MESSAGING),
    (b"+ARm", false, MESSAGING),
    (b"AIoT", false, &[b"IoTHub00", b"DpsKey00", b"Device00"]),
    (b"AzCa", false, &[b"Access00"]),
    (b"AZEG", false, &[b"SendRecv"]),
    (b"+ACR", false, &[b"ACRDflt0"]),
];

/// The seed of the newer, annotated keys.
const ANNOTATED: &[u8; 8] = b"Default0";
/// Where the checksum of an annotated key begins.
const ANNOTATED_AT: usize = 80;
/// The seed of Entra's application secrets.
const ENTRA: &[u8; 8] = b"AadPwd00";
/// The digits of the checksum of Entra's application secrets.
const ENTRA_DIGITS: &[u8; 66] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ1234567890.-_~";

/// Whether the last four bytes of the key are the checksum of the others, by one of its family's seeds.
pub(super) fn holds(token: &[u8]) -> bool {
    let Some((_, _, seeds)) = family(token) else { return false };
    let Some(bytes) = codec::from_base64(token) else { return false };
    let Some((signed, check)) = bytes.split_last_chunk::<4>() else { return false };
    seeds.iter().any(|seed| marvin32(signed, **seed).to_le_bytes() == *check)
}

/// Writes the checksum of the first kind of the token's family.
pub(super) fn seal(token: &mut [u8]) -> bool {
    let Some((_, url, [seed, ..])) = family(token) else { return false };
    let Some(mut bytes) = codec::from_base64(token) else { return false };
    let Some((signed, check)) = bytes.split_last_chunk_mut::<4>() else { return false };
    *check = marvin32(signed, **seed).to_le_bytes();
    let sealed = if *url { codec::to_base64url(&bytes) } else { codec::to_base64(&bytes) };
    let body = unpadded(token).len();
    if sealed.len() != body {
        return false;
    }
    token[..body].copy_from_slice(&sealed);
    true
}

/// The family that the four characters before the six of the checksum name.
fn family(token: &[u8]) -> Option<&'static Family> {
    let (_, tail) = unpadded(token).split_last_chunk::<10>()?;
    FAMILIES.iter().find(|(signature, ..)| tail.starts_with(*signature))
}

fn unpadded(token: &[u8]) -> &[u8] {
    let padding = token.iter().rev().take(2).take_while(|&&byte| byte == b'=').count();
    &token[..token.len() - padding]
}

/// Whether the four characters (six in the long form) behind the 80th are the checksum of what is before,
/// in base 62 or in base64.
pub(super) fn holds_annotated(token: &[u8]) -> bool {
    let Some(sum) = annotated_sum(token) else { return false };
    let Some(check) = token.get(ANNOTATED_AT..).map(unpadded) else { return false };
    let fits = |written: &[u8]| !check.is_empty() && written.starts_with(check);
    matches!(check.len(), 4 | 6) && (fits(&base62(sum)) || fits(&codec::to_base64(&sum)))
}

/// Writes the checksum of an annotated key in base 62, in the short form or the long one.
pub(super) fn seal_annotated(token: &mut [u8]) -> bool {
    let Some(sum) = annotated_sum(token) else { return false };
    let end = unpadded(token).len();
    let Some(check) = token.get_mut(ANNOTATED_AT..end) else { return false };
    let Some(written) = base62(sum).get(..check.len()).map(<[u8]>::to_vec) else { return false };
    check.copy_from_slice(&written);
    matches!(check.len(), 4 | 6)
}

fn annotated_sum(token: &[u8]) -> Option<[u8; 4]> {
    let bytes = codec::from_base64(token.get(..ANNOTATED_AT)?)?;
    Some(marvin32(&bytes, *ANNOTATED).to_le_bytes())
}

/// Four bytes as one number, the first the highest, in six digits. Shorter numbers are filled behind.
fn base62(bytes: [u8; 4]) -> [u8; 6] {
    let mut number = u32::from_be_bytes(bytes);
    let mut digits = Vec::with_capacity(6);
    while number > 0 {
        digits.push(BASE62[(number % 62) as usize]);
        number /= 62;
    }
    // A zero byte in front is a zero of its own in the library's conversion.
    digits.resize(digits.len() + bytes.iter().take(3).take_while(|&&byte| byte == 0).count(), b'0');
    let mut written = [b'0'; 6];
    for (place, digit) in written.iter_mut().zip(digits.iter().rev()) {
        *place = *digit;
    }
    written
}

/// Writes the first three of the six digits of the checksum of all before.
pub(super) fn seal_entra(token: &mut [u8]) -> bool {
    let Some((signed, check)) = token.split_last_chunk_mut::<3>() else { return false };
    // Those with `7Q~` have no checksum.
    if signed.get(3..6).and_then(|mark| mark.strip_suffix(b"Q~")) != Some(b"8") {
        return false;
    }
    let mut number = marvin32(signed, *ENTRA) / 66u32.pow(3);
    for place in check.iter_mut().rev() {
        *place = ENTRA_DIGITS[(number % 66) as usize];
        number /= 66;
    }
    true
}

/// Marvin32, its two halves folded into one
/// (<https://github.com/dotnet/runtime/blob/main/src/libraries/System.Private.CoreLib/src/System/Marvin.cs>).
fn marvin32(bytes: &[u8], seed: [u8; 8]) -> u32 {
    let (high, low) = marvin(bytes, u64::from_be_bytes(seed));
    high ^ low
}

fn marvin(bytes: &[u8], seed: u64) -> (u32, u32) {
    let mut state = (seed as u32, (seed >> 32) as u32);
    let (words, rest) = bytes.as_chunks::<4>();
    for word in words {
        state.0 = state.0.wrapping_add(u32::from_le_bytes(*word));
        state = mixed(state);
    }
    // A closing one bit behind the last byte, then zeros.
    let mut last = [0; 4];
    for (place, byte) in last.iter_mut().zip(rest.iter().chain(&[0x80])) {
        *place = *byte;
    }
    state.0 = state.0.wrapping_add(u32::from_le_bytes(last));
    let (low, high) = mixed(mixed(state));
    (high, low)
}

fn mixed((mut low, mut high): (u32, u32)) -> (u32, u32) {
    high ^= low;
    low = low.rotate_left(20).wrapping_add(high);
    high = high.rotate_left(9) ^ low;
    low = low.rotate_left(27).wrapping_add(high);
    (low, high.rotate_left(19))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marvin_agrees_with_its_test_vectors() {
        // SymCrypt's own (`lib/marvin32.c`), and those of the library's tests that end within a word.
        for (seed, text, expect) in [
            (0xd53c_d9ce_cd08_93b7, &b"abc"[..], 0x22c7_4339_4927_69bf_u64),
            (0x0ddd_deee_efff_f000, b"abcdefghijklmnopqrstuvwxyz", 0xa128_eb7e_7260_aca2),
            (0x004f_b61a_001b_dbcc, b"", 0x30ed_35c1_00cd_3c7d),
            (0x004f_b61a_001b_dbcc, b"\xaf", 0x48e7_3fc7_7d75_ddc1),
            (0x004f_b61a_001b_dbcc, b"\xe7\x0f", 0xb5f6_e1fc_485d_bff8),
            (0x004f_b61a_001b_dbcc, b"\x86\x42\xdc\x59", 0x7008_f2e8_7e9c_f556),
        ] {
            let (high, low) = marvin(text, seed);
            assert_eq!(u64::from(high) << 32 | u64::from(low), expect, "{text:?}");
        }
    }

    #[test]
    fn seeds_are_the_numbers_that_the_library_names() {
        assert_eq!(u64::from_be_bytes(*ANNOTATED), 0x4465_6661_756c_7430);
        assert_eq!(u64::from_be_bytes(*b"Query000"), 0x5175_6572_7930_3030);
        assert_eq!(u64::from_be_bytes(*b"Manage00"), 0x4d61_6e61_6765_3030);
        assert_eq!(u64::from_be_bytes(*b"ACRDflt0"), 0x4143_5244_666c_7430);
    }
}
