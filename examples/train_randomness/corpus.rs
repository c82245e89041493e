//! What stands in source files: names, literals, values of configurations.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Files of these kinds are read.
const ENDINGS: &[&str] = &[
    "rs",
    "toml",
    "md",
    "json",
    "yml",
    "yaml",
    "js",
    "mjs",
    "cjs",
    "ts",
    "tsx",
    "jsx",
    "vue",
    "py",
    "pyi",
    "go",
    "java",
    "kt",
    "sh",
    "c",
    "h",
    "cpp",
    "hpp",
    "cc",
    "html",
    "css",
    "scss",
    "xml",
    "ini",
    "cfg",
    "conf",
    "env",
    "properties",
    "tf",
    "sql",
    "proto",
    "rb",
    "php",
    "cs",
    "txt",
    "rst",
    "graphql",
    "po",
    "ftl",
];
/// Of one package only so many files are read, and no longer ones: no package shall speak for all.
const FILES_OF_A_PACKAGE: usize = 150;
const LARGEST: u64 = 200_000;
/// Longer lines are made by machines.
const LONGEST_LINE: usize = 300;

/// Where a text stood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Between quotes.
    Literal,
    /// Behind `=` or `:` in a configuration.
    Value,
    /// A run of letters, digits and what joins them.
    Name,
}

/// A text of a file.
pub struct Token<'t> {
    pub kind: Kind,
    pub text: &'t [u8],
}

/// Packages (the folders right below the given ones) and their files, in order.
pub fn packages(folders: &[String]) -> Vec<(String, Vec<PathBuf>)> {
    let mut packages = Vec::new();
    for folder in folders {
        let mut entries: Vec<_> = fs::read_dir(folder).unwrap().flatten().map(|entry| entry.path()).collect();
        entries.sort();
        for entry in entries.into_iter().filter(|entry| entry.is_dir()) {
            let mut files = Vec::new();
            collect(&entry, &mut files);
            files.sort();
            // Spread over the package, not its first folder alone.
            let step = files.len().div_ceil(FILES_OF_A_PACKAGE).max(1);
            let files = files.into_iter().step_by(step).collect();
            packages.push((entry.file_name().unwrap().to_string_lossy().into_owned(), files));
        }
    }
    packages
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().to_ascii_lowercase();
        let Ok(kind) = entry.file_type() else { continue };
        if kind.is_dir() {
            collect(&path, files);
        } else if kind.is_file()
            && path.extension().is_some_and(|e| ENDINGS.iter().any(|ending| e == *ending))
            && !name.contains(".min.")
            // Digests are the one thing that stands in these.
            && !name.contains("lock")
            && name != ".cargo-checksum.json"
            && entry.metadata().is_ok_and(|data| data.len() <= LARGEST)
        {
            files.push(path);
        }
    }
}

/// Calls back for each text of a file.
pub fn tokens<'t>(file: &Path, text: &'t [u8], mut each: impl FnMut(Token<'t>)) {
    let configuration = file.extension().is_some_and(|e| {
        ["toml", "yml", "yaml", "ini", "cfg", "conf", "env", "properties"].iter().any(|ending| e == *ending)
    });
    for line in text.split(|&byte| byte == b'\n').filter(|line| line.len() <= LONGEST_LINE) {
        let mut quoted = false;
        for quote in *b"\"'`" {
            for literal in line.split(|&byte| byte == quote).skip(1).step_by(2) {
                quoted = true;
                if is_text(literal) {
                    each(Token { kind: Kind::Literal, text: literal });
                }
            }
        }
        let value = line.iter().position(|byte| matches!(byte, b'=' | b':'));
        let value = value.map(|at| line[at + 1..].trim_ascii()).filter(|value| is_text(value));
        if let Some(text) = value.filter(|_| configuration && !quoted) {
            each(Token { kind: Kind::Value, text });
        }
        for name in line.split(|&byte| !(byte.is_ascii_alphanumeric() || b"_-./+=:".contains(&byte))) {
            let name = name.trim_ascii();
            if name.len() >= 3 && name.len() <= 128 && is_text(name) {
                each(Token { kind: Kind::Name, text: name });
            }
        }
    }
}

fn is_text(text: &[u8]) -> bool {
    (3..=128).contains(&text.len())
        && text.iter().all(u8::is_ascii_graphic)
        && text.iter().any(u8::is_ascii_alphabetic)
        && !text.contains(&b'\\')
}

/// Texts that were seen, as 64-bit hashes.
#[derive(Default)]
pub struct Seen(HashSet<u64>);

impl Seen {
    /// Whether it is the first of its kind.
    pub fn is_new(&mut self, text: &[u8]) -> bool {
        self.0.insert(hash(text))
    }
}

/// FNV-1a: the same on every machine.
pub fn hash(text: &[u8]) -> u64 {
    text.iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, &byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// Whether a package is measured on instead of learned from. All versions of one are on the same side.
pub fn is_held_back(package: &str) -> bool {
    let name = package.split("-0").next().unwrap_or(package);
    let name = name.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | '-' | '+'));
    (hash(name.as_bytes()) >> 32).is_multiple_of(4)
}
