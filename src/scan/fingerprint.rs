use std::collections::{BTreeMap, HashMap};

use sha2::{Digest, Sha256};

use super::draft::Draft;
use crate::model::{Finding, Fingerprint, RepoPath};

/// Hash of rule, path and normalised line.
pub(super) type LineKey = [u8; 32];

/// The part of a fingerprint that survives moved lines and changed blanks.
///
/// `line` holds a zero byte in place of each secret, so the secret is no part of it.
pub(super) fn line_key(
    rule: &str,
    path: Option<&RepoPath>,
    line: &[u8],
    properties: &BTreeMap<String, String>,
) -> LineKey {
    let mut hash = Sha256::new();
    let mut field = |bytes: &[u8]| {
        hash.update((bytes.len() as u64).to_le_bytes());
        hash.update(bytes);
    };
    field(b"prodcheck/1");
    field(rule.as_bytes());
    field(path.map_or(b"", RepoPath::as_bytes));
    let words: Vec<&[u8]> = line.split(u8::is_ascii_whitespace).filter(|w| !w.is_empty()).collect();
    field(&words.join(&b' '));
    for (name, value) in properties {
        field(name.as_bytes());
        field(value.as_bytes());
    }
    hash.finalize().into()
}

/// Twelve bits that tell one secret from another at the same place. The hash is keyed by the rule, and
/// twelve bits fit one guess in 4,096: nobody learns the secret from them.
pub(super) fn secret_bits(rule: &str, secret: &[u8]) -> u16 {
    let mut hash = Sha256::new();
    hash.update(b"prodcheck/secret/1\0");
    hash.update(rule.as_bytes());
    hash.update([0]);
    hash.update(secret);
    let digest = hash.finalize();
    u16::from_be_bytes([digest[0], digest[1]]) >> 4
}

/// Tells one secret from all others, within a run: it is never shown nor kept.
pub type SecretKey = [u8; 32];

/// The key of a secret; or of the line, where none is known.
pub(super) fn secret_key(secret: Option<&[u8]>, line: &LineKey) -> SecretKey {
    match secret {
        Some(secret) => {
            Sha256::new().chain_update(b"prodcheck/same/1\0").chain_update(secret).finalize().into()
        }
        None => *line,
    }
}

/// Gives a fingerprint to findings that triage added: they speak of an allow, not of a secret.
pub fn fill_fingerprints(findings: &mut [Finding]) {
    let mut seen: HashMap<LineKey, u32> = HashMap::new();
    for finding in findings.iter_mut().filter(|f| f.fingerprint.0.is_empty()) {
        let shown = finding.evidence.as_ref().map_or("", |e| &*e.text);
        let path = finding.place.path.as_ref();
        let key = line_key(finding.rule.as_str(), path, shown.as_bytes(), &finding.properties);
        finding.fingerprint = fingerprint(&key, seen.entry(key).or_default(), 0);
    }
}

fn fingerprint(key: &LineKey, ordinal: &mut u32, secret: u16) -> Fingerprint {
    let mut hash = Sha256::new();
    hash.update(key);
    hash.update(ordinal.to_le_bytes());
    *ordinal += 1;
    let digest = hash.finalize();
    let line = digest[..8].iter().fold(0, |line: u64, &byte| line << 8 | u64::from(byte));
    Fingerprint(format!("{line:016x}-{secret:03x}"))
}

/// Gives each finding its fingerprint. They must stand in the report's order: equal ones are told apart by
/// their ordinal.
pub fn number(drafts: &mut [Draft]) {
    // Of equal lines with different secrets each is known by its own, in whatever order they stand.
    let mut seen: HashMap<(LineKey, u16), u32> = HashMap::new();
    for draft in drafts {
        let ordinal = seen.entry((draft.key, draft.secret)).or_default();
        draft.finding.fingerprint = fingerprint(&draft.key, ordinal, draft.secret);
    }
}
