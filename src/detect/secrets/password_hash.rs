use std::ops::Range;

use super::{credential, dummy, illustration, standing, written};
use crate::detect::{Detector, Emit, Needs, Prepared, Raw};
use crate::model::{Proof, Secret};
use crate::source::FileView;

/// Hashes of passwords in the form of crypt(5) (<https://manpages.debian.org/crypt.5>): `$6$salt$digest` and
/// its relatives. A hash is no password; but whoever has it guesses as fast as their machine allows.
///
/// The keywords are the prefixes. The rule's word `line` is what must stand around the hash: `htpasswd`
/// (`user:hash` and nothing behind), `shadow` (`user:hash:…` with numbers), or `none` of these.
pub(in crate::detect) struct PasswordHashes;

impl Detector for PasswordHashes {
    fn name(&self) -> &'static str {
        "password-hash"
    }

    fn reason(&self) -> &'static str {
        "fields of a varying number, counted and checked"
    }

    fn needs(&self) -> Needs {
        Needs::Hits
    }

    fn hit(&self, rule: &Prepared, view: &FileView, at: Range<usize>, emit: &mut Emit) {
        let text = view.bytes();
        let Some(hash) = read(text, at.start) else { return };
        let digits = &text[hash.clone()];
        let body = digits.iter().rposition(|byte| *byte == b'$').map_or(digits, |sign| &digits[sign + 1..]);
        let is_no_password = dummy::is_made_up(body)
            || is_named_dummy(text, hash.start)
            || illustration::illustrates(view, b"", hash.clone());
        if is_no_password {
            return;
        }
        let line = Line::around(view, &hash);
        let wanted = rule.rule.detect.words("line").first().map_or("none", |word| &**word);
        if line.word() != wanted {
            return;
        }
        let span = match line {
            Line::Htpasswd(start) | Line::Shadow(start) => start..hash.end,
            Line::Other => hash.clone(),
        };
        let severity = written::severity(rule.rule.severity, None, view, hash.start);
        // A hash is no password: in tests and texts it is nothing that anybody must change.
        let is_rehearsed = credential::is_rehearsed(view, hash.start);
        let severity = if is_rehearsed { standing::one_lower(severity) } else { severity };
        let mut raw = Raw::at(span);
        raw.severity = (severity != rule.rule.severity).then_some(severity);
        raw.proof = Some(Proof::Structure);
        raw.secrets.push(Secret { range: hash, prefix: 0 });
        emit.raw(raw);
    }
}

/// Whether the text before it says that nobody's password is behind it: such a hash is checked so that an unknown
/// user takes as long as a known one.
fn is_named_dummy(text: &[u8], at: usize) -> bool {
    // The call is named on its own line, or a comment above its arguments says it.
    let before = &text[at.saturating_sub(240)..at];
    let lines = before.rsplit(|&byte| byte == b'\n').take(4).enumerate();
    let says = |line: &[u8]| {
        let line = line.to_ascii_lowercase();
        [&b"dummy"[..], b"fake"].iter().any(|word| memchr::memmem::find(&line, word).is_some())
    };
    let is_comment = |line: &[u8]| {
        let line = line.trim_ascii_start();
        line.starts_with(b"//") || line.starts_with(b"#")
    };
    lines.into_iter().any(|(above, line)| (above == 0 || is_comment(line)) && says(line))
}

/// What stands around a hash.
enum Line {
    /// From here on `user:hash`.
    Htpasswd(usize),
    /// From here on `user:hash:…`.
    Shadow(usize),
    Other,
}

impl Line {
    fn word(&self) -> &'static str {
        match self {
            Self::Htpasswd(_) => "htpasswd",
            Self::Shadow(_) => "shadow",
            Self::Other => "none",
        }
    }

    fn around(view: &FileView, hash: &Range<usize>) -> Self {
        let text = view.bytes();
        if hash.start.checked_sub(1).is_none_or(|before| text[before] != b':') {
            return Self::Other;
        }
        let before = &text[hash.start.saturating_sub(65)..hash.start - 1];
        let is_user = |byte: &&u8| byte.is_ascii_alphanumeric() || b"._-@+".contains(byte);
        let user = before.iter().rev().take_while(is_user).count();
        let start = hash.start - 1 - user;
        let opens = start.checked_sub(1).is_none_or(|at| !is_user(&&text[at]) && text[at] != b':');
        let after = &text[hash.end..text.len().min(hash.end + 64)];
        let line = after.split(|&byte| byte == b'\n').next().unwrap_or_default();
        if user == 0 || !opens {
            Self::Other
        } else if line.starts_with(b":") {
            // https://manpages.debian.org/shadow.5: seven more fields, of numbers or empty.
            let fields = line.trim_ascii_end().split(|&byte| byte == b':').count();
            let numbers = line.trim_ascii_end().iter().all(|byte| byte.is_ascii_digit() || *byte == b':');
            if fields == 8 && numbers { Self::Shadow(start) } else { Self::Other }
        } else {
            Self::Htpasswd(start)
        }
    }
}

/// Salt and digest of each scheme: the least and the greatest length of the digest.
#[rustfmt::skip]
const SCHEMES: &[(&[u8], usize, usize)] = &[
    (b"$1$", 22, 22), (b"$apr1$", 22, 22), (b"$5$", 43, 43), (b"$6$", 86, 86), (b"$y$", 43, 43),
    (b"$7$", 43, 43), (b"$argon2", 16, 128), (b"$scrypt$", 16, 128), (b"$pbkdf2", 20, 128), (b"{SSHA}", 32, 64),
    (b"{SHA}", 28, 28),
];

/// The bytes of the hash that begins here, if its parts have the lengths of its scheme.
fn read(text: &[u8], start: usize) -> Option<Range<usize>> {
    let window = &text[start..text.len().min(start + 320)];
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b"./+$=,-_".contains(byte);
    let prefix = window.iter().take(8).take_while(|byte| matches!(byte, b'{' | b'}')).count();
    let brace = if prefix > 0 { memchr::memchr(b'}', &window[..window.len().min(8)])? + 1 } else { 0 };
    let len = brace + window[brace..].iter().position(|byte| !is_part(byte)).unwrap_or(window.len() - brace);
    let hash = &window[..len];
    // bcrypt: a cost and 53 characters of salt and digest.
    if let [b'$', b'2', kind, b'$', ten, one, b'$', rest @ ..] = hash {
        let fits = b"abxy".contains(kind) && ten.is_ascii_digit() && one.is_ascii_digit() && rest.len() == 53;
        return fits.then_some(start..start + len);
    }
    let (scheme, least, most) = SCHEMES.iter().find(|(scheme, ..)| hash.starts_with(scheme))?;
    let digest = if scheme[0] == b'{' {
        &hash[scheme.len()..]
    } else {
        let fields: Vec<&[u8]> = hash.split(|&byte| byte == b'$').collect();
        // At least `$scheme$salt$digest`.
        let [_, _, .., salt, digest] = fields[..] else { return None };
        if salt.is_empty() || fields.len() < 4 {
            return None;
        }
        digest
    };
    (*least..=*most).contains(&digest.len()).then_some(start..start + len)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_tell_hashes() {
        let of = |n: usize| "aB3./xY9".repeat(12)[..n].to_owned();
        for (text, expect) in [
            (format!("$2b$12${}", of(53)), true),
            (format!("$2b$12${}", of(52)), false),
            (format!("$6$salt${}", of(86)), true),
            (format!("$6$rounds=5000$salt${}", of(86)), true),
            (format!("$6$salt${}", of(80)), false),
            (format!("$6${}", of(86)), false),
            (format!("$apr1$salt${}", of(22)), true),
            (format!("{{SHA}}{}=", of(27)), true),
            (format!("$argon2id$v=19$m=65536,t=3,p=4${}${}", of(22), of(43)), true),
            ("$1$".to_owned(), false),
            ("$6$salt".to_owned(), false),
        ] {
            assert_eq!(read(text.as_bytes(), 0), expect.then_some(0..text.len()), "{text}");
        }
    }
}
