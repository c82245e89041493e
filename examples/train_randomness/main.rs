//! Trains what tells random text from words, and measures it:
//!
//! ```sh
//! cargo run --release --example train_randomness -- FOLDER…         # measures
//! cargo run --release --example train_randomness -- --write FOLDER… # trains
//! ```
//!
//! Each folder holds packages, one in each of its folders: cargo's registry cache will do
//! (`~/.cargo/registry/src/*`), or the packages of another language. Three of four packages are learned
//! from, the fourth is held back; the same folders give the same files.
//!
//! `--write` writes the table of costs (`src/detect/secrets/bigrams.bin`) and the lists of words
//! (`names.txt`, `prose.txt` beside it). They are compiled in, so measure with a second run. Measuring prints
//! how often text that was held back is called random, with the worst of them to look at, and how often
//! random text is not: the thresholds in `randomness.rs` were chosen by these figures.

// A tool at the command line prints, and may stop at the first trouble.
#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::cast_precision_loss, clippy::cast_sign_loss)]

mod corpus;
mod figures;
mod training;

use std::env;

fn main() {
    let mut folders: Vec<String> = env::args().skip(1).collect();
    let write = folders.iter().any(|argument| argument == "--write");
    folders.retain(|argument| argument != "--write");
    assert!(!folders.is_empty(), "name a folder of packages");
    let packages = corpus::packages(&folders);
    println!(
        "{} packages, {} files",
        packages.len(),
        packages.iter().map(|(_, files)| files.len()).sum::<usize>()
    );
    if write {
        training::train(&packages);
    } else {
        figures::measure(&packages);
    }
}
