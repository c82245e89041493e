use std::ops::Range;

use super::decode;
use super::randomness;
use super::token::as_dummy;
use super::written::{self, Credential, Worth};
use crate::detect::{Detector, Emit, Needs, Prepared, Raw};
use crate::model::{Proof, Secret};
use crate::source::FileView;

/// How far from `"type"` the other members may stand. A service account's file has about 2,400 bytes.
const REACH: usize = 5 * 1024;

/// Google's credential files (<https://google.aip.dev/auth/4112>), also as text within a literal.
///
/// The keyword is the value of the member `type`. The rule's word `kind` is one of `service-account`,
/// `firebase-admin` (a service account whose mail address says so) and `authorized-user`. The private key of a
/// service account must parse; a file without one (`external_account`) holds no secret.
pub(in crate::detect) struct ServiceAccounts;

impl Detector for ServiceAccounts {
    fn name(&self) -> &'static str {
        "service-account"
    }

    fn reason(&self) -> &'static str {
        "an object whose members are read, proven by parsing the key in it"
    }

    fn needs(&self) -> Needs {
        Needs::Hits
    }

    fn hit(&self, rule: &Prepared, view: &FileView, at: Range<usize>, emit: &mut Emit) {
        let text = view.bytes();
        // Only the value of a member counts: `"type": "service_account"`, its quotes perhaps escaped.
        let is_quote =
            |at: Option<usize>| at.and_then(|at| text.get(at)).is_some_and(|b| matches!(b, b'"' | b'\\'));
        if !is_quote(at.start.checked_sub(1)) || !is_quote(Some(at.end)) {
            return;
        }
        let Some(object) = Object::around(text, &at) else { return };
        let kind = rule.rule.detect.words("kind").first().map_or("", |word| &**word);
        if kind == "authorized-user" {
            authorized_user(rule, view, &object, emit);
            return;
        }
        let Some(email) = object.member("client_email") else { return };
        let is_firebase = text[email.clone()].starts_with(b"firebase-adminsdk");
        if is_firebase == (kind == "firebase-admin") {
            private_key(rule, view, &object, email, emit);
        }
    }
}

fn private_key(rule: &Prepared, view: &FileView, object: &Object, email: Range<usize>, emit: &mut Emit) {
    let text = view.bytes();
    let Some(key) = object.member("private_key") else { return };
    let Some(body) = body(&text[key.clone()]) else { return };
    // Behind the member's name, so that it says more than the key alone.
    let span = key.start.saturating_sub(16).max(object.span.start)..key.end;
    let parses = decode::base64(&body).is_some_and(|der| {
        decode::element(&der).is_some_and(|(tag, _, rest)| tag == 0x30 && rest.is_empty())
    });
    if !parses {
        let mut raw = as_dummy(Raw::at(span), "the structure of its private key does not parse");
        raw.secrets.push(Secret { range: key, prefix: 0 });
        raw.proof = Some(Proof::Structure);
        emit.raw(raw);
        return;
    }
    let shown = |range: Range<usize>| String::from_utf8_lossy(&text[range]).into_owned();
    let severity = written::severity(rule.rule.severity, None, view, object.span.start);
    let mut raw = Raw::at(span).message("the private key of a service account");
    raw.severity = (severity != rule.rule.severity).then_some(severity);
    raw.proof = Some(Proof::Structure);
    raw.secrets.push(Secret { range: key, prefix: 0 });
    raw.properties.insert("account", shown(email));
    if let Some(project) = object.member("project_id") {
        raw.properties.insert("project", shown(project));
    }
    emit.raw(raw);
}

fn authorized_user(rule: &Prepared, view: &FileView, object: &Object, emit: &mut Emit) {
    let text = view.bytes();
    let Some(token) = object.member("refresh_token") else { return };
    if object.member("client_id").is_none() || !randomness::is_random(&text[token.clone()]) {
        return;
    }
    let found =
        Credential { span: token.clone(), user: token.start..token.start, password: token, host: None };
    if found.worth(text) == Worth::Literal {
        let message = "a person's sign-in to Google Cloud: the refresh token does not expire".to_owned();
        found.report(rule, view, Proof::Structure, message, emit);
    }
}

/// The base64 digits between the two lines of a PEM block, whose line ends may be written `\n` or `\\n`.
fn body(pem: &[u8]) -> Option<Vec<u8>> {
    let begin = memchr::memmem::find(pem, b"PRIVATE KEY-----")? + 16;
    let end = begin + memchr::memmem::find(&pem[begin..], b"-----END")?;
    let mut digits = Vec::with_capacity(end - begin);
    let mut rest = &pem[begin..end];
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        match byte {
            b'\\' => {
                let slashes = rest.iter().take_while(|byte| **byte == b'\\').count();
                rest = &rest[slashes..];
                rest = rest.strip_prefix(b"n").or_else(|| rest.strip_prefix(b"r")).unwrap_or(rest);
            }
            _ if byte.is_ascii_whitespace() => {}
            _ => digits.push(byte),
        }
    }
    (digits.len() >= 64).then_some(digits)
}

/// The JSON object around a member, read by the names of its members: it may stand in the middle of a literal.
struct Object<'t> {
    text: &'t [u8],
    span: Range<usize>,
}

impl<'t> Object<'t> {
    fn around(text: &'t [u8], hit: &Range<usize>) -> Option<Self> {
        let from = hit.start.saturating_sub(REACH);
        let start = from + memchr::memrchr(b'{', &text[from..hit.start])?;
        let rest = &text[hit.end..text.len().min(hit.end + REACH)];
        let end = hit.end + memchr::memchr(b'}', rest)?;
        Some(Self { text, span: start..end })
    }

    /// The text of a member, without quotes and as it is written.
    fn member(&self, name: &str) -> Option<Range<usize>> {
        let object = &self.text[self.span.clone()];
        let mut from = 0;
        loop {
            let at = from + memchr::memmem::find(&object[from..], name.as_bytes())?;
            from = at + name.len();
            if at.checked_sub(1).is_none_or(|before| object[before] != b'"') {
                continue;
            }
            let is_between =
                |byte: &&u8| matches!(**byte, b'\\' | b'"' | b':' | b' ' | b'\n' | b'\r' | b'\t');
            let gap = object[from..].iter().take(40).take_while(is_between).count();
            if memchr::memchr(b':', &object[from..from + gap]).is_none() {
                continue;
            }
            let value = from + gap;
            let len = memchr::memchr(b'"', &object[value..])?;
            let len = len - object[value..value + len].iter().rev().take_while(|b| **b == b'\\').count();
            let start = self.span.start + value;
            return (len > 0).then_some(start..start + len);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_found_in_any_escaping() {
        for text in [
            "{\"type\": \"x\", \"project_id\": \"p-1\", \"private_key_id\": \"0\", \"private_key\": \"k\\n\"}",
            "K='{\\\"type\\\":\\\"x\\\",\\\"project_id\\\":\\\"p-1\\\",\\\"private_key\\\":\\\"k\\\\n\\\"}'",
        ] {
            let hit = text.find('x').expect("a hit");
            let object = Object::around(text.as_bytes(), &(hit..hit + 1)).expect("an object");
            assert_eq!(object.member("project_id").map(|r| &text[r]), Some("p-1"));
            assert!(object.member("private_key").is_some_and(|r| text[r].starts_with('k')));
            assert_eq!(object.member("project"), None);
        }
    }

    #[test]
    fn bodies_lose_their_line_ends() {
        let digits = "QUJD".repeat(20);
        for end in ["\n", "\\n", "\\\\n"] {
            let pem = format!("-----BEGIN PRIVATE KEY-----{end}{digits}{end}-----END PRIVATE KEY-----{end}");
            assert_eq!(body(pem.as_bytes()).as_deref(), Some(digits.as_bytes()));
        }
        assert_eq!(body(b"-----BEGIN PRIVATE KEY-----\\n...\\n-----END"), None);
    }
}
