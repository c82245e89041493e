//! Tells random text from words and names: how surprising each character is behind the one before it, for
//! somebody who has read much source code.
//!
//! The table holds, for each pair of graphic ASCII characters, the bits that the second costs behind the
//! first, in sixteenths. Random text costs more than its alphabet has bits, words cost less. What costs
//! much is looked at once more: words that are known lower the cost ([`words`]), and text that follows a
//! pattern (an alphabet, a walk over the keyboard) is not random however much it costs ([`regular`]).
//!
//! `examples/train_randomness` makes the table and prints the figures that the thresholds rest on.

use std::ops::Range;

pub use super::alphabet::Alphabet;
use super::alphabet::CLASSES;
use super::{decode, regular, words};

/// How many characters the table tells apart: `!` to `~`.
pub const SYMBOLS: usize = 94;
/// The table's size: a row for each character, and one for the beginning of a text.
pub const TABLE: usize = (SYMBOLS + 1) * SYMBOLS;
/// The shortest text that may be called random: shorter ones hold too little to tell.
pub const SHORTEST: usize = 10;
/// Of longer texts only so many bytes are looked at: by then it is decided.
const LONGEST: usize = 128;
/// Sixteenths of a bit below the threshold that are neither one nor the other.
const UNCLEAR: u32 = 10;
/// Shorter numbers of base 16 (`0x…`) are numbers, not keys.
const LONGEST_NUMBER: usize = 31;

/// From which length on each column of [`THRESHOLDS`] holds.
const LENGTHS: [usize; 9] = [10, 12, 14, 16, 18, 20, 24, 32, 48];
/// The mean cost from which a text is random, in sixteenths of a bit, in the order of [`Alphabet::ALL`].
///
/// Chosen by the figures of `examples/train_randomness`, on literals that the table had not learned from.
/// What these called random was read through, since much of it is (samples, digests): of 55,000 literals of
/// 20 bytes and more some four are not, of 49,000 of 12 to 19 bytes some sixteen, half of them encoded text.
/// Of random texts are missed: less than 1 of a hundred of 20 bytes and more, 1 to 5 of 16, 2 to 9 of 14, 4 to
/// 19 of 12; of passwords with `!@#$%^&*` 2 of a hundred, 7, 13 and 20; with brackets too, 10 and more.
static THRESHOLDS: [[u8; LENGTHS.len()]; Alphabet::ALL.len()] = [
    [88, 84, 82, 79, 78, 77, 78, 80, 82],
    [115, 110, 106, 103, 101, 99, 99, 102, 105],
    [112, 108, 106, 104, 102, 97, 98, 98, 98],
    [118, 114, 111, 109, 109, 110, 111, 113, 118],
    [118, 113, 110, 108, 108, 106, 108, 110, 112],
    [118, 110, 104, 100, 97, 92, 90, 88, 88],
    [135, 125, 118, 115, 115, 112, 112, 110, 109],
    [125, 118, 114, 111, 108, 108, 110, 112, 116],
    [125, 120, 116, 112, 112, 112, 112, 112, 114],
    [135, 130, 127, 124, 122, 118, 118, 120, 123],
];

/// The table as it is made: a row for each first character, a column for each second one.
static PACKED: &[u8; TABLE] = include_bytes!("bigrams.bin");
/// The row for the beginning of a text: no graphic character.
const BEGINNING: usize = 0;
/// The table as it is asked: 128 columns in 128 rows, so that bytes are places.
static COSTS: [u8; 128 * 128] = {
    let mut costs = [0; 128 * 128];
    let mut at = 0;
    while at < TABLE {
        let (row, column) = (at / SYMBOLS, at % SYMBOLS);
        let row = if row == SYMBOLS { BEGINNING } else { row + b'!' as usize };
        costs[row * 128 + column + b'!' as usize] = PACKED[at];
        at += 1;
    }
    costs
};

/// How rare a text is in source code, case ignored: what its characters cost, in sixteenths of a bit.
pub fn surprise(text: &[u8]) -> u32 {
    let place = |byte: u8| usize::from(byte.to_ascii_lowercase() & 127);
    text.windows(2).map(|pair| u32::from(COSTS[place(pair[0]) << 7 | place(pair[1])])).sum()
}

/// What a text looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Randomness {
    /// Made of words, a pattern, or digits alone; or it has characters that no generator uses.
    Words,
    /// Could be either: short random text and odd names look alike.
    Unclear,
    /// What a random generator makes.
    Random,
}

impl Alphabet {
    /// The mean cost from which a text of this length is random.
    fn threshold(self, length: usize) -> u32 {
        let column = LENGTHS.iter().rposition(|&from| from <= length);
        column.map_or(u32::MAX, |column| u32::from(THRESHOLDS[self as usize][column]))
    }
}

/// What a text costs by the table alone, in sixteenths of a bit for each character; `None` for what
/// has no [`Alphabet`].
///
/// One look-up for each byte's class and one for its cost: this is asked of every candidate.
fn table_cost(text: &[u8]) -> Option<(Alphabet, u32)> {
    let mut classes = 0;
    let mut sum = 0;
    let mut row = BEGINNING;
    for &byte in text {
        let column = usize::from(byte & 127);
        classes |= CLASSES[usize::from(byte)];
        sum += u32::from(COSTS[row << 7 | column]);
        row = column;
    }
    Some((Alphabet::of_classes(classes)?, sum / text.len() as u32))
}

/// What a text looks like. A UUID, a digest or a commit's id is as random as a key: ask
/// [`known::kind_of`](super::known::kind_of) first what its form and its place say.
///
/// Hex or base64 of text is as random as that text.
pub fn judge(text: &[u8]) -> Randomness {
    let level = judge_plain(text);
    if level == Randomness::Words {
        return level;
    }
    // `name=<base64>`, `-<hex>`, `<base64>.a.b`: most of it counts.
    let is_joint = |byte: &u8| !byte.is_ascii_alphanumeric() && !b"-_/+".contains(byte);
    let longest = text.split(is_joint).max_by_key(|piece| piece.len()).unwrap_or_default();
    let longest = longest.strip_prefix(b"-").unwrap_or(longest);
    if longest.len() * 3 < text.len() * 2 {
        return level;
    }
    match hex_text(longest).or_else(|| base64_text(longest)) {
        Some(decoded) => judge_plain(&decoded),
        None => level,
    }
}

/// Whether a text looks like the output of a random generator; see [`judge`].
pub fn is_random(text: &[u8]) -> bool {
    judge(text) == Randomness::Random
}

/// The random stretch of a text: all of it, or the longest piece between marks that is random for itself
/// (`my-app-` and a key, `Bearer:` and a key).
pub fn random_part(text: &[u8]) -> Option<Range<usize>> {
    if is_random(text) {
        return Some(0..text.len());
    }
    // Base64 holds `-_/+` itself: split where it cannot go on first.
    longest_random(text, |byte| !byte.is_ascii_alphanumeric() && !b"-_/+".contains(&byte))
        .or_else(|| longest_random(text, |byte| !byte.is_ascii_alphanumeric()))
}

fn longest_random(text: &[u8], is_joint: impl Fn(u8) -> bool) -> Option<Range<usize>> {
    let mut longest: Option<Range<usize>> = None;
    let mut start = 0;
    for piece in text.split(|&byte| is_joint(byte)) {
        let range = start..start + piece.len();
        start = range.end + 1;
        if range.len() > longest.as_ref().map_or(SHORTEST - 1, ExactSizeIterator::len) && is_random(piece) {
            longest = Some(range);
        }
    }
    longest
}

fn judge_plain(text: &[u8]) -> Randomness {
    let mut text = text;
    for _ in 0..2 {
        text = text.strip_suffix(b"=").unwrap_or(text);
    }
    if let Some(digits) = text.strip_prefix(b"0x").or_else(|| text.strip_prefix(b"0X")) {
        let end = digits.iter().position(|byte| !byte.is_ascii_hexdigit()).unwrap_or(digits.len());
        // `0xFFUL`, `0x1f_u8`.
        if digits.len() - end <= 5 {
            if end <= LONGEST_NUMBER {
                return Randomness::Words;
            }
            text = &digits[..end];
        }
    }
    let text = &text[..text.len().min(LONGEST)];
    let Some((alphabet, cost)) = table_cost(text) else { return Randomness::Words };
    let threshold = alphabet.threshold(text.len());
    if text.len() < SHORTEST {
        return Randomness::Unclear;
    }
    let level = |cost: u32| match cost {
        cost if cost >= threshold => Randomness::Random,
        cost if cost + UNCLEAR >= threshold => Randomness::Unclear,
        _ => Randomness::Words,
    };
    if level(cost) == Randomness::Words {
        return Randomness::Words;
    }
    let made = match alphabet {
        Alphabet::Signs => regular::is_code(text),
        Alphabet::HexMarks | Alphabet::OneCaseMarks | Alphabet::MixedMarks | Alphabet::MixedLettersMarks => {
            regular::is_crumbled(text)
        }
        _ => false,
    };
    if made || regular::is_regular(text) { Randomness::Words } else { level(closer_cost(cost, text)) }
}

/// The text that hex digits hold, if they hold ASCII text.
fn hex_text(text: &[u8]) -> Option<Vec<u8>> {
    if text.len() < 14 || !text.len().is_multiple_of(2) {
        return None;
    }
    text.chunks_exact(2)
        .map(|pair| {
            let high = char::from(pair[0]).to_digit(16)?;
            let low = char::from(pair[1]).to_digit(16)?;
            let byte = (high << 4 | low) as u8;
            (byte == b' ' || byte == b'\n' || byte.is_ascii_graphic()).then_some(byte)
        })
        .collect()
}

/// The text that base64 holds, if it holds text: random bytes hardly ever make some.
fn base64_text(text: &[u8]) -> Option<Vec<u8>> {
    let decoded = decode::base64(text).filter(|decoded| decoded.len() >= 7)?;
    let is_text = std::str::from_utf8(&decoded)
        .is_ok_and(|text| text.chars().all(|c| !c.is_control() || matches!(c, '\n' | '\r' | '\t')));
    is_text.then_some(decoded)
}

/// What a text costs when its known words are taken as what they are; see [`table_cost`].
fn closer_cost(cost: u32, text: &[u8]) -> u32 {
    let known: u32 = words::known(text).map(|word| relief(word.len())).sum();
    cost.saturating_sub(known / text.len().max(1) as u32)
}

/// What a known word is cheaper than its letters by the table, in sixteenths of a bit. A word of three
/// letters turns up by chance.
fn relief(letters: usize) -> u32 {
    letters.saturating_sub(3) as u32 * 48
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
            "getHTTPResponseCodeXMLv2",
            "INVALID_CREDENTIALS_ERROR",
            "application/x-www-form-urlencoded",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "node_modules/typescript/lib",
            "x86_64-unknown-linux-gnu",
            "aarch64-pc-windows-msvc",
            "AKIDEXAMPLE",
            "_ZN4core3fmt9Formatter9write_str",
            "__cxa_throw_bad_array_new_length",
            "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
            "0123456789ABCDEFGHJKMNPQRSTVWXYZ",
            "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789",
            "qwertyuiop1234567890",
            "1qaz2wsx3edc4rfv",
            "2024-01-31T23:59:59.999Z",
            "20240131T235959Z",
            ">=1.2.3,<2.0.0||^3.1.4",
            "1.2.3-beta.4+build.5678",
            "multipart/form-data;boundary=----WebKitFormBoundary",
            "Helvetica-BoldOblique",
            "NotoSansCJKkr-DemiLight",
            "css-module__button--primary__disabled",
            "#ff0000,#00ff00,#0000ff",
            "1,2-dichlorotetrafluoroethane",
            "test_parses_utf8_bom_then_crlf_lines",
            "subdomain.eu-central-1.amazonaws.com",
            "deadbeefcafebabedeadbeef",
            "0xdeadbeefcafe1234",
            "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
            "Donaudampfschifffahrtsgesellschaft",
            "aktualizujteprosimheslo",
            "%Y-%m-%dT%H:%M:%S%.fZ",
            "^[A-Za-z0-9_]{1,32}$",
            "SELECT*FROM(users)WHERE(id=?)",
            "sha256WithRSAEncryption",
            "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
            "reset_password_token",
            "i18n.errors.password.tooShort",
        ] {
            assert_ne!(judge(text.as_bytes()), Randomness::Random, "{text}");
        }
    }

    #[test]
    fn base64_of_text_is_as_random_as_the_text() {
        // "hello world, how are you", "user:password"
        for text in ["aGVsbG8gd29ybGQsIGhvdyBhcmUgeW91", "dXNlcjpwYXNzd29yZA=="] {
            assert!(!is_random(text.as_bytes()), "{text}");
        }
    }

    fn random(alphabet: &[u8], length: usize, seed: &mut Seed) -> Vec<u8> {
        (0..length).map(|_| alphabet[seed.below(alphabet.len())]).collect()
    }

    const ALNUM: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    #[test]
    fn rare_text_surprises() {
        assert!(surprise(b"qx7zk") > surprise(b"token"));
    }

    #[test]
    fn random_text_is_random() {
        let alphabets: [(&str, Vec<u8>); 7] = [
            ("hex", b"0123456789abcdef".to_vec()),
            ("base32", b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".to_vec()),
            ("base36", b"abcdefghijklmnopqrstuvwxyz0123456789".to_vec()),
            ("alnum", ALNUM.to_vec()),
            ("base64", [ALNUM, b"+/"].concat()),
            ("base64url", [ALNUM, b"-_"].concat()),
            ("signs", [ALNUM, b"!@#$%^&*"].concat()),
        ];
        for (name, alphabet) in &alphabets {
            for (length, most) in [(16, 80), (20, 20), (32, 15), (40, 10), (64, 10)] {
                // Signs stand as in code by chance.
                let most = if *name == "signs" { most.max(40) } else { most };
                let mut seed = Seed(11);
                let missed = (0..1000).filter(|_| !is_random(&random(alphabet, length, &mut seed))).count();
                assert!(missed <= most, "{name} {length}: {missed} of 1000");
            }
        }
    }

    #[test]
    fn the_random_part_is_found() {
        let mut seed = Seed(5);
        let key = String::from_utf8(random(ALNUM, 24, &mut seed)).expect("ASCII");
        for (before, behind) in [
            ("", ""),
            ("my-service-account-", ""),
            ("token=", "&user=admin"),
            ("Bearer:", ""),
            ("a.b.", ".c"),
        ] {
            let text = format!("{before}{key}{behind}");
            let part = random_part(text.as_bytes()).map(|range| &text[range]);
            assert!(part.is_some_and(|part| part.contains(&key)), "{text}: {part:?}");
        }
        assert_eq!(random_part(b"foo-bar-baz-some-other-words"), None);
    }

    #[test]
    fn what_is_short_or_of_other_characters_is_never_random() {
        assert!(!is_random(b"") && !is_random(b"a") && !is_random(b"xK9q"));
        assert!(!is_random("zwölfzwölfzwölfzwölf".as_bytes()));
        assert!(!is_random(b"12345678901234567890") && !is_random(b"83920571648302957"));
        assert!(!is_random(b"a text with spaces in it"));
    }
}
