//! Whether what a credential's name is given is a credential, and how sure that is.

use super::assignment::How;
use super::forms::{
    is_address, is_chain_address, is_class, is_database_hash, is_encoded_sentence, is_key_id, is_number,
    is_public_point, is_salted_line, is_uuid, is_version,
};
use super::identifier::{SPEAK, is_code};
use super::known::{self, Known};
use super::listed::Wholes;
use super::name::{Noun, Words, without_marks};
use super::negative::Negative;
use super::{placeholder, randomness, words};

/// The shortest value that is taken for a password.
const SHORTEST_PASSWORD: usize = 4;
/// The shortest value of other nouns.
const SHORTEST_SECRET: usize = 8;
/// Longer values are data, keys with a structure, or prose.
const LONGEST: usize = 512;

/// What a value is taken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It looks like the output of a random generator.
    Random,
    /// Somebody chose it: letters with digits or signs among them.
    Chosen,
    /// A word, where nothing but a password can stand.
    Word,
    /// No credential.
    Not(Negative),
}

/// A value and what is known of its place.
#[derive(Debug, Clone, Copy)]
pub(super) struct Value<'v> {
    pub(super) noun: Noun,
    pub(super) name: &'v [u8],
    pub(super) text: &'v [u8],
    /// Whether it stands in quotes.
    pub(super) quoted: bool,
    /// Whether it is put together with something that is no literal.
    pub(super) mixed: bool,
    pub(super) how: How,
    /// What stands left and right of it on its line, as far as it matters.
    pub(super) around: [&'v [u8]; 2],
}

/// Judges a value.
pub(super) fn judge(value: &Value) -> Verdict {
    let text = value.text;
    let shortest = if value.noun == Noun::Password { SHORTEST_PASSWORD } else { SHORTEST_SECRET };
    if text.len() < shortest || text.len() > LONGEST {
        return Verdict::Not(Negative::Plain);
    }
    if value.noun == Noun::Password && DEFAULTS.hold_in_any_case(text) {
        return Verdict::Not(Negative::Default);
    }
    if let Some(negative) = placeholder::stands_for(text, &[]) {
        return Verdict::Not(negative);
    }
    if value.mixed {
        return Verdict::Not(Negative::Template);
    }
    if let Some(negative) = no_text_of_a_secret(value) {
        return Verdict::Not(negative);
    }
    if randomness::is_random(text) || is_salted_line(text) {
        return Verdict::Random;
    }
    match value.noun {
        Noun::Password => password(value),
        Noun::Secret => secret(value),
        Noun::Key | Noun::Salt => Verdict::Not(Negative::Plain),
    }
}

/// What can be no secret, whatever its name promises.
fn no_text_of_a_secret(value: &Value) -> Option<Negative> {
    let text = value.text;
    // What WordPress makes for keys and salts has blanks in it.
    if is_salted_line(text) {
        return None;
    }
    // Files of translations escape what is not ASCII.
    if text.iter().any(u8::is_ascii_whitespace) || memchr::memmem::find(text, b"\\u").is_some() {
        return Some(Negative::Sentence);
    }
    if text.iter().any(|&byte| byte < b' ' || byte == 0x7f) {
        return Some(Negative::Plain);
    }
    if is_uuid(text) && !names_an_issued_secret(value) || is_number(text) || is_version(text) {
        return Some(Negative::Identity);
    }
    if is_database_hash(text) {
        return Some(Negative::Hash);
    }
    if is_class(text) || is_key_id(text) || text.starts_with(b"UUID=") {
        return Some(Negative::Identity);
    }
    // Bytes of a constant, and tokens with a structure of their own, which have a rule of their own.
    if memchr::memmem::find(text, b"\\x").is_some() || text.starts_with(b"eyJ") && text.contains(&b'.') {
        return Some(Negative::Data);
    }
    if value.noun != Noun::Password && is_encoded_sentence(text) {
        return Some(Negative::Sentence);
    }
    if let Some(known) = known::kind_of(text, value.name, value.around[0], value.around[1])
        && let Some(negative) = negative_of(known, value)
    {
        return Some(negative);
    }
    if text.split(|byte| b":/".contains(byte)).any(is_chain_address) || is_public_point(text) {
        return Some(Negative::Public);
    }
    if is_address(text) || text.strip_prefix(b"/").is_some_and(is_uuid) {
        return Some(Negative::Path);
    }
    if is_code(value) {
        return Some(Negative::Identifier);
    }
    repeats_the_name(value.name, text).then_some(Negative::Name)
}

/// What is known by its form and its place is no secret; but people choose words, dates and numbers for
/// passwords, and UUIDs are issued as keys.
fn negative_of(known: Known, value: &Value) -> Option<Negative> {
    let chosen = value.noun == Noun::Password;
    match known {
        Known::Uuid => None,
        Known::GitId | Known::Digest | Known::Sri | Known::LockHash | Known::Fingerprint => {
            Some(Negative::Identity)
        }
        Known::Base64Image | Known::Certificate | Known::PublicKey | Known::Base64File => {
            Some(Negative::Public)
        }
        Known::Encrypted => Some(Negative::Encrypted),
        Known::PasswordHash => Some(Negative::Hash),
        Known::Path | Known::Url => Some(Negative::Path),
        _ if chosen => None,
        Known::HostName | Known::Email => Some(Negative::Path),
        Known::Identifier | Known::MimeType | Known::Locale | Known::Color => Some(Negative::Identifier),
        Known::Version | Known::Date | Known::Number | Known::NumberList => Some(Negative::Identity),
    }
}

/// Whether the name says more than `token`: many things that are called so are ids.
fn names_an_issued_secret(value: &Value) -> bool {
    let words = Words::of(value.name);
    value.noun == Noun::Secret
        && (!words.nth_last(0).is_some_and(|last| last.ends_with(b"token"))
            || words.count() > 1 && !words.any(&OF_REQUESTS))
}

/// Words of names of tokens that are ids.
static OF_REQUESTS: Wholes =
    Wholes::of(&[b"request", b"client", b"action", b"state", b"term", b"correlation"]);

/// Passwords that come with a product, or that everybody tries first.
#[rustfmt::skip]
static DEFAULTS: Wholes = Wholes::of(&[
    b"admin", b"administrator", b"root", b"toor", b"guest", b"postgres", b"postgresql", b"mysql", b"mariadb",
    b"mongo", b"mongodb", b"redis", b"rabbitmq", b"minio", b"minioadmin", b"elastic", b"grafana", b"kibana",
    b"oracle", b"sa", b"dbo", b"docker", b"vagrant", b"ubuntu", b"pi", b"raspberry", b"alpine", b"tomcat",
    b"jenkins", b"nexus", b"sonar", b"zabbix", b"cassandra", b"neo4j", b"keycloak", b"wordpress", b"drupal",
    b"joomla", b"magento", b"django", b"flask", b"rails", b"laravel", b"symfony", b"spring", b"odoo",
    b"airflow", b"superset", b"ghost", b"1234", b"12345", b"123456", b"1234567", b"12345678", b"123456789",
    b"0000", b"000000", b"1111", b"111111", b"qwerty", b"letmein", b"welcome", b"development", b"dev",
    b"developer", b"localhost", b"local", b"dbuser", b"dbadmin", b"sysadmin", b"superuser", b"super",
    b"pguser", b"myuser", b"service", b"app", b"web", b"user1", b"db", b"database",
]);

/// Whether the value says again what the name says: `password = "db-password1"`, `TOKEN = "TOKEN_KEY"`.
fn repeats_the_name(name: &[u8], text: &[u8]) -> bool {
    let bare = |text: &[u8]| -> Vec<u8> {
        text.iter().filter(|byte| byte.is_ascii_alphabetic()).map(u8::to_ascii_lowercase).collect()
    };
    if without_marks(name) == without_marks(text) {
        return true;
    }
    let (words, name, value) = (Words::of(name), bare(name), bare(text));
    let digits = text.iter().filter(|byte| byte.is_ascii_digit()).count();
    let signs = text.iter().filter(|byte| b"!@#$%^&*?+=~".contains(byte)).count();
    if value.is_empty() || digits > 2 || signs > 0 {
        return false;
    }
    // `MAIL_PASSWORD = passwordformail`
    let mut rest = value.clone();
    let says_all = words
        .iter()
        .all(|word| memchr::memmem::find(&rest, word).map(|at| rest.drain(at..at + word.len())).is_some());
    if says_all && words.count() > 1 && rest.len() <= 3 {
        return true;
    }
    memchr::memmem::find(&value, &name).is_some() && value.len() < name.len() + 8
        || value.len() > 3 && memchr::memmem::find(&name, &value).is_some()
}

/// What is said of a value by its characters.
struct Characters {
    letters: usize,
    digits: usize,
    signs: usize,
}

impl Characters {
    fn of(text: &[u8]) -> Self {
        let count = |test: &dyn Fn(&u8) -> bool| text.iter().filter(|byte| test(byte)).count();
        Self {
            letters: count(&|byte| byte.is_ascii_alphabetic() || *byte >= 0x80),
            digits: count(&u8::is_ascii_digit),
            signs: count(&|byte| b"!@#$%^&*?+=~".contains(byte)),
        }
    }
}

fn password(value: &Value) -> Verdict {
    let text = value.text;
    let Characters { letters, digits, signs } = Characters::of(text);
    if letters + digits + signs < SHORTEST_PASSWORD || text.contains(&b',') && text.contains(&b'/') {
        return Verdict::Not(Negative::Plain);
    }
    // Texts for people in other languages than English.
    if digits + signs == 0 && !text.is_ascii() {
        return Verdict::Not(Negative::Sentence);
    }
    // A version, a number with a unit, a range.
    if letters == 0
        && signs == 0
        && (digits < 6 || text.iter().any(|byte| matches!(byte, b'.' | b'/' | b':' | b',')))
    {
        return Verdict::Not(Negative::Plain);
    }
    if !value.quoted
        && text.iter().any(|byte| b"\"'`<>(){}[];,|".contains(byte))
        && value.how == How::Assigned
    {
        return Verdict::Not(Negative::Identifier);
    }
    if digits > 0 || signs > 0 {
        // `reset_password_v2`, `auth.password2`: names with a number.
        let words = Words::of(text);
        let is_numbered_name = signs == 0
            && digits < 3
            && words.any(&SPEAK)
            && text.iter().any(|byte| matches!(byte, b'_' | b'.' | b'-'));
        return if is_numbered_name { Verdict::Not(Negative::Identifier) } else { Verdict::Chosen };
    }
    // Words that are joined and no name of the program are a passphrase.
    let parts = Words::of(text).count();
    if parts > 1 && text.len() > 8 {
        return Verdict::Chosen;
    }
    let is_known = words::covered(text) > 60;
    let is_label = text[0].is_ascii_uppercase() && text[1..].iter().all(u8::is_ascii_lowercase);
    let is_certain = Words::of(value.name).nth_last(0).is_some_and(Noun::is_password_in_full);
    if is_known && (is_label || !is_certain) { Verdict::Not(Negative::Plain) } else { Verdict::Word }
}

fn secret(value: &Value) -> Verdict {
    let text = value.text;
    if is_uuid(text) {
        return Verdict::Random;
    }
    let Characters { letters, digits, signs } = Characters::of(text);
    let marks = text.iter().filter(|byte| matches!(byte, b'_' | b'-' | b'.' | b'/' | b':')).count();
    let words = Words::of(text);
    // Random text is too short to be told, and mixes letters and digits more often than names do.
    let changes = text
        .windows(2)
        .filter(|pair| {
            pair[0].is_ascii_digit() != pair[1].is_ascii_digit()
                && pair[0].is_ascii_alphanumeric()
                && pair[1].is_ascii_alphanumeric()
        })
        .count();
    let mixes = letters > 0 && digits > 1 && changes >= 3 && marks <= 1;
    if value.how != How::Compared && randomness::random_part(text).is_some_and(|part| part.len() >= 14) {
        return Verdict::Random;
    }
    // Letters of both cases that make no words.
    let humps = letters == text.len() && letters >= 14 && words.count() >= 4 && words::covered(text) < 40;
    if value.how != How::Compared
        && (mixes || humps || signs > 0 && digits > 0 && letters > 2 && marks <= 1 && text.len() > 9)
        && !words.any(&SPEAK)
    {
        return Verdict::Chosen;
    }
    Verdict::Not(Negative::Plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(noun: Noun, name: &str, text: &str, expect: Verdict) {
        let value = Value {
            noun,
            name: name.as_bytes(),
            text: text.as_bytes(),
            quoted: true,
            mixed: false,
            how: How::Assigned,
            around: [b"", b""],
        };
        assert_eq!(judge(&value), expect, "{name} = {text}");
    }

    #[test]
    fn passwords_are_told_from_names() {
        for (text, expect) in [
            ("hunter2", Verdict::Chosen),
            ("S3cr3t-Pa55", Verdict::Chosen),
            ("sunshine", Verdict::Word),
            ("letmein", Verdict::Not(Negative::Default)),
            ("Sommer2024!", Verdict::Chosen),
            ("kX9#mQ2$vL7@", Verdict::Random),
            ("q8Zr1LvT0pXk7NwYb3Jd", Verdict::Random),
            ("correct-horse-battery-staple", Verdict::Chosen),
            ("user_passwords", Verdict::Not(Negative::Identifier)),
            ("userPasswordField", Verdict::Not(Negative::Identifier)),
            ("auth.password.label", Verdict::Not(Negative::Identifier)),
            ("Enter the passwords", Verdict::Not(Negative::Sentence)),
            ("/run/secrets/db", Verdict::Not(Negative::Reference)),
            ("https://acme.io/reset", Verdict::Not(Negative::Path)),
            ("abc", Verdict::Not(Negative::Plain)),
            ("1.2.3", Verdict::Not(Negative::Identifier)),
            ("dbpassword", Verdict::Not(Negative::Placeholder)),
        ] {
            check(Noun::Password, "db_password", text, expect);
        }
    }

    #[test]
    fn secrets_are_told_from_names() {
        for (text, expect) in [
            ("q8Zr1LvT0pXk7NwYb3Jd", Verdict::Random),
            ("9f3ac1e07b52d846aa19c0e4f7735b21", Verdict::Random),
            ("4b9d27e1-6c58-4f0a-93d2-ae71c05f8b36", Verdict::Random),
            ("a81kd03mq", Verdict::Chosen),
            ("identifier_or_keyword", Verdict::Not(Negative::Identifier)),
            ("client_secret_basic", Verdict::Not(Negative::Identifier)),
            ("urn:ietf:params:oauth:token", Verdict::Not(Negative::Identifier)),
            ("my-secrets", Verdict::Not(Negative::Identifier)),
        ] {
            check(Noun::Secret, "api_token", text, expect);
        }
    }
}
