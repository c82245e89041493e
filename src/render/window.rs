use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use miette::{Diagnostic, LabeledSpan, MietteError, SourceCode, SourceSpan, SpanContents};
use textwrap::core::display_width;

use super::look::{Look, wrapping};
use super::neutral::one_line;
use crate::model::{Evidence, Finding, shown};

/// Cells that miette puts before a source line beside the digits of its number: ` 12 │ `.
const GUTTER: usize = 4;
/// Cells that miette puts before a label's text: `╰── `.
const LABEL_LEAD: usize = 4;
/// A label's text is not wrapped narrower.
const LABEL_MIN: usize = 16;

/// One window of a card as the "source" that miette sees: a few consecutive lines, already cut to the
/// width. It never sees a file, since it scans what it is given once for each label, prints all that lies
/// between two labels, and panics at column 65,536. Nor does it see two windows at once: what it does for
/// one label it does again for each other one.
#[derive(Debug)]
pub(super) struct Window {
    text: String,
    span: SourceSpan,
    /// 1-based.
    first_line: usize,
    lines: usize,
    marks: Vec<Mark>,
    /// The file, as people are to see it.
    name: String,
}

#[derive(Debug)]
struct Mark {
    range: Range<usize>,
    text: Option<String>,
    /// Where it really stands, 1-based: the header names it.
    line: usize,
    column: usize,
}

/// A finding's evidence on its way to a window: lines that are displayable, with the stretches to mark.
struct Draft<'r> {
    first_line: usize,
    lines: Vec<Line>,
    findings: Vec<&'r Finding>,
}

struct Line {
    text: String,
    /// Label number and stretch.
    marks: Vec<(usize, Range<usize>)>,
}

/// The windows of these findings, in their order; those of one line or of neighbouring lines are one.
pub(super) fn windows(findings: &[&Finding], look: &Look) -> Vec<Window> {
    let mut drafts: Vec<Draft> = Vec::new();
    let last = findings.iter().filter_map(|f| f.evidence.as_ref()).map(last_line).max().unwrap_or(0);
    let room = look.columns().saturating_sub(GUTTER + last.to_string().len());
    for finding in findings {
        let Some(draft) = finding.evidence.as_ref().and_then(|e| Draft::new(finding, e)) else { continue };
        match drafts.last_mut() {
            Some(last) if last.takes(&draft, room) => last.add(draft),
            _ => drafts.push(draft),
        }
    }
    drafts.into_iter().map(|draft| Window::new(draft, room, look)).collect()
}

impl Window {
    fn new(draft: Draft, room: usize, look: &Look) -> Self {
        let mut text = String::new();
        let lines = draft.lines.len();
        let mut found: Vec<Option<Range<usize>>> = vec![None; draft.findings.len()];
        for (index, line) in draft.lines.into_iter().enumerate() {
            if index > 0 {
                text.push('\n');
            }
            let offset = text.len();
            let line = line.cut(room, look.ellipsis());
            for (number, range) in line.marks {
                let moved = offset + range.start..offset + range.end;
                match &mut found[number] {
                    Some(known) => known.end = moved.end,
                    unknown => *unknown = Some(moved),
                }
            }
            text.push_str(&line.text);
        }
        let mut marks = Vec::with_capacity(found.len());
        for (finding, range) in draft.findings.iter().zip(found) {
            let Some(range) = range else { continue };
            let (line, column) = match &finding.place.span {
                Some(span) => (span.line as usize, span.column as usize),
                None => (draft.first_line, 1),
            };
            // How much room its words have depends on where the label came to stand.
            let words = label_text(finding, look).map(|words| {
                let line_start = text[..range.start].rfind('\n').map_or(0, |at| at + 1);
                let middle = display_width(&text[line_start..range.start])
                    + display_width(&text[range.clone()]).min(room) / 2;
                let width = room.saturating_sub(middle + LABEL_LEAD).max(LABEL_MIN);
                textwrap::wrap(&words, wrapping(width)).join("\n")
            });
            marks.push(Mark { text: words, range, line, column });
        }
        let name = draft.findings.first().map(|f| look.path(f.place.path.as_ref())).unwrap_or_default();
        let span = SourceSpan::from(0..text.len());
        Self { text, span, first_line: draft.first_line, lines, marks, name }
    }

    /// How long its longest line number is.
    pub(super) fn digits(&self) -> usize {
        (self.first_line + self.lines - 1).to_string().len()
    }
}

/// miette writes the message before the window; ours stands in the card's title.
impl fmt::Display for Window {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}

impl std::error::Error for Window {}

impl Diagnostic for Window {
    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(self)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let span = |m: &Mark| LabeledSpan::new(m.text.clone(), m.range.start, m.range.len());
        Some(Box::new(self.marks.iter().map(span)))
    }
}

/// What the label says, if it says more than the title and the place do.
fn label_text(finding: &Finding, look: &Look) -> Option<String> {
    let label = finding.evidence.as_ref()?.labels.first()?;
    let text = one_line(&label.text);
    let text = if look.unicode { text } else { text.replace('…', "...").into() };
    (!text.trim().is_empty() && *text != *one_line(&finding.message)).then(|| text.into_owned())
}

fn last_line(evidence: &Evidence) -> usize {
    evidence.first_line as usize + evidence.text.matches('\n').count()
}

impl<'r> Draft<'r> {
    fn new(finding: &'r Finding, evidence: &Evidence) -> Option<Self> {
        let label = evidence.labels.first()?.range.clone();
        let (mut lines, mut offset) = (Vec::new(), 0);
        for text in evidence.text.split('\n') {
            let end = offset + text.len();
            let inside = label.start <= end && (label.end > offset || label.start >= offset);
            let range = label.start.clamp(offset, end) - offset..label.end.clamp(offset, end) - offset;
            lines.push(Line::new(text, inside.then_some(range)));
            offset = end + 1;
        }
        // Empty lines behind the label show nothing, and miette would leave the last of them out.
        while lines.len() > 1 && lines.last().is_some_and(|l| l.text.is_empty()) {
            lines.pop();
        }
        let any = lines.iter().any(|l| !l.marks.is_empty());
        any.then(|| Self { first_line: evidence.first_line as usize, lines, findings: vec![finding] })
    }

    fn end_line(&self) -> usize {
        self.first_line + self.lines.len()
    }

    /// Whether the other one goes on where this one ends, or says the same of the lines both have.
    fn takes(&self, next: &Self, room: usize) -> bool {
        if next.first_line < self.first_line || next.first_line > self.end_line() {
            return false;
        }
        let skip = next.first_line - self.first_line;
        self.lines.iter().skip(skip).zip(&next.lines).all(|(a, b)| {
            let end = a.marks.iter().chain(&b.marks).map(|(_, r)| r.end).max().unwrap_or_default();
            a.text == b.text && (display_width(&a.text) <= room || end <= room / 2)
        })
    }

    fn add(&mut self, next: Self) {
        let skip = next.first_line - self.first_line;
        let number = self.findings.len();
        for (index, mut line) in next.lines.into_iter().enumerate() {
            for mark in &mut line.marks {
                mark.0 = number;
            }
            match self.lines.get_mut(skip + index) {
                Some(known) => known.marks.append(&mut line.marks),
                None => self.lines.push(line),
            }
        }
        self.findings.extend(next.findings);
    }
}

impl Line {
    /// Makes the text displayable, whatever came in: tabs become four spaces, and an empty stretch at
    /// the end gets a cell to point at.
    fn new(text: &str, mark: Option<Range<usize>>) -> Self {
        let boundary =
            |at: usize| (at..text.len()).find(|&at| text.is_char_boundary(at)).unwrap_or(text.len());
        let mut mark = mark.map(|m| boundary(m.start)..boundary(m.end));
        let mut text = Cow::Borrowed(text);
        if text.contains('\t') || matches!(shown(&text), Cow::Owned(_)) {
            let safe = |part: &str| shown(part).replace('\t', "    ");
            if let Some(range) = &mut mark {
                let before = safe(&text[..range.start]).len();
                *range = before..before + safe(&text[range.clone()]).len();
            }
            text = Cow::Owned(safe(&text));
        }
        let mut text = text.into_owned();
        if let Some(range) = mark.as_mut().filter(|r| r.start >= text.len()) {
            *range = text.len()..text.len() + 1;
            text.push(' ');
        }
        Self { text, marks: mark.into_iter().map(|range| (0, range)).collect() }
    }

    /// Cuts the line to `room` cells around its marks. In ASCII the ellipses that are there already give
    /// way, too: three bytes for three bytes, so that nothing moves.
    fn cut(mut self, room: usize, ellipsis: &str) -> Self {
        if ellipsis != "…" {
            self.text = self.text.replace('…', ellipsis);
        }
        if display_width(&self.text) <= room { self } else { cut(&self.text, &self.marks, room, ellipsis) }
    }
}

fn cut(text: &str, marks: &[(usize, Range<usize>)], room: usize, ellipsis: &str) -> Line {
    let room = room.saturating_sub(2 * display_width(ellipsis));
    let start = marks.iter().map(|(_, r)| r.start).min().unwrap_or(0);
    let end = marks.iter().map(|(_, r)| r.end).max().unwrap_or(start);
    let first = display_width(&text[..start]);
    let wanted = display_width(&text[start..end]).min(room);
    let cells = display_width(text);
    let left = first.saturating_sub((room - wanted) / 2).min(cells.saturating_sub(room));
    // The characters whose cells lie wholly between `left` and `left + room`.
    let (mut from, mut to, mut cell) = (text.len(), 0, 0);
    for (offset, c) in text.char_indices() {
        let behind = cell + display_width(c.encode_utf8(&mut [0; 4]));
        if cell >= left && behind <= left + room {
            from = from.min(offset);
            to = offset + c.len_utf8();
        }
        cell = behind;
    }
    let kept = from.min(to)..to;
    let mut out = String::with_capacity(kept.len() + 6);
    if kept.start > 0 {
        out.push_str(ellipsis);
    }
    let lead = out.len();
    out.push_str(&text[kept.clone()]);
    if kept.end < text.len() {
        out.push_str(ellipsis);
    }
    let shift = |offset: usize| lead + offset.clamp(kept.start, kept.end) - kept.start;
    // A mark that lies wholly outside points at the edge.
    let edge = |r: Range<usize>| if r.is_empty() { r.start.saturating_sub(1)..r.end } else { r };
    let marks = marks.iter().map(|(n, r)| (*n, edge(shift(r.start)..shift(r.end)))).collect();
    Line { text: out, marks }
}

impl SourceCode for Window {
    /// The whole window, whatever is asked for. Without context lines miette asks for the header, which
    /// names the label's true place.
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        _after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let (start, end) = (span.offset(), span.offset() + span.len());
        if end > self.text.len() {
            return Err(MietteError::OutOfBounds);
        }
        let label = self.marks.iter().find(|m| before == 0 && m.range == (start..end));
        let (line, column) = label.map_or((self.first_line, 1), |m| (m.line, m.column));
        Ok(Box::new(Contents { window: self, line, column }))
    }
}

struct Contents<'a> {
    window: &'a Window,
    line: usize,
    column: usize,
}

impl<'a> SpanContents<'a> for Contents<'a> {
    fn data(&self) -> &'a [u8] {
        self.window.text.as_bytes()
    }

    fn span(&self) -> &SourceSpan {
        &self.window.span
    }

    fn name(&self) -> Option<&str> {
        Some(&self.window.name)
    }

    fn line(&self) -> usize {
        self.line.saturating_sub(1)
    }

    fn column(&self) -> usize {
        self.column.saturating_sub(1)
    }

    fn line_count(&self) -> usize {
        self.window.lines
    }
}
