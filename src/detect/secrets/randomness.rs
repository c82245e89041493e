//! Tells random text from words and names, without a dictionary: how surprising each character is behind
//! the one before it, for somebody who has read much source code.
//!
//! The table holds, for each pair of 64 symbols, the bits that the second costs behind the first, in
//! sixteenths. `examples/train_randomness.rs` makes it and prints the figures the thresholds rest on.

/// How many symbols the table tells apart.
pub const SYMBOLS: usize = 64;

/// Costs in sixteenths of a bit: the row is the first symbol, the column the second.
static COSTS: &[u8; SYMBOLS * SYMBOLS] = include_bytes!("bigrams.bin");

/// Which characters a text is made of; each has its own cost of randomness.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alphabet {
    /// `0-9a-f` or `0-9A-F`.
    Hex,
    /// Letters of one case and digits.
    OneCase,
    /// Letters of both cases, perhaps digits, perhaps `-_+/=.`.
    Mixed,
}

impl Alphabet {
    /// All of them.
    pub const ALL: &'static [Self] = &[Self::Hex, Self::OneCase, Self::Mixed];

    /// The smallest that holds the text; `None` if it has other characters, or no letters.
    pub fn of(text: &[u8]) -> Option<Self> {
        let any = |test: fn(&u8) -> bool| text.iter().any(test);
        let (lower, upper) = (any(u8::is_ascii_lowercase), any(u8::is_ascii_uppercase));
        if !text.iter().all(|&byte| byte.is_ascii_alphanumeric() || b"-_+/=.".contains(&byte)) {
            return None;
        }
        match (lower, upper) {
            (false, false) => None,
            (true, true) => Some(Self::Mixed),
            _ if text.iter().all(u8::is_ascii_hexdigit) => Some(Self::Hex),
            _ => Some(Self::OneCase),
        }
    }

    /// Its characters, for making random text.
    pub fn bytes(self) -> &'static [u8] {
        match self {
            Self::Hex => b"0123456789abcdef",
            Self::OneCase => b"abcdefghijklmnopqrstuvwxyz0123456789",
            Self::Mixed => b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
        }
    }

    /// The mean cost from which a text is random, in sixteenths of a bit.
    const fn threshold(self) -> u32 {
        match self {
            Self::Hex => 78,
            Self::OneCase => 103,
            Self::Mixed => 118,
        }
    }
}

/// The table's row and column for a byte.
pub const fn symbol(byte: u8) -> usize {
    match byte {
        b'a'..=b'z' => (byte - b'a') as usize,
        b'A'..=b'Z' => (byte - b'A') as usize + 26,
        b'0'..=b'9' => (byte - b'0') as usize + 52,
        b'-' | b'_' | b'.' => 62,
        _ => 63,
    }
}

/// The mean cost of a text's characters with this table, in sixteenths of a bit; `None` if it has fewer
/// than two.
pub fn cost_with(table: &[u8], text: &[u8]) -> Option<u32> {
    let pairs = text.len().checked_sub(1).filter(|&pairs| pairs > 0)?;
    let cost = |pair: &[u8]| table.get(symbol(pair[0]) * SYMBOLS + symbol(pair[1])).copied();
    let sum: u32 = text.windows(2).map(|pair| u32::from(cost(pair).unwrap_or(0))).sum();
    Some(sum / pairs as u32)
}

/// Whether a text of 16 bytes or more looks like the output of a random generator.
pub(super) fn is_random(text: &[u8]) -> bool {
    text.len() >= 16
        && Alphabet::of(text)
            .is_some_and(|alphabet| cost_with(COSTS, text).is_some_and(|cost| cost >= alphabet.threshold()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::shape::Seed;

    #[test]
    fn names_and_words_are_not_random() {
        for text in [
            "authentication_failed",
            "com.example.service.AuthenticationManager",
            "correct-horse-battery-staple",
            "getAccessTokenFromRequest",
            "INVALID_CREDENTIALS_ERROR",
            "application/x-www-form-urlencoded",
            "node_modules/typescript/lib",
            "x86_64-unknown-linux-gnu",
        ] {
            assert!(!is_random(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn random_text_is() {
        for alphabet in Alphabet::ALL {
            for length in [20, 32, 40] {
                let mut seed = Seed(11);
                let bytes = alphabet.bytes();
                let missed = (0..500)
                    .filter(|_| {
                        let text: Vec<u8> = (0..length).map(|_| bytes[seed.below(bytes.len())]).collect();
                        !is_random(&text)
                    })
                    .count();
                assert!(missed <= 10, "{alphabet:?} {length}: {missed} of 500");
            }
        }
    }

    #[test]
    fn what_is_short_or_of_other_characters_is_never_random() {
        assert!(!is_random(b"") && !is_random(b"a") && !is_random(b"xK9q"));
        assert!(!is_random("zwölfzwölfzwölfzwölf".as_bytes()));
        assert!(!is_random(b"12345678901234567890"));
    }
}
