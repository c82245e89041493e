//! Measures: how often text of packages that were held back is called random, and random text is not.

use std::fs;
use std::path::PathBuf;

use prodcheck::detect::randomness::{Randomness, judge};
use prodcheck::rules::shape::Seed;

use crate::corpus::{Kind, Seen, is_held_back, tokens};

/// Lengths that are counted together; each ends where the next begins.
const LENGTHS: [usize; 9] = [10, 12, 14, 16, 18, 20, 24, 32, 48];
/// How many samples of random text are made of each kind and length.
const SAMPLES: usize = 20_000;
/// How many texts called random are shown of each length.
const SHOWN: usize = 60;

/// What generators make: name and alphabet.
const GENERATORS: [(&str, &str); 9] = [
    ("hex", "0123456789abcdef"),
    ("HEX", "0123456789ABCDEF"),
    ("base32", "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"),
    ("lower", "abcdefghijklmnopqrstuvwxyz0123456789"),
    ("alnum", "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"),
    ("base64", "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"),
    ("base64url", "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
    ("signs", "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!@#$%^&*"),
    ("graphic", "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$%&()*+,-./:;<=>?@[]^_{|}~"),
];

/// Prints both sides.
pub fn measure(packages: &[(String, Vec<PathBuf>)]) {
    held_back(packages);
    random();
}

fn held_back(packages: &[(String, Vec<PathBuf>)]) {
    let mut seen = Seen::default();
    // Of each length: literals and values, those called random; names, those called random.
    let mut counts = [[0u32; 4]; LENGTHS.len()];
    let mut shown: [Vec<String>; LENGTHS.len()] = Default::default();
    for (package, files) in packages.iter().filter(|(package, _)| is_held_back(package)) {
        for file in files {
            let Ok(text) = fs::read(file) else { continue };
            tokens(file, &text, |token| {
                let Some(row) = LENGTHS.iter().rposition(|&from| from <= token.text.len()) else { return };
                if !seen.is_new(token.text) {
                    return;
                }
                let at = if token.kind == Kind::Name { 2 } else { 0 };
                counts[row][at] += 1;
                if judge(token.text) == Randomness::Random {
                    counts[row][at + 1] += 1;
                    // Digests and samples of the crypto packages: random indeed.
                    if token.text.iter().all(u8::is_ascii_hexdigit) {
                        return;
                    }
                    shown[row].push(format!(
                        "{:?} {} ({package})",
                        token.kind,
                        String::from_utf8_lossy(token.text)
                    ));
                }
            });
        }
    }
    for (row, texts) in shown.iter().enumerate() {
        println!("called random, from {} bytes ({} in all):", LENGTHS[row], texts.len());
        // Spread over all.
        for text in texts.iter().step_by(texts.len().div_ceil(SHOWN).max(1)) {
            println!("    {text}");
        }
    }
    println!("held back: different literals and values, called random; different names, called random");
    for (length, [literals, literals_random, names, names_random]) in LENGTHS.iter().zip(counts) {
        println!("    from {length:3}: {literals:8} {literals_random:6} {names:8} {names_random:6}");
    }
}

fn random() {
    println!("random text that is not called random, in percent; of these unclear, in percent");
    for (name, alphabet) in GENERATORS {
        print!("    {name:10}");
        for length in [10, 12, 14, 16, 18, 20, 24, 32, 40, 64] {
            let mut seed = Seed(length as u64);
            let (mut missed, mut unclear) = (0, 0);
            for _ in 0..SAMPLES {
                let text: Vec<u8> =
                    (0..length).map(|_| alphabet.as_bytes()[seed.below(alphabet.len())]).collect();
                let level = judge(&text);
                missed += usize::from(level != Randomness::Random);
                unclear += usize::from(level == Randomness::Unclear);
            }
            let percent = |count: usize| count as f64 * 100.0 / SAMPLES as f64;
            print!(" {length}: {:.2} {:.2}", percent(missed), percent(unclear));
        }
        println!();
    }
}
