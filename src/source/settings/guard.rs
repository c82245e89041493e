use std::ops::Range;

use memchr::memrchr;

use super::tokens::{Token, TokenKind};
use crate::model::Language;

/// How far back is looked.
const BACK: usize = 16 << 10;

/// How many brackets around are looked at.
const DEPTH: usize = 64;

/// Words in names of functions and classes that say who is meant.
const DEVELOPMENT: &[&str] = &[
    "dev",
    "develop",
    "development",
    "debug",
    "test",
    "tests",
    "testing",
    "local",
    "example",
    "mock",
    "fake",
];

/// What decides whether this place is reached.
pub(super) fn guard(text: &[u8], language: Language, all: &[Token], offset: usize) -> Option<Range<usize>> {
    match language {
        Language::Python => by_indent(text, offset, false),
        _ => by_brackets(text, all, offset),
    }
}

/// The same for readings, which `try` makes harmless and which nobody does who is not called.
pub(super) fn condition(
    text: &[u8],
    language: Language,
    all: &[Token],
    offset: usize,
) -> Option<Range<usize>> {
    match language {
        Language::Python => by_indent(text, offset, true),
        _ => by_brackets(text, all, offset),
    }
}

fn by_indent(text: &[u8], offset: usize, takes_try: bool) -> Option<Range<usize>> {
    let start = memrchr(b'\n', &text[..offset]).map_or(0, |at| at + 1);
    let blanks = |line: &[u8]| line.iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
    let mut indent = blanks(&text[start..offset]);
    let mut end = start;
    let floor = start.saturating_sub(BACK);
    while indent > 0 && end > floor {
        let from = memrchr(b'\n', &text[..end - 1]).map_or(0, |at| at + 1);
        let line = &text[from..end - 1];
        end = from;
        let words = line.trim_ascii();
        let its = blanks(line);
        if words.is_empty() || words.starts_with(b"#") || its >= indent {
            continue;
        }
        // The end of a condition of several lines.
        if words.starts_with(b")") {
            continue;
        }
        indent = its;
        let len = words.iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count();
        let guards = match &words[..len] {
            b"if" | b"elif" | b"while" => !words[len..].trim_ascii_start().starts_with(b"__name__"),
            b"else" | b"except" | b"case" => true,
            b"try" | b"def" if takes_try => true,
            b"class" | b"def" | b"async" => is_development(words),
            _ => false,
        };
        if guards {
            let at = from + its;
            return Some(at..at + words.len());
        }
    }
    None
}

fn by_brackets(text: &[u8], all: &[Token], offset: usize) -> Option<Range<usize>> {
    let after = all.partition_point(|token| token.span.start <= offset);
    let mut at = after.checked_sub(1)?;
    if let Some(found) = before(text, all, at) {
        return Some(found);
    }
    for _ in 0..DEPTH {
        let Some(open) = all[at].inside else { break };
        if let Some(found) = before(text, all, open) {
            return Some(found);
        }
        at = open;
    }
    None
}

/// What stands between the beginning of the statement and this token, if it decides: `if (…) {`, `x && {`, `? {`,
/// `#[cfg(…)]`, `fn test_x() {`.
fn before(text: &[u8], all: &[Token], at: usize) -> Option<Range<usize>> {
    const LOOKED_AT: usize = 60;
    let inside = all[at].inside;
    let mut here = at;
    for _ in 0..LOOKED_AT {
        let Some(previous) = here.checked_sub(1) else { break };
        here = previous;
        let token = &all[here];
        match token.kind {
            TokenKind::Sign(b')' | b']') => {
                if let Some(open) = token.partner {
                    here = open;
                    let is_attribute = token.kind == TokenKind::Sign(b']')
                        && open.checked_sub(1).is_some_and(|sign| all[sign].kind == TokenKind::Sign(b'#'));
                    if is_attribute {
                        let span = all[open].span.start..token.span.end;
                        let words = &text[span.clone()];
                        if words.starts_with(b"[cfg(") || words.starts_with(b"[test") {
                            return Some(span);
                        }
                    }
                }
            }
            // Another statement, or what stands around.
            TokenKind::Sign(b';' | b'}' | b'{' | b'(' | b'[' | b',') => break,
            TokenKind::Sign(b'?') => {
                // `a?.b` and `x?;` decide nothing; `c ? a : b` does.
                let next = all.get(here + 1).map(|t| t.kind);
                if !matches!(next, Some(TokenKind::Sign(b'.' | b';' | b'?' | b')'))) && next.is_some() {
                    return Some(token.span.start..all[at].span.start);
                }
            }
            TokenKind::Sign(b'&')
                if here > 0
                    && all[here - 1].kind == TokenKind::Sign(b'&')
                    && all[here - 1].span.end == token.span.start =>
            {
                return Some(token.span.start..all[at].span.start);
            }
            TokenKind::Word => {
                let word = &text[token.span.clone()];
                if matches!(
                    word,
                    b"if" | b"else" | b"unless" | b"while" | b"switch" | b"match" | b"case" | b"catch"
                ) {
                    return Some(token.span.start..all[at].span.start.max(token.span.end));
                }
                let declares = matches!(word, b"fn" | b"function" | b"class" | b"def" | b"mod" | b"func");
                if declares && is_development(&text[token.span.start..all[at].span.start]) {
                    return Some(token.span.start..all[at].span.start);
                }
            }
            _ => {}
        }
        if all[here].inside != inside {
            break;
        }
    }
    None
}

/// Whether one of the words of a name says development: `DevelopmentConfig`, `run_local`.
fn is_development(line: &[u8]) -> bool {
    let mut word = String::new();
    let is_one = |word: &str| DEVELOPMENT.contains(&word);
    for &byte in line {
        let ends = !byte.is_ascii_alphabetic()
            || byte.is_ascii_uppercase() && word.ends_with(|c: char| c.is_ascii_lowercase());
        if ends {
            if is_one(&word.to_ascii_lowercase()) {
                return true;
            }
            word.clear();
        }
        if byte.is_ascii_alphabetic() {
            word.push(char::from(byte));
        }
    }
    is_one(&word.to_ascii_lowercase())
}
