use std::ops::Range;

use super::assignment::{self, Reading};
use super::written::{self, Worth};
use super::{dummy, randomness, standing};
use crate::detect::{Detector, Emit, Needs, Prepared, Raw};
use crate::model::{Language, Proof, Region, Secret, Severity};
use crate::source::FileView;

/// Secrets without a prefix, known by the vendor's name and the exact form of the value: an AWS secret
/// key is 40 characters of base64 that are given to a name with `aws_secret` in it.
///
/// The keywords are parts of the name. The rule's words:
/// - `length`: the lengths that the value may have;
/// - `alphabet`: one of `hex`, `alnum`, `base64`, `base64url`, `uuid`.
pub(in crate::detect) struct Keyed;

impl Detector for Keyed {
    fn name(&self) -> &'static str {
        "keyed-token"
    }

    fn reason(&self) -> &'static str {
        "known by the name it is given to; the value has no mark of its own"
    }

    fn needs(&self) -> Needs {
        Needs::Hits
    }

    fn hit(&self, rule: &Prepared, view: &FileView, at: Range<usize>, emit: &mut Emit) {
        let Reading::Given(found) = assignment::read(view, at.clone()) else { return };
        let value = &*found.value.text(view.bytes());
        let detect = &rule.rule.detect;
        let has_length = detect.words("length").iter().any(|length| length.parse() == Ok(value.len()));
        let alphabet = detect.words("alphabet").first().map_or("", |word| &**word);
        if !has_length || !fits(value, alphabet) || dummy::is_made_up(value) {
            return;
        }
        // The keys of emulators look like any other.
        if written::worth(b"", value) == Worth::Known {
            return;
        }
        // A 40-digit hex value is a digest or a commit where base64 is due.
        let all_hex = value.iter().all(u8::is_ascii_hexdigit);
        if alphabet.starts_with("base64") && (all_hex || !randomness::is_random(value)) {
            return;
        }
        let lax = standing::is_rehearsal(view, at.start)
            || view.language() == Language::Markdown
            || matches!(view.region_at(at.start), Region::Comment | Region::Doc);
        let severity = if lax { standing::one_lower(rule.rule.severity) } else { rule.rule.severity };
        let mut raw = Raw::at(found.value.range());
        raw.secrets.push(Secret { range: found.value.range(), prefix: 0 });
        raw.proof = Some(Proof::Context);
        raw.severity = (severity != rule.rule.severity).then_some(severity.max(Severity::Note));
        emit.raw(raw);
    }
}

fn fits(value: &[u8], alphabet: &str) -> bool {
    let all = |test: fn(&u8) -> bool| value.iter().all(test);
    match alphabet {
        "hex" => all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(byte)),
        "alnum" => all(u8::is_ascii_alphanumeric),
        "base64" => all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=')),
        "base64url" => all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')),
        "uuid" => value.iter().enumerate().all(|(at, byte)| {
            if matches!(at, 8 | 13 | 18 | 23) { *byte == b'-' } else { byte.is_ascii_hexdigit() }
        }),
        _ => false,
    }
}
