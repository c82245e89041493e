use std::ops::Range;

use super::may_ship;
use crate::detect::{Detector, Emit, Needs, Prepared, Raw};
use crate::model::{Secret, Severity};
use crate::source::{EnvironmentNeed, FileView};

/// A secret that is read from the environment, with a literal that is used if nobody set it.
///
/// Words: `signing`, ends of names of keys that sign; `secrets`, ends of names of other secrets (a note).
pub(super) struct Fallback;

impl Detector for Fallback {
    fn name(&self) -> &'static str {
        "environment-fallback"
    }

    fn needs(&self) -> Needs {
        Needs::Hits
    }

    fn hit(&self, rule: &Prepared, view: &FileView, at: Range<usize>, emit: &mut Emit) {
        if !may_ship(view, at.start) {
            return;
        }
        let bytes = view.bytes();
        let line = view.line_near(at.start, 512);
        let reads = view.environment();
        let from = reads.partition_point(|read| read.name_span.start < at.start);
        let Some(read) = reads.get(from).filter(|read| read.name_span.start < line.end + 120) else { return };
        if !read.span.contains(&at.start) && read.span.start > at.end {
            return;
        }
        let EnvironmentNeed::Default(Some((literal, span))) = &read.need else { return };
        if !is_usable(literal) {
            return;
        }
        let ends = |list| {
            rule.rule.detect.words(list).iter().any(|end| read.name.to_ascii_uppercase().ends_with(&**end))
        };
        let severity = if ends("signing") {
            rule.rule.severity
        } else if ends("secrets") {
            Severity::Note
        } else {
            return;
        };
        if view.settings().guard(bytes, read.name_span.start).is_some() {
            return;
        }
        let mut raw = Raw::at(read.name_span.start..read.span.end.max(span.end))
            .message(format!("{} has a literal that is used where nobody set it", read.name));
        raw.severity = Some(severity).filter(|s| *s != rule.rule.severity);
        emit.mask(Secret { range: span.clone(), prefix: 0 });
        emit.raw(raw);
    }
}

/// Whether a service would start with it.
fn is_usable(literal: &str) -> bool {
    literal.len() >= 3
        && !matches!(literal, "false" | "true" | "none" | "None" | "null")
        && !literal.starts_with('[')
}
