//! Names and values that stand in members of their own: `{"name": "DB_PASSWORD", "value": "…"}`,
//! `<entry key="password">…</entry>`, `variable "password" { default = "…" }`.

use super::cursor::Cursor;
use super::literal::{self, Literal};
use crate::model::Language;

/// How far the value may stand from the name.
const REACH: usize = 200;

/// Keys whose value is the name of a variable.
#[rustfmt::skip]
const NAMES: &[&[u8]] = &[
    b"name", b"key", b"id", b"property", b"param", b"parameter", b"variable", b"var", b"field", b"env",
    b"option", b"setting", b"parameterkey", b"variablename",
];

/// Keys whose value is what that variable is given.
const VALUES: &[&[u8]] = &[
    b"value",
    b"default",
    b"defaultvalue",
    b"val",
    b"parametervalue",
    b"stringvalue",
    b"content",
    b"initialvalue",
];

/// Whether the text that opens with this quote (or at this place) is the value of a key that names variables.
pub(super) fn names_a_variable(text: &[u8], opens: usize) -> bool {
    let near = &text[opens.saturating_sub(32)..opens];
    let near = near.trim_ascii_end();
    let Some(near) = near
        .strip_suffix(b"=>")
        .or_else(|| near.strip_suffix(b":"))
        .or_else(|| near.strip_suffix(b"="))
        .map(<[u8]>::trim_ascii_end)
    else {
        return false;
    };
    let near = near.strip_suffix(b"\"").or_else(|| near.strip_suffix(b"'")).unwrap_or(near);
    let len = near.iter().rev().take_while(|byte| byte.is_ascii_alphabetic()).count();
    let key = &near[near.len() - len..];
    NAMES.iter().any(|name| key.eq_ignore_ascii_case(name))
}

/// The value in the member beside, from behind the name.
pub(super) fn value_beside(mut cursor: Cursor, language: Language) -> Option<Literal> {
    let end = cursor.at + REACH;
    // At most two other members may stand between: a type, a description.
    for _ in 0..3 {
        cursor.run(REACH, |byte| byte.is_ascii_whitespace() || b",;\"'".contains(&byte));
        let key = cursor.run(32, |byte| byte.is_ascii_alphabetic());
        let key = &cursor.text[key];
        cursor.eat_any(b"\"'");
        cursor.blanks();
        if !(cursor.eat(b"=>") || cursor.eat(b":") || cursor.eat(b"=")) || cursor.at > end || key.is_empty() {
            return None;
        }
        cursor.blanks();
        let is_value = VALUES.iter().any(|name| key.eq_ignore_ascii_case(name));
        literal::prefix(&mut cursor);
        let literal = match cursor.peek() {
            Some(b'"' | b'\'') => literal::quoted(&mut cursor, language),
            _ if language == Language::Yaml => literal::bare(&mut cursor, language),
            _ => None,
        };
        match literal {
            Some(value) if is_value => return Some(value),
            Some(_) if !is_value => {}
            _ => return None,
        }
    }
    None
}

/// The text of an element, from behind its name: `>text</`.
pub(super) fn element(mut cursor: Cursor) -> Option<Literal> {
    // Attributes may stand before the sign.
    let attributes = cursor.run(120, |byte| byte != b'>' && byte != b'<' && byte != b'\n');
    if !cursor.eat(b">") || cursor.text[attributes].ends_with(b"/") {
        return None;
    }
    cursor.gap();
    // `<property name="password"><value>…</value>`
    for tag in [&b"<value>"[..], b"<string>", b"<![CDATA["] {
        cursor.eat(tag);
    }
    let range = cursor.run(512, |byte| byte != b'<' && byte != b'\n' && byte != b']');
    let tail = cursor.text[range.clone()].len() - cursor.text[range.clone()].trim_ascii_end().len();
    cursor.gap();
    let closes = cursor.rest().starts_with(b"</") || cursor.rest().starts_with(b"]]>");
    let range = range.start..range.end - tail;
    (closes && !range.is_empty()).then(|| Literal::of(range, true))
}

/// The default in the block of a Terraform variable, from before its bracket.
pub(super) fn default_in_block(cursor: Cursor) -> Option<Literal> {
    let near = cursor.near(400);
    let block = &near[..near.iter().position(|&byte| byte == b'}').unwrap_or(near.len())];
    let at = memchr::memmem::find(block, b"default")?;
    let mut cursor = Cursor::new(cursor.text, cursor.at + at + b"default".len());
    cursor.blanks();
    if !cursor.eat(b"=") {
        return None;
    }
    cursor.blanks();
    literal::quoted(&mut cursor, Language::Hcl)
}

/// Whether the text that opens at this quote is what a look-up of the environment or of settings is asked for.
pub(super) fn is_look_up_call(text: &[u8], opens: usize) -> bool {
    #[rustfmt::skip]
    const CALLS: &[&[u8]] = &[
        b"environ.get", b"environ", b"getenv", b"env", b"var", b"var_os", b"lookupenv", b"fetch",
        b"getproperty", b"config", b"setting", b"getenvironmentvariable", b"getenvordefault", b"env_or",
        b"getordefault", b"env_var", b"envvar", b"env.str", b"env.get", b"option_env!", b"env!", b"get_env",
        b"getsecret", b"get_secret", b"environmentvariable", b"envstring", b"envor",
    ];
    let near = &text[opens.saturating_sub(48)..opens];
    let near = near.trim_ascii_end();
    let Some(callee) = near.strip_suffix(b"(").or_else(|| near.strip_suffix(b"[")) else { return false };
    CALLS.iter().any(|call| {
        callee.len() >= call.len() && callee[callee.len() - call.len()..].eq_ignore_ascii_case(call) && {
            let before = callee.len().checked_sub(call.len() + 1).map_or(b' ', |at| callee[at]);
            !before.is_ascii_lowercase() || call.len() > 6
        }
    }) || memchr::memmem::find(callee, b"process.env").is_some()
}
