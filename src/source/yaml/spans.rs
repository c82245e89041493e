use std::ops::Range;

use super::YamlStyle;

/// How many characters one step of a [`CharIndex`] takes.
const STEP: usize = 32;

/// The parser counts characters; everything else counts bytes.
pub(super) struct CharIndex<'t> {
    text: &'t str,
    /// Where each [`STEP`]th character begins; empty if all of them are one byte long.
    steps: Vec<u32>,
}

impl<'t> CharIndex<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        let steps = if text.is_ascii() {
            Vec::new()
        } else {
            text.char_indices().step_by(STEP).map(|(at, _)| at as u32).collect()
        };
        Self { text, steps }
    }

    /// Where this character begins.
    pub(super) fn byte(&self, character: usize) -> usize {
        if self.steps.is_empty() {
            return character.min(self.text.len());
        }
        let Some(&near) = self.steps.get(character / STEP) else { return self.text.len() };
        let rest = self.text.get(near as usize..).unwrap_or_default();
        let inside = rest.char_indices().nth(character % STEP).map_or(rest.len(), |(at, _)| at);
        near as usize + inside
    }
}

/// The range without the anchor and the tag that stand first in it. `range.start` is where they begin.
pub(super) fn behind_properties(text: &str, range: Range<usize>) -> Range<usize> {
    let bytes = text.as_bytes();
    let mut at = range.start;
    let mut behind = at;
    while let Some(&byte) = bytes.get(at).filter(|_| at < range.end) {
        match byte {
            b' ' | b'\t' | b'\r' | b'\n' => at += 1,
            b'#' => at += memchr::memchr(b'\n', &bytes[at..]).unwrap_or(bytes.len() - at),
            b'&' | b'!' => {
                let ends = |byte: &u8| byte.is_ascii_whitespace() || b",[]{}".contains(byte);
                at += bytes[at..].iter().position(ends).unwrap_or(bytes.len() - at);
                behind = at;
            }
            _ => return at..range.end,
        }
    }
    let behind = behind.min(range.end);
    behind..behind
}

/// The bytes of a scalar: the parser's range may begin early and reach over the blanks and the comment
/// behind it.
pub(super) fn scalar(text: &str, range: Range<usize>, style: YamlStyle, decoded: &str) -> Range<usize> {
    let bytes = text.as_bytes();
    let Range { start, end } = range;
    let quoted_end = |quote: u8| {
        let mut at = start + 1;
        loop {
            match bytes.get(at) {
                None => return end,
                Some(b'\\') if quote == b'"' => at += 2,
                Some(&byte) if byte == quote => {
                    if quote == b'"' || bytes.get(at + 1) != Some(&quote) {
                        return at + 1;
                    }
                    at += 2;
                }
                Some(_) => at += 1,
            }
        }
    };
    match style {
        _ if decoded.is_empty() && style != YamlStyle::Single && style != YamlStyle::Double => start..start,
        YamlStyle::Single => start..quoted_end(b'\''),
        YamlStyle::Double => start..quoted_end(b'"'),
        YamlStyle::Plain => start..start + bytes[start..end].trim_ascii_end().len(),
        YamlStyle::Literal | YamlStyle::Folded => {
            let mut lines = &bytes[start..end];
            // Lines of nothing but blanks, the one included that the next node stands on.
            while let Some(newline) = memchr::memrchr(b'\n', lines) {
                if !lines[newline + 1..].trim_ascii().is_empty() {
                    break;
                }
                lines = &lines[..newline];
            }
            let lines = lines.strip_suffix(b"\r").unwrap_or(lines);
            start..start + lines.len()
        }
    }
}

/// The range without the header of a block scalar, which the parser's range has only behind properties.
pub(super) fn behind_header(text: &str, range: Range<usize>) -> Range<usize> {
    let block = text.as_bytes().get(range.clone()).unwrap_or_default();
    if !matches!(block.first(), Some(b'|' | b'>')) {
        return range;
    }
    let header = memchr::memchr(b'\n', block).unwrap_or(block.len());
    let blank = block[header..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    range.start + header + blank..range.end
}
