use std::ops::Range;

use super::literals;
use super::written::{Credential, Worth};
use crate::detect::{Detector, Emit, KnownBy, Needs, Prepared};
use crate::model::Proof;
use crate::source::FileView;

/// How far the options of a login module reach.
const REACH: usize = 640;

/// Passwords in the configuration of Java's login modules, as Kafka's clients are given it in one line:
/// `…LoginModule required username="…" password="…";`
/// (<https://kafka.apache.org/documentation/#security_sasl_jaasconfig>). The keyword ends before the options.
pub(in crate::detect) struct LoginModules;

impl Detector for LoginModules {
    fn name(&self) -> &'static str {
        "login-module"
    }

    fn reason(&self) -> &'static str {
        "an option among others in any order"
    }

    fn known_by(&self) -> KnownBy {
        KnownBy::Use
    }

    fn needs(&self) -> Needs {
        Needs::Hits
    }

    fn hit(&self, rule: &Prepared, view: &FileView, at: Range<usize>, emit: &mut Emit) {
        let text = view.bytes();
        let Some(password) = option(text, at.end, b"password=") else { return };
        let user = option(text, at.end, b"username=").unwrap_or(password.start..password.start);
        let found = Credential { span: at.start..password.end, user, password, host: None };
        if found.worth(text) == Worth::Literal {
            let message = "a password in the configuration of a login module".to_owned();
            found.report(rule, view, Proof::Structure, message, emit);
        }
    }
}

/// The value of an option before the module's semicolon; its quotes may be escaped.
fn option(text: &[u8], from: usize, name: &[u8]) -> Option<Range<usize>> {
    let window = &text[from..text.len().min(from + REACH)];
    let window = window.split(|&byte| byte == b';').next().unwrap_or_default();
    let at = from + memchr::memmem::find(window, name)? + name.len();
    let slashes = text[at..].iter().take(2).take_while(|byte| **byte == b'\\').count();
    let quote = at + slashes;
    if !matches!(text.get(quote), Some(b'"' | b'\'')) {
        return None;
    }
    if slashes == 0 {
        return literals::inside(&text[..text.len().min(at + REACH)], quote);
    }
    let rest = &text[quote + 1..text.len().min(quote + REACH)];
    let len = memchr::memmem::find(rest, &text[at..=quote])?;
    Some(quote + 1..quote + 1 + len)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_read() {
        for (text, expect) in [
            (" required username=\"u\" password=\"p\";", Some("p")),
            (" required username=\\\"u\\\" password=\\\"p\\\";", Some("p")),
            (" required username='u' password='p';", Some("p")),
            (" required; password=\"p\"", None),
            (" required password=p", None),
            (" required password=", None),
        ] {
            assert_eq!(option(text.as_bytes(), 0, b"password=").map(|r| &text[r]), expect, "{text}");
        }
    }
}
