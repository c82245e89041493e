//! Languages inside others: scripts and styles in HTML, PHP between its marks.

use super::{Stretches, find, generic, javascript, tables};
use crate::model::{Language, Region};

/// Comments of HTML; scripts and styles by their own languages. Tags and text are code.
pub(super) fn mask_html(text: &[u8], out: &mut Stretches) {
    let mut at = 0;
    while let Some(found) = memchr::memchr(b'<', &text[at..]) {
        let here = at + found;
        let rest = &text[here..];
        at = here + 1;
        if rest.starts_with(b"<!--") {
            at = find(text, here + 4, text.len(), b"-->").map_or(text.len(), |end| end + 3);
            out.push(here, at, Region::Comment);
        } else if starts_tag(rest, b"script") {
            let (body, end) = content(text, here, b"</script");
            javascript::mask(text, body..end, out);
            at = end;
        } else if starts_tag(rest, b"style") {
            let (body, end) = content(text, here, b"</style");
            if let Some(syntax) = tables::syntax_of(Language::Css) {
                generic::mask(syntax, text, body..end, out);
            }
            at = end;
        }
    }
}

/// Whether `<name` opens a tag of this name.
fn starts_tag(rest: &[u8], name: &[u8]) -> bool {
    rest.get(1..=name.len()).is_some_and(|n| n.eq_ignore_ascii_case(name))
        && rest.get(name.len() + 1).is_some_and(|b| matches!(b, b'>' | b'/') || b.is_ascii_whitespace())
}

/// Where the content of the element that opens at `here` begins and ends.
fn content(text: &[u8], here: usize, close: &[u8]) -> (usize, usize) {
    let body = memchr::memchr(b'>', &text[here..]).map_or(text.len(), |found| here + found + 1);
    let end = memchr::memmem::find_iter(&text[body..], b"</")
        .map(|found| body + found)
        .find(|&at| text[at..].get(..close.len()).is_some_and(|t| t.eq_ignore_ascii_case(close)))
        .unwrap_or(text.len());
    (body, end)
}

/// PHP between `<?php` or `<?=` and `?>`. What stands outside is code.
pub(super) fn mask_php(text: &[u8], out: &mut Stretches) {
    let Some(syntax) = tables::syntax_of(Language::Php) else { return };
    let mut at = 0;
    while let Some(open) = find(text, at, text.len(), b"<?") {
        if text[open..].starts_with(b"<?xml") {
            at = open + 2;
            continue;
        }
        at = generic::mask(syntax, text, open + 2..text.len(), out);
    }
}
