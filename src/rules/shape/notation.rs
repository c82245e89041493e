use std::borrow::Cow;
use std::fmt;

use super::{ByteSet, Part, Shape};

/// A shape that cannot be understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotationError {
    /// Byte offset in the notation.
    pub at: usize,
    /// What is wrong there.
    pub what: &'static str,
}

impl fmt::Display for NotationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (at byte {} of the shape)", self.what, self.at)
    }
}

impl std::error::Error for NotationError {}

/// Reads the notation of rule files: parts separated by blanks. A part is a literal in single quotes or a
/// class with a length: `'ghp_' alnum{36}`, `'xoxb-' digit{10,13} '-' [A-Z0-9]{24}`.
///
/// The anchor is the literal marked with `@` (`upper{3} @'Q~'`), else the first one. A shape without a literal
/// has none ([`Shape::anchored`]).
///
/// # Errors
/// Says what cannot be understood, and where.
pub fn parse(text: &str) -> Result<Shape, NotationError> {
    let mut parts = Vec::new();
    let mut anchor = None;
    let mut at = 0;
    let err = |at, what| Err(NotationError { at, what });
    let bytes = text.as_bytes();
    if !text.is_ascii() {
        return err(0, "a shape is ASCII");
    }
    while at < bytes.len() {
        if bytes[at] == b' ' {
            at += 1;
            continue;
        }
        let marked = bytes[at] == b'@';
        at += usize::from(marked);
        if bytes.get(at) == Some(&b'\'') {
            let Some(len) = text[at + 1..].find('\'') else {
                return err(at, "the literal has no closing quote");
            };
            if len == 0 {
                return err(at, "the literal is empty");
            }
            if marked || anchor.is_none() {
                anchor = Some(parts.len());
            }
            parts.push(Part::Literal(Cow::Owned(text[at + 1..at + 1 + len].to_owned())));
            at += len + 2;
            continue;
        }
        if marked {
            return err(at, "only a literal can be the anchor");
        }
        let (set, next) = class(text, at)?;
        let Some(lengths) = text[next..].strip_prefix('{').and_then(|t| t.split_once('}')) else {
            return err(next, "a class needs a length, as in alnum{36}");
        };
        let (min, max) = match lengths.0.split_once(',') {
            Some((min, max)) => (min.parse(), max.parse()),
            None => (lengths.0.parse(), lengths.0.parse()),
        };
        let (Ok(min), Ok(max)) = (min, max) else {
            return err(next, "a length is {36} or {20,40}");
        };
        if min > max || max == 0 {
            return err(next, "the length is empty");
        }
        parts.push(Part::Class { set, min, max });
        at = next + lengths.0.len() + 2;
    }
    if parts.is_empty() {
        return err(0, "the shape is empty");
    }
    let anchor = anchor.unwrap_or(parts.len());
    let fixed = |part: &Part| !matches!(part, Part::Class { min, max, .. } if min != max);
    if anchor < parts.len() && !parts[..anchor].iter().all(fixed) {
        return err(0, "what stands before the anchor must have a fixed length");
    }
    if (0..parts.len()).filter(|&at| super::verify::is_open(&parts, at)).count() > 1 {
        return err(0, "only one class may leave open where it ends: verifying would no longer be linear");
    }
    Ok(Shape { parts: Cow::Owned(parts), anchor })
}

impl Shape {
    /// The same shape, which must have a literal.
    ///
    /// # Errors
    /// It has none.
    pub fn anchored(self) -> Result<Self, NotationError> {
        if self.anchor < self.parts.len() {
            return Ok(self);
        }
        Err(NotationError { at: 0, what: "a shape needs a literal for the prefilter to look for" })
    }
}

fn class(text: &str, at: usize) -> Result<(ByteSet, usize), NotationError> {
    if let Some(rest) = text[at..].strip_prefix('[') {
        let Some(end) = rest.find(']') else {
            return Err(NotationError { at, what: "the class has no closing bracket" });
        };
        return Ok((ranges(&rest.as_bytes()[..end]), at + end + 2));
    }
    let len = text[at..].find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(text.len() - at);
    let ranges: &[u8] = match &text[at..at + len] {
        "digit" => b"0-9",
        "lower" => b"a-z",
        "upper" => b"A-Z",
        "alpha" => b"A-Za-z",
        "alnum" => b"0-9A-Za-z",
        "loweralnum" => b"0-9a-z",
        "upperalnum" => b"0-9A-Z",
        "hex" => b"0-9a-f",
        "upperhex" => b"0-9A-F",
        "anyhex" => b"0-9a-fA-F",
        "base64" => b"0-9A-Za-z+/",
        "base64url" => b"0-9A-Za-z_-",
        "base32" => b"A-Z2-7",
        "base58" => b"1-9A-HJ-NP-Za-km-z",
        "word" => b"0-9A-Za-z_",
        _ => return Err(NotationError { at, what: "there is no class of this name" }),
    };
    Ok((self::ranges(ranges), at + len))
}

/// `a-z`, single bytes, and a `-` that stands last.
fn ranges(text: &[u8]) -> ByteSet {
    let mut set = 0u128;
    let mut at = 0;
    while at < text.len() {
        let from = text[at];
        let to = if text.get(at + 1) == Some(&b'-') && at + 2 < text.len() {
            at += 2;
            text[at]
        } else {
            from
        };
        for byte in from..=to {
            set |= 1 << byte;
        }
        at += 1;
    }
    ByteSet(set)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_literals_classes_and_anchors() {
        let shape = parse("alnum{3} digit{1} @'Q~' [A-Za-z0-9_.~-]{31,34}").expect("parses");
        assert_eq!((shape.anchor, shape.anchor_text(), shape.before_anchor()), (2, "Q~", 4));
        let Part::Class { set, min, max } = &shape.parts[3] else { panic!("a class") };
        assert!(set.has(b'-') && set.has(b'~') && set.has(b'M') && !set.has(b'/'));
        assert_eq!((*min, *max), (31, 34));
    }

    #[test]
    fn says_what_is_wrong() {
        for (text, what) in [
            ("", "the shape is empty"),
            ("'a", "the literal has no closing quote"),
            ("'a' wat{3}", "there is no class of this name"),
            ("'a' alnum", "a class needs a length, as in alnum{36}"),
            ("'a' alnum{9,3}", "the length is empty"),
            (
                "'a' alnum{1,9} 'b' alnum{1,9} 'c'",
                "only one class may leave open where it ends: verifying would no longer be linear",
            ),
            ("alnum{1,2} @'a'", "what stands before the anchor must have a fixed length"),
        ] {
            assert_eq!(parse(text).expect_err(text).what, what);
        }
        let unanchored = parse("alnum{3}").expect("a shape");
        let error = unanchored.anchored().expect_err("it has no literal");
        assert_eq!(error.what, "a shape needs a literal for the prefilter to look for");
    }
}
