use std::borrow::Cow;
use std::ops::Range;

use super::cursor::Cursor;
use crate::model::Language;

/// Values longer than this are data.
const LONGEST: usize = 2048;
/// No more literals are put together.
const MOST_PARTS: usize = 32;

/// A value as it is written out in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::detect::secrets) struct Literal {
    /// Its stretches in the file, without quotes; several where literals are put together.
    pub(in crate::detect::secrets) parts: Vec<Range<usize>>,
    /// Whether it stands in quotes.
    pub(in crate::detect::secrets) quoted: bool,
    /// Whether something that is no literal is put together with it, or put into it.
    pub(in crate::detect::secrets) mixed: bool,
}

impl Literal {
    pub(super) fn of(range: Range<usize>, quoted: bool) -> Self {
        Self { parts: vec![range], quoted, mixed: false }
    }

    /// From its first byte to its last, with all that stands between the parts.
    pub(in crate::detect::secrets) fn range(&self) -> Range<usize> {
        let start = self.parts.first().map_or(0, |part| part.start);
        start..self.parts.last().map_or(start, |part| part.end)
    }

    /// Its bytes, put together.
    pub(in crate::detect::secrets) fn text<'t>(&self, bytes: &'t [u8]) -> Cow<'t, [u8]> {
        match &*self.parts {
            [only] => Cow::Borrowed(&bytes[only.clone()]),
            parts => Cow::Owned(parts.iter().flat_map(|part| &bytes[part.clone()]).copied().collect()),
        }
    }
}

/// Reads a literal in quotes, and those that are put together with it: `"a" "b"`, `"a" + "b"`, `"a" . "b"`.
pub(super) fn quoted(cursor: &mut Cursor, language: Language) -> Option<Literal> {
    let first = one(cursor)?;
    let mut literal = Literal { parts: vec![first.inside], quoted: true, mixed: first.filled_in };
    for _ in 0..MOST_PARTS {
        let mut next = *cursor;
        next.blanks();
        let adjacent = next.peek();
        let joins = match adjacent {
            Some(b'+') if next.rest().get(1) != Some(&b'=') => 1,
            Some(b'.') if matches!(language, Language::Php | Language::Perl) => 1,
            Some(b'.') if next.rest().starts_with(b"..") => 2,
            Some(b'~' | b'&') if matches!(language, Language::Html | Language::CSharp) => 1,
            Some(b'%') if matches!(language, Language::Python | Language::Ruby) => {
                literal.mixed = true;
                break;
            }
            _ => 0,
        };
        next.at += joins;
        if joins == 0 && !is_joined_by_standing(language) {
            break;
        }
        next.gap();
        prefix(&mut next);
        let Some(more) = one(&mut next) else {
            // Joined with something that is no literal.
            literal.mixed |= joins > 0;
            break;
        };
        literal.mixed |= more.filled_in;
        literal.parts.push(more.inside);
        *cursor = next;
        if literal.range().len() > LONGEST {
            return None;
        }
    }
    for call in [&b".format("[..], b".replace(", b".repeat(", b".formatted(", b".sub("] {
        literal.mixed |= cursor.has(call);
    }
    Some(literal)
}

/// Whether literals that stand behind each other are one, also on the next line.
fn is_joined_by_standing(language: Language) -> bool {
    matches!(language, Language::C | Language::Cpp | Language::Python)
}

/// What may stand before a literal's quote: `r"…"`, `b"…"`, `r#"…"#`, `@"…"`, `L"…"`, `u'…'`.
pub(super) fn prefix(cursor: &mut Cursor) {
    if matches!(cursor.peek(), Some(b'"' | b'\'' | b'`')) {
        return;
    }
    let len = cursor.near(4).iter().take_while(|b| b"rbuLRUf@#$NEc".contains(b)).count();
    if len > 0 && matches!(cursor.text.get(cursor.at + len), Some(b'"' | b'\'')) {
        cursor.at += len;
    }
}

/// A literal in quotes.
struct Quoted {
    inside: Range<usize>,
    /// Whether values are put into it: an f-string with a bracket in it.
    filled_in: bool,
}

fn one(cursor: &mut Cursor) -> Option<Quoted> {
    let escaped = cursor.has(b"\\\"") || cursor.has(b"\\'");
    if escaped {
        return escaped_quotes(cursor);
    }
    let quote = cursor.peek().filter(|byte| matches!(byte, b'"' | b'\'' | b'`'))?;
    let marked = cursor.before();
    let triple = [quote; 3];
    if cursor.has(&triple) {
        let start = cursor.at + 3;
        let near = &cursor.text[start..cursor.text.len().min(start + LONGEST)];
        let len = memchr::memmem::find(near, &triple)?;
        cursor.at = start + len + 3;
        let inside = trimmed(cursor.text, start..start + len);
        return Some(Quoted { inside, filled_in: false });
    }
    let start = cursor.at + 1;
    let near = &cursor.text[start..cursor.text.len().min(start + LONGEST)];
    let mut len = 0;
    loop {
        match *near.get(len)? {
            b'\n' if quote != b'`' => return None,
            b'\\' => len += 2,
            byte if byte == quote => break,
            _ => len += 1,
        }
    }
    let inside = start..start + len;
    cursor.at = inside.end + 1;
    // Rust's raw strings close with as many signs as they open with.
    if marked == Some(b'#') {
        cursor.run(8, |byte| byte == b'#');
    }
    let is_template = match marked {
        Some(b'f' | b'F' | b'$') => cursor.text[inside.clone()].contains(&b'{'),
        _ => false,
    };
    Some(Quoted { inside, filled_in: is_template })
}

/// `\"…\"`: a literal within a literal.
fn escaped_quotes(cursor: &mut Cursor) -> Option<Quoted> {
    let opener = cursor.near(2);
    let start = cursor.at + 2;
    let near = &cursor.text[start..cursor.text.len().min(start + LONGEST)];
    let len = memchr::memmem::find(near, opener)?;
    let inside = &near[..len];
    if inside.contains(&b'\n') || inside.contains(&opener[1]) {
        return None;
    }
    cursor.at = start + len + 2;
    Some(Quoted { inside: start..start + len, filled_in: false })
}

fn trimmed(text: &[u8], range: Range<usize>) -> Range<usize> {
    let stretch = &text[range.clone()];
    let lead = stretch.len() - stretch.trim_ascii_start().len();
    range.start + lead..range.start + lead + stretch.trim_ascii().len()
}

/// A value without quotes: to the end of the word or of the line, as the language has it.
pub(super) fn bare(cursor: &mut Cursor, language: Language) -> Option<Literal> {
    // Cut first: a line may be the whole file.
    let near = cursor.near(LONGEST + 1);
    let line = near.split(|&byte| byte == b'\n').next().unwrap_or_default();
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let in_flow = language == Language::Yaml && cursor.line_before(400).contains(&b'{');
    // The lines of a recipe are the shell's.
    let is_recipe = language == Language::Make && cursor.line_before(400).first() == Some(&b'\t');
    let language = if is_recipe { Language::Shell } else { language };
    let ends = |at: usize, byte: u8| match language {
        Language::Shell | Language::Dockerfile => byte.is_ascii_whitespace() || b";|&)<>\"'`".contains(&byte),
        Language::Yaml if in_flow => byte.is_ascii_whitespace() || b",}]".contains(&byte),
        Language::Yaml | Language::Dotenv | Language::Ini => {
            matches!(byte, b'#' | b';') && at > 0 && line[at - 1].is_ascii_whitespace()
        }
        Language::Properties | Language::Make => false,
        _ => byte.is_ascii_whitespace() || b",;&\"'`)<>".contains(&byte),
    };
    // What a shell evaluates, and what belongs to a pattern.
    if matches!(line.first(), Some(b'`' | b'\\')) {
        return None;
    }
    let len = (0..line.len()).find(|&at| ends(at, line[at])).unwrap_or(line.len());
    let mut len = line[..len].trim_ascii_end().len();
    // The line goes on below.
    if line[..len].ends_with(b" \\") {
        len = line[..len - 1].trim_ascii_end().len();
    }
    let range = cursor.at..cursor.at + len;
    cursor.at = range.end;
    (len > 0 && len <= LONGEST).then(|| Literal::of(range, false))
}

/// The one line of a YAML block scalar: `key: |` and an indented line. Blocks of several lines are texts.
pub(super) fn block(cursor: &mut Cursor, key_indent: usize) -> Option<Literal> {
    let near = cursor.near(LONGEST);
    let mut lines = near.split_inclusive(|&byte| byte == b'\n');
    let head = lines.next()?;
    if !head[1..].trim_ascii().iter().all(|byte| b"+-0123456789".contains(byte)) {
        return None;
    }
    let line = lines.next()?;
    let indent = line.iter().take_while(|&&byte| byte == b' ').count();
    let len = line.trim_ascii_end().len();
    let goes_on = lines.next().is_some_and(|next| {
        let next_indent = next.iter().take_while(|&&byte| byte == b' ').count();
        next_indent > key_indent && !next.trim_ascii().is_empty()
    });
    if indent <= key_indent || indent >= len || goes_on {
        return None;
    }
    let start = cursor.at + head.len();
    cursor.at = start + len;
    Some(Literal::of(start + indent..start + len, true))
}
