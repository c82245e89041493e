use std::ops::Range;

/// Keys and brackets may nest this deep. Configuration needs five levels, manifests hardly more.
const DEEPEST: usize = 64;

/// The first place where a TOML text nests too deep, counting brackets and dotted keys alike. Looked for
/// before parsing, since parsers and the dropping of what they made go down level by level on the stack.
///
/// It counts rather too much than too little on texts that are not TOML.
pub(super) fn too_deep(text: &str) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    // For each open bracket, how many levels it opened: itself and the dots of the key before it.
    let mut open: Vec<usize> = Vec::new();
    let (mut depth, mut dots, mut at) = (0, 0, 0);
    while let Some(&byte) = bytes.get(at) {
        let step = match byte {
            b'#' => memchr::memchr(b'\n', &bytes[at..]).unwrap_or(bytes.len() - at),
            b'"' | b'\'' => string(&bytes[at..], byte),
            _ => 1,
        };
        match byte {
            b'.' => dots += 1,
            b'[' | b'{' => {
                open.push(dots + 1);
                depth += dots + 1;
                dots = 0;
            }
            b']' | b'}' => {
                depth -= open.pop().unwrap_or(0);
                dots = 0;
            }
            b',' => dots = 0,
            // A key at the top stands for itself alone.
            b'\n' if open.is_empty() => dots = 0,
            _ => {}
        }
        if depth + dots > DEEPEST {
            return Some(at..at + 1);
        }
        at += step;
    }
    None
}

/// How long the string is that starts here.
fn string(rest: &[u8], quote: u8) -> usize {
    let triple = rest.len() >= 3 && rest[1] == quote && rest[2] == quote;
    let mut at = if triple { 3 } else { 1 };
    while let Some(&byte) = rest.get(at) {
        match byte {
            b'\\' if quote == b'"' => at += 1,
            b'\n' if !triple => return at,
            _ if byte == quote && !triple => return at + 1,
            _ if byte == quote && rest[at..].starts_with(&[quote; 3]) => {
                // Up to two quotes may stand before the closing three.
                let run = rest[at..].iter().take_while(|&&b| b == quote).count();
                return at + run.min(5);
            }
            _ => {}
        }
        at += 1;
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deep_texts_are_refused() {
        for text in [
            format!("a = {}", "[".repeat(100_000)),
            format!("a = {}1{}", "[".repeat(65), "]".repeat(65)),
            format!("a = {}", "{ b = ".repeat(100)),
            format!("a = {}", "{ b.c.d.e = ".repeat(17)),
            format!("[{}a]", "a.".repeat(100_000)),
            format!("{}a = 1", "a.".repeat(100)),
            format!("a = \"\"\"\n\"\"\" \n{}a = 1", "a.".repeat(100)),
        ] {
            assert!(too_deep(&text).is_some(), "{}", &text[..40]);
        }
    }

    #[test]
    fn flat_texts_are_not() {
        for text in [
            "[a.b]\nc = [[1.5, 2.5], [3.5]] # [[[[[\n".repeat(200),
            format!("a = [{}]", "\"x.y.z\", ".repeat(500)),
            format!("a = '{}'\nb = \"\\\"{}\"\n", "[".repeat(100), "[".repeat(100)),
            format!("a = '''\n{}\n'''\n", "{.".repeat(100)),
            format!("a = \"\"\"{}\"\"\"\"\"\n", "{\n".repeat(100)),
            "x = { a = 1, b = 2 }\n".repeat(500),
            "1.1 = 1\n".repeat(500),
        ] {
            assert_eq!(too_deep(&text), None, "{}", &text[..20.min(text.len())]);
        }
    }
}
