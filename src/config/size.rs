/// The size above which files are not read, unless said otherwise: 16 MiB.
pub const MAX_FILE_SIZE: u64 = 16 << 20;

/// Places in files are counted in 32 bits.
const LARGEST: u64 = 1 << 30;

const UNITS: &[(&str, u64)] = &[
    ("", 1),
    ("b", 1),
    ("k", 1 << 10),
    ("kib", 1 << 10),
    ("kb", 1_000),
    ("m", 1 << 20),
    ("mib", 1 << 20),
    ("mb", 1_000_000),
    ("g", 1 << 30),
    ("gib", 1 << 30),
    ("gb", 1_000_000_000),
];

/// Reads a size: bytes, or a whole number with a unit (`16 MiB`, `500kB`, `4M`), up to 1 GiB.
///
/// # Errors
/// What is wrong, without the text.
pub fn parse_size(text: &str) -> Result<u64, &'static str> {
    let text = text.trim();
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let unit = unit.trim_start().to_ascii_lowercase();
    let number: u64 = number.parse().map_err(|_| "a size is a whole number, as in 16 MiB")?;
    let (_, factor) = UNITS
        .iter()
        .find(|(name, _)| *name == unit)
        .ok_or("the unit of a size is B, KiB, MiB, GiB, kB, MB or GB")?;
    in_bounds(number.checked_mul(*factor).ok_or(TOO_LARGE)?)
}

const TOO_LARGE: &str = "the largest size is 1 GiB";

pub(super) fn in_bounds(bytes: u64) -> Result<u64, &'static str> {
    match bytes {
        0 => Err("a size is at least 1 byte"),
        1..=LARGEST => Ok(bytes),
        _ => Err(TOO_LARGE),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        for (text, bytes) in [
            ("1", 1),
            ("16 MiB", 16 << 20),
            ("500kB", 500_000),
            ("4M", 4 << 20),
            (" 1gib ", 1 << 30),
            ("7b", 7),
        ] {
            assert_eq!(parse_size(text), Ok(bytes), "{text}");
        }
        for text in [
            "",
            "MiB",
            "0",
            "-1",
            "1.5 MiB",
            "1 TiB",
            "2 GiB",
            "99999999999999999999",
            "18446744073709551615 G",
        ] {
            assert!(parse_size(text).is_err(), "{text}");
        }
    }
}
