//! Private keys, by what is in them: PEM and its kin, PuTTY, OpenVPN, minisign and signify.
//!
//! Each is parsed as deep as can be done without arithmetic. What parses is a key wherever it stands; what
//! does not is a dummy. Keys that documentation prints are dummies too.

mod armor;
mod asn1;
mod files;
mod jwk;
mod openssh;
mod pgp;

use std::fmt::Write as _;
use std::ops::Range;

use self::armor::{Block, Label};
use super::token::as_dummy;
use super::{decode, published, standing};
use crate::detect::{Detector, Emit, Needs, Prepared, Raw};
use crate::model::{Proof, Secret};
use crate::source::FileView;

pub(in crate::detect) use files::KeyFiles;
pub(in crate::detect) use jwk::JsonWebKeys;

/// Base64 of a key is never longer than this.
const LONGEST_BASE64: usize = 32 * 1024;

/// What a key is.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Key {
    /// `RSA`, `EC`, `Ed25519`, …; empty if it is not known.
    algorithm: &'static str,
    /// Bits of the modulus, or of the group.
    bits: Option<usize>,
    /// The curve's name.
    curve: Option<&'static str>,
    /// Whether it can be used only with a passphrase (or a device).
    encrypted: bool,
}

impl Key {
    fn of(algorithm: &'static str) -> Self {
        Self { algorithm, bits: None, curve: None, encrypted: false }
    }

    fn bits(self, bits: usize) -> Self {
        Self { bits: Some(bits), ..self }
    }

    fn curve(self, curve: Option<&'static str>) -> Self {
        Self { curve, ..self }
    }

    fn encrypted(self, encrypted: bool) -> Self {
        Self { encrypted, ..self }
    }

    /// `RSA private key of 2048 bits, not encrypted`.
    fn words(&self, what: &str) -> String {
        let mut text = String::new();
        if !self.algorithm.is_empty() {
            text.push_str(self.algorithm);
            text.push(' ');
        }
        text.push_str(what);
        if let Some(bits) = self.bits {
            let _ = write!(text, " of {bits} bits");
        }
        if let Some(curve) = self.curve {
            let _ = write!(text, " on {curve}");
        }
        text.push_str(if self.encrypted {
            ", encrypted: as safe as its passphrase"
        } else {
            ", not encrypted"
        });
        text
    }
}

/// Reports a key that stands at these bytes, or a dummy where nothing parsed. `value` is what the key is
/// known by if it is a published one.
fn report(
    rule: &Prepared,
    view: &FileView,
    at: Range<usize>,
    value: &[u8],
    key: Option<Key>,
    what: &str,
) -> Raw {
    let mut raw = Raw::at(at.clone());
    raw.secrets.push(Secret { range: at.clone(), prefix: 0 });
    raw.proof = Some(Proof::Structure);
    let Some(key) = key else { return as_dummy(raw, "the structure of the key does not parse") };
    if published::is_published(value) {
        return as_dummy(raw, "it is a published sample");
    }
    let severity = standing::severity(rule.rule.severity, Proof::Structure, view, at.start);
    let severity = if key.encrypted { standing::one_lower(severity) } else { severity };
    raw.severity = (severity != rule.rule.severity).then_some(severity);
    raw.message = key.words(what);
    raw = raw.property("encrypted", if key.encrypted { "true" } else { "false" });
    if !key.algorithm.is_empty() {
        raw = raw.property("algorithm", key.algorithm);
    }
    if let Some(bits) = key.bits {
        raw = raw.property("bits", bits.to_string());
    }
    if let Some(curve) = key.curve {
        raw = raw.property("curve", curve);
    }
    raw
}

/// Private keys in PEM blocks (RFC 7468, RFC 1421 headers, OpenSSH's PROTOCOL.key, the armor of PGP), also as
/// one line with `\n` in it, put together from string literals, or in base64 as a whole.
///
/// A label alone, or a body of dots, is nothing. A keyword that begins with `LS0t` is where base64 of a
/// block begins; all others stand in a BEGIN line.
pub(in crate::detect) struct PrivateKeys;

impl Detector for PrivateKeys {
    fn name(&self) -> &'static str {
        "private-key"
    }

    fn reason(&self) -> &'static str {
        "a block of many lines, proven by parsing the key"
    }

    fn needs(&self) -> Needs {
        Needs::Hits
    }

    fn hit(&self, rule: &Prepared, view: &FileView, at: Range<usize>, emit: &mut Emit) {
        let text = view.bytes();
        if text[at.clone()].starts_with(b"LS0t") {
            let is_digit =
                |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_' | b'=');
            // In the middle of a run it is not what the run begins with.
            if at.start.checked_sub(1).is_some_and(|before| is_digit(&text[before]) && text[before] != b'=') {
                return;
            }
            let window = &text[at.start..text.len().min(at.start + LONGEST_BASE64)];
            let len = window.iter().position(|byte| !is_digit(byte)).unwrap_or(window.len());
            let Some(inner) = decode::base64(&window[..len]) else { return };
            let Some(label) = memchr::memmem::find(&inner, b"PRIVATE KEY") else { return };
            let Some((_, value, key)) = read(&inner, label) else { return };
            let mut raw = report(rule, view, at.start..at.start + len, &value, key, "private key");
            raw.via.push("base64");
            emit.raw(raw);
        } else if let Some((range, value, key)) = read(text, at.start) {
            emit.raw(report(rule, view, range, &value, key, "private key"));
        }
    }
}

/// The block whose label is hit here: where it stands, the bytes in it, and the key if they are one.
fn read(text: &[u8], hit: usize) -> Option<(Range<usize>, Vec<u8>, Option<Key>)> {
    let label = Label::around(text, hit)?;
    let block = Block::read(text, label.end)?;
    let value = decode::base64(&block.body).unwrap_or_default();
    let key = judge(label.algorithm, &block, &value);
    Some((label.start..block.end, value, key))
}

fn judge(label: &[u8], block: &Block, value: &[u8]) -> Option<Key> {
    match label {
        b"OPENSSH " => openssh::key(value),
        b"PGP " => pgp::key(value, block.check),
        // Nothing is known of SSH.com's format but its magic number.
        b"SSH2 ENCRYPTED " => {
            value.starts_with(&[0x3f, 0x6f, 0xf9, 0xeb]).then(|| Key::of("").encrypted(true))
        }
        _ if block.encrypted => asn1::encrypted_as_a_whole(label, value),
        _ => asn1::key(label, value),
    }
}
