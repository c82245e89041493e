use std::ops::Range;

/// What is left out of the context of a Docker build
/// (<https://docs.docker.com/build/concepts/context/#dockerignore-files>). Not Git's rules: every pattern starts at
/// the root, an exception reaches into folders that are left out, and the last line that matches decides.
#[derive(Debug, Clone, Default)]
pub struct Dockerignore {
    lines: Vec<Line>,
}

#[derive(Debug, Clone)]
struct Line {
    span: Range<usize>,
    excepts: bool,
    tokens: Vec<Token>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    /// This byte.
    Byte(u8),
    /// `?`
    NotSlash,
    /// `[a-z]`: ranges, and whether the others are meant.
    Class(Vec<(u8, u8)>, bool),
    /// `*`
    Star,
    /// `**` at the end: anything.
    Anything,
    /// `**` elsewhere: any number of folders, with the slash behind them. Two states: before and inside of them.
    Folders,
    /// The second state of [`Token::Folders`].
    InFolders,
}

impl Dockerignore {
    /// Reads a file. Lines that are no patterns leave nothing out.
    pub fn parse(bytes: &[u8]) -> Self {
        let mut lines = Vec::new();
        let mut start = if bytes.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
        while start < bytes.len() {
            let end = memchr::memchr(b'\n', &bytes[start..]).map_or(bytes.len(), |at| start + at);
            lines.extend(line(&bytes[start..end], start));
            start = end + 1;
        }
        Self { lines }
    }

    /// The line that decides on a path, given relative to the context's root: its bytes, and whether it leaves the
    /// path out. `None` if none says anything.
    pub fn decide(&self, path: &[u8]) -> Option<(Range<usize>, bool)> {
        let mut decision: Option<(Range<usize>, bool)> = None;
        for line in &self.lines {
            let is_out = decision.as_ref().is_some_and(|(_, out)| *out);
            // A line that would change nothing is not asked.
            if line.excepts == is_out && line.covers(path) {
                decision = Some((line.span.clone(), !line.excepts));
            }
        }
        decision
    }

    /// Whether a path is left out.
    pub fn leaves_out(&self, path: &[u8]) -> bool {
        self.decide(path).is_some_and(|(_, out)| out)
    }
}

impl Line {
    /// Whether the pattern matches the path or a folder that it lies in.
    fn covers(&self, path: &[u8]) -> bool {
        let ends = path.iter().enumerate().filter(|(_, b)| **b == b'/').map(|(at, _)| at);
        matches(&self.tokens, path) || ends.into_iter().any(|end| matches(&self.tokens, &path[..end]))
    }
}

fn line(bytes: &[u8], start: usize) -> Option<Line> {
    if bytes.starts_with(b"#") {
        return None;
    }
    let text = bytes.trim_ascii();
    let from = start + bytes.len() - bytes.trim_ascii_start().len();
    let span = from..from + text.len();
    let (excepts, pattern) = text.strip_prefix(b"!").map_or((false, text), |rest| (true, rest.trim_ascii()));
    let pattern = cleaned(pattern);
    if pattern.is_empty() || pattern == b"." {
        return None;
    }
    Some(Line { span, excepts, tokens: tokens(&pattern)? })
}

/// As Go's `filepath.Clean`: no empty parts, no `.`, and `..` takes a part back. Without the slash in front.
fn cleaned(pattern: &[u8]) -> Vec<u8> {
    let mut parts: Vec<&[u8]> = Vec::new();
    for part in pattern.split(|&b| b == b'/') {
        match part {
            b"" | b"." => {}
            b".." if parts.last().is_some_and(|last| *last != b"..") => {
                parts.pop();
            }
            // In front of the root there is nothing.
            b".." if pattern.starts_with(b"/") => {}
            part => parts.push(part),
        }
    }
    parts.join(&b'/')
}

/// `None` if the pattern is none: an open bracket, a lone `\` at the end.
fn tokens(pattern: &[u8]) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(&byte) = pattern.get(at) {
        at += 1;
        match byte {
            b'*' if pattern.get(at) == Some(&b'*') => {
                at += 1;
                if pattern.get(at) == Some(&b'/') {
                    at += 1;
                }
                if at == pattern.len() {
                    tokens.push(Token::Anything);
                } else {
                    tokens.extend([Token::Folders, Token::InFolders]);
                }
            }
            b'*' => tokens.push(Token::Star),
            b'?' => tokens.push(Token::NotSlash),
            b'\\' => {
                tokens.push(Token::Byte(*pattern.get(at)?));
                at += 1;
            }
            b'[' => {
                let (token, behind) = class(pattern, at)?;
                tokens.push(token);
                at = behind;
            }
            literal => tokens.push(Token::Byte(literal)),
        }
    }
    Some(tokens)
}

/// A class of Go's regular expressions, as which Docker reads it: `^` negates, `!` does not.
fn class(pattern: &[u8], mut at: usize) -> Option<(Token, usize)> {
    let negated = pattern.get(at) == Some(&b'^');
    at += usize::from(negated);
    let mut ranges = Vec::new();
    let next = |at: &mut usize| -> Option<u8> {
        if pattern.get(*at) == Some(&b'\\') {
            *at += 1;
        }
        let byte = *pattern.get(*at)?;
        *at += 1;
        Some(byte)
    };
    while pattern.get(at) != Some(&b']') || ranges.is_empty() {
        let first = next(&mut at)?;
        let is_range = pattern.get(at) == Some(&b'-') && pattern.get(at + 1).is_some_and(|&b| b != b']');
        let last = if is_range {
            at += 1;
            next(&mut at)?
        } else {
            first
        };
        ranges.push((first, last));
    }
    Some((Token::Class(ranges, negated), at + 1))
}

/// Whether the whole text matches; in time proportional to pattern times text.
fn matches(tokens: &[Token], text: &[u8]) -> bool {
    let mut now = vec![false; tokens.len() + 1];
    let mut next = now.clone();
    enter(tokens, 0, &mut now);
    for &byte in text {
        next.fill(false);
        let mut alive = false;
        for state in 0..tokens.len() {
            if !now[state] {
                continue;
            }
            let (stays, goes) = match &tokens[state] {
                Token::Byte(want) => (false, *want == byte),
                Token::NotSlash => (false, byte != b'/'),
                Token::Class(ranges, negated) => {
                    let within = ranges.iter().any(|(first, last)| (first..=last).contains(&&byte));
                    (false, within != *negated)
                }
                Token::Star => (byte != b'/', false),
                Token::Anything => (true, false),
                Token::Folders => (false, false),
                Token::InFolders => (true, byte == b'/'),
            };
            if stays {
                next[state] = true;
                // A star may end with this byte, folders only with a slash.
                if matches!(tokens[state], Token::Star | Token::Anything) {
                    enter(tokens, state + 1, &mut next);
                }
            }
            if goes {
                enter(tokens, state + 1, &mut next);
            }
            alive |= stays || goes;
        }
        if !alive {
            return false;
        }
        std::mem::swap(&mut now, &mut next);
    }
    now[tokens.len()]
}

/// Marks a state and all that are reached from it without a byte.
fn enter(tokens: &[Token], mut state: usize, set: &mut [bool]) {
    loop {
        set[state] = true;
        match tokens.get(state) {
            Some(Token::Star | Token::Anything) => state += 1,
            Some(Token::Folders) => {
                set[state + 1] = true;
                state += 2;
            }
            _ => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(file: &str, path: &str, expect: bool) {
        let ignore = Dockerignore::parse(file.as_bytes());
        assert_eq!(ignore.leaves_out(path.as_bytes()), expect, "{file:?} on {path:?}");
    }

    #[test]
    fn patterns_start_at_the_root() {
        check(".env", ".env", true);
        check(".env", "web/.env", false);
        check("**/.env", ".env", true);
        check("**/.env", "web/deep/.env", true);
        check("/.git", ".git/HEAD", true);
        check("node_modules", "web/node_modules/a", false);
        check("node_modules/", "node_modules/a", true);
        check("*/temp*", "a/tempo/b", true);
        check("*/temp*", "a/b/temp", false);
        check("temp?", "tempa", true);
        check("temp?", "temp", false);
    }

    #[test]
    fn the_last_line_that_matches_decides() {
        check("*\n!src", "src/main.rs", false);
        check("*\n!src", "Cargo.toml", true);
        check("secrets\n!secrets/README.md", "secrets/README.md", false);
        check("!.env\n.env", ".env", true);
        check(".env\n!.env", ".env", false);
        check("*.md\n!README*.md\nREADME-secret.md", "README-secret.md", true);
    }

    #[test]
    fn lines_are_cleaned_as_docker_does() {
        check("./a/../b/", "b/c", true);
        check("  .env  ", ".env", true);
        check("# .env", ".env", false);
        check(" # .env", ".env", false);
        check("! .env", ".env", false);
        check("\u{feff}.env\r\n", ".env", true);
        check(".", "a", false);
        check("**", "a/b", true);
        check("a/**", "a/b/c", true);
        check("a/**/c", "a/c", true);
        check("a/**/c", "a/b/d/c", true);
        check("a/**/c", "a/bc", false);
        check("[a-c]x", "bx", true);
        check("[^a-c]x", "bx", false);
        check("[", "a", false);
        check("a\\", "a", false);
    }

    #[test]
    fn a_glob_bomb_costs_no_time() {
        let pattern = "**/a*".repeat(200) + "z";
        check(&pattern, &"a/".repeat(2000), false);
    }
}
