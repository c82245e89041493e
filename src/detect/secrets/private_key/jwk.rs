use std::ops::Range;

use super::asn1::bits_of;
use super::{Key, report};
use crate::detect::secrets::{decode, dummy};
use crate::detect::{Detector, Emit, Needs, Prepared};
use crate::model::Secret;
use crate::source::FileView;

/// How far before the hit the object may begin.
const LONGEST_BEFORE: usize = 8 * 1024;
/// A key with all its members is not longer.
const LONGEST: usize = 16 * 1024;
/// Members of a key that nobody may know (RFC 7518, 6).
const SECRET: &[&[u8]] = &[b"d", b"k", b"p", b"q", b"dp", b"dq", b"qi"];
/// The shortest symmetric key that protects something.
const SHORTEST_SYMMETRIC: usize = 16;

/// Private JSON Web Keys (RFC 7517): an object with `kty` and, by kind, `d` or `k`. In JSON, in JSON inside of
/// a string, and as a literal of a language. Keys of a set are found one by one.
pub(in crate::detect) struct JsonWebKeys;

impl Detector for JsonWebKeys {
    fn name(&self) -> &'static str {
        "jwk"
    }

    fn reason(&self) -> &'static str {
        "an object whose members are read in any order"
    }

    fn needs(&self) -> Needs {
        Needs::Hits
    }

    fn hit(&self, rule: &Prepared, view: &FileView, at: Range<usize>, emit: &mut Emit) {
        let text = view.bytes();
        // Before anything is looked for: a name that is given one of the kinds.
        let behind = &text[at.end..text.len().min(at.end + 24)];
        let is_given = [&b"RSA"[..], b"EC", b"OKP", b"oct"]
            .iter()
            .any(|kind| memchr::memmem::find(behind, kind).is_some());
        if !is_given || memchr::memchr(b':', behind).is_none() {
            return;
        }
        let Some(object) = object_around(text, at.start) else { return };
        let members = Members::read(text, object);
        // Another object around this one has its own hit.
        let Some(kind) = members.all.iter().find(|member| member.name == b"kty" && member.at == at.start)
        else {
            return;
        };
        let secret = if kind.value == b"oct" { &b"k"[..] } else { b"d" };
        let Some(found) = members.get(secret) else { return };
        let key = members.key(&kind.value);
        if matches!(&key, Some(key) if key.algorithm == "symmetric") && dummy::is_made_up(&found.value) {
            return;
        }
        let mut raw = report(rule, view, found.range.clone(), &found.value, key, "JSON Web Key");
        for member in &members.all {
            if SECRET.contains(&member.name) && member.range != found.range {
                raw.secrets.push(Secret { range: member.range.clone(), prefix: 0 });
            }
        }
        emit.raw(raw);
    }
}

/// The innermost braces around this place.
fn object_around(text: &[u8], hit: usize) -> Option<Range<usize>> {
    let from = hit.saturating_sub(LONGEST_BEFORE);
    let mut depth = 0;
    let start = text[from..hit].iter().rposition(|&byte| match byte {
        b'}' => {
            depth += 1;
            false
        }
        b'{' if depth > 0 => {
            depth -= 1;
            false
        }
        byte => byte == b'{',
    })? + from;
    let mut depth = 0;
    let window = &text[start..text.len().min(start + LONGEST)];
    let len = window.iter().position(|&byte| {
        match byte {
            b'{' => depth += 1,
            b'}' => depth -= 1,
            _ => {}
        }
        depth == 0
    })?;
    Some(start..start + len)
}

/// A name and the text that it is given.
struct Member<'t> {
    /// Where the name stands.
    at: usize,
    name: &'t [u8],
    /// Without what stands between the pieces of a literal.
    value: Vec<u8>,
    range: Range<usize>,
}

struct Members<'t> {
    all: Vec<Member<'t>>,
}

impl<'t> Members<'t> {
    /// No grammar is needed: a name, a colon or an arrow, and a quoted text of base64url digits.
    fn read(text: &'t [u8], object: Range<usize>) -> Self {
        let mut all = Vec::new();
        let mut at = object.start;
        while at < object.end {
            let len = run(&text[at..object.end], |byte| byte.is_ascii_alphanumeric() || *byte == b'_');
            if len == 0 {
                at += 1;
                continue;
            }
            let name = at..at + len;
            at = name.end;
            let between = run(&text[at..object.end], |byte| b"\\\"' \t\r\n:=>".contains(byte)).min(64);
            let gap = &text[at..at + between];
            let opens = gap.last().is_some_and(|byte| matches!(byte, b'"' | b'\''));
            if !opens || !gap.iter().any(|byte| matches!(byte, b':' | b'=')) {
                continue;
            }
            let (value, range) = literal(text, at + between, object.end);
            at = range.end;
            all.push(Member { at: name.start, name: &text[name], value, range });
        }
        Self { all }
    }

    fn get(&self, name: &[u8]) -> Option<&Member<'t>> {
        self.all.iter().find(|member| member.name == name)
    }

    fn bytes(&self, name: &[u8]) -> Option<Vec<u8>> {
        decode::base64(&self.get(name)?.value)
    }

    /// The key that the members make; `None` if they make none.
    fn key(&self, kind: &[u8]) -> Option<Key> {
        let curve = || Some(&*self.get(b"crv")?.value);
        match kind {
            b"RSA" => {
                let (modulus, private) = (self.bytes(b"n")?, self.bytes(b"d")?);
                let bits = bits_of(&modulus);
                let fits = bits >= 512 && bits_of(&private) <= bits && private.len() * 2 > modulus.len();
                (fits && self.bytes(b"e").is_some()).then(|| Key::of("RSA").bits(bits))
            }
            b"EC" => {
                let (name, len) = match curve()? {
                    b"P-256" => ("P-256", 32),
                    b"P-384" => ("P-384", 48),
                    b"P-521" => ("P-521", 66),
                    b"secp256k1" => ("secp256k1", 32),
                    _ => return None,
                };
                let fits = self.bytes(b"d")?.len() == len && self.bytes(b"x")?.len() == len;
                fits.then(|| Key::of("EC").curve(Some(name)))
            }
            b"OKP" => {
                let (name, len) = match curve()? {
                    b"Ed25519" => ("Ed25519", 32),
                    b"X25519" => ("X25519", 32),
                    b"Ed448" => ("Ed448", 57),
                    b"X448" => ("X448", 56),
                    _ => return None,
                };
                (self.bytes(b"d")?.len() == len).then(|| Key::of(name))
            }
            b"oct" => (self.bytes(b"k")?.len() >= SHORTEST_SYMMETRIC).then(|| Key::of("symmetric")),
            _ => None,
        }
    }
}

/// The digits of a literal that begins here, and of those that are put behind it with `+` or nothing; where
/// they stand.
fn literal(text: &[u8], start: usize, limit: usize) -> (Vec<u8>, Range<usize>) {
    let is_digit = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let mut value = Vec::new();
    let mut at = start;
    let mut end = start;
    while at < limit {
        let len = run(&text[at..limit], is_digit);
        value.extend_from_slice(&text[at..at + len]);
        end = at + len;
        let behind = &text[end..limit];
        let closes = run(behind, |byte| matches!(byte, b'\\' | b'"' | b'\''));
        let gap = closes + run(&behind[closes..], |byte| b" \t\r\n+.".contains(byte)).min(120);
        let opens = run(&behind[gap..], |byte| matches!(byte, b'\\' | b'"' | b'\''));
        if closes == 0 || gap == closes || opens == 0 {
            break;
        }
        at = end + gap + opens;
    }
    (value, start..end.max(start))
}

fn run(text: &[u8], test: impl Fn(&u8) -> bool) -> usize {
    text.iter().take_while(|byte| test(byte)).count()
}
