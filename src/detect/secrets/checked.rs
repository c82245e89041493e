use std::ops::Range;

use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::Error;

use super::token::{as_dummy, has_context};
use super::{published, standing};
use crate::detect::{Detector, Emit, Needs, Prepared, Raw};
use crate::model::Secret;
use crate::rules::shape::Checksum;
use crate::source::FileView;

/// How far behind the keyword the secret may begin.
const REACH: usize = 400;
/// How many lines the keyword's own line and those behind it are.
const LINES: usize = 3;

/// Secrets that have no prefix to look for, and a checksum that makes one unnecessary: one of the keywords
/// stands on the same line or on the two before.
///
/// The rule's words:
/// - `checksum`: its name, as in the files of tokens;
/// - `length`: the lengths that the secret may have;
/// - `begins`: what it may begin with; nothing means anything;
/// - `context`: words of which one must stand nearby too.
pub(in crate::detect) struct Checked;

impl Detector for Checked {
    fn name(&self) -> &'static str {
        "checked-token"
    }

    fn reason(&self) -> &'static str {
        "proven by a code that a shape does not hold"
    }

    fn needs(&self) -> Needs {
        Needs::Hits
    }

    fn hit(&self, rule: &Prepared, view: &FileView, at: Range<usize>, emit: &mut Emit) {
        let words = |name| rule.rule.detect.words(name);
        let Some(checksum) = words("checksum").first().and_then(|name| named(name)) else { return };
        let text = view.bytes();
        let window = &text[at.end..text.len().min(at.end + REACH)];
        let end = memchr::memchr_iter(b'\n', window).nth(LINES - 1).unwrap_or(window.len());
        let lengths: Vec<usize> = words("length").iter().filter_map(|length| length.parse().ok()).collect();
        let shortest = lengths.iter().copied().min().unwrap_or(1);
        let mut from = 0;
        while from < end {
            if let Some(gap) = last_gap(&text[at.end + from..], shortest) {
                from += gap + 1;
                continue;
            }
            let len = run(&text[at.end + from..]);
            let range = at.end + from..at.end + from + len;
            let found = &text[range.clone()];
            from += len.max(1);
            let begins = words("begins");
            if !lengths.contains(&len)
                || !begins.is_empty() && !begins.iter().any(|start| found.starts_with(start.as_bytes()))
                || !checksum.holds(found, 0)
                || !has_context(words("context"), view, &range)
            {
                continue;
            }
            let mut raw = Raw::at(range.clone());
            raw.secrets.push(Secret { range: range.clone(), prefix: 0 });
            raw.proof = Some(checksum.proof());
            if published::is_published(found) {
                raw = as_dummy(raw, "it is a published sample");
            } else {
                let severity = standing::severity(rule.rule.severity, checksum.proof(), view, range.start);
                raw.severity = (severity != rule.rule.severity).then_some(severity);
            }
            emit.raw(raw);
        }
    }
}

/// The checksum that rule files call so.
fn named(name: &str) -> Option<Checksum> {
    Checksum::deserialize(IntoDeserializer::<Error>::into_deserializer(name)).ok()
}

/// The last byte among the first so many that no digits of base64 have, and no padding: what begins at or before it is
/// too short. Of most text that is one look every so many bytes.
fn last_gap(text: &[u8], shortest: usize) -> Option<usize> {
    let is_of_none = |byte: &u8| !(byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'='));
    text.get(..shortest)?.iter().rposition(is_of_none)
}

/// How many digits of base64 stand here, padding included.
fn run(text: &[u8]) -> usize {
    let is_digit = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    let digits = text.iter().take(REACH).take_while(is_digit).count();
    // What is assigned to a name is no padding.
    let padding = text[digits..].iter().take(2).take_while(|&&byte| byte == b'=').count();
    if digits % 4 != 0 && (digits + padding) % 4 == 0 { digits + padding } else { digits }
}
