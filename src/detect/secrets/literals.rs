//! String literals as arguments of a call, without a grammar of the language: quotes, escapes, commas, brackets.

use std::ops::Range;

/// No call is read further.
const LONGEST: usize = 640;
/// Nor has it more arguments.
const ARGUMENTS_MAX: usize = 8;

/// The arguments behind an opening parenthesis. One that is a single literal is given as its inside; any other
/// is `None`. Ends at the closing parenthesis.
pub(super) fn arguments(text: &[u8], from: usize) -> Vec<Option<Range<usize>>> {
    let window = &text[..text.len().min(from.saturating_add(LONGEST))];
    let mut found = Vec::new();
    let mut at = from;
    let mut depth = 0usize;
    // What the argument has so far: nothing, one literal, or more than that.
    let mut literal: Option<Range<usize>> = None;
    let mut is_more = false;
    while let Some(&byte) = window.get(at) {
        match byte {
            b'"' | b'\'' | b'`' => {
                let Some(inside) = inside(window, at) else { break };
                at = inside.end;
                is_more |= literal.is_some();
                literal = Some(inside);
            }
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' if depth > 0 => depth -= 1,
            b',' if depth == 0 => {
                found.push(literal.take().filter(|_| !is_more));
                is_more = false;
                if found.len() == ARGUMENTS_MAX {
                    return found;
                }
            }
            b')' | b']' | b'}' | b';' => {
                found.push(literal.take().filter(|_| !is_more));
                return found;
            }
            // Put together with something else, or the name of something.
            b'+' | b'%' | b'?' => is_more = true,
            b'.' if literal.is_some()
                && !window[at..].starts_with(b".toCharArray")
                && !window[at..].starts_with(b".into(")
                && !window[at..].starts_with(b".to_")
                && !window[at..].starts_with(b".getBytes") =>
            {
                is_more = true;
            }
            // A literal with code in it: `f"…"`, `$"…"`.
            b'f' | b'F' | b'$' if matches!(window.get(at + 1), Some(b'"' | b'\'')) => is_more = true,
            _ => {}
        }
        at += 1;
    }
    Vec::new()
}

/// The inside of the literal that opens here and ends on the same line.
pub(super) fn inside(text: &[u8], open: usize) -> Option<Range<usize>> {
    let quote = *text.get(open)?;
    let mut at = open + 1;
    loop {
        match *text.get(at)? {
            b'\n' => return None,
            b'\\' => at += 2,
            byte if byte == quote => return Some(open + 1..at),
            _ => at += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_told_apart() {
        for (text, expect) in [
            ("(\"a\", 'b')", vec![Some("a"), Some("b")]),
            ("(x, \"a\", f(\"b\", 1), \"c\".toCharArray())", vec![None, Some("a"), Some("b"), Some("c")]),
            ("(\"a\" + b, \"c\")", vec![None, Some("c")]),
            ("(f\"a\", Some(\"b\"))", vec![None, Some("b")]),
            ("(\"a\\\"b\")", vec![Some("a\\\"b")]),
            ("(\"a", vec![]),
            ("(", vec![]),
        ] {
            let found: Vec<Option<&str>> =
                arguments(text.as_bytes(), 1).into_iter().map(|range| range.map(|r| &text[r])).collect();
            assert_eq!(found, expect, "{text}");
        }
    }
}
