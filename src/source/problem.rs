use std::fmt;
use std::ops::Range;

/// How deep a document may nest. Parsers call themselves for each level; deeper input is refused before
/// one of them sees it.
pub const DEPTH_MAX: usize = 128;

/// What kind of thing keeps a document from being read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParseProblemKind {
    /// The file is broken, or beyond what is read.
    Broken,
    /// The file is no document but makes one, once something fills it in.
    Template,
}

/// Why a document could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseProblem {
    /// Whose fault it is.
    pub kind: ParseProblemKind,
    /// What is wrong, without any text of the file.
    pub message: String,
    /// The bytes it concerns, where they are known.
    pub span: Option<Range<usize>>,
}

impl ParseProblem {
    /// A problem at these bytes.
    pub(super) fn at(message: impl Into<String>, span: Range<usize>) -> Self {
        Self { kind: ParseProblemKind::Broken, message: message.into(), span: Some(span) }
    }

    /// The text at these bytes is filled in later.
    pub(super) fn template(span: Range<usize>) -> Self {
        Self {
            kind: ParseProblemKind::Template,
            message: "the file is a template and was not analysed".into(),
            span: Some(span),
        }
    }
}

impl fmt::Display for ParseProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ParseProblem {}

/// The text, if it is UTF-8.
///
/// # Errors
/// Where the first byte stands that is not.
pub(super) fn utf8(bytes: &[u8]) -> Result<&str, ParseProblem> {
    std::str::from_utf8(bytes).map_err(|error| {
        let at = error.valid_up_to();
        ParseProblem::at("the file is not UTF-8", at..at + 1)
    })
}

/// Counts the brackets that stand in no string or comment.
///
/// # Errors
/// The bracket that goes deeper than [`DEPTH_MAX`].
pub(super) fn check_depth(bytes: &[u8], regions: &super::Regions) -> Result<(), ParseProblem> {
    let mut depth = 0_usize;
    let mut at = 0;
    let ends = regions.stretches().iter().map(|s| (s.range.start, s.range.end));
    for (start, end) in ends.chain([(bytes.len(), bytes.len())]) {
        for (offset, &byte) in bytes[at..start].iter().enumerate() {
            match byte {
                b'[' | b'{' => depth += 1,
                b']' | b'}' => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth > DEPTH_MAX {
                let here = at + offset;
                return Err(ParseProblem::at(
                    format!("nested deeper than {DEPTH_MAX} levels"),
                    here..here + 1,
                ));
            }
        }
        at = end;
    }
    Ok(())
}
