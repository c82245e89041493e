//! One masker for languages that a table describes: what opens a comment or a string, and what ends it.

use std::ops::Range;

use memchr::memchr2;

use super::heredoc::{Heredoc, bodies};
use super::rust::nested_end;
use super::{Stretches, find, is_name, line_end};
use crate::model::Region;

/// How a language writes comments and strings.
#[derive(Debug)]
pub(super) struct Syntax {
    /// Tried in this order at each place: the longer openings come first.
    pub(super) tokens: &'static [Token],
    /// What ends the whole text where it stands in code (PHP's `?>`), also inside a line comment.
    pub(super) stop: &'static [u8],
}

/// One kind of comment or string.
#[derive(Debug)]
pub(super) struct Token {
    pub(super) open: &'static [u8],
    pub(super) place: At,
    pub(super) form: Form,
    pub(super) region: Region,
}

/// Where an opening counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum At {
    Anywhere,
    /// At the beginning of a word: behind a blank, a bracket or a separator.
    Word,
    /// As the first thing of a line.
    Line,
    /// In the first column.
    Column,
    /// Not inside a number: `1'000` is one.
    NotNumber,
    /// Where a value may begin: as the first thing of a line, or behind `:`, `=`, `-`, `,` or a bracket.
    Value,
}

/// How a comment or string goes on.
#[derive(Debug, Clone, Copy)]
pub(super) enum Form {
    /// To the end of the line.
    Line,
    /// To this text, looked for `skip` bytes behind the start.
    Block { close: &'static [u8], skip: usize },
    /// `/* … /* … */ … */`.
    Nested,
    /// To the same quotes.
    Quoted(Quoted),
    /// `R"x( … )x"`.
    CppRaw,
    /// `#"…"#` with any number of `#`.
    SwiftRaw,
    /// `[==[ … ]==]`; `comment` if `--` stands before it.
    LuaLong { comment: bool },
    /// `$tag$ … $tag$`.
    DollarQuoted,
    /// A regular expression between slashes, where a value is expected.
    Regex,
    /// `<<EOF`, `<<-EOF`, `<<~EOF`; with `triple`, `<<<EOF`.
    Heredoc { triple: bool },
    /// Plain old documentation: from `=word` to `=cut`.
    Pod,
    /// Code that looks like the opening of something.
    Code,
}

/// A string between quotes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Quoted {
    pub(super) close: &'static [u8],
    /// The byte that takes the meaning from the next one; 0 if there is none.
    pub(super) escape: u8,
    /// Two closing quotes stand for one.
    pub(super) doubled: bool,
    /// Whether it may go over lines. If not, a quote that its line does not close is no quote.
    pub(super) multiline: bool,
    /// What begins code inside it, and the brackets that nest there.
    pub(super) field: Option<(&'static [u8], u8, u8)>,
}

/// Code inside a string.
struct Field {
    quoted: Quoted,
    open: u8,
    close: u8,
    depth: usize,
}

/// Masks the bytes of `range`. Returns where it stopped: at the syntax's `stop`, or at the end.
pub(super) fn mask(syntax: &'static Syntax, text: &[u8], range: Range<usize>, out: &mut Stretches) -> usize {
    let mut firsts = [false; 256];
    for token in syntax.tokens {
        firsts[usize::from(token.open[0])] = true;
    }
    if let Some(&first) = syntax.stop.first() {
        firsts[usize::from(first)] = true;
    }
    firsts[usize::from(b'\n')] = syntax.tokens.iter().any(|t| matches!(t.form, Form::Heredoc { .. }));
    let brackets =
        syntax.tokens.iter().any(|t| matches!(t.form, Form::Quoted(Quoted { field: Some(_), .. })));
    for bracket in b"(){}" {
        firsts[usize::from(*bracket)] |= brackets;
    }
    let (floor, at, end) = (range.start, range.start, range.end);
    Reader { syntax, text, floor, at, end, fields: Vec::new(), waiting: Vec::new(), unclosed: [0; 256], out }
        .read(&firsts)
}

struct Reader<'t, 'o> {
    syntax: &'static Syntax,
    text: &'t [u8],
    /// Where the range begins.
    floor: usize,
    at: usize,
    end: usize,
    fields: Vec<Field>,
    waiting: Vec<Heredoc>,
    /// For each byte that closes strings: up to where it is known that none closes. Without it, quotes that
    /// their line does not close would be looked for again and again.
    unclosed: [usize; 256],
    out: &'o mut Stretches,
}

impl Reader<'_, '_> {
    fn read(mut self, firsts: &[bool; 256]) -> usize {
        let text = self.text;
        while let Some(found) = text[self.at..self.end].iter().position(|&b| firsts[usize::from(b)]) {
            let here = self.at + found;
            let byte = text[here];
            self.at = here + 1;
            if byte == b'\n' && !self.waiting.is_empty() {
                self.at = bodies(text, here + 1, self.end, &mut self.waiting, self.out);
                continue;
            }
            if let Some(field) = self.fields.last_mut() {
                if byte == field.open {
                    field.depth += 1;
                    continue;
                }
                if byte == field.close {
                    field.depth -= 1;
                    if field.depth == 0 {
                        let quoted = field.quoted;
                        self.fields.pop();
                        self.quoted(quoted, here + 1, here + 1, Region::String);
                    }
                    continue;
                }
            }
            if !self.syntax.stop.is_empty() && text[here..self.end].starts_with(self.syntax.stop) {
                return here;
            }
            for token in self.syntax.tokens {
                if text[here..self.end].starts_with(token.open)
                    && self.counts(token.place, here)
                    && self.token(token, here)
                {
                    break;
                }
            }
        }
        self.end
    }

    fn counts(&self, place: At, here: usize) -> bool {
        let before = &self.text[self.floor..here];
        match place {
            At::Anywhere => true,
            At::Word => before.last().is_none_or(|&b| b.is_ascii_whitespace() || b";,(){}[]|&".contains(&b)),
            At::Line => {
                let first = before.iter().rev().find(|b| !matches!(b, b' ' | b'\t' | b'\r'));
                matches!(first, None | Some(b'\n'))
            }
            At::Column => matches!(before.last(), None | Some(b'\n')),
            At::NotNumber => {
                let word = before.iter().rev().take(32).take_while(|&&b| is_name(b)).count();
                !before[before.len() - word..].first().is_some_and(u8::is_ascii_digit)
            }
            At::Value => {
                let first = before.iter().rev().take(64).find(|b| !matches!(b, b' ' | b'\t'));
                match first {
                    None | Some(b'\n' | b'=' | b'[' | b'{' | b',' | b'(') => true,
                    Some(b':' | b'-' | b'?') => matches!(before.last(), Some(b' ' | b'\t')),
                    Some(_) => false,
                }
            }
        }
    }

    /// Reads one; false if it is none after all.
    fn token(&mut self, token: &Token, start: usize) -> bool {
        let text = &self.text[..self.end];
        let body = start + token.open.len();
        let end = match token.form {
            Form::Line => {
                let end = line_end(text, start, self.end);
                match self.syntax.stop {
                    b"" => end,
                    stop => find(text, start, end, stop).unwrap_or(end),
                }
            }
            Form::Block { close, skip } => {
                find(text, start + skip, self.end, close).map_or(self.end, |at| at + close.len())
            }
            Form::Nested => nested_end(text, start + 2, b'/', b'*').unwrap_or(self.end),
            Form::Quoted(quoted) => return self.quoted(quoted, start, body, token.region),
            Form::CppRaw => {
                let len = text[body..].iter().take(17).take_while(|b| !b"()\\ \n".contains(b)).count();
                if text.get(body + len) != Some(&b'(') {
                    return false;
                }
                let close = [b")", &text[body..body + len], b"\""].concat();
                find(text, body + len, self.end, &close).map_or(self.end, |at| at + close.len())
            }
            Form::SwiftRaw => {
                let hashes = text[start..].iter().take(64).take_while(|&&b| b == b'#').count();
                if text.get(start + hashes) != Some(&b'"') {
                    return false;
                }
                let close = [b"\"", &text[start..start + hashes]].concat();
                let from = start + hashes + 1;
                let limit =
                    if text[from..].starts_with(b"\"\"") { self.end } else { line_end(text, from, self.end) };
                find(text, from, limit, &close).map_or(limit, |at| at + close.len())
            }
            Form::LuaLong { comment } => {
                let from = start + if comment { 2 } else { 0 };
                let level = text[from + 1..].iter().take(64).take_while(|&&b| b == b'=').count();
                if text.get(from + 1 + level) != Some(&b'[') {
                    return false;
                }
                let close = [&b"]"[..], &text[from + 1..from + 1 + level], b"]"].concat();
                find(text, from + level + 2, self.end, &close).map_or(self.end, |at| at + close.len())
            }
            Form::DollarQuoted => {
                let len = text[body..].iter().take(64).take_while(|&&b| is_name(b)).count();
                if text.get(body + len) != Some(&b'$') {
                    return false;
                }
                let tag = &text[start..=body + len];
                match find(text, body + len + 1, self.end, tag) {
                    Some(at) => at + tag.len(),
                    // Not a quote: searching again from every such sign would be quadratic.
                    None => self.end,
                }
            }
            Form::Regex => match self.regex_end(start) {
                Some(end) => end,
                None => return false,
            },
            Form::Heredoc { triple } => return self.heredoc(body, triple),
            Form::Code => {
                self.at = body;
                return true;
            }
            Form::Pod => {
                if !text.get(body).is_some_and(u8::is_ascii_alphabetic) {
                    return false;
                }
                find(text, start, self.end, b"\n=cut").map_or(self.end, |at| line_end(text, at + 1, self.end))
            }
        };
        self.out.push(start, end, token.region);
        self.at = end;
        true
    }

    /// Reads a string's text from `at`; what belongs to it begins at `start`.
    fn quoted(&mut self, quoted: Quoted, start: usize, mut at: usize, region: Region) -> bool {
        let text = &self.text[..self.end];
        let Some(&close) = quoted.close.first() else { return false };
        if !quoted.multiline && start < self.unclosed[usize::from(close)] {
            return false;
        }
        let (field, open_bracket, close_bracket) = quoted.field.unwrap_or((b"", 0, 0));
        loop {
            let Some(&byte) = text.get(at) else {
                if !quoted.multiline {
                    self.unclosed[usize::from(close)] = self.end;
                    return false;
                }
                self.out.push(start, self.end, region);
                self.at = self.end;
                return true;
            };
            if byte == quoted.escape && quoted.escape != 0 && !text[at..].starts_with(field.max(b"\0")) {
                at = (at + 2).min(text.len());
            } else if byte == close && text[at..].starts_with(quoted.close) {
                at += quoted.close.len();
                if quoted.doubled && text.get(at) == Some(&close) {
                    at += 1;
                    continue;
                }
                self.out.push(start, at, region);
                self.at = at;
                return true;
            } else if byte == b'\n' && !quoted.multiline {
                self.unclosed[usize::from(close)] = at;
                return false;
            } else if !field.is_empty() && text[at..].starts_with(field) {
                if field.len() == 1 && text.get(at + 1) == Some(&byte) {
                    at += 2;
                    continue;
                }
                self.out.push(start, at, region);
                self.fields.push(Field { quoted, open: open_bracket, close: close_bracket, depth: 1 });
                self.at = at + field.len();
                return true;
            } else if quoted.field.is_none() && quoted.escape == 0 && quoted.multiline {
                // Nothing but the closing quote matters.
                at = memchr::memchr(close, &text[at + 1..]).map_or(text.len(), |found| at + 1 + found);
            } else if quoted.field.is_none() && quoted.multiline {
                at =
                    memchr2(close, quoted.escape, &text[at + 1..]).map_or(text.len(), |found| at + 1 + found);
            } else {
                at += 1;
            }
        }
    }

    /// A slash that stands where a value is expected, closed on its line.
    fn regex_end(&mut self, start: usize) -> Option<usize> {
        let text = &self.text[..self.end];
        if start < self.unclosed[usize::from(b'/')] {
            return None;
        }
        let line = &text[self.floor..start];
        let blank_before = line.last().is_some_and(u8::is_ascii_whitespace);
        let before = line[line.len().saturating_sub(64)..].trim_ascii_end();
        let expected = match before.last() {
            None
            | Some(
                b'(' | b',' | b'=' | b'~' | b'!' | b'|' | b'&' | b'{' | b'[' | b';' | b'?' | b':' | b'>',
            ) => true,
            Some(&b) if is_name(b) && blank_before => {
                let word = before.iter().rev().take_while(|&&b| is_name(b)).count();
                matches!(
                    &before[before.len() - word..],
                    b"if"
                        | b"unless"
                        | b"when"
                        | b"and"
                        | b"or"
                        | b"not"
                        | b"return"
                        | b"while"
                        | b"until"
                        | b"split"
                        | b"grep"
                        | b"match"
                        | b"scan"
                        | b"sub"
                        | b"gsub"
                        | b"elsif"
                        | b"in"
                )
            }
            Some(_) => false,
        };
        if !expected {
            return None;
        }
        let mut at = start + 1;
        loop {
            match text.get(at) {
                None | Some(b'\n') => {
                    self.unclosed[usize::from(b'/')] = at;
                    return None;
                }
                Some(b'\\') => at += 2,
                Some(b'/') => break,
                Some(_) => at += 1,
            }
        }
        Some(at + 1 + text[at + 1..].iter().take_while(|b| b.is_ascii_alphabetic()).count())
    }

    /// Notes a here-document whose word stands at or behind `at`.
    fn heredoc(&mut self, mut at: usize, triple: bool) -> bool {
        let text = &self.text[..self.end];
        let dash = matches!(text.get(at), Some(b'-' | b'~')) && !triple;
        at += usize::from(dash);
        if triple {
            at += text[at..].iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
        }
        let quote = text.get(at).copied().filter(|b| matches!(b, b'\'' | b'"' | b'`'));
        at += usize::from(quote.is_some());
        let len = text[at..].iter().take(128).take_while(|&&b| is_name(b)).count();
        let word = at..at + len;
        // `1 << x` shifts, `class << self` opens a class: the word of a here-document is in capitals,
        // quoted, or marked by a dash.
        let plausible =
            triple || dash || quote.is_some() || text[word.clone()].iter().all(|b| !b.is_ascii_lowercase());
        if len == 0 || text[at].is_ascii_digit() || !plausible {
            return false;
        }
        self.waiting.push(Heredoc { word, indented: dash || triple, open_ended: triple });
        self.at = (at + len + usize::from(quote.is_some())).min(self.end);
        true
    }
}
