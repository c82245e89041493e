use std::ops::Range;

use super::assignment::How;
use super::credential::{self, Judged, Look};
use super::judge::Verdict;
use super::listed::Wholes;
use super::name::{Noun, Words, without_marks};
use super::negative::Negative;
use super::{illustration, standing};
use crate::detect::{Detector, Emit, KnownBy, Needs, Prepared};
use crate::model::{Language, Proof, Severity};
use crate::source::FileView;

/// A key that signs sessions, cookies or tokens, and that anybody guesses: a placeholder, a word, a few
/// characters. Random ones that stand in the source are the business of [`super::credential`].
///
/// Only where the file may be deployed: not in tests, examples, documentation and comments.
pub(in crate::detect) struct WeakSigningKeys;

impl Detector for WeakSigningKeys {
    fn name(&self) -> &'static str {
        "weak-signing-key"
    }

    fn reason(&self) -> &'static str {
        "known by the name it is given to; the value is held against what people guess"
    }

    fn known_by(&self) -> KnownBy {
        KnownBy::Name
    }

    fn needs(&self) -> Needs {
        Needs::Hits
    }

    fn hit(&self, _: &Prepared, view: &FileView, at: Range<usize>, emit: &mut Emit) {
        let Look::Judged(Judged { given, noun, verdict, .. }) = emit.last.look(view, at) else { return };
        let Verdict::Not(negative) = verdict else { return };
        let guessed = matches!(
            negative,
            Negative::Placeholder
                | Negative::Plain
                | Negative::Identifier
                | Negative::Name
                | Negative::Sentence
                | Negative::Default
        );
        let bytes = view.bytes();
        let name = &bytes[given.name.clone()];
        // `ACME_SECRET_KEY=your-secret-key` is the key of somebody's service, left to be filled in.
        let signs = signs(name) && (negative != Negative::Placeholder || is_of_the_application(name));
        let range = given.value.range();
        // A command that only builds needs some key, and signs nothing that lasts.
        let builds = view.language() == Language::Dockerfile
            && !bytes[view.line_near(range.start, 1024)].trim_ascii_start().starts_with(b"ENV");
        // A value that is put together with others is filled in.
        if noun != Noun::Secret
            || builds
            || !guessed
            || !signs
            || given.value.mixed
            || credential::is_rehearsed(view, range.start)
            || illustration::illustrates(view, name, range.clone())
        {
            return;
        }
        let text = given.value.text(bytes);
        // What says the name again is the name of a setting, and what a shell puts in is none of these.
        let is_name = (given.how == How::Fallback || !is_file_of_settings(view.language()))
            && without_marks(name) == without_marks(&text);
        let is_evaluated = range.start.checked_sub(1).is_some_and(|at| bytes[at] == b'`')
            && !matches!(view.language(), Language::JavaScript | Language::TypeScript);
        let says_the_name = text.contains(&b' ') && without_marks(name).ends_with(&without_marks(&text));
        let is_label = says_the_name
            || negative == Negative::Sentence
                && (!text.is_ascii()
                    || matches!(view.language(), Language::Json | Language::Toml | Language::Xml));
        // In other languages lower-case names are keys of maps and fields of types as often as settings.
        let is_setting = is_file_of_settings(view.language())
            || bytes[given.name.clone()].iter().all(|byte| !byte.is_ascii_lowercase());
        if !text.iter().any(u8::is_ascii_alphanumeric)
            || !is_setting
            || is_label
            || is_name
            || is_evaluated
            || is_expression(&text)
            || names_a_setting(name, &text)
            || credential::is_translation(view)
        {
            return;
        }
        let mut raw = credential::found(&given);
        raw.proof = Some(Proof::Context);
        emit.raw(raw);
    }
}

/// Whether most names in such a file are settings.
fn is_file_of_settings(language: Language) -> bool {
    matches!(
        language,
        Language::Python
            | Language::Dotenv
            | Language::Yaml
            | Language::Ini
            | Language::Properties
            | Language::Toml
            | Language::Dockerfile
            | Language::Shell
    )
}

/// Whether the key of this name signs what users send back.
fn signs(name: &[u8]) -> bool {
    #[rustfmt::skip]
    const SIGNERS: &[&[u8]] = &[
        b"session", b"jwt", b"cookie", b"signing", b"nextauth", b"django", b"flask", b"app", b"auth",
        b"token",
    ];
    let words = Words::of(name);
    let last = words.nth_last(0).unwrap_or_default();
    let before = words.nth_last(1);
    match last {
        b"key" => {
            // `secretKey` beside `accessKey` opens a store of objects.
            before == Some(b"secret") && name.iter().any(|byte| matches!(byte, b'_' | b'-'))
                || before.is_some_and(|b| matches!(b, b"signing" | b"app" | b"session" | b"jwt"))
        }
        b"base" => before == Some(b"key"),
        b"secret" => before.is_some_and(|word| SIGNERS.contains(&word)),
        other => matches!(other, b"secretkey" | b"jwtsecret" | b"sessionsecret" | b"signingkey"),
    }
}

/// Whether the value is the name of another setting: `CONF_APP_KEY = "app_key"`, `SECRET_KEY = "aws_secret_access_key"`.
fn names_a_setting(name: &[u8], text: &[u8]) -> bool {
    #[rustfmt::skip]
    const NAMED: &[&[u8]] = &[
        b"conf", b"config", b"key", b"attr", b"data", b"env", b"field", b"header", b"param", b"opt", b"option",
        b"prop", b"const",
    ];
    let (names, values) = (Words::of(name), Words::of(text));
    let is_identifier = text.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    let first = |words: &Words| words.nth_last(words.count().saturating_sub(1)).map(<[u8]>::to_vec);
    is_identifier
        && values.count() > 1
        && values.nth_last(0) == names.nth_last(0)
        && (names.count() > 2 && first(&names).is_some_and(|word| NAMED.contains(&&*word))
            || first(&values).is_some_and(|word| word == b"aws"))
}

/// Whether no word of the name is a vendor's or a product's.
fn is_of_the_application(name: &[u8]) -> bool {
    #[rustfmt::skip]
    static COMMON: Wholes = Wholes::of(&[
        b"secret", b"key", b"base", b"signing", b"session", b"jwt", b"cookie", b"nextauth", b"next", b"django",
        b"flask", b"fastapi", b"rails", b"laravel", b"express", b"nuxt", b"node", b"app", b"application", b"auth",
        b"token", b"csrf", b"wtf", b"secretkey", b"jwtsecret", b"sessionsecret", b"signingkey", b"refresh", b"hmac",
        b"my", b"the", b"our", b"default", b"fallback", b"dev", b"development", b"prod", b"production", b"staging",
        b"web", b"site", b"server", b"service", b"backend", b"frontend", b"user", b"admin", b"login", b"security",
        b"encryption", b"master", b"global", b"main", b"config", b"env", b"value", b"hs", b"password", b"reset",
    ]);
    Words::of(name).iter().all(|word| COMMON.hold(word))
}

/// A call, a path of settings, a name in capitals: something that is evaluated.
fn is_expression(text: &[u8]) -> bool {
    let capitals = text.iter().all(|byte| byte.is_ascii_uppercase() || *byte == b'_');
    capitals && text.contains(&b'_')
        || text.iter().any(|byte| b"([".contains(byte))
        || text.contains(&b'.') && !text.contains(&b' ')
}

/// A password that comes with a product, or that everybody tries first: `POSTGRES_PASSWORD=postgres`.
///
/// In files of a production deployment it is as bad as the rule says, elsewhere a note: it is what people start a
/// service with on their own machine.
pub(in crate::detect) struct DefaultPasswords;

impl Detector for DefaultPasswords {
    fn name(&self) -> &'static str {
        "default-password"
    }

    fn reason(&self) -> &'static str {
        "known by the name it is given to; the value is held against known defaults"
    }

    fn known_by(&self) -> KnownBy {
        KnownBy::Name
    }

    fn needs(&self) -> Needs {
        Needs::Hits
    }

    fn hit(&self, rule: &Prepared, view: &FileView, at: Range<usize>, emit: &mut Emit) {
        let Look::Judged(Judged { given, noun, verdict, .. }) = emit.last.look(view, at) else { return };
        let is_default = matches!(verdict, Verdict::Not(Negative::Default));
        if noun != Noun::Password || !is_default || credential::is_rehearsed(view, given.name.start) {
            return;
        }
        let severity = if standing::is_production(view) { rule.rule.severity } else { Severity::Note };
        let mut raw = credential::found(&given);
        raw.proof = Some(Proof::Context);
        raw.severity = (severity != rule.rule.severity).then_some(severity);
        emit.raw(raw);
    }
}
