//! The parsers of private keys: what the fuzzer makes is what stands inside of the base64, so that it does
//! not have to find that out.
#![no_main]

mod look;

use libfuzzer_sys::fuzz_target;
use prodcheck::model::codec::to_base64;

use look::look;

const LABELS: &[&str] = &[
    "PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY", "DSA PRIVATE KEY", "ENCRYPTED PRIVATE KEY",
    "OPENSSH PRIVATE KEY", "PGP PRIVATE KEY BLOCK", "SSH2 ENCRYPTED PRIVATE KEY",
];

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
