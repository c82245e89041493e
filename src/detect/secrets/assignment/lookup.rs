use super::cursor::Cursor;
use super::literal::{self, Literal};
use crate::detect::secrets::listed::Beginnings;
use crate::model::Language;

/// How far an expression is read for its fallback.
const REACH: usize = 240;

/// What looks a value up outside of the program.
#[rustfmt::skip]
static LOOK_UPS: Beginnings = Beginnings::of(&[
    b"environ", b"getenv", b"Getenv", b"GetEnv", b"getEnv", b"LookupEnv", b"process.env", b"import.meta.env",
    b"env::var", b"var_os(", b"option_env!", b"env!(", b"env(", b"env.", b"Env.", b"ENV[", b"ENV.", b"$env:",
    b"$_ENV", b"$_SERVER", b"env[", b"getProperty", b"GetEnvironmentVariable", b"secrets.", b"config(",
    b"config.", b"Config.", b"conf.", b"settings.", b"ConfigurationManager", b"viper.", b"get_secret",
    b"getSecret", b"GetSecret", b"secretsmanager", b"keyring.", b"getpass", b"input(", b"prompt",
    b"readline", b"read_line", b"os.Args", b"argv", b"args.", b"options.", b"params", b"request.", b"req.",
]);

/// What stands between a look-up and the literal that is taken where it finds nothing.
#[rustfmt::skip]
const MARKS: &[&[u8]] = &[
    b"||", b"??", b"?:", b" or ", b".unwrap_or_else(|_|", b".unwrap_or_else(||", b".unwrap_or_else(|_e|",
    b".unwrap_or(", b".map_or(", b".orElse(", b".or_else(", b".getOrElse(", b".get_or(", b".defaultTo(",
    b"default=", b"default:", b"default =", b"fallback=", b"fallback:", b"defaultValue:", b",", b"//",
];

/// What an expression that is no literal turns out to be.
pub(super) enum Expression {
    /// A look-up with a literal to fall back on.
    Fallback(Literal),
    /// A look-up.
    LookUp,
    /// Something else: a name, a call, a number.
    Other,
}

/// Reads an expression up to the end of its statement.
pub(super) fn expression(cursor: Cursor, language: Language) -> Expression {
    let near = cursor.near(REACH);
    let len = end_of_statement(near);
    let text = &near[..len];
    // What is told how to hash is no fallback: `generate_password_hash(x, method=get("METHOD", "scrypt"))`.
    let callee = text.iter().take_while(|byte| byte.is_ascii_alphanumeric() || b"_.:".contains(byte)).count();
    let hashes = memchr::memmem::find(&text[..callee], b"hash").is_some();
    if hashes || !LOOK_UPS.stand_in(text) {
        return Expression::Other;
    }
    match fallback_in(cursor, len, language) {
        Some(literal) => Expression::Fallback(literal),
        None => Expression::LookUp,
    }
}

/// The literal behind a mark of fallbacks that stands right here (blanks aside): `|| "x"`, `, "x")`.
pub(super) fn fallback_here(mut cursor: Cursor, language: Language) -> Option<Literal> {
    // `)` and `]` close the look-up: `env("X")) || "x"`. What stands behind a comma then is something else.
    let mut closed = false;
    for _ in 0..3 {
        cursor.gap();
        if !cursor.eat_any(b")]") {
            break;
        }
        closed = true;
    }
    cursor.gap();
    if closed && cursor.peek() == Some(b',') {
        return None;
    }
    // A blank that belongs to the mark was passed over.
    let mark = MARKS.iter().find(|mark| cursor.has(mark.trim_ascii_start()))?;
    cursor.at += mark.trim_ascii_start().len();
    taken(cursor, language)
}

/// The first literal of the statement that stands behind a mark of fallbacks.
fn fallback_in(cursor: Cursor, len: usize, language: Language) -> Option<Literal> {
    let text = cursor.near(len);
    for at in 0..text.len() {
        let Some(mark) = MARKS.iter().find(|mark| text[at..].starts_with(mark)) else { continue };
        let behind = Cursor::new(cursor.text, cursor.at + at + mark.len());
        if let Some(literal) = taken(behind, language) {
            return Some(literal);
        }
    }
    None
}

/// The literal that stands here and is all that is taken.
fn taken(mut cursor: Cursor, language: Language) -> Option<Literal> {
    cursor.gap();
    for wrapper in [&b"default="[..], b"default:", b"String::from(", b"&"] {
        cursor.eat(wrapper);
        cursor.blanks();
    }
    literal::prefix(&mut cursor);
    literal::quoted(&mut cursor, language)
}

/// Where a statement ends: at a `;`, at a line's end that is not within brackets, or where brackets close that it
/// did not open.
fn end_of_statement(text: &[u8]) -> usize {
    let mut depth = 0u32;
    let mut quote = None;
    for (at, &byte) in text.iter().enumerate() {
        if let Some(open) = quote {
            if byte == open || byte == b'\n' {
                quote = None;
            }
            continue;
        }
        match byte {
            b'"' | b'\'' | b'`' => quote = Some(byte),
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => match depth.checked_sub(1) {
                Some(less) => depth = less,
                None => return at,
            },
            b';' => return at,
            b',' if depth == 0 => return at,
            b'\n' if depth == 0 => {
                // A chain goes on: `\n    .unwrap_or(…)`, `\n || …`.
                let next = text[at..].trim_ascii_start();
                if !next.starts_with(b".") && !next.starts_with(b"||") && !next.starts_with(b"??") {
                    return at;
                }
            }
            _ => {}
        }
    }
    text.len()
}

/// The literal in `${NAME:-literal}`, `${NAME:=literal}` and Spring's `${name:literal}`, from behind the name.
pub(super) fn in_braces(mut cursor: Cursor) -> Option<Literal> {
    if !cursor.eat(b":") && !matches!(cursor.peek(), Some(b'-' | b'=')) {
        return None;
    }
    // `:?` says what is missing, `:+` what stands for a value that is there.
    if matches!(cursor.peek(), Some(b'?' | b'+')) {
        return None;
    }
    cursor.eat_any(b"-=");
    let quote = cursor.peek().filter(|byte| matches!(byte, b'"' | b'\''));
    cursor.at += usize::from(quote.is_some());
    let range = cursor.run(256, |byte| byte != b'}' && byte != b'\n' && Some(byte) != quote);
    let closed = cursor.peek() == Some(b'}') || quote.is_some() && cursor.rest().get(1) == Some(&b'}');
    (closed && !range.is_empty()).then(|| Literal::of(range, true))
}
