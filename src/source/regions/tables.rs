//! Comments and strings of the languages that need no masker of their own.

use super::generic::{At, Form, Quoted, Syntax, Token};
use crate::model::{Language, Region};

/// The table of a language; `None` for texts without comments.
pub(super) fn syntax_of(language: Language) -> Option<&'static Syntax> {
    Some(match language {
        Language::Go => &GO,
        Language::Java => &JAVA,
        Language::Kotlin => &KOTLIN,
        Language::Scala => &SCALA,
        Language::CSharp => &CSHARP,
        Language::C | Language::Cpp => &CPP,
        Language::Swift => &SWIFT,
        Language::Php => &PHP,
        Language::Perl => &PERL,
        Language::Lua => &LUA,
        Language::Sql => &SQL,
        Language::Css => &CSS,
        Language::PowerShell => &POWERSHELL,
        Language::Html | Language::Xml | Language::Markdown => &MARKUP,
        Language::Toml => &TOML,
        Language::Json => &JSON,
        Language::Yaml => &YAML,
        Language::Ini => &INI,
        Language::Properties => &PROPERTIES,
        Language::Dotenv => &DOTENV,
        Language::Dockerfile => &DOCKERFILE,
        Language::Make => &MAKE,
        Language::Hcl => &HCL,
        Language::Nginx => &NGINX,
        Language::Rust
        | Language::Python
        | Language::JavaScript
        | Language::TypeScript
        | Language::Shell
        | Language::Ruby
        | Language::Text
        | Language::Unknown => return None,
    })
}

const fn comment(open: &'static str, place: At) -> Token {
    Token { open: open.as_bytes(), place, form: Form::Line, region: Region::Comment }
}

const fn doc_line(open: &'static str) -> Token {
    Token { open: open.as_bytes(), place: At::Anywhere, form: Form::Line, region: Region::Doc }
}

const fn block(open: &'static str, close: &'static str, region: Region) -> Token {
    // Of `/**/` the second star may belong to the end.
    let skip = if open.len() > 3 { open.len() } else { 2 };
    Token {
        open: open.as_bytes(),
        place: At::Anywhere,
        form: Form::Block { close: close.as_bytes(), skip },
        region,
    }
}

const fn special(open: &'static str, form: Form, region: Region) -> Token {
    Token { open: open.as_bytes(), place: At::Anywhere, form, region }
}

const fn quoted(
    open: &'static str,
    close: &'static str,
    escape: u8,
    doubled: bool,
    multiline: bool,
) -> Token {
    string(open, At::Anywhere, Quoted { close: close.as_bytes(), escape, doubled, multiline, field: None })
}

const fn string(open: &'static str, place: At, quoted: Quoted) -> Token {
    Token { open: open.as_bytes(), place, form: Form::Quoted(quoted), region: Region::String }
}

/// A string with code inside: behind `field`, up to the bracket that closes it.
const fn with_code(
    open: &'static str,
    close: &'static str,
    escape: u8,
    multiline: bool,
    field: (&'static [u8], u8, u8),
) -> Token {
    string(
        open,
        At::Anywhere,
        Quoted { close: close.as_bytes(), escape, doubled: false, multiline, field: Some(field) },
    )
}

const DOC_BLOCK: Token = block("/**", "*/", Region::Doc);
const BLOCK: Token = block("/*", "*/", Region::Comment);
const NESTED: Token = special("/*", Form::Nested, Region::Comment);
const NESTED_DOC: Token = special("/**", Form::Nested, Region::Doc);
const SLASHES: Token = comment("//", At::Anywhere);
const DOUBLE: Token = quoted("\"", "\"", b'\\', false, false);
const CHAR: Token = quoted("'", "'", b'\\', false, false);
const MARKUP_COMMENT: Token = block("<!--", "-->", Region::Comment);

const fn table(tokens: &'static [Token]) -> Syntax {
    Syntax { tokens, stop: b"" }
}

static GO: Syntax = table(&[BLOCK, SLASHES, DOUBLE, CHAR, quoted("`", "`", 0, false, true)]);

static JAVA: Syntax =
    table(&[DOC_BLOCK, BLOCK, SLASHES, quoted("\"\"\"", "\"\"\"", b'\\', false, true), DOUBLE, CHAR]);

static KOTLIN: Syntax = table(&[
    NESTED_DOC,
    NESTED,
    SLASHES,
    with_code("\"\"\"", "\"\"\"", 0, true, (b"${", b'{', b'}')),
    with_code("\"", "\"", b'\\', false, (b"${", b'{', b'}')),
    CHAR,
]);

static SCALA: Syntax =
    table(&[NESTED_DOC, NESTED, SLASHES, quoted("\"\"\"", "\"\"\"", 0, false, true), DOUBLE, CHAR]);

static CSHARP: Syntax = table(&[
    DOC_BLOCK,
    BLOCK,
    doc_line("///"),
    SLASHES,
    quoted("$\"\"\"", "\"\"\"", 0, false, true),
    quoted("\"\"\"", "\"\"\"", 0, false, true),
    quoted("$@\"", "\"", 0, true, true),
    quoted("@$\"", "\"", 0, true, true),
    quoted("@\"", "\"", 0, true, true),
    with_code("$\"", "\"", b'\\', false, (b"{", b'{', b'}')),
    DOUBLE,
    CHAR,
]);

static CPP: Syntax = table(&[
    DOC_BLOCK,
    BLOCK,
    doc_line("///"),
    SLASHES,
    special("R\"", Form::CppRaw, Region::String),
    DOUBLE,
    string(
        "'",
        At::NotNumber,
        Quoted { close: b"'", escape: b'\\', doubled: false, multiline: false, field: None },
    ),
]);

static SWIFT: Syntax = table(&[
    NESTED_DOC,
    NESTED,
    doc_line("///"),
    SLASHES,
    special("#", Form::SwiftRaw, Region::String),
    with_code("\"\"\"", "\"\"\"", b'\\', true, (b"\\(", b'(', b')')),
    with_code("\"", "\"", b'\\', false, (b"\\(", b'(', b')')),
]);

static PHP: Syntax = Syntax {
    tokens: &[
        DOC_BLOCK,
        BLOCK,
        SLASHES,
        // `#[` opens an attribute.
        special("#[", Form::Code, Region::Code),
        comment("#", At::Anywhere),
        special("<<<", Form::Heredoc { triple: true }, Region::String),
        with_code("\"", "\"", b'\\', true, (b"{$", b'{', b'}')),
        quoted("'", "'", b'\\', false, true),
        quoted("`", "`", b'\\', false, true),
    ],
    stop: b"?>",
};

static PERL: Syntax = table(&[
    Token { open: b"=", place: At::Column, form: Form::Pod, region: Region::Doc },
    comment("#", At::Word),
    special("<<", Form::Heredoc { triple: false }, Region::String),
    quoted("\"", "\"", b'\\', false, true),
    quoted("'", "'", b'\\', false, false),
    special("/", Form::Regex, Region::String),
]);

static LUA: Syntax = table(&[
    special("--[", Form::LuaLong { comment: true }, Region::Comment),
    comment("--", At::Anywhere),
    special("[", Form::LuaLong { comment: false }, Region::String),
    DOUBLE,
    CHAR,
]);

static SQL: Syntax = table(&[
    BLOCK,
    comment("--", At::Anywhere),
    quoted("'", "'", 0, true, true),
    quoted("\"", "\"", 0, true, true),
    special("$", Form::DollarQuoted, Region::String),
]);

static CSS: Syntax = table(&[BLOCK, comment("//", At::Word), DOUBLE, CHAR]);

static POWERSHELL: Syntax = table(&[
    block("<#", "#>", Region::Comment),
    comment("#", At::Word),
    special("@\"", Form::Block { close: b"\n\"@", skip: 2 }, Region::String),
    special("@'", Form::Block { close: b"\n'@", skip: 2 }, Region::String),
    with_code("\"", "\"", b'`', true, (b"$(", b'(', b')')),
    quoted("'", "'", 0, true, true),
]);

static MARKUP: Syntax = table(&[MARKUP_COMMENT]);

static TOML: Syntax = table(&[
    comment("#", At::Anywhere),
    quoted("\"\"\"", "\"\"\"", b'\\', false, true),
    quoted("'''", "'''", 0, false, true),
    DOUBLE,
    quoted("'", "'", 0, false, false),
]);

static JSON: Syntax = table(&[BLOCK, SLASHES, DOUBLE, CHAR]);

static YAML: Syntax = table(&[
    comment("#", At::Word),
    string(
        "\"",
        At::Value,
        Quoted { close: b"\"", escape: b'\\', doubled: false, multiline: false, field: None },
    ),
    string("'", At::Value, Quoted { close: b"'", escape: 0, doubled: true, multiline: false, field: None }),
]);

static INI: Syntax = table(&[comment("#", At::Line), comment(";", At::Line)]);

static PROPERTIES: Syntax = table(&[comment("#", At::Line), comment("!", At::Line)]);

static DOTENV: Syntax = table(&[
    comment("#", At::Word),
    string(
        "\"",
        At::Value,
        Quoted { close: b"\"", escape: b'\\', doubled: false, multiline: true, field: None },
    ),
    string("'", At::Value, Quoted { close: b"'", escape: 0, doubled: false, multiline: true, field: None }),
    string("`", At::Value, Quoted { close: b"`", escape: 0, doubled: false, multiline: true, field: None }),
]);

static DOCKERFILE: Syntax = table(&[comment("#", At::Line), DOUBLE, quoted("'", "'", 0, false, false)]);

static MAKE: Syntax = table(&[comment("#", At::Word), DOUBLE, quoted("'", "'", 0, false, false)]);

static HCL: Syntax = table(&[
    BLOCK,
    SLASHES,
    comment("#", At::Anywhere),
    special("<<", Form::Heredoc { triple: false }, Region::String),
    with_code("\"", "\"", b'\\', false, (b"${", b'{', b'}')),
]);

static NGINX: Syntax = table(&[
    comment("#", At::Word),
    quoted("\"", "\"", b'\\', false, true),
    string(
        "'",
        At::Word,
        Quoted { close: b"'", escape: b'\\', doubled: false, multiline: true, field: None },
    ),
]);
