use std::ops::Range;

/// How deep a manifest may nest. Cargo's own use stays below ten; the parser's tables are dropped
/// recursively, and this keeps them far from the end of any thread's stack.
const DEEPEST: usize = 100;

/// Where the text nests deeper than any honest manifest: brackets and the dots of keys counted together,
/// in one pass without recursion. Strings and comments do not count. `None` if it nowhere does.
pub(super) fn too_deep(text: &str) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    // For each open bracket, the dots that were counted before it on its level.
    let mut open: Vec<usize> = Vec::new();
    let mut dots = 0;
    let mut total = 0;
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'#' => at += memchr::memchr(b'\n', &bytes[at..]).unwrap_or(bytes.len() - at) - 1,
            quote @ (b'"' | b'\'') => {
                at = past_string(bytes, at, quote);
                continue;
            }
            b'[' | b'{' => {
                open.push(dots);
                dots = 0;
                total += 1;
            }
            b']' | b'}' => {
                if let Some(outer) = open.pop() {
                    total -= dots + 1;
                    dots = outer;
                }
            }
            b'.' => {
                dots += 1;
                total += 1;
            }
            b',' | b'\n' => {
                total -= dots;
                dots = 0;
            }
            _ => {}
        }
        if total > DEEPEST {
            return Some(at..at + 1);
        }
        at += 1;
    }
    None
}

/// The offset behind the string that starts at `at`. An unclosed one ends at its line, or at the end of
/// the text if it has three quotes; the parser refuses both.
fn past_string(bytes: &[u8], at: usize, quote: u8) -> usize {
    let triple = [quote; 3];
    let (fence, multi) =
        if bytes[at..].starts_with(&triple) { (&triple[..], true) } else { (&triple[..1], false) };
    let mut next = at + fence.len();
    while next < bytes.len() {
        if bytes[next] == b'\\' && quote == b'"' {
            next += 2;
        } else if bytes[next..].starts_with(fence) {
            return next + fence.len();
        } else if bytes[next] == b'\n' && !multi {
            return next;
        } else {
            next += 1;
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_brackets_and_dots_but_not_those_in_strings() {
        for (text, deep) in [
            (format!("a = {}", "[".repeat(200)), true),
            (format!("a{} = 1", ".a".repeat(200)), true),
            (format!("[a{}]", ".a".repeat(200)), true),
            (format!("a = {}", "{b.c.d.e = [".repeat(40)), true),
            (format!("a = \"{}\"", "[".repeat(200)), false),
            (format!("a = '''\n{}'''", "[".repeat(200)), false),
            (format!("a = '\\' # {}", ".".repeat(200)), false),
            ("a.b = 1.5\n".repeat(500), false),
            (format!("a = [{}]", "1.5, ".repeat(500)), false),
            ("a = [[1], [2]]\n[b.c]\n".repeat(300), false),
            ("#".to_owned(), false),
            ("a = \"\\".to_owned(), false),
        ] {
            assert_eq!(too_deep(&text).is_some(), deep, "{text:.60}");
        }
    }
}
