use std::fmt::Write as _;
use std::ops::Range;

use serde_json::{Map, Value};

use super::token::{as_dummy, has_context};
use super::{decode, published, standing};
use crate::detect::{Detector, Emit, Needs, Prepared, Raw};
use crate::model::{Proof, Secret, date_of};
use crate::rules::rule::Text;
use crate::source::FileView;

/// A token longer than this carries no sign-in.
const LONGEST: usize = 8 * 1024;
/// The signature of a shorter one is no signature.
const SHORTEST_SIGNATURE: usize = 20;
/// Seconds beyond this are no date (the year 5138).
const FAR: u64 = 100_000_000_000;
/// An issuer longer than this is not shown.
const LONGEST_ISSUER: usize = 80;

/// JSON Web Tokens (RFC 7519): three base64url parts, of which the first is a JSON object with `alg`, the
/// second one with claims. One that has expired by the day of the audit is one step lower.
///
/// The rule's words:
/// - `claims`: conditions that must all be met, written `name`, `name = value`, `name ^= beginning` or
///   `name *= part`; ` | ` stands between alternatives. Of a list of texts one must fit. Without this word
///   any token counts.
/// - `context`: words of which one must stand on the same line or on the two before.
/// - `kind`: `jwe` for encrypted tokens (RFC 7516: five parts, the header has `enc`) in place of signed ones.
pub(in crate::detect) struct Jwt;

impl Detector for Jwt {
    fn name(&self) -> &'static str {
        "jwt"
    }

    fn reason(&self) -> &'static str {
        "proven by the JSON in its parts"
    }

    fn needs(&self) -> Needs {
        Needs::Hits
    }

    fn hit(&self, rule: &Prepared, view: &FileView, at: Range<usize>, emit: &mut Emit) {
        let Some((range, parts)) = parts(view.bytes(), at.start) else { return };
        let words = |name| rule.rule.detect.words(name);
        if !has_context(words("context"), view, &range) {
            return;
        }
        let encrypted = words("kind").iter().any(|kind| kind == "jwe");
        let token = match *parts {
            [header, claims, signature] if !encrypted => {
                Token::read(header, claims, signature, words("claims"))
            }
            [header, _, _, cipher, tag] if encrypted => Token::read_encrypted(header, cipher, tag),
            _ => None,
        };
        let Some(token) = token else { return };
        let mut raw = Raw::at(range.clone());
        raw.secrets.push(Secret { range: range.clone(), prefix: 3 });
        raw.proof = Some(Proof::Structure);
        if published::is_published(&view.bytes()[range.clone()]) {
            emit.raw(as_dummy(raw, "it is a published sample"));
            return;
        }
        let mut severity = standing::severity(rule.rule.severity, Proof::Structure, view, range.start);
        let mut said = String::new();
        if token.unsigned {
            said.push_str(", unsigned: its `alg` is none");
        }
        if let Some(day) = token.expires {
            if rule.today().is_some_and(|today| *day < *today) {
                severity = standing::one_lower(severity);
                let _ = write!(said, ", expired on {day}");
            }
            raw = raw.property("expires", day);
        }
        if let Some(issuer) = token.issuer {
            raw = raw.property("issuer", issuer);
        }
        if !said.is_empty() {
            raw.message = format!("{}{said}", rule.rule.title);
        }
        raw.severity = (severity != rule.rule.severity).then_some(severity);
        emit.raw(raw);
    }
}

/// The token that begins here, and its parts, if it does not begin in the middle of a word.
fn parts(text: &[u8], start: usize) -> Option<(Range<usize>, Vec<&[u8]>)> {
    let before = start.checked_sub(1).map_or(b' ', |before| text[before]);
    if before.is_ascii_alphanumeric() || matches!(before, b'_' | b'-' | b'.' | b'+' | b'/') {
        return None;
    }
    let window = &text[start..text.len().min(start + LONGEST)];
    let is_digit = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    let mut token = &window[..window.iter().position(|byte| !is_digit(byte)).unwrap_or(window.len())];
    let mut parts: Vec<&[u8]> = token.splitn(7, |&byte| byte == b'.').collect();
    // The full stop of a sentence.
    if parts.len() > 3 && parts.last().is_some_and(|part| part.is_empty()) {
        parts.pop();
        token = &token[..token.len() - 1];
    }
    Some((start..start + token.len(), parts))
}

/// What a token says about itself.
struct Token {
    unsigned: bool,
    /// The day, `YYYY-MM-DD`.
    expires: Option<String>,
    issuer: Option<String>,
}

impl Token {
    /// Reads a signed token whose claims meet the conditions.
    fn read(header: &[u8], claims: &[u8], signature: &[u8], conditions: &[Text]) -> Option<Self> {
        let claims = decode::base64(claims)?;
        // Most tokens miss a claim that a rule asks for: no need to parse those.
        if !conditions.iter().all(|condition| alternatives(condition).any(|one| one.may_hold(&claims))) {
            return None;
        }
        let header = object(&decode::base64(header)?)?;
        let unsigned = header.get("alg")?.as_str()?.eq_ignore_ascii_case("none");
        if !unsigned && signature.len() < SHORTEST_SIGNATURE {
            return None;
        }
        let claims = object(&claims)?;
        if !conditions.iter().all(|condition| alternatives(condition).any(|one| one.holds(&claims))) {
            return None;
        }
        let seconds = claims.get("exp").and_then(Value::as_u64).filter(|&at| at < FAR);
        let issuer = claims.get("iss").and_then(Value::as_str);
        Some(Self {
            unsigned,
            expires: seconds.map(|at| date_of(at / 86_400)),
            issuer: issuer
                .filter(|issuer| {
                    issuer.len() <= LONGEST_ISSUER && issuer.bytes().all(|b| b.is_ascii_graphic())
                })
                .map(ToOwned::to_owned),
        })
    }

    /// Reads an encrypted token: nothing is known of what it holds.
    fn read_encrypted(header: &[u8], cipher: &[u8], tag: &[u8]) -> Option<Self> {
        let header = object(&decode::base64(header)?)?;
        let is_text = |name| header.get(name).is_some_and(Value::is_string);
        (is_text("alg") && is_text("enc") && !cipher.is_empty() && tag.len() >= 16).then_some(Self {
            unsigned: false,
            expires: None,
            issuer: None,
        })
    }
}

fn object(json: &[u8]) -> Option<Map<String, Value>> {
    match serde_json::from_slice(json).ok()? {
        Value::Object(object) => Some(object),
        _ => None,
    }
}

/// What a claim must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Condition<'c> {
    Exists(&'c str),
    Is(&'c str, &'c str),
    Begins(&'c str, &'c str),
    Has(&'c str, &'c str),
}

fn alternatives(text: &str) -> impl Iterator<Item = Condition<'_>> {
    text.split(" | ").map(|one| {
        let with = |operator| {
            one.split_once(operator).map(|(name, value): (&str, &str)| (name.trim(), value.trim()))
        };
        if let Some((name, value)) = with(" ^= ") {
            Condition::Begins(name, value)
        } else if let Some((name, value)) = with(" *= ") {
            Condition::Has(name, value)
        } else if let Some((name, value)) = with(" = ") {
            Condition::Is(name, value)
        } else {
            Condition::Exists(one.trim())
        }
    })
}

impl Condition<'_> {
    fn name(&self) -> &str {
        match self {
            Self::Exists(name) | Self::Is(name, _) | Self::Begins(name, _) | Self::Has(name, _) => name,
        }
    }

    /// Whether the claim's name stands in the JSON at all.
    fn may_hold(&self, json: &[u8]) -> bool {
        memchr::memmem::find(json, self.name().as_bytes()).is_some()
    }

    fn holds(&self, claims: &Map<String, Value>) -> bool {
        let Some(value) = claims.get(self.name()) else { return false };
        let fits = |text: &str| match self {
            Self::Exists(_) => true,
            Self::Is(_, expect) => text == *expect,
            Self::Begins(_, expect) => text.starts_with(expect),
            Self::Has(_, expect) => text.contains(expect),
        };
        match value {
            _ if matches!(self, Self::Exists(_)) => true,
            Value::String(text) => fits(text),
            Value::Array(list) => list.iter().filter_map(Value::as_str).any(fits),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::codec::to_base64;

    fn part(json: &str) -> Vec<u8> {
        to_base64(json.as_bytes())
    }

    fn read(header: &str, claims: &str, conditions: &[&'static str]) -> Option<Token> {
        let conditions: Vec<Text> = conditions.iter().map(|&one| one.into()).collect();
        Token::read(&part(header), &part(claims), &[b's'; 43], &conditions)
    }

    #[test]
    fn claims_are_held_against_all_conditions() {
        let claims = r#"{"iss":"jfac@01","aud":["x","https://a.auth0.com/api/v2/"],"uid":7}"#;
        for (conditions, expect) in [
            (&[][..], true),
            (&["uid"], true),
            (&["uid", "tid"], false),
            (&["tid | uid"], true),
            (&["iss ^= jfac@"], true),
            (&["iss = jfac@01"], true),
            (&["iss = jfac@"], false),
            (&["iss = nobody | aud *= .auth0.com/api/v2/"], true),
            (&["uid = 7"], false),
        ] {
            assert_eq!(read(r#"{"alg":"HS256"}"#, claims, conditions).is_some(), expect, "{conditions:?}");
        }
    }

    #[test]
    fn a_token_says_when_it_ends_and_whether_it_is_signed() {
        let token = read(r#"{"alg":"None"}"#, r#"{"exp":1767225599,"iss":"a b"}"#, &[]).expect("a token");
        assert_eq!(
            (token.unsigned, token.expires.as_deref(), token.issuer),
            (true, Some("2025-12-31"), None)
        );
        let token =
            read(r#"{"alg":"RS256"}"#, r#"{"exp":1e300,"iss":"https://a.io"}"#, &[]).expect("a token");
        assert_eq!((token.unsigned, token.expires), (false, None));
        assert_eq!(token.issuer.as_deref(), Some("https://a.io"));
        assert!(read(r#"{"typ":"JWT"}"#, "{}", &[]).is_none());
        assert!(read(r#"{"alg":"HS256"}"#, "[]", &[]).is_none());
    }

    #[test]
    fn the_parts_end_where_the_token_ends() {
        for (text, expect) in [
            ("eyJa.eyJb.ccc", Some((13, 3))),
            ("eyJa.eyJb.ccc. Then", Some((13, 3))),
            ("eyJa.eyJb.", Some((10, 3))),
            ("eyJa.b.c.d.e'", Some((12, 5))),
        ] {
            let found = parts(text.as_bytes(), 0).map(|(range, parts)| (range.end, parts.len()));
            assert_eq!(found, expect, "{text}");
        }
        assert!(parts(b"xeyJa.eyJb.c", 1).is_none());
    }
}
