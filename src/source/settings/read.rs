use std::collections::HashMap;

use super::tokens::{Token, TokenKind};
use super::value::{path, split, string, value};
use super::{CodeCall, CodeSetting, SettingValue};
use crate::model::Language;

/// Words before a bracket that call nothing.
const NO_CALL: &[&[u8]] = &[
    b"if",
    b"elif",
    b"while",
    b"for",
    b"switch",
    b"catch",
    b"return",
    b"match",
    b"in",
    b"and",
    b"or",
    b"not",
    b"with",
    b"else",
    b"except",
    b"await",
    b"function",
    b"fn",
    b"def",
    b"lambda",
    b"assert",
    b"del",
    b"raise",
    b"yield",
];
/// Words before a name that is declared there: its bracket holds parameters.
const DECLARES: &[&[u8]] = &[b"def", b"fn", b"function", b"class", b"func"];
/// Words before a name that is given a value.
const BEFORE_NAME: &[&[u8]] = &[
    b"const",
    b"let",
    b"var",
    b"export",
    b"pub",
    b"static",
    b"mut",
    b"final",
    b"readonly",
    b"private",
    b"public",
    b"protected",
    b"internal",
];

/// So many words are looked at for the beginning of a statement.
const REACH: usize = 24;

/// What a bracket holds.
#[derive(Debug, Clone, Default)]
struct Context {
    call: Option<usize>,
    holder: String,
    prefix: String,
}

pub(super) fn read(text: &[u8], language: Language, all: &[Token]) -> (Vec<CodeSetting>, Vec<CodeCall>) {
    let mut reader = Reader {
        text,
        language,
        all,
        settings: Vec::new(),
        calls: Vec::new(),
        contexts: HashMap::new(),
        closed: HashMap::new(),
        classes: Vec::new(),
        line: 0,
    };
    for at in 0..all.len() {
        reader.take(at);
    }
    let Reader { mut settings, calls, .. } = reader;
    settings.sort_by_key(|setting| (setting.name_span.start, setting.name_span.end));
    settings.dedup_by_key(|setting| setting.name_span.start);
    (settings, calls)
}

struct Reader<'t> {
    text: &'t [u8],
    language: Language,
    all: &'t [Token],
    settings: Vec<CodeSetting>,
    calls: Vec<CodeCall>,
    /// What the brackets hold, by their token.
    contexts: HashMap<usize, Context>,
    /// Calls by their closing bracket.
    closed: HashMap<usize, usize>,
    /// Classes around, with their column.
    classes: Vec<(usize, String)>,
    /// Where the line of the last token begins.
    line: usize,
}

impl Reader<'_> {
    fn word(&self, at: usize) -> &[u8] {
        &self.text[self.all[at].span.clone()]
    }

    fn is(&self, at: usize, sign: u8) -> bool {
        self.all.get(at).is_some_and(|token| token.kind == TokenKind::Sign(sign))
    }

    /// Whether a line begins with this token.
    fn begins_line(&self, at: usize) -> bool {
        let Some(before) = at.checked_sub(1) else { return true };
        let gap = self.all[before].span.end..self.all[at].span.start;
        memchr::memchr(b'\n', &self.text[gap]).is_some() && !self.is(before, b'\\')
    }

    fn take(&mut self, at: usize) {
        let begins = self.begins_line(at);
        if begins {
            let start = self.all[at].span.start;
            let floor = at.checked_sub(1).map_or(0, |before| self.all[before].span.end);
            self.line = memchr::memrchr(b'\n', &self.text[floor..start]).map_or(floor, |n| floor + n + 1);
        }
        match self.all[at].kind {
            TokenKind::Word
                if begins && self.language == Language::Python && self.all[at].inside.is_none() =>
            {
                let column = self.all[at].span.start - self.line;
                self.classes.retain(|(its, _)| *its < column);
                if self.word(at) == b"class" && at + 1 < self.all.len() {
                    let name = String::from_utf8_lossy(self.word(at + 1)).into_owned();
                    self.classes.push((column, name));
                }
            }
            TokenKind::Sign(b'(') => self.call(at),
            TokenKind::Sign(b'{') => self.object(at, b':'),
            TokenKind::Sign(b'[') if self.language == Language::Php => self.object(at, b'='),
            TokenKind::Sign(b'=') => self.assignment(at),
            _ => {}
        }
    }

    /// Where the path of words ends at `last` begins.
    fn path_start(&self, last: usize) -> usize {
        let mut first = last;
        loop {
            let mut before = first;
            let mut dots = 0;
            while before > 0
                && (self.is(before - 1, b'.') || self.is(before - 1, b':') || self.is(before - 1, b'?'))
                && dots < 3
            {
                before -= 1;
                dots += 1;
            }
            // `a ? b : c(…)` and `key: call(…)` are no paths.
            let joins = match dots {
                1 => self.is(before, b'.'),
                2 => {
                    !self.is(before, b'.')
                        && !self.is(before + 1, b'?')
                        && (self.is(before, b':') == self.is(before + 1, b':'))
                        || self.is(before, b'?') && self.is(before + 1, b'.')
                }
                _ => false,
            };
            if joins && before > 0 && self.all[before - 1].kind == TokenKind::Word {
                first = before - 1;
            } else {
                return first;
            }
        }
    }

    fn text_of(&self, from: usize, to: usize) -> String {
        /// Longer ones are nobody's name.
        const LONGEST: usize = 160;
        let end = self.all[to - 1].span.end;
        if end - self.all[from].span.start > LONGEST {
            return String::new();
        }
        path(self.text, self.all, from, to).unwrap_or_default()
    }

    fn call(&mut self, open: usize) {
        let Some(close) = self.all[open].partner.filter(|close| *close > open) else { return };
        let Some(mut last) = open.checked_sub(1) else { return };
        let is_macro = self.is(last, b'!');
        if is_macro {
            let Some(before) = last.checked_sub(1) else { return };
            last = before;
        }
        if self.all[last].kind != TokenKind::Word || NO_CALL.contains(&self.word(last)) {
            return;
        }
        let first = self.path_start(last);
        let before = first.checked_sub(1);
        if before.is_some_and(|b| self.all[b].kind == TokenKind::Word && DECLARES.contains(&self.word(b))) {
            return;
        }
        let receiver = before
            .filter(|&b| self.is(b, b'.'))
            .and_then(|b| b.checked_sub(1))
            .map(|b| if self.is(b, b'?') && b > 0 { b - 1 } else { b })
            .and_then(|b| self.closed.get(&b).copied());
        let mut callee = self.text_of(first, last + 1);
        if is_macro {
            callee.push('!');
        }
        let index = self.calls.len();
        let mut positional = Vec::new();
        for (from, to) in split(self.all, open + 1, close) {
            let is_word = self.all[from].kind == TokenKind::Word;
            let named = to > from + 2
                && is_word
                && match self.language {
                    Language::Python | Language::Kotlin => {
                        self.is(from + 1, b'=') && !self.is(from + 2, b'=')
                    }
                    Language::Ruby | Language::Php | Language::CSharp | Language::Swift => {
                        self.is(from + 1, b':') && !self.is(from + 2, b':')
                    }
                    // Attributes: `#[arg(env = "X")]`.
                    Language::Rust => self.is(from + 1, b'=') && !self.is(from + 2, b'='),
                    _ => false,
                };
            if named {
                let name = String::from_utf8_lossy(self.word(from)).into_owned();
                self.setting(name, callee.clone(), Some(index), from, from + 2, to);
            } else {
                let span = self.all[from].span.start..self.all[to - 1].span.end;
                positional.push((span, value(self.text, self.language, self.all, from, to)));
            }
        }
        self.closed.insert(close, index);
        self.contexts
            .insert(open, Context { call: Some(index), holder: callee.clone(), prefix: String::new() });
        self.calls.push(CodeCall {
            callee,
            callee_span: self.all[first].span.start..self.all[last].span.end,
            span: self.all[first].span.start..self.all[close].span.end,
            positional,
            receiver,
        });
    }

    fn setting(
        &mut self,
        name: String,
        holder: String,
        call: Option<usize>,
        at: usize,
        from: usize,
        to: usize,
    ) {
        if from >= to {
            return;
        }
        let mut name_span = self.all[at].span.clone();
        if self.all[at].kind == TokenKind::Text && name_span.len() >= 2 {
            name_span = name_span.start + 1..name_span.end - 1;
        }
        let value_span = self.all[from].span.start..self.all[to - 1].span.end;
        let value = value(self.text, self.language, self.all, from, to);
        self.settings.push(CodeSetting { name, holder, call, name_span, value_span, value });
    }

    /// The entries of `{…}`.
    fn object(&mut self, open: usize, sign: u8) {
        let Some(close) = self.all[open].partner.filter(|close| *close > open) else { return };
        let context = self.context_of(open);
        self.contexts.insert(open, context.clone());
        for (from, to) in split(self.all, open + 1, close) {
            if !self.is(from + 1, sign) {
                continue;
            }
            let value_from = match sign {
                // `'a' => b`
                b'=' if self.is(from + 2, b'>') => from + 3,
                b':' if !self.is(from + 2, b':') => from + 2,
                _ => continue,
            };
            let key = match self.all[from].kind {
                TokenKind::Word => Some(String::from_utf8_lossy(self.word(from)).into_owned()),
                TokenKind::Text => string(self.word(from)),
                TokenKind::Sign(_) => None,
            };
            let Some(key) = key else { continue };
            let name = format!("{}{key}", context.prefix);
            if value_from < to && name.len() < 128 {
                self.setting(name, context.holder.clone(), context.call, from, value_from, to);
            }
        }
    }

    /// What the object that is opened here belongs to.
    fn context_of(&self, open: usize) -> Context {
        let Some(before) = open.checked_sub(1) else { return Context::default() };
        let around = self.all[open].inside.and_then(|inside| self.contexts.get(&inside));
        if self.is(before, b'(') || self.is(before, b',') {
            return around.cloned().unwrap_or_default();
        }
        // `key: {` and `"key" => {`.
        let key = if self.is(before, b':') {
            before.checked_sub(1)
        } else if self.is(before, b'>') && before > 1 {
            Some(before - 2)
        } else {
            None
        };
        if let (Some(key), Some(around)) = (key, around) {
            let key = match self.all[key].kind {
                TokenKind::Word => String::from_utf8_lossy(self.word(key)).into_owned(),
                TokenKind::Text => string(self.word(key)).unwrap_or_default(),
                TokenKind::Sign(_) => return around.clone(),
            };
            let prefix = format!("{}{key}.", around.prefix);
            return if prefix.len() < 128 { Context { prefix, ..around.clone() } } else { around.clone() };
        }
        if self.is(before, b'=') && before > 0 && self.all[before - 1].kind == TokenKind::Word {
            let first = self.path_start(before - 1);
            // An argument `headers={…}` belongs to the call too.
            let call = around.and_then(|around| around.call);
            return Context { call, holder: self.text_of(first, before), prefix: String::new() };
        }
        // `Struct {`.
        if self.all[before].kind == TokenKind::Word {
            let first = self.path_start(before);
            return Context { holder: self.text_of(first, before + 1), ..Context::default() };
        }
        Context::default()
    }

    /// `name = value`, `a.b["name"] = value`, `const NAME: type = value`.
    fn assignment(&mut self, sign: usize) {
        let adjoins = |a: usize, b: usize| self.all[a].span.end == self.all[b].span.start;
        if sign == 0 || sign + 1 >= self.all.len() {
            return;
        }
        let next_is = |byte| self.is(sign + 1, byte) && adjoins(sign, sign + 1);
        let previous_is = |bytes: &[u8]| {
            matches!(self.all[sign - 1].kind, TokenKind::Sign(b) if bytes.contains(&b))
                && adjoins(sign - 1, sign)
        };
        if next_is(b'=') || next_is(b'>') || next_is(b'~') || previous_is(b"=!<>+-*/%&|^:~") {
            return;
        }
        let inside = self.all[sign].inside;
        // Arguments are taken with their call.
        if inside.is_some_and(|open| !self.is(open, b'{')) {
            return;
        }
        // Back to the beginning of the statement.
        let mut first = sign;
        while first > 0 && sign - first < REACH {
            if self.begins_line(first) && first != sign {
                break;
            }
            let previous = &self.all[first - 1];
            let mut to = first - 1;
            match previous.kind {
                TokenKind::Sign(b';' | b'{' | b'}') => break,
                TokenKind::Sign(b']' | b')') => match previous.partner {
                    Some(open) => to = open,
                    None => break,
                },
                _ => {}
            }
            first = to;
        }
        while first < sign
            && self.all[first].kind == TokenKind::Word
            && BEFORE_NAME.contains(&self.word(first))
        {
            first += 1;
        }
        if first >= sign || self.all[first].kind != TokenKind::Word {
            return;
        }
        // The path, and what it is subscripted with.
        let mut last = first;
        while last + 2 < sign && self.all[last + 2].kind == TokenKind::Word && self.is(last + 1, b'.') {
            last += 2;
        }
        let (name_at, name, holder, behind) = if self.is(last + 1, b'[')
            && self.all.get(last + 2).is_some_and(|t| t.kind == TokenKind::Text)
            && self.is(last + 3, b']')
        {
            let Some(name) = string(self.word(last + 2)) else { return };
            (last + 2, name, self.text_of(first, last + 1), last + 4)
        } else {
            let name = String::from_utf8_lossy(self.word(last)).into_owned();
            let holder = if last > first { self.text_of(first, last - 1) } else { String::new() };
            (last, name, holder, last + 1)
        };
        // A type may stand between.
        if behind != sign && !self.is(behind, b':') {
            return;
        }
        let holder = match self.classes.last() {
            Some((_, class)) if holder.is_empty() && inside.is_none() => {
                let column = self.all[first].span.start.saturating_sub(self.line);
                if column > 0 { class.clone() } else { holder }
            }
            _ => holder,
        };
        let to = self.statement_end(sign + 1, inside);
        self.setting(name, holder, None, name_at, sign + 1, to);
    }

    /// Where the value that begins here ends.
    fn statement_end(&self, from: usize, inside: Option<usize>) -> usize {
        let mut at = from;
        while at < self.all.len() {
            let token = &self.all[at];
            if token.inside != inside && token.partner.is_none_or(|p| p < from) {
                break;
            }
            if at > from && self.begins_line(at) && self.language != Language::Rust {
                let goes_on = matches!(token.kind, TokenKind::Sign(b'.' | b'?' | b':' | b'|' | b'&' | b'+'))
                    && self.language != Language::Python
                    || matches!(
                        self.all[at - 1].kind,
                        TokenKind::Sign(b'.' | b'?' | b'|' | b'&' | b'+' | b'=')
                    );
                if !goes_on {
                    break;
                }
            }
            match token.kind {
                TokenKind::Sign(b';' | b'}' | b')' | b']') => break,
                TokenKind::Sign(b'(' | b'[' | b'{') => match token.partner {
                    Some(close) if close > at => at = close,
                    _ => break,
                },
                _ => {}
            }
            at += 1;
        }
        at
    }
}

/// Whether the value says that nobody knows it.
impl SettingValue {
    /// The literal, if it is one.
    pub fn literal(&self) -> Option<&str> {
        match self {
            Self::Literal(text) => Some(text),
            _ => None,
        }
    }
}
