use std::ops::Range;

use super::literals;
use super::written::{Credential, Worth, is_concrete};
use crate::detect::{Detector, Emit, KnownBy, Needs, Prepared};
use crate::model::{Language, Proof};
use crate::source::FileView;

/// Calls that take a user and a password one behind the other: `HTTPBasicAuth("app", "…")`.
///
/// The keywords are the calls up to their parenthesis. The rule's words: `places`, for each keyword, in
/// the same order, the places of the user and of the password among the arguments, from 0: `0 1`. A third word
/// names what must stand before the call, one of them: `1 2 smtp|ftp`.
pub(in crate::detect) struct CredentialCalls;

impl Detector for CredentialCalls {
    fn name(&self) -> &'static str {
        "credential-call"
    }

    fn reason(&self) -> &'static str {
        "an argument of a call; it has no form of its own"
    }

    fn known_by(&self) -> KnownBy {
        KnownBy::Use
    }

    fn needs(&self) -> Needs {
        Needs::Hits
    }

    fn hit(&self, rule: &Prepared, view: &FileView, at: Range<usize>, emit: &mut Emit) {
        let text = view.bytes();
        let before = at.start.checked_sub(1).map_or(b' ', |before| text[before]);
        if before.is_ascii_alphanumeric() && text[at.start].is_ascii_alphanumeric() || before == b'_' {
            return;
        }
        // A call without a literal near it is one with variables.
        let near = &text[at.end..text.len().min(at.end + 160)];
        if memchr::memchr2(b'"', b'\'', near).is_none() {
            return;
        }
        let keyword = &text[at.clone()];
        let keywords = rule.rule.detect.keywords();
        let places = rule.rule.detect.words("places");
        let place = keywords.iter().zip(places).find(|(k, _)| keyword.eq_ignore_ascii_case(k.as_bytes()));
        let Some((_, place)) = place else { return };
        let mut words = place.split(' ');
        let (Some(user), Some(password)) = (number(words.next()), number(words.next())) else { return };
        if words.next().is_some_and(|receivers| !has_receiver(text, at.start, receivers)) {
            return;
        }
        let arguments = literals::arguments(text, at.end);
        let Some(Some(password)) = arguments.get(password).cloned() else { return };
        let user = arguments.get(user).cloned().flatten();
        if view.language() == Language::Markdown && user.is_none() {
            return;
        }
        let found = Credential {
            span: at.start..password.end,
            user: user.unwrap_or(password.start..password.start),
            password,
            host: None,
        };
        if found.worth(text) == Worth::Literal && is_concrete(&text[found.password.clone()]) {
            let message = "a user and a password are written into a call".to_owned();
            found.report(rule, view, Proof::Context, message, emit);
        }
    }
}

fn number(word: Option<&str>) -> Option<usize> {
    word?.parse().ok()
}

/// Whether one of these words stands in the name right before the call.
fn has_receiver(text: &[u8], at: usize, receivers: &str) -> bool {
    let before = &text[at.saturating_sub(48)..at];
    let run = before.iter().rev().take_while(|b| b.is_ascii_alphanumeric() || b"_.$->()".contains(b)).count();
    let name = before[before.len() - run..].to_ascii_lowercase();
    receivers.split('|').any(|receiver| memchr::memmem::find(&name, receiver.as_bytes()).is_some())
}
