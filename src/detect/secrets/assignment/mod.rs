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
use std::rc::Rc;

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
    Given(Rc<Given>),
    /// The name is given something that is looked up elsewhere.
    LookUp,
    /// Nothing is given to it here.
    Nothing,
}

/// The name that covers this hit, as far as it can be told without knowing the language; never an empty one.
pub(super) fn name_at(text: &[u8], hit: Range<usize>) -> Option<Range<usize>> {
    name_around(text, hit, false)
}

/// Reads what is given to a name of [`name_at`].
pub(super) fn read(view: &FileView, mut name: Range<usize>) -> Reading {
    let text = view.bytes();
    // What follows most names ends it here, before anything is known of the file.
    if name.is_empty() || text.get(name.end).is_some_and(|byte| b";*/!&@^".contains(byte)) {
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

/// What a byte may be part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Byte {
    /// Of names.
    Name,
    /// Of names with dots in them: `.`, `/`, `:`.
    Dot,
    Other,
}

static BYTES: [Byte; 256] = {
    let mut bytes = [Byte::Other; 256];
    let mut at = 0;
    while at < 256 {
        bytes[at] = match at as u8 {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'-' => Byte::Name,
            b'.' | b'/' | b':' => Byte::Dot,
            _ => Byte::Other,
        };
        at += 1;
    }
    bytes
};

fn name_around(text: &[u8], hit: Range<usize>, dotted: bool) -> Option<Range<usize>> {
    let belongs = |byte: u8| match BYTES[usize::from(byte)] {
        Byte::Name => true,
        Byte::Dot => dotted,
        Byte::Other => false,
    };
    let before = &text[hit.start.saturating_sub(LONGEST_NAME + 1)..hit.start];
    let before = before.iter().rev().take_while(|&&byte| belongs(byte)).count();
    let behind = &text[hit.end..text.len().min(hit.end + LONGEST_NAME + 1)];
    let behind = behind.iter().take_while(|&&byte| belongs(byte) && byte != b':' && byte != b'/').count();
    let mut name = hit.start - before..hit.end + behind;
    // `--name`, and what only ends a sentence.
    let lead = text[name.clone()].iter().take_while(|b| matches!(b, b'-' | b'.' | b'/' | b':')).count();
    name.start = (name.start + lead).min(hit.start);
    let tail = text[name.clone()].iter().rev().take_while(|b| matches!(b, b'-' | b'.')).count();
    name.end = (name.end - tail).max(hit.end);
    (name.len() <= LONGEST_NAME).then_some(name)
}
