use std::ops::Range;

use super::{dummy, facts, named, published, standing};
use crate::detect::{Detector, Emit, Needs, Prepared, Raw};
use crate::model::{Confidence, Proof, Secret, Severity};
use crate::rules::Detect;
use crate::rules::rule::Text;
use crate::source::FileView;

/// How much of a vendor's prefix is shown at most.
pub(super) const PREFIX_SHOWN: usize = 12;
/// How far back a context word may stand, in bytes.
const CONTEXT_REACH: usize = 400;
/// How many lines before the token's own count as its context.
const CONTEXT_LINES: usize = 2;

/// Why a token that its vendor means to be published is no alarm.
pub const PUBLIC: &str = "it is public by design";

/// Tokens whose form the vendor defines.
///
/// A token that is visibly made up, or whose checksum fails where the vendor documents one, is a dummy: it
/// is given with the property `dummy` (why) as a note, so that it can be masked and counted. So is what its
/// vendor means to be published.
pub(in crate::detect) struct Tokens;

impl Detector for Tokens {
    fn name(&self) -> &'static str {
        "token"
    }

    fn needs(&self) -> Needs {
        Needs::Hits
    }

    fn hit(&self, rule: &Prepared, view: &FileView, at: Range<usize>, emit: &mut Emit) {
        let Detect::Token(token) = &rule.rule.detect else { return };
        if !token.names.is_empty() {
            return named::hit(rule, token, view, at, emit);
        }
        // Of several forms that begin here, the longest is the whole token.
        let verified =
            token.shapes.iter().filter_map(|shape| Some((shape.verify(view.bytes(), at.start)?, shape)));
        let Some((range, shape)) = verified.max_by_key(|(range, _)| range.len()) else { return };
        if !has_context(&token.context, view, &range) {
            // Something else, most likely; but whoever quotes it could quote a token.
            emit.mask(Secret { range, prefix: shape.prefix_len().min(PREFIX_SHOWN) });
            return;
        }
        let found = &view.bytes()[range.clone()];
        let prefix = shape.prefix_len();
        let checked = token.checksum.map(|checksum| (checksum.holds(found, prefix), checksum.proof()));
        let proof = match checked {
            Some((true, proof)) => proof,
            _ => Proof::Shape,
        };
        let mut raw = Raw::at(range.clone());
        raw.proof = Some(proof);
        if token.public {
            raw = as_dummy(raw, PUBLIC);
        } else if published::is_published(found) {
            raw = as_dummy(raw, "it is a published sample");
        } else if token.checksum_rejects && checked.is_some_and(|(holds, _)| !holds) {
            raw = as_dummy(raw, "its checksum fails");
        } else if proof < Proof::Checksum && dummy::is_made_up(found.get(prefix..).unwrap_or_default()) {
            raw = as_dummy(raw, "its characters follow a pattern");
        } else if stands_behind(view.bytes(), range.start, b"devstoreaccount1") {
            raw = as_dummy(raw, "it is the storage emulator's, which everybody knows");
        } else {
            let severity = standing::severity(rule.rule.severity, proof, view, range.start);
            raw.severity = (severity != rule.rule.severity).then_some(severity);
            if let Some(fact) = facts::of(token, found) {
                raw.message = format!("{}, {}", rule.rule.title, facts::words(&fact));
                raw = raw.property(fact.0, fact.1);
            }
        }
        raw.secrets.push(Secret { range, prefix: prefix.min(PREFIX_SHOWN) });
        emit.raw(raw);
    }
}

/// Makes a finding of something that has a secret's form and proves to be none.
pub(super) fn as_dummy(raw: Raw, reason: &str) -> Raw {
    let mut raw = raw
        .message(format!("looks like a dummy: {reason}"))
        .fix("Nothing, if it is one. To keep it quiet, write a placeholder that no service would issue.")
        .property("dummy", reason);
    raw.severity = Some(Severity::Note);
    raw.confidence = Some(Confidence::Low);
    raw
}

/// Whether the word stands within the 80 bytes before.
fn stands_behind(text: &[u8], at: usize, word: &[u8]) -> bool {
    memchr::memmem::find(&text[at.saturating_sub(80)..at], word).is_some()
}

/// Whether one of these words stands on the line of this stretch or on one of the two before; true if there
/// are none.
pub(super) fn has_context(words: &[Text], view: &FileView, range: &Range<usize>) -> bool {
    if words.is_empty() {
        return true;
    }
    let bytes = view.bytes();
    let earliest = range.start.saturating_sub(CONTEXT_REACH);
    let mut from = range.start;
    for _ in 0..=CONTEXT_LINES {
        from = memchr::memrchr(b'\n', &bytes[earliest..from]).map_or(earliest, |newline| earliest + newline);
    }
    let rest = &bytes[range.end..bytes.len().min(range.end + CONTEXT_REACH)];
    let line_end = range.end + memchr::memchr(b'\n', rest).unwrap_or(rest.len());
    let around = [&bytes[from..range.start], &bytes[range.end..line_end]];
    around.iter().any(|text| {
        let lower = text.to_ascii_lowercase();
        words.iter().any(|word| memchr::memmem::find(&lower, word.to_ascii_lowercase().as_bytes()).is_some())
    })
}
