//! JavaScript and TypeScript, by <https://tc39.es/ecma262/#sec-ecmascript-language-lexical-grammar>.
//!
//! A regular expression is told from a division by what stands before the slash. The text of JSX is code: a
//! quote that its line does not close is taken for an apostrophe.

use std::ops::Range;

use super::{Stretches, find, is_name, line_end};
use crate::model::Region;

/// A bracket that is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Open {
    /// `(` behind `if`, `while`, `for` or `with`: a statement follows its end, not an operator.
    Condition,
    /// Any other `(` or `[`.
    Group,
    /// `{` of a block.
    Block,
    /// `{` of an object literal.
    Object,
    /// `${` inside a template literal.
    Field,
}

/// What the last token was, as far as the next slash wants to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Last {
    /// A value or a name: a slash divides it.
    Operand,
    /// Anything else: a slash opens a regular expression.
    Operator,
    /// `if`, `while`, `for`, `with`.
    Head,
}

pub(super) fn mask(text: &[u8], range: Range<usize>, out: &mut Stretches) {
    let end = range.end;
    let text = &text[..end];
    let mut reader =
        Reader { text, at: range.start, end, open: Vec::new(), last: Last::Operator, unclosed: [0; 3], out };
    if range.start == 0 && text.starts_with(b"#!") {
        reader.at = line_end(text, 0, end);
        reader.out.push(0, reader.at, Region::Comment);
    }
    while let Some(&byte) = text.get(reader.at) {
        match BYTES[usize::from(byte)] {
            Byte::Name => reader.word(reader.at),
            Byte::Blank => reader.at += 1,
            Byte::Sign => {
                reader.at += 1;
                reader.last = Last::Operator;
            }
            Byte::Other => reader.token(byte),
        }
    }
}

/// What a byte is outside of literals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Byte {
    /// Part of a name or of a number.
    Name,
    /// A blank or the end of a line.
    Blank,
    /// A sign that is looked at for itself: a bracket, a quote, a slash.
    Other,
    /// Any other sign: an operator or a part of one.
    Sign,
}

/// Most bytes of code belong to names, and most others are signs that stand for themselves: they are told by a
/// look-up.
static BYTES: [Byte; 256] = {
    let mut bytes = [Byte::Sign; 256];
    let mut byte = 0;
    while byte < 256 {
        if is_name(byte as u8) || byte == b'$' as usize {
            bytes[byte] = Byte::Name;
        } else if matches!(byte as u8, b' ' | b'\t' | b'\n' | b'\r') {
            bytes[byte] = Byte::Blank;
        } else if matches!(
            byte as u8,
            b'/' | b'"' | b'\'' | b'`' | b'(' | b')' | b'[' | b']' | b'{' | b'}' | b'+' | b'-' | b'!'
        ) {
            bytes[byte] = Byte::Other;
        }
        byte += 1;
    }
    bytes
};

struct Reader<'t, 'o> {
    text: &'t [u8],
    at: usize,
    end: usize,
    open: Vec<Open>,
    last: Last,
    /// Up to where it is known that no `"`, no `'` and no `/` closes anything: without it, quotes that their
    /// line does not close would be looked for again and again.
    unclosed: [usize; 3],
    out: &'o mut Stretches,
}

impl Reader<'_, '_> {
    fn peek(&self, ahead: usize) -> Option<u8> {
        self.text.get(self.at + ahead).copied()
    }

    fn token(&mut self, byte: u8) {
        let here = self.at;
        self.at += 1;
        match byte {
            b'/' => self.slash(here),
            b'"' | b'\'' => self.string(here, byte),
            b'`' => self.template(here),
            b'(' => {
                self.open.push(if self.last == Last::Head { Open::Condition } else { Open::Group });
                self.last = Last::Operator;
            }
            b'[' => {
                self.open.push(Open::Group);
                self.last = Last::Operator;
            }
            b'{' => {
                let is_object = self.last != Last::Operand && self.expects_value(here);
                self.open.push(if is_object { Open::Object } else { Open::Block });
                self.last = Last::Operator;
            }
            b')' | b']' => {
                let closed = self.open.pop();
                self.last = if closed == Some(Open::Condition) { Last::Operator } else { Last::Operand };
                if closed == Some(Open::Field) {
                    // A bracket too many: the field goes on.
                    self.open.push(Open::Field);
                }
            }
            b'}' => match self.open.pop() {
                Some(Open::Field) => self.template(here + 1),
                Some(Open::Object) => self.last = Last::Operand,
                _ => self.last = Last::Operator,
            },
            b'+' | b'-' if self.peek(0) == Some(byte) => {
                self.at += 1;
                // `a++ / b` divides; `++/x/` does not occur.
                self.last = Last::Operand;
            }
            b'!' if self.last == Last::Operand && self.peek(0) != Some(b'=') => {
                // TypeScript's `value!`.
            }
            _ => self.last = Last::Operator,
        }
    }

    /// Whether a `{` at `here` begins a value: it stands behind an operator that wants one.
    fn expects_value(&self, here: usize) -> bool {
        let floor = self.out.end();
        let before = self.text[floor.min(here)..here].trim_ascii_end();
        match before.last() {
            Some(
                b'=' | b'(' | b',' | b'[' | b'?' | b'&' | b'|' | b'+' | b'-' | b'*' | b'<' | b'!' | b'~',
            ) => true,
            // `x => {` is a block, `a > {` nothing anybody writes.
            // Behind `:` an object's property or a block's label: the property is what occurs.
            Some(b':') => !matches!(self.open.last(), None | Some(Open::Block)) || !in_case(before),
            Some(&byte) if is_name(byte) => before.ends_with(b"return") || before.ends_with(b"typeof"),
            _ => false,
        }
    }

    fn word(&mut self, start: usize) {
        let rest = &self.text[start..];
        let len = rest.iter().take_while(|&&b| BYTES[usize::from(b)] == Byte::Name).count();
        self.at = start + len;
        let is_property = start > 0 && self.text[start - 1] == b'.' && !self.text[..start].ends_with(b"...");
        self.last = match &rest[..len] {
            _ if is_property => Last::Operand,
            b"if" | b"while" | b"for" | b"with" => Last::Head,
            b"await" if self.last == Last::Head => Last::Head,
            b"return" | b"typeof" | b"case" | b"in" | b"of" | b"delete" | b"void" | b"throw" | b"new"
            | b"do" | b"else" | b"instanceof" | b"yield" | b"await" | b"extends" | b"default" | b"export" => {
                Last::Operator
            }
            _ => Last::Operand,
        };
    }

    fn slash(&mut self, here: usize) {
        match self.peek(0) {
            Some(b'/') => {
                // `http://…` in the text of an element.
                if self.text[..here].ends_with(b"http:") || self.text[..here].ends_with(b"https:") {
                    self.at += 1;
                    return;
                }
                self.at = line_end(self.text, here, self.end);
                self.out.push(here, self.at, Region::Comment);
            }
            Some(b'*') => {
                self.at = find(self.text, here + 2, self.end, b"*/").map_or(self.end, |at| at + 2);
                let is_doc = self.text[here..self.at].starts_with(b"/**") && self.at - here > 4;
                self.out.push(here, self.at, if is_doc { Region::Doc } else { Region::Comment });
            }
            _ if self.last == Last::Operand => self.last = Last::Operator,
            // `</p>` and `<br />` of an element; `(/>/g` is a regular expression.
            Some(b'>') if !self.wants_value(here) => {}
            _ if here > 0 && self.text[here - 1] == b'<' => {}
            _ => match self.regex_end(here + 1) {
                Some(end) => {
                    self.out.push(here, end, Region::String);
                    self.at = end;
                    self.last = Last::Operand;
                }
                None => self.last = Last::Operator,
            },
        }
    }

    /// Whether what stands before can be followed by nothing but a value; an element's tag is not among it.
    fn wants_value(&self, here: usize) -> bool {
        let before = self.text[self.out.end().min(here)..here].trim_ascii_end();
        matches!(before.last(), Some(b'(' | b',' | b'=' | b'[' | b':' | b'?' | b'&' | b'|'))
    }

    fn regex_end(&mut self, mut at: usize) -> Option<usize> {
        let text = self.text;
        if at < self.unclosed[2] {
            return None;
        }
        let mut in_class = false;
        loop {
            match text.get(at) {
                None | Some(b'\n') => {
                    self.unclosed[2] = at;
                    return None;
                }
                Some(b'\\') if text.get(at + 1) != Some(&b'\n') => at += 1,
                Some(b'[') => in_class = true,
                Some(b']') => in_class = false,
                Some(b'/') if !in_class => break,
                Some(_) => {}
            }
            at += 1;
        }
        at += 1;
        Some(at + text[at..].iter().take_while(|b| b.is_ascii_alphabetic()).count())
    }

    fn string(&mut self, start: usize, quote: u8) {
        let text = self.text;
        let mut at = start + 1;
        let unclosed = usize::from(quote == b'\'');
        if start < self.unclosed[unclosed] {
            return;
        }
        while let Some(found) = end_of_run(quote, &text[at..]) {
            at += found;
            match text[at] {
                b'\\' => {
                    let len = if text[at + 1..].starts_with(b"\r\n") { 3 } else { 2 };
                    at = (at + len).min(text.len());
                }
                // The line does not close it: an apostrophe in the text of an element.
                b'\n' => {
                    self.unclosed[unclosed] = at;
                    return;
                }
                _ => {
                    self.out.push(start, at + 1, Region::String);
                    self.at = at + 1;
                    self.last = Last::Operand;
                    return;
                }
            }
        }
        self.unclosed[unclosed] = self.end;
    }

    /// The text of a template literal from `start` on, up to its end or to a field.
    fn template(&mut self, start: usize) {
        let text = self.text;
        let mut at = self.at.max(start);
        while let Some(found) = memchr::memchr3(b'`', b'\\', b'$', &text[at..]) {
            at += found;
            match text[at] {
                b'`' => {
                    self.out.push(start, at + 1, Region::String);
                    self.at = at + 1;
                    self.last = Last::Operand;
                    return;
                }
                b'$' if text.get(at + 1) == Some(&b'{') => {
                    self.out.push(start, at, Region::String);
                    self.open.push(Open::Field);
                    self.at = at + 2;
                    self.last = Last::Operator;
                    return;
                }
                b'$' => at += 1,
                _ => at = (at + 2).min(text.len()),
            }
        }
        self.out.push(start, self.end, Region::String);
        self.at = self.end;
    }
}

/// Where in a literal its quote, a backslash or the end of the line stands. Most literals are words: a search of
/// longer texts is not worth beginning there.
fn end_of_run(quote: u8, text: &[u8]) -> Option<usize> {
    const WORD: usize = 16;
    let is_end = |byte: &u8| *byte == quote || matches!(byte, b'\\' | b'\n');
    let (near, rest) = text.split_at(text.len().min(WORD));
    near.iter()
        .position(is_end)
        .or_else(|| memchr::memchr3(quote, b'\\', b'\n', rest).map(|at| near.len() + at))
}

/// Whether the line so far begins with `case` or `default`.
fn in_case(before: &[u8]) -> bool {
    let start = before.len().saturating_sub(200);
    let near = &before[start..];
    let line = near[memchr::memrchr(b'\n', near).map_or(0, |at| at + 1)..].trim_ascii_start();
    line.starts_with(b"case") || line.starts_with(b"default")
}
