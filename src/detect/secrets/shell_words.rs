//! The words of a command line, wherever it stands: in a script, in documentation, in a literal of code, or as
//! a list of literals (`["curl", "-u", "…"]`).

use std::ops::Range;

/// No command is read further.
const LONGEST: usize = 1024;
/// Nor has it more words.
const WORDS_MAX: usize = 48;

/// The words behind this place, as bytes of the text and without the quotes around them, up to the end of the
/// command. A word that is put together by other code is empty.
pub(super) fn words(text: &[u8], from: usize) -> Vec<Range<usize>> {
    some_words(text, from, WORDS_MAX)
}

/// The first of them.
pub(super) fn first_word(text: &[u8], from: usize) -> Option<Range<usize>> {
    some_words(text, from, 1).pop()
}

fn some_words(text: &[u8], from: usize, most: usize) -> Vec<Range<usize>> {
    let window = &text[..text.len().min(from.saturating_add(LONGEST))];
    let mut cursor = Cursor { text: window, at: from };
    let mut words = Vec::new();
    // Behind the program's name its literal ends, and another one follows.
    let is_list = matches!(cursor.peek(0), Some(b'"' | b'\'' | b'`'))
        && cursor.rest()[1..].iter().find(|b| !b.is_ascii_whitespace()).is_some_and(|b| b",)".contains(b));
    if is_list {
        cursor.at += 1;
    }
    while words.len() < most {
        let next = if is_list { cursor.item() } else { cursor.word() };
        match next {
            Some(word) => words.push(word),
            None => break,
        }
    }
    words
}

/// The value that begins right here (behind an option's `=`), without quotes.
pub(super) fn value(text: &[u8], from: usize) -> Option<Range<usize>> {
    let window = &text[..text.len().min(from.saturating_add(LONGEST))];
    let mut cursor = Cursor { text: window, at: from };
    if cursor.peek(0).is_none_or(|byte| byte.is_ascii_whitespace()) {
        return None;
    }
    cursor.word().filter(|word| !word.is_empty())
}

struct Cursor<'t> {
    text: &'t [u8],
    at: usize,
}

impl<'t> Cursor<'t> {
    fn rest(&self) -> &'t [u8] {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self, ahead: usize) -> Option<u8> {
        self.text.get(self.at + ahead).copied()
    }

    /// The next word of a shell's command.
    fn word(&mut self) -> Option<Range<usize>> {
        loop {
            match (self.peek(0)?, self.peek(1)) {
                (b' ' | b'\t', _) => self.at += 1,
                // The command goes on in the next line.
                (b'\\' | b'^', Some(b'\n')) => self.at += 2,
                (b'\\' | b'^', Some(b'\r')) => self.at += 3,
                _ => break,
            }
        }
        match self.peek(0)? {
            b'\n' | b'\r' | b'|' | b';' | b'&' | b')' | b'#' | b'>' | b'`' | b']' | b'}' | b',' => {
                return None;
            }
            quote @ (b'"' | b'\'') => return self.quoted(&[quote]),
            b'\\' if matches!(self.peek(1), Some(b'"' | b'\'')) => {
                let close = [b'\\', self.peek(1)?];
                return self.quoted(&close);
            }
            _ => {}
        }
        let start = self.at;
        while let Some(byte) = self.peek(0) {
            let so_far = &self.text[start..self.at];
            match byte {
                b' ' | b'\t' | b'\n' | b'\r' | b'|' | b';' | b'`' => break,
                // `$(…)` is one word, whatever it holds.
                b'$' if self.peek(1) == Some(b'(') => {
                    let close = memchr::memchr(b')', self.rest())?;
                    self.at += close + 1;
                }
                b')' if !so_far.contains(&b'(') => break,
                b'"' | b'\'' => {
                    let opens = so_far.ends_with(b"=") || so_far.ends_with(b":") || so_far.len() == 2;
                    if !opens {
                        // The end of the literal that the command stands in: it has no further words.
                        let word = start..self.at;
                        self.at = self.text.len();
                        return Some(word);
                    }
                    let inner = self.quoted(&[byte])?;
                    return Some(start..inner.end);
                }
                b'\\' if matches!(self.peek(1), Some(b'"' | b'\'')) && so_far.ends_with(b"=") => {
                    let close = [b'\\', self.peek(1)?];
                    let inner = self.quoted(&close)?;
                    return Some(start..inner.end);
                }
                // The end of a literal, or of a line in it.
                b'\\' if matches!(self.peek(1), Some(b'"' | b'\'' | b'n' | b'\n') | None) => break,
                _ => self.at += 1,
            }
        }
        (self.at > start).then_some(start..self.at)
    }

    /// What stands between this quote and the next of its kind on the line.
    fn quoted(&mut self, quote: &[u8]) -> Option<Range<usize>> {
        let start = self.at + quote.len();
        let rest = self.text.get(start..)?;
        let line = rest.split(|&byte| byte == b'\n').next().unwrap_or_default();
        let len = memchr::memmem::find(line, quote)?;
        self.at = start + len + quote.len();
        Some(start..start + len)
    }

    /// The next literal of a list. Something else is an empty word.
    fn item(&mut self) -> Option<Range<usize>> {
        loop {
            match self.peek(0)? {
                b' ' | b'\t' | b'\n' | b'\r' | b',' | b'(' | b'[' | b')' | b'.' | b'&' => self.at += 1,
                b'a' if self.rest().starts_with(b"args") => self.at += 4,
                b'a' if self.rest().starts_with(b"arg") => self.at += 3,
                quote @ (b'"' | b'\'' | b'`') => return self.quoted(&[quote]),
                b']' | b';' | b'{' | b'}' => return None,
                _ => {
                    let len = self.rest().iter().position(|byte| b",;]})\n".contains(byte))?;
                    let at = self.at;
                    self.at += len;
                    return Some(at..at);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expect: &[&str]) {
        let found: Vec<&str> = words(text.as_bytes(), 1).into_iter().map(|word| &text[word]).collect();
        assert_eq!(found, expect, "{text}");
    }

    #[test]
    fn commands_are_split() {
        check("x -u a:b http://h | y", &["-u", "a:b", "http://h"]);
        check("x -u 'a:b c' \"d\"", &["-u", "a:b c", "d"]);
        check("x -p'a b' c", &["-p'a b", "c"]);
        check("x --p=\"a b\" c", &["--p=\"a b", "c"]);
        check("x a \\\n  b\nc", &["a", "b"]);
        check("x a\" b", &["a"]);
        check("x \\\"a b\\\" c", &["a b", "c"]);
        check("x --p=\\\"a\\\" c", &["--p=\\\"a", "c"]);
        check("x $(cat f) a", &["$(cat f)", "a"]);
        check("x a)", &["a"]);
        check("x", &[]);
        check("x 'a", &[]);
    }

    #[test]
    fn lists_are_split() {
        check("x\", \"-u\", \"a:b\"]", &["-u", "a:b"]);
        check("x\").arg(\"-u\").arg(secret).arg(\"c\");", &["-u", "", "c"]);
        check("x', '-u',\n  'a']", &["-u", "a"]);
    }

    #[test]
    fn values_are_read() {
        for (text, expect) in [("=a b", Some("a")), ("='a b'", Some("a b")), ("= a", None), ("=", None)] {
            assert_eq!(value(text.as_bytes(), 1).map(|r| &text[r]), expect, "{text}");
        }
    }
}
