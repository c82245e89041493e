//! Names and expressions of a program, which are no values.

use super::assignment::How;
use super::forms::is_dotted_path;
use super::judge::Value;
use super::listed::Wholes;
use super::name::{Noun, Words};
use super::words;

/// Names, types and expressions of a language: `config.password`, `getPassword()`, `user_password`, `Vec<u8>`.
pub(super) fn is_code(value: &Value) -> bool {
    let text = value.text;
    let has = |what: &[u8]| memchr::memmem::find(text, what).is_some();
    let letters_and =
        |marks: &[u8]| text.iter().all(|byte| byte.is_ascii_alphabetic() || marks.contains(byte));
    if has(b"()")
        || has(b"::")
        || has(b"->")
        || has(b"=>")
        || has(b"===")
        || has(b"&&")
        || has(b"||")
        || has(b"\\n")
        || has(b"\\d")
        || has(b"\\w")
    {
        return true;
    }
    // A call in a page's attribute, `t('login.password')`, and what a form is checked by: `required|min:6`.
    let is_check = |part: &[u8]| {
        part.first().is_some_and(u8::is_ascii_lowercase)
            && part
                .iter()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_:,".contains(byte))
    };
    if has(b"('") && text.ends_with(b"')")
        || text.contains(&b'|') && text.split(|&byte| byte == b'|').all(is_check)
    {
        return true;
    }
    // A call or an index, where no quotes say that it is text.
    if !value.quoted
        && text.iter().any(|byte| b"([{<".contains(byte))
        && text.iter().any(|byte| b")]}>".contains(byte))
    {
        return true;
    }
    // An option of a program, an attribute, a call within prose.
    if text.starts_with(b"--") || text.starts_with(b"-Z") || text.starts_with(b"#[") || has(b"(&") {
        return true;
    }
    // A regular expression, a format, a selector.
    if text.starts_with(b"^") && text.ends_with(b"$")
        || text.starts_with(b"input[")
        || text.starts_with(b"#") && letters_and(b"#-_")
        || text.starts_with(b".") && letters_and(b".-_")
    {
        return true;
    }
    let words = Words::of(text);
    // What people choose may be words, too: it is a name if it speaks of secrets, or if all of it is of code.
    let is_name = || {
        value.noun != Noun::Password
            || words.any(&SPEAK)
            || words::is_identifier_like(text) && words.count() < 4
    };
    // `user.password`, `auth.password.label`: words joined by dots.
    let dots = memchr::memchr_iter(b'.', text).count();
    if dots > 0 && letters_and(b"._-$") || dots > 1 && is_dotted_path(text) {
        let is_indexed = text
            .split(|&byte| byte == b'.')
            .any(|part| !part.is_empty() && part.iter().all(u8::is_ascii_digit));
        return is_indexed || text.contains(&b'$') || words.count() < 3 || is_name();
    }
    // `user_password`, `reset-token`: words joined by marks.
    let marks = text.iter().filter(|byte| matches!(byte, b'_' | b'-' | b':')).count();
    if marks > 0 && letters_and(b"_-:") {
        // `f('password', 'credit_card')` lists names.
        let is_field =
            value.how == How::Argument && !text.iter().any(u8::is_ascii_uppercase) && letters_and(b"_");
        return is_field || is_name();
    }
    if letters_and(b"") {
        let humps = words.count() > 1 && text.iter().any(u8::is_ascii_lowercase);
        let upper = text.iter().all(u8::is_ascii_uppercase) && text.len() > 1;
        return humps && is_name() || upper && value.noun != Noun::Password;
    }
    false
}

/// Words of names about secrets.
#[rustfmt::skip]
pub(super) static SPEAK: Wholes = Wholes::of(&[
    b"password", b"passwd", b"pass", b"pwd", b"passphrase", b"secret", b"secrets", b"token", b"tokens",
    b"key", b"keys", b"credential", b"credentials", b"auth", b"login", b"user", b"username", b"name",
    b"field", b"input", b"id", b"value", b"form", b"label", b"type", b"hash", b"code", b"email", b"account",
    b"error", b"message", b"text", b"string", b"get", b"set", b"is", b"has", b"api", b"admin", b"new",
    b"old", b"current", b"reset", b"change", b"confirm", b"forgot", b"invalid", b"required", b"default",
    b"db", b"database", b"app", b"server", b"client", b"service", b"config", b"settings", b"access",
    b"private", b"public", b"test", b"my", b"data",
]);
