//! Values that stand for a secret that comes from elsewhere.

use super::dummy;
use super::listed::{Beginnings, Parts, Wholes};
use super::name::without_marks;
use super::negative::Negative;
use crate::rules::rule::Text;

/// Beginnings of values that are filled in later.
#[rustfmt::skip]
static TEMPLATES: Beginnings = Beginnings::of(&[
    b"${", b"$(", b"{{", b"<%", b"%(", b"#{", b"@@", b"%%", b"[[", b"{%", b"%env(",
]);

/// Beginnings of values that say where the secret lies.
#[rustfmt::skip]
static REFERENCES: Beginnings = Beginnings::of(&[
    b"vault:", b"vault://", b"secret:", b"secret/", b"secret://", b"arn:", b"ssm:", b"ssm://", b"op://",
    b"env:", b"env(", b"env.", b"file:", b"file://", b"/run/", b"/etc/", b"/var/", b"./", b"../", b"~/",
    b"gcp:", b"aws:", b"sops:", b"ref+", b"awssm", b"@Microsoft.KeyVault", b"keyring:", b"secretref:",
    b"secretmanager", b"projects/", b"doppler:", b"bao:", b"process.env", b"os.environ", b"os.getenv",
    b"ENV[", b"System.getenv", b"import.meta", b"config.", b"settings.", b"self.", b"this.", b"secrets.",
    b"var.", b"local.", b"data.", b"module.", b"random_password.", b"each.", b"steps.", b"lookup(",
    b"include ", b"Ref:", b"Fn::", b"!Ref", b"!Sub", b"!GetAtt", b"!ImportValue", b"!env", b"!secret",
    b"!vault", b"{resolve:", b"resolve:",
]);

/// Beginnings of values that are encrypted.
#[rustfmt::skip]
static ENCRYPTED: Beginnings = Beginnings::of(&[
    b"ENC[", b"ENC(", b"$ANSIBLE_VAULT", b"{cipher}", b"vault:v1:", b"vault:v2:", b"AQICAH",
    b"-----BEGIN AGE", b"-----BEGIN PGP MESSAGE", b"encrypted:", b"kms:", b"AQECAH", b"DEC::", b"{AES}",
    b"{crypt}",
]);

/// Beginnings of password hashes in the modular format and its relatives.
#[rustfmt::skip]
static HASHES: Beginnings = Beginnings::of(&[
    b"$2a$", b"$2b$", b"$2y$", b"$1$", b"$5$", b"$6$", b"$y$", b"$argon2", b"$apr1$", b"$scrypt", b"$pbkdf2",
    b"pbkdf2_", b"pbkdf2:", b"bcrypt", b"scrypt:", b"argon2", b"{SSHA", b"{SHA", b"{MD5}", b"{PBKDF2",
    b"sha1$", b"md5$", b"sha256$", b"sha512$", b"sha1:", b"sha256:", b"SCRAM-SHA", b"md5:", b"sha512:",
]);

/// The same, wherever they stand in a value.
static MODULAR: Parts<6> = Parts::of(&[b"$argon2", b"$scrypt$", b"$pbkdf2", b"$2b$", b"$2a$", b"$2y$"]);

/// Marks of what is filled in, wherever they stand in a value.
static SLOTS: Parts<11> =
    Parts::of(&[b"${", b"$(", b"{{", b"}}", b"%(", b"#{", b"<%", b"\\(", b"\\d", b"$[", b"%{"]);

/// Beginnings of what is meant to be public.
#[rustfmt::skip]
static PUBLIC: Beginnings = Beginnings::of(&[
    b"ssh-", b"ecdsa-", b"MIIBIj", b"MIICIj", b"MIGf", b"MFkw", b"MCow", b"-----BEGIN PUB",
    b"-----BEGIN CERT", b"data:", b"age1", b"iVBORw0KGgo", b"R0lGOD", b"PHN2Zy",
]);

/// Values of languages that are no text.
#[rustfmt::skip]
static LITERALS: Wholes = Wholes::of(&[
    b"null", b"none", b"nil", b"undefined", b"true", b"false", b"nan", b"void", b"yes", b"no", b"on", b"off",
    b"default", b"auto",
]);

/// Whole values that stand for a secret, without case and anything but letters and digits, and without digits at
/// their ends.
#[rustfmt::skip]
static WORDS: Wholes = Wholes::of(&[
    b"password", b"passwd", b"pass", b"pwd", b"pw", b"psw", b"passphrase", b"passcode", b"passwort",
    b"contrasena", b"motdepasse", b"secret", b"secrets", b"token", b"tokens", b"key", b"apikey", b"apitoken",
    b"accesstoken", b"accesskey", b"secretkey", b"privatekey", b"clientsecret", b"appsecret", b"credential",
    b"credentials", b"creds", b"authtoken", b"bearer", b"basic", b"auth", b"empty", b"optional", b"required",
    b"string", b"str", b"text", b"value", b"hidden", b"masked", b"encrypted", b"random", b"generated",
    b"foo", b"bar", b"baz", b"foobar", b"qux", b"quux", b"test", b"testing", b"tester", b"demo", b"abc",
    b"abcd", b"abcde", b"asd", b"asdf", b"blah", b"blabla", b"something", b"anything", b"whatever",
    b"username", b"user", b"name", b"email", b"login", b"unknown", b"unset", b"notset", b"notused",
    b"unused", b"omitted", b"notneeded", b"disabled", b"enabled", b"any", b"int", b"integer", b"number",
    b"boolean", b"object", b"array", b"bytes", b"field", b"header", b"query", b"body", b"form", b"cookie",
    b"session", b"oauth", b"oauth2", b"jwt", b"apiauth", b"http", b"https", b"plain", b"plaintext",
    b"cleartext", b"md5", b"sha1", b"sha256", b"sha512", b"aes", b"rsa", b"hmac", b"file", b"env",
    b"environment", b"input", b"prompt", b"stdin", b"ask", b"manual", b"salt", b"nonce", b"hash", b"iv",
    b"seed", b"public", b"private", b"id", b"uuid", b"data", b"json", b"base64", b"hex", b"utf8",
    b"mypassword", b"mysecret", b"mytoken", b"mykey", b"thepassword", b"dbpassword", b"userpassword",
    b"newpassword", b"oldpassword", b"key1234",
]);

/// Parts of values that say the same.
#[rustfmt::skip]
static PARTS: Parts<76> = Parts::of(&[
    b"example", b"placeholder", b"changeme", b"changethis", b"changeit", b"pleasechange", b"replaceme",
    b"replacewith", b"replacethis", b"redacted", b"dummy", b"yourpass", b"yourtoken", b"yoursecret",
    b"yourapi", b"yourkey", b"yourdb", b"youraccess", b"yourclient", b"yourown", b"yoursuper", b"yourstrong",
    b"yourpriv", b"yourreal", b"yourapp", b"yourauth", b"youruser", b"yourgithub", b"putyour", b"enteryour",
    b"insertyour", b"inserthere", b"setyour", b"useyour", b"addyour", b"mypass", b"supersecret",
    b"secretpassword", b"testpassw", b"passwordtest", b"somepass", b"somesecret", b"sometoken", b"somekey",
    b"anypass", b"thispass", b"goeshere", b"secrethere", b"keyhere", b"tokenhere", b"passwordhere", b"todo",
    b"fixme", b"notasecret", b"notsecret", b"notarealkey", b"notreal", b"fakepass", b"faketoken",
    b"fakesecret", b"fakekey", b"lorem", b"xxxxx", b"dontuse", b"donotuse", b"invalid", b"undefined",
    b"samplekey", b"sampletoken", b"fillme", b"fillin", b"tobereplaced", b"tobeset", b"censored", b"removed",
    b"obfuscated",
]);

/// Why a value stands for a secret instead of being one; `None` if it may be one. `words` are further whole values,
/// or, with a `*` behind them, parts of values.
pub(super) fn stands_for(value: &[u8], words: &[Text]) -> Option<Negative> {
    if ENCRYPTED.begin(value) {
        return Some(Negative::Encrypted);
    }
    // Most values are names, and no template, and no hash of the modular format.
    let is_plain = value.iter().all(|byte| byte.is_ascii_alphanumeric() || b"_-./:".contains(byte));
    if !is_plain {
        if TEMPLATES.begin(value) || is_template(value) {
            return Some(Negative::Template);
        }
        if MODULAR.stand_in(value) {
            return Some(Negative::Hash);
        }
    }
    if value.len() > 12 && HASHES.begin(value) {
        return Some(Negative::Hash);
    }
    if REFERENCES.begin(value) {
        return Some(Negative::Reference);
    }
    if PUBLIC.begin(value) {
        return Some(Negative::Public);
    }
    if LITERALS.hold_in_any_case(value) {
        return Some(Negative::Placeholder);
    }
    // What a shell or a configuration fills in: `$NAME`, `%NAME%`, `@name@`.
    // Compose files write `$$NAME` for the container's `$NAME`, highlighters `word.$0`.
    let value = value.strip_prefix(b"$").filter(|rest| rest.starts_with(b"$")).unwrap_or(value);
    if let [word @ .., b'.', b'$', digit] | [word @ .., b'.', b'$', b'S', digit] = value
        && digit.is_ascii_digit()
        && is_name(word)
    {
        return Some(Negative::Template);
    }
    // `$user:$password`
    if value.contains(&b':')
        && value.split(|&byte| byte == b':').all(|part| part.len() > 1 && part[0] == b'$')
    {
        return Some(Negative::Template);
    }
    if let [first @ (b'$' | b'%' | b'@' | b'&'), rest @ ..] = value
        && is_name(rest.strip_suffix(&[*first]).unwrap_or(rest))
        && (*first == b'$'
            || value.ends_with(&[*first])
            || *first == b'&'
            || rest.len() > 3 && (is_constant(rest) || !rest.iter().any(u8::is_ascii_digit)))
    {
        return Some(Negative::Template);
    }
    let bare = without_marks(value);
    // `password123` is hardly more than `password`, `user_1_123` is somebody's.
    let stem = &bare[..bare.iter().rposition(|byte| !byte.is_ascii_digit()).map_or(0, |at| at + 1)];
    let is_stem = bare.len() == value.len() && bare.len() - stem.len() <= 3;
    let given = words.iter().any(|word| match word.strip_suffix('*') {
        Some(part) => memchr::memmem::find(&bare, part.as_bytes()).is_some(),
        None => is_stem && stem == word.as_bytes() || bare == word.as_bytes(),
    });
    if given || is_stem && WORDS.hold(stem) || WORDS.hold(&bare) || PARTS.stand_in(&bare) {
        return Some(Negative::Placeholder);
    }
    // The name of a variable, a range of ports, an option that says where to look.
    let is_constant =
        value.contains(&b'_') && value.iter().all(|byte| byte.is_ascii_uppercase() || *byte == b'_');
    // What was left out, and what is to be filled in.
    let is_cut = value.ends_with(b"...") || value.ends_with("\u{2026}".as_bytes());
    let is_blank = value.ends_with(b"XXX") || value.iter().all(|byte| *byte == value[0]);
    let is_ports = value.contains(&b':') && value.iter().all(|byte| byte.is_ascii_digit() || *byte == b':');
    if is_constant
        || is_cut
        || is_blank
        || is_ports
        || value.starts_with(b"id=")
        || memchr::memmem::find(value, b"env=").is_some()
    {
        return Some(Negative::Placeholder);
    }
    let masked =
        value.iter().filter(|byte| matches!(byte, b'*' | b'.' | b'x' | b'X' | b'#' | b'-' | b'_')).count();
    (masked * 4 >= value.len() * 3 || dummy::is_made_up(value)).then_some(Negative::Placeholder)
}

/// The same where the reason does not matter. A value with blanks in it is a sentence.
pub(super) fn is_placeholder(value: &[u8], words: &[Text]) -> bool {
    value.iter().any(|byte| !byte.is_ascii_graphic()) || stands_for(value, words).is_some()
}

/// A name in capitals of more than one word, with numbers perhaps.
fn is_constant(text: &[u8]) -> bool {
    text.contains(&b'_')
        && text.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'_')
}

fn is_name(text: &[u8]) -> bool {
    !text.is_empty()
        && text.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b':'))
        && !text[0].is_ascii_digit()
}

/// `a${b}c`, `{{x}}`, `%(x)s`, `%s`, `#{x}`, `<x>`, `$(x)`, `{x}`.
fn is_template(value: &[u8]) -> bool {
    SLOTS.stand_in(value)
        || value.first() == Some(&b'<') && value.contains(&b'>')
        || value.first() == Some(&b'{') && value.last() == Some(&b'}')
        || value.first() == Some(&b'[') && value.last() == Some(&b']')
        || matches!(value, b"{}" | b"?" | b"%@")
        || is_format(value)
        || has_slot(value)
        // `$t('password')`
        || value.first() == Some(&b'$') && value.contains(&b'(')
}

/// Nothing but what `printf` fills in: `%s`, `%s:%d`.
fn is_format(value: &[u8]) -> bool {
    let mut parts = value.split(|&byte| byte == b'%');
    let before = parts.next().unwrap_or_default();
    let mut verbs = parts.clone().peekable();
    let is_verb = |part: &[u8]| {
        matches!(part.first(), Some(b's' | b'd' | b'v' | b'q' | b'x' | b'u' | b'i'))
            && !holds_letters(&part[1..])
    };
    verbs.peek().is_some() && !holds_letters(before) && verbs.all(is_verb)
}

fn holds_letters(text: &[u8]) -> bool {
    text.iter().any(u8::is_ascii_alphanumeric)
}

/// A slot in brackets that holds a name: `pre-{name}-post`, `pre-<name>`.
fn has_slot(value: &[u8]) -> bool {
    [(b'{', b'}'), (b'<', b'>')].iter().any(|&(open, close)| {
        memchr::memchr(open, value).is_some_and(|at| {
            let inside = &value[at + 1..];
            memchr::memchr(close, inside).is_some_and(|len| len == 0 || len > 2 && is_name(&inside[..len]))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_templates_are_placeholders() {
        for (value, expect) in [
            ("${DB_PASSWORD}", Some(Negative::Template)),
            ("prefix-{{ secret }}", Some(Negative::Template)),
            ("$DB_PASSWORD", Some(Negative::Template)),
            ("%DB_PASSWORD%", Some(Negative::Template)),
            ("<your password>", Some(Negative::Template)),
            ("<password>", Some(Negative::Template)),
            ("{password}", Some(Negative::Template)),
            ("my-{env}-pass", Some(Negative::Template)),
            ("%s", Some(Negative::Template)),
            ("ENC(mwjtH6b3Zk2v)", Some(Negative::Encrypted)),
            ("vault:secret/data/db#password", Some(Negative::Reference)),
            ("var.db_password", Some(Negative::Reference)),
            ("$2b$12$KIXQ4c0Q1x2y3z", Some(Negative::Hash)),
            ("ssh-ed25519 AAAA", Some(Negative::Public)),
            ("password", Some(Negative::Placeholder)),
            ("Password123", Some(Negative::Placeholder)),
            ("change-me", Some(Negative::Placeholder)),
            ("my-example-value", Some(Negative::Placeholder)),
            ("xxxxxxxx", Some(Negative::Placeholder)),
            ("********", Some(Negative::Placeholder)),
            ("null", Some(Negative::Placeholder)),
            ("hunter2!", None),
            ("S3cr3t-Pa55", None),
            ("p{ss<w", None),
            ("$$NAME", Some(Negative::Template)),
            ("keyword.$0", Some(Negative::Template)),
            ("$user:$password", Some(Negative::Template)),
            ("@ESXI2_PASSWORD", Some(Negative::Template)),
            ("@esxi2!", None),
            ("q8Zr1LvT0pXk...", Some(Negative::Placeholder)),
            ("yyyy", Some(Negative::Placeholder)),
            ("ah$b%cu7", None),
        ] {
            assert_eq!(stands_for(value.as_bytes(), &[]), expect, "{value}");
        }
        let words: Vec<Text> = ["hunter2", "horse*"].into_iter().map(Text::from).collect();
        assert_eq!(stands_for(b"correct-horse-2", &words), Some(Negative::Placeholder));
    }
}
