//! Text that costs much and follows a pattern all the same: alphabets, counts, walks over the keyboard,
//! repetitions.

/// The rows of a keyboard. Each key's neighbours stand beside it, or above and below, half a key aside.
const KEYBOARD: [&[u8; 12]; 4] = [b"1234567890-=", b"qwertyuiop[]", b"asdfghjkl;' ", b"zxcvbnm,./  "];

/// Row and column of each key, from 1; (0, 0) is no key.
static KEYS: [(i8, i8); 128] = {
    let mut keys = [(0, 0); 128];
    let mut row = 0;
    while row < KEYBOARD.len() {
        let mut column = 0;
        while column < KEYBOARD[row].len() {
            let key = KEYBOARD[row][column];
            keys[key as usize] = (row as i8 + 1, column as i8 + 1);
            keys[key.to_ascii_uppercase() as usize] = (row as i8 + 1, column as i8 + 1);
            column += 1;
        }
        row += 1;
    }
    keys
};

/// Whether a text of ten bytes or more follows a pattern that no generator makes. Looks at each byte a few
/// times at most.
pub(super) fn is_regular(text: &[u8]) -> bool {
    text.len() >= 10
        && (is_duration(text)
            || stutters(text)
            || has_ranges(text)
            || is_poor(text)
            || repeats(text)
            || climbs(text)
            || walks(text))
}

/// Whether marks cut the text into crumbs: dates, versions, vectors (`CVSS:3.1/AV:N/AC:L`), addresses. Random
/// base64 has few marks.
pub(super) fn is_crumbled(text: &[u8]) -> bool {
    let crumbs = text.split(|byte| !byte.is_ascii_alphanumeric());
    text.len() >= 12 && crumbs.map(<[u8]>::len).max().unwrap_or(0) < 6
}

/// Whether signs stand as in code: brackets and quotes in pairs, formats (`%Y-%m`), markup, lists of
/// parameters. Generators of passwords put signs anywhere.
pub(super) fn is_code(text: &[u8]) -> bool {
    const PARTS: [&[u8]; 14] = [
        b"(?", b"</", b"/>", b"::", b"=>", b"->", b"&&", b"||", b"${", b"#{", b"{{", b"[^", b"://", b"&amp;",
    ];
    let count = |test: &dyn Fn(&[u8]) -> bool| text.windows(2).filter(|pair| test(pair)).count();
    let (parameters, entities) = (
        count(&|pair| pair[0].is_ascii_alphanumeric() && pair[1] == b'='),
        memchr::memchr_iter(b'&', text).count(),
    );
    let formats = count(&|pair| pair[0] == b'%' && pair[1].is_ascii_alphanumeric());
    let commas = count(&|pair| pair[0].is_ascii_alphanumeric() && b",;|".contains(&pair[1]));
    let brackets = text.iter().filter(|byte| b"()[]{}<>".contains(byte)).count();
    let signs = text.iter().filter(|byte| !byte.is_ascii_alphanumeric() && !b"-._/:+".contains(byte)).count();
    // In a long text some of these stand by chance.
    let often = |count: usize| count >= 2 && count * 16 >= text.len();
    PARTS.iter().any(|part| memchr::memmem::find(text, part).is_some())
        || has_pairs(text)
        || often(parameters)
        || commas >= if signs == commas { 2 } else { 3 } && often(commas)
        || brackets >= 4 && brackets * 4 >= text.len()
        // Quoted-printable, RFC 2045.
        || count(&|pair| pair[0] == b'=' && pair[1].is_ascii_digit()) >= 2
        || formats >= 3 && often(formats)
        || entities >= 2 && often(memchr::memchr_iter(b';', text).count())
        // Words of mail's headers, RFC 2047, of which the last sign was taken for padding.
        || memchr::memmem::find(text, b"=?").is_some() && text.ends_with(b"?")
}

/// Whether all brackets are closed in order, and there are some; or two pairs are closed at least; or a quote
/// stands twice.
fn has_pairs(text: &[u8]) -> bool {
    if b"\"'`".iter().any(|quote| memchr::memchr_iter(*quote, text).count() == 2) {
        return true;
    }
    let mut open = [0; 16];
    let (mut depth, mut pairs) = (0, 0);
    for &byte in text {
        let closes = match byte {
            b'(' | b'[' | b'{' | b'<' => {
                let Some(place) = open.get_mut(depth) else { return true };
                *place = byte;
                depth += 1;
                continue;
            }
            b')' => b'(',
            b']' => b'[',
            b'}' => b'{',
            b'>' => b'<',
            _ => continue,
        };
        if depth == 0 || open[depth - 1] != closes {
            return pairs >= 2;
        }
        depth -= 1;
        pairs += 1;
    }
    depth == 0 && pairs > 0 || pairs >= 2
}

/// `P1Y2M3W4DT5H6M7S` (ISO 8601), `1h30m15s500ms`: digits and the letters of periods.
fn is_duration(text: &[u8]) -> bool {
    let in_period =
        |byte: &u8| byte.is_ascii_digit() || b"pymwdthsun.,-".contains(&byte.to_ascii_lowercase());
    text.iter().all(in_period)
        && text.iter().any(u8::is_ascii_digit)
        && text.iter().any(|byte| b"mhs".contains(&byte.to_ascii_lowercase()))
}

/// One character six times in a row.
fn stutters(text: &[u8]) -> bool {
    text.windows(6).any(|six| six.iter().all(|byte| *byte == six[0]))
}

/// Ranges of an alphabet: `A-Za-z0-9`.
fn has_ranges(text: &[u8]) -> bool {
    [&b"a-z"[..], b"A-Z", b"0-9", b"a-f", b"A-F"]
        .iter()
        .filter(|range| memchr::memmem::find(text, range).is_some())
        .count()
        >= 2
}

/// Too few different characters, or too many: a text with all digits of some base, none of them twice, is
/// the table of that base.
fn is_poor(text: &[u8]) -> bool {
    let seen = text.iter().fold(0u128, |seen, byte| seen | 1 << (byte & 127));
    let (different, length) = (seen.count_ones() as usize, text.len());
    let one_case = !(text.iter().any(u8::is_ascii_lowercase) && text.iter().any(u8::is_ascii_uppercase));
    // In random text of these lengths some character comes twice, but for one of a million.
    let table = match text.iter().all(u8::is_ascii_hexdigit) {
        true => 15,
        false if one_case => 26,
        false => 48,
    };
    // 16 random hex digits have 10 different ones on average, and below 6 once in ten thousand.
    different < 5.max(length.min(24) / 3) || different == length && length >= table
}

/// Whether it is one short piece over and over, a few bytes apart: `abcabcabcabc`, `00ff00ff00fe`.
fn repeats(text: &[u8]) -> bool {
    (1..=text.len() / 3).take(16).any(|period| {
        let same = text.iter().zip(&text[period..]).filter(|(left, right)| left == right).count();
        same * 4 >= (text.len() - period) * 3
    })
}

/// Whether most characters follow the one before, or the one before that, as in the alphabet:
/// `ABCDEFGHJKMNP`, `a1b2c3d4e5`, `0x01020304`.
fn climbs(text: &[u8]) -> bool {
    (1..=4).any(|stride| {
        let steps = text.iter().zip(&text[stride..]).filter(|(left, right)| left.abs_diff(**right) <= 1);
        steps.count() * 3 >= (text.len() - stride) * 2
    })
}

/// Whether most characters lie beside the one before on the keyboard: `qwertyuiop`, `1qaz2wsx3edc`.
fn walks(text: &[u8]) -> bool {
    let key = |byte: u8| KEYS[usize::from(byte & 127)];
    let near = |pair: &&[u8]| {
        let ((row, column), (next_row, next_column)) = (key(pair[0]), key(pair[1]));
        row > 0 && next_row > 0 && (row - next_row).abs() <= 1 && (column - next_column).abs() <= 1
    };
    text.windows(2).filter(near).count() * 10 >= (text.len() - 1) * 7
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::shape::Seed;

    #[test]
    fn patterns_are_regular() {
        for text in [
            "P1Y2M3W4DT5H6M7.98765S",
            "1h30m15s500ms",
            "_.a-zA-Z0-9-",
            "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
            "qxjzkvbpygfwmucldrhsnioate",
            "0123456789abcdef",
            "0123456789ABCDEFGHJKMNPQRSTVWXYZ",
            "a1b2c3d4e5f6g7h8",
            "qwertyuiopasdfgh",
            "1qaz2wsx3edc4rfv",
            "zaq1xsw2cde3",
            "abcabcabcabc",
            "deadbeefdeadbeefdeadbeef",
            "aaaaaaaaaaaaaaaaaaab",
            "00000000000000000001",
            "fedcba9876543210",
            "0102030405060708090a",
            "xxxxxxxxxxxxxxxx",
        ] {
            assert!(is_regular(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn code_is_known_by_its_signs() {
        for (text, expect) in [
            ("^[a-z]+(foo|bar)$", true),
            ("%Y-%m-%dT%H:%M:%S", true),
            ("a=AQ,b=AgM,c=BAUG", true),
            ("=?utf-8?B?0J/RgNC4?", true),
            ("<p>**(**foo)</p>", true),
            ("x9$Kq!vT2#mWz8@p", false),
            ("(x9$Kq!vT2#mWz8@p", false),
        ] {
            assert_eq!(is_code(text.as_bytes()), expect, "{text}");
        }
        assert!(is_crumbled(b"CVSS:3.1/AV:N/AC:L/PR:N") && !is_crumbled(b"x9Kq-vT2mWz8pLr4"));
    }

    #[test]
    fn random_text_is_not() {
        let alphabets: [(&[u8], usize); 3] = [
            (b"0123456789abcdef", 16),
            (b"abcdefghijklmnopqrstuvwxyz0123456789", 12),
            (b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", 12),
        ];
        for (alphabet, shortest) in alphabets {
            for length in [shortest, 20, 32, 40, 64] {
                let mut seed = Seed(length as u64);
                let regular = (0..4_000)
                    .filter(|_| {
                        let text: Vec<u8> =
                            (0..length).map(|_| alphabet[seed.below(alphabet.len())]).collect();
                        is_regular(&text)
                    })
                    .count();
                assert!(regular <= 8, "{} {length}: {regular} of 4000", alphabet.len());
            }
        }
    }
}
