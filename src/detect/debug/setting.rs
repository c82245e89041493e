use std::ops::Range;

use memchr::memmem;

use crate::detect::marks::is_silenced;
use crate::detect::{Detector, Emit, Needs, Prepared, Raw};
use crate::model::{Language, Region};
use crate::source::{FileView, Stage};

/// No name or value is longer.
const REACH: usize = 256;

/// A setting that is wrong for production, in a file that configures it ([`FileView::staged`]): `NAME=value` of
/// environment files, Dockerfiles and command lines, `NAME: value` of YAML, JSON and properties, and the pair `name`
/// and `value` of a container.
///
/// Words: `settings`, each a name and the values that are wrong, `FLASK_DEBUG=1|true`; case does not matter.
pub(super) struct Setting;

impl Detector for Setting {
    fn name(&self) -> &'static str {
        "setting"
    }

    fn needs(&self) -> Needs {
        Needs::Hits
    }

    fn hit(&self, rule: &Prepared, view: &FileView, at: Range<usize>, emit: &mut Emit) {
        // A keyword may name the pair of a container: `name: DEBUG`.
        let start = if view.bytes()[at.clone()].starts_with(b"name: ") { at.end - 2 } else { at.start };
        let Some(assigned) = assigned(view, start) else { return };
        let bytes = view.bytes();
        let (name, value) = (&bytes[assigned.name.clone()], &bytes[assigned.value.clone()]);
        let is_wrong = rule.rule.detect.words("settings").iter().any(|setting| {
            setting.split_once('=').is_some_and(|(wanted, values)| {
                wanted.as_bytes().eq_ignore_ascii_case(name)
                    && values.split('|').any(|wrong| wrong.as_bytes().eq_ignore_ascii_case(value))
            })
        });
        if is_wrong
            && matches!(view.region_at(assigned.name.start), Region::Code | Region::String)
            && view.staged().stage == Stage::Production
            && !(view.language() == Language::Dockerfile && is_left_behind(&bytes[assigned.value.end..]))
            && !is_silenced(rule.rule, view, at.start)
        {
            emit.raw(Raw::at(assigned.name.start..assigned.value.end));
        }
    }
}

/// Whether another stage of a Dockerfile begins below: what this one sets is not in the image.
fn is_left_behind(below: &[u8]) -> bool {
    memmem::find_iter(below, b"\n")
        .any(|at| below[at + 1..].get(..5).is_some_and(|from| from.eq_ignore_ascii_case(b"FROM ")))
}

/// Something that is given a value.
pub(super) struct Assigned {
    /// The bytes of its name, without quotes.
    pub(super) name: Range<usize>,
    /// The bytes of its value, without quotes.
    pub(super) value: Range<usize>,
}

/// The name that stands around this place, if it is given a value.
pub(super) fn assigned(view: &FileView, at: usize) -> Option<Assigned> {
    let bytes = view.bytes();
    let line = view.line_near(at, 2 * REACH);
    let start = at - bytes[line.start..at].iter().rev().take(REACH).take_while(|&&b| is_name(b)).count();
    let end = at + bytes[at..line.end].iter().take(REACH).take_while(|&&b| is_name(b)).count();
    let name = start..end;
    let quote = bytes[..start].last().copied().filter(|b| matches!(b, b'"' | b'\''));
    let mut here = end;
    if quote.is_some_and(|quote| bytes.get(here) == Some(&quote)) {
        here += 1;
    }
    let gap = blanks(&bytes[here..line.end]);
    here += gap;
    match bytes[here..line.end].first() {
        Some(b'=' | b':') => here += 1,
        // `ENV NAME value` of a Dockerfile.
        Some(_) if gap > 0 && is_env(&bytes[line.start..start]) => {}
        None => here = value_below(view, &line, start)?,
        _ => return None,
    }
    let line_end = view.line_near(here, 2 * REACH).end;
    here += blanks(&bytes[here..line_end]);
    let opened = bytes[here..line_end].first().copied().filter(|b| matches!(b, b'"' | b'\''));
    here += usize::from(opened.is_some());
    let closing = opened.or(quote);
    let len = bytes[here..line_end]
        .iter()
        .take_while(|&&b| {
            Some(b) != closing && (opened.is_some() || !b.is_ascii_whitespace() && !b",]}#;".contains(&b))
        })
        .count();
    (len > 0).then_some(Assigned { name, value: here..here + len })
}

/// Of `- name: X`, the place of the value in the line `value: …` below.
fn value_below(view: &FileView, line: &Range<usize>, start: usize) -> Option<usize> {
    let bytes = view.bytes();
    let before = bytes[line.start..start].trim_ascii();
    let before =
        before.strip_suffix(b"\"").or_else(|| before.strip_suffix(b"'")).unwrap_or(before).trim_ascii();
    let key = before.strip_prefix(b"-").unwrap_or(before).trim_ascii();
    if key != b"name:" && key != b"key:" {
        return None;
    }
    let below = view.line_near((line.end + 1).min(bytes.len()), REACH);
    let text = &bytes[below.clone()];
    let indent = blanks(text);
    text[indent..].starts_with(b"value:").then_some(below.start + indent + b"value:".len())
}

/// Whether the line so far is `ENV `.
fn is_env(before: &[u8]) -> bool {
    before.trim_ascii().eq_ignore_ascii_case(b"ENV")
}

fn blanks(text: &[u8]) -> usize {
    text.iter().take_while(|b| matches!(b, b' ' | b'\t')).count()
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-')
}
