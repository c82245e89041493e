use std::ops::Range;
use std::rc::Rc;

use super::cursor::Cursor;
use super::literal::{self, Literal};
use super::lookup::{self, Expression};
use super::{Given, How, Reading, entry, wrapped};
use crate::model::Language;

/// Reads what stands around a name.
pub(super) struct Reader<'t> {
    pub(super) text: &'t [u8],
    pub(super) language: Language,
    pub(super) name: Range<usize>,
}

impl<'t> Reader<'t> {
    /// What is given to it.
    pub(super) fn read(&self) -> Reading {
        let before = self.name.start.checked_sub(1).and_then(|at| self.text.get(at)).copied();
        let mut cursor = Cursor::new(self.text, self.name.end);
        if let Some(quote @ (b'"' | b'\'' | b'`')) = before {
            let is_escaped = self.name.start > 1 && self.text[self.name.start - 2] == b'\\';
            let escaped = is_escaped && cursor.eat(&[b'\\', quote]);
            if escaped || cursor.eat(&[quote]) {
                return self.behind_a_quoted_name(cursor, self.name.start - 1 - usize::from(escaped));
            }
            // `"password=…"`, `'Password: x'`: a name within a text.
        }
        // `'#password', '…'`: a selector.
        if matches!(before, Some(b'#' | b'.')) && self.name.start > 1 {
            let quote = self.text[self.name.start - 2];
            if matches!(quote, b'"' | b'\'') && cursor.eat(&[quote]) && cursor.peek() == Some(b',') {
                return self.behind_a_quoted_name(cursor, self.name.start - 2);
            }
            cursor.at = self.name.end;
        }
        if before == Some(b'<') || before == Some(b':') && cursor.peek() == Some(b'>') {
            return self.or_nothing(entry::element(cursor), How::Entry);
        }
        if self.is_expanded() {
            return self.or_nothing(lookup::in_braces(cursor), How::Fallback);
        }
        // YAML's entries need no quotes: `- name: DB_PASSWORD`.
        if self.language == Language::Yaml && matches!(cursor.peek(), Some(b'\n' | b'\r')) {
            let is_entry = entry::names_a_variable(self.text, self.name.start);
            let value = is_entry.then(|| entry::value_beside(cursor, self.language)).flatten();
            return self.or_nothing(value, How::Entry);
        }
        self.behind_a_bare_name(cursor)
    }

    fn given(&self, value: Literal, how: How) -> Reading {
        // In prose it is a verb: "pass `--force`".
        let name = &self.text[self.name.clone()];
        let is_verb = name == b"pass" || name == b"Pass" && self.text.get(self.name.end) == Some(&b' ');
        let is_prose = is_verb
            && !matches!(self.language, Language::JavaScript | Language::TypeScript)
            && value.range().start.checked_sub(1).is_some_and(|at| self.text[at] == b'`');
        if is_prose {
            return Reading::Nothing;
        }
        Reading::Given(Rc::new(Given { name: self.name.clone(), value, how }))
    }

    fn or_nothing(&self, value: Option<Literal>, how: How) -> Reading {
        value.map_or(Reading::Nothing, |value| self.given(value, how))
    }

    /// `${NAME…`, with or without dots before.
    fn is_expanded(&self) -> bool {
        let near = &self.text[self.name.start.saturating_sub(80)..self.name.start];
        let path = near.iter().rev().take_while(|b| b.is_ascii_alphanumeric() || b"._-".contains(b)).count();
        near[..near.len() - path].ends_with(b"${")
    }

    /// Behind `"name"`; `opens` is where its quote stands.
    fn behind_a_quoted_name(&self, mut cursor: Cursor<'t>, opens: usize) -> Reading {
        let is_entry = entry::names_a_variable(self.text, opens);
        if is_entry && let Some(value) = entry::value_beside(cursor, self.language) {
            return self.given(value, How::Entry);
        }
        if self.language == Language::Xml && cursor.peek() == Some(b'>') {
            return self.or_nothing(entry::element(cursor), How::Entry);
        }
        cursor.gap();
        match cursor.peek() {
            Some(b',') => {
                let opener = self.text[..opens].trim_ascii_end().last().copied();
                let is_first = matches!(opener, Some(b'(' | b'{'));
                if !is_first {
                    return Reading::Nothing;
                }
                let is_look_up = entry::is_look_up_call(self.text, opens);
                cursor.at += 1;
                cursor.gap();
                // `fill_in "Password", with: "…"`
                cursor.eat(b"with:");
                cursor.blanks();
                literal::prefix(&mut cursor);
                let Some(value) = literal::quoted(&mut cursor, self.language) else {
                    return if is_look_up { Reading::LookUp } else { Reading::Nothing };
                };
                cursor.gap();
                // `["user", "password", "email"]` lists names.
                let closes = match opener {
                    Some(b'(') => matches!(cursor.peek(), Some(b')' | b',')),
                    _ => cursor.peek() == Some(b'}'),
                };
                if !closes {
                    return Reading::Nothing;
                }
                self.given(value, if is_look_up { How::Fallback } else { How::Argument })
            }
            Some(b')' | b']') => {
                let mut behind = Cursor::new(self.text, cursor.at + 1);
                behind.blanks();
                let is_assigned = behind.peek() == Some(b'=') && behind.rest().get(1) != Some(&b'=');
                if !is_assigned && entry::is_look_up_call(self.text, opens) {
                    return match lookup::fallback_here(cursor, self.language) {
                        Some(value) => self.given(value, How::Fallback),
                        None => Reading::LookUp,
                    };
                }
                if !cursor.eat(b"]") {
                    return Reading::Nothing;
                }
                cursor.blanks();
                self.behind_a_bare_name(cursor)
            }
            Some(b'{') if self.language == Language::Hcl => {
                self.or_nothing(entry::default_in_block(cursor), How::Assigned)
            }
            Some(b':' | b'=') => self.behind_a_bare_name(cursor),
            _ => Reading::Nothing,
        }
    }

    fn behind_a_bare_name(&self, mut cursor: Cursor<'t>) -> Reading {
        let blanks = cursor.blanks();
        let Some(next) = cursor.peek() else { return Reading::Nothing };
        match next {
            b'=' | b':' | b'[' | b'?' | b'+' | b'|' => self.operator(cursor, blanks),
            b'(' => self.setter(cursor),
            b',' => self.constant(cursor),
            // C++ fills in with brackets: `const std::string token{"…"};`
            b'{' if matches!(self.language, Language::Cpp | Language::C)
                && cursor.rest().get(1) == Some(&b'"') =>
            {
                cursor.at += 1;
                self.or_nothing(literal::quoted(&mut cursor, self.language), How::Assigned)
            }
            b'`' if blanks && self.language == Language::Markdown => {
                self.or_nothing(literal::quoted(&mut cursor, self.language), How::Assigned)
            }
            b'.' => self.method(cursor),
            b'"' | b'\'' if blanks && self.takes_blank() => {
                self.or_nothing(literal::quoted(&mut cursor, self.language), How::Assigned)
            }
            b'a'..=b'z' | b'A'..=b'Z' if blanks => self.word(cursor),
            _ if blanks && self.takes_blank() && has_bare_values(self.language) => self.last_word(cursor),
            _ => Reading::Nothing,
        }
    }

    /// `=`, `:=`, `=>`, `:`, `?=`, `||=` and what languages put before them: `: &str =`, `[] =`.
    fn operator(&self, mut cursor: Cursor<'t>, blanks: bool) -> Reading {
        if cursor.peek() == Some(b'[') {
            let Some(close) = cursor.near(16).iter().position(|&byte| byte == b']') else {
                return Reading::Nothing;
            };
            cursor.at += close + 1;
            cursor.blanks();
        }
        if cursor.eat(b"===") || cursor.eat(b"==") {
            return self.compared(cursor);
        }
        if cursor.has(b"=~") {
            return Reading::Nothing;
        }
        let fallback = [&b"||="[..], b"??=", b"?=", b"+="].iter().any(|op| cursor.eat(op));
        if fallback || cursor.eat(b"=>") || cursor.eat(b":=") || cursor.eat(b"=") {
            // The shell has no blanks around the sign.
            if self.language == Language::Shell && blanks && !fallback {
                return Reading::Nothing;
            }
            return self.value(cursor);
        }
        let elvis =
            cursor.has(b"?:") && matches!(self.language, Language::Kotlin | Language::Java | Language::Php);
        if elvis || [&b"||"[..], b"??"].iter().any(|op| cursor.has(op)) {
            return self.or_nothing(lookup::fallback_here(cursor, self.language), How::Fallback);
        }
        // TypeScript's `name?: string = …`.
        cursor.eat(b"?");
        if !cursor.eat(b":") || cursor.peek() == Some(b':') {
            return Reading::Nothing;
        }
        if self.language == Language::Shell {
            return Reading::Nothing;
        }
        if !has_bare_values(self.language) {
            wrapped::annotation(&mut cursor);
        }
        self.value(cursor)
    }

    /// Whether this is a variable of the environment in a text: `export DB_PASSWORD=…` in a comment or a literal.
    fn is_variable_in_text(&self) -> bool {
        const COMMANDS: [&[u8]; 4] = [b"export", b"$", b"-e", b"--env"];
        let name = &self.text[self.name.clone()];
        let is_upper = name.iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || *b == b'_');
        let behind = self.text.get(self.name.end..self.name.end + 2).unwrap_or_default();
        let begins_a_command = || {
            let line = Cursor::new(self.text, self.name.start).line_before(200).trim_ascii();
            line.is_empty() || COMMANDS.iter().any(|command| line.ends_with(command))
        };
        is_upper
            && name.contains(&b'_')
            && matches!(behind, [b'=', next] if next.is_ascii_alphanumeric())
            && begins_a_command()
    }

    /// Whether a blank is enough between a name and its value.
    fn takes_blank(&self) -> bool {
        let before = || Cursor::new(self.text, self.name.start).line_before(200).trim_ascii();
        match self.language {
            Language::C | Language::Cpp => matches!(before(), b"#define" | b"# define"),
            Language::Dockerfile => before().eq_ignore_ascii_case(b"ENV"),
            // Gradle's settings are calls without brackets.
            Language::Java | Language::Ini | Language::Unknown | Language::Nginx => before().is_empty(),
            _ => false,
        }
    }

    /// A value behind a blank, with which the line ends: `requirepass …`. More words are a sentence.
    fn last_word(&self, mut cursor: Cursor<'t>) -> Reading {
        let Some(value) = literal::bare(&mut cursor, self.language) else { return Reading::Nothing };
        let behind = cursor.near(256).split(|&byte| byte == b'\n').next().unwrap_or_default().trim_ascii();
        let ends = behind.is_empty() || behind.starts_with(b"#") || behind == b";";
        if ends { self.given(value, How::Assigned) } else { Reading::Nothing }
    }

    /// `name string = "…"` in Go, `name or "…"`, `name as string = …`, and the bare values of some languages.
    fn word(&self, mut cursor: Cursor<'t>) -> Reading {
        if cursor.has(b"or ") {
            return self.or_nothing(lookup::fallback_here(cursor, self.language), How::Fallback);
        }
        if self.takes_blank() && has_bare_values(self.language) {
            return self.last_word(cursor);
        }
        if has_bare_values(self.language) {
            return Reading::Nothing;
        }
        cursor.eat(b"as ");
        cursor.run(24, |byte| byte.is_ascii_alphanumeric() || b"[]*.".contains(&byte));
        cursor.blanks();
        if !cursor.eat(b"=") || cursor.peek() == Some(b'=') {
            return Reading::Nothing;
        }
        self.value(cursor)
    }

    /// `set_name("…")`, `.name("…")`, `with_name("…")`.
    fn setter(&self, mut cursor: Cursor<'t>) -> Reading {
        let whole = &self.text[self.name.clone()];
        let name = whole.rsplit(|&byte| byte == b'.').next().unwrap_or(whole);
        let starts = |word: &[u8]| name.get(..word.len()).is_some_and(|n| n.eq_ignore_ascii_case(word));
        let before = self.name.start.checked_sub(1).map_or(b' ', |at| self.text[at]);
        let is_method = name.len() < whole.len() || matches!(before, b'.' | b'>' | b'?');
        let is_setter = is_method || starts(b"set") || starts(b"with") || starts(b"add");
        if !is_setter || [&b"get"[..], b"read", b"is", b"has", b"find"].iter().any(|verb| starts(verb)) {
            return Reading::Nothing;
        }
        cursor.at += 1;
        cursor.gap();
        wrapped::wrappers(&mut cursor);
        let Some(value) = literal::quoted(&mut cursor, self.language) else { return Reading::Nothing };
        // `.into())`, `.to_string()))`
        cursor.gap();
        let behind = cursor.run(24, |byte| byte.is_ascii_alphanumeric() || b"._()".contains(&byte));
        if self.text[behind].contains(&b')') { self.given(value, How::Argument) } else { Reading::Nothing }
    }

    /// `CURLOPT_PASSWORD, "…")`: a constant that says what the argument behind it is.
    fn constant(&self, mut cursor: Cursor<'t>) -> Reading {
        let name = &self.text[self.name.clone()];
        let is_constant = name.contains(&b'_') && name.iter().all(|b| b.is_ascii_uppercase() || *b == b'_');
        if !is_constant {
            return Reading::Nothing;
        }
        cursor.at += 1;
        cursor.gap();
        literal::prefix(&mut cursor);
        let Some(value) = literal::quoted(&mut cursor, self.language) else { return Reading::Nothing };
        if cursor.peek() == Some(b')') { self.given(value, How::Argument) } else { Reading::Nothing }
    }

    /// `name.unwrap_or("…")`, `name.equals("…")`.
    fn method(&self, mut cursor: Cursor<'t>) -> Reading {
        for call in [&b".equals("[..], b".Equals(", b".eq(", b".equalsIgnoreCase("] {
            if cursor.eat(call) {
                return self.compared(cursor);
            }
        }
        self.or_nothing(lookup::fallback_here(cursor, self.language), How::Fallback)
    }

    fn compared(&self, mut cursor: Cursor<'t>) -> Reading {
        cursor.blanks();
        literal::prefix(&mut cursor);
        self.or_nothing(literal::quoted(&mut cursor, self.language), How::Compared)
    }

    /// What stands behind the operator.
    fn value(&self, mut cursor: Cursor<'t>) -> Reading {
        cursor.blanks();
        let start = cursor;
        let in_list = wrapped::wrappers(&mut cursor);
        if let Some(value) = literal::quoted(&mut cursor, self.language) {
            // `"name" ? …`, `"…" in x`: the literal is part of a condition.
            let mut behind = cursor;
            behind.blanks();
            let is_condition = behind.peek() == Some(b'?') && self.language != Language::Make
                || behind.has(b"==")
                || behind.has(b"!=")
                // `["key" => …]`, `["key": …]`: an object.
                || in_list && !matches!(behind.peek(), Some(b']' | b',' | b'\n' | b'\r'));
            return if is_condition { Reading::Nothing } else { self.given(value, How::Assigned) };
        }
        let mut cursor = start;
        if has_bare_values(self.language) {
            if self.language == Language::Yaml && matches!(cursor.peek(), Some(b'|' | b'>')) {
                let indent = Cursor::new(self.text, self.name.start).line_before(200).len();
                return self.or_nothing(literal::block(&mut cursor, indent), How::Assigned);
            }
            return self.or_nothing(literal::bare(&mut cursor, self.language), How::Assigned);
        }
        if self.is_variable_in_text() {
            return self.or_nothing(literal::bare(&mut cursor, Language::Shell), How::Assigned);
        }
        match lookup::expression(cursor, self.language) {
            Expression::Fallback(value) => self.given(value, How::Fallback),
            Expression::LookUp => Reading::LookUp,
            Expression::Other => Reading::Nothing,
        }
    }
}

/// Whether a value may stand without quotes.
fn has_bare_values(language: Language) -> bool {
    matches!(
        language,
        Language::Yaml
            | Language::Ini
            | Language::Properties
            | Language::Dotenv
            | Language::Shell
            | Language::Dockerfile
            | Language::Make
            | Language::Nginx
            | Language::Text
            | Language::Unknown
            | Language::Markdown
    )
}
