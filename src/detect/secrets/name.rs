//! What a name stands for, by its words: `DB_PASSWORD`, `dbPassword` and `db-password` are the same.

use super::listed::Wholes;

/// No name has more words.
const MOST_WORDS: usize = 16;

/// The words of a name, in lower case, without marks and digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Words {
    /// All words, one behind the other.
    text: Vec<u8>,
    /// Where each ends.
    ends: Vec<usize>,
}

impl Words {
    /// Takes a name apart at marks, digits and humps: `HTTPApiKey2` is `http`, `api`, `key`.
    pub(super) fn of(name: &[u8]) -> Self {
        let mut words = Self { text: Vec::with_capacity(name.len()), ends: Vec::with_capacity(4) };
        let mut open = false;
        for (at, &byte) in name.iter().enumerate() {
            if !byte.is_ascii_alphabetic() {
                open = false;
                continue;
            }
            let hump = byte.is_ascii_uppercase() && {
                let before = at.checked_sub(1).map_or(b'_', |at| name[at]);
                let next_is_lower = name.get(at + 1).is_some_and(u8::is_ascii_lowercase);
                before.is_ascii_lowercase() || before.is_ascii_uppercase() && next_is_lower
            };
            if hump {
                open = false;
            }
            if !open {
                // Only the end of a name speaks.
                if words.ends.len() == MOST_WORDS {
                    let first = words.ends.remove(0);
                    words.text.drain(..first);
                    words.ends.iter_mut().for_each(|end| *end -= first);
                }
                words.ends.push(words.text.len());
                open = true;
            }
            words.text.push(byte.to_ascii_lowercase());
            if let Some(end) = words.ends.last_mut() {
                *end = words.text.len();
            }
        }
        words
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.ends.len()
    }

    /// One of them; the last is number 0, the one before it 1.
    pub(super) fn nth_last(&self, number: usize) -> Option<&[u8]> {
        let at = self.ends.len().checked_sub(number + 1)?;
        let start = at.checked_sub(1).map_or(0, |before| self.ends[before]);
        Some(&self.text[start..self.ends[at]])
    }

    /// From the first to the last.
    pub(super) fn iter(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.count()).rev().filter_map(|number| self.nth_last(number))
    }

    /// Whether one of them is one of these.
    pub(super) fn any(&self, of: &Wholes) -> bool {
        self.iter().any(|word| of.hold(word))
    }

    /// Leaves the last one out.
    fn pop(&mut self) {
        self.ends.pop();
        self.text.truncate(self.ends.last().copied().unwrap_or(0));
    }
}

/// A text without marks and case: `DB_PASSWORD`, `dbPassword` and `db-password` are the same.
pub(super) fn without_marks(text: &[u8]) -> Vec<u8> {
    let mut bare = Vec::with_capacity(text.len());
    bare.extend(text.iter().filter(|byte| byte.is_ascii_alphanumeric()).map(u8::to_ascii_lowercase));
    bare
}

/// What kind of secret a name promises.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Noun {
    /// What people choose, or their password managers.
    Password,
    /// What is made by machines: secrets, tokens, keys of services.
    Secret,
    /// A key of which the name does not say what for. Only random values count.
    Key,
    /// What is mixed into hashes and ciphers: salts, nonces, seeds. Only random values count.
    Salt,
}

/// Words for passwords, also at the end of a word: `dbpassword`.
#[rustfmt::skip]
const PASSWORDS: &[&[u8]] = &[
    b"password", b"passwd", b"passphrase", b"passcode", b"pwd", b"passwort", b"kennwort", b"senha",
    b"contrasena", b"motdepasse", b"parola", b"haslo", b"wachtwoord", b"lozinka", b"salasana", b"heslo",
];
/// Words for passwords that stand alone, or behind one of [`OWNERS`].
static SHORT_PASSWORDS: Wholes = Wholes::of(&[b"pass", b"pw", b"psw", b"pswd", b"passw", b"mdp", b"pasword"]);
/// Who has passwords.
#[rustfmt::skip]
static OWNERS: Wholes = Wholes::of(&[
    b"db", b"database", b"user", b"usr", b"root", b"admin", b"smtp", b"mail", b"email", b"mysql",
    b"postgres", b"pg", b"psql", b"redis", b"mongo", b"mongodb", b"ftp", b"sftp", b"ssh", b"login", b"auth",
    b"account", b"service", b"svc", b"proxy", b"http", b"https", b"api", b"client", b"server", b"vpn",
    b"wifi", b"wlan", b"imap", b"pop", b"ldap", b"sudo", b"become", b"rabbitmq", b"amqp", b"mqtt", b"key",
    b"keystore", b"truststore", b"store", b"cert", b"my", b"the", b"default", b"bind", b"rpc", b"jdbc",
    b"sql", b"oracle", b"mssql", b"basic", b"web", b"app", b"bot", b"nexus", b"jenkins", b"git", b"github",
    b"registry", b"docker", b"test", b"master", b"ansible", b"host", b"remote", b"local", b"u", b"new",
    b"old",
]);
/// Words for secrets made by machines, also at the end of a word: `clientsecret`.
#[rustfmt::skip]
const SECRETS: &[&[u8]] = &[
    b"secret", b"token", b"apikey", b"accesskey", b"secretkey", b"privatekey", b"authkey", b"appkey",
    b"encryptionkey", b"signingkey", b"masterkey", b"credential", b"credentials", b"bearer", b"apitoken",
    b"creds", b"accountkey", b"sharedkey", b"servicekey", b"subscriptionkey", b"authtoken", b"appsecret",
    b"clientsecret",
];
/// Words for secrets that stand alone as words.
static SECRET_WORDS: Wholes =
    Wholes::of(&[b"secrets", b"jwt", b"auth", b"authorization", b"pat", b"cred", b"authentication"]);
/// What a key may be for, so that it is a secret.
#[rustfmt::skip]
static SECRET_KEYS: Wholes = Wholes::of(&[
    b"api", b"access", b"secret", b"private", b"priv", b"auth", b"encryption", b"encrypt", b"signing",
    b"sign", b"master", b"shared", b"account", b"app", b"client", b"server", b"service", b"subscription",
    b"license", b"licence", b"session", b"storage", b"aes", b"des", b"hmac", b"rsa", b"crypt", b"crypto",
    b"cipher", b"cookie", b"jwt", b"webhook", b"deploy", b"admin", b"ssh", b"consumer", b"application",
    b"write", b"admin", b"token", b"psk", b"wrapping", b"fernet", b"security", b"symmetric", b"decryption",
    b"decrypt", b"appsecret", b"user", b"management", b"integration", b"ingest", b"ingestion", b"function",
    b"host", b"device", b"registration",
]);
/// Words for what is mixed into hashes and ciphers.
#[rustfmt::skip]
static SALTS: Wholes = Wholes::of(&[
    b"salt", b"nonce", b"pepper", b"iv", b"seed", b"otp", b"totp", b"mnemonic", b"psk",
]);
/// Words behind the noun that change nothing.
#[rustfmt::skip]
static ENDINGS: Wholes = Wholes::of(&[
    b"default", b"value", b"val", b"string", b"str", b"prod", b"production", b"staging", b"stage", b"live",
    b"dev", b"development", b"test", b"testing", b"local", b"qa", b"uat", b"base", b"b", b"hex", b"text",
    b"txt", b"raw", b"plain", b"plaintext", b"literal", b"env", b"new", b"old", b"confirm", b"confirmation",
    b"again", b"repeat", b"verify", b"current", b"one", b"two", b"first", b"second", b"primary",
    b"secondary", b"main", b"backup", b"admin", b"root", b"user", b"override", b"fallback", b"const",
    b"constant", b"v", b"x", b"data", b"bytes", b"content", b"ro", b"rw",
]);
/// Words that say of a whole name that it is no secret's.
#[rustfmt::skip]
static NOT_SECRET: Wholes = Wholes::of(&[
    b"public", b"publishable", b"pub", b"hash", b"hashed", b"digest", b"checksum", b"csrf", b"xsrf", b"next",
    b"page", b"sync", b"continuation", b"cursor", b"idempotency", b"cancellation", b"cancel", b"invalid",
    b"fake", b"dummy", b"example", b"encrypted", b"sealed", b"placeholder", b"label", b"hint", b"regex",
    b"pattern", b"prefix", b"suffix", b"bad", b"incorrect", b"missing", b"no", b"without", b"lexer",
    b"parser", b"delimiter", b"separator", b"keyword", b"partition", b"sort", b"primary_key", b"foreign",
    b"tokenizer", b"eos", b"bos", b"unk", b"mask", b"special", b"native", b"lifecycle", b"visual",
    b"spreadsheet",
]);

impl Noun {
    /// Whether this word says in full that a password follows.
    pub(super) fn is_password_in_full(word: &[u8]) -> bool {
        PASSWORDS.iter().any(|noun| word.ends_with(noun))
    }

    /// Whether it names what ciphers and hashes are fed with, which test vectors are full of.
    pub(super) const fn is_material(self) -> bool {
        matches!(self, Self::Key | Self::Salt)
    }

    /// What this name promises; `None` if no secret.
    pub(super) fn of(name: &[u8]) -> Option<Self> {
        let mut words = Words::of(name);
        if words.any(&NOT_SECRET) {
            return None;
        }
        for _ in 0..3 {
            if let Some(noun) = Self::at_end(&words) {
                return Some(noun);
            }
            if !words.nth_last(0).is_some_and(|last| ENDINGS.hold(last)) || words.count() == 1 {
                return None;
            }
            words.pop();
        }
        None
    }

    /// By the last word, and the one before it.
    fn at_end(words: &Words) -> Option<Self> {
        let last = words.nth_last(0)?;
        let before = words.nth_last(1);
        let ends = |nouns: &[&[u8]]| nouns.iter().any(|noun| last.ends_with(noun));
        if ends(PASSWORDS) {
            // What sudo does not ask for.
            return (last != b"nopasswd").then_some(Self::Password);
        }
        if SHORT_PASSWORDS.hold(last) {
            let owned = before.is_none_or(|before| OWNERS.hold(before));
            // `RENDER_PASS` counts frames, `TOMCAT_PASS` opens a server: the value must say it.
            return Some(if owned { Self::Password } else { Self::Secret });
        }
        if before == Some(b"pass") && matches!(last, b"word" | b"phrase" | b"code") {
            return Some(Self::Password);
        }
        if last.strip_suffix(b"pass").is_some_and(|owner| OWNERS.hold(owner)) {
            return Some(Self::Password);
        }
        // `keyAuth` is what ACME's challenges answer with (RFC 8555, 8.1).
        if last == b"auth" && before == Some(b"key") {
            return None;
        }
        if ends(SECRETS) || SECRET_WORDS.hold(last) {
            return Some(Self::Secret);
        }
        if matches!(last, b"key" | b"keys") {
            let of = before.is_some_and(|before| SECRET_KEYS.hold(before));
            return Some(if of { Self::Secret } else { Self::Key });
        }
        if SALTS.hold(last) {
            return Some(Self::Salt);
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_taken_apart() {
        for (name, expect) in [
            ("DB_PASSWORD", "db password"),
            ("dbPassword2", "db password"),
            ("HTTPApiKey", "http api key"),
            ("spring.datasource.pass-word", "spring datasource pass word"),
            ("x509Key", "x key"),
            ("__", ""),
        ] {
            let words = Words::of(name.as_bytes());
            let words: Vec<_> = words.iter().map(|w| String::from_utf8_lossy(w).into_owned()).collect();
            assert_eq!(words.join(" "), expect, "{name}");
        }
    }

    #[test]
    fn only_the_end_of_a_name_speaks() {
        for (name, expect) in [
            ("DB_PASSWORD", Some(Noun::Password)),
            ("dbpassword", Some(Noun::Password)),
            ("password2", Some(Noun::Password)),
            ("db_pass", Some(Noun::Password)),
            ("render_pass", Some(Noun::Secret)),
            ("keyPass", Some(Noun::Password)),
            ("userPass", Some(Noun::Password)),
            ("pass", Some(Noun::Password)),
            ("API_KEY_PROD", Some(Noun::Secret)),
            ("stripe.apiKey", Some(Noun::Secret)),
            ("clientSecret", Some(Noun::Secret)),
            ("SECRET_KEY_BASE", Some(Noun::Secret)),
            ("sort_key", None),
            ("monkey", None),
            ("hotkey", None),
            ("map_key", Some(Noun::Key)),
            ("password_hash", None),
            ("secretName", None),
            ("public_api_key", None),
            ("tokenize", None),
            ("next_page_token", None),
            ("salt", Some(Noun::Salt)),
        ] {
            assert_eq!(Noun::of(name.as_bytes()), expect, "{name}");
        }
    }
}
