//! Values that stand for a secret that comes from elsewhere.

use super::dummy;
use crate::rules::rule::Text;

/// Beginnings of values that are looked up, filled in, or encrypted.
const LOOK_UPS: &[&[u8]] = &[
    b"$",
    b"<",
    b"{",
    b"%",
    b"@",
    b"&",
    b"*",
    b"[",
    b"(",
    b"#",
    b"!",
    b"~",
    b"ENC[",
    b"ENC(",
    b"vault:",
    b"secret:",
    b"secret/",
    b"arn:",
    b"ssm:",
    b"op://",
    b"env:",
    b"env(",
    b"file:",
    b"/",
    b"./",
    b"../",
    b"sha1:",
    b"sha256:",
    b"bcrypt",
    b"pbkdf2",
    b"scrypt:",
    b"ssh-",
    b"ecdsa-",
    b"MIIBIj",
    b"MIICIj",
    b"MIGf",
    b"-----",
    b"data:",
    b"http://",
    b"https://",
    b"process.env",
    b"os.environ",
    b"os.getenv",
    b"ENV[",
    b"System.getenv",
    b"config.",
    b"settings.",
    b"self.",
    b"this.",
    b"null",
    b"None",
    b"nil",
    b"undefined",
    b"true",
    b"false",
];

/// Whether a value stands for a secret instead of being one. `words` are whole values (compared without
/// case and without anything but letters and digits), or, with a `*` behind them, parts of values.
pub(super) fn is_placeholder(value: &[u8], words: &[Text]) -> bool {
    if LOOK_UPS.iter().any(|start| value.starts_with(start)) {
        return true;
    }
    if value.iter().any(|byte| !byte.is_ascii_graphic()) || is_template(value) || dummy::is_made_up(value) {
        return true;
    }
    let bare: Vec<u8> =
        value.iter().filter(|b| b.is_ascii_alphanumeric()).map(u8::to_ascii_lowercase).collect();
    let stem: &[u8] = bare.trim_ascii_end();
    let stem = &stem[..stem.iter().rposition(|byte| !byte.is_ascii_digit()).map_or(0, |at| at + 1)];
    words.iter().any(|word| match word.strip_suffix('*') {
        Some(part) => memchr::memmem::find(&bare, part.as_bytes()).is_some(),
        None => stem == word.as_bytes() || bare == word.as_bytes(),
    })
}

/// `a${b}c`, `{{x}}`, `%(x)s`, `%s`, `#{x}`, `<x>`, `$(x)`.
fn is_template(value: &[u8]) -> bool {
    [&b"${"[..], b"$(", b"{{", b"}}", b"%(", b"%s", b"%d", b"#{", b"<%", b"\\(", b"::", b"()"]
        .iter()
        .any(|mark| memchr::memmem::find(value, mark).is_some())
        || value.contains(&b'<') && value.contains(&b'>')
        || value.contains(&b'{') && value.contains(&b'}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_templates_are_placeholders() {
        let words: Vec<Text> = ["password", "changeme", "example*"].into_iter().map(Text::from).collect();
        for (value, expect) in [
            ("${DB_PASSWORD}", true),
            ("prefix-{{ secret }}", true),
            ("password", true),
            ("Password123", true),
            ("change-me", true),
            ("my-example-value", true),
            ("xxxxxxxx", true),
            ("two words", true),
            ("hunter2!", false),
            ("S3cr3t-Pa55", false),
        ] {
            assert_eq!(is_placeholder(value.as_bytes(), &words), expect, "{value}");
        }
    }
}
