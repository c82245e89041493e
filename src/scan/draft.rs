use std::ops::Range;

use super::evidence::evidence;
use super::fingerprint::{LineKey, line_key, secret_bits};
use super::mask::Masks;
use super::plan::Plan;
use super::redact::Redactor;
use crate::detect::{Prepared, Raw, RawRelated};
use crate::model::{Finding, Fingerprint, Origin, Place, Proof, Related, RepoPath, Severity, Status};
use crate::rules::Detect;
use crate::source::FileView;

/// A finding with what is still needed to merge, number and judge it, and never leaves the program.
#[derive(Debug, Clone)]
pub struct Draft {
    /// The finding, its fingerprint still without ordinal.
    pub finding: Finding,
    /// Rule, path and normalised line.
    pub(super) key: LineKey,
    /// Twelve bits of the secret's keyed hash.
    pub(super) secret: u16,
    /// The bytes of the secret, for telling overlaps.
    pub(super) secret_range: Option<Range<usize>>,
    /// The greater, the more specific.
    pub(super) rank: Rank,
    /// A token whose checksum fails: shown by the audit profile alone.
    pub dummy: bool,
    /// The line of the finding and the one above, masked: marks of other tools stand there.
    pub lines: [Vec<u8>; 2],
}

/// How specific a finding of the secrets family is: a vendor's format says more than a name nearby.
pub(super) type Rank = (bool, Option<Proof>, Severity, usize);

/// Makes a finding of what a rule found. Everything of the repository in it is masked and displayable.
///
/// `view` is the file it stands in; `None` if its bytes are not at hand.
pub(super) fn draft(
    plan: &Plan,
    prepared: &Prepared,
    raw: Raw,
    view: Option<&FileView>,
    masks: &Masks,
) -> Draft {
    let rule = prepared.rule;
    let redactor = Redactor::new(plan);
    let path = raw.path.clone().or_else(|| view.map(|v| v.path().clone()));
    let span = match (&raw.range, view) {
        (Some(range), Some(view)) => Some(view.span(clamped(range, view.bytes().len()))),
        _ => None,
    };
    let mut lines = [Vec::new(), Vec::new()];
    let evidence = match (span, view) {
        (Some(span), Some(view)) => {
            let line = span.line as usize - 1;
            lines[0] = masked_line(view, line, masks);
            if let Some(above) = line.checked_sub(1) {
                lines[1] = masked_line(view, above, masks);
            }
            Some(evidence(view.bytes(), view.lines(), span.range(), "", masks))
        }
        _ => None,
    };
    let file = view.map(FileView::bytes).unwrap_or_default();
    let fit = |text: &str| redactor.text_about(text, file, masks);
    let properties = raw
        .properties
        .iter()
        .filter(|(name, _)| **name != "dummy")
        .map(|(name, value)| ((*name).to_owned(), fit(value)))
        .collect();
    let message = if raw.message.is_empty() { rule.title.to_string() } else { fit(&raw.message) };
    let fix = if raw.fix.is_empty() { rule.fix.to_string() } else { fit(&raw.fix) };
    let secret_range = raw.secrets.first().map(|s| s.range.clone());
    let secret = match (&secret_range, view) {
        (Some(range), Some(view)) => secret_bits(&rule.id, &view.bytes()[clamped(range, view.bytes().len())]),
        _ => 0,
    };
    let line = match (span, view) {
        (Some(span), Some(view)) => {
            let line = view.lines().line(view.bytes(), span.line as usize - 1);
            masks.without(view.bytes(), line)
        }
        _ => Vec::new(),
    };
    let key = line_key(&rule.id, path.as_ref(), &line, &properties);
    let severity = raw.severity.unwrap_or(rule.severity);
    let is_token = matches!(rule.detect, Detect::Token(_));
    let length = raw.range.as_ref().map_or(0, Range::len);
    Draft {
        finding: Finding {
            rule: rule.rule_id(),
            severity,
            confidence: raw.confidence.unwrap_or(rule.confidence),
            proof: raw.proof,
            message,
            fix,
            place: Place { path, span, origin: Origin::Tree, via: raw.via },
            evidence,
            related: raw.related.into_iter().map(|r| related(redactor, r, view, masks)).collect(),
            fingerprint: Fingerprint::default(),
            status: Status::New,
            allow: None,
            properties,
        },
        key,
        secret,
        secret_range,
        rank: (is_token, raw.proof, severity, length),
        dummy: raw.properties.contains_key("dummy"),
        lines,
    }
}

/// A second place in the file under view, or in another one (then [`super::repository`] fills the rest).
fn related(redactor: Redactor, raw: RawRelated, view: Option<&FileView>, masks: &Masks) -> Related {
    let file = view.map(FileView::bytes).unwrap_or_default();
    let message = redactor.text_about(&raw.message, file, masks);
    let Some(view) = view.filter(|v| raw.path.as_ref().is_none_or(|p| p == v.path())) else {
        let path = raw.path.unwrap_or_else(|| RepoPath::from(""));
        return Related { path, span: None, message, evidence: None };
    };
    let range = raw.range.map(|range| clamped(&range, view.bytes().len()));
    Related {
        path: view.path().clone(),
        span: range.clone().map(|range| view.span(range)),
        message,
        evidence: range.map(|range| evidence(view.bytes(), view.lines(), range, "", masks)),
    }
}

fn clamped(range: &Range<usize>, len: usize) -> Range<usize> {
    let end = range.end.min(len);
    range.start.min(end)..end
}

/// A line with its secrets masked; very long ones are cut, since marks of other tools stand at their end.
fn masked_line(view: &FileView, line: usize, masks: &Masks) -> Vec<u8> {
    const LONGEST: usize = 4096;
    let mut range = view.lines().line(view.bytes(), line);
    range.start = range.start.max(range.end.saturating_sub(LONGEST));
    masks.shown(view.bytes(), range).into_bytes()
}
