//! Trains the table that tells random text from words: `cargo run --release --example train_randomness --
//! FOLDER OUTPUT`.
//!
//! Reads all `.rs` and `.md` files below FOLDER (any large body of source code will do; the table in
//! `src/detect/secrets/bigrams.bin` came from the sources of a thousand Rust packages), in order of their
//! paths, so that the same sources give the same table. Every fourth file is held back; at the end the
//! program prints how random text and the words of those files score, which is where the thresholds in
//! `randomness.rs` come from.

// A tool at the command line prints, and may stop at the first trouble.
#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::cast_precision_loss, clippy::cast_sign_loss)]

use std::path::{Path, PathBuf};
use std::{env, fs};

use prodcheck::detect::randomness::{Alphabet, SYMBOLS, cost_with, symbol};
use prodcheck::rules::shape::Seed;

fn main() {
    let mut arguments = env::args().skip(1);
    let (folder, output) = (arguments.next().unwrap(), arguments.next().unwrap());
    let mut files = Vec::new();
    collect(Path::new(&folder), &mut files);
    files.sort();
    let mut counts = vec![1u64; SYMBOLS * SYMBOLS];
    let mut held_back: Vec<Vec<u8>> = Vec::new();
    for (index, file) in files.iter().enumerate() {
        let Ok(text) = fs::read(file) else { continue };
        for word in words(&text) {
            if index % 4 == 0 {
                if word.len() >= 16 {
                    held_back.push(word.to_vec());
                }
            } else {
                for pair in word.windows(2) {
                    counts[symbol(pair[0]) * SYMBOLS + symbol(pair[1])] += 1;
                }
            }
        }
    }
    let table: Vec<u8> = counts
        .chunks(SYMBOLS)
        .flat_map(|row| {
            let sum: u64 = row.iter().sum();
            row.iter().map(move |&count| {
                // Bits, in sixteenths.
                let bits = -((count as f64) / (sum as f64)).log2();
                (bits * 16.0).round().min(255.0) as u8
            })
        })
        .collect();
    fs::write(&output, &table).unwrap();
    println!("{} files, {} words held back", files.len(), held_back.len());

    held_back.sort_unstable();
    held_back.dedup();
    for alphabet in Alphabet::ALL {
        let mut of_words: Vec<u32> = held_back
            .iter()
            .filter(|word| Alphabet::of(word) == Some(*alphabet))
            .filter_map(|word| cost_with(&table, word))
            .collect();
        of_words.sort_unstable();
        let top = |per_mille: usize| of_words.get(of_words.len() * per_mille / 1000).copied();
        println!(
            "{alphabet:?}: words {} median {:?} 99% {:?} 99.9% {:?}",
            of_words.len(),
            top(500),
            top(990),
            top(999)
        );
        for length in [16, 20, 24, 32, 40, 64] {
            let mut seed = Seed(length as u64);
            let bytes = alphabet.bytes();
            let mut random: Vec<u32> = (0..4000)
                .filter_map(|_| {
                    let text: Vec<u8> = (0..length).map(|_| bytes[seed.below(bytes.len())]).collect();
                    cost_with(&table, &text)
                })
                .collect();
            random.sort_unstable();
            println!("    random {length}: 1% {} 10% {} median {}", random[40], random[400], random[2000]);
        }
    }
}

/// Runs of letters, digits and what joins them. Long runs of hex are digests, not words.
fn words(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|&byte| !(byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'/' | b'+' | b'.')))
        .filter(|word| word.len() >= 4 && word.len() < 64)
        .filter(|word| {
            !(word.len() >= 16 && word.iter().filter(|byte| byte.is_ascii_digit()).count() * 6 > word.len())
        })
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|e| e == "rs" || e == "md") {
            files.push(path);
        }
    }
}
