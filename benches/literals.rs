//! The prefilter against an automaton of the same literals, on the same text, in one run.

// A benchmark talks to whoever runs it.
#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::cast_precision_loss, missing_docs)]

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use prodcheck::model::Profile;
use prodcheck::rules::{Catalog, Selection};
use prodcheck::scan::Plan;

fn main() {
    let tree = std::env::args().skip(1).find(|a| !a.starts_with("--"));
    let tree = tree.map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), PathBuf::from);
    let mut texts = Vec::new();
    read(&tree, &mut texts);
    let bytes: usize = texts.iter().map(Vec::len).sum();
    let catalog = Catalog::built_in();
    let everything = Selection { profile: Profile::Audit, only: Vec::new(), skip: Vec::new() };
    let selected = everything.resolve(&catalog).unwrap();
    let start = Instant::now();
    let plan = Plan::new(&catalog, &selected, "").unwrap();
    let own_build = start.elapsed();
    let own = plan.literals();
    let literals: Vec<&str> = own.texts().collect();
    let start = Instant::now();
    let dfa = AhoCorasick::builder()
        .kind(Some(AhoCorasickKind::DFA))
        .ascii_case_insensitive(true)
        .build(&literals)
        .unwrap();
    let dfa_build = start.elapsed();
    println!("{} literals, {} texts, {:.1} MB", literals.len(), texts.len(), bytes as f64 / 1e6);
    println!("ready in: whole plan {own_build:.1?}, DFA {dfa_build:.1?}");
    let mut counts = vec![0_u32; literals.len()];
    for text in &texts {
        own.find(text, |literal, _| counts[literal] += 1);
    }
    let mut often: Vec<(u32, &str)> = counts.into_iter().zip(literals.iter().copied()).collect();
    often.sort_unstable_by(|a, b| b.cmp(a));
    println!("most often: {:?}", &often[..often.len().min(12)]);
    let passes = (400_000_000 / bytes.max(1)).clamp(1, 500);
    for round in 0..3 {
        let mut rates = [0.0; 2];
        let mut hits = [0; 2];
        for step in 0..2 {
            let which = (round + step) % 2;
            let start = Instant::now();
            for text in (0..passes).flat_map(|_| &texts) {
                if which == 0 {
                    own.find(text, |_, _| hits[0] += 1);
                } else {
                    hits[1] += dfa.find_overlapping_iter(text).count();
                }
            }
            rates[which] = (bytes * passes) as f64 / 1e6 / start.elapsed().as_secs_f64();
        }
        // A literal that is of no use without what follows it may be passed over.
        assert!(hits[0] <= hits[1]);
        println!(
            "own {:>6.0} MB/s   DFA {:>6.0} MB/s   {:.2} x   {} and {} hits",
            rates[0],
            rates[1],
            rates[0] / rates[1],
            hits[0],
            hits[1]
        );
    }
}

fn read(path: &Path, texts: &mut Vec<Vec<u8>>) {
    for entry in fs::read_dir(path).unwrap().map(Result::unwrap) {
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            read(&entry.path(), texts);
        } else if kind.is_file() {
            texts.push(fs::read(entry.path()).unwrap());
        }
    }
}
