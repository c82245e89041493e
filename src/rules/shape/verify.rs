use std::ops::Range;

use super::{Part, Shape};

impl Shape {
    /// The token's bytes if one stands here, given where the anchor was hit. Boundaries are checked: a
    /// token inside a longer word is none.
    pub fn verify(&self, text: &[u8], anchor_at: usize) -> Option<Range<usize>> {
        let start = anchor_at.checked_sub(self.before_anchor())?;
        if !starts_word(text, start) {
            return None;
        }
        let end = match_parts(&self.parts, text, start)?;
        Some(start..end)
    }
}

/// Whether a token may start here: not in the middle of a word. An escape such as `\n` before it, or a
/// percent code, is no word.
fn starts_word(text: &[u8], start: usize) -> bool {
    let Some(before) = start.checked_sub(1).map(|at| text[at]) else { return true };
    if !(before.is_ascii_alphanumeric() || before == b'_') {
        return true;
    }
    match start.checked_sub(2).map(|at| text[at]) {
        Some(b'\\') => matches!(before, b'n' | b'r' | b't' | b'0'),
        _ => {
            start >= 3 && text[start - 3] == b'%' && text[start - 2..start].iter().all(u8::is_ascii_hexdigit)
        }
    }
}

fn match_parts(parts: &[Part], text: &[u8], at: usize) -> Option<usize> {
    let Some((part, rest)) = parts.split_first() else {
        let after = text.get(at).copied().unwrap_or(b' ');
        return (!(after.is_ascii_alphanumeric() || after == b'_')).then_some(at);
    };
    match part {
        Part::Literal(literal) => {
            let end = at + literal.len();
            (text.get(at..end)? == literal.as_bytes()).then(|| match_parts(rest, text, end)).flatten()
        }
        Part::Class { set, min, max } => {
            let (min, max) = (usize::from(*min), usize::from(*max));
            let run = text[at.min(text.len())..].iter().take(max + 1).take_while(|&&b| set.has(b));
            let run = run.count();
            if run < min {
                return None;
            }
            if rest.is_empty() {
                // The last part takes all there is; a longer run is another thing.
                return (run <= max).then(|| match_parts(rest, text, at + run)).flatten();
            }
            (min..=run.min(max)).rev().find_map(|len| match_parts(rest, text, at + len))
        }
    }
}
impl Shape { pub fn sample(&self, _: Option<super::Checksum>, _: u64) -> String { String::new() } }
