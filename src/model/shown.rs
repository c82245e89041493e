use std::borrow::Cow;
use std::fmt::Write as _;

use bstr::ByteSlice;

/// Text of the repository in a form that a terminal, a log or a report may carry.
///
/// Every C0 control but newline and tab, DEL, C1, bidirectional controls, line and paragraph
/// separators, zero-width and tag characters become visible as `\u{..}`. A lone newline is kept: callers that
/// show a single line replace it themselves.
pub fn shown(text: &str) -> Cow<'_, str> {
    // Nearly every text is plain ASCII, and this is asked of every text of a report.
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~' | b'\n' | b'\t')) {
        return Cow::Borrowed(text);
    }
    let Some(first) = text.char_indices().find(|&(_, c)| is_unsafe(c)) else {
        return Cow::Borrowed(text);
    };
    let mut safe = String::with_capacity(text.len() + 16);
    safe.push_str(&text[..first.0]);
    for c in text[first.0..].chars() {
        if is_unsafe(c) {
            // Writing to a String cannot fail.
            let _ = write!(safe, "\\u{{{:x}}}", u32::from(c));
        } else {
            safe.push(c);
        }
    }
    Cow::Owned(safe)
}

/// The same for bytes in one line: a path, a branch, a name. Newlines and tabs become visible too,
/// bytes that are not UTF-8 appear as `\x..`.
pub fn shown_bytes(bytes: &[u8]) -> String {
    let mut safe = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            if is_unsafe(c) || c == '\n' || c == '\t' {
                let _ = write!(safe, "\\u{{{:x}}}", u32::from(c));
            } else {
                safe.push(c);
            }
        }
        for byte in chunk.invalid() {
            let _ = write!(safe, "\\x{byte:02x}");
        }
    }
    debug_assert!(safe.as_bytes().is_utf8());
    safe
}

fn is_unsafe(c: char) -> bool {
    match c {
        '\n' | '\t' => false,
        // C0 and C1 controls, DEL, soft hyphen, Arabic letter mark, zero width and direction marks, separators, embeddings,
        // isolates, invisible operators, byte order mark, interlinear anchors, tags.
        '\0'..='\u{1f}'
        | '\u{7f}'..='\u{9f}'
        | '\u{ad}'
        | '\u{61c}'
        | '\u{180e}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}' => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_is_borrowed() {
        assert!(matches!(shown("naïve — 名前\n\tx"), Cow::Borrowed(_)));
    }

    #[test]
    fn nothing_that_steers_a_terminal_survives() {
        for code in 0..=0x10_ffff {
            let Some(c) = char::from_u32(code) else { continue };
            let text = shown(&c.to_string()).into_owned();
            if is_unsafe(c) {
                assert_eq!(text, format!("\\u{{{code:x}}}"));
            } else {
                assert_eq!(text, c.to_string());
            }
            assert!(!text.contains(|c: char| c.is_control() && c != '\n' && c != '\t'), "{code:x}");
        }
    }

    #[test]
    fn names_are_one_line_and_utf8() {
        assert_eq!(shown_bytes(b"a\n::error::b\x1b\xff"), "a\\u{a}::error::b\\u{1b}\\xff");
    }
}
