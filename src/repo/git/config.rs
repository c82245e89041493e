//! Git's configuration files: <https://git-scm.com/docs/git-config#_syntax>. Only what decides which files there
//! are is understood; nothing is ever executed for it.

use std::path::Path;

use bstr::{BString, ByteSlice};

use super::glob::{Glob, Slash};
use super::user::User;
use crate::model::{Notice, shown_bytes};
use crate::repo::read::{self, Links, ReadError};

/// Larger configuration files are not opened.
const LARGEST: u64 = 1 << 20;
/// Git's own limit for files that include files.
const DEEPEST_INCLUDE: usize = 10;
/// A configuration that includes more files than this is played with.
const MOST_FILES: usize = 200;

/// What of Git's configuration matters here. Later files win.
#[derive(Debug, Clone, Default)]
pub(super) struct Config {
    /// `core.excludesFile`, as it is written.
    pub(super) excludes_file: Option<BString>,
    /// `core.hooksPath`, as it is written.
    pub(super) hooks_path: Option<BString>,
    /// `core.ignoreCase`
    pub(super) ignore_case: bool,
    /// `core.bare`
    pub(super) bare: bool,
    /// `core.worktree`
    pub(super) worktree: Option<BString>,
    /// `extensions.objectFormat`
    pub(super) object_format: Option<BString>,
    /// `extensions.worktreeConfig`
    pub(super) per_worktree: bool,
    /// What could not be read.
    pub(super) notices: Vec<Notice>,
    files: usize,
}

/// What conditions of `includeIf` are held against.
pub(super) struct Conditions<'a> {
    /// The Git folder.
    pub(super) git_dir: &'a Path,
    /// The branch that is checked out.
    pub(super) branch: Option<BString>,
}

impl Config {
    /// Reads a file and what it includes. A file that is not there is no fault.
    pub(super) fn file(&mut self, path: &Path, links: Links, user: &User, conditions: &Conditions) {
        self.file_at(path, links, user, conditions, 0);
    }

    fn file_at(&mut self, path: &Path, links: Links, user: &User, conditions: &Conditions, depth: usize) {
        self.files += 1;
        if depth > DEEPEST_INCLUDE || self.files > MOST_FILES {
            if self.files <= MOST_FILES + 1 {
                self.notice("Git configuration files include each other too deeply; the rest was not read");
            }
            return;
        }
        let mut bytes = Vec::new();
        match read::file(path, links, LARGEST, &mut bytes) {
            Ok(()) => {}
            Err(ReadError::Vanished) => return,
            Err(error) => {
                let name = shown_bytes(path.as_os_str().as_encoded_bytes());
                return self.notice(&format!("the Git configuration {name} was not read: {error}"));
            }
        }
        for Setting { section, subsection, key, value } in settings(&bytes) {
            let is = |s: &str, k: &str| {
                section.eq_ignore_ascii_case(s.as_bytes()) && key.eq_ignore_ascii_case(k.as_bytes())
            };
            if subsection.is_none() {
                if is("core", "excludesfile") {
                    self.excludes_file.clone_from(&value);
                } else if is("core", "hookspath") {
                    self.hooks_path.clone_from(&value);
                } else if is("core", "ignorecase") {
                    self.ignore_case = truth(value.as_ref());
                } else if is("core", "bare") {
                    self.bare = truth(value.as_ref());
                } else if is("core", "worktree") {
                    self.worktree.clone_from(&value);
                } else if is("extensions", "objectformat") {
                    self.object_format.clone_from(&value);
                } else if is("extensions", "worktreeconfig") {
                    self.per_worktree = truth(value.as_ref());
                }
            }
            let wanted = match &subsection {
                None => is("include", "path"),
                Some(condition) => is("includeif", "path") && holds(condition, path, user, conditions),
            };
            if let Some(target) = value.as_ref().filter(|_| wanted).and_then(|v| user.expand(v.as_bstr())) {
                let target = path.parent().unwrap_or(path).join(target);
                self.file_at(&target, links, user, conditions, depth + 1);
            }
        }
    }

    fn notice(&mut self, text: &str) {
        self.notices.push(Notice { path: None, text: text.to_owned() });
    }
}

/// Whether a condition of `includeIf` holds. Those about remotes are not understood, and do not.
fn holds(condition: &BString, file: &Path, user: &User, conditions: &Conditions) -> bool {
    let condition = condition.as_slice();
    if let Some(pattern) = condition.strip_prefix(b"onbranch:") {
        let mut pattern = pattern.to_vec();
        if pattern.ends_with(b"/") {
            pattern.extend_from_slice(b"**");
        }
        return conditions.branch.as_ref().is_some_and(|branch| {
            Glob::new(&pattern, Slash::Separates, false).is_some_and(|glob| glob.matches(branch))
        });
    }
    let (pattern, fold) = if let Some(pattern) = condition.strip_prefix(b"gitdir:") {
        (pattern, false)
    } else if let Some(pattern) = condition.strip_prefix(b"gitdir/i:") {
        (pattern, true)
    } else {
        return false;
    };
    let mut pattern = if let Some(rest) = pattern.strip_prefix(b"./") {
        let folder = file.parent().unwrap_or(file);
        let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
        [folder.as_os_str().as_encoded_bytes(), b"/", rest].concat()
    } else if let Some(rest) = pattern.strip_prefix(b"~/") {
        let Some(home) = user.home() else { return false };
        let home = home.canonicalize().unwrap_or_else(|_| home.to_owned());
        [home.as_os_str().as_encoded_bytes(), b"/", rest].concat()
    } else if pattern.starts_with(b"/") {
        pattern.to_vec()
    } else {
        [b"**/", pattern].concat()
    };
    if pattern.ends_with(b"/") {
        pattern.extend_from_slice(b"**");
    }
    Glob::new(&pattern, Slash::Separates, fold)
        .is_some_and(|glob| glob.matches(conditions.git_dir.as_os_str().as_encoded_bytes()))
}

/// Git's notion of a true value; a key without `=` is true.
fn truth(value: Option<&BString>) -> bool {
    let Some(value) = value else { return true };
    let word = value.to_ascii_lowercase();
    match word.as_slice() {
        b"true" | b"yes" | b"on" => true,
        number => number.to_str().ok().and_then(|n| n.parse::<i64>().ok()).is_some_and(|n| n != 0),
    }
}

/// One `key = value` with the section it stands in.
#[derive(Debug, PartialEq, Eq)]
struct Setting {
    section: BString,
    subsection: Option<BString>,
    key: BString,
    value: Option<BString>,
}

/// All settings of a file up to the first line that is none; Git refuses such a file whole.
fn settings(bytes: &[u8]) -> Vec<Setting> {
    let mut input = Input { bytes: bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes), at: 0 };
    let mut found = Vec::new();
    let mut section = BString::default();
    let mut subsection = None;
    while let Some(byte) = input.next() {
        match byte {
            b'#' | b';' => input.skip_line(),
            b'[' => match input.header() {
                Some(header) => (section, subsection) = header,
                None => break,
            },
            byte if byte.is_ascii_whitespace() => {}
            byte if byte.is_ascii_alphabetic() => {
                let mut key = BString::from(vec![byte]);
                while let Some(more) = input.peek().filter(|b| b.is_ascii_alphanumeric() || *b == b'-') {
                    key.push(more);
                    input.at += 1;
                }
                while input.peek().is_some_and(|b| b == b' ' || b == b'\t') {
                    input.at += 1;
                }
                let value = match input.next() {
                    None | Some(b'\n') => None,
                    Some(b'\r') if input.peek() == Some(b'\n') => None,
                    Some(b'=') => match input.value() {
                        Some(value) => Some(value),
                        None => break,
                    },
                    Some(_) => break,
                };
                found.push(Setting { section: section.clone(), subsection: subsection.clone(), key, value });
            }
            _ => break,
        }
    }
    found
}

struct Input<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Input<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }

    fn skip_line(&mut self) {
        self.at =
            memchr::memchr(b'\n', &self.bytes[self.at..]).map_or(self.bytes.len(), |at| self.at + at + 1);
    }

    /// What stands behind `[`, up to and including `]`.
    fn header(&mut self) -> Option<(BString, Option<BString>)> {
        let mut section = BString::default();
        loop {
            match self.next()? {
                b']' => {
                    // The old form: `[section.subsection]`.
                    let old = section.find_byte(b'.').map(|dot| {
                        (
                            BString::from(&section[..dot]),
                            BString::from(section[dot + 1..].to_ascii_lowercase()),
                        )
                    });
                    return Some(old.map_or((section, None), |(name, sub)| (name, Some(sub))));
                }
                b' ' | b'\t' => break,
                byte if byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.' => section.push(byte),
                _ => return None,
            }
        }
        while self.peek().is_some_and(|b| b == b' ' || b == b'\t') {
            self.at += 1;
        }
        if self.next()? != b'"' {
            return None;
        }
        let mut subsection = BString::default();
        loop {
            match self.next()? {
                b'"' => break,
                b'\n' => return None,
                b'\\' => subsection.push(self.next()?),
                byte => subsection.push(byte),
            }
        }
        (self.next()? == b']').then_some((section, Some(subsection)))
    }

    /// What stands behind `=`: quotes, escapes, comments and continued lines undone.
    fn value(&mut self) -> Option<BString> {
        let mut value = BString::default();
        // Blanks at the end do not belong to it, unless they were quoted.
        let mut kept = 0;
        let mut quoted = false;
        loop {
            let byte = match self.next() {
                None | Some(b'\n') if quoted => return None,
                None | Some(b'\n') => break,
                Some(b'\r') if matches!(self.peek(), None | Some(b'\n')) => continue,
                Some(byte) => byte,
            };
            match byte {
                b' ' | b'\t' if !quoted => {
                    if !value.is_empty() {
                        value.push(byte);
                    }
                    continue;
                }
                b'#' | b';' if !quoted => {
                    self.skip_line();
                    break;
                }
                b'"' => quoted = !quoted,
                b'\\' => match self.next()? {
                    b'\n' => continue,
                    b'\r' if self.peek() == Some(b'\n') => {
                        self.at += 1;
                        continue;
                    }
                    b'n' => value.push(b'\n'),
                    b't' => value.push(b'\t'),
                    b'b' => value.push(8),
                    escaped @ (b'"' | b'\\') => value.push(escaped),
                    _ => return None,
                },
                byte => value.push(byte),
            }
            kept = value.len();
        }
        value.truncate(kept);
        Some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: &[(&str, Option<&str>, &str, Option<&str>)]) {
        let owned = |s: &str| BString::from(s);
        let expect: Vec<_> = expect
            .iter()
            .map(|(s, u, k, v)| Setting {
                section: owned(s),
                subsection: u.map(owned),
                key: owned(k),
                value: v.map(owned),
            })
            .collect();
        assert_eq!(settings(text.as_bytes()), expect, "{text:?}");
    }

    #[test]
    fn the_syntax() {
        check("[core]\n\tbare = false ; no\n", &[("core", None, "bare", Some("false"))]);
        check(
            "[core] bare\r\nx=\"a ; b\" c \r\n",
            &[("core", None, "bare", None), ("core", None, "x", Some("a ; b c"))],
        );
        check("[a \"b \\\"c\"]\nk = a\\\n  b\\t\n", &[("a", Some("b \"c"), "k", Some("a  b\t"))]);
        check("[a.B]\nk=\n", &[("a", Some("b"), "k", Some(""))]);
        check("[a]\nk = \"open\nl = 1\n", &[]);
        check("[a\nk=1", &[]);
    }

    #[test]
    fn values_that_are_true() {
        for (value, expect) in [
            ("true", true),
            ("Yes", true),
            ("on", true),
            ("1", true),
            ("0", false),
            ("", false),
            ("no", false),
        ] {
            assert_eq!(truth(Some(&value.into())), expect, "{value:?}");
        }
        assert!(truth(None));
    }
}
