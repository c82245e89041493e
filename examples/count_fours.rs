//! Counts the commonest four bytes of source code, for the choice of what literals are looked for by:
//!
//! ```sh
//! cargo run --release --example count_fours -- FOLDER…
//! ```
//!
//! The folders are what the program `train_randomness` takes: packages, one in each of their folders. It writes
//! `src/scan/fours.bin`; the same folders give the same file.

// A tool at the command line prints, and may stop at the first trouble.
#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::cast_precision_loss, clippy::cast_sign_loss)]

use std::collections::HashMap;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use prodcheck::scan::rarity::COMMON;

/// Of one package no more is read, and no larger files: no package shall speak for all.
const BYTES_OF_A_PACKAGE: usize = 1 << 20;
const LARGEST: u64 = 200_000;

fn main() {
    let mut counts = HashMap::new();
    let mut total = 0u64;
    for folder in env::args().skip(1) {
        for package in entries(Path::new(&folder)) {
            let mut left = BYTES_OF_A_PACKAGE;
            count(&package, &mut left, &mut counts, &mut total);
        }
    }
    assert!(total > 0, "name folders of packages");
    let mut by_count: Vec<(u64, [u8; 4])> = counts.into_iter().map(|(four, count)| (count, four)).collect();
    by_count.sort_unstable_by(|a, b| b.cmp(a));
    by_count.truncate(COMMON);
    by_count.sort_unstable_by_key(|&(_, four)| four);
    let table: Vec<u8> = by_count
        .iter()
        .flat_map(|&(count, four)| {
            let rarity = -(count as f64 / total as f64).log2() * 8.0;
            four.into_iter().chain([rarity.round() as u8])
        })
        .collect();
    fs::write(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/scan/fours.bin"), table).unwrap();
    println!("{total} places");
}

fn count(path: &Path, left: &mut usize, counts: &mut HashMap<[u8; 4], u64>, total: &mut u64) {
    for entry in entries(path) {
        let meta = fs::symlink_metadata(&entry).unwrap();
        if meta.is_dir() {
            count(&entry, left, counts, total);
        } else if meta.is_file() && meta.len() < LARGEST && *left > 0 {
            let text = fs::read(&entry).unwrap();
            if text.contains(&0) {
                continue;
            }
            *left = left.saturating_sub(text.len());
            for four in text.windows(4) {
                let four = [four[0], four[1], four[2], four[3]].map(|byte| byte.to_ascii_lowercase());
                *counts.entry(four).or_default() += 1;
                *total += 1;
            }
        }
    }
}

/// What a folder holds, in order.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder)
        .map(|list| list.flatten().map(|entry| entry.path()).collect())
        .unwrap_or_default();
    entries.sort();
    entries
}
