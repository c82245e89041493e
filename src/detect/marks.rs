use std::ops::Range;

use memchr::memmem;

use crate::model::{Language, Region};
use crate::rules::Rule;
use crate::source::FileView;

/// Whether somebody already told another tool to be silent here about what the rule finds.
///
/// A rule's `refs` name the rules of others that mean the same, and with them their marks:
/// `clippy::x` is silenced by `#[allow(clippy::x)]` and `#[expect(…)]`, `ruff X` by `# noqa`, `bandit X` by
/// `# nosec`, `eslint x` by `eslint-disable`, `eslint-disable-line` and `eslint-disable-next-line`.
pub fn is_silenced(rule: &Rule, view: &FileView, offset: usize) -> bool {
    rule.refs.iter().any(|name| {
        if name.starts_with("clippy::") {
            return view.language() == Language::Rust && allowed(view, name, offset);
        }
        match name.split_once(' ') {
            Some(("ruff", code)) => noqa(view, code, offset),
            Some(("bandit", code)) => nosec(view, code, offset),
            Some(("eslint", code)) => eslint(view, code, offset),
            Some(("rubocop", code)) => {
                view.language() == Language::Ruby
                    && comment_of_line(view, offset).is_some_and(|comment| {
                        memmem::find(comment, b"rubocop:disable")
                            .is_some_and(|at| names_word(&comment[at..], code.as_bytes()))
                    })
            }
            Some(("gosec", code)) => {
                view.language() == Language::Go
                    && comment_of_line(view, offset).is_some_and(|comment| {
                        names_code(comment, b"nosec", code) || memmem::find(comment, b"nolint").is_some()
                    })
            }
            _ => false,
        }
    })
}

/// `#[allow(clippy::x)]` on anything around the offset.
fn allowed(view: &FileView, lint: &str, offset: usize) -> bool {
    // One rule may have two lints for its two forms.
    let to_stderr = view.bytes().get(offset) == Some(&b'e');
    if lint == "clippy::print_stderr" && !to_stderr || lint == "clippy::print_stdout" && to_stderr {
        return false;
    }
    view.lint_allowances().iter().any(|allowance| {
        allowance.scope.contains(&offset) && {
            let attribute = &view.bytes()[allowance.attribute.clone()];
            names_word(attribute, lint.as_bytes()) || names_word(attribute, b"clippy::restriction")
        }
    })
}

/// Whether the word stands in the text, not as a part of a longer one.
fn names_word(text: &[u8], word: &[u8]) -> bool {
    memmem::find_iter(text, word).any(|at| {
        let part = |b: Option<&u8>| b.is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_');
        !part(text.get(at + word.len())) && !part(at.checked_sub(1).and_then(|i| text.get(i)))
    })
}

/// The line around the offset. A line may be the whole file, and this is asked at each place in it.
fn line_of(view: &FileView, offset: usize) -> Range<usize> {
    view.lines().line(view.bytes(), view.lines().line_at(offset))
}

/// The last comment of the line around the offset.
fn comment_of_line<'a>(view: &FileView<'a>, offset: usize) -> Option<&'a [u8]> {
    let line = line_of(view, offset);
    let last = line.end.checked_sub(1).filter(|&last| last >= offset)?;
    let stretch = view.regions().stretch_at(last)?;
    (stretch.region == Region::Comment).then(|| &view.bytes()[stretch.range.start.max(line.start)..line.end])
}

/// `# noqa`, or `# noqa: A1, B2` that names the code or the beginning of it.
fn noqa(view: &FileView, code: &str, offset: usize) -> bool {
    if view.language() != Language::Python {
        return false;
    }
    comment_of_line(view, offset).is_some_and(|comment| names_code(comment, b"noqa", code))
}

/// `# nosec`, or `# nosec B201`.
fn nosec(view: &FileView, code: &str, offset: usize) -> bool {
    comment_of_line(view, offset).is_some_and(|comment| names_code(comment, b"nosec", code))
}

fn names_code(comment: &[u8], mark: &[u8], code: &str) -> bool {
    let comment = comment.to_ascii_lowercase();
    let code = code.to_ascii_lowercase();
    let Some(at) = memmem::find(&comment, mark) else { return false };
    let rest = comment[at + mark.len()..].trim_ascii_start();
    let rest = rest.strip_prefix(b":").map_or(rest, <[u8]>::trim_ascii_start);
    let mut codes = rest
        .split(|b| matches!(b, b',' | b' ' | b'\t' | b'\r'))
        .take_while(|word| {
            word.first().is_some_and(u8::is_ascii_alphabetic) && word.last().is_some_and(u8::is_ascii_digit)
                || word.is_empty()
        })
        .filter(|word| !word.is_empty())
        .peekable();
    codes.peek().is_none() || codes.any(|word| code.as_bytes().starts_with(word))
}

/// `eslint-disable-line` on the line, `eslint-disable-next-line` on the one before, `eslint-disable` in a
/// block comment above.
fn eslint(view: &FileView, code: &str, offset: usize) -> bool {
    let (bytes, places) = (view.bytes(), view.eslint_places());
    if places.is_empty() {
        return false;
    }
    let before = |at: usize| places.partition_point(|&place| place < at);
    let names = |stretch: Range<usize>, mark: &[u8]| {
        places[before(stretch.start)..before(stretch.end)].iter().any(|&place| {
            let Some(rest) = bytes[place..stretch.end].strip_prefix(mark) else { return false };
            if rest.first() == Some(&b'-') {
                return false;
            }
            let rest = &rest[..memmem::find(rest, b"--").unwrap_or(rest.len())];
            let rest = rest.strip_suffix(b"*/").unwrap_or(rest).trim_ascii();
            rest.is_empty() || names_word(rest, code.as_bytes())
        })
    };
    let line = line_of(view, offset);
    if names(line.clone(), b"eslint-disable-line") {
        return true;
    }
    if let Some(above) = line.start.checked_sub(1)
        && names(line_of(view, above), b"eslint-disable-next-line")
    {
        return true;
    }
    // The last of `eslint-disable` and `eslint-enable` above decides; both stand in block comments.
    let above = line.start.saturating_sub(ABOVE);
    for &place in places[before(above)..before(line.start)].iter().rev() {
        let opens = place.checked_sub(3).filter(|&opens| opens >= above);
        let Some(opens) = opens.filter(|&opens| bytes[opens..].starts_with(b"/* ")) else { continue };
        let len = memmem::find(&bytes[opens..line.start], b"*/").unwrap_or(line.start - opens);
        if names(opens..opens + len, b"eslint-disable") {
            return true;
        }
        if names(opens..opens + len, b"eslint-enable") {
            return false;
        }
    }
    false
}

/// How far above a place a mark for the rest of the file is looked for.
const ABOVE: usize = 16 << 10;
