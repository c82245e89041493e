//! Python, by <https://docs.python.org/3/reference/lexical_analysis.html>.
//!
//! Replacement fields of f-strings are code, as in Python's own tokens since 3.12; what stands around them
//! is string. A string that begins a line of its own as the first thing of a module, class or function is
//! [`Region::Doc`].

use super::{Stretches, is_name, line_end};
use crate::model::Region;

/// Something open around the place that is read. The innermost one says how to read on.
#[derive(Debug, Clone, Copy)]
enum Open {
    /// A bracket of code.
    Bracket,
    /// The text of an f-string.
    Literal(Quotes),
    /// A replacement field: code.
    Field(Quotes),
    /// The format specification of a field: text, with further fields in it.
    Spec(Quotes),
}

/// How a string is written.
#[derive(Debug, Clone, Copy)]
struct Quotes {
    quote: u8,
    triple: bool,
    raw: bool,
}

impl Quotes {
    /// The length of the closing quotes, if they stand at `at`.
    fn close_at(self, text: &[u8], at: usize) -> Option<usize> {
        if self.triple {
            text[at..].starts_with(&[self.quote; 3]).then_some(3)
        } else {
            (text.get(at) == Some(&self.quote)).then_some(1)
        }
    }
}

const MARKS: [bool; 256] = {
    let mut table = [false; 256];
    let mut at = 0;
    let marks = b"#\"'()[]{}:\\";
    while at < marks.len() {
        table[marks[at] as usize] = true;
        at += 1;
    }
    table
};

pub(super) fn mask(text: &[u8], out: &mut Stretches) {
    let mut reader = Reader { text, at: 0, from: 0, open: Vec::new(), out };
    while reader.at < text.len() {
        match reader.open.last() {
            Some(&Open::Literal(quotes)) => reader.literal(quotes),
            Some(&Open::Spec(quotes)) => reader.spec(quotes),
            _ => reader.code(),
        }
    }
}

struct Reader<'t, 'o> {
    text: &'t [u8],
    at: usize,
    /// Where the text of an f-string began that is being read.
    from: usize,
    open: Vec<Open>,
    out: &'o mut Stretches,
}

impl Reader<'_, '_> {
    fn code(&mut self) {
        let Some(found) = self.text[self.at..].iter().position(|&b| MARKS[usize::from(b)]) else {
            self.at = self.text.len();
            return;
        };
        let here = self.at + found;
        self.at = here + 1;
        match self.text[here] {
            b'#' => {
                self.at = line_end(self.text, here, self.text.len());
                self.out.push(here, self.at, Region::Comment);
            }
            b'(' | b'[' | b'{' => self.open.push(Open::Bracket),
            b')' | b']' => {
                if let Some(Open::Bracket) = self.open.last() {
                    self.open.pop();
                }
            }
            b'}' => {
                self.open.pop();
                self.from = self.at;
            }
            b':' => {
                if let Some(&Open::Field(quotes)) = self.open.last() {
                    self.open.pop();
                    self.open.push(Open::Spec(quotes));
                    self.from = self.at;
                }
            }
            b'\\' => self.at = (here + 2).min(self.text.len()),
            _ => self.string(here),
        }
    }

    /// A string's first quote stands at `quote`.
    fn string(&mut self, quote: usize) {
        let (start, formatted, raw) = prefix(self.text, self.out.end(), quote);
        let byte = self.text[quote];
        let triple = self.text[quote..].starts_with(&[byte; 3]);
        let quotes = Quotes { quote: byte, triple, raw };
        let body = quote + if triple { 3 } else { 1 };
        if formatted {
            self.open.push(Open::Literal(quotes));
            self.from = start;
            self.at = body;
            if body == self.text.len() {
                self.out.push(start, body, Region::String);
            }
            return;
        }
        self.at = self.plain_end(quotes, body);
        let region = if self.is_docstring(start, self.at) { Region::Doc } else { Region::String };
        self.out.push(start, self.at, region);
    }

    fn plain_end(&self, quotes: Quotes, mut at: usize) -> usize {
        let text = self.text;
        loop {
            let found = if quotes.triple {
                memchr::memchr2(quotes.quote, b'\\', &text[at..])
            } else {
                memchr::memchr3(quotes.quote, b'\\', b'\n', &text[at..])
            };
            let Some(found) = found else { return text.len() };
            at += found;
            match text[at] {
                b'\\' => at = escape_end(text, at),
                b'\n' => return at,
                _ => match quotes.close_at(text, at) {
                    Some(len) => return at + len,
                    None => at += 1,
                },
            }
        }
    }

    /// Reads an f-string's text up to a field or its end.
    fn literal(&mut self, quotes: Quotes) {
        let text = self.text;
        let mut at = self.at;
        while let Some(&byte) = text.get(at) {
            match byte {
                b'\\' if !quotes.raw && text[at..].starts_with(b"\\N{") => at += 3,
                // A backslash does not take away a brace's meaning.
                b'\\' if matches!(text.get(at + 1), Some(b'{' | b'}')) => at += 1,
                b'\\' => at = escape_end(text, at),
                b'{' | b'}' if text.get(at + 1) == Some(&byte) => at += 2,
                b'{' => {
                    self.out.push(self.from, at, Region::String);
                    self.open.push(Open::Field(quotes));
                    self.at = at + 1;
                    return;
                }
                b'\n' if !quotes.triple => break,
                _ => {
                    if let Some(len) = quotes.close_at(text, at) {
                        at += len;
                        break;
                    }
                    at += 1;
                }
            }
        }
        self.out.push(self.from, at, Region::String);
        self.open.pop();
        self.at = at;
    }

    /// Reads a format specification up to a field in it or its end.
    fn spec(&mut self, quotes: Quotes) {
        let text = self.text;
        let mut at = self.at;
        while let Some(&byte) = text.get(at) {
            match byte {
                b'{' => {
                    self.out.push(self.from, at, Region::String);
                    self.open.push(Open::Field(quotes));
                    self.at = at + 1;
                    return;
                }
                b'}' => {
                    self.out.push(self.from, at, Region::String);
                    self.open.pop();
                    self.at = at + 1;
                    self.from = self.at;
                    return;
                }
                b'\n' if !quotes.triple => break,
                _ => {
                    if let Some(len) = quotes.close_at(text, at) {
                        at += len;
                        break;
                    }
                    at += 1;
                }
            }
        }
        // The string ended inside its field: it is broken, and over.
        self.out.push(self.from, at, Region::String);
        while let Some(open) = self.open.pop() {
            if matches!(open, Open::Literal(_)) {
                break;
            }
        }
        self.from = at;
        self.at = at;
    }

    /// Whether a string is the first statement of what holds it.
    fn is_docstring(&self, start: usize, end: usize) -> bool {
        let text = self.text;
        if !self.open.is_empty() {
            return false;
        }
        // What follows on the line is nothing, a comment or a semicolon.
        let next = text[end..].iter().find(|&&b| !matches!(b, b' ' | b'\t' | b'\r'));
        if !matches!(next, None | Some(b'\n' | b'#' | b';')) {
            return false;
        }
        let mut earlier = self.out.list.iter().rev().peekable();
        let mut at = start;
        let mut crossed_line = false;
        while at > 0 {
            if let Some(last) = earlier.next_if(|s| s.range.end == at) {
                if last.region != Region::Comment {
                    return false;
                }
                at = last.range.start;
                continue;
            }
            match text[at - 1] {
                b'\n' => crossed_line = true,
                // A colon on the same line may be an annotation's.
                b':' => return crossed_line,
                byte if byte.is_ascii_whitespace() => {}
                _ => return at == 3 && text.starts_with(b"\xef\xbb\xbf"),
            }
            at -= 1;
        }
        true
    }
}

/// Where the string's prefix begins, whether it is an f- or t-string, and whether it is raw.
fn prefix(text: &[u8], floor: usize, quote: usize) -> (usize, bool, bool) {
    let before = &text[floor..quote];
    let len = before.iter().rev().take(3).take_while(|&&b| is_name(b)).count();
    let mut word = [0; 3];
    word[..len].copy_from_slice(&before[before.len() - len..]);
    word.make_ascii_lowercase();
    match &word[..len] {
        b"f" | b"t" => (quote - 1, true, false),
        b"fr" | b"rf" | b"tr" | b"rt" => (quote - 2, true, true),
        b"r" => (quote - 1, false, true),
        b"b" | b"u" => (quote - 1, false, false),
        b"br" | b"rb" => (quote - 2, false, true),
        _ => (quote, false, false),
    }
}

/// Behind a backslash and what it stands before; a Windows line end is one thing.
fn escape_end(text: &[u8], at: usize) -> usize {
    let len = if text[at + 1..].starts_with(b"\r\n") { 3 } else { 2 };
    (at + len).min(text.len())
}
