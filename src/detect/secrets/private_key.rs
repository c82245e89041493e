use std::ops::Range;

use super::token::as_dummy;
use super::{decode, standing};
use crate::detect::{Detector, Emit, Needs, Prepared, Raw};
use crate::model::{Proof, Secret, Severity};
use crate::source::FileView;

/// A private key is never longer than this in a file, escapes and comments included.
const LONGEST: usize = 24 * 1024;
/// The shortest body that could be a key: an Ed25519 key in PKCS#8 has 64 characters.
const SHORTEST: usize = 40;

/// Private keys in PEM blocks (RFC 7468, RFC 1421 headers, OpenSSH's PROTOCOL.key, the armor of PGP), also as
/// one line with `\n` in it or put together from string literals.
///
/// The body is decoded and its outline is checked. A label alone, or a body of dots, is nothing. Keys that
/// are encrypted are a warning. Keys in tests, examples and documentation are a note, whatever their
/// form: nearly all of them were made to be published.
pub(in crate::detect) struct PrivateKeys;

impl Detector for PrivateKeys {
    fn name(&self) -> &'static str {
        "private-key"
    }

    fn needs(&self) -> Needs {
        Needs::Hits
    }

    fn hit(&self, rule: &Prepared, view: &FileView, at: Range<usize>, emit: &mut Emit) {
        let text = view.bytes();
        let Some(label) = Label::around(text, at.start) else { return };
        let Some(block) = Block::read(text, label.end) else { return };
        let range = label.start..block.end;
        let mut raw = Raw::at(range.clone());
        raw.secrets.push(Secret { range: range.clone(), prefix: 0 });
        raw.proof = Some(Proof::Structure);
        match label.judge(&block) {
            Some(protection) => {
                let severity = match protection {
                    _ if standing::is_rehearsal(view, range.start) => Severity::Note,
                    Protection::None => rule.rule.severity,
                    Protection::Passphrase => standing::one_lower(rule.rule.severity),
                };
                raw.severity = (severity != rule.rule.severity).then_some(severity);
                raw.message = format!("{}private key, {}", label.kind(), protection.words());
            }
            None => raw = as_dummy(raw, "the structure of the key does not parse"),
        }
        emit.raw(raw);
    }
}

/// Whether a key can be used as it stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Protection {
    None,
    Passphrase,
}

impl Protection {
    fn words(self) -> &'static str {
        match self {
            Self::None => "not encrypted",
            Self::Passphrase => "encrypted: as safe as its passphrase",
        }
    }
}

/// The line `-----BEGIN … PRIVATE KEY-----`.
struct Label<'t> {
    start: usize,
    end: usize,
    /// `RSA `, `EC `, `OPENSSH `, … or nothing.
    algorithm: &'t [u8],
}

impl<'t> Label<'t> {
    /// Reads it around a hit of `PRIVATE KEY`.
    fn around(text: &'t [u8], hit: usize) -> Option<Self> {
        const BEGIN: &[u8] = b"-----BEGIN ";
        let after = text.get(hit..)?.strip_prefix(b"PRIVATE KEY")?;
        let tail = [&b" BLOCK-----"[..], b"-----"].into_iter().find(|tail| after.starts_with(tail))?;
        let end = hit + b"PRIVATE KEY".len() + tail.len();
        let window = hit.saturating_sub(BEGIN.len() + 16);
        let start = window + memchr::memmem::rfind(&text[window..hit], BEGIN)?;
        let algorithm = &text[start + BEGIN.len()..hit];
        algorithm
            .iter()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b' ')
            .then_some(Self { start, end, algorithm })
    }

    /// For the message.
    fn kind(&self) -> &'static str {
        match self.algorithm {
            b"RSA " => "RSA ",
            b"EC " => "EC ",
            b"DSA " => "DSA ",
            b"OPENSSH " => "OpenSSH ",
            b"PGP " => "PGP ",
            _ => "",
        }
    }

    /// Checks the outline of what stands in the block; `None` if it is no key.
    fn judge(&self, block: &Block) -> Option<Protection> {
        let der = decode::base64(&block.body)?;
        if block.encrypted {
            return Some(Protection::Passphrase);
        }
        if self.algorithm == b"OPENSSH " {
            let (len, rest) = der.strip_prefix(b"openssh-key-v1\0")?.split_first_chunk::<4>()?;
            let cipher = rest.get(..usize::try_from(u32::from_be_bytes(*len)).ok()?)?;
            return Some(if cipher == b"none" { Protection::None } else { Protection::Passphrase });
        }
        if self.algorithm == b"PGP " {
            // RFC 9580, 4.2: the first packet is a secret key (tag 5), in the old or the new format.
            let first = *der.first()?;
            return matches!(first, 0x94..=0x97 | 0xC5).then_some(Protection::None);
        }
        let (0x30, key, rest) = decode::element(&der)? else { return None };
        if !rest.is_empty() {
            return None;
        }
        let (first, _, after) = decode::element(key)?;
        let (second, _, _) = decode::element(after)?;
        match (self.algorithm, first, second) {
            // PBES2 parameters and the cipher text.
            (b"ENCRYPTED ", 0x30, 0x04) => Some(Protection::Passphrase),
            // A version; then integers (PKCS#1, DSA), an octet string (SEC1), an algorithm (PKCS#8).
            (b"RSA " | b"DSA ", 0x02, 0x02) | (b"EC ", 0x02, 0x04) | (b"", 0x02, 0x30) => {
                Some(Protection::None)
            }
            _ => None,
        }
    }
}

/// What stands between the two labels.
struct Block {
    /// The base64 digits, without anything between them.
    body: Vec<u8>,
    /// Whether a header says that the body is encrypted.
    encrypted: bool,
    /// Behind the END line.
    end: usize,
}

impl Block {
    /// Reads from behind the BEGIN line to the END line. `None` if there is none, or if something stands
    /// between that is neither base64 nor what languages put around it.
    fn read(text: &[u8], from: usize) -> Option<Self> {
        let text = &text[..text.len().min(from + LONGEST)];
        let mut body = Vec::new();
        let mut encrypted = false;
        let mut at = from;
        let mut line_starts = false;
        let mut behind_quote = false;
        while let Some(&byte) = text.get(at) {
            let rest = &text[at..];
            match byte {
                b'\n' => line_starts = true,
                b' ' | b'\t' | b'\r' | b',' | b'=' => {}
                b'"' | b'\'' | b'`' => behind_quote = true,
                b'\\' => {
                    let skipped = rest.iter().take_while(|&&b| b == b'\\').count();
                    match rest.get(skipped) {
                        Some(b'n') => line_starts = true,
                        Some(b'r' | b't' | b'"' | b'\'' | b'\n' | b'\r') => {}
                        _ => return None,
                    }
                    at += skipped;
                }
                // `"…" +` and `"…" .` put literals together.
                b'+' | b'.' if behind_quote => {}
                b'-' if rest.starts_with(b"-----END ") => {
                    let line = &rest[9..rest.len().min(9 + 48)];
                    let dashes = memchr::memmem::find(line, b"-----")?;
                    return (body.len() >= SHORTEST).then_some(Self {
                        body,
                        encrypted,
                        end: at + 9 + dashes + 5,
                    });
                }
                _ if line_starts && margin(rest) > 0 => {
                    at += margin(rest);
                    continue;
                }
                _ if line_starts && header(rest).is_some() => {
                    let line = header(rest)?;
                    encrypted |= memchr::memmem::find(line, b"ENCRYPTED").is_some();
                    at += line.len();
                    line_starts = false;
                    continue;
                }
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'+' | b'/' => {
                    line_starts = false;
                    behind_quote = false;
                    body.push(byte);
                }
                _ => return None,
            }
            at += 1;
        }
        None
    }
}

/// How many bytes at a line's beginning belong to a comment's margin.
fn margin(rest: &[u8]) -> usize {
    [&b"//! "[..], b"/// ", b"// ", b"# ", b"* ", b"> ", b"| "]
        .into_iter()
        .find(|margin| rest.starts_with(margin))
        .map_or(0, <[u8]>::len)
}

/// A header line such as `Proc-Type: 4,ENCRYPTED`, up to its end (also a written-out `\n`).
fn header(rest: &[u8]) -> Option<&[u8]> {
    let window = &rest[..rest.len().min(160)];
    let end = window.iter().position(|&byte| byte == b'\n' || byte == b'\\').unwrap_or(window.len());
    let colon = memchr::memmem::find(&window[..end], b": ")?;
    window[..colon].iter().all(|byte| byte.is_ascii_alphabetic() || *byte == b'-').then_some(&window[..end])
}
