//! String literals as arguments of a call, without a grammar of the language: quotes, escapes, commas, brackets.

use std::ops::Range;

/// No call is read further.
const LONGEST: usize = 640;
/// Nor has it more arguments.
const ARGUMENTS_MAX: usize = 8;

/// What turns a literal into bytes or an owned text and leaves it what it is: `"…".getBytes(…)`.
const CONVERSIONS: [&[u8]; 7] =
    [b".toCharArray", b".into(", b".to_", b".getBytes", b".as_bytes", b".as_ref", b".encode("];

/// Names of encodings: how the literal before is to be read, as in `Buffer.from("…", "hex")`.
const ENCODINGS: [&[u8]; 6] = [b"hex", b"base64", b"utf8", b"utf-8", b"ascii", b"latin1"];

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
                let is_encoding = depth > 0 && ENCODINGS.contains(&&window[inside.clone()]);
                if literal.is_none() || !is_encoding {
                    is_more |= literal.is_some();
                    literal = Some(inside);
                }
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
            b'.' if literal.is_some() => {
                match CONVERSIONS.iter().find(|conversion| window[at..].starts_with(conversion)) {
                    // What it is told is no part of the argument: `getBytes(StandardCharsets.UTF_8)`.
                    Some(conversion) => {
                        let near = &window[at..window.len().min(at + 64)];
                        at += memchr::memchr(b')', near).unwrap_or(conversion.len() - 1);
                    }
                    None => is_more = true,
                }
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
            ("(\"a\".getBytes(UTF.X), Buffer.from('b', 'hex'))", vec![Some("a"), Some("b")]),
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
