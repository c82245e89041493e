//! Values that have a secret's form and are visibly none.

use super::listed::Parts;

/// Words that people put into the place of a secret. Lower case; none of them turns up by chance in a
/// random value of usual length.
static WORDS: Parts<24> = Parts::of(&[
    b"example",
    b"placeholder",
    b"redacted",
    b"changeme",
    b"replaceme",
    b"notarealkey",
    b"dummy",
    b"yourtoken",
    b"your_",
    b"your-",
    b"insert",
    b"xxxx",
    b"aaaaaa",
    b"000000",
    b"111111",
    b"123456",
    b"987654",
    b"abcdef",
    b"qwerty",
    // The key id of Amazon's documentation.
    b"iosfodnn7",
    b"deadbeef",
    b".....",
    b"-----",
    b"_____",
]);

/// Whether the changing part of a token looks made up by a person: a word that says so, a run of one
/// character or of neighbours, or hardly any different characters.
pub(super) fn is_made_up(body: &[u8]) -> bool {
    let lower = body.to_ascii_lowercase();
    if WORDS.stand_in(&lower) {
        return true;
    }
    let mut seen = 0u128;
    for &byte in body.iter().filter(|byte| byte.is_ascii()) {
        seen |= 1 << byte;
    }
    // 16 random hex digits have 10 different ones on average, and below 5 once in many millions.
    let different = seen.count_ones() as usize;
    body.len() >= 5 && different < 3
        || body.len() >= 12 && different < 5.min(body.len() / 3)
        || is_mashed(&lower)
        || repeats(&lower)
        || climbs(&lower)
}

/// Whether a hand lay on the middle row of a keyboard: `asdlfkjasldkfj`.
fn is_mashed(lower: &[u8]) -> bool {
    lower.len() >= 12 && lower.iter().all(|byte| b"asdfghjkl;".contains(byte))
}

/// Whether it is one short piece over and over: `abcabcabcabc`.
fn repeats(body: &[u8]) -> bool {
    body.len() >= 12
        && (1..=body.len() / 3)
            .any(|period| body.iter().zip(&body[period..]).all(|(left, right)| left == right))
}

/// Whether seven characters follow each other as in the alphabet: `aAbBcCdDeEfFgG`.
fn climbs(lower: &[u8]) -> bool {
    let mut run = 1;
    let mut last = 0;
    for &byte in lower {
        if byte == last {
            continue;
        }
        run = if byte.checked_sub(1) == Some(last) { run + 1 } else { 1 };
        if run >= 7 {
            return true;
        }
        last = byte;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::shape::{Seed, parse};

    #[test]
    fn what_people_write_is_made_up() {
        for text in [
            "xxxxxxxxxxxxxxxxxxxx",
            "0123456789abcdef",
            "THISISANEXAMPLE1",
            "aZ3aZ3aZ3aZ3aZ3",
            "ababababababab",
        ] {
            assert!(is_made_up(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn what_is_random_is_not() {
        let mut seed = Seed(3);
        for notation in ["'k' hex{32}", "'k' alnum{36}", "'k' base32{16}", "'k' base64url{43}"] {
            let shape = parse(notation).expect("a shape");
            let made_up =
                (0..4_000).filter(|_| is_made_up(&shape.sample(None, &mut seed).as_bytes()[1..])).count();
            assert!(made_up <= 2, "{notation}: {made_up} of 4000");
        }
    }
}
