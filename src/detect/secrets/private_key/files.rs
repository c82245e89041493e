//! Key files with formats of their own.

use std::ops::Range;

use super::openssh::public_key;
use super::{Key, report};
use crate::detect::secrets::decode;
use crate::detect::{Detector, Emit, Needs, Prepared};
use crate::source::FileView;

/// No such file is longer.
const LONGEST: usize = 16 * 1024;

/// Keys of PuTTY (<https://the.earth.li/~sgtatham/putty/0.83/htmldoc/AppendixC.html>), static keys of OpenVPN,
/// and secret keys of minisign (<https://jedisct1.github.io/minisign/>) and signify
/// (<https://man.openbsd.org/signify.1>). What the hit's keyword is says which.
pub(in crate::detect) struct KeyFiles;

impl Detector for KeyFiles {
    fn name(&self) -> &'static str {
        "key-file"
    }

    fn reason(&self) -> &'static str {
        "a block of many lines, told by its first and proven by its structure"
    }

    fn needs(&self) -> Needs {
        Needs::Hits
    }

    fn hit(&self, rule: &Prepared, view: &FileView, at: Range<usize>, emit: &mut Emit) {
        let window = &view.bytes()[at.start..view.bytes().len().min(at.start + LONGEST)];
        let mut lines = Lines { text: window, at: 0 };
        let (key, what) = match &window[..at.len()] {
            b"PuTTY-User-Key-File-" => (putty(&mut lines), "PuTTY private key"),
            b"OpenVPN Static key V1" => (open_vpn(&mut lines), "OpenVPN static key"),
            b"untrusted comment:" => (signing(&mut lines), "signing key"),
            _ => return,
        };
        let Some(key) = key else { return };
        emit.raw(report(rule, view, at.start..at.start + lines.at, b"", key, what));
    }
}

/// Lines without what stands around them in comments and lists; where the last one ended.
struct Lines<'t> {
    text: &'t [u8],
    at: usize,
}

impl<'t> Lines<'t> {
    fn next(&mut self) -> Option<&'t [u8]> {
        let rest = self.text.get(self.at..)?;
        // Behind the end of the last line.
        let skipped = rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        let line = &rest[skipped..];
        let len = memchr::memchr(b'\n', line).unwrap_or(line.len());
        let line = line[..len].trim_ascii_end();
        self.at += skipped + line.len();
        (!line.is_empty()).then_some(line)
    }

    /// The value of a header with this name, which is the next line.
    fn header(&mut self, name: &[u8]) -> Option<&'t [u8]> {
        self.next()?.strip_prefix(name)?.strip_prefix(b": ").or(Some(b""))
    }
}

/// `None` if this is not the beginning of one; a key, or what only looks like one.
type Found = Option<Option<Key>>;

fn putty(lines: &mut Lines) -> Found {
    let first = lines.next()?.strip_prefix(b"PuTTY-User-Key-File-")?;
    let version = first.first().filter(|version| matches!(version, b'2' | b'3'))?;
    if first.get(1) != Some(&b':') {
        return None;
    }
    let encryption = lines.header(b"Encryption")?;
    let _comment = lines.header(b"Comment")?;
    let count = |value: &[u8]| std::str::from_utf8(value).ok()?.parse::<usize>().ok().filter(|&n| n <= 200);
    let mut digits = Vec::new();
    for _ in 0..count(lines.header(b"Public-Lines")?)? {
        digits.extend_from_slice(lines.next()?);
    }
    let key = decode::base64(&digits).and_then(|public| public_key(&public));
    let mut line = lines.next()?;
    // How the passphrase is stretched.
    for _ in 0..5 {
        if !line.starts_with(b"Key-Derivation: ") && !line.starts_with(b"Argon2-") {
            break;
        }
        line = lines.next()?;
    }
    let mut private = Vec::new();
    for _ in 0..count(line.strip_prefix(b"Private-Lines: ")?)? {
        private.extend_from_slice(lines.next()?);
    }
    let mac = lines.header(b"Private-MAC")?;
    let mac_len = if *version == b'2' { 40 } else { 64 };
    let holds = mac.len() == mac_len
        && mac.iter().all(u8::is_ascii_hexdigit)
        && decode::base64(&private).is_some_and(|private| private.len() >= 32);
    Some(key.filter(|_| holds).map(|key| key.encrypted(encryption != b"none")))
}

fn open_vpn(lines: &mut Lines) -> Found {
    lines.next()?.strip_suffix(b"-----")?;
    for _ in 0..16 {
        let line = lines.next()?;
        if line.len() != 32 || !line.iter().all(u8::is_ascii_hexdigit) {
            return None;
        }
    }
    lines.next()?.starts_with(b"-----END OpenVPN Static key V1").then(|| Some(Key::of("")))
}

/// One line of base64: the algorithm, how it is encrypted, and the key. Public keys and signatures are
/// shorter.
fn signing(lines: &mut Lines) -> Found {
    lines.next()?;
    let bytes = decode::base64(lines.next()?)?;
    let encrypted = match *bytes.first_chunk::<8>()? {
        [b'E', b'd', derivation @ .., b'B', b'2', _, _] if bytes.len() == 158 => derivation != [0, 0],
        [b'E', b'd', b'B', b'K', rounds @ ..] if bytes.len() == 104 => rounds != [0; 4],
        _ => return None,
    };
    Some(Some(Key::of("Ed25519").encrypted(encrypted)))
}
