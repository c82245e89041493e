use std::ops::Range;

use super::assignment::How;
use super::judge::{Value, Verdict, judge};
use super::name::Noun;
use super::negative::Negative;
use super::written::{is_concrete, is_rehearsal};
use super::{literals, placeholder};
use crate::detect::{Detector, Emit, KnownBy, Needs, Prepared, Raw};
use crate::model::{Proof, Secret, Severity};
use crate::source::FileView;

/// A shorter word is an example.
const SHORTEST_WORD: usize = 6;
/// No literal that stands before a keyword is longer.
const LONGEST_BEFORE: usize = 128;
/// So far behind the call its key must begin.
const NEAR: usize = 320;

/// Calls that take a key: `jwt.sign(claims, "…")`.
///
/// The keywords are the calls up to their parenthesis, or further. The rule's words: `places`, for each keyword, in
/// the same order, the key's place among the arguments from 0, or
/// - `any`: the first argument that is a literal;
/// - `before`, and calls: the literal stands before the keyword, and one of these calls before it.
///
/// Further words behind it:
/// - `go:1`: its place in Go;
/// - `account`: argument 0 must be the id of a Twilio account;
/// - `random`: only what looks random counts;
/// - `password`: a password protects the key, which people choose.
pub(in crate::detect) struct KeyCalls;

impl Detector for KeyCalls {
    fn name(&self) -> &'static str {
        "key-call"
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
        let keyword = &text[at.clone()];
        let keywords = rule.rule.detect.keywords();
        let places = rule.rule.detect.words("places");
        let place = keywords.iter().zip(places).find(|(k, _)| keyword.eq_ignore_ascii_case(k.as_bytes()));
        let Some((_, place)) = place else { return };
        let Some((start, key)) = key(text, at, place, view) else { return };
        let has = |word| place.split(' ').any(|part| part == word);
        let noun = if has("password") { Noun::Password } else { Noun::Secret };
        let rehearsal = is_rehearsal(view, key.start);
        let value = &text[key.clone()];
        let (proof, severity, message) = match weigh(value, noun) {
            Weight::Random => (Proof::Random, rule.rule.severity, "a key is written into a call"),
            Weight::Mixed if !has("random") => {
                (Proof::Context, rule.rule.severity, "a key is written into a call")
            }
            // The vectors of every test are such words.
            Weight::Guess if !has("random") && !rehearsal => {
                (Proof::Context, Severity::Warning, "a key that anybody guesses is written into a call")
            }
            Weight::Mixed | Weight::Guess | Weight::Nothing => return,
        };
        let severity = if rehearsal { severity.min(Severity::Warning) } else { severity };
        let mut raw = Raw::at(start..key.end).message(message);
        raw.secrets.push(Secret { range: key, prefix: 0 });
        raw.proof = Some(proof);
        raw.severity = (severity != rule.rule.severity).then_some(severity);
        emit.raw(raw);
    }
}

/// Where the call begins, and its key if that is a literal.
fn key(text: &[u8], at: Range<usize>, place: &str, view: &FileView) -> Option<(usize, Range<usize>)> {
    let mut words = place.split(' ');
    let first = words.next()?;
    if first == "before" {
        let key = before(text, at.start, words.next()?)?;
        return Some((key.start - 1, key));
    }
    let is_account = words.clone().any(|word| word == "account");
    let previous = at.start.checked_sub(1).map_or(b' ', |before| text[before]);
    if !is_account
        && text[at.start].is_ascii_alphanumeric()
        && (previous.is_ascii_alphanumeric() || previous == b'_')
    {
        return None;
    }
    let from = at.start + memchr::memchr(b'(', &text[at.clone()])? + 1;
    // A call without a literal near it is one with variables.
    memchr::memchr3(b'"', b'\'', b'`', &text[from..text.len().min(from + NEAR)])?;
    let arguments = literals::arguments(text, from);
    if is_account && !arguments.first()?.clone().is_some_and(|id| is_account_id(&text[id])) {
        return None;
    }
    let is_bare = |key: &Range<usize>| is_bare(text, from, key.start - 1);
    let key = if first == "any" {
        arguments.into_iter().flatten().find(is_bare)?
    } else {
        let go = words.find_map(|word| word.strip_prefix("go:"));
        let is_go = view.language() == crate::model::Language::Go;
        let number: usize = go.filter(|_| is_go).unwrap_or(first).parse().ok()?;
        arguments.get(number).cloned().flatten().filter(is_bare)?
    };
    Some((at.start, key))
}

/// The literal that ends at this quote, if one of these calls stands before it on the line.
fn before(text: &[u8], end: usize, calls: &str) -> Option<Range<usize>> {
    let start = end.saturating_sub(LONGEST_BEFORE);
    let open = start + memchr::memrchr2(b'"', b'\n', &text[start..end])?;
    let line = &text[open.saturating_sub(LONGEST_BEFORE)..open];
    let line = line.rsplit(|&byte| byte == b'\n').next().unwrap_or_default();
    let has = |call: &str| memchr::memmem::find(line, call.as_bytes()).is_some();
    (text[open] == b'"' && calls.split('|').any(has)).then_some(open + 1..end)
}

/// Whether nothing but what makes bytes of a text stands between the call's parenthesis, or the comma, and this
/// quote: `[]byte("…")` is a literal, `config("…")` is a look-up.
fn is_bare(text: &[u8], from: usize, quote: usize) -> bool {
    #[rustfmt::skip]
    const MAKERS: &[&[u8]] = &[
        b"getbytes", b"byte", b"bytes", b"from", b"some", b"encode", b"parse", b"from_slice", b"from_static",
        b"symmetricsecuritykey", b"secretkeyspec", b"hmacshakeyfor", b"frombase64string", b"b64decode",
        b"decode", b"fromhex", b"unhexlify", b"new",
    ];
    let mut at = quote;
    // `b"…"`, `r"…"`, `@"…"`
    while at > from && matches!(text[at - 1], b'b' | b'r' | b'@' | b'u') {
        at -= 1;
    }
    for _ in 0..4 {
        while at > from && (text[at - 1].is_ascii_whitespace() || text[at - 1] == b'&') {
            at -= 1;
        }
        match at.checked_sub(1).filter(|_| at > from).map(|before| text[before]) {
            None | Some(b',') => return true,
            Some(b'(') => {
                let head = &text[from..at - 1];
                let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"_.:[]()".contains(byte);
                let len = head.iter().rev().take_while(|byte| is_name(byte)).count();
                let name =
                    head[head.len() - len..].rsplit(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_');
                let is_maker =
                    name.take(1).any(|name| MAKERS.iter().any(|maker| name.eq_ignore_ascii_case(maker)));
                if !is_maker {
                    return false;
                }
                at -= 1 + len;
                if head[..head.len() - len].ends_with(b"new ") {
                    at -= 4;
                }
            }
            // An argument with a name.
            Some(b'=') => {
                let head = &text[from..at - 1];
                return [&b"key"[..], b"secret", b"secret_key"].iter().any(|name| head.ends_with(name));
            }
            Some(_) => return false,
        }
    }
    false
}

/// `AC` and 32 hex digits (<https://www.twilio.com/docs/glossary/what-is-a-sid>).
fn is_account_id(id: &[u8]) -> bool {
    id.len() == 34 && id.starts_with(b"AC") && id[2..].iter().all(u8::is_ascii_hexdigit)
}

/// What a literal in a key's place is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Weight {
    Random,
    /// Letters and digits mixed.
    Mixed,
    /// Words with digits or signs.
    Guess,
    Nothing,
}

fn weigh(text: &[u8], noun: Noun) -> Weight {
    let value = Value {
        noun,
        name: b"secret_key",
        text,
        quoted: true,
        mixed: false,
        how: How::Argument,
        around: [b"", b""],
    };
    match judge(&value) {
        Verdict::Random => Weight::Random,
        Verdict::Chosen => Weight::Mixed,
        Verdict::Word if text.len() >= SHORTEST_WORD => Weight::Guess,
        Verdict::Not(Negative::Plain | Negative::Identifier | Negative::Name | Negative::Sentence)
            if text.len() >= SHORTEST_WORD
                && !is_algorithm(text)
                && !text.iter().any(u8::is_ascii_control)
                && placeholder::stands_for(text, &[]).is_none()
                && is_concrete(text) =>
        {
            Weight::Guess
        }
        _ => Weight::Nothing,
    }
}

/// `HS256`, `AES-128-CBC`, `sha256`: what a key is used with.
fn is_algorithm(text: &[u8]) -> bool {
    let starts = |name: &&[u8]| text.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name));
    [&b"aes"[..], b"sha", b"hmac", b"rsa", b"des", b"ecdsa"].iter().any(starts)
        || text.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit()) && text.len() < 8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_makes_bytes_stands_around_a_key() {
        for (text, expect) in [
            ("\"k\")", true),
            ("x, []byte(\"k\"))", true),
            ("x, Encoding.ASCII.GetBytes(\"k\"))", true),
            ("new SecretKeySpec(\"k\".getBytes()))", true),
            ("x, b\"k\")", true),
            ("x, key=\"k\")", true),
            ("x, algorithm=\"k\")", false),
            ("x, config.get(\"k\"))", false),
            ("x, process.env[\"k\"])", false),
            ("x, {key: \"k\"})", false),
        ] {
            let quote = text.find('"').expect("a quote");
            assert_eq!(is_bare(text.as_bytes(), 0, quote), expect, "{text}");
        }
    }

    #[test]
    fn keys_are_weighed() {
        for (text, expect) in [
            ("q8Zr1LvT0pXk7NwYb3Jd", Weight::Random),
            ("a81kd03mq", Weight::Mixed),
            ("supermario64!", Weight::Mixed),
            ("secret", Weight::Nothing),
            ("horses", Weight::Nothing),
            ("AES-128-CBC", Weight::Nothing),
            ("${KEY}", Weight::Nothing),
        ] {
            assert_eq!(weigh(text.as_bytes(), Noun::Secret), expect, "{text}");
        }
    }

    #[test]
    fn a_literal_stands_before_its_conversion() {
        let text = "ks.load(in, \"p\".toCharArray())";
        let end = text.find("\".to").expect("the quote");
        assert_eq!(before(text.as_bytes(), end, "x(|load(").map(|range| &text[range]), Some("p"));
        assert_eq!(before(text.as_bytes(), end, "x("), None);
    }
}
