use std::ops::Range;

use serde_json::Value;

use super::{decode, standing};
use crate::detect::{Detector, Emit, Needs, Prepared, Raw};
use crate::model::{Proof, Secret};
use crate::source::FileView;

/// A token longer than this carries no sign-in.
const LONGEST: usize = 8 * 1024;

/// JSON Web Tokens (RFC 7519): three base64url parts, of which the first is a JSON object with `alg`, the
/// second one with claims. Clocks are not asked: whether one has expired is not known.
///
/// The rule's words: `claim`, a name and a value that the claims must hold; without it any token counts.
pub(in crate::detect) struct Jwt;

impl Detector for Jwt {
    fn name(&self) -> &'static str {
        "jwt"
    }

    fn needs(&self) -> Needs {
        Needs::Hits
    }

    fn hit(&self, rule: &Prepared, view: &FileView, at: Range<usize>, emit: &mut Emit) {
        let text = view.bytes();
        let before = at.start.checked_sub(1).map_or(b' ', |before| text[before]);
        if before.is_ascii_alphanumeric() || matches!(before, b'_' | b'-' | b'.' | b'+' | b'/') {
            return;
        }
        let window = &text[at.start..text.len().min(at.start + LONGEST)];
        let is_digit = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
        let len = window.iter().position(|byte| !is_digit(byte)).unwrap_or(window.len());
        let mut parts = window[..len].split(|&byte| byte == b'.');
        let (Some(header), Some(claims), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return;
        };
        let (Some(header), Some(claims)) = (object(header), object(claims)) else { return };
        if !header.get("alg").is_some_and(Value::is_string) || signature.len() < 20 {
            return;
        }
        if let [name, value] = rule.rule.detect.words("claim")
            && claims.get(&**name).and_then(Value::as_str) != Some(&**value)
        {
            return;
        }
        let range = at.start..at.start + len;
        let severity = standing::severity(rule.rule.severity, Proof::Structure, view, range.start);
        let mut raw = Raw::at(range.clone());
        raw.severity = (severity != rule.rule.severity).then_some(severity);
        raw.secrets.push(Secret { range, prefix: 3 });
        raw.proof = Some(Proof::Structure);
        emit.raw(raw);
    }
}

fn object(part: &[u8]) -> Option<serde_json::Map<String, Value>> {
    match serde_json::from_slice(&decode::base64(part)?).ok()? {
        Value::Object(object) => Some(object),
        _ => None,
    }
}
