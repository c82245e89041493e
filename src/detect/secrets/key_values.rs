//! Lists of `Key=Value;` as ADO.NET, ODBC, OLE DB and Azure write them: names may hold blanks, values may be
//! quoted or stand in braces.
//! <https://learn.microsoft.com/dotnet/framework/data/adonet/connection-string-syntax>

use std::ops::Range;

/// How far a list reaches at most before and behind the key that was hit.
const REACH: usize = 512;
/// No list has more fields.
const FIELDS_MAX: usize = 24;

/// A field: its name and its value without quotes, as bytes of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Field {
    /// The name, without blanks around it.
    pub(super) key: Range<usize>,
    /// The value.
    pub(super) value: Range<usize>,
}

/// The list around a hit.
#[derive(Debug)]
pub(super) struct KeyValues<'t> {
    text: &'t [u8],
    /// From the first name to the end of the last value.
    pub(super) span: Range<usize>,
    /// In order.
    fields: Vec<Field>,
}

impl<'t> KeyValues<'t> {
    /// Reads the list whose fields `by` separates, around a hit inside of a name.
    pub(super) fn around(text: &'t [u8], hit: usize, by: u8) -> Option<Self> {
        let before = &text[hit.saturating_sub(REACH)..hit];
        let is_end = |byte: u8| matches!(byte, b'\n' | b'\r' | b'"' | b'\'' | b'`' | b'<' | b'>' | b'|');
        let run = before.iter().rev().take_while(|&&byte| !is_end(byte)).count();
        let start = hit - run;
        let opener = start.checked_sub(1).map_or(b'\n', |at| text[at]);
        let window = &text[..text.len().min(hit + REACH)];
        let mut fields = Vec::new();
        let mut at = start;
        while at < window.len() && fields.len() < FIELDS_MAX {
            let Some((field, next)) = field(window, at, opener, by) else { break };
            fields.push(field);
            match next {
                Some(next) => at = next,
                None => break,
            }
        }
        if let Some(first) = fields.first_mut() {
            begin_inside(text, first, hit);
        }
        let span = fields.first()?.key.start..fields.last()?.value.end;
        // One that the hit is not part of: the list ended before.
        fields.iter().any(|field| field.key.contains(&hit) || field.key.end > hit).then_some(())?;
        Some(Self { text, span, fields })
    }

    /// The value of the first of these names: lower case, without blanks and signs.
    pub(super) fn get(&self, names: &[&str]) -> Option<Range<usize>> {
        self.fields
            .iter()
            .find(|field| names.iter().any(|name| is_name(&self.text[field.key.clone()], name)))
            .map(|field| field.value.clone())
    }

    /// The same as text.
    pub(super) fn text(&self, names: &[&str]) -> Option<&'t [u8]> {
        self.get(names).map(|value| &self.text[value])
    }
}

/// Takes off what stands before the first name on its line and belongs to the file: `url: Server=…`,
/// `CONNECTION=Server=…`.
fn begin_inside(text: &[u8], first: &mut Field, hit: usize) {
    let value = &text[first.value.clone()];
    if !first.key.contains(&hit)
        && let Some(equals) = memchr::memchr(b'=', value)
        && value[..equals].iter().all(|byte| byte.is_ascii_alphabetic() || matches!(byte, b' ' | b'_'))
        && equals + 1 < value.len()
    {
        first.key = trimmed(text, first.value.start..first.value.start + equals);
        first.value.start += equals + 1;
    }
    let key = &text[first.key.clone()];
    let extra = key.iter().rposition(|byte| b":({[,".contains(byte)).map_or(0, |at| at + 1);
    let blanks = key[extra..].iter().take_while(|byte| **byte == b' ').count();
    first.key.start += extra + blanks;
}

/// Compares without case and without anything but letters and digits.
fn is_name(key: &[u8], name: &str) -> bool {
    let bare = key.iter().filter(|byte| byte.is_ascii_alphanumeric()).map(u8::to_ascii_lowercase);
    bare.eq(name.bytes())
}

/// Reads one field, and says where the next one begins.
fn field(text: &[u8], at: usize, opener: u8, by: u8) -> Option<(Field, Option<usize>)> {
    let blanks = text[at..].iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b';')).count();
    let key_at = at + blanks;
    let key_len = text[key_at..]
        .iter()
        .take(96)
        .position(|byte| *byte == b'=' || matches!(byte, b'\n' | b'"' | b'\'' | b';'))
        .filter(|&len| text[key_at + len] == b'=')?;
    let key = trimmed(text, key_at..key_at + key_len);
    let mut value_at = key_at + key_len + 1;
    value_at += text[value_at..].iter().take(8).take_while(|byte| **byte == b' ').count();
    let first = text.get(value_at).copied();
    let close = match first {
        Some(b'{') => Some(b'}'),
        Some(quote @ (b'"' | b'\'')) if quote != opener => Some(quote),
        _ => None,
    };
    if let Some(close) = close
        && let Some(end) = closing(text, value_at + 1, close)
    {
        let next = text.get(end + 1).is_some_and(|byte| *byte == by || *byte == b' ').then_some(end + 2);
        return Some((Field { key, value: value_at + 1..end }, next));
    }
    let is_end = |byte: &u8| {
        *byte == by || *byte == opener || matches!(byte, b'\n' | b'\r' | b'"' | b'<' | b'`') || *byte == b'\\'
    };
    let rest = &text[value_at..];
    let mut len = rest.iter().position(is_end).unwrap_or(rest.len());
    // A backslash belongs to `server\instance`; before a quote or a line's end it ends the literal.
    while rest.get(len) == Some(&b'\\')
        && !matches!(rest.get(len + 1), Some(b'"' | b'\'' | b'n' | b'r') | None)
    {
        len += 1 + rest[len + 1..].iter().position(is_end).unwrap_or(rest.len() - len - 1);
    }
    let value = trimmed(text, value_at..value_at + len);
    let next = (rest.get(len) == Some(&by)).then_some(value_at + len + 1);
    Some((Field { key, value }, next))
}

/// Where a quoted value ends; a doubled quote belongs to it.
fn closing(text: &[u8], from: usize, close: u8) -> Option<usize> {
    let mut at = from;
    loop {
        match text.get(at)? {
            b'\n' => return None,
            byte if *byte == close && text.get(at + 1) == Some(&close) => at += 2,
            byte if *byte == close => return Some(at),
            _ => at += 1,
        }
    }
}

fn trimmed(text: &[u8], range: Range<usize>) -> Range<usize> {
    let part = &text[range.clone()];
    let start = part.len() - part.trim_ascii_start().len();
    let end = part.trim_ascii_end().len();
    range.start + start..range.start + end.max(start)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, by: u8, expect: &[(&str, &str)]) {
        let at = text.to_ascii_lowercase().find("pwd").expect("a hit");
        let found = KeyValues::around(text.as_bytes(), at, by);
        let fields: Vec<(&str, &str)> = found
            .iter()
            .flat_map(|list| &list.fields)
            .map(|field| (&text[field.key.clone()], &text[field.value.clone()]))
            .collect();
        assert_eq!(fields, expect, "{text}");
    }

    #[test]
    fn lists_are_read() {
        check("Server=h;Pwd=p;", b';', &[("Server", "h"), ("Pwd", "p")]);
        check("\"Data Source = h ; PWD = p\"", b';', &[("Data Source", "h"), ("PWD", "p")]);
        check("x(\"Server=h\\\\i;Pwd=p\")", b';', &[("Server", "h\\\\i"), ("Pwd", "p")]);
        check("\"Server=h;Pwd='a;b';D=1\"", b';', &[("Server", "h"), ("Pwd", "a;b"), ("D", "1")]);
        check("Driver={X Y};Pwd={a}}b};D=1", b';', &[("Driver", "X Y"), ("Pwd", "a}}b"), ("D", "1")]);
        check("url: Server=h;Pwd=p", b';', &[("Server", "h"), ("Pwd", "p")]);
        check("DB_URL=Server=h;Pwd=p", b';', &[("Server", "h"), ("Pwd", "p")]);
        check("Pwd=a=b;Server=h", b';', &[("Pwd", "a=b"), ("Server", "h")]);
        check("{\"a\": \"Server=h;Pwd=p\"}", b';', &[("Server", "h"), ("Pwd", "p")]);
        check("<add x=\"Server=h;Pwd=p\" />", b';', &[("Server", "h"), ("Pwd", "p")]);
        check("host=h pwd=p dbname=d", b' ', &[("host", "h"), ("pwd", "p"), ("dbname", "d")]);
        check("pwd", b';', &[]);
        check("Server;Pwd", b';', &[]);
    }

    #[test]
    fn names_are_compared_without_blanks() {
        assert!(is_name(b"Data Source", "datasource") && is_name(b"User_ID", "userid"));
        assert!(!is_name(b"Data", "datasource"));
    }
}
