use std::ops::Range;

use super::randomness;
use super::written::{self, Credential, FirstOf, Worth};
use crate::detect::{Detector, Emit, KnownBy, Needs, Prepared};
use crate::model::Proof;
use crate::source::FileView;

/// A longer line is no setting.
const LONGEST_LINE: usize = 4 * 1024;
/// A file with more of them is data.
const FINDINGS_MAX: usize = 200;

/// Files that programs keep a sign-in in: one `name = value` on a line, as INI, TOML and YAML alike have it.
/// The rule names the files by their paths. Its words:
/// - `keys`: names whose values are secrets, lower case, in which `*` is any text;
/// - `whole`: instead, the file is nothing but the secret: so many characters, of hex.
pub(in crate::detect) struct CredentialFiles;

impl Detector for CredentialFiles {
    fn name(&self) -> &'static str {
        "credential-file"
    }

    fn reason(&self) -> &'static str {
        "the value of a key in a file that is known by its path"
    }

    fn known_by(&self) -> KnownBy {
        KnownBy::Use
    }

    fn needs(&self) -> Needs {
        Needs::File
    }

    fn file(&self, rule: &Prepared, view: &FileView, emit: &mut Emit) {
        let text = view.bytes();
        let mut first = FirstOf::new(FINDINGS_MAX);
        let mut report = |password: Range<usize>, emit: &mut Emit| {
            let found = Credential {
                span: password.clone(),
                user: password.start..password.start,
                password,
                host: None,
            };
            first.report(found, rule, view, Proof::Structure, String::new(), emit);
        };
        if let Some(length) = rule.rule.detect.words("whole").first() {
            let start = text.len() - text.trim_ascii_start().len();
            let value = text.trim_ascii();
            let is_whole = length.parse() == Ok(value.len()) && value.iter().all(u8::is_ascii_hexdigit);
            if is_whole && randomness::is_random(value) {
                report(start..start + value.len(), emit);
            }
            return;
        }
        let keys = rule.rule.detect.words("keys");
        let mut start = 0;
        for line in text.split_inclusive(|&byte| byte == b'\n') {
            if let Some(entry) = Entry::read(line)
                && keys.iter().any(|key| fits(entry.key, key))
                && !line[entry.value.clone()].starts_with(b"-")
                && written::worth(b"", &line[entry.value.clone()]) == Worth::Literal
            {
                report(start + entry.value.start..start + entry.value.end, emit);
            }
            start += line.len();
        }
    }
}

/// A name and the bytes of its value in a line.
struct Entry<'l> {
    key: &'l [u8],
    value: Range<usize>,
}

impl<'l> Entry<'l> {
    fn read(line: &'l [u8]) -> Option<Self> {
        let indent = line.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        let first = *line.get(indent)?;
        if line.len() > LONGEST_LINE
            || matches!(first, b'#' | b';' | b'[' | b'<')
            || line[indent..].starts_with(b"// ")
        {
            return None;
        }
        // The name may hold colons itself: `//registry.acme-shop.io/:_authToken=…`.
        let sign =
            memchr::memchr(b'=', line).or_else(|| memchr::memmem::find(line, b": ")).or_else(|| {
                line[indent..].iter().position(|b| matches!(b, b' ' | b'\t')).map(|at| indent + at)
            })?;
        let key = line[indent..sign].trim_ascii();
        let key = key.strip_prefix(b"- ").unwrap_or(key);
        let key = key.strip_prefix(b"\"").and_then(|key| key.strip_suffix(b"\"")).unwrap_or(key);
        let mut start = sign + 1;
        start += line[start..].iter().take_while(|byte| byte.is_ascii_whitespace() || **byte == b'=').count();
        let value = match line.get(start)? {
            quote @ (b'"' | b'\'') => {
                let len = memchr::memchr(*quote, &line[start + 1..])?;
                start + 1..start + 1 + len
            }
            _ => start..start + line[start..].trim_ascii_end().len(),
        };
        (!key.is_empty() && !value.is_empty()).then_some(Self { key, value })
    }
}

/// Whether a name fits a pattern in which `*` is any text.
fn fits(key: &[u8], wanted: &str) -> bool {
    let key = key.to_ascii_lowercase();
    let mut rest = &key[..];
    let mut parts = wanted.split('*').peekable();
    if let Some(first) = parts.next() {
        let Some(after) = rest.strip_prefix(first.as_bytes()) else { return false };
        rest = after;
        if parts.peek().is_none() {
            return rest.is_empty();
        }
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part.as_bytes());
        }
        let Some(at) = memchr::memmem::find(rest, part.as_bytes()) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read() {
        for (line, expect) in [
            ("password = a\n", Some(("password", "a"))),
            ("password=\"a b\" # x\r\n", Some(("password", "a b"))),
            ("  npmAuthToken: \"a\"", Some(("npmAuthToken", "a"))),
            ("//r/:_authToken=a=", Some(("//r/:_authToken", "a="))),
            ("BUNDLE_X__Y: \"u:p\"", Some(("BUNDLE_X__Y", "u:p"))),
            ("password a", Some(("password", "a"))),
            ("# password = a", None),
            ("[password]", None),
            ("password =", None),
            ("", None),
        ] {
            let found = Entry::read(line.as_bytes());
            let found =
                found.map(|entry| (String::from_utf8_lossy(entry.key).into_owned(), &line[entry.value]));
            assert_eq!(found.as_ref().map(|(key, value)| (&**key, *value)), expect, "{line}");
        }
        for (key, wanted, expect) in [
            ("signingPassword", "*password", true),
            ("BUNDLE_A__B", "bundle_*__*", true),
            ("BUNDLE_PATH", "bundle_*__*", false),
            ("token", "token", true),
            ("tokens", "token", false),
            ("x", "y", false),
        ] {
            assert_eq!(fits(key.as_bytes(), wanted), expect, "{key}");
        }
    }
}
