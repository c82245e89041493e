use std::ops::Range;

use super::{ShellCommand, ShellDialect, ShellWord};

/// Substitutions within substitutions are followed so deep.
const DEPTH_MAX: usize = 16;

/// Words of the grammar in front of a command.
const KEYWORDS: &[&str] =
    &["if", "then", "else", "elif", "fi", "while", "until", "do", "done", "esac", "!", "{", "}", "time"];

/// The commands in these bytes of a text, in the order they begin.
pub fn shell_commands(text: &[u8], range: Range<usize>, dialect: ShellDialect) -> Vec<ShellCommand> {
    let end = range.end.min(text.len());
    let mut reader =
        Reader { text, at: range.start.min(end), end, dialect, found: Vec::new(), in_backticks: false };
    while reader.at < reader.end {
        // A `)` that closes nothing ends a list, and another one begins.
        reader.list(None, None, 0);
    }
    without_empty(reader.found)
}

/// Leaves out what only held words of the grammar; nothing is inside of those.
fn without_empty(found: Vec<ShellCommand>) -> Vec<ShellCommand> {
    let mut places = Vec::with_capacity(found.len());
    let mut kept = 0;
    for command in &found {
        places.push(kept);
        kept += usize::from(!command.words.is_empty() || !command.assignments.is_empty());
    }
    let full =
        found.into_iter().filter(|command| !command.words.is_empty() || !command.assignments.is_empty());
    full.map(|command| ShellCommand {
        inside: command.inside.and_then(|at| places.get(at).copied()),
        ..command
    })
    .collect()
}

struct Reader<'t> {
    text: &'t [u8],
    at: usize,
    end: usize,
    dialect: ShellDialect,
    found: Vec<ShellCommand>,
    /// Whether the next backtick ends the substitution that is being read.
    in_backticks: bool,
}

/// A here-document whose text begins on the next line.
struct Waiting {
    word: String,
    is_indented: bool,
}

impl Reader<'_> {
    fn peek(&self, ahead: usize) -> Option<u8> {
        self.text[..self.end].get(self.at + ahead).copied()
    }

    /// Commands up to `close`, which is passed over, or to the end.
    fn list(&mut self, close: Option<u8>, inside: Option<usize>, depth: usize) {
        let mut current: Option<usize> = None;
        let mut waiting: Vec<Waiting> = Vec::new();
        while let Some(byte) = self.peek(0) {
            if Some(byte) == close {
                self.at += 1;
                return;
            }
            match (byte, self.peek(1)) {
                (b' ' | b'\t' | b'\r', _) => self.at += 1,
                _ if self.skip_continuation() => {}
                (b'\n', _) => {
                    self.at += 1;
                    current = None;
                    for here in waiting.drain(..) {
                        self.skip_here_document(&here);
                    }
                }
                (b'#', _) => self.skip_line(),
                (b'&', Some(b'>')) => self.redirection(1, &mut waiting, depth),
                (b'(', Some(b'(')) if self.may_be_arithmetic(current) => {
                    self.skip_arithmetic();
                }
                (b';' | b'(' | b')' | b'&', _) => {
                    self.at += 1;
                    current = None;
                }
                (b'|', Some(b'|')) => {
                    self.at += 2;
                    current = None;
                }
                (b'|', _) => {
                    self.at += 1;
                    if let Some(command) = current.take() {
                        self.found[command].is_piped = true;
                    }
                }
                (b'<' | b'>', Some(b'(')) => self.word_of(&mut current, inside, depth),
                (b'<' | b'>', _) => self.redirection(0, &mut waiting, depth),
                _ => self.word_of(&mut current, inside, depth),
            }
        }
    }

    /// Whether `((` begins arithmetic here: as a command, or as the head of a `for`.
    fn may_be_arithmetic(&self, current: Option<usize>) -> bool {
        current.is_none_or(|at| match &*self.found[at].words {
            [] => true,
            [only] => only.text == "for",
            _ => false,
        })
    }

    /// Reads a word and gives it to the command that it belongs to.
    fn word_of(&mut self, current: &mut Option<usize>, inside: Option<usize>, depth: usize) {
        let command = *current.get_or_insert_with(|| {
            let span = self.at..self.at;
            self.found.push(ShellCommand {
                assignments: Vec::new(),
                words: Vec::new(),
                span,
                is_piped: false,
                inside,
            });
            self.found.len() - 1
        });
        let start = self.at;
        let word = self.word(Some(command), depth);
        if self.at == start {
            // Nothing that a word is made of.
            self.at += 1;
            return;
        }
        let is_number = word.text.bytes().all(|b| b.is_ascii_digit());
        if is_number && matches!(self.peek(0), Some(b'<' | b'>')) {
            return;
        }
        let command = &mut self.found[command];
        if command.words.is_empty() {
            if word.is_literal && KEYWORDS.contains(&&*word.text) {
                command.span = self.at..self.at;
                return;
            }
            if command.assignments.is_empty() {
                command.span = word.span.clone();
            }
        }
        command.span.end = word.span.end;
        if command.words.is_empty() && is_assignment(&word.text) {
            command.assignments.push(word);
        } else {
            command.words.push(word);
        }
    }

    /// `>`, `2>&1`, `<<EOF` and what they name. `skip` bytes stand in front of the sign.
    fn redirection(&mut self, skip: usize, waiting: &mut Vec<Waiting>, depth: usize) {
        self.at += skip;
        let from = self.at;
        while matches!(self.peek(0), Some(b'<' | b'>')) && self.at - from < 3 {
            self.at += 1;
        }
        let is_here = &self.text[from..self.at] == b"<<";
        let is_indented = is_here && self.peek(0) == Some(b'-');
        if is_indented || matches!(self.peek(0), Some(b'&' | b'|')) {
            self.at += 1;
        }
        while matches!(self.peek(0), Some(b' ' | b'\t')) {
            self.at += 1;
        }
        if matches!(self.peek(0), Some(b'<' | b'>')) && self.peek(1) != Some(b'(') {
            return;
        }
        let word = self.word(None, depth);
        if is_here && !word.text.is_empty() {
            waiting.push(Waiting { word: word.text, is_indented });
        }
    }

    fn skip_here_document(&mut self, here: &Waiting) {
        while self.at < self.end {
            let line_end =
                memchr::memchr(b'\n', &self.text[self.at..self.end]).map_or(self.end, |n| self.at + n);
            let mut line = &self.text[self.at..line_end];
            line = line.strip_suffix(b"\r").unwrap_or(line);
            if here.is_indented {
                line = &line[line.iter().take_while(|b| **b == b'\t').count()..];
            }
            self.at = (line_end + 1).min(self.end);
            if line == here.word.as_bytes() {
                return;
            }
        }
    }

    fn skip_line(&mut self) {
        self.at = memchr::memchr(b'\n', &self.text[self.at..self.end]).map_or(self.end, |n| self.at + n);
    }

    /// Passes over a line's end that ends no command. Says whether there was one.
    fn skip_continuation(&mut self) -> bool {
        let escape = match self.dialect {
            ShellDialect::Script => b'\\',
            ShellDialect::Dockerfile { escape } => escape,
        };
        if self.peek(0) != Some(escape) {
            return false;
        }
        let mut ahead = 1;
        // Docker lets blanks stand behind it.
        while matches!(self.peek(ahead), Some(b'\r'))
            || self.dialect != ShellDialect::Script && matches!(self.peek(ahead), Some(b' ' | b'\t'))
        {
            ahead += 1;
        }
        if !matches!(self.peek(ahead), Some(b'\n')) {
            return false;
        }
        self.at += ahead + 1;
        if self.dialect != ShellDialect::Script {
            loop {
                let rest = &self.text[self.at..self.end];
                let line = memchr::memchr(b'\n', rest).map_or(rest, |n| &rest[..=n]);
                let content = line.trim_ascii();
                if line.is_empty() || !(content.is_empty() || content.starts_with(b"#")) {
                    break;
                }
                self.at += line.len();
            }
        }
        true
    }

    /// A word; empty if nothing of one stands here. `of` is the command that it is a word of.
    fn word(&mut self, of: Option<usize>, depth: usize) -> ShellWord {
        let start = self.at;
        let mut text = Vec::new();
        let mut is_literal = true;
        while let Some(byte) = self.peek(0) {
            match (byte, self.peek(1)) {
                (b' ' | b'\t' | b'\r' | b'\n' | b';' | b'|' | b'&' | b')', _) => break,
                _ if self.skip_continuation() => {}
                (b'`', _) if self.in_backticks => break,
                (b'<' | b'>', Some(b'(')) => {
                    let from = self.at;
                    self.at += 2;
                    self.nested(b')', of, depth);
                    text.extend_from_slice(&self.text[from..self.at]);
                    is_literal = false;
                }
                // Of brackets, only a function's `()` stand behind a word.
                (b'<' | b'>' | b'(', _) => break,
                (b'\'', _) => {
                    self.at += 1;
                    let close = memchr::memchr(b'\'', &self.text[self.at..self.end])
                        .map_or(self.end, |n| self.at + n);
                    text.extend_from_slice(&self.text[self.at..close]);
                    self.at = (close + 1).min(self.end);
                }
                (b'"', _) => {
                    self.at += 1;
                    self.double_quoted(&mut text, &mut is_literal, of, depth);
                }
                (b'\\', Some(next)) => {
                    text.push(next);
                    self.at += 2;
                }
                (b'$' | b'`', _) => self.expansion(&mut text, &mut is_literal, of, depth),
                _ => {
                    text.push(byte);
                    self.at += 1;
                }
            }
        }
        ShellWord { text: String::from_utf8_lossy(&text).into_owned(), span: start..self.at, is_literal }
    }

    fn double_quoted(&mut self, text: &mut Vec<u8>, is_literal: &mut bool, of: Option<usize>, depth: usize) {
        while let Some(byte) = self.peek(0) {
            match (byte, self.peek(1)) {
                (b'"', _) => {
                    self.at += 1;
                    return;
                }
                _ if self.skip_continuation() => {}
                (b'\\', Some(next)) => {
                    if !matches!(next, b'"' | b'\\' | b'$' | b'`') {
                        text.push(b'\\');
                    }
                    text.push(next);
                    self.at += 2;
                }
                (b'$' | b'`', _) => self.expansion(text, is_literal, of, depth),
                _ => {
                    text.push(byte);
                    self.at += 1;
                }
            }
        }
    }

    /// What begins with `$` or a backtick, as written; the commands in it are read.
    fn expansion(&mut self, text: &mut Vec<u8>, is_literal: &mut bool, of: Option<usize>, depth: usize) {
        let from = self.at;
        match (self.peek(0), self.peek(1), self.peek(2)) {
            (Some(b'`'), ..) => {
                self.at += 1;
                self.nested(b'`', of, depth);
            }
            (_, Some(b'('), Some(b'(')) => self.skip_to(b"))"),
            (_, Some(b'('), _) => {
                self.at += 2;
                self.nested(b')', of, depth);
            }
            // An expression of GitHub's, which is filled in before any shell sees it.
            (_, Some(b'{'), Some(b'{')) => self.skip_to(b"}}"),
            (_, Some(b'{'), _) => self.skip_braces(),
            (_, Some(next), _) if next.is_ascii_alphanumeric() || b"_@*#?$!-".contains(&next) => {
                self.at += 2;
                if next.is_ascii_alphabetic() || next == b'_' {
                    while self.peek(0).is_some_and(|b| b.is_ascii_alphanumeric() || b == b'_') {
                        self.at += 1;
                    }
                }
            }
            _ => {
                // A `$` that stands for itself.
                text.push(b'$');
                self.at += 1;
                return;
            }
        }
        *is_literal = false;
        text.extend_from_slice(&self.text[from..self.at]);
    }

    fn nested(&mut self, close: u8, of: Option<usize>, depth: usize) {
        if depth >= DEPTH_MAX {
            self.skip_line();
        } else {
            let around = std::mem::replace(&mut self.in_backticks, close == b'`');
            self.list(Some(close), of, depth + 1);
            self.in_backticks = around;
        }
    }

    /// Two subshells look like arithmetic, but end in no `))` on their line.
    fn skip_arithmetic(&mut self) {
        let rest = &self.text[self.at..self.end];
        let line = memchr::memchr(b'\n', rest).map_or(rest, |n| &rest[..n]);
        self.at += memchr::memmem::find(line, b"))").map_or(1, |n| n + 2);
    }

    fn skip_to(&mut self, close: &[u8]) {
        let found = memchr::memmem::find(&self.text[self.at..self.end], close);
        self.at = found.map_or(self.end, |n| self.at + n + close.len());
    }

    /// `${…}` with what stands in it.
    fn skip_braces(&mut self) {
        let mut open = 0usize;
        while let Some(byte) = self.peek(0) {
            self.at += 1;
            match byte {
                b'{' => open += 1,
                b'}' => {
                    open -= 1;
                    if open == 0 {
                        return;
                    }
                }
                b'\\' => self.at = (self.at + 1).min(self.end),
                b'\n' => return,
                _ => {}
            }
        }
    }
}

/// `NAME=…`, `NAME+=…`
fn is_assignment(word: &str) -> bool {
    let Some((name, _)) = word.split_once('=') else { return false };
    let name = name.strip_suffix('+').unwrap_or(name);
    !name.is_empty()
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}
