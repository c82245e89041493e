use std::ops::Range;

use super::host::Host;
use super::written::{Credential, FirstOf, Worth};
use crate::detect::{Detector, Emit, KnownBy, Needs, Prepared};
use crate::model::Proof;
use crate::source::FileView;

/// A file with more of them is data.
const FINDINGS_MAX: usize = 200;

/// Files with one sign-in after the other. The rule names the files by their paths; its word `form` is
/// - `netrc`: `machine h login u password p`, with any blanks between
///   (<https://www.gnu.org/software/inetutils/manual/html_node/The-_002enetrc-file.html>);
/// - `pgpass`: `host:port:database:user:password` on each line, where a backslash escapes
///   (<https://www.postgresql.org/docs/current/libpq-pgpass.html>).
pub(in crate::detect) struct LoginFiles;

impl Detector for LoginFiles {
    fn name(&self) -> &'static str {
        "login-file"
    }

    fn reason(&self) -> &'static str {
        "a field of a line in a file that is known by its path"
    }

    fn known_by(&self) -> KnownBy {
        KnownBy::Use
    }

    fn needs(&self) -> Needs {
        Needs::File
    }

    fn file(&self, rule: &Prepared, view: &FileView, emit: &mut Emit) {
        let text = view.bytes();
        let form = rule.rule.detect.words("form").first().map_or("", |word| &**word);
        let found = if form == "pgpass" { pgpass(text) } else { netrc(text) };
        let mut first = FirstOf::new(FINDINGS_MAX);
        for credential in found {
            if credential.worth(text) == Worth::Literal {
                let message = format!("a password of {}", credential.host.unwrap_or(Host::Remote).words());
                first.report(credential, rule, view, Proof::Structure, message, emit);
            }
        }
    }
}

fn netrc(text: &[u8]) -> Vec<Credential> {
    let mut found = Vec::new();
    let mut start = 0;
    let mut machine = 0..0;
    let mut user = 0..0;
    let mut words = Words { text, at: 0 };
    while let Some(word) = words.next() {
        match &text[word.clone()] {
            b"machine" => {
                start = word.start;
                machine = words.next().unwrap_or(0..0);
                user = 0..0;
            }
            b"default" => (start, machine, user) = (word.start, word, 0..0),
            b"login" => user = words.next().unwrap_or(0..0),
            // A macro reaches to the next empty line; whatever it says is no sign-in.
            b"macdef" => {
                let rest = &text[word.end..];
                let empty = [&b"\n\n"[..], b"\n\r\n"].map(|lines| memchr::memmem::find(rest, lines));
                words.at = word.end + empty.into_iter().flatten().min().unwrap_or(rest.len());
            }
            b"password" if !machine.is_empty() => {
                let Some(password) = words.next() else { break };
                let is_default = text[machine.clone()] == *b"default";
                let host = if is_default { Host::Remote } else { Host::of(&text[machine.clone()]) };
                found.push(Credential {
                    span: start..password.end,
                    user: user.clone(),
                    password,
                    host: Some(host),
                });
            }
            _ => {}
        }
    }
    found
}

/// Words between blanks; a comment reaches to the end of its line, and quotes are taken off.
struct Words<'t> {
    text: &'t [u8],
    at: usize,
}

impl Iterator for Words<'_> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        loop {
            let rest = self.text.get(self.at..)?;
            self.at += rest.iter().position(|byte| !byte.is_ascii_whitespace())?;
            if self.text[self.at] != b'#' {
                break;
            }
            self.at += memchr::memchr(b'\n', &self.text[self.at..])?;
        }
        let rest = &self.text[self.at..];
        if rest[0] == b'"'
            && let Some(len) = memchr::memchr2(b'"', b'\n', &rest[1..])
            && rest[1 + len] == b'"'
        {
            let start = self.at + 1;
            self.at = start + len + 1;
            return Some(start..start + len);
        }
        let start = self.at;
        self.at += rest.iter().position(u8::is_ascii_whitespace).unwrap_or(rest.len());
        Some(start..self.at)
    }
}

fn pgpass(text: &[u8]) -> Vec<Credential> {
    let mut found = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive(|&byte| byte == b'\n') {
        let end = start + line.trim_ascii_end().len();
        let mut fields = vec![];
        let mut from = start;
        let mut at = start;
        while at < end && fields.len() < 4 {
            match text[at] {
                b'\\' => at += 1,
                b':' => {
                    fields.push(from..at);
                    from = at + 1;
                }
                _ => {}
            }
            at += 1;
        }
        if let [host, port, _, user] = &fields[..]
            && !line.starts_with(b"#")
            && from < end
            && (text[port.clone()] == *b"*" || text[port.clone()].iter().all(u8::is_ascii_digit))
        {
            let name = &text[host.clone()];
            let reach = if name == b"*" { Host::Remote } else { Host::of(name) };
            found.push(Credential {
                span: start..end,
                user: user.clone(),
                password: from..end,
                host: Some(reach),
            });
        }
        start += line.len();
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(found: Vec<Credential>, text: &str, expect: &[(&str, &str)]) {
        let found: Vec<(&str, &str)> =
            found.into_iter().map(|f| (&text[f.user], &text[f.password])).collect();
        assert_eq!(found, expect, "{text}");
    }

    #[test]
    fn logins_of_machines_are_read() {
        for (text, expect) in [
            ("machine h login u password p\n", &[("u", "p")][..]),
            ("machine h\n  login u\n  password p\nmachine i password \"q r\"", &[("u", "p"), ("", "q r")]),
            ("default login u password p", &[("u", "p")]),
            ("# machine h login u password p\n", &[]),
            ("machine h macdef init\nlogin u password p\n\n", &[]),
            ("login u password p", &[]),
            ("machine h password", &[]),
            ("machine", &[]),
        ] {
            check(netrc(text.as_bytes()), text, expect);
        }
    }

    #[test]
    fn lines_of_pgpass_are_read() {
        for (text, expect) in [
            ("h:5432:d:u:p\n*:*:*:v:q:r\n", &[("u", "p"), ("v", "q:r")][..]),
            ("h\\:1:5432:d:u:p", &[("u", "p")]),
            ("# h:5432:d:u:p", &[]),
            ("h:x:d:u:p", &[]),
            ("h:5432:d:u:", &[]),
            (":::", &[]),
        ] {
            check(pgpass(text.as_bytes()), text, expect);
        }
    }
}
