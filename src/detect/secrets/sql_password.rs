use std::ops::Range;

use super::literals;
use super::written::{Credential, Worth};
use crate::detect::{Detector, Emit, KnownBy, Needs, Prepared};
use crate::model::Proof;
use crate::source::FileView;

/// How far behind the keyword the password may stand.
const REACH: usize = 160;
/// How far before it the statement may begin.
const STATEMENT: usize = 400;

/// Passwords in statements that make or change users: `IDENTIFIED BY '…'` of `MySQL` and Oracle, `PASSWORD '…'`
/// of `PostgreSQL`, `WITH PASSWORD = '…'` of SQL Server.
///
/// The keywords end before the literal or with its quote. `password` and `with password` need `CREATE` or `ALTER` of
/// a user before them.
pub(in crate::detect) struct SqlPasswords;

impl Detector for SqlPasswords {
    fn name(&self) -> &'static str {
        "sql-password"
    }

    fn reason(&self) -> &'static str {
        "a literal of a statement; the password has no form of its own"
    }

    fn known_by(&self) -> KnownBy {
        KnownBy::Use
    }

    fn needs(&self) -> Needs {
        Needs::Hits
    }

    fn hit(&self, rule: &Prepared, view: &FileView, at: Range<usize>, emit: &mut Emit) {
        let text = view.bytes();
        // `Reset Password`
        if at.start.checked_sub(1).is_some_and(|before| text[before].is_ascii_alphanumeric()) {
            return;
        }
        let keyword = text[at.clone()].to_ascii_lowercase();
        let from = match keyword.as_slice() {
            // `WITH PASSWORD '…'` is the other keyword's.
            _ if keyword.ends_with(b"'") && ends_with_word(&text[..at.start], b"with") => return,
            _ if keyword.ends_with(b"'") => at.end - 1,
            b"set password" => match behind_equals(&text[at.end..text.len().min(at.end + REACH)]) {
                Some(behind) => at.end + behind,
                None => return,
            },
            _ => at.end,
        };
        let Some(password) = literal(text, from) else { return };
        // `identified by "x"` and `set password` are said in prose, too.
        let is_plain =
            [&b"password"[..], b"with", b"identified"].iter().any(|word| keyword.starts_with(word))
                || keyword == b"set password" && !has_word(&text[at.end..password.start], b"for");
        if is_plain && !is_of_user(text, at.start) {
            return;
        }
        let found = Credential {
            span: at.start..password.end + 1,
            user: password.start..password.start,
            password,
            host: None,
        };
        let value = &text[found.password.clone()];
        if found.worth(text) == Worth::Literal && !is_hash(value) && !value.starts_with(b":") {
            let message = "a password is set in a statement of SQL".to_owned();
            found.report(rule, view, Proof::Context, message, emit);
        }
    }
}

/// The literal behind a keyword, and what may stand between: `WITH plugin BY`, `=`, `N`.
fn literal(text: &[u8], from: usize) -> Option<Range<usize>> {
    let window = &text[..text.len().min(from + REACH)];
    let mut at = from;
    for _ in 0..8 {
        at +=
            window.get(at..)?.iter().take_while(|byte| byte.is_ascii_whitespace() || **byte == b'=').count();
        match window.get(at)? {
            b'\'' | b'"' => return literals::inside(window, at),
            // A quote that is escaped in a literal of code.
            b'\\' if matches!(window.get(at + 1), Some(b'\'' | b'"')) => {
                let quote = window[at + 1];
                let start = at + 2;
                let len = memchr::memmem::find(&window[start..], &[b'\\', quote])?;
                return Some(start..start + len);
            }
            b'N' | b'n' if window.get(at + 1) == Some(&b'\'') => at += 1,
            byte if byte.is_ascii_alphabetic() => {
                let word =
                    window[at..].iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count();
                let known =
                    [&b"with"[..], b"by", b"values", b"mysql_native_password", b"caching_sha2_password"]
                        .iter()
                        .chain(&[
                            &b"sha256_password"[..],
                            b"plaintext_password",
                            b"ed25519",
                            b"encrypted",
                            b"password",
                        ])
                        .any(|known| window[at..at + word].eq_ignore_ascii_case(known));
                if !known {
                    return None;
                }
                at += word;
            }
            _ => return None,
        }
    }
    None
}

fn has_word(text: &[u8], word: &[u8]) -> bool {
    text.split(|byte| !byte.is_ascii_alphanumeric()).any(|part| part.eq_ignore_ascii_case(word))
}

fn ends_with_word(text: &[u8], word: &[u8]) -> bool {
    let text = text.trim_ascii_end();
    text.len() >= word.len() && text[text.len() - word.len()..].eq_ignore_ascii_case(word)
}

/// Behind the `=` of `SET PASSWORD FOR 'user'@'host' = '…'`; in a sentence none follows.
fn behind_equals(rest: &[u8]) -> Option<usize> {
    let statement = rest.split(|&byte| matches!(byte, b';' | b'\n')).next().unwrap_or_default();
    let start = statement.trim_ascii_start();
    let names_user = start.get(..4).is_some_and(|word| word.eq_ignore_ascii_case(b"for "));
    (names_user || start.starts_with(b"=")).then_some(())?;
    memchr::memchr(b'=', statement).map(|at| at + 1)
}

/// Whether the statement before is about a user.
fn is_of_user(text: &[u8], at: usize) -> bool {
    let before = text[at.saturating_sub(STATEMENT)..at].to_ascii_lowercase();
    let statement = before.rsplit(|&byte| byte == b';').next().unwrap_or_default();
    let has = |word: &[u8]| memchr::memmem::find(statement, word).is_some();
    (has(b"create ") || has(b"alter ") || has(b"grant "))
        && (has(b"user") || has(b"role") || has(b"login") || has(b"group") || has(b" to "))
}

/// What databases store in the place of a password.
fn is_hash(value: &[u8]) -> bool {
    let is_hex = |text: &[u8]| text.iter().all(u8::is_ascii_hexdigit);
    value.starts_with(b"SCRAM-SHA-256$")
        || value.len() == 41 && value[0] == b'*' && is_hex(&value[1..])
        || value.len() == 35 && value.starts_with(b"md5") && is_hex(&value[3..])
        || value.starts_with(b"$")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_of_statements_are_found() {
        for (text, expect) in [
            ("BY 'p'", Some("p")),
            ("BY \"p\"", Some("p")),
            ("BY = N'p'", Some("p")),
            ("BY WITH mysql_native_password BY 'p'", Some("p")),
            ("BY \\'p\\'", Some("p")),
            ("BY ?", None),
            ("BY other 'p'", None),
            ("BY", None),
            ("BY '", None),
        ] {
            assert_eq!(literal(text.as_bytes(), 2).map(|r| &text[r]), expect, "{text}");
        }
    }

    #[test]
    fn a_password_is_set_by_an_equals_sign() {
        for (text, expect) in [
            (" = 'p'", Some(2)),
            (" FOR 'a'@'b' = 'p'", Some(14)),
            (" of the user, e.g. a = 'p'", None),
            ("", None),
        ] {
            assert_eq!(behind_equals(text.as_bytes()), expect, "{text}");
        }
    }

    #[test]
    fn only_statements_about_users_count() {
        for (text, expect) in [
            ("CREATE ROLE app LOGIN ", true),
            ("ALTER USER app WITH ", true),
            ("create user a; select ", false),
            ("the ", false),
        ] {
            assert_eq!(is_of_user(text.as_bytes(), text.len()), expect, "{text}");
        }
    }
}
