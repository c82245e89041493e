use std::ops::Range;

use hcl_edit::Span as _;
use hcl_edit::expr::Expression;

use super::problem::{ParseProblem, utf8};

/// The blocks and attributes of an HCL file (<https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md>), all
/// of which know their bytes (`span()`).
pub type HclBody = hcl_edit::structure::Body;

/// A block: `module "name" { … }`.
pub type HclBlock = hcl_edit::structure::Block;

/// A text that nothing is put into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HclText<'d> {
    /// The text, decoded.
    pub text: &'d str,
    /// Its bytes, quotes included.
    pub span: Range<usize>,
}

impl<'d> HclText<'d> {
    /// The text that an expression is; `None` for all others, templates with a `${…}` among them.
    pub fn of(expression: &'d Expression) -> Option<Self> {
        Some(Self { text: expression.as_str()?, span: expression.span()? })
    }

    /// The text of an attribute.
    pub fn attribute(body: &'d HclBody, key: &str) -> Option<Self> {
        Self::of(&body.get_attribute(key)?.value)
    }
}

/// Reads a file.
///
/// # Errors
/// It is not UTF-8, is not HCL, or nests deeper than the parser goes.
pub fn parse_hcl(bytes: &[u8]) -> Result<HclBody, ParseProblem> {
    let text = utf8(bytes)?;
    hcl_edit::parser::parse_body(text).map_err(|error| {
        // The parser's words may quote the file.
        let at = error.location().offset().min(bytes.len());
        ParseProblem::at("the file is not valid HCL", at..at)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_know_their_bytes() {
        let text = "module \"a\" {\n  source = \"é/b\" # c\n  version = local.v\n}\n";
        let body = parse_hcl(text.as_bytes()).expect("valid");
        let block = body.get_blocks("module").next().expect("is there");
        assert_eq!(block.labels[0].as_str(), "a");
        let source = HclText::attribute(&block.body, "source").expect("is a text");
        assert_eq!((source.text, &text[source.span]), ("é/b", "\"é/b\""));
        assert_eq!(HclText::attribute(&block.body, "version"), None);
    }

    #[test]
    fn problems_have_a_place_and_no_text_of_the_file() {
        let problem = parse_hcl(b"a = hunter2 hunter3 {").expect_err("is broken");
        assert_eq!(problem.message, "the file is not valid HCL");
        assert!(problem.span.expect("a place").end <= 21);
    }

    #[test]
    fn deep_input_does_not_overflow() {
        for unit in ["(", "!", "-", "[", "{a=", "\"${", "b ? c : ", "1 + ", "a {\n", "%{ if x }"] {
            let _ = parse_hcl(format!("a = {}", unit.repeat(20_000)).as_bytes());
            let _ = parse_hcl(unit.repeat(20_000).as_bytes());
        }
    }
}
