use std::ops::Range;

use super::assignment::Reading;
use super::token::{PUBLIC, as_dummy};
use super::{dummy, forms, published, randomness, standing, words};
use crate::detect::{Emit, Prepared, Raw};
use crate::model::{Proof, Secret};
use crate::rules::Token;
use crate::source::FileView;

/// A token without a mark of its own: the vendor's name stands in the name that the value is given to, and the
/// value as a whole has the vendor's form.
pub(super) fn hit(rule: &Prepared, token: &Token, view: &FileView, at: Range<usize>, emit: &mut Emit) {
    let Reading::Given(found) = emit.last.reading(view, at.clone()) else { return };
    let value = &*found.value.text(view.bytes());
    let Some(shape) = token.shapes.iter().find(|shape| shape.is_whole(value)) else { return };
    let body = value.get(shape.prefix_len()..).unwrap_or_default();
    let is_made_up = dummy::is_made_up(body);
    if !is_made_up && !looks_issued(body) {
        return;
    }
    let mut raw = Raw::at(found.value.range());
    raw.secrets.extend(found.value.parts.iter().map(|range| Secret { range: range.clone(), prefix: 0 }));
    let is_published = published::is_published(value);
    if is_made_up || token.public || is_published {
        let reason = match (token.public, is_published) {
            (true, _) => PUBLIC,
            (false, true) => "it is a published sample",
            (false, false) => "its characters follow a pattern",
        };
        return emit.raw(as_dummy(raw, reason));
    }
    raw.proof = Some(Proof::Shape);
    let severity = standing::severity(rule.rule.severity, Proof::Context, view, at.start);
    raw.severity = (severity != rule.rule.severity).then_some(severity);
    emit.raw(raw);
}

/// Whether a machine made it: words have the form of many tokens. Where the form has marks, each part is looked at.
fn looks_issued(body: &[u8]) -> bool {
    let digits = body.iter().filter(|byte| byte.is_ascii_digit()).count();
    // Letters and digits that take turns are no words either.
    let takes_turns = |pair: &[u8]| {
        pair[0].is_ascii_digit() != pair[1].is_ascii_digit()
            && pair[0].is_ascii_alphanumeric()
            && pair[1].is_ascii_alphanumeric()
    };
    let turns = body.windows(2).filter(|pair| takes_turns(pair)).count();
    body.len() < 16 && digits > 0
        || digits > 2 && turns > 3
        || words::covered(body) < 50 && (digits > 0 || mixes_cases(body))
        || randomness::is_random(body)
        || forms::is_uuid(body)
        || body.split(|byte| !byte.is_ascii_alphanumeric()).any(randomness::is_random)
}

/// Whether capitals stand among small letters as no name has them.
fn mixes_cases(body: &[u8]) -> bool {
    body.windows(2).filter(|pair| pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase()).count() > 3
}
