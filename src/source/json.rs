use std::borrow::Cow;
use std::ops::Range;

use jsonc_parser::ast::{ObjectPropName, Value};
use jsonc_parser::common::Ranged;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};

use super::Regions;
use super::problem::{ParseProblem, check_depth, utf8};
use crate::model::Language;

/// A JSON document, with comments and trailing commas allowed (<https://jsonc.org>).
#[derive(Debug, Clone, PartialEq)]
pub struct JsonDocument<'a> {
    /// The value; `None` if there are but blanks and comments.
    pub root: Option<JsonNode<'a>>,
}

/// A value and its bytes.
#[derive(Debug, Clone, PartialEq)]
pub struct JsonNode<'a> {
    /// The bytes, a string's quotes and an object's braces included.
    pub span: Range<usize>,
    /// What it is.
    pub value: JsonValue<'a>,
}

/// What a JSON value is.
#[derive(Debug, Clone, PartialEq)]
pub enum JsonValue<'a> {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// A number as written.
    Number(&'a str),
    /// A string, decoded.
    String(Cow<'a, str>),
    /// The elements in order.
    Array(Vec<JsonNode<'a>>),
    /// The members in order; a key may occur twice.
    Object(Vec<JsonMember<'a>>),
}

/// A key with its value.
#[derive(Debug, Clone, PartialEq)]
pub struct JsonMember<'a> {
    /// The key, decoded.
    pub key: Cow<'a, str>,
    /// The key's bytes, quotes included.
    pub key_span: Range<usize>,
    /// The value.
    pub node: JsonNode<'a>,
}

impl<'a> JsonNode<'a> {
    /// The members, if it is an object.
    pub fn members(&self) -> &[JsonMember<'a>] {
        match &self.value {
            JsonValue::Object(members) => members,
            _ => &[],
        }
    }

    /// The elements, if it is an array.
    pub fn elements(&self) -> &[JsonNode<'a>] {
        match &self.value {
            JsonValue::Array(elements) => elements,
            _ => &[],
        }
    }

    /// The text, if it is a string.
    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            JsonValue::String(text) => Some(text),
            _ => None,
        }
    }

    /// The member of this key; of several, the last, which is the one parsers keep.
    pub fn member(&self, key: &str) -> Option<&JsonMember<'a>> {
        self.members().iter().rev().find(|m| m.key == key)
    }

    /// The value of this key.
    pub fn get(&self, key: &str) -> Option<&JsonNode<'a>> {
        self.member(key).map(|m| &m.node)
    }
}

/// Reads a document.
///
/// # Errors
/// It is not UTF-8, nests too deep, or is not JSON even with comments and trailing commas.
pub fn parse_json(bytes: &[u8]) -> Result<JsonDocument<'_>, ParseProblem> {
    let text = utf8(bytes)?;
    // The parser does not know the mark.
    let (text, shift) = text.strip_prefix('\u{feff}').map_or((text, 0), |rest| (rest, 3));
    check_depth(bytes, &Regions::new(Language::Json, bytes))?;
    let options = ParseOptions { allow_missing_commas: false, ..ParseOptions::default() };
    let parsed = parse_to_ast(text, &CollectOptions::default(), &options).map_err(|error| {
        // The parser's words may quote the file.
        let range = error.range();
        ParseProblem::at("the file is not valid JSON", range.start + shift..range.end + shift)
    })?;
    Ok(JsonDocument { root: parsed.value.map(|value| node(value, shift)) })
}

/// At most [`super::DEPTH_MAX`] calls deep.
fn node(value: Value<'_>, shift: usize) -> JsonNode<'_> {
    let span = span_of(&value, shift);
    let value = match value {
        Value::NullKeyword(_) => JsonValue::Null,
        Value::BooleanLit(literal) => JsonValue::Bool(literal.value),
        Value::NumberLit(literal) => JsonValue::Number(literal.value),
        Value::StringLit(literal) => JsonValue::String(literal.value),
        Value::Array(array) => JsonValue::Array(array.elements.into_iter().map(|v| node(v, shift)).collect()),
        Value::Object(object) => JsonValue::Object(
            object
                .properties
                .into_iter()
                .map(|property| {
                    let key_span = match &property.name {
                        ObjectPropName::String(name) => span_of(name, shift),
                        ObjectPropName::Word(name) => span_of(name, shift),
                    };
                    let key = match property.name {
                        ObjectPropName::String(name) => name.value,
                        ObjectPropName::Word(name) => Cow::Borrowed(name.value),
                    };
                    JsonMember { key, key_span, node: node(property.value, shift) }
                })
                .collect(),
        ),
    };
    JsonNode { span, value }
}

fn span_of(of: &impl Ranged, shift: usize) -> Range<usize> {
    let range = of.range();
    range.start + shift..range.end + shift
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_know_their_bytes() {
        let text = "\u{feff}{ // c\n \"a\\n\": [1, {\"b\": \"é\"},], a: null }";
        let document = parse_json(text.as_bytes()).expect("valid");
        let root = document.root.expect("a value");
        let a = root.member("a\n").expect("is there");
        assert_eq!(&text[a.key_span.clone()], "\"a\\n\"");
        let b = a.node.elements()[1].get("b").expect("is there");
        assert_eq!((b.as_str(), &text[b.span.clone()]), (Some("é"), "\"é\""));
        assert_eq!(root.get("a").map(|n| &n.value), Some(&JsonValue::Null));
        assert_eq!(parse_json(b" // nothing\n").map(|d| d.root), Ok(None));
    }

    #[test]
    fn problems_have_a_place_and_no_text_of_the_file() {
        let check = |bytes: &[u8], message: &str| {
            let problem = parse_json(bytes).expect_err("is broken");
            assert_eq!(problem.message, message);
            let span = problem.span.expect("a place");
            assert!(span.start <= span.end && span.end <= bytes.len(), "{span:?}");
        };
        check(b"{\"a\": hunter2}", "the file is not valid JSON");
        check(b"{\"a\": 1", "the file is not valid JSON");
        check(b"\"\xff\"", "the file is not UTF-8");
        check("[".repeat(5_000).as_bytes(), "nested deeper than 128 levels");
        check("{\"a\":".repeat(5_000).as_bytes(), "nested deeper than 128 levels");
    }

    #[test]
    fn brackets_in_strings_do_not_count_as_depth() {
        let text = format!("\"{}\"", "[".repeat(5_000));
        assert!(parse_json(text.as_bytes()).is_ok());
    }
}
