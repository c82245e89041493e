use std::ops::Range;

use super::assignment::Assignment;
use super::{decode, placeholder, randomness, standing};
use crate::detect::{Detector, Emit, Needs, Prepared, Raw};
use crate::model::{Language, Proof, Region, Secret, Severity};
use crate::rules::rule::Text;
use crate::source::FileView;

/// The shortest value that is taken for a password.
const SHORTEST_PASSWORD: usize = 6;
/// Longer values are data, keys with a structure, or prose.
const LONGEST: usize = 128;

/// A credential's name that is given a literal: `db_password = "…"`, `API_KEY=…`.
///
/// The rule's words:
/// - `secrets`: ends of names (lower case, letters and digits alone) whose values are made by machines, and
///   so look random;
/// - `passwords`: ends of names whose values people choose;
/// - `not-names`: parts of names that say it is no credential;
/// - `endings`: words behind the noun that change nothing (`default`, `prod`);
/// - `placeholders`: see [`placeholder`].
///
/// A random value is as bad as the rule says. A password that is a word with digits or signs is a warning.
/// In tests, examples, documentation and comments both are notes: nothing proves that they are used.
pub(in crate::detect) struct Credentials;

impl Detector for Credentials {
    fn name(&self) -> &'static str {
        "credential-assignment"
    }

    fn needs(&self) -> Needs {
        Needs::Hits
    }

    fn hit(&self, rule: &Prepared, view: &FileView, at: Range<usize>, emit: &mut Emit) {
        let Some(found) = Assignment::around(view, at.clone()) else { return };
        let text = view.bytes();
        let (name, value) = (&text[found.name.clone()], &text[found.value.clone()]);
        if value.len() < SHORTEST_PASSWORD || value.len() > LONGEST {
            return;
        }
        let detect = &rule.rule.detect;
        let Some(noun) = Noun::of(name, |list| detect.words(list)) else { return };
        // A name may hold two nouns (`secret_token`): the last one speaks.
        let last_hit = text[at.end..found.name.end].to_ascii_lowercase();
        if detect.keywords().iter().any(|k| memchr::memmem::find(&last_hit, k.as_bytes()).is_some()) {
            return;
        }
        if placeholder::is_placeholder(value, detect.words("placeholders"))
            || is_identifier_of_something(value)
            || contains_ignoring_marks(name, value)
        {
            return;
        }
        // Kubernetes writes secrets in base64; what it holds is what counts.
        let decoded = printable_base64(value, view.language());
        let meant = decoded.as_deref().unwrap_or(value);
        if decoded.is_some() && placeholder::is_placeholder(meant, detect.words("placeholders")) {
            return;
        }
        let (proof, severity) = if randomness::is_random(meant) {
            (Proof::Random, rule.rule.severity)
        } else if noun == Noun::Password && is_chosen(meant) {
            (Proof::Context, standing::one_lower(rule.rule.severity))
        } else {
            // Too little to report, too much to show beside another finding.
            emit.mask(Secret { range: found.value, prefix: 0 });
            return;
        };
        let lax = standing::is_rehearsal(view, at.start)
            || matches!(view.language(), Language::Markdown | Language::Html | Language::Text)
            || matches!(view.region_at(at.start), Region::Comment | Region::Doc)
            || is_quoted_text(view, at.start);
        let severity = if lax { Severity::Note } else { severity };
        let mut raw = Raw::at(found.value.clone());
        raw.secrets.push(Secret { range: found.value, prefix: 0 });
        raw.proof = Some(proof);
        raw.severity = (severity != rule.rule.severity).then_some(severity);
        raw.message = match proof {
            Proof::Random => "a credential's name is given a value that looks random".to_owned(),
            _ => "a password is written out".to_owned(),
        };
        emit.raw(raw);
    }
}

/// Whether the name stands in a string of several lines of a configuration file: documentation of it, or a
/// file within the file.
fn is_quoted_text(view: &FileView, at: usize) -> bool {
    matches!(view.language(), Language::Toml | Language::Json)
        && view.regions().stretch_at(at).is_some_and(|string| {
            string.region == Region::String
                && memchr::memchr(b'\n', &view.bytes()[string.range.clone()]).is_some()
        })
}

/// What a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Noun {
    Password,
    Secret,
}

impl Noun {
    fn of<'w>(name: &[u8], words: impl Fn(&str) -> &'w [Text]) -> Option<Self> {
        let mut bare = bare(name);
        if words("not-names").iter().any(|part| memchr::memmem::find(&bare, part.as_bytes()).is_some()) {
            return None;
        }
        // `password_1`, `API_KEY_PROD`.
        for _ in 0..2 {
            while bare.last().is_some_and(u8::is_ascii_digit) {
                bare.pop();
            }
            if let Some(ending) = words("endings").iter().find(|ending| bare.ends_with(ending.as_bytes())) {
                bare.truncate(bare.len() - ending.len());
            }
        }
        let ends = |list: &str| words(list).iter().any(|noun| bare.ends_with(noun.as_bytes()));
        if ends("passwords") {
            Some(Self::Password)
        } else if ends("secrets") {
            Some(Self::Secret)
        } else {
            None
        }
    }
}

/// The text in a value of base64, if that is what it holds. Only YAML is trusted to mean it without padding.
fn printable_base64(value: &[u8], language: Language) -> Option<Vec<u8>> {
    if !value.len().is_multiple_of(4) || language != Language::Yaml && value.last() != Some(&b'=') {
        return None;
    }
    decode::base64(value)
        .filter(|text| !text.is_empty() && text.iter().all(|b| b.is_ascii_graphic() || *b == b'\n'))
}

/// Lower case, letters and digits alone.
fn bare(name: &[u8]) -> Vec<u8> {
    name.iter().filter(|byte| byte.is_ascii_alphanumeric()).map(u8::to_ascii_lowercase).collect()
}

/// Whether a value that is not random was still chosen as a password: letters with digits or signs among
/// them, and no name of something.
fn is_chosen(value: &[u8]) -> bool {
    let letters = value.iter().filter(|byte| byte.is_ascii_alphabetic()).count();
    let digits = value.iter().filter(|byte| byte.is_ascii_digit()).count();
    let signs = value.iter().filter(|byte| b"!@#$%^&*?+=~".contains(byte)).count();
    letters >= 2 && letters + digits + signs >= SHORTEST_PASSWORD && (digits > 0 || signs > 0)
        && !value.iter().any(|byte| b"/\\:,;|<>(){}[]".contains(byte))
        // Words joined by marks are names: `reset_password_v2`, `auth.password2`; not so `Qw3rty-Prod-11`.
        && (value.iter().filter(|byte| matches!(byte, b'_' | b'.' | b'-')).count() < 2
            || digits > 0
                && value.iter().any(u8::is_ascii_uppercase)
                && value.iter().any(u8::is_ascii_lowercase)
                && !value.iter().any(|byte| matches!(byte, b'_' | b'.')))
}

/// UUIDs, paths, host names, dotted names, versions: things that have names.
fn is_identifier_of_something(value: &[u8]) -> bool {
    let is_uuid = value.len() == 36
        && value.iter().enumerate().all(|(at, byte)| {
            if matches!(at, 8 | 13 | 18 | 23) { *byte == b'-' } else { byte.is_ascii_hexdigit() }
        });
    let slashes = memchr::memchr_iter(b'/', value).count();
    let dots = memchr::memchr_iter(b'.', value).count();
    is_uuid || value.contains(&b'\\') || slashes > 0 && dots > 0 || dots > 2
}

/// Whether the value only repeats the name: `password = "db-password1"`, `TOKEN = "TOKEN_KEY"`.
fn contains_ignoring_marks(name: &[u8], value: &[u8]) -> bool {
    let (name, value) = (bare(name), bare(value));
    !name.is_empty()
        && (memchr::memmem::find(&value, &name).is_some() || memchr::memmem::find(&name, &value).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_end_of_a_name_speaks() {
        let lists = |list: &str| -> Vec<Text> {
            let words: &[&'static str] = match list {
                "passwords" => &["password"],
                "secrets" => &["secret", "apikey"],
                "not-names" => &["public"],
                "endings" => &["prod"],
                _ => &[],
            };
            words.iter().map(|word| Text::from(*word)).collect()
        };
        for (name, expect) in [
            ("DB_PASSWORD", Some(Noun::Password)),
            ("password2", Some(Noun::Password)),
            ("API_KEY_PROD", Some(Noun::Secret)),
            ("stripe.apiKey", Some(Noun::Secret)),
            ("password_hash", None),
            ("secretName", None),
            ("public_api_key", None),
        ] {
            let (passwords, secrets, not, endings) =
                (lists("passwords"), lists("secrets"), lists("not-names"), lists("endings"));
            let noun = Noun::of(name.as_bytes(), |list| match list {
                "passwords" => &passwords,
                "secrets" => &secrets,
                "not-names" => &not,
                _ => &endings,
            });
            assert_eq!(noun, expect, "{name}");
        }
    }
}
