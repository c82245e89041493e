//! Git's globs (`wildmatch`), as an automaton: the time for a match is bounded by pattern length × text length.
//! A matcher that backtracks, as Git's own does, takes exponential time for `**/a/**/a/**/a/…`, and the patterns
//! come from the audited repository. Semantics: <https://git-scm.com/docs/gitignore#_pattern_format>.

use memchr::memmem;

/// A compiled glob.
#[derive(Debug, Clone)]
pub(super) struct Glob {
    tokens: Vec<Token>,
    /// No text shorter than this can match.
    least: usize,
    /// Bytes that stand somewhere in every match: most texts are turned down by looking for them.
    needed: Option<memmem::Finder<'static>>,
    fold: bool,
}

#[derive(Debug, Clone)]
enum Token {
    /// This byte.
    Byte(u8),
    /// `?`
    NotSlash,
    /// `[…]`: one bit for each byte.
    Class(Box<[u64; 4]>),
    /// `*`
    Star,
    /// `**`
    StarStar,
    /// What follows up to and including the next slash may be missing: `**/` stands for no folder, too.
    Maybe,
}

/// Whether `*` and `?` match a slash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Slash {
    /// They do not, and `**` is special: for paths.
    Separates,
    /// There is no slash in the text: for names.
    Ordinary,
}

impl Glob {
    /// Compiles a pattern; `None` if nothing can match it (an open bracket, an unknown class, a lone `\` at the end).
    pub(super) fn new(pattern: &[u8], slash: Slash, fold: bool) -> Option<Self> {
        let low = |byte: u8| if fold { byte.to_ascii_lowercase() } else { byte };
        let paths = slash == Slash::Separates;
        let mut tokens = Vec::new();
        let mut at = 0;
        while let Some(&byte) = pattern.get(at) {
            at += 1;
            let token = match byte {
                b'?' => Token::NotSlash,
                b'[' => {
                    let (class, behind) = class(pattern, at, paths, fold)?;
                    at = behind;
                    Token::Class(class)
                }
                b'*' => {
                    let first = at - 1;
                    while pattern.get(at) == Some(&b'*') {
                        at += 1;
                    }
                    let rest = &pattern[at..];
                    let alone = (first == 0 || pattern[first - 1] == b'/')
                        && (rest.is_empty() || rest.starts_with(b"/") || rest.starts_with(b"\\/"));
                    if paths && at - first > 1 && alone {
                        if rest.starts_with(b"/") {
                            tokens.push(Token::Maybe);
                        }
                        tokens.push(Token::StarStar);
                    } else {
                        tokens.push(Token::Star);
                    }
                    continue;
                }
                b'\\' => {
                    let &escaped = pattern.get(at)?;
                    at += 1;
                    Token::Byte(low(escaped))
                }
                literal => Token::Byte(low(literal)),
            };
            tokens.push(token);
        }
        let least = tokens
            .iter()
            .map(|token| match token {
                Token::Byte(_) | Token::NotSlash | Token::Class(_) => 1,
                Token::Star | Token::StarStar => 0,
                // The slash behind it may be missing.
                Token::Maybe => -1_isize,
            })
            .sum::<isize>()
            .unsigned_abs();
        let needed = if fold { Vec::new() } else { longest_literal(&tokens) };
        let needed = (!needed.is_empty()).then(|| memmem::Finder::new(&needed).into_owned());
        Some(Self { tokens, least, needed, fold })
    }

    /// Whether the whole text matches.
    pub(super) fn matches(&self, text: &[u8]) -> bool {
        if text.len() < self.least || self.needed.as_ref().is_some_and(|n| n.find(text).is_none()) {
            return false;
        }
        let words = self.tokens.len() / 64 + 1;
        if words <= 2 {
            self.run(text, &mut [0; 2], &mut [0; 2])
        } else {
            self.run(text, &mut vec![0; words], &mut vec![0; words])
        }
    }

    fn run(&self, text: &[u8], now: &mut [u64], next: &mut [u64]) -> bool {
        self.enter(0, now);
        for &byte in text {
            let byte = if self.fold { byte.to_ascii_lowercase() } else { byte };
            next.fill(0);
            let mut alive = false;
            for (word, &bits) in now.iter().enumerate() {
                let mut bits = bits;
                while bits != 0 {
                    let state = word * 64 + bits.trailing_zeros() as usize;
                    bits &= bits - 1;
                    let target = match self.tokens.get(state) {
                        Some(Token::Byte(want)) if *want == byte => state + 1,
                        Some(Token::NotSlash) if byte != b'/' => state + 1,
                        Some(Token::Class(class)) if holds(class, byte) => state + 1,
                        Some(Token::Star) if byte != b'/' => state,
                        Some(Token::StarStar) => state,
                        _ => continue,
                    };
                    alive = true;
                    self.enter(target, next);
                }
            }
            if !alive {
                return false;
            }
            now.copy_from_slice(next);
        }
        let end = self.tokens.len();
        now[end / 64] & (1 << (end % 64)) != 0
    }

    /// Marks a state and all that are reached from it without a byte.
    fn enter(&self, mut state: usize, set: &mut [u64]) {
        loop {
            set[state / 64] |= 1 << (state % 64);
            match self.tokens.get(state) {
                Some(Token::Star | Token::StarStar) => state += 1,
                Some(Token::Maybe) => {
                    self.enter(state + 1, set);
                    state += 3;
                }
                _ => return,
            }
        }
    }
}

/// The longest run of bytes that follow each other in every match.
fn longest_literal(tokens: &[Token]) -> Vec<u8> {
    let mut longest = Vec::new();
    let mut run = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        match token {
            // The slash of `**/` may be missing.
            Token::Byte(_) if at >= 2 && matches!(tokens[at - 2], Token::Maybe) => run.clear(),
            Token::Byte(byte) => run.push(*byte),
            _ => run.clear(),
        }
        if run.len() > longest.len() {
            longest.clone_from(&run);
        }
    }
    longest
}

fn holds(class: &[u64; 4], byte: u8) -> bool {
    class[usize::from(byte >> 6)] & (1 << (byte & 63)) != 0
}

/// The bracket expression whose `[` stands before `at`, and where it ends.
fn class(pattern: &[u8], at: usize, paths: bool, fold: bool) -> Option<(Box<[u64; 4]>, usize)> {
    let mut set = [0_u64; 4];
    let mut end = 0;
    for byte in 0..=u8::MAX {
        // With case folded, the text is in lower case; the class stays as it is written.
        let (within, behind) = in_class(pattern, at, byte, fold)?;
        end = behind;
        if within && !(paths && byte == b'/') {
            set[usize::from(byte >> 6)] |= 1 << (byte & 63);
        }
    }
    Some((Box::new(set), end))
}

/// Whether a bracket expression holds this byte, and where it ends. `None` if it does not end, or names a class
/// that does not exist.
fn in_class(pattern: &[u8], mut at: usize, byte: u8, fold: bool) -> Option<(bool, usize)> {
    let mut current = *pattern.get(at)?;
    let negated = matches!(current, b'!' | b'^');
    if negated {
        at += 1;
        current = *pattern.get(at)?;
    }
    let mut found = false;
    let mut before = 0;
    loop {
        match current {
            b'\\' => {
                at += 1;
                current = *pattern.get(at)?;
                found |= byte == current;
                before = current;
            }
            b'-' if before != 0 && pattern.get(at + 1).is_some_and(|&b| b != b']') => {
                at += 1;
                let mut last = pattern[at];
                if last == b'\\' {
                    at += 1;
                    last = *pattern.get(at)?;
                }
                let range = before..=last;
                found |= range.contains(&byte)
                    || (fold && byte.is_ascii_lowercase() && range.contains(&byte.to_ascii_uppercase()));
                before = 0;
            }
            b'[' if pattern.get(at + 1) == Some(&b':') => {
                let name = at + 2;
                let close = name + pattern.get(name..)?.iter().position(|&b| b == b']')?;
                if close > name && pattern[close - 1] == b':' {
                    found |= named(&pattern[name..close - 1], byte, fold)?;
                    at = close;
                    before = 0;
                } else {
                    // No `:]`: a bracket among others.
                    found |= byte == b'[';
                    before = b'[';
                }
            }
            literal => {
                found |= byte == literal;
                before = literal;
            }
        }
        at += 1;
        current = *pattern.get(at)?;
        if current == b']' {
            return Some((found != negated, at + 1));
        }
    }
}

/// Whether a POSIX class of this name holds the byte. `None` if there is no such class.
fn named(name: &[u8], byte: u8, fold: bool) -> Option<bool> {
    Some(match name {
        b"alnum" => byte.is_ascii_alphanumeric(),
        b"alpha" => byte.is_ascii_alphabetic(),
        b"blank" => matches!(byte, b' ' | b'\t'),
        b"cntrl" => byte.is_ascii_control(),
        b"digit" => byte.is_ascii_digit(),
        b"graph" => byte.is_ascii_graphic(),
        b"lower" => byte.is_ascii_lowercase(),
        b"print" => matches!(byte, b' '..=b'~'),
        b"punct" => byte.is_ascii_punctuation(),
        // Git's own notion of blanks has neither vertical tab nor form feed.
        b"space" => matches!(byte, b' ' | b'\t' | b'\n' | b'\r'),
        b"upper" => byte.is_ascii_uppercase() || (fold && byte.is_ascii_lowercase()),
        b"xdigit" => byte.is_ascii_hexdigit(),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pattern: &str, text: &str, expect: bool) {
        let glob = Glob::new(pattern.as_bytes(), Slash::Separates, false);
        let matched = glob.is_some_and(|g| g.matches(text.as_bytes()));
        assert_eq!(matched, expect, "{pattern:?} on {text:?}");
    }

    #[test]
    fn stars_and_slashes() {
        check("*.pem", "a.pem", true);
        check("*.pem", "a/b.pem", false);
        check("**/a", "a", true);
        check("**/a", "x/y/a", true);
        check("**/a", "xa", false);
        check("a/**", "a/b/c", true);
        check("a/**", "a", false);
        check("a/**/b", "a/b", true);
        check("a/**/b", "a/x/y/b", true);
        check("a**b", "axxb", true);
        check("a**b", "a/b", false);
        check("*.{pem,key}", "a.pem", false);
        check("?", "/", false);
    }

    #[test]
    fn brackets_and_escapes() {
        check("[a-c]x", "bx", true);
        check("[!a-c]x", "bx", false);
        check("[^/]x", "/x", false);
        check("[]a]", "]", true);
        check("[[:digit:]]", "7", true);
        check("[[:nothing:]]", "n", false);
        check("[a", "a", false);
        check(r"a\", "a", false);
        check(r"\*", "*", true);
        check(r"\*", "x", false);
    }

    #[test]
    fn a_glob_bomb_costs_no_time() {
        let pattern = format!("{}b", "**/a/".repeat(200));
        let text = "a/".repeat(2000);
        check(&pattern, &text, false);
        check(&"*a".repeat(100), &"a".repeat(250), true);
        check(&format!("{}b", "*a".repeat(100)), &"a".repeat(250), false);
    }
}
