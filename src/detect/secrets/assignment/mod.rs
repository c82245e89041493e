//! What a name is given, in many languages: a hit inside a name, and the literal that the text gives to it.
//!
//! No grammar of a language is needed for that, only what may stand between a name and a literal: the rest of a
//! key's quotes, a type, an operator, a constructor, a look-up with a literal to fall back on.

mod cursor;
mod entry;
mod literal;
mod lookup;
mod reader;
#[cfg(test)]
mod tests;
mod wrapped;

use std::ops::Range;

pub(super) use self::literal::Literal;
use self::reader::Reader;
use crate::model::Language;
use crate::source::FileView;

/// Names longer than this are none.
const LONGEST_NAME: usize = 96;

/// A name and the literal that it is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Given {
    /// The whole name, dots and dashes included where they belong to it.
    pub(super) name: Range<usize>,
    /// The literal.
    pub(super) value: Literal,
    /// In which way.
    pub(super) how: How,
}

/// In which way a name is given a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    /// `name = value`, `name: value`, and so on.
    Assigned,
    /// What is taken where a look-up finds nothing.
    Fallback,
    /// An argument: `set_name("value")`, `put("name", "value")`.
    Argument,
    /// A member of its own: `{"name": "NAME", "value": "value"}`, `<name>value</name>`.
    Entry,
    /// The name is compared with it.
    Compared,
}

/// What stands at a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Reading {
    /// A literal.
    Given(Given),
    /// The name is given something that is looked up elsewhere.
    LookUp,
    /// Nothing is given to it here.
    Nothing,
}

/// Reads what is given to the name that covers this hit.
pub(super) fn read(view: &FileView, hit: Range<usize>) -> Reading {
    let text = view.bytes();
    // What follows most names ends it here, before anything is known of the file.
    let Some(mut name) = name_around(text, hit, false) else { return Reading::Nothing };
    if text.get(name.end).is_some_and(|byte| b";*/!&@^".contains(byte)) {
        return Reading::Nothing;
    }
    let language = view.language();
    if is_dotted(language) || matches!(text.get(name.start.wrapping_sub(1)), Some(b'"' | b'\'' | b'.')) {
        name = name_around(text, name, true).unwrap_or(0..0);
    }
    if name.is_empty() {
        return Reading::Nothing;
    }
    Reader { text, language, name }.read()
}

/// Whether names hold dots: `spring.datasource.password=…`.
fn is_dotted(language: Language) -> bool {
    matches!(
        language,
        Language::Yaml | Language::Ini | Language::Properties | Language::Dotenv | Language::Toml
    )
}

fn name_around(text: &[u8], hit: Range<usize>, dotted: bool) -> Option<Range<usize>> {
    let belongs = |byte: &u8| {
        byte.is_ascii_alphanumeric()
            || matches!(byte, b'_' | b'-')
            || dotted && matches!(byte, b'.' | b'/' | b':')
    };
    let before = text[..hit.start].iter().rev().take(LONGEST_NAME + 1).take_while(|b| belongs(b)).count();
    let behind = |byte: &u8| belongs(byte) && *byte != b':' && *byte != b'/';
    let after = text[hit.end..].iter().take(LONGEST_NAME + 1).take_while(|b| behind(b)).count();
    let mut name = hit.start - before..hit.end + after;
    // `--name`, and what only ends a sentence.
    let lead = text[name.clone()].iter().take_while(|b| matches!(b, b'-' | b'.' | b'/' | b':')).count();
    name.start = (name.start + lead).min(hit.start);
    let tail = text[name.clone()].iter().rev().take_while(|b| matches!(b, b'-' | b'.')).count();
    name.end = (name.end - tail).max(hit.end);
    (name.len() <= LONGEST_NAME).then_some(name)
}
