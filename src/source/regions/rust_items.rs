//! What Rust attributes hold for: which items are compiled for tests only, and where a lint is switched off.
//!
//! One walk over the brackets of the code, with a stack, so that it is linear however deep things are nested.

use std::ops::Range;

use memchr::memmem;

use super::{Stretch, is_name};

/// An attribute like `#[allow(clippy::dbg_macro)]` or `#![expect(…)]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LintAllowance {
    /// The bytes of the attribute between its brackets: `allow(clippy::dbg_macro)`.
    pub attribute: Range<usize>,
    /// The bytes it holds for: the item that follows, or what surrounds an inner attribute.
    pub scope: Range<usize>,
}

/// The bytes that are compiled for tests only, in order and without overlaps.
pub(super) fn test_ranges(text: &[u8], stretches: &[Stretch]) -> Vec<Range<usize>> {
    if memmem::find(text, b"test").is_none() && memmem::find(text, b"bench").is_none() {
        return Vec::new();
    }
    let mut found: Vec<_> = Walk::new(text, stretches).scopes(is_test).into_iter().map(|s| s.scope).collect();
    found.sort_by_key(|range| range.start);
    let mut merged: Vec<Range<usize>> = Vec::with_capacity(found.len());
    for range in found {
        match merged.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => merged.push(range),
        }
    }
    merged
}

/// Every `allow` and `expect` with what it holds for.
pub(super) fn lint_allowances(text: &[u8], stretches: &[Stretch]) -> Vec<LintAllowance> {
    if memmem::find(text, b"allow(").is_none() && memmem::find(text, b"expect(").is_none() {
        return Vec::new();
    }
    Walk::new(text, stretches).scopes(|attribute| {
        let path = path_of(attribute);
        path == b"allow" || path == b"expect" || path == b"cfg_attr"
    })
}

/// Whether the text between an attribute's brackets makes its item a test's.
fn is_test(attribute: &[u8]) -> bool {
    let path = path_of(attribute);
    let last = path.rsplit(|&b| b == b':').next().unwrap_or(path);
    match last {
        b"test" | b"bench" | b"rstest" | b"test_case" | b"wasm_bindgen_test" | b"quickcheck" => true,
        b"cfg" => names_test(attribute),
        _ => false,
    }
}

/// `tokio::test` of `tokio::test(flavor = "multi_thread")`.
fn path_of(attribute: &[u8]) -> &[u8] {
    let start = attribute.iter().position(|b| !b.is_ascii_whitespace()).unwrap_or(0);
    let rest = &attribute[start..];
    &rest[..rest.iter().position(|&b| !is_name(b) && b != b':').unwrap_or(rest.len())]
}

/// Whether a `cfg` has the word `test` outside every `not(…)` and outside strings; or `doc` or `docsrs`, under
/// which nothing ships either.
fn names_test(attribute: &[u8]) -> bool {
    let mut negated_at = None;
    let mut depth = 0_usize;
    let mut at = 0;
    let mut word = 0..0;
    while at < attribute.len() {
        match attribute[at] {
            b'"' => at += attribute[at + 1..].iter().position(|&b| b == b'"').unwrap_or(attribute.len()) + 1,
            b'(' => {
                if negated_at.is_none() && &attribute[word.clone()] == b"not" {
                    negated_at = Some(depth);
                }
                depth += 1;
            }
            b')' => {
                depth = depth.saturating_sub(1);
                if negated_at == Some(depth) {
                    negated_at = None;
                }
            }
            byte if is_name(byte) => {
                let len = attribute[at..].iter().take_while(|&&b| is_name(b)).count();
                word = at..at + len;
                let is_name_of_value = attribute[word.end..].trim_ascii_start().starts_with(b"=");
                let is_one = matches!(&attribute[word.clone()], b"test" | b"doc" | b"docsrs");
                if is_one && negated_at.is_none() && !is_name_of_value {
                    return true;
                }
                at += len;
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    false
}

/// What ends the item behind an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ends {
    /// The brace that closes its body, or a semicolon: `fn`, `mod`, `impl`, `struct`, …
    Body,
    /// A semicolon: `use`, `static`, `const`, `type`, `let`.
    Semicolon,
    /// A comma, a semicolon or a closing brace: fields, variants, arms, expressions.
    Any,
}

/// An item whose end is not reached yet.
#[derive(Debug)]
struct Pending {
    start: usize,
    ends: Ends,
    attributes: Vec<Range<usize>>,
}

#[derive(Debug, Default)]
struct Level {
    pending: Option<Pending>,
    /// Inner attributes, which hold until this level closes, with where the level began.
    inner: Vec<Range<usize>>,
    start: usize,
}

struct Walk<'t> {
    text: &'t [u8],
    stretches: &'t [Stretch],
    /// Index of the first stretch that ends after `at`.
    next: usize,
    at: usize,
}

/// No attribute is longer; the walk ends at one that is.
const ATTRIBUTE_MAX: usize = 1 << 16;

const MARKS: [bool; 256] = {
    let mut table = [false; 256];
    let mut at = 0;
    let marks = b"()[]{};,#";
    while at < marks.len() {
        table[marks[at] as usize] = true;
        at += 1;
    }
    table
};

impl<'t> Walk<'t> {
    fn new(text: &'t [u8], stretches: &'t [Stretch]) -> Self {
        Self { text, stretches, next: 0, at: 0 }
    }

    /// The next byte of code at or after `at` that `wanted` holds for; `at` comes to stand on it.
    fn next_code(&mut self, wanted: impl Fn(u8) -> bool) -> Option<u8> {
        loop {
            while self.stretches.get(self.next).is_some_and(|s| s.range.end <= self.at) {
                self.next += 1;
            }
            let (gap_end, after) = match self.stretches.get(self.next) {
                Some(s) if s.range.start <= self.at => {
                    self.at = s.range.end;
                    continue;
                }
                Some(s) => (s.range.start, s.range.end),
                None => (self.text.len(), self.text.len()),
            };
            if let Some(found) = self.text[self.at.min(gap_end)..gap_end].iter().position(|&b| wanted(b)) {
                self.at += found;
                return Some(self.text[self.at]);
            }
            if gap_end == self.text.len() {
                self.at = gap_end;
                return None;
            }
            self.at = after;
        }
    }

    /// Stands on `#`: the bytes between the brackets and whether it is an inner attribute. Comes to stand
    /// behind the attribute, or behind the `#` if it is none.
    fn attribute(&mut self) -> Option<(Range<usize>, bool)> {
        self.at += 1;
        let behind = self.at;
        let mut byte = self.next_code(|b| !b.is_ascii_whitespace())?;
        let inner = byte == b'!';
        if inner {
            self.at += 1;
            byte = self.next_code(|b| !b.is_ascii_whitespace())?;
        }
        if byte != b'[' {
            self.rewind(behind);
            return None;
        }
        self.at += 1;
        let start = self.at;
        let mut depth = 1_usize;
        while let Some(byte) = self.next_code(|b| matches!(b, b'[' | b']')) {
            depth = if byte == b'[' { depth + 1 } else { depth - 1 };
            self.at += 1;
            if depth == 0 {
                return Some((start..self.at - 1, inner));
            }
            if self.at - start > ATTRIBUTE_MAX {
                break;
            }
        }
        self.at = self.text.len();
        None
    }

    fn rewind(&mut self, at: usize) {
        self.at = at;
        while self.next > 0 && self.stretches[self.next - 1].range.end > at {
            self.next -= 1;
        }
    }

    /// Where the wanted attributes hold, in the order in which their scopes end.
    fn scopes(mut self, wanted: impl Fn(&[u8]) -> bool) -> Vec<LintAllowance> {
        let mut found = Vec::new();
        let mut levels = vec![Level::default()];
        while let Some(byte) = self.next_code(|b| MARKS[usize::from(b)]) {
            let here = self.at;
            if byte == b'#' {
                let Some((range, inner)) = self.attribute() else { continue };
                if !wanted(&self.text[range.clone()]) {
                    continue;
                }
                let after = self.at;
                let Some(level) = levels.last_mut() else { break };
                if inner {
                    level.inner.push(range);
                } else if let Some(pending) = &mut level.pending {
                    pending.attributes.push(range);
                } else {
                    let ends = self.ends_of_item();
                    self.rewind(after);
                    level.pending = Some(Pending { start: here, ends, attributes: vec![range] });
                }
                continue;
            }
            self.at += 1;
            match byte {
                b'(' | b'[' | b'{' => levels.push(Level { start: here, ..Level::default() }),
                b')' | b']' | b'}' => {
                    if levels.len() > 1
                        && let Some(level) = levels.pop()
                    {
                        close_level(level, here, &mut found);
                    }
                    let Some(level) = levels.last_mut() else { break };
                    if byte == b'}' && level.pending.as_ref().is_some_and(|p| p.ends != Ends::Semicolon) {
                        // `impl Foo<{ N }> for Bar {`: the brace belongs to the head.
                        let next = self.next_code(|b| !b.is_ascii_whitespace());
                        let ends = level.pending.as_ref().map(|p| p.ends);
                        let in_head = next == Some(b'>') || (next == Some(b',') && ends == Some(Ends::Body));
                        self.rewind(here + 1);
                        if !in_head {
                            close_item(level, here + 1, &mut found);
                        }
                    }
                }
                b';' => {
                    if let Some(level) = levels.last_mut() {
                        close_item(level, here + 1, &mut found);
                    }
                }
                _ => {
                    if let Some(level) = levels.last_mut()
                        && level.pending.as_ref().is_some_and(|p| p.ends == Ends::Any)
                    {
                        close_item(level, here + 1, &mut found);
                    }
                }
            }
        }
        while let Some(level) = levels.pop() {
            close_level(level, self.text.len(), &mut found);
        }
        found
    }

    /// Looks at the words behind an attribute, over further attributes and comments.
    fn ends_of_item(&mut self) -> Ends {
        loop {
            match self.next_code(|b| !b.is_ascii_whitespace()) {
                Some(b'#') => {
                    if self.attribute().is_none() {
                        return Ends::Any;
                    }
                }
                Some(byte) if is_name(byte) => {
                    let len = self.text[self.at..].iter().take_while(|&&b| is_name(b)).count();
                    let word = &self.text[self.at..self.at + len];
                    let follows = self.text.get(self.at + len).copied();
                    self.at += len;
                    match word {
                        b"fn" | b"mod" | b"impl" | b"struct" | b"enum" | b"trait" | b"union" | b"extern"
                        | b"macro_rules" | b"unsafe" | b"async" | b"auto" | b"default" | b"macro" => {
                            return Ends::Body;
                        }
                        b"use" | b"static" | b"type" | b"let" => return Ends::Semicolon,
                        b"const" => {
                            self.next_code(|b| !b.is_ascii_whitespace());
                            let rest = &self.text[self.at..];
                            let is_fn = [&b"fn"[..], b"unsafe", b"async", b"extern"].iter().any(|w| {
                                rest.starts_with(w) && !rest.get(w.len()).is_some_and(|&b| is_name(b))
                            });
                            return if is_fn { Ends::Body } else { Ends::Semicolon };
                        }
                        b"pub" | b"crate" => {
                            // `pub(in crate::x)`
                            if follows == Some(b'(') {
                                let rest = &self.text[self.at..];
                                let Some(len) = rest.iter().take(200).position(|&b| b == b')') else {
                                    return Ends::Any;
                                };
                                self.at += len + 1;
                            }
                        }
                        _ => return Ends::Any,
                    }
                }
                _ => return Ends::Any,
            }
        }
    }
}

fn close_item(level: &mut Level, end: usize, found: &mut Vec<LintAllowance>) {
    if let Some(pending) = level.pending.take() {
        let scope = pending.start..end;
        found.extend(
            pending.attributes.into_iter().map(|attribute| LintAllowance { attribute, scope: scope.clone() }),
        );
    }
}

fn close_level(mut level: Level, end: usize, found: &mut Vec<LintAllowance>) {
    close_item(&mut level, end, found);
    let scope = level.start..end;
    found.extend(level.inner.into_iter().map(|attribute| LintAllowance { attribute, scope: scope.clone() }));
}
