use std::ops::Range;

use bstr::BString;

use super::glob::{Glob, Slash};

/// The patterns of one ignore file, in Git's syntax: <https://git-scm.com/docs/gitignore#_pattern_format>.
#[derive(Debug, Clone, Default)]
pub struct Patterns {
    list: Vec<Pattern>,
    fold: bool,
    /// The places in the list of those that ask for a name or its end, each with the last byte of that, in order: most
    /// names end otherwise.
    by_end: Vec<(u8, usize)>,
    /// The places of all others.
    others: Vec<usize>,
}

/// One line of an ignore file that is a pattern.
#[derive(Debug, Clone)]
pub struct Pattern {
    /// As it is written, without the line's end and unescaped blanks before it.
    pub text: BString,
    /// 1-based line.
    pub line: usize,
    /// The bytes of `text` in the file.
    pub span: Range<usize>,
    /// Whether it starts with `!`.
    pub negated: bool,
    /// Whether it ends with `/`.
    folders_only: bool,
    test: Test,
}

/// How a pattern is held against a path.
#[derive(Debug, Clone)]
enum Test {
    /// The name is this.
    Name(Vec<u8>),
    /// The name ends so.
    NameEnd(Vec<u8>),
    /// The name matches.
    NameGlob(Glob),
    /// The path below the file's folder is this.
    Path(Vec<u8>),
    /// The path starts so, and the rest matches. Git takes the literal beginning off first, which makes
    /// `foo**/bar` match `foobar`.
    PathGlob(Vec<u8>, Glob),
}

impl Patterns {
    /// Reads an ignore file. `fold` is `core.ignoreCase`.
    pub fn read(bytes: &[u8], fold: bool) -> Self {
        let mut list = Vec::new();
        let mut start = if bytes.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
        let mut line = 0;
        while start < bytes.len() {
            line += 1;
            let end = memchr::memchr(b'\n', &bytes[start..]).map_or(bytes.len(), |at| start + at);
            let text = trimmed(&bytes[start..end]);
            if let Some(pattern) = pattern(text, line, start..start + text.len(), fold) {
                list.push(pattern);
            }
            start = end + 1;
        }
        let mut by_end = Vec::new();
        let mut others = Vec::new();
        for (at, pattern) in list.iter().enumerate() {
            match &pattern.test {
                Test::Name(want) | Test::NameEnd(want) if !want.is_empty() => {
                    by_end.push((last(want, fold), at));
                }
                _ => others.push(at),
            }
        }
        by_end.sort_unstable();
        Self { list, fold, by_end, others }
    }

    /// The last pattern that matches a path, given relative to the folder of the ignore file.
    pub fn last_match(&self, path: &[u8], is_folder: bool) -> Option<&Pattern> {
        let name = memchr::memrchr(b'/', path).map_or(path, |slash| &path[slash + 1..]);
        let matches = |at: usize| {
            let pattern = &self.list[at];
            (is_folder || !pattern.folders_only) && self.matches(&pattern.test, path, name)
        };
        let end = last(name, self.fold);
        let from = self.by_end.partition_point(|&(of, _)| of < end);
        let to = self.by_end.partition_point(|&(of, _)| of <= end);
        let by_end = self.by_end[from..to].iter().rev().map(|&(_, at)| at).find(|&at| matches(at));
        let others = self.others.iter().rev().copied();
        let other = others.take_while(|&at| by_end.is_none_or(|by_end| at > by_end)).find(|&at| matches(at));
        other.or(by_end).map(|at| &self.list[at])
    }

    fn matches(&self, test: &Test, path: &[u8], name: &[u8]) -> bool {
        match test {
            Test::Name(want) => name.len() == want.len() && self.same(name, want),
            Test::NameEnd(want) => {
                name.len() >= want.len() && self.same(&name[name.len() - want.len()..], want)
            }
            Test::NameGlob(glob) => glob.matches(name),
            Test::Path(want) => path.len() == want.len() && self.same(path, want),
            Test::PathGlob(head, rest) => {
                path.len() >= head.len()
                    && self.same(&path[..head.len()], head)
                    && rest.matches(&path[head.len()..])
            }
        }
    }

    fn same(&self, a: &[u8], b: &[u8]) -> bool {
        if self.fold { a.eq_ignore_ascii_case(b) } else { a == b }
    }
}

/// The last byte of a name, in lower case if case does not matter; 0 if there is none.
fn last(name: &[u8], fold: bool) -> u8 {
    let last = name.last().copied().unwrap_or_default();
    if fold { last.to_ascii_lowercase() } else { last }
}

/// The lines of an ignore file as Git reads them, comments and empty ones left out: the bytes of each, without the
/// blanks at its end that count for nothing. Not all of them are patterns that can match.
pub fn ignore_lines(bytes: &[u8]) -> Vec<Range<usize>> {
    let mut lines = Vec::new();
    let mut start = if bytes.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    while start < bytes.len() {
        let end = memchr::memchr(b'\n', &bytes[start..]).map_or(bytes.len(), |at| start + at);
        let text = trimmed(&bytes[start..end]);
        if text.first().is_some_and(|&b| b != b'#') {
            lines.push(start..start + text.len());
        }
        start = end + 1;
    }
    lines
}

/// A line without `\r` before its end and without blanks that are not escaped. Git reads lines as C strings.
fn trimmed(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let line = memchr::memchr(0, line).map_or(line, |nul| &line[..nul]);
    let mut blanks = None;
    let mut at = 0;
    while at < line.len() {
        match line[at] {
            b' ' => {
                blanks.get_or_insert(at);
            }
            b'\\' if at + 1 == line.len() => return line,
            b'\\' => {
                at += 1;
                blanks = None;
            }
            _ => blanks = None,
        }
        at += 1;
    }
    &line[..blanks.unwrap_or(line.len())]
}

fn pattern(text: &[u8], line: usize, span: Range<usize>, fold: bool) -> Option<Pattern> {
    if text.first().is_none_or(|&b| b == b'#') {
        return None;
    }
    let (negated, rest) = text.strip_prefix(b"!").map_or((false, text), |rest| (true, rest));
    let (folders_only, rest) = rest.strip_suffix(b"/").map_or((false, rest), |rest| (true, rest));
    if rest.is_empty() {
        return None;
    }
    let special = |bytes: &[u8]| bytes.iter().position(|b| matches!(b, b'*' | b'?' | b'[' | b'\\'));
    let test = if rest.contains(&b'/') {
        let rest = rest.strip_prefix(b"/").unwrap_or(rest);
        match special(rest) {
            None => Test::Path(rest.to_vec()),
            Some(at) => Test::PathGlob(rest[..at].to_vec(), Glob::new(&rest[at..], Slash::Separates, fold)?),
        }
    } else if special(rest).is_none() {
        Test::Name(rest.to_vec())
    } else if rest[0] == b'*' && special(&rest[1..]).is_none() {
        Test::NameEnd(rest[1..].to_vec())
    } else {
        Test::NameGlob(Glob::new(rest, Slash::Ordinary, fold)?)
    };
    Some(Pattern { text: text.into(), line, span, negated, folders_only, test })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_knows_where_it_stands() {
        let file = b"\xef\xbb\xbf# keys\r\n*.pem  \r\n!a\\ \n";
        let patterns = Patterns::read(file, false);
        let found = patterns.last_match(b"x/y.pem", false).unwrap();
        assert_eq!((found.line, &file[found.span.clone()]), (2, &b"*.pem"[..]));
        let found = patterns.last_match(b"a ", false).unwrap();
        assert_eq!((found.line, &file[found.span.clone()], found.negated), (3, &b"!a\\ "[..], true));
    }

    #[test]
    fn the_last_one_counts_whatever_it_asks_for() {
        let line = |file: &[u8], path: &[u8]| {
            Patterns::read(file, false).last_match(path, false).map(|pattern| pattern.line)
        };
        assert_eq!(line(b"*.pem\n[a-c].pem\nb.pem\nx/*\n", b"b.pem"), Some(3));
        assert_eq!(line(b"*.pem\n[a-c].pem\nb.pem\nx/*\n", b"x/b.pem"), Some(4));
        assert_eq!(line(b"b.pem\n*\n*m\n*.pes\n", b"b.pem"), Some(3));
        assert_eq!(line(b"b.pem\n*\n", b"a"), Some(2));
        assert_eq!(line(b"b.pem\n*m\n", b"a"), None);
    }

    #[test]
    fn case_is_folded_on_demand() {
        assert!(Patterns::read(b"*.PEM\n[A-C]x/", true).last_match(b"a.pem", false).is_some());
        assert!(Patterns::read(b"*.PEM", false).last_match(b"a.pem", false).is_none());
    }
}
