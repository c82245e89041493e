//! What a program sets: names that are given values, and calls with their arguments.
//!
//! No grammar of a language: words, strings and brackets, as the masker tells them. What is not understood is a
//! value that nobody judges ([`SettingValue::Other`]).

mod environment;
mod fields;
mod guard;
mod read;
#[cfg(test)]
mod tests;
mod tokens;
mod value;

use std::cell::OnceCell;
use std::collections::HashMap;
use std::ops::Range;

pub use environment::{EnvironmentNeed, EnvironmentRead};

use self::tokens::{Token, tokens};
use super::Regions;
use crate::model::Language;

/// What a program sets and calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeSettings {
    language: Language,
    tokens: Vec<Token>,
    /// Names that are given a value once.
    given: OnceCell<HashMap<String, usize>>,
    /// In order of the name.
    pub settings: Vec<CodeSetting>,
    /// In order of the callee.
    pub calls: Vec<CodeCall>,
}

/// A name that is given a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeSetting {
    /// The name: of `app.config["DEBUG"]` it is `DEBUG`, of `response.headers.x` it is `x`.
    pub name: String,
    /// What it is a part of: `app.config`, the name of a class, the call (as in [`Self::call`]) or the name that an object
    /// is given to. Empty for a name of the module.
    pub holder: String,
    /// The call that it is an argument of, as a place in [`CodeSettings::calls`].
    pub call: Option<usize>,
    /// The bytes of the name, without quotes.
    pub name_span: Range<usize>,
    /// The bytes of the value.
    pub value_span: Range<usize>,
    /// The value.
    pub value: SettingValue,
}

/// A call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeCall {
    /// Who is called, without blanks: `app.run`, `Cookie::build`, `secure` in a chain behind another call.
    pub callee: String,
    /// The bytes of the callee.
    pub callee_span: Range<usize>,
    /// From the callee to the closing bracket.
    pub span: Range<usize>,
    /// Arguments without a name, in order.
    pub positional: Vec<(Range<usize>, SettingValue)>,
    /// The call before it in a chain, as a place in [`CodeSettings::calls`].
    pub receiver: Option<usize>,
}

/// What a name is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SettingValue {
    /// A literal, in one form for all languages: `true`, `none`, `12`, the text of a string, `[a,b]`.
    Literal(String),
    /// Another name: `settings.debug`, `Config::default`.
    Name(String),
    /// A variable of the environment.
    Environment {
        /// Its name.
        name: String,
        /// The literal that stands in for it.
        default: Option<String>,
    },
    /// A string put together: interpolated, added, formatted.
    Built,
    /// Anything else.
    Other,
}

/// Nobody writes longer lines of code, in bytes.
const LONGEST_LINE: usize = 8 << 10;

/// Whether the text is code that a build packed into long lines.
pub fn is_packed(text: &[u8]) -> bool {
    let mut start = 0;
    while text.len() - start > LONGEST_LINE {
        // The last end of a line within reach.
        match memchr::memrchr(b'\n', &text[start..=start + LONGEST_LINE]) {
            Some(end) => start += end + 1,
            None => return true,
        }
    }
    false
}

impl CodeSettings {
    /// Reads a program. Never fails. One that was packed into long lines is the output of a build, sets nothing that
    /// anybody wrote there, and is taken for empty: reading it would cost fifty times what searching it does.
    pub fn new<'r>(language: Language, text: &[u8], regions: impl FnOnce() -> &'r Regions) -> Self {
        let tokens = if is_packed(text) { Vec::new() } else { tokens(text, language, regions()) };
        let (settings, calls) = read::read(text, language, &tokens);
        Self { language, tokens, given: OnceCell::new(), settings, calls }
    }

    /// The settings whose name holds this offset.
    pub fn at(&self, offset: usize) -> Option<&CodeSetting> {
        let after = self.settings.partition_point(|s| s.name_span.start <= offset);
        self.settings[..after].last().filter(|s| s.name_span.contains(&offset))
    }

    /// The call whose callee holds this offset.
    pub fn call_at(&self, offset: usize) -> Option<(usize, &CodeCall)> {
        let after = self.calls.partition_point(|c| c.callee_span.start <= offset);
        self.calls[..after].last().filter(|c| c.callee_span.contains(&offset)).map(|c| (after - 1, c))
    }

    /// The argument of this name.
    pub fn argument(&self, call: usize, name: &str) -> Option<&CodeSetting> {
        self.arguments(call).find(|s| s.name == name)
    }

    /// The arguments that have names.
    pub fn arguments(&self, call: usize) -> impl Iterator<Item = &CodeSetting> {
        let span = self.calls.get(call).map_or(0..0, |call| call.span.clone());
        let from = self.settings.partition_point(|s| s.name_span.start < span.start);
        self.settings[from..]
            .iter()
            .take_while(move |s| s.name_span.start < span.end)
            .filter(move |s| s.call == Some(call))
    }

    /// What the value comes to: a name of the same file that is given one literal, once, is that literal.
    pub fn resolved<'s>(&'s self, value: &'s SettingValue) -> &'s SettingValue {
        let SettingValue::Name(name) = value else { return value };
        let given = self.given.get_or_init(|| {
            let mut given: HashMap<&str, Option<usize>> = HashMap::new();
            for (at, setting) in self.settings.iter().enumerate().filter(|(_, s)| s.call.is_none()) {
                given.entry(&setting.name).and_modify(|known| *known = None).or_insert(Some(at));
            }
            given.into_iter().filter_map(|(name, at)| Some((name.to_owned(), at?))).collect()
        });
        match given.get(name).map(|at| &self.settings[*at].value) {
            Some(literal @ SettingValue::Literal(_)) => literal,
            _ => value,
        }
    }

    /// The condition that decides whether this place is reached: the bytes of `if …`, of the name of a function or class
    /// for development, of an attribute. `None` if nothing does.
    pub fn guard(&self, text: &[u8], offset: usize) -> Option<Range<usize>> {
        guard::guard(text, self.language, &self.tokens, offset)
    }

    /// What decides whether a variable that is read here must be there: [`Self::guard`], `try`, a function.
    pub fn condition(&self, text: &[u8], offset: usize) -> Option<Range<usize>> {
        guard::condition(text, self.language, &self.tokens, offset)
    }

    /// The variables of the environment that the program reads, in order.
    pub fn environment(&self, text: &[u8]) -> Vec<EnvironmentRead> {
        environment::reads(text, self.language, &self.tokens, &self.settings)
    }
}
