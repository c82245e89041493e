//! The shell: POSIX and what bash adds (<https://www.gnu.org/software/bash/manual/bash.html#Quoting>).
//!
//! What `$(…)` and backquotes hold inside double quotes and here-documents is code.

use memchr::memmem;

use super::{Stretches, behind_here_document, is_name, line_end};
use crate::model::Region;

/// Something open around the place that is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Open {
    /// `"`: text.
    Quotes,
    /// `${` inside double quotes: text, in which double quotes nest.
    Parameter,
    /// `(` or `$(`: code, which begins there.
    Command(usize),
    /// A backquote: code.
    Backquote,
    /// The body of a here-document, up to the line of its word: text.
    Body { word: (usize, usize), indented: bool, raw: bool },
    /// `((` or `$((`: arithmetic, where `<<` shifts.
    Arithmetic,
    /// `${` in code.
    Braces,
}

pub(super) fn mask(text: &[u8], out: &mut Stretches) {
    let mut reader =
        Reader { text, at: 0, from: 0, open: Vec::new(), arithmetic: 0, waiting: Vec::new(), out };
    while reader.at < text.len() {
        match reader.open.last().copied() {
            Some(Open::Quotes | Open::Parameter) => reader.quoted(),
            Some(Open::Body { word, indented, raw }) => reader.body(&text[word.0..word.1], indented, raw),
            _ => reader.code(),
        }
    }
    if matches!(reader.open.last(), Some(Open::Quotes | Open::Parameter)) {
        reader.out.push(reader.from, text.len(), Region::String);
    }
}

struct Reader<'t, 'o> {
    text: &'t [u8],
    at: usize,
    /// Where the quoted text began that is being read.
    from: usize,
    open: Vec<Open>,
    /// How many of `open` are arithmetic.
    arithmetic: usize,
    /// Here-documents that begin on the next line.
    waiting: Vec<Open>,
    out: &'o mut Stretches,
}

const MARKS: [bool; 256] = {
    let mut table = [false; 256];
    let mut at = 0;
    let marks = b"#\"'\\$()}<`\n";
    while at < marks.len() {
        table[marks[at] as usize] = true;
        at += 1;
    }
    table
};

impl Reader<'_, '_> {
    fn code(&mut self) {
        let text = self.text;
        let Some(found) = text[self.at..].iter().position(|&b| MARKS[usize::from(b)]) else {
            self.at = text.len();
            return;
        };
        let here = self.at + found;
        self.at = here + 1;
        match text[here] {
            b'\n' => {
                if !self.waiting.is_empty() {
                    self.open.extend(self.waiting.drain(..).rev());
                    self.resume();
                }
            }
            b'\\' => self.at = (here + 2).min(text.len()),
            b'#' => {
                if self.starts_word(here) {
                    let end = line_end(text, here, text.len());
                    // What backquotes hold is taken out before it is read.
                    let quoted = (self.open.last() == Some(&Open::Backquote))
                        .then(|| memchr::memchr(b'`', &text[here..end]))
                        .flatten();
                    self.at = quoted.map_or(end, |n| here + n);
                    self.out.push(here, self.at, Region::Comment);
                }
            }
            b'`' => {
                if self.open.last() == Some(&Open::Backquote) {
                    self.open.pop();
                    self.resume();
                } else {
                    self.open.push(Open::Backquote);
                }
            }
            b'\'' => {
                self.at = memchr::memchr(b'\'', &text[here + 1..]).map_or(text.len(), |n| here + n + 2);
                self.out.push(here, self.at, Region::String);
            }
            b'"' => {
                self.open.push(Open::Quotes);
                self.from = here;
            }
            b'$' => self.dollar(here),
            b'(' => {
                if text.get(here + 1) == Some(&b'(') {
                    self.open.push(Open::Arithmetic);
                    self.arithmetic += 1;
                    self.at = here + 2;
                } else {
                    self.open.push(Open::Command(here + 1));
                }
            }
            b')' => match self.open.last() {
                Some(Open::Arithmetic) => {
                    self.open.pop();
                    self.arithmetic -= 1;
                    if text.get(here + 1) == Some(&b')') {
                        self.at = here + 2;
                    } else {
                        // `((…) …)` was a group in a group after all.
                        self.open.push(Open::Command(here + 1));
                    }
                    self.resume();
                }
                Some(&Open::Command(start)) if !in_case(&text[start..here]) => {
                    self.open.pop();
                    self.resume();
                }
                // The pattern of a `case`.
                _ => {}
            },
            b'}' => {
                if self.open.last() == Some(&Open::Braces) {
                    self.open.pop();
                }
            }
            _ => self.less_than(here),
        }
    }

    /// Code inside quotes ended: the quoted text goes on here.
    fn resume(&mut self) {
        self.from = self.at;
    }

    fn starts_word(&self, at: usize) -> bool {
        self.arithmetic == 0
            && self.open.last() != Some(&Open::Braces)
            && at.checked_sub(1).is_none_or(|i| {
                matches!(self.text[i], b' ' | b'\t' | b'\n' | b'\r' | b';' | b'&' | b'|' | b'(' | b')' | b'`')
            })
    }

    fn dollar(&mut self, here: usize) {
        let text = self.text;
        match text.get(here + 1) {
            Some(b'\'') => {
                let mut at = here + 2;
                while let Some(found) = memchr::memchr2(b'\'', b'\\', &text[at..]) {
                    at += found;
                    if text[at] == b'\'' {
                        self.at = at + 1;
                        self.out.push(here, self.at, Region::String);
                        return;
                    }
                    at = (at + 2).min(text.len());
                }
                self.at = text.len();
                self.out.push(here, self.at, Region::String);
            }
            Some(b'{') => {
                self.open.push(Open::Braces);
                self.at = here + 2;
            }
            Some(b'#' | b'$') => self.at = here + 2,
            _ => {}
        }
    }

    /// `<<EOF`, `<<-EOF`, `<<'EOF'`, `<<"EOF"`, `<<\EOF`; not `<<<` and not a shift.
    fn less_than(&mut self, here: usize) {
        let text = self.text;
        if text.get(here + 1) != Some(&b'<') || self.arithmetic > 0 {
            return;
        }
        if text.get(here + 2) == Some(&b'<') {
            self.at = here + 3;
            return;
        }
        let mut at = here + 2;
        let indented = text.get(at) == Some(&b'-');
        at += usize::from(indented);
        at += text[at..].iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
        let quote = text.get(at).copied().filter(|b| matches!(b, b'\'' | b'"' | b'\\'));
        at += usize::from(quote.is_some());
        let rest = &text[at..];
        let len = match quote {
            Some(quote @ (b'\'' | b'"')) => rest.iter().take_while(|&&b| b != quote && b != b'\n').count(),
            _ => rest.iter().take_while(|b| !b.is_ascii_whitespace() && !b";&|()<>\"'".contains(b)).count(),
        };
        if len == 0 {
            return;
        }
        self.waiting.push(Open::Body { word: (at, at + len), indented, raw: quote.is_some() });
        self.at = (at + len + usize::from(quote.is_some_and(|q| q != b'\\'))).min(text.len());
    }

    /// Text in double quotes, up to its end or to code in it.
    fn quoted(&mut self) {
        let text = self.text;
        let mut at = self.at;
        while let Some(&byte) = text.get(at) {
            match byte {
                b'\\' => at += 2,
                b'`' => return self.enter_code(at),
                b'$' if text.get(at + 1) == Some(&b'(') => return self.enter_code(at),
                b'$' if text.get(at + 1) == Some(&b'{') => {
                    self.open.push(Open::Parameter);
                    at += 2;
                }
                b'}' if self.open.last() == Some(&Open::Parameter) => {
                    self.open.pop();
                    at += 1;
                }
                b'"' if self.open.last() == Some(&Open::Parameter) => {
                    self.open.push(Open::Quotes);
                    at += 1;
                }
                b'"' => {
                    self.open.pop();
                    at += 1;
                    if !matches!(self.open.last(), Some(Open::Quotes | Open::Parameter)) {
                        self.out.push(self.from, at, Region::String);
                        self.at = at;
                        return;
                    }
                }
                _ => at += 1,
            }
        }
        self.at = text.len();
    }

    /// `$(`, `$((` or a backquote stands here, in a text.
    fn enter_code(&mut self, at: usize) {
        let text = self.text;
        self.out.push(self.from, at, Region::String);
        if text[at] == b'`' {
            self.open.push(Open::Backquote);
            self.at = at + 1;
        } else if text.get(at + 2) == Some(&b'(') {
            self.open.push(Open::Arithmetic);
            self.arithmetic += 1;
            self.at = at + 3;
        } else {
            self.open.push(Open::Command(at + 2));
            self.at = at + 2;
        }
    }

    /// A here-document, up to its end or to code in it.
    fn body(&mut self, word: &[u8], indented: bool, raw: bool) {
        let text = self.text;
        let mut at = self.at;
        while at < text.len() {
            if text[at - 1] == b'\n'
                && let Some(behind) = behind_here_document(text, at, word, indented)
            {
                self.at = behind;
                self.open.pop();
                if !matches!(self.open.last(), Some(Open::Body { .. })) {
                    self.out.push(self.from, self.at, Region::String);
                    // It may stand inside of a text.
                    self.from = self.at;
                }
                return;
            }
            let here = match text[at..].iter().position(|b| b"\n\\$`".contains(b)) {
                Some(found) if !raw => at + found,
                Some(_) => line_end(text, at, text.len()),
                None => break,
            };
            at = match text.get(here) {
                Some(b'\\') => (here + 2).min(text.len()),
                Some(b'$') if text.get(here + 1) == Some(&b'(') => return self.enter_code(here),
                Some(b'`') => return self.enter_code(here),
                _ => here + 1,
            };
        }
        self.at = text.len();
        self.out.push(self.from, self.at, Region::String);
    }
}

/// Whether a `case` is open at the end of this code, so that a bracket there ends a pattern.
fn in_case(code: &[u8]) -> bool {
    let near = &code[code.len().saturating_sub(256)..];
    let head = near.iter().rposition(|b| b"\n;()".contains(b)).map_or(near, |at| &near[at..]);
    if matches!(head.first(), None | Some(b'(' | b')')) && memmem::find(head, b" in ").is_none() {
        return false;
    }
    let code = &code[code.len().saturating_sub(4 << 10)..];
    let count = |word: &[u8]| {
        memmem::find_iter(code, word)
            .filter(|&at| {
                !at.checked_sub(1).is_some_and(|i| is_name(code[i]))
                    && !code.get(at + word.len()).is_some_and(|&b| is_name(b))
            })
            .count()
    };
    let cases = count(b"case");
    cases > 0 && cases > count(b"esac")
}
