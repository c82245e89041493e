//! The parsers of private keys: what the fuzzer makes is what stands inside of the base64, so that it does
//! not have to find that out.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use prodcheck::detect::{Emit, Prepared};
use prodcheck::model::{Language, RepoPath, Target};
use prodcheck::rules::Catalog;
use prodcheck::rules::shape::codec::to_base64;
use prodcheck::source::{FileKind, FileView};

const LABELS: &[&str] = &[
    "PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY", "DSA PRIVATE KEY", "ENCRYPTED PRIVATE KEY",
    "OPENSSH PRIVATE KEY", "PGP PRIVATE KEY BLOCK", "SSH2 ENCRYPTED PRIVATE KEY",
];

static CATALOG: LazyLock<Catalog> = LazyLock::new(Catalog::built_in);

fuzz_target!(|data: (u8, &[u8])| {
    let (which, bytes) = data;
    let label = LABELS[usize::from(which) % LABELS.len()];
    let digits = String::from_utf8(to_base64(bytes)).expect("base64 is ASCII");
    let text = format!("-----BEGIN {label}-----\n\n{digits}\n-----END {label}-----\n");
    look("secrets/private-key", "PRIVATE KEY", text.as_bytes());
    let putty = format!(
        "PuTTY-User-Key-File-3: x\nEncryption: none\nComment: x\nPublic-Lines: 1\n{digits}\nPrivate-Lines: 1\n\
         {digits}\nPrivate-MAC: 0\n"
    );
    look("secrets/putty-ppk", "PuTTY-User-Key-File-", putty.as_bytes());
    let signing = format!("untrusted comment: x\n{digits}\n");
    look("secrets/minisign-secret", "untrusted comment:", signing.as_bytes());
});

fn look(rule: &str, keyword: &str, text: &[u8]) {
    let rule = CATALOG.get(rule).expect("a built-in rule");
    let prepared = Prepared::new(rule, true).expect("its detector");
    let path = RepoPath::from("a.txt");
    let view = FileView::new(&path, text, FileKind { language: Language::Text, target: Target::Source });
    let mut emit = Emit::default();
    for at in 0..text.len().saturating_sub(keyword.len()) {
        if text[at..].starts_with(keyword.as_bytes()) {
            prepared.detector.hit(&prepared, &view, at..at + keyword.len(), &mut emit);
        }
    }
    for raw in emit.raws {
        let range = raw.range.expect("a place");
        assert!(range.start < range.end && range.end <= text.len());
    }
}
