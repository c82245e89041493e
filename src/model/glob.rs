use std::fmt;

use super::RepoPath;

/// A pattern for paths of the repository, in the manner of `.gitignore`.
///
/// `*` and `?` stand for characters within one part of a path, `[…]` for one of some characters, `**` as
/// a part of its own for any number of parts, `\` takes a character as it is. A pattern without `/` is
/// held against every part of the path; one with `/` against the path from the root on. A pattern that
/// names a folder covers what lies below it; one that ends in `/` covers that alone. Case matters.
///
/// Matching takes time at most quadratic in the path, whatever the pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Glob {
    written: String,
    segments: Vec<Segment>,
    /// It ends in `/`: it covers what lies in the folder, not a file of that name.
    folder: bool,
}

/// A pattern that is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GlobError(&'static str);

impl fmt::Display for GlobError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for GlobError {}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Segment {
    /// `**`: any number of parts.
    Any,
    /// A part as it is.
    Literal(Vec<u8>),
    /// A part with wildcards.
    Wild(Vec<Token>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    One(char),
    AnyOne,
    AnyRun,
    Set { ranges: Vec<(char, char)>, negated: bool },
}

impl Glob {
    /// Reads a pattern.
    ///
    /// # Errors
    /// What does not mean anything, or does not mean here what its writer expects: an empty pattern, `!`
    /// at the start, `..`, `{a,b}`, an open `[`, a `\` at the end.
    pub fn parse(pattern: &str) -> Result<Self, GlobError> {
        let mut rest = pattern.strip_prefix("./").unwrap_or(pattern);
        if rest.starts_with('!') {
            return Err(GlobError("a pattern cannot take back another one with `!`"));
        }
        let anchored = rest.trim_end_matches('/').contains('/');
        rest = rest.strip_prefix('/').unwrap_or(rest);
        let folder = rest.ends_with('/');
        rest = rest.trim_end_matches('/');
        if rest.is_empty() {
            return Err(GlobError("the pattern is empty"));
        }
        let mut segments = Vec::new();
        if !anchored && rest != "**" {
            segments.push(Segment::Any);
        }
        for part in rest.split('/') {
            let segment = segment(part)?;
            // Two in a row say what one says.
            if segment != Segment::Any || segments.last() != Some(&Segment::Any) {
                segments.push(segment);
            }
        }
        Ok(Self { written: pattern.to_owned(), segments, folder })
    }

    /// As it was written.
    pub fn written(&self) -> &str {
        &self.written
    }

    /// Whether it names one path alone: it is held against the path from the root on and has no wildcards.
    pub fn is_literal(&self) -> bool {
        self.segments.iter().all(|s| matches!(s, Segment::Literal(_)))
    }

    /// Whether the path, or a folder it lies in, fits the pattern.
    pub fn matches(&self, path: &RepoPath) -> bool {
        let parts: Vec<&[u8]> = path.parts().collect();
        let (mut at, mut part) = (0, 0);
        // Where to go on after a failure: behind the last `**`, one part further. An earlier `**` need not
        // be tried again, since the last one can take whatever that would leave.
        let mut again = None;
        loop {
            let Some(segment) = self.segments.get(at) else {
                // What is left of the path lies in a folder that fits.
                return !self.folder || part < parts.len();
            };
            let fits = match segment {
                Segment::Any if at + 1 == self.segments.len() => {
                    // A `**` at the end covers what lies below, not the folder itself.
                    return part + usize::from(self.folder) < parts.len();
                }
                Segment::Any => {
                    again = Some((at + 1, part));
                    at += 1;
                    continue;
                }
                Segment::Literal(literal) => parts.get(part).is_some_and(|p| p == literal),
                Segment::Wild(tokens) => parts.get(part).is_some_and(|p| wild(tokens, p)),
            };
            if fits {
                at += 1;
                part += 1;
                continue;
            }
            match again {
                Some((behind, from)) if from < parts.len() => {
                    again = Some((behind, from + 1));
                    at = behind;
                    part = from + 1;
                }
                _ => return false,
            }
        }
    }
}

impl fmt::Display for Glob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&super::shown(&self.written))
    }
}

fn segment(part: &str) -> Result<Segment, GlobError> {
    match part {
        "" => return Err(GlobError("the pattern has an empty part")),
        "**" => return Ok(Segment::Any),
        "." | ".." => {
            return Err(GlobError("a pattern starts at the repository's root, without `.` or `..`"));
        }
        _ => {}
    }
    let mut tokens = Vec::new();
    let mut chars = part.chars();
    while let Some(c) = chars.next() {
        tokens.push(match c {
            '\\' => Token::One(chars.next().ok_or(GlobError("nothing stands behind the last `\\`"))?),
            '?' => Token::AnyOne,
            '*' => {
                // As in Git, `**` beside other characters is `*`.
                if tokens.last() == Some(&Token::AnyRun) {
                    continue;
                }
                Token::AnyRun
            }
            '[' => set(&mut chars)?,
            '{' if chars.as_str().split('}').next().is_some_and(|inner| inner.contains(',')) => {
                return Err(GlobError("`{a,b}` is not expanded; write one pattern for each"));
            }
            c => Token::One(c),
        });
    }
    let literal: Option<String> =
        tokens.iter().map(|t| if let Token::One(c) = t { Some(*c) } else { None }).collect();
    Ok(literal.map_or(Segment::Wild(tokens), |text| Segment::Literal(text.into_bytes())))
}

/// Behind a `[`.
fn set(chars: &mut std::str::Chars<'_>) -> Result<Token, GlobError> {
    const OPEN: GlobError = GlobError("a `[` is not closed");
    let mut rest = chars.clone();
    let negated = matches!(rest.clone().next(), Some('!' | '^'));
    if negated {
        rest.next();
    }
    let mut ranges = Vec::new();
    loop {
        let first = match rest.next().ok_or(OPEN)? {
            // A `]` in the first place stands for itself.
            ']' if !ranges.is_empty() => break,
            '[' if rest.as_str().starts_with(':') => {
                return Err(GlobError("classes such as `[:alpha:]` are not known; write the characters"));
            }
            '\\' => rest.next().ok_or(OPEN)?,
            c => c,
        };
        let mut ahead = rest.clone();
        let last = match (ahead.next(), ahead.next()) {
            (Some('-'), Some(last)) if last != ']' => {
                rest = ahead;
                if last == '\\' { rest.next().ok_or(OPEN)? } else { last }
            }
            _ => first,
        };
        ranges.push((first, last));
    }
    *chars = rest;
    Ok(Token::Set { ranges, negated })
}

/// Whether one part of a path fits: each `*` first takes nothing, then one character more after each failure.
fn wild(tokens: &[Token], part: &[u8]) -> bool {
    let (mut at, mut from) = (0, 0);
    let mut again = None;
    loop {
        let (c, size) = bstr::decode_utf8(&part[from..]);
        let fits = match tokens.get(at) {
            None if from == part.len() => return true,
            Some(Token::AnyRun) => {
                again = Some((at + 1, from));
                at += 1;
                continue;
            }
            Some(_) if size == 0 => return false,
            None => false,
            Some(Token::AnyOne) => true,
            Some(Token::One(wanted)) => c == Some(*wanted),
            Some(Token::Set { ranges, negated }) => {
                c.is_some_and(|c| ranges.iter().any(|&(a, z)| (a..=z).contains(&c))) != *negated
            }
        };
        if fits {
            at += 1;
            from += size;
            continue;
        }
        match again {
            Some((behind, start)) if start < part.len() => {
                let next = start + bstr::decode_utf8(&part[start..]).1;
                again = Some((behind, next));
                at = behind;
                from = next;
            }
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pattern: &str, yes: &[&str], no: &[&str]) {
        let glob = Glob::parse(pattern).unwrap();
        for path in yes {
            assert!(glob.matches(&RepoPath::from(*path)), "{pattern} should cover {path}");
        }
        for path in no {
            assert!(!glob.matches(&RepoPath::from(*path)), "{pattern} should not cover {path}");
        }
    }

    #[test]
    fn without_a_slash_any_part_counts() {
        check("fixtures", &["fixtures", "fixtures/a", "a/fixtures/b/c"], &["fixture", "fixtures2/a"]);
        check("*.pem", &["a.pem", "x/y/a.pem", "k.pem/inside"], &["a.pem.txt", "pem"]);
        check("?.rs", &["a.rs", "x/é.rs"], &["ab.rs", ".rs"]);
        check("target/", &["target/a", "x/target/debug/b"], &["target", "x/target"]);
    }

    #[test]
    fn with_a_slash_it_starts_at_the_root() {
        check("/a.rs", &["a.rs", "a.rs/b"], &["x/a.rs"]);
        check("src/*.rs", &["src/a.rs"], &["src/x/a.rs", "x/src/a.rs"]);
        check("./src/gen", &["src/gen", "src/gen/a"], &["src/generated"]);
        check("docs/*/x", &["docs/a/x", "docs/a/x/y"], &["docs/x", "docs/a/b/x"]);
    }

    #[test]
    fn two_stars_cross_folders() {
        check("**", &["a", "a/b"], &[]);
        check("a/**", &["a/b", "a/b/c"], &["a", "b/a/c"]);
        check("**/b", &["b", "a/b", "a/x/b/c"], &["ab", "a/bc"]);
        check("a/**/z", &["a/z", "a/b/z", "a/b/c/z/y"], &["a", "z", "b/a/z"]);
        check("**/a/**/b/*.txt", &["a/b/b/c.txt", "x/a/y/b/b/d.txt"], &["a/b", "a/c.txt"]);
        check("a**b/c", &["ab/c", "axxb/c"], &["a/x/b/c"]);
        check("**/x/", &["x/y", "a/x/x"], &["x", "a/x"]);
    }

    #[test]
    fn sets_and_escapes() {
        check("[a-c]x", &["ax", "cx"], &["dx", "x"]);
        check("[!a-c]x", &["dx"], &["ax"]);
        check("[]-]x", &["]x", "-x"], &["ax"]);
        check(r"\*x", &["*x"], &["ax"]);
        check(r"[\]]", &["]"], &["a"]);
        check("{{name}}", &["{{name}}/a"], &["name"]);
        assert!(Glob::parse("[^a]").unwrap().matches(&RepoPath::new(b"\xff".to_vec())));
    }

    #[test]
    fn what_means_nothing_is_refused() {
        for pattern in
            ["", "/", "!a", "a//b", "../a", "a/../b", "{a,b}", "[a", "[", "[]", "a\\", "[[:alpha:]]"]
        {
            assert!(Glob::parse(pattern).is_err(), "{pattern:?}");
        }
    }

    #[test]
    fn hostile_patterns_end_soon() {
        let glob = Glob::parse(&"*a".repeat(200)).unwrap();
        assert!(!glob.matches(&RepoPath::from(&*"a".repeat(150))));
        let deep = Glob::parse(&format!("{}b", "**/a/".repeat(200))).unwrap();
        assert!(!deep.matches(&RepoPath::from("a/".repeat(2000).trim_end_matches('/'))));
    }
}
