use std::ops::Range;

use super::{RawChange, RawEdit};
use crate::model::{Language, Region};
use crate::rules::rule::Mend;
use crate::source::FileView;

/// Statements and arguments are not followed further than this.
const REACH: usize = 4 << 10;

/// The change that a rule's pattern asks for at a match; `None` where it is not sure to leave the rest as it was.
pub(super) fn change(
    mend: &Mend,
    view: &FileView,
    at: Range<usize>,
    cut: Option<Range<usize>>,
) -> Option<RawChange> {
    if view.region_at(at.start) != Region::Code {
        return None;
    }
    match mend {
        Mend::Statement => statement(view, at.start),
        Mend::Argument => argument(view, &at),
        Mend::Instead(words) if words.is_empty() => Some(RawChange::replace("takes it away", cut?, "")),
        Mend::Instead(words) => Some(RawChange::replace(format!("writes {words}"), cut?, &**words)),
    }
}

/// Deletes the line of a statement that has it for itself.
pub(super) fn statement(view: &FileView, at: usize) -> Option<RawChange> {
    let bytes = view.bytes();
    let line = view.line_near(at, REACH);
    let before = bytes[line.start..at].trim_ascii();
    // `import pdb; pdb.set_trace()` goes as a whole.
    let is_import = before.strip_prefix(b"import ").and_then(|rest| rest.strip_suffix(b";"));
    let is_import = is_import.is_some_and(|name| name.iter().all(|&b| is_name(b)));
    if !(before.is_empty() || is_import && view.language() == Language::Python) {
        return None;
    }
    let end = code_end(view, at..line.end)?;
    if is_import && bytes[at..end].contains(&b';') {
        return None;
    }
    let above = last_code(view, line.start);
    let newline = usize::from(bytes.get(line.end) == Some(&b'\n'))
        + if bytes[line.end..].starts_with(b"\r\n") { 2 } else { 0 };
    let whole = line.start..line.end + newline;
    if view.language() == Language::Python {
        if above.ends_with(b"\\") || above.ends_with(b"(") || above.ends_with(b",") {
            return None;
        }
        if above.ends_with(b":") && !goes_on(bytes, &whole) {
            let what = "writes pass in its place: nothing else stands in the block";
            let start = line.start + indent(&bytes[line.clone()]);
            return Some(RawChange::replace(what, start..end, "pass"));
        }
    } else {
        let word = above.iter().position(|b| !b.is_ascii_alphabetic() && *b != b'}' && *b != b' ');
        let word = above[..word.unwrap_or(above.len())].trim_ascii();
        let depends =
            [&b"if"[..], b"for", b"while", b"else", b"} else", b"elseif", b"foreach", b"do"].contains(&word);
        if depends && !above.ends_with(b"{") && !above.ends_with(b":") && view.language() != Language::Ruby {
            return None;
        }
        if above.last().is_some_and(|b| b"=,+&|?(.\\".contains(b)) {
            return None;
        }
    }
    Some(RawChange::replace("deletes the statement", whole, ""))
}

/// Where the code of a line ends, if all that it opens is closed there, and only one statement stands in it.
fn code_end(view: &FileView, line: Range<usize>) -> Option<usize> {
    let bytes = view.bytes();
    let (mut at, mut depth, mut end) = (line.start, 0_i32, line.start);
    while at < line.end {
        if let Some(stretch) = view.regions().stretch_at(at) {
            if stretch.range.end > line.end + 1 {
                return None;
            }
            if stretch.region == Region::String {
                end = stretch.range.end;
            }
            at = stretch.range.end.max(at + 1);
            continue;
        }
        match bytes[at] {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth -= 1,
            b';' if depth == 0 && end > line.start => {
                let rest = bytes[at + 1..line.end].trim_ascii();
                let is_last = rest.is_empty()
                    || view.region_at(line.end - rest.len()) == Region::Comment && !rest.starts_with(b"*/");
                return is_last.then_some(at + 1);
            }
            _ => {}
        }
        if depth < 0 {
            return None;
        }
        if !bytes[at].is_ascii_whitespace() {
            end = at + 1;
        }
        at += 1;
    }
    (depth == 0).then_some(end)
}

/// The last line above that holds code, without comments.
fn last_code<'a>(view: &FileView<'a>, mut end: usize) -> &'a [u8] {
    let bytes = view.bytes();
    let floor = end.saturating_sub(REACH);
    while end > floor {
        let line = view.line_near(end - 1, REACH);
        let mut stop = line.end;
        while let Some(last) = stop.checked_sub(1).filter(|&last| last >= line.start) {
            match view.regions().stretch_at(last) {
                Some(stretch) if matches!(stretch.region, Region::Comment | Region::Doc) => {
                    stop = stretch.range.start.max(line.start);
                }
                _ if bytes[last].is_ascii_whitespace() => stop = last,
                _ => break,
            }
        }
        let text = bytes[line.start..stop].trim_ascii();
        if !text.is_empty() {
            return text;
        }
        end = line.start;
    }
    b""
}

/// Whether a block of Python goes on behind this line of it.
fn goes_on(bytes: &[u8], line: &Range<usize>) -> bool {
    let mine = indent(&bytes[line.clone()]);
    let next = bytes[line.end..].split(|&b| b == b'\n').find(|line| {
        let text = line.trim_ascii();
        !text.is_empty() && !text.starts_with(b"#")
    });
    next.is_some_and(|next| indent(next) >= mine)
}

fn indent(line: &[u8]) -> usize {
    line.iter().take_while(|b| matches!(b, b' ' | b'\t')).count()
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Leaves of a call of a Rust macro its argument. `at` ends with the bracket that opens the call.
fn argument(view: &FileView, at: &Range<usize>) -> Option<RawChange> {
    const WHAT: &str = "leaves the argument of the call";
    let bytes = view.bytes();
    let open = at.end - 1;
    let close = closing(view, open)?;
    let inner = &bytes[open + 1..close];
    let text = inner.trim_ascii();
    if inner.contains(&b'$') || text.ends_with(b",") {
        return None;
    }
    let mut start = at.start;
    for path in [&b"::std::"[..], b"std::"] {
        if bytes[..start].ends_with(path) {
            start -= path.len();
            break;
        }
    }
    if bytes[..start].ends_with(b"::") {
        return None;
    }
    let line = view.line_near(start, REACH);
    let stands_alone = bytes[line.start..start].trim_ascii().is_empty();
    let does_nothing = text.iter().all(|&b| is_name(b) || b"&.:, ".contains(&b));
    if stands_alone && does_nothing && bytes.get(close + 1) == Some(&b';') && close < line.end {
        return statement(view, start);
    }
    if text.is_empty() {
        return Some(RawChange::replace(WHAT, start..close + 1, "()"));
    }
    let before = bytes[..start].trim_ascii_end();
    let follows = matches!(before.last(), Some(b'(' | b',' | b'{' | b';'))
        || before.ends_with(b" =")
        || before.ends_with(b"return");
    let ends = bytes[close + 1..].trim_ascii_start().first().is_some_and(|b| b";,)}".contains(b));
    let alone = follows && ends && !has_comma(view, open + 1..close) && !text.starts_with(b"{");
    if alone || is_postfix(view, open + 1..close) {
        return Some(RawChange::replace(WHAT, start..open + 1, "").and(close..close + 1, ""));
    }
    let whole = RawChange::replace(WHAT, start..open + 1, "(");
    Some(RawChange {
        edits: whole
            .edits
            .into_iter()
            .chain([RawEdit { path: None, range: close..close + 1, replacement: ")".into() }])
            .collect(),
        ..whole
    })
}

/// The bracket that closes the one at `open`.
fn closing(view: &FileView, open: usize) -> Option<usize> {
    let bytes = view.bytes();
    let (mut at, mut depth) = (open, 0_usize);
    let end = bytes.len().min(open + REACH);
    while at < end {
        if let Some(stretch) = view.regions().stretch_at(at) {
            at = stretch.range.end;
            continue;
        }
        match bytes[at] {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
        at += 1;
    }
    None
}

/// The bytes of code in no bracket of this stretch.
fn outside(view: &FileView, range: Range<usize>) -> Vec<u8> {
    let bytes = view.bytes();
    let (mut at, mut depth, mut found) = (range.start, 0_i32, Vec::new());
    while at < range.end {
        if let Some(stretch) = view.regions().stretch_at(at) {
            at = stretch.range.end;
            continue;
        }
        match bytes[at] {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth -= 1,
            other if depth == 0 => found.push(other),
            _ => {}
        }
        at += 1;
    }
    found
}

fn has_comma(view: &FileView, range: Range<usize>) -> bool {
    outside(view, range).contains(&b',')
}

/// Whether this is a name with calls and fields behind it, which binds tighter than whatever stands around.
fn is_postfix(view: &FileView, range: Range<usize>) -> bool {
    let starts = view.bytes()[range.start..].first().is_some_and(|&b| b.is_ascii_alphabetic() || b == b'_');
    let code = outside(view, range);
    starts && code.iter().all(|&b| is_name(b) || b == b'.' || b == b':')
}
