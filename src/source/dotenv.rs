use std::ops::Range;

use memchr::memchr;

/// A file of environment variables: `KEY=value` lines, as dotenv libraries and compose read them.
///
/// There is no standard; this reads what the libraries for Ruby, Node, Python, Rust and Go have in common, and
/// passes over lines that are none.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DotenvDocument {
    /// The variables in the order of the file.
    pub entries: Vec<DotenvEntry>,
}

/// One variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DotenvEntry {
    /// Its name.
    pub key: String,
    /// The bytes of the name.
    pub key_span: Range<usize>,
    /// The value: without quotes, escapes resolved, `${…}` left as it stands. Bytes that are not UTF-8 are
    /// replaced.
    pub value: String,
    /// The bytes of the value without its quotes.
    pub value_span: Range<usize>,
    /// Whether it stands in quotes.
    pub quoted: bool,
    /// Whether it refers to other variables (`$X`, `${X}`, `$(…)`), which single quotes prevent.
    pub refers: bool,
}

impl DotenvDocument {
    /// The variable of this name; of several, the last.
    pub fn get(&self, key: &str) -> Option<&DotenvEntry> {
        self.entries.iter().rev().find(|e| e.key == key)
    }
}

/// Reads a file. Never fails: what is no variable is passed over.
pub fn parse_dotenv(bytes: &[u8]) -> DotenvDocument {
    let mut entries = Vec::new();
    let mut at = if bytes.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    // For each kind of quote: from where on it is known that none closes.
    let mut unclosed = [usize::MAX; 3];
    while at < bytes.len() {
        let end = memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |found| at + found);
        at = match entry(bytes, at..end, &mut unclosed) {
            Some((entry, behind)) => {
                entries.push(entry);
                memchr(b'\n', &bytes[behind..]).map_or(bytes.len(), |found| behind + found + 1)
            }
            None => end + 1,
        };
    }
    DotenvDocument { entries }
}

/// The variable on this line, and where its value ends, which may be lines later.
fn entry(bytes: &[u8], line: Range<usize>, unclosed: &mut [usize; 3]) -> Option<(DotenvEntry, usize)> {
    let blank = |b: &u8| matches!(b, b' ' | b'\t');
    let mut at = line.start + bytes[line.clone()].iter().take_while(|b| blank(b)).count();
    if let Some(rest) = bytes[at..line.end].strip_prefix(b"export") {
        let blanks = rest.iter().take_while(|b| blank(b)).count();
        if blanks > 0 {
            at += 6 + blanks;
        }
    }
    let is_key = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-');
    let key_len = bytes[at..line.end].iter().take_while(|b| is_key(b)).count();
    let key_span = at..at + key_len;
    let key = std::str::from_utf8(&bytes[key_span.clone()]).ok().filter(|k| !k.is_empty())?.to_owned();
    at = key_span.end + bytes[key_span.end..line.end].iter().take_while(|b| blank(b)).count();
    match bytes.get(at).filter(|_| at < line.end)? {
        b'=' => at += 1,
        // `KEY: value` is read by several libraries.
        b':' if bytes.get(at + 1).is_some_and(blank) => at += 1,
        _ => return None,
    }
    at += bytes[at..line.end].iter().take_while(|b| blank(b)).count();
    if let Some(&quote @ (b'"' | b'\'' | b'`')) = bytes[..line.end].get(at)
        && let Some(close) = closing(bytes, at + 1, quote, unclosed)
    {
        let value_span = at + 1..close;
        let raw = String::from_utf8_lossy(&bytes[value_span.clone()]);
        let value = if quote == b'"' { unescaped(&raw) } else { raw.into_owned() };
        let refers = quote != b'\'' && refers(&bytes[value_span.clone()]);
        return Some((DotenvEntry { key, key_span, value, value_span, quoted: true, refers }, close + 1));
    }
    let rest = &bytes[at..line.end];
    // A comment begins at a `#` behind a blank, or right behind the sign.
    let comment = (0..rest.len()).find(|&i| rest[i] == b'#' && (i == 0 || blank(&rest[i - 1])));
    let value_bytes = rest[..comment.unwrap_or(rest.len())].trim_ascii_end();
    let value_span = at..at + value_bytes.len();
    let value = String::from_utf8_lossy(value_bytes).into_owned();
    let refers = refers(value_bytes);
    Some((DotenvEntry { key, key_span, value, value_span, quoted: false, refers }, line.end))
}

/// Where the quote is closed. Only double quotes know a backslash.
fn closing(bytes: &[u8], start: usize, quote: u8, unclosed: &mut [usize; 3]) -> Option<usize> {
    let kind = match quote {
        b'"' => 0,
        b'\'' => 1,
        _ => 2,
    };
    if start >= unclosed[kind] {
        return None;
    }
    let mut at = start;
    loop {
        let found = if quote == b'"' {
            memchr::memchr2(quote, b'\\', &bytes[at.min(bytes.len())..])
        } else {
            memchr(quote, &bytes[at..])
        };
        let Some(found) = found else {
            unclosed[kind] = unclosed[kind].min(start);
            return None;
        };
        at += found;
        if bytes[at] == quote {
            return Some(at);
        }
        at += 2;
    }
}

fn unescaped(raw: &str) -> String {
    let mut value = String::with_capacity(raw.len());
    let mut chars = raw.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            value.push(c);
            continue;
        }
        match chars.next() {
            Some('n') => value.push('\n'),
            Some('r') => value.push('\r'),
            Some('t') => value.push('\t'),
            Some(other @ ('"' | '\'' | '\\' | '$' | '`')) => value.push(other),
            Some(other) => value.extend(['\\', other]),
            None => value.push('\\'),
        }
    }
    value
}

/// Whether a `$` stands before a name or a bracket and behind no backslash.
fn refers(value: &[u8]) -> bool {
    memchr::memchr_iter(b'$', value).any(|at| {
        let escaped = at > 0 && value[at - 1] == b'\\';
        !escaped
            && value.get(at + 1).is_some_and(|b| b.is_ascii_alphabetic() || matches!(b, b'_' | b'{' | b'('))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(String, String)> {
        let document = parse_dotenv(text.as_bytes());
        for entry in &document.entries {
            assert_eq!(&text[entry.key_span.clone()], entry.key);
            assert_eq!(
                entry.quoted,
                entry.value_span.start > 0
                    && "\"'`".contains(&text[..entry.value_span.start][entry.value_span.start - 1..])
            );
        }
        document.entries.into_iter().map(|e| (e.key, e.value)).collect()
    }

    #[test]
    fn lines_become_variables() {
        let check = |text: &str, expect: &[(&str, &str)]| {
            let seen = read(text);
            let seen: Vec<_> = seen.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
            assert_eq!(seen, expect, "{text}");
        };
        check("A=b\nC=d", &[("A", "b"), ("C", "d")]);
        check("\u{feff}A=b\r\nC=d\r\n", &[("A", "b"), ("C", "d")]);
        check("export A = b c # d", &[("A", "b c")]);
        check("export=1", &[("export", "1")]);
        check("A=b#c", &[("A", "b#c")]);
        check("A=#c\nB=", &[("A", ""), ("B", "")]);
        check("# A=b\n\nnonsense\n=x\nB=1", &[("B", "1")]);
        check("A='b # \"c\" \\n' # d", &[("A", "b # \"c\" \\n")]);
        check("A=\"b\\n\\\"c\\\" \\x\"", &[("A", "b\n\"c\" \\x")]);
        check("A=`b 'c'`", &[("A", "b 'c'")]);
        check("A=\"b\nC=d\ne\"\nF=g", &[("A", "b\nC=d\ne"), ("F", "g")]);
        check("A='it\nB=1", &[("A", "'it"), ("B", "1")]);
        check("A: b", &[("A", "b")]);
        check("a.b-c=d=e", &[("a.b-c", "d=e")]);
    }

    #[test]
    fn references_are_told() {
        let check = |text: &str, expect| {
            let document = parse_dotenv(text.as_bytes());
            assert_eq!(document.entries.first().map(|e| e.refers), Some(expect), "{text}");
        };
        check("A=${B}", true);
        check("A=\"x$B\"", true);
        check("A='${B}'", false);
        check("A=\\$B", false);
        check("A=a$1", false);
        check("A=$(pass x)", true);
    }

    #[test]
    fn no_bytes_break_it_and_quotes_are_looked_for_once() {
        for text in ["A='\n", "A=\"\\", "A=\"\n", "A=`\n", "A=", "export ", "\u{feff}", "A=\\\"\n"] {
            parse_dotenv(text.repeat(50_000).as_bytes());
        }
        let document = parse_dotenv(b"A=\xff\nB=\"\xfe\"");
        assert_eq!(document.get("B").map(|e| e.value_span.clone()), Some(7..8));
    }
}
