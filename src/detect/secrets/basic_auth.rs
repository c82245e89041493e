use std::ops::Range;

use super::decode;
use super::randomness;
use super::written::{Credential, Worth, is_concrete, severity, stands_for_another, worth};
use crate::detect::{Detector, Emit, KnownBy, Needs, Prepared, Raw};
use crate::model::{Proof, Secret};
use crate::source::FileView;

/// The longest header that is read.
const LONGEST: usize = 400;

/// `Basic` and the base64 of a user and a password (RFC 7617). What it decodes to is proof enough: it needs no
/// header's name beside it.
pub(in crate::detect) struct BasicAuth;

impl Detector for BasicAuth {
    fn name(&self) -> &'static str {
        "basic-auth"
    }

    fn reason(&self) -> &'static str {
        "proven by the user and password that it decodes to"
    }

    fn known_by(&self) -> KnownBy {
        KnownBy::Use
    }

    fn needs(&self) -> Needs {
        Needs::Hits
    }

    fn hit(&self, rule: &Prepared, view: &FileView, at: Range<usize>, emit: &mut Emit) {
        let text = view.bytes();
        let Some((range, pair)) = read(text, &at) else { return };
        let Some(colon) = memchr::memchr(b':', &pair) else { return };
        let (user, password) = (&pair[..colon], &pair[colon + 1..]);
        if worth(user, password) != Worth::Literal {
            return;
        }
        let of = severity(rule.rule.severity, None, view, at.start);
        let mut raw = Raw::at(range.clone());
        // In the user's place may stand a token.
        if stands_for_another(user) || randomness::random_part(user).is_some() {
            raw.message = "a password in a header of basic authentication".into();
        } else {
            let user = String::from_utf8_lossy(user).into_owned();
            raw.message = format!("the password of {user} in a header of basic authentication");
            raw.properties.insert("user", user);
        }
        raw.secrets.push(Secret { range, prefix: 0 });
        raw.proof = Some(Proof::Structure);
        raw.severity = (of != rule.rule.severity).then_some(of);
        emit.raw(raw);
    }
}

/// The base64 behind `Basic `, and the printable text that it holds.
fn read(text: &[u8], at: &Range<usize>) -> Option<(Range<usize>, Vec<u8>)> {
    let window = &text[at.end..text.len().min(at.end + LONGEST)];
    let is_digit = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
    let len = window.iter().position(|byte| !is_digit(byte)).unwrap_or(window.len());
    // Words behind `basic` are shorter or have no length of base64, or decode to noise.
    if len < 8 || !len.is_multiple_of(4) {
        return None;
    }
    let pair = decode::base64(&window[..len])?;
    let printable = std::str::from_utf8(&pair).is_ok_and(|pair| !pair.chars().any(char::is_control));
    (printable && pair.contains(&b':')).then_some((at.end..at.end + len, pair))
}

/// Headers that hold a token: `Authorization: Bearer …`, `Authorization: Token …`, `X-Api-Key: …`. The token
/// must look random; JSON Web Tokens and those of vendors have rules of their own.
pub(in crate::detect) struct AuthHeaders;

impl Detector for AuthHeaders {
    fn name(&self) -> &'static str {
        "auth-header"
    }

    fn reason(&self) -> &'static str {
        "the value of a header; it must look random"
    }

    fn known_by(&self) -> KnownBy {
        KnownBy::Use
    }

    fn needs(&self) -> Needs {
        Needs::Hits
    }

    fn hit(&self, rule: &Prepared, view: &FileView, at: Range<usize>, emit: &mut Emit) {
        let text = view.bytes();
        let Some(value) = header_value(text, &at) else { return };
        let token = &text[value.clone()];
        if token.len() < 20 || token.starts_with(b"eyJ") || stands_for_another(token) || !is_concrete(token) {
            return;
        }
        if randomness::is_random(token) {
            let found = Credential {
                span: value.clone(),
                user: value.start..value.start,
                password: value,
                host: None,
            };
            found.report(rule, view, Proof::Random, "a token in a header".to_owned(), emit);
        }
    }
}

/// The token behind the header's name, its quotes and its scheme.
fn header_value(text: &[u8], at: &Range<usize>) -> Option<Range<usize>> {
    let window = &text[at.end..text.len().min(at.end + LONGEST)];
    // Most hits are words of a sentence or a name of something: the next byte says so.
    let gap = window.iter().take(24).take_while(|byte| b"\"' :,=[]()>".contains(byte)).count();
    let rest = &window[gap..];
    let is_token = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~+/=:".contains(byte);
    let len = rest.iter().position(|byte| !is_token(byte)).unwrap_or(rest.len());
    let end = rest.get(len);
    // A bare word of code is a name; a token ends where its literal or line does.
    (len > 0 && matches!(end, None | Some(b'"' | b'\'' | b'`' | b'\n' | b'\r' | b' ' | b'\\' | b'<' | b',')))
        .then_some(at.end + gap..at.end + gap + len)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pairs_are_read() {
        for (text, expect) in [
            ("Basic YWRtaW46cHc=", Some("admin:pw")),
            ("Basic information", None),
            ("Basic authorization", None),
            ("Basic bm9jb2xvbg==", None),
            ("Basic ", None),
        ] {
            let found = read(text.as_bytes(), &(0..6)).map(|(_, pair)| pair);
            assert_eq!(found.as_deref(), expect.map(str::as_bytes), "{text}");
        }
    }

    #[test]
    fn values_of_headers_are_read() {
        for (text, hit, expect) in [
            ("X-Api-Key: abc\n", "X-Api-Key", Some("abc")),
            ("\"x-api-key\": \"abc\"", "x-api-key", Some("abc")),
            ("set(\"X-Api-Key\", \"abc\")", "X-Api-Key", Some("abc")),
            ("Bearer abc'", "Bearer ", Some("abc")),
            ("Bearer ${x}", "Bearer ", None),
            ("Bearer {x}", "Bearer ", None),
            ("X-Api-Key", "X-Api-Key", None),
        ] {
            let at = text.find(hit).expect("a hit");
            let found = header_value(text.as_bytes(), &(at..at + hit.len()));
            assert_eq!(found.map(|r| &text[r]), expect, "{text}");
        }
    }
}
