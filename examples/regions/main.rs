//! Says what the masker takes each keyword for, to hold it against the lexer of the language itself:
//!
//! ```sh
//! find FOLDER -name '*.py' | cargo run --release --example regions > ours.tsv
//! python3 examples/regions/python.py ours.tsv
//! ```
//!
//! A line is a file, the offset of a keyword in it, and its region. The scripts beside this file read the same files, with
//! Python's own `tokenize`, with acorn for JavaScript and with tree-sitter's grammars for others, and name every place where
//! the two differ.

// A tool at the command line prints, and may stop at the first trouble.
#![allow(clippy::print_stdout, clippy::unwrap_used)]

use std::fs;
use std::io::{self, BufRead, Write};

use prodcheck::model::RepoPath;
use prodcheck::source::{Regions, language_of};

/// What rules of debug leftovers ask about, and words that stand in comments and strings as often as in code.
const KEYWORDS: [&str; 24] = [
    "print",
    "debug",
    "breakpoint",
    "set_trace",
    "todo",
    "fixme",
    "xxx",
    "import",
    "return",
    "assert",
    "raise",
    "dbg!",
    "console",
    "unimplemented",
    "ignore",
    "localhost",
    "true",
    "password",
    "secret",
    "if ",
    "def ",
    "set -x",
    "puts",
    "log",
];

fn main() {
    let out = io::stdout();
    let mut out = io::BufWriter::new(out.lock());
    for path in io::stdin().lock().lines() {
        let path = path.unwrap();
        let Ok(text) = fs::read(&path) else { continue };
        let regions = Regions::new(language_of(&RepoPath::from(&*path), &text), &text);
        let lower = text.to_ascii_lowercase();
        for keyword in KEYWORDS {
            for at in memchr::memmem::find_iter(&lower, keyword) {
                writeln!(out, "{path}\t{at}\t{}", regions.at(at)).unwrap();
            }
        }
    }
}
