use std::ops::Range;

use memchr::memmem;

use super::tokens::{Token, TokenKind};
use super::value::{literal, split, string};
use super::{CodeSetting, SettingValue};
use crate::model::Language;

/// A variable of the environment that a program reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnvironmentRead {
    /// Its name.
    pub name: String,
    /// The bytes of its name, without quotes.
    pub name_span: Range<usize>,
    /// The bytes of the reading.
    pub span: Range<usize>,
    /// What happens without it.
    pub need: EnvironmentNeed,
}

/// What happens if a variable is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EnvironmentNeed {
    /// Something stands in for it: the literal, if it is one, with its bytes.
    Default(Option<(String, Range<usize>)>),
    /// Nothing does, and the program is told so: it may go on.
    Open,
    /// The program ends.
    Required,
}

/// A reading, as tokens.
struct Found {
    name_at: usize,
    /// The token behind the last one.
    end: usize,
    need: EnvironmentNeed,
}

pub(super) struct Reader<'t> {
    pub(super) text: &'t [u8],
    language: Language,
    pub(super) all: &'t [Token],
    has_decouple: bool,
    imports_environ: bool,
    has_environ: bool,
}

impl<'t> Reader<'t> {
    fn new(text: &'t [u8], language: Language, all: &'t [Token]) -> Self {
        let has = |what: &[u8]| memmem::find(text, what).is_some();
        let is_python = language == Language::Python;
        Self {
            text,
            language,
            all,
            imports_environ: is_python && has(b"from os import"),
            has_decouple: is_python && (has(b"decouple") || has(b"starlette.config")),
            has_environ: is_python
                && (has(b"environ.Env") || has(b"environs") || has(b"from environ import")),
        }
    }

    pub(super) fn word(&self, at: usize) -> &'t [u8] {
        self.all.get(at).filter(|t| t.kind == TokenKind::Word).map_or(b"", |t| &self.text[t.span.clone()])
    }

    pub(super) fn is(&self, at: usize, sign: u8) -> bool {
        self.all.get(at).is_some_and(|token| token.kind == TokenKind::Sign(sign))
    }

    fn is_text(&self, at: usize) -> bool {
        self.all.get(at).is_some_and(|token| token.kind == TokenKind::Text)
    }

    /// `a.b` before this token.
    fn behind(&self, at: usize, word: &[u8]) -> bool {
        let sign = if self.language == Language::Rust { b':' } else { b'.' };
        let len = if sign == b':' { 3 } else { 2 };
        at >= len && self.is(at - 1, sign) && self.word(at - len) == word
    }

    /// Whether `environ` is the one of `os`: servers hand one to programs that is called so too.
    fn is_of_os(&self, at: usize) -> bool {
        self.behind(at, b"os") || self.imports_environ && !(at > 0 && self.is(at - 1, b'.'))
    }

    /// The reading that begins around this token; `at` is the word that tells it.
    fn found(&self, at: usize) -> Option<Found> {
        let word = self.word(at);
        match self.language {
            Language::Python => match word {
                b"environ" if !self.is_of_os(at) => None,
                b"environ" if self.is(at + 1, b'[') && self.is_text(at + 2) && self.is(at + 3, b']') => {
                    self.unless_written(at + 2, at + 4, EnvironmentNeed::Required)
                }
                b"environ" if self.is(at + 1, b'.') && self.word(at + 2) == b"get" => {
                    self.called(at + 3, false)
                }
                b"getenv" => self.called(at + 1, false),
                b"env" | b"config" => {
                    let is_known = if word == b"env" { self.has_environ } else { self.has_decouple };
                    let typed = self.is(at + 1, b'.')
                        && matches!(
                            self.word(at + 2),
                            b"str"
                                | b"bool"
                                | b"int"
                                | b"float"
                                | b"list"
                                | b"url"
                                | b"db"
                                | b"json"
                                | b"path"
                                | b"db_url"
                                | b"cache_url"
                                | b"email_url"
                                | b"dict"
                                | b"tuple"
                                | b"log_level"
                                | b"timedelta"
                        );
                    let is_method = at > 0 && self.is(at - 1, b'.') && self.word(at - 2) != b"self";
                    if is_method {
                        return None;
                    }
                    let found = self.called(if typed { at + 3 } else { at + 1 }, true)?;
                    // Handed on from another module.
                    (is_known || self.is_shouted(found.name_at)).then_some(found)
                }
                _ => self.helper(at),
            },
            Language::JavaScript | Language::TypeScript => {
                let is_meta = self.behind(at, b"meta");
                let is_env = word == b"env" && (self.behind(at, b"process") || is_meta);
                if !is_env {
                    if word == b"env" && self.behind(at, b"Deno") && self.word(at + 2) == b"get" {
                        return self.called(at + 3, false);
                    }
                    return self.helper(at);
                }
                // What Vite says itself: <https://vite.dev/guide/env-and-mode>.
                if is_meta && matches!(self.word(at + 2), b"BASE_URL" | b"MODE" | b"DEV" | b"PROD" | b"SSR") {
                    return None;
                }
                let at = if self.is(at + 1, b'?') { at + 1 } else { at };
                if self.is(at + 1, b'.') && !self.word(at + 2).is_empty() {
                    self.unless_written(at + 2, at + 3, EnvironmentNeed::Open)
                } else if self.is(at + 1, b'[') && self.is_text(at + 2) && self.is(at + 3, b']') {
                    self.unless_written(at + 2, at + 4, EnvironmentNeed::Open)
                } else {
                    None
                }
            }
            Language::Rust => match word {
                b"var" | b"var_os"
                    if self.behind(at, b"env")
                        || self.behind(at, b"dotenvy")
                        || self.behind(at, b"dotenv") =>
                {
                    self.called(at + 1, true)
                }
                // `env!` is read when the program is built, not where it runs.
                b"env" if self.is(at + 1, b'=') && self.is_text(at + 2) => self.clap(at),
                b"env" if self.is(at + 1, b',') || self.is(at + 1, b')') => self.clap(at),
                _ => None,
            },
            Language::Go if matches!(word, b"Getenv" | b"LookupEnv") && self.behind(at, b"os") => {
                self.called(at + 1, false)
            }
            Language::Go => self.helper(at),
            Language::Ruby => match word {
                b"ENV" if self.is(at + 1, b'[') && self.is_text(at + 2) && self.is(at + 3, b']') => {
                    self.unless_written(at + 2, at + 4, EnvironmentNeed::Open)
                }
                b"ENV" if self.is(at + 1, b'.') && self.word(at + 2) == b"fetch" => self.called(at + 3, true),
                _ => None,
            },
            Language::Php => match word {
                b"getenv" | b"env" if at == 0 || !(self.is(at - 1, b'>') || self.is(at - 1, b':')) => {
                    self.called(at + 1, false)
                }
                b"$_ENV" if self.is(at + 1, b'[') && self.is_text(at + 2) && self.is(at + 3, b']') => {
                    self.unless_written(at + 2, at + 4, EnvironmentNeed::Open)
                }
                _ => None,
            },
            Language::Java | Language::Kotlin | Language::Scala => {
                (word == b"getenv" && self.behind(at, b"System")).then(|| self.called(at + 1, false))?
            }
            Language::CSharp => (word == b"GetEnvironmentVariable").then(|| self.called(at + 1, false))?,
            _ => None,
        }
    }

    /// A function of the program's own, by its name: `envbool("A", "1")`, `mustMapEnv(&a, "A")`.
    fn helper(&self, at: usize) -> Option<Found> {
        if !self.is(at + 1, b'(') || at > 0 && matches!(self.word(at - 1), b"def" | b"func" | b"function") {
            return None;
        }
        let name = String::from_utf8_lossy(self.word(at)).to_ascii_lowercase();
        let reads = name.contains("env") || name.contains("getsecret") || name.contains("get_secret");
        let writes = ["set", "del", "put", "has", "environment", "mock", "patch", "clear", "load"];
        if !reads || name.len() > 32 || writes.iter().any(|word| name.contains(word)) {
            return None;
        }
        let close = self.all[at + 1].partner?;
        let parts = split(self.all, at + 2, close);
        let place = parts.iter().take(2).position(|&(from, to)| to - from == 1 && self.is_shouted(from))?;
        let must = name.contains("must") || name.contains("require");
        let need = match parts.get(place + 1) {
            Some(&(from, to)) => self.stand_in(if self.is(from + 1, b'=') { from + 2 } else { from }, to),
            None if must => EnvironmentNeed::Required,
            None => EnvironmentNeed::Open,
        };
        self.unless_written(parts[place].0, close + 1, need)
    }

    /// Whether it is a text in capitals, as variables are called.
    fn is_shouted(&self, at: usize) -> bool {
        self.is_text(at)
            && string(&self.text[self.all[at].span.clone()]).is_some_and(|text| {
                text.len() > 2
                    && text.bytes().any(|b| b.is_ascii_uppercase())
                    && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
            })
    }

    /// `#[arg(long, env = "X", default_value = "y")]`.
    fn clap(&self, at: usize) -> Option<Found> {
        let open = self.all[at].inside?;
        matches!(self.word(open.checked_sub(1)?), b"arg" | b"clap" | b"structopt").then_some(())?;
        let close = self.all[open].partner?;
        let has_default = (open..close).any(|i| self.word(i).starts_with(b"default_value"));
        // Without a name it is that of the field below, in capitals.
        let mut field = close + 2;
        while self.is(field, b'#') {
            field = self.all.get(field + 1)?.partner? + 1;
        }
        if self.word(field) == b"pub" {
            field = if self.is(field + 1, b'(') { self.all[field + 1].partner? + 1 } else { field + 1 };
        }
        let is_field = !self.word(field).is_empty() && self.is(field + 1, b':');
        // What is no `Option`, no list and no switch must be given.
        let is_open = !is_field || matches!(self.word(field + 2), b"Option" | b"Vec" | b"bool");
        let is_named = self.is_text(at + 2);
        let need = match (has_default, is_open) {
            (true, _) => EnvironmentNeed::Default(None),
            (false, true) => EnvironmentNeed::Open,
            (false, false) => EnvironmentNeed::Required,
        };
        if is_named {
            return Some(Found { name_at: at + 2, end: at + 3, need });
        }
        is_field.then_some(Found { name_at: field, end: field + 1, need })
    }

    /// `("X")`, `("X", default)`, `("X", default=…)`; and what stands behind.
    fn called(&self, open: usize, is_required: bool) -> Option<Found> {
        if !self.is(open, b'(') {
            return None;
        }
        let close = self.all[open].partner?;
        let parts = split(self.all, open + 1, close);
        let &(name_at, name_end) = parts.first()?;
        if name_end - name_at != 1 || !self.is_text(name_at) {
            return None;
        }
        let mut need = if is_required { EnvironmentNeed::Required } else { EnvironmentNeed::Open };
        for (place, &(from, to)) in parts.iter().enumerate().skip(1) {
            let named = to > from + 2 && self.is(from + 1, b'=');
            // `config("X", cast=bool)` has none; `config("X", "y")` does.
            if named && self.word(from) == b"default" {
                need = self.stand_in(from + 2, to);
            } else if !named && place == 1 {
                need = self.stand_in(from, to);
            }
        }
        self.unless_written(name_at, close + 1, need)
    }

    /// What is there in its place. `None` of Python is nothing.
    fn stand_in(&self, from: usize, to: usize) -> EnvironmentNeed {
        match literal(self.text, self.all, from, to, 0) {
            Some(none) if none == "none" => EnvironmentNeed::Open,
            Some(text) => {
                EnvironmentNeed::Default(Some((text, self.all[from].span.start..self.all[to - 1].span.end)))
            }
            None => EnvironmentNeed::Default(None),
        }
    }

    /// A reading, with what follows it; `None` if the variable is set there.
    fn unless_written(&self, name_at: usize, end: usize, need: EnvironmentNeed) -> Option<Found> {
        if self.is(end, b'=') && !self.is(end + 1, b'=') && !self.is(end + 1, b'~') {
            return None;
        }
        let mut found = Found { name_at, end, need };
        let literal_at = |at: usize| {
            let token = self.all.get(at)?;
            (token.kind == TokenKind::Text).then(|| self.stand_in(at, at + 1))
        };
        // `parseInt(process.env.A, 10) || 5`, `int(os.getenv("A")) or 5`.
        if found.need == EnvironmentNeed::Open
            && let Some(open) = self.all.get(end - 1).and_then(|t| t.inside).filter(|open| *open > 0)
            && matches!(
                self.word(open - 1),
                b"parseInt" | b"parseFloat" | b"Number" | b"Boolean" | b"int" | b"float" | b"str"
            )
            && let Some(close) = self.all[open].partner
            && (self.word(close + 1) == b"or"
                || (self.is(close + 1, b'|') && self.is(close + 2, b'|'))
                || (self.is(close + 1, b'?') && self.is(close + 2, b'?')))
        {
            found.need = EnvironmentNeed::Default(None);
        }
        match self.language {
            // Nothing, or another variable, stands in for it.
            Language::Python
                if self.word(end) == b"or"
                    && (matches!(self.word(end + 1), b"None" | b"environ" | b"getenv")
                        || self.word(end + 1) == b"os"
                            && matches!(self.word(end + 3), b"environ" | b"getenv")) => {}
            Language::Ruby
                if (self.is(end, b'{') || self.word(end) == b"do")
                    && found.need == EnvironmentNeed::Required =>
            {
                found.need = EnvironmentNeed::Default(None);
            }
            Language::Python if self.word(end) == b"or" => {
                found.need = literal_at(end + 1).unwrap_or(EnvironmentNeed::Default(None));
                found.end = end + 2;
            }
            Language::JavaScript | Language::TypeScript | Language::Ruby => {
                let twice = |sign| self.is(end, sign) && self.is(end + 1, sign);
                let elvis = self.is(end, b'|') && self.is(end + 1, b'|') || twice(b'?');
                if elvis {
                    found.need = literal_at(end + 2).unwrap_or(EnvironmentNeed::Default(None));
                    found.end = end + 3;
                } else if self.is(end, b'!') && !self.is(end + 1, b'=') {
                    found.need = EnvironmentNeed::Required;
                }
            }
            Language::Php | Language::Kotlin | Language::CSharp
                if self.is(end, b'?') && (self.is(end + 1, b'?') || self.is(end + 1, b':')) =>
            {
                found.need = literal_at(end + 2).unwrap_or(EnvironmentNeed::Default(None));
                found.end = end + 3;
            }
            Language::Rust => self.chain(&mut found),
            _ => {}
        }
        Some(found)
    }

    /// `.unwrap_or("x")`, `.ok()`, `?`.
    fn chain(&self, found: &mut Found) {
        found.need = EnvironmentNeed::Open;
        // With `?` whoever called decides.
        let mut at = found.end;
        for _ in 0..6 {
            if !self.is(at, b'.') {
                return;
            }
            let (method, open) = (self.word(at + 1), at + 2);
            let Some(close) = self.all.get(open).filter(|_| self.is(open, b'(')).and_then(|t| t.partner)
            else {
                return;
            };
            match method {
                b"unwrap" | b"expect" => found.need = EnvironmentNeed::Required,
                b"unwrap_or_default" => found.need = EnvironmentNeed::Default(None),
                b"unwrap_or" | b"unwrap_or_else" | b"map_or" | b"map_or_else" | b"unwrap_or_log" => {
                    let text = (open + 1..close).find(|&i| self.is_text(i));
                    found.need = text.map_or(EnvironmentNeed::Default(None), |i| self.stand_in(i, i + 1));
                }
                b"ok" | b"is_ok" | b"is_err" | b"map" | b"map_err" | b"and_then" | b"parse" | b"context"
                | b"with_context" | b"as_deref" | b"filter" | b"ok_or" | b"ok_or_else" | b"into_string" => {}
                _ => return,
            }
            found.end = close + 1;
            at = close + 1;
        }
    }

    fn read(&self, first: usize, found: Found) -> Option<EnvironmentRead> {
        let token = &self.all[found.name_at];
        let raw = &self.text[token.span.clone()];
        let (name, name_span) = if token.kind == TokenKind::Text {
            let name = string(raw)?;
            let end = token.span.end - 1;
            (name.clone(), end - name.len().min(end)..end)
        } else {
            let name = String::from_utf8_lossy(raw).into_owned();
            // In Rust it is the field of a command line.
            let is_field = self.language == Language::Rust;
            (if is_field { name.to_ascii_uppercase() } else { name }, token.span.clone())
        };
        let span = self.all[first].span.start..self.all[found.end.min(self.all.len()) - 1].span.end;
        is_variable(&name).then_some(EnvironmentRead { name, name_span, span, need: found.need })
    }
}

/// Whether a variable may be called so.
pub(super) fn is_variable(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes.next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'_')
        && bytes.all(|b| b.is_ascii_alphanumeric() || b == b'_')
        && name.len() <= 128
}

/// The value, if it is a reading of the environment and nothing else.
pub(super) fn whole(
    text: &[u8],
    language: Language,
    all: &[Token],
    from: usize,
    to: usize,
) -> Option<SettingValue> {
    let mut reader = Reader::new(b"", language, all);
    reader.text = text;
    reader.imports_environ = true;
    let reach = to.min(from + 6);
    let (at, found) = (from..reach).find_map(|at| reader.found(at).map(|found| (at, found)))?;
    // What stands before must lead to it: `os.`, `std::`.
    if (from..at).any(|i| all[i].kind == TokenKind::Text || reader.is(i, b'(')) || found.end > to {
        return None;
    }
    let read = reader.read(from, found)?;
    let default = match read.need {
        EnvironmentNeed::Default(Some((text, _))) => Some(text),
        _ => None,
    };
    Some(SettingValue::Environment { name: read.name, default })
}

/// All readings of a program, in order.
pub(super) fn reads(
    text: &[u8],
    language: Language,
    all: &[Token],
    settings: &[CodeSetting],
) -> Vec<EnvironmentRead> {
    let reader = Reader::new(text, language, all);
    let mut reads = Vec::new();
    for (at, token) in all.iter().enumerate() {
        if token.kind != TokenKind::Word {
            continue;
        }
        if let Some(read) = reader.found(at).and_then(|found| reader.read(at, found)) {
            reads.push(read);
        }
        if language != Language::Python && reader.word(at) == b"env" && reader.behind(at, b"process") {
            reads.extend(destructured(&reader, at));
        }
    }
    let is_pydantic = || {
        memmem::find(text, b"BaseSettings").is_some()
            || memmem::find(text, b"Settings):").is_some() && memmem::find(text, b"pydantic").is_some()
    };
    if language == Language::Python && is_pydantic() {
        reads.extend(super::fields::fields(&reader, settings));
    }
    reads.sort_by_key(|read| (read.name_span.start, read.name_span.end));
    reads.dedup_by_key(|read| read.name_span.start);
    reads
}

/// `const { A, B = "x" } = process.env`.
fn destructured(reader: &Reader, at: usize) -> Vec<EnvironmentRead> {
    let process = at - 2;
    if process < 2
        || !reader.is(process - 1, b'=')
        || !reader.is(process - 2, b'}')
        || reader.is(at + 1, b'.')
    {
        return Vec::new();
    }
    let Some(open) = reader.all[process - 2].partner else { return Vec::new() };
    split(reader.all, open + 1, process - 2)
        .into_iter()
        .filter_map(|(from, to)| {
            let name = String::from_utf8_lossy(reader.word(from)).into_owned();
            let equals = (from..to).find(|&i| reader.is(i, b'='));
            let need = match equals {
                Some(sign) if sign + 1 < to => reader.stand_in(sign + 1, to),
                _ => EnvironmentNeed::Open,
            };
            let span = reader.all[from].span.start..reader.all[to - 1].span.end;
            is_variable(&name).then(|| EnvironmentRead {
                name,
                name_span: reader.all[from].span.clone(),
                span,
                need,
            })
        })
        .collect()
}
