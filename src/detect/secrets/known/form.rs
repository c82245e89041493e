//! Values known by their form alone.

use super::Known;
use crate::detect::secrets::listed::FirstTwo;
use crate::detect::secrets::{forms, randomness};

/// Beginnings that say what a value is, and the shortest value that may follow.
const MARKED: &[(&[u8], usize, Known)] = &[
    // Subresource integrity, https://www.w3.org/TR/SRI/
    (b"sha256-", 43, Known::Sri),
    (b"sha384-", 64, Known::Sri),
    (b"sha512-", 86, Known::Sri),
    (b"sha1-", 27, Known::Sri),
    // go.sum, https://go.dev/ref/mod#go-sum-files
    (b"h1:", 43, Known::LockHash),
    (b"sha1:", 28, Known::Digest),
    (b"sha256:", 43, Known::Digest),
    (b"sha384:", 64, Known::Digest),
    (b"sha512:", 86, Known::Digest),
    (b"md5:", 22, Known::Digest),
    (b"data:image/", 1, Known::Base64Image),
    (b"data:", 8, Known::Base64File),
    // Public keys: RFC 4253 and its followers, age, minisign's comment, PEM.
    (b"ssh-rsa AAAA", 32, Known::PublicKey),
    (b"ssh-dss AAAA", 32, Known::PublicKey),
    (b"ssh-ed25519 AAAA", 32, Known::PublicKey),
    (b"ecdsa-sha2-nistp", 32, Known::PublicKey),
    (b"sk-ssh-ed25519@openssh.com ", 32, Known::PublicKey),
    (b"sk-ecdsa-sha2-nistp256@openssh.com ", 32, Known::PublicKey),
    (b"AAAAB3NzaC1", 32, Known::PublicKey),
    (b"AAAAC3NzaC1lZDI1NTE5", 32, Known::PublicKey),
    (b"AAAAE2VjZHNh", 32, Known::PublicKey),
    (b"age1", 58, Known::PublicKey),
    (b"-----BEGIN PUBLIC KEY", 0, Known::PublicKey),
    (b"-----BEGIN RSA PUBLIC KEY", 0, Known::PublicKey),
    (b"-----BEGIN PGP PUBLIC KEY", 0, Known::PublicKey),
    (b"-----BEGIN SSH2 PUBLIC KEY", 0, Known::PublicKey),
    (b"-----BEGIN CERTIFICATE", 0, Known::Certificate),
    (b"-----BEGIN TRUSTED CERTIFICATE", 0, Known::Certificate),
    (b"-----BEGIN NEW CERTIFICATE", 0, Known::Certificate),
    (b"-----BEGIN X509 CRL", 0, Known::Certificate),
    // OpenSSH's fingerprints, ssh-keygen(1).
    (b"SHA256:", 43, Known::Fingerprint),
    (b"MD5:", 32, Known::Fingerprint),
    // Encrypted: ansible-vault, SOPS, Jasypt, Vault's transit engine, Spring Cloud Config, AWS KMS, age,
    // PGP, git-crypt, hiera-eyaml, Rails' and Symfony's own stay with their files.
    (b"$ANSIBLE_VAULT;", 0, Known::Encrypted),
    (b"ENC[", 4, Known::Encrypted),
    (b"ENC(", 4, Known::Encrypted),
    (b"vault:v", 8, Known::Encrypted),
    (b"{cipher}", 8, Known::Encrypted),
    (b"AQICAH", 60, Known::Encrypted),
    (b"AQECAH", 60, Known::Encrypted),
    (b"-----BEGIN PGP MESSAGE", 0, Known::Encrypted),
    (b"-----BEGIN AGE ENCRYPTED FILE", 0, Known::Encrypted),
    (b"-----BEGIN PKCS7", 0, Known::Encrypted),
    (b"age-encryption.org/", 0, Known::Encrypted),
    (b"YWdlLWVuY3J5cHRpb24ub3Jn", 0, Known::Encrypted),
    (b"\0GITCRYPT", 0, Known::Encrypted),
    // Hashes of passwords: crypt(5), PHC strings, Django, LDAP (RFC 2307), werkzeug, PostgreSQL.
    (b"$2a$", 50, Known::PasswordHash),
    (b"$2b$", 50, Known::PasswordHash),
    (b"$2y$", 50, Known::PasswordHash),
    (b"$argon2", 20, Known::PasswordHash),
    (b"$scrypt$", 20, Known::PasswordHash),
    (b"$pbkdf2", 20, Known::PasswordHash),
    (b"$apr1$", 20, Known::PasswordHash),
    (b"$1$", 22, Known::PasswordHash),
    (b"$5$", 43, Known::PasswordHash),
    (b"$6$", 86, Known::PasswordHash),
    (b"$y$", 40, Known::PasswordHash),
    (b"$7$", 40, Known::PasswordHash),
    (b"$P$", 28, Known::PasswordHash),
    (b"pbkdf2_sha", 20, Known::PasswordHash),
    (b"pbkdf2:sha", 20, Known::PasswordHash),
    (b"bcrypt_sha256$", 20, Known::PasswordHash),
    (b"bcrypt$", 20, Known::PasswordHash),
    (b"argon2$", 20, Known::PasswordHash),
    (b"scrypt:", 20, Known::PasswordHash),
    (b"{SSHA", 20, Known::PasswordHash),
    (b"{SHA", 20, Known::PasswordHash),
    (b"{CRYPT}", 10, Known::PasswordHash),
    (b"{bcrypt}", 50, Known::PasswordHash),
    (b"SCRAM-SHA-256$", 60, Known::PasswordHash),
];

/// What these begin with: nearly no value does.
static FIRST_TWO: FirstTwo = {
    let mut first_two = FirstTwo::none();
    let mut at = 0;
    while at < MARKED.len() {
        first_two = first_two.and(MARKED[at].0);
        at += 1;
    }
    first_two
};

/// What a value says of itself by its beginning.
pub(super) fn marked(value: &[u8]) -> Option<Known> {
    // Go's `SHA256:` of a fingerprint and `sha256:` of a digest differ by their case alone.
    let begins = |(start, rest, _): &&(&[u8], usize, Known)| {
        value.starts_with(start) && value.len() >= start.len() + rest
    };
    let found = FIRST_TWO.may_begin(value).then(|| MARKED.iter().find(begins)).flatten();
    let kind = match found {
        Some((_, _, kind)) => *kind,
        None if is_colon_hex(value) => Known::Fingerprint,
        // Bitnami's sealed secrets: the length of an RSA-encrypted key of 512 bytes, then the key.
        None if is_sealed(value) => Known::Encrypted,
        None => return None,
    };
    // `sha256-of-something` is a name, not a digest.
    let is_rest = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/=_".contains(byte);
    let rest =
        value.iter().rposition(|byte| matches!(byte, b'-' | b':')).map_or(value, |at| &value[at + 1..]);
    match kind {
        Known::Sri | Known::LockHash | Known::Digest if !rest.iter().all(is_rest) => None,
        kind => Some(kind),
    }
}

/// `8-4-4-4-12` hex digits, also as a URN or in braces (RFC 9562).
pub(super) fn uuid(value: &[u8]) -> bool {
    let value = value.strip_prefix(b"urn:uuid:").unwrap_or(value);
    let value = value.strip_prefix(b"{").and_then(|rest| rest.strip_suffix(b"}")).unwrap_or(value);
    forms::is_uuid(value)
}

/// `1f:2e:…`, 16 bytes or more.
fn is_colon_hex(value: &[u8]) -> bool {
    value.len() >= 47
        && value.len() % 3 == 2
        && value
            .iter()
            .enumerate()
            .all(|(at, byte)| if at % 3 == 2 { *byte == b':' } else { byte.is_ascii_hexdigit() })
}

fn is_sealed(value: &[u8]) -> bool {
    value.len() >= 700
        && value.starts_with(b"Ag")
        && value.iter().all(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(byte))
}

/// What a value is that has a form of its own, and nothing random in it.
pub(super) fn plain(value: &[u8]) -> Option<Known> {
    // Most values are words, and most of what follows has digits or other signs. (`x.x` is a version.)
    let is_in_words = |byte: &u8| byte.is_ascii_alphabetic() || b"-_.".contains(byte);
    if !matches!(value.first()?, b'x' | b'v') && value.iter().all(is_in_words) {
        return locale_or_host(value);
    }
    let all = |test: &dyn Fn(u8) -> bool| value.iter().all(|&byte| test(byte));
    let count = |wanted: u8| memchr::memchr_iter(wanted, value).count();
    let quiet = || randomness::random_part(value).is_none();
    if is_number(value) {
        return Some(Known::Number);
    }
    if is_date(value) {
        return Some(Known::Date);
    }
    if is_ipv4(value) {
        return Some(Known::HostName);
    }
    if is_version(value) {
        return Some(Known::Version);
    }
    if all(&|byte| byte.is_ascii_digit() || b" ,;:.-+/|x[]()".contains(&byte))
        && value.iter().any(u8::is_ascii_digit)
    {
        return Some(Known::NumberList);
    }
    if is_colors(value) {
        return Some(Known::Color);
    }
    if memchr::memmem::find(value, b"://").is_some() {
        let is_bare = memchr::memchr(b'@', value).is_none();
        return (is_bare && quiet()).then_some(Known::Url);
    }
    if !all(&|byte| byte.is_ascii_graphic()) {
        return None;
    }
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    if count(b'@') == 1 {
        let (user, host) = value.split_at(memchr::memchr(b'@', value)?);
        let is_user = user.iter().all(|&byte| is_name(byte) || byte == b'+') && !user.is_empty();
        return (is_user && is_host(&host[1..]) && quiet()).then_some(Known::Email);
    }
    if count(b'/') == 1 && is_mime(value) {
        return Some(Known::MimeType);
    }
    let is_start = value.starts_with(b"/")
        || value.starts_with(b"./")
        || value.starts_with(b"../")
        || value.starts_with(b"~/")
        || value.get(1..3) == Some(b":\\")
        || value.starts_with(b"\\\\");
    let slashes = count(b'/') + count(b'\\');
    // Base64 has slashes as well; a path has words, or an ending.
    if slashes > 0
        && (is_start || slashes > 1 || count(b'.') > 0)
        && all(&|byte| is_name(byte) || b"/\\:~@+*".contains(&byte))
        && quiet()
    {
        return Some(Known::Path);
    }
    locale_or_host(value)
}

fn locale_or_host(value: &[u8]) -> Option<Known> {
    if is_locale(value) {
        return Some(Known::Locale);
    }
    let (first, last) = (*value.first()?, *value.last()?);
    let bare = value.iter().position(|&byte| byte == b':').map_or(value, |at| &value[..at]);
    let port_fits = value[bare.len()..].iter().skip(1).all(u8::is_ascii_digit);
    let is_quiet_host = first.is_ascii_alphanumeric()
        && last.is_ascii_alphanumeric()
        && port_fits
        && is_host(bare)
        && randomness::random_part(value).is_none();
    is_quiet_host.then_some(Known::HostName)
}

/// `-1.5e3`, `0x1f`, `1_000`, `30s`, `16MiB`, `50%`.
fn is_number(value: &[u8]) -> bool {
    const UNITS: &[&[u8]] = &[
        b"", b"%", b"s", b"ms", b"us", b"ns", b"m", b"h", b"d", b"w", b"y", b"px", b"em", b"rem", b"pt",
        b"k", b"kb", b"mb", b"gb", b"tb", b"kib", b"mib", b"gib", b"mi", b"gi", b"ki", b"b", b"hz", b"mhz",
        b"ghz", b"min", b"sec",
    ];
    if let Some(digits) = value.strip_prefix(b"0x").or_else(|| value.strip_prefix(b"0X")) {
        return (1..=16).contains(&digits.len())
            && digits.iter().all(|byte| byte.is_ascii_hexdigit() || *byte == b'_');
    }
    let value = value.strip_prefix(b"-").or_else(|| value.strip_prefix(b"+")).unwrap_or(value);
    let end =
        value.iter().position(|byte| !byte.is_ascii_digit() && !b"._".contains(byte)).unwrap_or(value.len());
    let (digits, unit) = value.split_at(end);
    let exponent = unit.first().is_some_and(|byte| byte.eq_ignore_ascii_case(&b'e'))
        && unit.len() > 1
        && unit[1..].iter().all(|byte| byte.is_ascii_digit() || b"+-".contains(byte));
    digits.iter().any(u8::is_ascii_digit)
        && memchr::memchr_iter(b'.', digits).count() <= 1
        && (exponent || UNITS.iter().any(|known| unit.eq_ignore_ascii_case(known)))
}

/// RFC 3339 and what is near it; `20240131T235959Z`; durations (`P1Y2M3DT4H`).
fn is_date(value: &[u8]) -> bool {
    let digits = value.iter().filter(|byte| byte.is_ascii_digit()).count();
    let is_duration = value.len() >= 3
        && value[0] == b'P'
        && digits > 0
        && value[1..].iter().all(|byte| byte.is_ascii_digit() || b"YMWDTHS.".contains(byte));
    let begins = |form: &[u8]| {
        value.len() >= form.len()
            && form
                .iter()
                .zip(value)
                .all(|(form, byte)| if *form == b'0' { byte.is_ascii_digit() } else { form == byte })
    };
    let in_date = value.iter().all(|byte| byte.is_ascii_digit() || b"-:.+TZtz/ ".contains(byte));
    is_duration
        || in_date
            && (begins(b"0000-00-00")
                || begins(b"00:00:00")
                || begins(b"0000/00/00")
                || begins(b"00000000T0000")
                || begins(b"00/00/0000")
                || begins(b"00.00.0000"))
}

/// `1.2.3-beta.1+build`, `v2.0`, `>=1.2,<3`, `^1.2.3 || 2.x`, `~> 1.5`.
fn is_version(value: &[u8]) -> bool {
    let mut parts = 0;
    for part in value.split(|byte| b", |".contains(byte)).filter(|part| !part.is_empty()) {
        let start = part.iter().position(|byte| !b"<>=^~!".contains(byte)).unwrap_or(part.len());
        let marked = start > 0;
        let part = part[start..].strip_prefix(b"v").unwrap_or(&part[start..]);
        if part.is_empty() {
            continue;
        }
        let end = part.iter().position(|byte| b"-+".contains(byte)).unwrap_or(part.len());
        let (core, rest) = part.split_at(end);
        let numbers = core.split(|&byte| byte == b'.');
        let dots = memchr::memchr_iter(b'.', core).count();
        let fits = numbers.clone().all(|number| {
            matches!(number, b"x" | b"*")
                || !number.is_empty() && number.len() <= 8 && number[0].is_ascii_digit()
                    // `1.0rc1`, `5.1b2` (PEP 440).
                    && number.iter().all(|byte| byte.is_ascii_digit() || b"abrcdevpost".contains(byte))
        });
        let rest_fits = rest.len() <= 40
            && rest.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-+.".contains(byte))
            && randomness::random_part(rest).is_none();
        if !fits || !rest_fits || dots == 0 && !marked {
            return false;
        }
        parts += 1;
    }
    parts > 0
}

/// `#fff`, `#1f2e3d`, `#1f2e3dff`, and lists of them.
fn is_colors(value: &[u8]) -> bool {
    value.starts_with(b"#")
        && value.split(|byte| b", ;|".contains(byte)).filter(|color| !color.is_empty()).all(|color| {
            color[0] == b'#'
                && matches!(color.len(), 4 | 5 | 7 | 9)
                && color[1..].iter().all(u8::is_ascii_hexdigit)
        })
}

/// The registered kinds and `x-`, <https://www.iana.org/assignments/media-types/>
fn is_mime(value: &[u8]) -> bool {
    const KINDS: &[&[u8]] = &[
        b"application",
        b"audio",
        b"chemical",
        b"font",
        b"image",
        b"message",
        b"model",
        b"multipart",
        b"text",
        b"video",
    ];
    let Some(slash) = memchr::memchr(b'/', value) else { return false };
    let (kind, rest) = (&value[..slash], &value[slash + 1..]);
    let name = rest.split(|&byte| byte == b';').next().unwrap_or_default();
    KINDS.iter().any(|known| kind.eq_ignore_ascii_case(known))
        && !name.is_empty()
        && name.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-.+*_".contains(byte))
        && randomness::random_part(rest).is_none()
}

/// `en-US`, `zh_Hant_TW`, `pt-BR.UTF-8`: a language, perhaps a script, a country.
fn is_locale(value: &[u8]) -> bool {
    let bare = value.split(|byte| b".@".contains(byte)).next().unwrap_or_default();
    let mut parts = bare.split(|byte| b"-_".contains(byte));
    let language = parts.next().unwrap_or_default();
    let mut country = false;
    matches!(language.len(), 2 | 3)
        && language.iter().all(u8::is_ascii_lowercase)
        && parts.all(|part| {
            let is_country = part.len() == 2 && part.iter().all(u8::is_ascii_uppercase)
                || part.len() == 3 && part.iter().all(u8::is_ascii_digit);
            country |= is_country;
            is_country
                || part.len() == 4
                    && part[0].is_ascii_uppercase()
                    && part[1..].iter().all(u8::is_ascii_lowercase)
        })
        && country
}

/// Labels of letters, digits and `-` with dots between, the last one of two letters or more (RFC 1123); or
/// `localhost`; or an address.
fn is_host(host: &[u8]) -> bool {
    let mut labels = host.split(|&byte| byte == b'.');
    let fits = |label: &[u8]| {
        (1..=63).contains(&label.len())
            && label.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    let last = host.rsplit(|&byte| byte == b'.').next().unwrap_or_default();
    host == b"localhost"
        || memchr::memchr(b'.', host).is_some()
            && host.len() <= 253
            && labels.all(fits)
            && (last.len() >= 2 && last.len() <= 12 && last.iter().all(u8::is_ascii_lowercase)
                || is_ipv4(host))
}

fn is_ipv4(host: &[u8]) -> bool {
    std::str::from_utf8(host).is_ok_and(|host| host.parse::<std::net::Ipv4Addr>().is_ok())
}
