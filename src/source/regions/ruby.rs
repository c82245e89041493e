//! Ruby (<https://docs.ruby-lang.org/en/3.4/syntax/literals_rdoc.html>).
//!
//! What `#{…}` holds inside a text is code. Whether a slash or a percent sign divides or begins a literal is told by what
//! stands before it, as Ruby does where it knows of no variable.

use memchr::{memchr2, memchr3};

use super::{Stretches, behind_here_document, find, is_name, line_end};
use crate::model::Region;

/// Something open around the place that is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Open {
    /// `#{` inside a text: code, up to the brace that closes it.
    Code {
        depth: usize,
    },
    Text(Text),
    /// The body of a here-document, up to the line of its word.
    Body {
        word: (usize, usize),
        indented: bool,
        raw: bool,
    },
}

/// A literal between delimiters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Text {
    /// The bracket that nests; 0 if the delimiters are alike.
    open: u8,
    close: u8,
    depth: usize,
    /// Whether `#{` begins code.
    has_code: bool,
    /// Whether letters behind its end belong to it.
    is_regex: bool,
}

pub(super) fn mask(text: &[u8], out: &mut Stretches) {
    let mut reader = Reader { text, at: 0, from: 0, open: Vec::new(), waiting: Vec::new(), out };
    reader.line_begins();
    while reader.at < text.len() {
        match reader.open.last().copied() {
            Some(Open::Text(literal)) => reader.literal(literal),
            Some(Open::Body { word, indented, raw }) => reader.body(&text[word.0..word.1], indented, raw),
            Some(Open::Code { .. }) | None => reader.code(),
        }
    }
}

struct Reader<'t, 'o> {
    text: &'t [u8],
    at: usize,
    /// Where the text began that is being read.
    from: usize,
    open: Vec<Open>,
    /// Here-documents that begin on the next line.
    waiting: Vec<Open>,
    out: &'o mut Stretches,
}

const MARKS: [bool; 256] = {
    let mut table = [false; 256];
    let mut at = 0;
    let marks = b"#\"'`/%<{}?$\n";
    while at < marks.len() {
        table[marks[at] as usize] = true;
        at += 1;
    }
    table
};

/// What may stand before a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Before {
    /// A value must follow.
    Operator,
    /// A name and a blank: a call's first argument may follow.
    Name,
    /// A value: an operator follows.
    Value,
}

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
                if self.waiting.is_empty() {
                    self.line_begins();
                } else {
                    self.open.extend(self.waiting.drain(..).rev());
                    self.from = self.at;
                }
            }
            b'#' => {
                self.at = line_end(text, here, text.len());
                self.out.push(here, self.at, Region::Comment);
            }
            quote @ (b'"' | b'\'') => self.opens(here, here + 1, 0, quote, quote == b'"', false),
            b'`' => {
                // `def `(command)` and `` :` `` name a method.
                let before = text[..here].trim_ascii_end();
                if !before.ends_with(b":") && !before.ends_with(b"def") && !before.ends_with(b".") {
                    self.opens(here, here + 1, 0, b'`', true, false);
                }
            }
            b'/' => self.slash(here),
            b'%' => self.percent(here),
            b'<' => self.less_than(here),
            b'{' => {
                if let Some(Open::Code { depth }) = self.open.last_mut() {
                    *depth += 1;
                }
            }
            b'}' => match self.open.last_mut() {
                Some(Open::Code { depth: 0 }) => {
                    self.open.pop();
                    self.from = self.at;
                }
                Some(Open::Code { depth }) => *depth -= 1,
                _ => {}
            },
            b'?' => self.question_mark(here),
            // `$'`, `$"`, `$/` and the like are variables.
            _ => self.at += usize::from(text.get(self.at).is_some_and(|b| b"'\"`/<?".contains(b))),
        }
    }

    /// At the first column: `=begin … =end`, and what stands below `__END__`.
    fn line_begins(&mut self) {
        let (text, here) = (self.text, self.at);
        let rest = &text[here..];
        if rest.starts_with(b"=begin") && rest.get(6).is_none_or(u8::is_ascii_whitespace) {
            self.at = find(text, here + 6, text.len(), b"\n=end").map_or(text.len(), |at| at + 5);
            self.out.push(here, self.at, Region::Comment);
        } else if let Some(below) = rest.strip_prefix(b"__END__")
            && below.first().is_none_or(|b| matches!(b, b'\r' | b'\n'))
        {
            self.at = text.len();
            self.out.push(here, self.at, Region::String);
        }
    }

    fn opens(&mut self, from: usize, body: usize, open: u8, close: u8, has_code: bool, is_regex: bool) {
        self.from = from;
        self.at = body.min(self.text.len());
        self.open.push(Open::Text(Text { open, close, depth: 0, has_code, is_regex }));
        if self.at == self.text.len() {
            self.out.push(from, self.at, Region::String);
        }
    }

    /// Text between delimiters, up to its end or to code in it.
    fn literal(&mut self, mut literal: Text) {
        let text = self.text;
        let mut at = self.at;
        loop {
            let rest = &text[at..];
            let found = if literal.open != 0 {
                rest.iter().position(|&b| b == literal.close || b == literal.open || b == b'\\' || b == b'#')
            } else if literal.has_code {
                memchr3(literal.close, b'\\', b'#', rest)
            } else {
                memchr2(literal.close, b'\\', rest)
            };
            let Some(found) = found else {
                self.at = text.len();
                self.out.push(self.from, self.at, Region::String);
                return;
            };
            at += found;
            let byte = text[at];
            if byte == b'\\' {
                at = (at + 2).min(text.len());
            } else if byte == literal.close && literal.depth == 0 {
                at += 1;
                if literal.is_regex {
                    at += text[at..].iter().take_while(|b| b.is_ascii_alphabetic()).count();
                }
                self.out.push(self.from, at, Region::String);
                self.open.pop();
                self.at = at;
                return;
            } else if byte == literal.close {
                literal.depth -= 1;
                at += 1;
            } else if literal.open != 0 && byte == literal.open {
                literal.depth += 1;
                at += 1;
            } else if literal.has_code && text.get(at + 1) == Some(&b'{') {
                if let Some(last) = self.open.last_mut() {
                    *last = Open::Text(literal);
                }
                self.enter_code(at);
                return;
            } else {
                at += 1;
            }
        }
    }

    /// `#{` stands here, in a text.
    fn enter_code(&mut self, at: usize) {
        self.out.push(self.from, at, Region::String);
        self.open.push(Open::Code { depth: 0 });
        self.at = at + 2;
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
            let found = if raw {
                memchr::memchr(b'\n', &text[at..])
            } else {
                memchr3(b'\n', b'\\', b'#', &text[at..])
            };
            let Some(found) = found else { break };
            at += found;
            match text[at] {
                b'\\' => at = (at + 2).min(text.len()),
                b'#' if text.get(at + 1) == Some(&b'{') => return self.enter_code(at),
                _ => at += 1,
            }
        }
        self.at = text.len();
        self.out.push(self.from, self.at, Region::String);
    }

    /// A slash: division, or a regular expression.
    fn slash(&mut self, here: usize) {
        let text = self.text;
        let next = text.get(here + 1);
        let is_regex = match self.before(here) {
            Before::Operator => true,
            Before::Name => {
                next.is_some_and(|b| !b.is_ascii_whitespace() && *b != b'=')
                    && closes_on_line(&text[here + 1..])
            }
            Before::Value => false,
        };
        if is_regex {
            self.opens(here, here + 1, 0, b'/', true, true);
        }
    }

    /// A percent sign: the rest of a division, or `%w[…]`, `%(…)` and their like.
    fn percent(&mut self, here: usize) {
        let text = self.text;
        let kind = text.get(here + 1).copied().filter(|b| b"wWiIqQrsx".contains(b));
        let body = here + 1 + usize::from(kind.is_some());
        let Some(&open) = text.get(body) else { return };
        let is_bracket = b"([{<".contains(&open);
        let counts = match self.before(here) {
            Before::Operator => open.is_ascii_punctuation() && (open != b'=' || kind.is_some()),
            Before::Name => is_bracket || matches!(open, b'|' | b'!' | b'/') && kind.is_some(),
            Before::Value => false,
        };
        if !counts {
            return;
        }
        let close = match open {
            b'(' => b')',
            b'[' => b']',
            b'{' => b'}',
            b'<' => b'>',
            other => other,
        };
        let has_code = !matches!(kind, Some(b'w' | b'i' | b'q' | b's'));
        let nests = if is_bracket { open } else { 0 };
        self.opens(here, body + 1, nests, close, has_code, kind == Some(b'r'));
    }

    /// What stands before a sign that means one thing behind a value and another where one is expected.
    fn before(&self, here: usize) -> Before {
        let line = &self.text[..here];
        let blank = line.last().is_some_and(u8::is_ascii_whitespace);
        let line = &line[line.len().saturating_sub(64)..];
        let end = line.iter().rposition(|b| !matches!(b, b' ' | b'\t' | b'\r'));
        let Some(end) = end else { return Before::Operator };
        let line = &line[..=end];
        let last = line[end];
        match last {
            // `empty? / 2`, `save! %w[a]`: the end of a name. `a ? /b/ : c` and `!/a/` are none.
            b'?' | b'!' if end.checked_sub(1).is_some_and(|i| is_name(line[i])) => {
                if blank {
                    Before::Name
                } else {
                    Before::Value
                }
            }
            // `inject(:/)` names an operator, `key:/a/` and `b : /c/` do not.
            b':' if !blank => {
                let is_key =
                    end.checked_sub(1).is_some_and(|i| is_name(line[i]) || b"\"'".contains(&line[i]));
                if is_key { Before::Operator } else { Before::Value }
            }
            b if b"\n(,=~|&{[;><+*?!:-%^".contains(&b) => Before::Operator,
            b if is_name(b) => {
                let len = line.iter().rev().take_while(|&&b| is_name(b)).count();
                let word = &line[line.len() - len..];
                let before_word = line.len().checked_sub(len + 1).map(|i| line[i]);
                match word {
                    // `def /(other)` names a method.
                    b"def" => Before::Value,
                    b"if" | b"unless" | b"when" | b"and" | b"or" | b"not" | b"return" | b"while"
                    | b"until" | b"elsif" | b"in" | b"then" | b"do" | b"else" | b"puts" | b"yield"
                        if blank && before_word != Some(b'.') =>
                    {
                        Before::Operator
                    }
                    _ if blank && !word[0].is_ascii_digit() && !matches!(before_word, Some(b'@' | b'$')) => {
                        Before::Name
                    }
                    _ => Before::Value,
                }
            }
            _ => Before::Value,
        }
    }

    /// `?"` is a character where it stands alone.
    fn question_mark(&mut self, here: usize) {
        let text = self.text;
        if here.checked_sub(1).is_some_and(|i| is_name(text[i]) || text[i] == b')') {
            return;
        }
        let stands_alone =
            |at: usize| text.get(at).is_none_or(|b| b.is_ascii_whitespace() || b",)].;:}|&=".contains(b));
        match text.get(here + 1) {
            Some(b'\\') if stands_alone(here + 3) => self.at = here + 3,
            Some(b'"' | b'\'' | b'`' | b'#' | b'/' | b'%' | b'<' | b'{' | b'}' | b'$' | b'?')
                if stands_alone(here + 2) =>
            {
                self.at = here + 2;
            }
            _ => {}
        }
    }

    /// Notes a here-document: `<<EOF`, `<<-EOF`, `<<~EOF`, and with its word in quotes.
    fn less_than(&mut self, here: usize) {
        let text = self.text;
        let touches = here.checked_sub(1).is_some_and(|i| is_name(text[i]) || b")]}<".contains(&text[i]));
        if text.get(here + 1) != Some(&b'<') || touches {
            return;
        }
        let mut at = here + 2;
        let indented = matches!(text.get(at), Some(b'-' | b'~'));
        at += usize::from(indented);
        let quote = text.get(at).copied().filter(|b| matches!(b, b'\'' | b'"' | b'`'));
        at += usize::from(quote.is_some());
        let rest = &text[at..];
        let len = match quote {
            Some(quote) => rest.iter().take_while(|&&b| b != quote && b != b'\n').count(),
            None => rest.iter().take(128).take_while(|&&b| is_name(b)).count(),
        };
        let word = &rest[..len];
        // `class <<self` and `list <<item` are none: such a word is in capitals, in quotes, or marked.
        let plausible = indented || quote.is_some() || word.iter().all(|b| !b.is_ascii_lowercase());
        if len == 0 || quote.is_none() && word[0].is_ascii_digit() || !plausible {
            return;
        }
        self.waiting.push(Open::Body { word: (at, at + len), indented, raw: quote == Some(b'\'') });
        self.at = (at + len + usize::from(quote.is_some())).min(text.len());
    }
}

/// Whether a regular expression that begins here ends on its line.
fn closes_on_line(text: &[u8]) -> bool {
    let mut escaped = false;
    text.iter().take(1024).take_while(|&&b| b != b'\n').any(|&b| {
        let closes = b == b'/' && !escaped;
        escaped = b == b'\\' && !escaped;
        closes
    })
}
