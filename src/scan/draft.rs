use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::sync::Arc;

use sha1::Digest;

use super::evidence::evidence;
use super::fingerprint::{LineKey, SecretKey, line_key, secret_bits, secret_key};
use super::mask::Masks;
use super::plan::Plan;
use super::redact::Redactor;
use crate::detect::{KnownBy, Prepared, Raw, RawRelated};
use crate::model::{
    Finding, Fingerprint, Language, Origin, Place, Proof, Region, Related, RepoPath, Severity, Status,
};
use crate::rules::Detect;
use crate::rules::shape::Shape;
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
    /// The same for the same secret at another place.
    pub secret_key: SecretKey,
    /// The secret's SHA-1, which baselines of other tools know it by.
    secret_sha1: Option<[u8; 20]>,
    /// The bytes of the secret, for telling overlaps.
    pub(super) secret_range: Option<Range<usize>>,
    /// The greater, the more specific.
    pub(super) rank: Rank,
    /// Why something that has a secret's form is none; such are shown by the audit profile alone.
    pub dummy: Option<String>,
    /// The line of the finding and the one above, masked: marks of other tools stand there.
    pub lines: [Arc<[u8]>; 2],
}

impl Draft {
    /// Whether the finding is about the secret with this SHA-1.
    pub fn is_of(&self, sha1: &[u8; 20]) -> bool {
        self.secret_sha1.as_ref() == Some(sha1)
    }
}

/// How specific a finding of the secrets family is: a vendor's format says more than a rule about a kind of file or
/// text, and that more than a name nearby.
///
/// Of two formats the one with more literal characters; the last is the length.
pub(super) type Rank = (KnownBy, Option<Proof>, Severity, usize, usize);

/// A file with what is made of it once, for all its findings.
#[derive(Clone, Copy)]
pub(super) struct Seen<'s, 'b> {
    pub(super) view: &'s FileView<'b>,
    /// What nobody may see of it.
    pub(super) masks: &'s Masks,
    pub(super) lines: &'s MaskedLines,
}

/// Makes a finding of what a rule found. Everything of the repository in it is masked and displayable.
///
/// `seen` is the file it stands in; `None` if its bytes are not at hand.
pub(super) fn draft(plan: &Plan, prepared: &Prepared, raw: Raw, seen: Option<Seen>) -> Draft {
    let nothing = Masks::default();
    let view = seen.map(|seen| seen.view);
    let masks = seen.map_or(&nothing, |seen| seen.masks);
    let rule = prepared.rule;
    let redactor = Redactor::new(plan);
    let path = raw.path.clone().or_else(|| view.map(|v| v.path().clone()));
    let span = match (&raw.range, view) {
        (Some(range), Some(view)) => Some(view.span(clamped(range, view.bytes().len()))),
        _ => None,
    };
    let mut lines: [Arc<[u8]>; 2] = Default::default();
    let evidence = match (span, seen) {
        (Some(span), Some(Seen { view, lines: masked, .. })) => {
            let line = span.line as usize - 1;
            lines[0] = masked.get(view, line, masks);
            if let Some(above) = line.checked_sub(1) {
                lines[1] = masked.get(view, above, masks);
            }
            Some(evidence(view.bytes(), view.lines(), span.range(), "", masks))
        }
        _ => None,
    };
    let file = view.map(FileView::bytes).unwrap_or_default();
    let fit = |text: &str| redactor.text_about(text, file, masks);
    let all = |facts: &BTreeMap<&'static str, String>| -> BTreeMap<String, String> {
        let told = facts.iter().filter(|(name, _)| **name != "dummy");
        told.map(|(name, value)| ((*name).to_owned(), fit(value))).collect()
    };
    let mut properties = all(&raw.properties);
    let message = if raw.message.is_empty() { rule.title.to_string() } else { fit(&raw.message) };
    let fix = if raw.fix.is_empty() { rule.fix.to_string() } else { fit(&raw.fix) };
    let secret_range = raw.secrets.first().map(|s| s.range.clone());
    let secret_text = match (&secret_range, view) {
        (Some(range), Some(view)) => Some(&view.bytes()[clamped(range, view.bytes().len())]),
        _ => None,
    };
    let secret = secret_text.map_or(0, |text| secret_bits(&rule.id, text));
    let secret_sha1 = secret_text.map(|text| sha1::Sha1::digest(text).into());
    let line = match (span, view) {
        (Some(span), Some(view)) => {
            let line = view.lines().line(view.bytes(), span.line as usize - 1);
            masks.without(view.bytes(), known_by(view, line, span.start as usize))
        }
        _ => Vec::new(),
    };
    let key = line_key(&rule.id, path.as_ref(), &line, &properties);
    properties.extend(all(&raw.details));
    let severity = raw.severity.unwrap_or(rule.severity);
    let by = prepared.detector.known_by();
    let literals = match &rule.detect {
        Detect::Token(token) => token.shapes.iter().map(Shape::literal_len).max(),
        _ => None,
    };
    let length = raw.range.as_ref().map_or(0, Range::len);
    Draft {
        finding: Finding {
            rule: rule.rule_id(),
            severity,
            confidence: raw.confidence.unwrap_or(rule.confidence),
            proof: raw.proof,
            message,
            fix,
            // Whoever has all files at hand makes it: see `change`.
            change: None,
            place: Place { path, span, origin: Origin::Tree, via: raw.via },
            evidence,
            related: raw.related.into_iter().map(|r| related(redactor, r, view, masks)).collect(),
            fingerprint: Fingerprint::default(),
            status: Status::New,
            allow: None,
            properties,
        },
        secret_key: secret_key(secret_text, &key),
        key,
        secret,
        secret_sha1,
        secret_range,
        rank: (by, raw.proof, severity, literals.unwrap_or_default(), length),
        dummy: raw.properties.get("dummy").cloned(),
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

/// The lines of a file that have findings, masked: many findings may stand on one line.
#[derive(Default)]
pub(super) struct MaskedLines(RefCell<HashMap<usize, Arc<[u8]>>>);

impl MaskedLines {
    /// What a line says in comments, its secrets masked: marks of other tools stand there. Very long lines are
    /// cut to their end. Where nobody knows what a comment is, it is the whole line.
    fn get(&self, view: &FileView, line: usize, masks: &Masks) -> Arc<[u8]> {
        const LONGEST: usize = 4096;
        let made = || {
            let mut range = view.lines().line(view.bytes(), line);
            range.start = range.start.max(range.end.saturating_sub(LONGEST));
            if matches!(view.language(), Language::Text | Language::Unknown) {
                return masks.shown(view.bytes(), range).into_bytes().into();
            }
            let mut said = String::new();
            let mut at = range.start;
            while at < range.end {
                let stretch = view.regions().stretch_at(at);
                let end = stretch.map_or(at + 1, |s| s.range.end.min(range.end));
                if stretch.is_some_and(|s| matches!(s.region, Region::Comment | Region::Doc)) {
                    said.push_str(&masks.shown(view.bytes(), at..end));
                }
                at = end;
            }
            said.into_bytes().into()
        };
        Arc::clone(self.0.borrow_mut().entry(line).or_insert_with(made))
    }
}

/// What a finding is known again by: its line, and of a very long one what stands around the finding, which
/// moves along with it.
fn known_by(view: &FileView, line: Range<usize>, at: usize) -> Range<usize> {
    const LONGEST: usize = 4096;
    const AROUND: usize = 512;
    if line.len() <= LONGEST {
        return line;
    }
    let at = at.clamp(line.start, line.end.min(view.bytes().len()));
    line.start.max(at.saturating_sub(AROUND))..line.end.min(at + AROUND)
}
