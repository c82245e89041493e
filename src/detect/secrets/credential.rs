use std::ops::Range;
use std::rc::Rc;

use super::assignment::{Given, How, Literal, Reading};
use super::judge::{Value, Verdict, judge};
use super::name::{Noun, without_marks};
use super::negative::Negative;
use super::verdicts::Verdicts;
use super::{decode, illustration, known, placeholder, standing, words};
use crate::detect::{Detector, Emit, KnownBy, Needs, Prepared, Raw};
use crate::model::{Language, Proof, Region, Secret, Severity};
use crate::source::FileView;

/// A credential's name that is given a literal: `db_password = "…"`, `API_KEY=…`,
/// `os.environ.get("DB_PASSWORD", "…")`.
///
/// A random value is as bad as the rule says, what somebody chose a warning. Nothing proves either, so in tests,
/// examples, documentation and comments both are one lower, and only in manuals below a warning.
pub(in crate::detect) struct Credentials;

impl Detector for Credentials {
    fn name(&self) -> &'static str {
        "credential-assignment"
    }

    fn reason(&self) -> &'static str {
        "known by the name it is given to; the value is judged"
    }

    fn known_by(&self) -> KnownBy {
        KnownBy::Name
    }

    fn needs(&self) -> Needs {
        Needs::Hits
    }

    fn hit(&self, rule: &Prepared, view: &FileView, at: Range<usize>, emit: &mut Emit) {
        let Judged { given, noun, verdict, is_decoded } = match emit.last.look(view, at.clone()) {
            Look::Judged(judged) => judged,
            Look::Elsewhere => return emit.pass_over(at.start, Negative::LookUp.word()),
            Look::Nothing => return,
        };
        let range = given.value.range();
        let (proof, severity) = match verdict {
            Verdict::Random => (Proof::Random, rule.rule.severity),
            Verdict::Chosen | Verdict::Word => (Proof::Context, standing::one_lower(rule.rule.severity)),
            Verdict::Not(negative) => {
                emit.pass_over(range.start, negative.word());
                // Too little to report, too much to show beside another finding.
                let is_worth = (4..=64).contains(&range.len());
                if matches!(negative, Negative::Plain) && noun == Noun::Password && is_worth {
                    emit.mask(Secret { range, prefix: 0 });
                }
                return;
            }
        };
        let mut raw = found(&given);
        raw.proof = Some(proof);
        let severity = if is_rehearsed(view, range.start) { standing::one_lower(severity) } else { severity };
        let severity = severity.max(Severity::Warning.min(rule.rule.severity));
        let severity = if standing::is_manual(view, range.start) { Severity::Note } else { severity };
        raw.severity = (severity != rule.rule.severity).then_some(severity);
        if is_decoded {
            raw.via.push("base64");
        }
        raw.message = message(verdict, given.how).into();
        emit.raw(raw);
    }
}

/// Whether this stands in the `encryptedData` of a sealed secret, which only the cluster can read:
/// <https://github.com/bitnami-labs/sealed-secrets#overview>.
fn is_sealed(view: &FileView, at: usize) -> bool {
    if view.language() != Language::Yaml {
        return false;
    }
    let before = &view.bytes()[at.saturating_sub(16 << 10)..at];
    let Some(data) = memchr::memmem::rfind(before, b"encryptedData:") else { return false };
    // Up to the next key that is not below it.
    let indent = before[..data].iter().rev().take_while(|&&byte| byte == b' ').count();
    let is_below = |line: &[u8]| line.iter().take_while(|&&byte| byte == b' ').count() > indent;
    let mut lines = before[data..].split(|&byte| byte == b'\n');
    let last = lines.next_back();
    lines.skip(1).all(|line| is_below(line) || line.trim_ascii().is_empty()) && last.is_some_and(is_below)
}

/// A finding at the value that is given.
pub(super) fn found(given: &Given) -> Raw {
    let mut raw = Raw::at(given.value.range());
    raw.secrets.extend(given.value.parts.iter().map(|range| Secret { range: range.clone(), prefix: 0 }));
    raw
}

/// What stands at a credential's name.
#[derive(Debug, Clone)]
pub(super) enum Look {
    /// A literal, and what it is taken for.
    Judged(Judged),
    /// Something that is looked up elsewhere.
    Elsewhere,
    /// The name is none of a credential, or nothing is given to it.
    Nothing,
}

/// A literal that a credential's name is given.
#[derive(Debug, Clone)]
pub(super) struct Judged {
    pub(super) given: Rc<Given>,
    pub(super) noun: Noun,
    pub(super) verdict: Verdict,
    /// Whether it was judged by what it holds in base64.
    pub(super) is_decoded: bool,
}

/// Judges what was read at a name.
pub(super) fn look(view: &FileView, reading: &Reading, verdicts: &mut Verdicts) -> Look {
    let bytes = view.bytes();
    let given = match reading {
        Reading::Given(given) if !given.value.range().is_empty() => given,
        Reading::LookUp => return Look::Elsewhere,
        Reading::Given(_) | Reading::Nothing => return Look::Nothing,
    };
    let name = &bytes[given.name.clone()];
    let text = given.value.text(bytes);
    let said = verdicts.of(bytes, given);
    let Some(noun) = said.map(|(noun, _)| noun).or_else(|| Noun::of(name)) else { return Look::Nothing };
    // Kubernetes writes secrets in base64; what it holds is what counts.
    let decoded = if said.is_some() { None } else { printable_base64(&text, view.language()) };
    let value = Value {
        noun,
        around: around(view, &given.value),
        name,
        text: decoded.as_deref().unwrap_or(&text),
        quoted: given.value.quoted,
        mixed: given.value.mixed,
        how: given.how,
    };
    let verdict = said.map_or_else(|| judge(&value), |(_, verdict)| verdict);
    let is_decoded = decoded.is_some();
    if said.is_none() && !is_decoded {
        verdicts.keep(bytes, given, (noun, verdict));
    }
    let verdict = in_its_place(verdict, &value, view, given);
    Look::Judged(Judged { given: Rc::clone(given), noun, verdict, is_decoded })
}

/// What stands left and right of a value on its line; nothing where nobody asks, which is at most values.
fn around<'t>(view: &FileView<'t>, value: &Literal) -> [&'t [u8]; 2] {
    let range = value.range();
    if range.len() < known::SHORTEST_OF_CONTEXT {
        return [b""; 2];
    }
    let bytes = view.bytes();
    [
        &bytes[view.line_near(range.start, 64).start..range.start],
        &bytes[range.end..view.line_near(range.end, 64).end],
    ]
}

fn message(verdict: Verdict, how: How) -> &'static str {
    match (verdict, how) {
        (Verdict::Random, How::Fallback) => {
            "where nothing is configured, a credential's name falls back on a value that looks random"
        }
        (Verdict::Random, _) => "a credential's name is given a value that looks random",
        (_, How::Fallback) => "where nothing is configured, a password falls back on what is written here",
        (_, How::Compared) => "a password is compared with what is written here",
        _ => "a password is written out",
    }
}

/// What is said of a value by where it stands.
fn in_its_place(verdict: Verdict, value: &Value, view: &FileView, given: &Given) -> Verdict {
    if matches!(verdict, Verdict::Not(_)) {
        return verdict;
    }
    let at = given.name.start;
    if is_sealed(view, at) {
        return Verdict::Not(Negative::Encrypted);
    }
    let region = view.region_at(at);
    let is_rehearsal = standing::is_rehearsal(view, at);
    // A line of configuration that is commented out is one all the same, and so is a variable in a text.
    let is_line = is_variable(value.name)
        || region == Region::Comment && is_configuration(view.language()) && is_commented_out(view, at);
    let in_text = !is_line && (is_text(view.language()) || matches!(region, Region::Comment | Region::Doc));
    let is_password = value.noun == Noun::Password;
    let none = match verdict {
        // What is shown to people in their languages.
        Verdict::Chosen | Verdict::Word if is_translation(view) => Some(Negative::Sentence),
        // Test vectors are keys that everybody knows.
        Verdict::Random
            if value.noun.is_material()
                && (is_rehearsal
                    || in_text
                    || value.noun == Noun::Salt && view.language() == Language::Json) =>
        {
            Some(Negative::Data)
        }
        Verdict::Random if !is_password && (is_repeated(view, given) || is_vectors(view)) => {
            Some(Negative::Data)
        }
        Verdict::Random if is_authentication_key(view, value, at) => Some(Negative::Public),
        Verdict::Random if value.noun.is_material() && is_within_text(view, at) => Some(Negative::Data),
        // A badge's token in the address of a picture.
        Verdict::Random | Verdict::Chosen if is_in_query(view, at) && value.text.len() < 16 => {
            Some(Negative::Plain)
        }
        Verdict::Chosen if given.how == How::Compared && is_rehearsal => Some(Negative::Plain),
        Verdict::Chosen if in_text && !(is_password && value.quoted) => Some(Negative::Plain),
        Verdict::Random | Verdict::Chosen => None,
        // A word is a password where a value must be one.
        Verdict::Word => {
            let sure = !in_text
                && !is_rehearsal
                && given.how != How::Compared
                && (is_configuration(view.language())
                    || given.how != How::Argument
                    || words::covered(value.text) < 60);
            (!sure || value.text.len() < 4).then_some(Negative::Plain)
        }
        Verdict::Not(negative) => Some(negative),
    };
    let made_up =
        || illustration::illustrates(view, value.name, given.value.range()).then_some(Negative::Illustration);
    none.or_else(made_up).map_or(verdict, Verdict::Not)
}

/// Whether a file of this language is made of settings.
fn is_configuration(language: Language) -> bool {
    matches!(
        language,
        Language::Dotenv
            | Language::Properties
            | Language::Ini
            | Language::Yaml
            | Language::Xml
            | Language::Toml
    )
}

/// Whether nothing but a comment's mark stands before the name.
fn is_commented_out(view: &FileView, name: usize) -> bool {
    let line = view.line_near(name, 256);
    view.bytes()[line.start..name].iter().all(|byte| b"#;/!-<* \t".contains(byte))
}

/// `DB_PASSWORD`
fn is_variable(name: &[u8]) -> bool {
    name.contains(&b'_') && name.iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || *b == b'_')
}

/// Whether a file of this language is mostly prose.
pub(super) fn is_text(language: Language) -> bool {
    matches!(language, Language::Markdown | Language::Html | Language::Text | Language::Unknown)
}

/// Whether the file holds texts for people in some language.
pub(super) fn is_translation(view: &FileView) -> bool {
    #[rustfmt::skip]
    const FOLDERS: &[&[u8]] = &[
        b"i18n", b"l10n", b"locale", b"locales", b"lang", b"langs", b"language", b"languages",
        b"translation", b"translations", b"localization", b"nls", b"intl",
    ];
    let path = view.path();
    let is_named = |part: &[u8]| {
        part.split(|byte| !byte.is_ascii_alphanumeric())
            .any(|word| FOLDERS.iter().any(|folder| word.eq_ignore_ascii_case(folder)))
    };
    // `messages_de.properties`, `Resources_pt_BR.properties`
    let stem = path.name().split(|&byte| byte == b'.').next().unwrap_or_default();
    let of_a_language = view.language() == Language::Properties
        && stem.rsplit(|&byte| byte == b'_').next().is_some_and(|last| last.len() == 2 && stem.len() > 3);
    of_a_language || path.parts().any(is_named)
}

/// Whether the file is named after test vectors.
fn is_vectors(view: &FileView) -> bool {
    view.path().parts().any(|part| memchr::memmem::find(part, b"vectors").is_some())
}

/// Whether the name stands within a literal of code, and is more than the key that the literal is.
fn is_within_text(view: &FileView, at: usize) -> bool {
    let is_code =
        !matches!(view.language(), Language::Json | Language::Yaml | Language::Toml | Language::Dotenv);
    is_code
        && view
            .regions()
            .stretch_at(at)
            .is_some_and(|string| string.region == Region::String && string.range.start + 3 < at)
}

/// Whether it is the authentication key of an account of Aptos or Diem, which is a digest of public keys and stands on
/// the chain beside the account's address: <https://aptos.dev/network/blockchain/accounts#authentication-key>.
fn is_authentication_key(view: &FileView, value: &Value, at: usize) -> bool {
    let name = without_marks(value.name);
    let digits = value.text.strip_prefix(b"0x").unwrap_or(value.text);
    (name.ends_with(b"authkey") || name.ends_with(b"authenticationkey"))
        && digits.len() == 64
        && digits.iter().all(u8::is_ascii_hexdigit)
        && memchr::memmem::find(
            &view.bytes()[at.saturating_sub(256)..view.bytes().len().min(at + 256)],
            b"address",
        )
        .is_some()
}

/// Whether the name is a parameter in the query of a URL.
fn is_in_query(view: &FileView, name: usize) -> bool {
    name.checked_sub(1).is_some_and(|at| matches!(view.bytes()[at], b'?' | b'&'))
}

/// Whether the same name is given a value in the same words many times nearby: records of data.
fn is_repeated(view: &FileView, given: &Given) -> bool {
    const AROUND: usize = 16 << 10;
    const MANY: usize = 5;
    let bytes = view.bytes();
    let value = given.value.range().start;
    let Some(head) = bytes.get(given.name.start..value).filter(|head| head.len() < 128) else { return false };
    let near = &bytes[value.saturating_sub(AROUND)..bytes.len().min(value + AROUND)];
    // Where nothing is given, nothing is repeated.
    let is_given = |at: &usize| near[at + head.len()..].iter().take(8).all(u8::is_ascii_alphanumeric);
    memchr::memmem::find_iter(near, head).filter(is_given).take(MANY).count() == MANY
}

/// Whether the place is for rehearsal, or speaks about code instead of being it.
pub(super) fn is_rehearsed(view: &FileView, at: usize) -> bool {
    standing::is_rehearsal(view, at)
        || is_text(view.language())
        || matches!(view.region_at(at), Region::Comment | Region::Doc)
}

/// The text in a value of base64, if that is what it holds. Only YAML is trusted to mean it without padding.
fn printable_base64(value: &[u8], language: Language) -> Option<Vec<u8>> {
    if !value.len().is_multiple_of(4) || language != Language::Yaml && value.last() != Some(&b'=') {
        return None;
    }
    decode::base64_text(value)
        .filter(|text| text.len() >= 4 && text.iter().all(|b| b.is_ascii_graphic() || *b == b'\n'))
        .filter(|text| placeholder::stands_for(text, &[]).is_none() || value.len() >= 8)
}
