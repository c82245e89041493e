//! Inline allows: where one stands, what it covers, and what was meant as one and is none.

use std::collections::BTreeMap;
use std::ops::Range;

use super::mask::Masks;
use crate::model::{Coverage, Evidence, Language, NotChecked, Region, RepoPath, Span};
use crate::rules::catalog::is_family;
use crate::source::FileView;

/// What an inline allow starts with.
const MARK: &[u8] = b"prodcheck:allow";
/// What the one pass over all bytes looks for: the first word of a mark, and how else people write it.
pub(super) const WORDS: [&str; 3] = ["prodcheck", "prod-check", "prod_check"];
/// What else people call it, mostly because other tools do.
const VERBS: [&[u8]; 6] = [b"allow", b"allowed", b"ignore", b"disable", b"skip", b"suppress"];
/// So many bytes are looked at to tell whether a mark was meant.
const MEANT_MAX: usize = 160;

/// An inline allow as it stands in a comment.
#[derive(Debug, Clone)]
pub struct FoundMark {
    /// The file.
    pub path: RepoPath,
    /// From the mark's word to the end of its line.
    pub span: Span,
    /// That text, masked.
    pub text: String,
    /// Whether it only looks like one, and allows nothing.
    pub is_misspelt: bool,
    /// 1-based line whose findings it speaks of.
    pub covers: u32,
    /// What is shown of it.
    pub evidence: Evidence,
}

/// A place where a mark stands, or something that was meant as one; whether in a comment is seen later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Marked {
    /// Its first byte.
    pub(super) at: usize,
    /// Where it ends, if it is none.
    pub(super) misspelt_to: Option<usize>,
}

/// Tells what stands at a hit of one of [`WORDS`].
pub(super) fn marked(text: &[u8], at: usize) -> Option<Marked> {
    let begins = text.get(at..at + MARK.len()).is_some_and(|word| word.eq_ignore_ascii_case(MARK));
    if begins {
        return Some(Marked { at, misspelt_to: None });
    }
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:@".contains(&byte);
    if at.checked_sub(1).is_some_and(|before| is_part(text[before])) {
        return None;
    }
    let to = meant(text, at)?;
    Some(Marked { at, misspelt_to: Some(to) })
}

/// Where the mark ends that was meant here: `prodcheck: allow(debug/dbg-macro)`, `prod-check:ignore`. People also
/// write about the program, so a rule's name must follow, or the comment consists of nothing else.
fn meant(text: &[u8], at: usize) -> Option<usize> {
    let window = &text[at..text.len().min(at + MEANT_MAX)];
    let line = window.split(|&b| b == b'\n').next().unwrap_or_default();
    let word = WORDS.iter().find(|word| {
        line.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word.as_bytes()))
    })?;
    let mut rest = line[word.len()..].trim_ascii_start();
    if let [b':' | b'-' | b'_' | b'=' | b'.', behind @ ..] = rest {
        rest = behind.trim_ascii_start();
    }
    let letters = rest.iter().take_while(|b| b.is_ascii_alphabetic()).count();
    let (verb, behind) = rest.split_at(letters);
    if !VERBS.iter().any(|known| known.eq_ignore_ascii_case(verb)) {
        return None;
    }
    let here = |rest: &[u8]| at + line.len() - rest.len();
    let mut rest = behind.trim_ascii_start();
    if let [b':' | b'=', behind @ ..] = rest {
        rest = behind.trim_ascii_start();
    }
    let opened = rest.first().is_some_and(|b| b"([{".contains(b));
    let listed = if opened { &rest[1..] } else { rest };
    let len = listed.trim_ascii_start().iter().take_while(|b| is_in_selector(**b)).count();
    let start = listed.len() - listed.trim_ascii_start().len();
    let (selector, after) = listed[start..].split_at(len);
    if names_a_rule(selector, opened) {
        let close = after.iter().position(|b| b")]}".contains(b)).filter(|_| opened);
        return Some(here(&after[close.map_or(0, |close| close + 1)..]));
    }
    let is_alone = opens_comment(text, at) && closes_comment(behind);
    is_alone.then(|| here(behind))
}

fn is_in_selector(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-/*".contains(&byte)
}

/// Whether this is a selector of rules: `debug/dbg-macro`, and in brackets `debug` too.
fn names_a_rule(word: &[u8], in_brackets: bool) -> bool {
    let mut parts = word.splitn(2, |&b| b == b'/');
    let family = parts.next().and_then(|family| std::str::from_utf8(family).ok()).unwrap_or_default();
    is_family(family) && parts.next().map_or(in_brackets, |name| !name.is_empty())
}

/// Whether nothing stands between the beginning of the comment and this place.
fn opens_comment(text: &[u8], at: usize) -> bool {
    // One dash alone begins an item of a list.
    const OPENERS: [&[u8]; 6] = [b"/", b"#", b"*", b"--", b";", b"%"];
    let before = text[at.saturating_sub(64)..at].rsplit(|&b| b == b'\n').next().unwrap_or_default();
    OPENERS.iter().any(|opener| before.trim_ascii_end().ends_with(opener))
}

/// Whether nothing but the comment's end follows on the line.
fn closes_comment(rest: &[u8]) -> bool {
    const CLOSERS: [&[u8]; 5] = [b"", b"*/", b"-->", b"#}", b"*)"];
    CLOSERS.contains(&rest.trim_ascii())
}

/// No more of a mark is read: ids and a reason.
const LONGEST_MARK: usize = 1024;
/// More marks than these for one line are no allows but an attempt at something.
const MARKS_PER_LINE: usize = 32;

/// The inline allows among the places where the word stands. The second is whether some were left out
/// because too many speak of one line.
pub(super) fn marks(view: &FileView, places: &[Marked], masks: &Masks) -> (Vec<FoundMark>, bool) {
    let mut places = places.to_vec();
    places.sort_unstable_by_key(|place| place.at);
    let mut line: Option<MarkedLine> = None;
    let mut below = CodeBelow::default();
    let mut given: BTreeMap<usize, usize> = BTreeMap::new();
    let mut left_out = false;
    let mut marks = Vec::new();
    for place in places {
        let at = place.at;
        let line = match &mut line {
            Some(known) if at < known.range.end => known,
            other => other.insert(MarkedLine::new(view, at)),
        };
        if !line.in_comment(view, at) {
            continue;
        }
        let own = view.lines().line_at(at);
        let covers = if at <= line.alone_to { below.of(view, own).unwrap_or(own) } else { own };
        let already = given.entry(covers).or_default();
        if *already == MARKS_PER_LINE {
            left_out = true;
            continue;
        }
        *already += 1;
        marks.push(mark(view, place, &line.range, covers, masks));
    }
    (marks, left_out)
}

fn mark(view: &FileView, place: Marked, line: &Range<usize>, covers: usize, masks: &Masks) -> FoundMark {
    let bytes = view.bytes();
    let lines = view.lines();
    let at = place.at;
    let mut range = at..place.misspelt_to.unwrap_or(line.end);
    if range.len() > LONGEST_MARK {
        range.end = at + LONGEST_MARK;
        // Not within a character.
        let inside = bytes[range.end - 3..=range.end].iter().rev().take_while(|b| **b & 0xc0 == 0x80).count();
        range.end -= inside.min(3);
    }
    FoundMark {
        path: view.path().clone(),
        span: view.span(range.clone()),
        text: masks.shown(bytes, range.clone()),
        is_misspelt: place.misspelt_to.is_some(),
        covers: covers as u32 + 1,
        evidence: super::evidence::evidence(bytes, lines, range, "", masks),
    }
}

/// Some marks were not read.
pub(super) fn too_many(path: &RepoPath) -> NotChecked {
    NotChecked {
        path: Some(path.clone()),
        what: "too-many-allows",
        reason: format!(
            "more than {MARKS_PER_LINE} inline allows speak of one line; the others were not read"
        ),
        mend: None,
        coverage: Coverage::Outside,
    }
}

/// What all marks of one line have in common: a line may be the whole file, and is looked at once.
struct MarkedLine {
    range: Range<usize>,
    /// Up to here nothing but blanks and what opens a comment stands on it.
    alone_to: usize,
    /// Behind the first thing that opens a comment in texts without a grammar.
    opened: Option<usize>,
}

impl MarkedLine {
    fn new(view: &FileView, at: usize) -> Self {
        const OPENERS: [&[u8]; 8] = [b"#", b"//", b"--", b";", b"%", b"/*", b"<!--", b"*"];
        let range = view.line_around(at);
        let line = &view.bytes()[range.clone()];
        let alone =
            line.iter().take_while(|b| b.is_ascii_whitespace() || b"#/*-;%!<{\"'".contains(b)).count();
        let opened = match view.language() {
            Language::Text | Language::Unknown => (0..line.len())
                .filter(|&i| i == 0 || line[i - 1].is_ascii_whitespace())
                .find_map(|i| OPENERS.iter().find(|o| line[i..].starts_with(o)).map(|o| i + o.len())),
            _ => None,
        };
        Self { alone_to: range.start + alone, opened: opened.map(|end| range.start + end), range }
    }

    fn in_comment(&self, view: &FileView, at: usize) -> bool {
        match view.language() {
            Language::Text | Language::Unknown => self.opened.is_some_and(|end| end <= at),
            // Documentation speaks of marks; it does not set them.
            _ => view.region_at(at) == Region::Comment,
        }
    }
}

/// The first line below that is neither blank nor a comment alone. Asked from the top to the bottom of a
/// file, it looks at each line once.
#[derive(Default)]
struct CodeBelow {
    /// Lines above this one were looked at.
    looked_to: usize,
    /// The line of code that was found last.
    found: Option<usize>,
}

impl CodeBelow {
    fn of(&mut self, view: &FileView, own: usize) -> Option<usize> {
        if own >= self.looked_to {
            self.found = next_code_line(view, own);
            self.looked_to = self.found.unwrap_or(usize::MAX);
        }
        self.found
    }
}

fn next_code_line(view: &FileView, own: usize) -> Option<usize> {
    let lines = view.lines();
    (own + 1..lines.count()).find(|&line| {
        let range = lines.line(view.bytes(), line);
        let text = &view.bytes()[range.clone()];
        let indent = text.iter().take_while(|b| b.is_ascii_whitespace()).count();
        indent < text.len() && !matches!(view.region_at(range.start + indent), Region::Comment | Region::Doc)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: Option<&str>) {
        let at = WORDS.iter().find_map(|word| text.find(word)).unwrap();
        let found = marked(text.as_bytes(), at).and_then(|mark| mark.misspelt_to).map(|to| &text[at..to]);
        assert_eq!(found, expect, "{text}");
    }

    #[test]
    fn what_was_meant_as_a_mark_is_told_from_what_is_said_about_it() {
        check("// prodcheck: allow(debug/dbg-macro) why", Some("prodcheck: allow(debug/dbg-macro)"));
        check("// prodcheck allow(debug) why", Some("prodcheck allow(debug)"));
        check("# prod-check:allow( debug/x, deps ) why", Some("prod-check:allow( debug/x, deps )"));
        check("# prod_check:ignore[secrets/x]", Some("prod_check:ignore[secrets/x]"));
        check("# prodcheck-ignore: secrets/x, why", Some("prodcheck-ignore: secrets/x"));
        check("x() // prodcheck:ignore", Some("prodcheck:ignore"));
        check("/* prodcheck allow */", Some("prodcheck allow"));
        check("<!-- prodcheck:disable -->", Some("prodcheck:disable"));
        check("# prodcheck:allow(debug/dbg-macro)", None);
        check("# prodcheck:allow debug/dbg-macro", None);
        check("# what prodcheck allows (debug/x)", None);
        check("# why does prodcheck skip", None);
        check("# prodcheck allow marks are written in comments", None);
        check("# prodcheck: skip src/lib.rs", None);
        check("# prodcheck (see README)", None);
        check("# cargo-prodcheck allow(debug)", None);
        check("# prodcheck --skip debug/dbg-macro", None);
        check("# .prodcheck-ignore", None);
        check("# - prodcheck skip", None);
        check("# prodcheck: ignore (see above)", None);
    }
}
