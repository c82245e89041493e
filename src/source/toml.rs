use super::Regions;
use super::problem::{ParseProblem, ParseProblemKind, check_depth, utf8};
use crate::model::Language;

/// A TOML document (<https://toml.io>) whose keys, values and tables know their bytes (`span()`).
pub type TomlDocument<'a> = toml_edit::Document<&'a str>;

/// Reads a document.
///
/// # Errors
/// It is not UTF-8, nests too deep, or is not TOML.
pub fn parse_toml(bytes: &[u8]) -> Result<TomlDocument<'_>, ParseProblem> {
    let text = utf8(bytes)?;
    check_depth(bytes, &Regions::new(Language::Toml, bytes))?;
    TomlDocument::parse(text).map_err(|error| ParseProblem {
        kind: ParseProblemKind::Broken,
        // The parser's words may quote the file.
        message: "the file is not valid TOML".into(),
        span: error.span(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_know_their_bytes() {
        let text = "a = 1\n[b]\nc = { d = \"é\" } # e\n";
        let document = parse_toml(text.as_bytes()).expect("valid");
        let table = document["b"]["c"].as_inline_table().expect("a table");
        let value = table.get("d").expect("is there");
        assert_eq!(&text[value.span().expect("parsed")], "\"é\"");
        assert_eq!(
            document["b"].as_table().and_then(|t| t.key("c")).and_then(toml_edit::Key::span),
            Some(10..11)
        );
    }

    #[test]
    fn problems_have_a_place_and_no_text_of_the_file() {
        let check = |bytes: &[u8], message: &str, span| {
            let problem = parse_toml(bytes).expect_err("is broken");
            assert_eq!((problem.message.as_str(), problem.span), (message, span));
        };
        check(b"a = 1\nhunter2 2\n", "the file is not valid TOML", Some(14..14));
        check(b"a = '\xff'", "the file is not UTF-8", Some(5..6));
        let deep = format!("a = {}", "[".repeat(5_000));
        check(deep.as_bytes(), "nested deeper than 128 levels", Some(132..133));
    }

    #[test]
    fn deep_input_does_not_overflow() {
        for unit in ["[", "{a=", "a.", "[a]\n[[b]]\n", "[[", "'''"] {
            let _ = parse_toml(format!("a = {}", unit.repeat(20_000)).as_bytes());
            let _ = parse_toml(unit.repeat(20_000).as_bytes());
        }
    }
}
