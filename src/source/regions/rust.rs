//! Rust, by the rules of rustc's lexer (<https://doc.rust-lang.org/reference/tokens.html>).

use memchr::{memchr, memchr2, memchr3};

use super::{Stretches, is_name, line_end};
use crate::model::Region;

pub(super) fn mask(text: &[u8], out: &mut Stretches) {
    let mut at = shebang(text, out);
    // No literal's prefix (`br##`) may reach back before this: it belongs to the token that ends here.
    let mut floor = at;
    while let Some(found) = memchr3(b'/', b'"', b'\'', &text[at..]) {
        let here = at + found;
        at = match text[here] {
            b'/' => match text.get(here + 1) {
                Some(b'/') => line_comment(text, here, out),
                Some(b'*') => block_comment(text, here, out),
                _ => {
                    at = here + 1;
                    continue;
                }
            },
            b'"' => string(text, floor, here, out),
            _ => quote(text, floor, here, out),
        };
        floor = at;
    }
}

/// `#!/usr/bin/env …` in the first line; `#![` is an attribute.
fn shebang(text: &[u8], out: &mut Stretches) -> usize {
    let start = if text.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    let Some(rest) = text[start..].strip_prefix(b"#!") else { return start };
    if rest.iter().find(|b| !b.is_ascii_whitespace()) == Some(&b'[') {
        return start;
    }
    let end = line_end(text, start, text.len());
    out.push(start, end, Region::Comment);
    end
}

fn line_comment(text: &[u8], start: usize, out: &mut Stretches) -> usize {
    let end = line_end(text, start, text.len());
    let is_doc = match text.get(start + 2) {
        Some(b'!') => true,
        Some(b'/') => text.get(start + 3) != Some(&b'/'),
        _ => false,
    };
    out.push(start, end, if is_doc { Region::Doc } else { Region::Comment });
    end
}

fn block_comment(text: &[u8], start: usize, out: &mut Stretches) -> usize {
    let is_doc = match text.get(start + 2) {
        Some(b'!') => true,
        Some(b'*') => !matches!(text.get(start + 3), Some(b'*' | b'/')),
        _ => false,
    };
    let end = nested_end(text, start + 2, b'/', b'*').unwrap_or(text.len());
    out.push(start, end, if is_doc { Region::Doc } else { Region::Comment });
    end
}

/// The end of a block comment that may hold others. `at` stands behind the opening mark.
pub(super) fn nested_end(text: &[u8], mut at: usize, slash: u8, star: u8) -> Option<usize> {
    let mut depth = 1_usize;
    loop {
        at += memchr2(slash, star, &text[at..])?;
        let (open, close) = (text[at] == slash, text[at] == star);
        match text.get(at + 1) {
            Some(&next) if open && next == star => depth += 1,
            Some(&next) if close && next == slash => depth -= 1,
            _ => {
                at += 1;
                continue;
            }
        }
        at += 2;
        if depth == 0 {
            return Some(at);
        }
    }
}

/// A string whose quote stands at `quote`: its prefix is found by looking back.
fn string(text: &[u8], floor: usize, quote: usize, out: &mut Stretches) -> usize {
    let before = &text[floor..quote];
    let hashes = before.iter().rev().take_while(|&&b| b == b'#').count();
    if let Some(start) = raw_prefix(before, hashes) {
        let end = raw_end(text, quote + 1, hashes);
        out.push(floor + start, end, Region::String);
        return end;
    }
    // `b` and `c` change nothing about where the string ends.
    let prefix = usize::from(
        hashes == 0
            && matches!(before, [.., b'b' | b'c'])
            && !before.len().checked_sub(2).is_some_and(|i| is_name(before[i])),
    );
    let end = escaped_end(text, quote + 1);
    out.push(quote - prefix, end, Region::String);
    end
}

/// Where `r`, `br` or `cr` begins before the hashes, if the string is raw.
fn raw_prefix(before: &[u8], hashes: usize) -> Option<usize> {
    let word = &before[..before.len() - hashes];
    let mut start = word.len().checked_sub(1)?;
    if word[start] != b'r' {
        return None;
    }
    if start > 0 && matches!(word[start - 1], b'b' | b'c') {
        start -= 1;
    }
    (start == 0 || !is_name(word[start - 1])).then_some(start)
}

fn raw_end(text: &[u8], mut at: usize, hashes: usize) -> usize {
    while let Some(found) = memchr(b'"', &text[at..]) {
        at += found + 1;
        let closing = text[at..].iter().take(hashes).take_while(|&&b| b == b'#').count();
        at += closing;
        if closing == hashes {
            return at;
        }
    }
    text.len()
}

fn escaped_end(text: &[u8], mut at: usize) -> usize {
    while let Some(found) = memchr2(b'"', b'\\', &text[at..]) {
        at += found;
        if text[at] == b'"' {
            return at + 1;
        }
        at = (at + 2).min(text.len());
    }
    text.len()
}

/// A character, a byte, or a lifetime.
fn quote(text: &[u8], floor: usize, quote: usize, out: &mut Stretches) -> usize {
    let is_byte =
        quote > floor && text[quote - 1] == b'b' && !(quote - 1 > floor && is_name(text[quote - 2]));
    let first = char_len(text, quote + 1);
    let is_single = text.get(quote + 1 + first) == Some(&b'\'');
    if !is_byte && !is_single && text.get(quote + 1).is_some_and(|&b| is_name(b)) {
        let name = text[quote + 1..].iter().take_while(|&&b| is_name(b)).count();
        let end = quote + 1 + name;
        // Two letters in quotes are an error to the compiler, and no lifetime.
        if text.get(end) == Some(&b'\'') {
            out.push(quote, end + 1, Region::String);
            return end + 1;
        }
        return end;
    }
    match char_end(text, quote + 1, first) {
        Ok(end) => {
            out.push(quote - usize::from(is_byte), end, Region::String);
            end
        }
        Err(end) => end,
    }
}

/// Where a character literal ends, or where the compiler gives up on one that does not.
fn char_end(text: &[u8], start: usize, first: usize) -> Result<usize, usize> {
    if text.get(start) != Some(&b'\\') && text.get(start + first) == Some(&b'\'') {
        return Ok(start + first + 1);
    }
    let mut at = start;
    loop {
        match text.get(at) {
            None => return Err(text.len()),
            Some(b'\'') => return Ok(at + 1),
            Some(b'/') => return Err(at),
            Some(b'\n') if text.get(at + 1) != Some(&b'\'') => return Err(at),
            Some(b'\\') => at += 2,
            Some(_) => at += 1,
        }
    }
}

/// How many bytes the character at `at` takes.
fn char_len(text: &[u8], at: usize) -> usize {
    match text.get(at) {
        Some(0xf0..) => 4,
        Some(0xe0..) => 3,
        Some(0xc0..) => 2,
        _ => 1,
    }
}
