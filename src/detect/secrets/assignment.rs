//! `name = value` in many languages: a hit inside a name, followed by a literal.
//!
//! No grammar of a language is needed for that, only what may stand between a name and a literal: the rest
//! of a key's quotes, a type, an operator, a constructor.

use std::ops::Range;

use crate::model::Language;
use crate::source::FileView;

/// Names longer than this are none.
const LONGEST_NAME: usize = 96;
/// Values longer than this are data.
const LONGEST_VALUE: usize = 512;
/// How far a type may reach.
const LONGEST_TYPE: usize = 64;

/// A name and the literal that it is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Assignment {
    /// The whole name, dots and dashes included where the language allows them.
    pub(super) name: Range<usize>,
    /// The literal without its quotes.
    pub(super) value: Range<usize>,
    /// Whether it stands in quotes.
    pub(super) quoted: bool,
}

impl Assignment {
    /// Reads the assignment whose name covers this hit; `None` if the name is not given a literal.
    pub(super) fn around(view: &FileView, hit: Range<usize>) -> Option<Self> {
        let text = view.bytes();
        let form = Form::of(view.language());
        let name = name_around(text, hit, form)?;
        let mut cursor = Cursor { text, at: name.end };
        // The rest of a quoted or indexed key: `"key":`, `env["key"] =`.
        cursor.eat_any(b"\"'`");
        cursor.eat_any(b"]");
        cursor.blanks();
        let opener = name.start.checked_sub(1).map_or(b' ', |at| text[at]);
        if opener == b'$' && form == Form::Bare && view.language() != Language::Php {
            return None;
        }
        cursor.operator(form)?;
        cursor.blanks();
        let bare_at = cursor.at;
        cursor.wrappers();
        if let Some(value) = cursor.quoted() {
            return Some(Self { name, value, quoted: true });
        }
        if form == Form::Quoted {
            return None;
        }
        cursor.at = bare_at;
        let value = cursor.bare(view.language())?;
        Some(Self { name, value, quoted: false })
    }
}

/// How a language writes values.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// Literals stand in quotes; anything else is a name or a call.
    Quoted,
    /// A value may stand as it is.
    Bare,
}

impl Form {
    fn of(language: Language) -> Self {
        match language {
            Language::Yaml
            | Language::Ini
            | Language::Properties
            | Language::Dotenv
            | Language::Shell
            | Language::Dockerfile => Self::Bare,
            _ => Self::Quoted,
        }
    }
}

fn name_around(text: &[u8], hit: Range<usize>, form: Form) -> Option<Range<usize>> {
    let belongs = |byte: &u8| {
        byte.is_ascii_alphanumeric() || *byte == b'_' || *byte == b'-' || form == Form::Bare && *byte == b'.'
    };
    let before = text[..hit.start].iter().rev().take(LONGEST_NAME + 1).take_while(|b| belongs(b)).count();
    let after = text[hit.end..].iter().take(LONGEST_NAME + 1).take_while(|b| belongs(b)).count();
    let name = hit.start - before..hit.end + after;
    (name.len() <= LONGEST_NAME).then_some(name)
}

struct Cursor<'t> {
    text: &'t [u8],
    at: usize,
}

impl<'t> Cursor<'t> {
    fn rest(&self) -> &'t [u8] {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<u8> {
        self.rest().first().copied()
    }

    fn eat(&mut self, what: &[u8]) -> bool {
        let found = self.rest().starts_with(what);
        if found {
            self.at += what.len();
        }
        found
    }

    fn eat_any(&mut self, of: &[u8]) -> bool {
        let found = self.peek().is_some_and(|byte| of.contains(&byte));
        self.at += usize::from(found);
        found
    }

    fn blanks(&mut self) {
        self.at += self.rest().iter().take_while(|&&b| b == b' ' || b == b'\t').take(64).count();
    }

    /// `=`, `:=`, `=>`, `:` and what languages put before it: `: &str =`, `string =`, `[] =`.
    fn operator(&mut self, form: Form) -> Option<()> {
        if self.peek() == Some(b'[') {
            let close = self.rest().iter().take(16).position(|&byte| byte == b']')?;
            self.at += close + 1;
            self.blanks();
        }
        if self.eat(b"=>") || self.eat(b":=") {
            return Some(());
        }
        if self.peek() == Some(b'=') {
            self.at += 1;
            return (!matches!(self.peek(), Some(b'=' | b'~' | b'>'))).then_some(());
        }
        if self.eat(b":") {
            if self.peek() == Some(b':') {
                return None;
            }
            if form == Form::Quoted {
                self.annotation();
            }
            return Some(());
        }
        // `var token string = "…"` in Go.
        if form == Form::Quoted && self.peek().is_some_and(|byte| byte.is_ascii_lowercase()) {
            let word = self.rest().iter().take(24).take_while(|b| b.is_ascii_alphanumeric()).count();
            self.at += word;
            self.blanks();
            return (self.eat(b"=") && self.peek() != Some(b'=')).then_some(());
        }
        None
    }

    /// Goes behind the `=` of `: Type =` if that is what stands here.
    fn annotation(&mut self) {
        let window = &self.rest()[..self.rest().len().min(LONGEST_TYPE)];
        for (at, &byte) in window.iter().enumerate() {
            match byte {
                b'=' => {
                    if !matches!(window.get(at + 1), Some(b'=' | b'>')) {
                        self.at += at + 1;
                    }
                    return;
                }
                b' ' | b'_' | b'&' | b'<' | b'>' | b'[' | b']' | b'?' | b'.' | b':' | b'|' => {}
                // A lifetime, not a string.
                b'\'' if window[at + 1..].starts_with(b"static") => {}
                _ if byte.is_ascii_alphanumeric() => {}
                _ => return,
            }
        }
    }

    /// What only wraps a literal.
    fn wrappers(&mut self) {
        const WRAPPERS: &[&[u8]] = &[
            b"&",
            b"Some(",
            b"Ok(",
            b"String::from(",
            b"str(",
            b"Secret::new(",
            b"SecretString::new(",
            b"SecretString::from(",
            b"std::string(",
            b"new String(",
            b"(",
        ];
        for _ in 0..3 {
            // A literal may stand on the next line.
            let gap = self.rest().iter().take(120).take_while(|b| b.is_ascii_whitespace()).count();
            let next = self.text.get(self.at + gap).copied().unwrap_or(b' ');
            if gap > 0 && matches!(next, b'"' | b'\'' | b'`' | b'r' | b'b') {
                self.at += gap;
            }
            if !WRAPPERS.iter().any(|wrapper| self.eat(wrapper)) {
                break;
            }
        }
        // `r"…"`, `b"…"`, `r#"…"#`, `@"…"`, `L"…"`, `u'…'`.
        let prefix = self.rest().iter().take(4).take_while(|b| b"rbuLRU@#".contains(b)).count();
        if prefix > 0 && matches!(self.text.get(self.at + prefix), Some(b'"' | b'\'')) {
            self.at += prefix;
        }
    }

    /// The inside of a literal on one line that is not put together with something else.
    fn quoted(&mut self) -> Option<Range<usize>> {
        let quote = self.peek().filter(|byte| matches!(byte, b'"' | b'\'' | b'`'))?;
        let start = self.at + 1;
        let mut end = start;
        loop {
            match *self.text.get(end)? {
                b'\n' => return None,
                b'\\' => end += 2,
                byte if byte == quote => break,
                _ => end += 1,
            }
            if end - start > LONGEST_VALUE {
                return None;
            }
        }
        let after = &self.text[end + 1..];
        let after = &after[after.iter().take(8).take_while(|b| matches!(b, b' ' | b'\t')).count()..];
        let joined = matches!(after.first(), Some(b'+' | b'%' | b'*' | b'"' | b'\'' | b'`'))
            || [&b".format"[..], b".replace", b".repeat", b".."].iter().any(|call| after.starts_with(call));
        (!joined).then_some(start..end)
    }

    /// A value without quotes, to the end of the line or of the word.
    fn bare(&mut self, language: Language) -> Option<Range<usize>> {
        // Cut first: a line may be the whole file.
        let near = &self.rest()[..self.rest().len().min(LONGEST_VALUE + 1)];
        let line = near.split(|&byte| byte == b'\n').next().unwrap_or_default();
        let stop = |byte: &u8| match language {
            Language::Shell | Language::Dockerfile => {
                byte.is_ascii_whitespace() || b";|&)<>\"'".contains(byte)
            }
            // A comment needs a blank before it; a value with blanks is a sentence.
            _ => byte.is_ascii_whitespace(),
        };
        let len = line.iter().position(stop).unwrap_or(line.len());
        let after = line[len..].trim_ascii_start();
        let comment = after.is_empty() || after.starts_with(b"#") || after.starts_with(b";");
        let whole_line = matches!(language, Language::Shell | Language::Dockerfile) || comment;
        (len > 0 && len <= LONGEST_VALUE && whole_line).then_some(self.at..self.at + len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{RepoPath, Target};
    use crate::source::FileKind;

    fn check(language: Language, text: &str, expect: Option<&str>) {
        let path = RepoPath::from("x");
        let view = FileView::new(&path, text.as_bytes(), FileKind { language, target: Target::Source });
        let lower = text.to_ascii_lowercase();
        let at = lower.find("password").expect("a hit");
        let found = Assignment::around(&view, at..at + 8).map(|a| &text[a.value]);
        assert_eq!(found, expect, "{text}");
    }

    #[test]
    fn quoted_literals_of_code() {
        for (language, text, expect) in [
            (Language::Rust, "const DB_PASSWORD: &str = \"v1\";", Some("v1")),
            (Language::Rust, "const PASSWORD: &'static str = \"v1\";", Some("v1")),
            (Language::Rust, "let password = String::from(\"v1\");", Some("v1")),
            (Language::Rust, "password: Some(\"v1\".into()),", Some("v1")),
            (Language::Rust, "let password =\n        \"v1\";", Some("v1")),
            (Language::Rust, "password: String,", None),
            (Language::Rust, "if password == \"v1\" {", None),
            (Language::Rust, "fn password(x: u8) -> &str { \"v1\" }", None),
            (Language::Rust, "password::hash(\"v1\")", None),
            (Language::Python, "self.db_password = 'v1'", Some("v1")),
            (Language::Python, "password: str = \"v1\"", Some("v1")),
            (Language::Python, "password = get(\"v1\")", None),
            (Language::Python, "password = \"a\" + b", None),
            (Language::Python, "connect(password=\"v1\")", Some("v1")),
            (Language::JavaScript, "{ \"password\": \"v1\" }", Some("v1")),
            (Language::JavaScript, "process.env['PASSWORD'] = `v1`", Some("v1")),
            (Language::Ruby, ":password => 'v1'", Some("v1")),
            (Language::Go, "password := \"v1\"", Some("v1")),
            (Language::Go, "var password string = \"v1\"", Some("v1")),
            (Language::C, "char password[] = \"v1\";", Some("v1")),
            (Language::Json, "{\"password\":\"v\\\"1\"}", Some("v\\\"1")),
        ] {
            check(language, text, expect);
        }
    }

    #[test]
    fn bare_values_of_configuration() {
        for (language, text, expect) in [
            (Language::Dotenv, "DB_PASSWORD=v1\n", Some("v1")),
            (Language::Dotenv, "DB_PASSWORD=\"v1\" # here\n", Some("v1")),
            (Language::Yaml, "  password: v1 # here", Some("v1")),
            (Language::Yaml, "  password: a sentence", None),
            (Language::Yaml, "  password:\n    x: 1", None),
            (Language::Properties, "spring.datasource.password=v1", Some("v1")),
            (Language::Shell, "export PASSWORD=v1; run", Some("v1")),
            (Language::Shell, "echo $PASSWORD=v1", None),
            (Language::Ini, "password = v1", Some("v1")),
            (Language::Rust, "password = v1", None),
        ] {
            check(language, text, expect);
        }
    }
}
