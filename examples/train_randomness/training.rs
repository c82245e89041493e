//! Learns the table of costs and the lists of words.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use prodcheck::detect::randomness::{Alphabet, SYMBOLS, TABLE};

use crate::corpus::{Kind, Seen, is_held_back, tokens};

/// How many words that names are made of are kept, and how many of prose.
const NAMES: usize = 3600;
const PROSE: usize = 1800;
/// Of a hundred characters so many follow no rule, in names too.
const CHAOS: f64 = 0.03;

/// In how many packages a word was met: as a part of a name of several, and standing alone.
#[derive(Default)]
struct Met {
    in_names: u32,
    alone: u32,
    last_in_names: u32,
    last_alone: u32,
}

pub fn train(packages: &[(String, Vec<PathBuf>)]) {
    let mut counts = vec![0u64; TABLE];
    let mut words: HashMap<Vec<u8>, Met> = HashMap::new();
    let mut seen = Seen::default();
    let mut families = 0;
    let mut last_family = String::new();
    for (package, files) in packages {
        if is_held_back(package) {
            continue;
        }
        // Versions and parts of one project count as one: they share their words.
        let family: String = package.chars().take_while(|c| c.is_alphanumeric()).take(6).collect();
        if family != last_family {
            families += 1;
            last_family = family;
        }
        for file in files {
            let Ok(text) = fs::read(file) else { continue };
            tokens(file, &text, |token| {
                let joined =
                    token.kind == Kind::Name && token.text.iter().any(|byte| matches!(byte, b'_' | b'-'));
                count_words(token.text, joined, families, &mut words);
                if seen.is_new(token.text) && !is_digest(token.text) {
                    count_pairs(token.text, &mut counts);
                }
            });
        }
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/detect/secrets");
    fs::write(folder.join("bigrams.bin"), costs(&counts)).unwrap();
    let (names, prose) = lists(words);
    println!("{families} families, {} names, {} of prose", names.len(), prose.len());
    fs::write(folder.join("names.txt"), lines(names)).unwrap();
    fs::write(folder.join("prose.txt"), lines(prose)).unwrap();
}

fn count_pairs(text: &[u8], counts: &mut [u64]) {
    let mut row = SYMBOLS;
    for &byte in text {
        let column = usize::from(byte - b'!');
        counts[row * SYMBOLS + column] += 1;
        row = column;
    }
}

/// Bits, in sixteenths.
fn costs(counts: &[u64]) -> Vec<u8> {
    let cost = |count: u64, sum: u64| {
        let seen = (count as f64) / (sum.max(1) as f64);
        let chance = seen * (1.0 - CHAOS) + CHAOS / SYMBOLS as f64;
        (-chance.log2() * 16.0).round() as u8
    };
    counts
        .chunks(SYMBOLS)
        .flat_map(|row| {
            let sum = row.iter().sum();
            row.iter().map(move |&count| cost(count, sum))
        })
        .collect()
}

/// Random text that stands in every body of sources.
fn is_digest(text: &[u8]) -> bool {
    text.len() >= 16 && Alphabet::of(text) == Some(Alphabet::Hex)
        || text.len() >= 40 && text.iter().filter(|byte| byte.is_ascii_digit()).count() * 10 > text.len()
}

fn count_words(text: &[u8], joined: bool, family: u32, words: &mut HashMap<Vec<u8>, Met>) {
    let mut count = |word: &[u8], joined: bool| {
        if !(3..=16).contains(&word.len()) {
            return;
        }
        let word = word.to_ascii_lowercase();
        let met = words.entry(word).or_default();
        if joined && met.last_in_names != family {
            met.last_in_names = family;
            met.in_names += 1;
        } else if !joined && met.last_alone != family {
            met.last_alone = family;
            met.alone += 1;
        }
    };
    let is_sign = |byte: &u8| !byte.is_ascii_alphanumeric();
    for part in text.split(is_sign) {
        let has_digits = part.iter().any(u8::is_ascii_digit);
        if has_digits {
            // `sha256`, but neither `0x1f` nor `2nd` nor `v1`.
            if part.len() <= 9 && part.first().is_some_and(u8::is_ascii_alphabetic) && part.len() >= 3 {
                count(part, true);
            }
            continue;
        }
        // Cases alone divide here: the lists of words are what is made.
        let mut start = 0;
        for at in 1..=part.len() {
            let upper = |at: usize| part.get(at).is_some_and(u8::is_ascii_uppercase);
            let ends = at == part.len()
                || upper(at) && !upper(at - 1)
                || upper(at) && at + 1 < part.len() && !upper(at + 1);
            if ends && at > start {
                let whole = start == 0 && at == part.len() && part.len() == text.len();
                count(&part[start..at], joined || !whole);
                start = at;
            }
        }
    }
}

fn lists(words: HashMap<Vec<u8>, Met>) -> (Vec<Vec<u8>>, Vec<Vec<u8>>) {
    let mut words: Vec<(Vec<u8>, Met)> = words.into_iter().collect();
    words.sort_by(|left, right| left.0.cmp(&right.0));
    // A stable sort: words met equally often stay in the order of their letters.
    words.sort_by_key(|(_, met)| std::cmp::Reverse(met.in_names));
    let good = |word: &[u8]| {
        let digits = word.iter().filter(|byte| byte.is_ascii_digit()).count();
        let vowels = word.iter().any(|byte| b"aeiouy".contains(byte));
        // Names of one letter and a number are not words; nor are numbered ones.
        if digits > 0 { word.len() - digits >= 2 && word.len() <= 9 } else { vowels || word.len() <= 4 }
    };
    // Short words turn up by chance, words with digits are many that mean nothing: only the usual ones.
    let mut names: Vec<Vec<u8>> = Vec::new();
    let (mut threes, mut digits) = (0, 0);
    let mut rest = Vec::new();
    for (word, met) in words {
        let has_digits = word.iter().any(u8::is_ascii_digit);
        let kind = if has_digits { &mut digits } else { &mut threes };
        let room = if has_digits { *kind < 120 } else { word.len() > 3 || *kind < 350 };
        if names.len() < NAMES && room && good(&word) {
            *kind += usize::from(has_digits || word.len() == 3);
            names.push(word);
        } else if !has_digits && word.len() >= 4 && good(&word) {
            rest.push((word, met));
        }
    }
    rest.sort_by_key(|(_, met)| std::cmp::Reverse(met.alone));
    let prose = rest.into_iter().take(PROSE).map(|(word, _)| word).collect();
    (names, prose)
}

/// One word a line, by length, then by letters.
fn lines(mut words: Vec<Vec<u8>>) -> Vec<u8> {
    words.sort_by(|left, right| left.len().cmp(&right.len()).then_with(|| left.cmp(right)));
    words
        .into_iter()
        .flat_map(|mut word| {
            word.push(b'\n');
            word
        })
        .collect()
}
