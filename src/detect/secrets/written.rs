//! A credential that is written out as it is used: whether a value is one, whether everybody knows it, and
//! how bad it is where it stands.

use std::ops::Range;

use super::host::Host;
use super::{placeholder, randomness, standing};
use crate::detect::{Emit, Prepared, Raw};
use crate::model::{Coverage, NotChecked, Proof, Region, Secret, Severity};
use crate::source::FileView;

/// A shorter value is an example, unless everybody knows it.
const SHORTEST: usize = 4;
/// A longer value is data.
const LONGEST: usize = 512;

/// A user, a password and the host that they open, where they stand in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Credential {
    /// What is reported: the whole URL, connection string, command.
    pub(super) span: Range<usize>,
    /// The user; empty if there is none.
    pub(super) user: Range<usize>,
    /// The password as it is written.
    pub(super) password: Range<usize>,
    /// The host; `None` if nothing tells.
    pub(super) host: Option<Host>,
}

impl Credential {
    /// What the password is worth.
    pub(super) fn worth(&self, text: &[u8]) -> Worth {
        worth(&text[self.user.clone()], &text[self.password.clone()])
    }

    /// Reports it as this rule's finding.
    pub(super) fn report(
        self,
        rule: &Prepared,
        view: &FileView,
        proof: Proof,
        message: String,
        emit: &mut Emit,
    ) {
        let mut severity = severity(rule.rule.severity, self.host, view, self.span.start);
        if proof < Proof::Shape && standing::is_manual(view, self.span.start) {
            severity = Severity::Note;
        }
        let mut raw = Raw::at(self.span).message(message);
        raw.secrets.push(Secret { range: self.password, prefix: 0 });
        // In the user's place may stand a token: `https://…:x-oauth-basic@host`.
        if randomness::random_part(&view.bytes()[self.user.clone()]).is_some() {
            raw.secrets.push(Secret { range: self.user, prefix: 0 });
        }
        raw.proof = Some(proof);
        raw.severity = (severity != rule.rule.severity).then_some(severity);
        emit.raw(raw);
    }
}

/// Reports so many of a file's sign-ins: a file with more of them is data. What is beyond is masked all the same,
/// and it is said once that it was left out.
pub(super) struct FirstOf {
    left: usize,
    is_said: bool,
}

impl FirstOf {
    pub(super) fn new(most: usize) -> Self {
        Self { left: most, is_said: false }
    }

    /// Reports this one too, if it is not one too many.
    pub(super) fn report(
        &mut self,
        found: Credential,
        rule: &Prepared,
        view: &FileView,
        proof: Proof,
        message: String,
        emit: &mut Emit,
    ) {
        if self.left > 0 {
            self.left -= 1;
            return found.report(rule, view, proof, message, emit);
        }
        emit.mask(Secret { range: found.password, prefix: 0 });
        if !std::mem::replace(&mut self.is_said, true) {
            emit.not_checked(NotChecked {
                path: Some(view.path().clone()),
                what: "too-many-secrets",
                reason: format!("it holds more secrets than are named of one file for {}", rule.rule.id),
                mend: None,
                coverage: Coverage::Outside,
            });
        }
    }
}

/// What a value in the place of a password is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Worth {
    /// It stands for a password, or is none.
    Nothing,
    /// Everybody knows it: the default of a product, or the user's name again.
    Known,
    /// Somebody's password.
    Literal,
}

/// Judges a password. The user may be empty.
pub(super) fn worth(user: &[u8], password: &[u8]) -> Worth {
    if is_known(user, password) {
        return Worth::Known;
    }
    if password.len() < SHORTEST
        || password.len() > LONGEST
        || stands_for_another(password)
        || is_stand_in(user) && is_stand_in(password)
        || user.eq_ignore_ascii_case(b"aladdin")
    {
        Worth::Nothing
    } else {
        Worth::Literal
    }
}

/// Whether a value stands for a secret that comes from elsewhere.
pub(super) fn stands_for_another(value: &[u8]) -> bool {
    // In the middle of a value too: `p${x}`, `a%PASS%`, `<here>`, `{0}`, a shell's back quotes.
    let filled_in = memchr::memchr3(b'`', b'<', b'>', value).is_some()
        || value.windows(2).any(|pair| pair[0] == b'$' && matches!(pair[1], b'{' | b'('))
        || value.len() > 2 && value.first() == Some(&b'%') && value.last() == Some(&b'%');
    filled_in || placeholder::is_placeholder(value, &[])
}

/// Whether a value is more than a word that could be the name of something: it has digits or signs among its
/// letters, or letters of both cases in no order that names have.
pub(super) fn is_concrete(value: &[u8]) -> bool {
    let has = |test: fn(&u8) -> bool| value.iter().any(test);
    if value.len() < SHORTEST || is_uuid_of_zeros(value) || !has(u8::is_ascii_alphanumeric) {
        return false;
    }
    let letters = value.iter().filter(|byte| byte.is_ascii_alphabetic()).count();
    let signs = value.iter().any(|byte| b"!@#$%^&*?+=~;:,".contains(byte));
    let capitals =
        value.windows(2).filter(|p| p[0].is_ascii_lowercase() && p[1].is_ascii_uppercase()).count();
    let is_path = value.iter().filter(|&&byte| byte == b'/' || byte == b'\\').count() > 1
        || value.starts_with(b"/")
        || value.starts_with(b".");
    // `API_TOKEN_2`, `${…}` without the sign.
    let is_constant = has(|byte| *byte == b'_') && !has(u8::is_ascii_lowercase);
    let is_call = has(|byte| matches!(byte, b'(' | b')' | b'[' | b']' | b'|'));
    !is_path
        && !is_constant
        && !is_call
        && (has(u8::is_ascii_digit)
            || signs
            || capitals > 2 && !has(|byte| matches!(byte, b'_' | b'-' | b'.')))
        && (letters > 0 || value.len() >= 6)
}

fn is_uuid_of_zeros(value: &[u8]) -> bool {
    value.iter().all(|byte| matches!(byte, b'0' | b'-'))
}

/// How bad a credential is where it stands. One that others can use is as bad as the rule says; inside a
/// network, and where things are rehearsed, it is a warning, and never less: nobody can tell whether the same
/// password opens more.
pub(super) fn severity(of: Severity, host: Option<Host>, view: &FileView, at: usize) -> Severity {
    let by_host = match host {
        None | Some(Host::Remote) => of,
        Some(Host::Internal | Host::FilledIn | Host::Example | Host::Here) => Severity::Warning,
    };
    match host {
        // Nobody's password of nobody's host, where it is only shown or tried.
        Some(Host::Example) if is_rehearsal(view, at) => of.min(Severity::Note),
        _ if is_rehearsal(view, at) => of.min(Severity::Warning),
        _ => of.min(by_host),
    }
}

/// Tests, examples, documentation and comments.
pub(super) fn is_rehearsal(view: &FileView, at: usize) -> bool {
    standing::is_rehearsal(view, at)
        || standing::is_prose(view)
        || matches!(view.region_at(at), Region::Comment | Region::Doc)
}

/// Users that products are delivered with.
#[rustfmt::skip]
const PRODUCT_USERS: &[&[u8]] = &[
    b"postgres", b"root", b"admin", b"administrator", b"sa", b"guest", b"mysql", b"mariadb", b"rabbitmq",
    b"rabbit", b"redis", b"mongo", b"mongodb", b"minio", b"minioadmin", b"elastic", b"neo4j", b"cassandra",
    b"oracle", b"system", b"sys", b"tomcat", b"artemis", b"activemq", b"couchdb", b"ldap", b"kafka",
    b"clickhouse", b"influx", b"influxdb", b"grafana", b"sonar", b"keycloak", b"default", b"pi", b"ubuntu",
    b"vagrant", b"airflow", b"superset", b"hive", b"nexus", b"jenkins", b"wordpress", b"magento", b"odoo",
    b"django", b"laravel", b"homestead", b"sail",
];

/// Passwords that are known for such a user.
#[rustfmt::skip]
const PRODUCT_PASSWORDS: &[&[u8]] = &[
    b"postgres", b"root", b"admin", b"password", b"pass", b"secret", b"test", b"guest", b"mysql", b"toor",
    b"1234", b"12345", b"123456", b"manager", b"tomcat", b"oracle", b"example", b"welcome", b"welcome1",
    b"admin123", b"root123", b"postgres123", b"password1", b"password123", b"passw0rd", b"p@ssw0rd",
    b"raspberry", b"neo4j", b"cassandra", b"public", b"master", b"default", b"qwerty",
];

/// Accounts that come with a database, or with its documentation:
/// <https://docs.oracle.com/en/database/oracle/oracle-database/19/comsc/introduction-to-sample-schemas.html>,
/// <https://firebirdsql.org/file/documentation/html/en/firebirddocs/qsg3/firebird-3-quickstartguide.html>,
/// <https://docs.tdengine.com/tdengine-reference/client-libraries/>.
const PAIRS: &[(&[u8], &[u8])] =
    &[(b"scott", b"tiger"), (b"sysdba", b"masterkey"), (b"sysdba", b"masterke"), (b"root", b"taosdata")];

/// Passwords that are known whoever the user is.
#[rustfmt::skip]
const KNOWN: &[&[u8]] = &[
    b"changeme", b"changeit", b"change_me", b"change-me", b"changeme123", b"minioadmin", b"minio123",
    b"admin123", b"letmein", b"toor", b"welcome1", b"password123", b"password1", b"passw0rd", b"p@ssw0rd",
    b"p@ssword1", b"yourstrong(!)password", b"yourstrong@passw0rd", b"yourstrong!passw0rd", b"1q2w3e4r",
    b"qwerty123", b"raspberry", b"calvin",
    // The keys of the emulators of Azure storage and Cosmos DB, which Microsoft publishes:
    // https://learn.microsoft.com/azure/storage/common/storage-connect-azurite
    // https://learn.microsoft.com/azure/cosmos-db/how-to-develop-emulator
    b"eby8vdm02xnocqflquwjpllmetlcdxj1ouzft50usrz6ifsufq2uvercz4i6tq/k1szfptotr/kbhbeksogmgw==",
    b"c2y6ydjf5/r+ob0n8a7cgv30vrdjiwehlm+4qdu5de2nq9nduvtqobd4b8mggypmbiznqymsecagqy67xiw/jw==",
];

/// Whether everybody knows this password.
fn is_known(user: &[u8], password: &[u8]) -> bool {
    if password.is_empty() || password.len() > 100 {
        return false;
    }
    let is_in = |list: &[&[u8]], value: &[u8]| list.iter().any(|known| value.eq_ignore_ascii_case(known));
    is_in(KNOWN, password)
        || PAIRS.iter().any(|pair| user.eq_ignore_ascii_case(pair.0) && password.eq_ignore_ascii_case(pair.1))
        || is_in(PRODUCT_USERS, user) && is_in(PRODUCT_PASSWORDS, password)
        || user.len() >= 2 && user.eq_ignore_ascii_case(password) && !is_stand_in(user) && !stands_for_another(user)
        // A password alone, such as that of Redis.
        || user.is_empty() && is_in(&[b"redis", b"foobared", b"admin", b"root", b"postgres"], password)
}

/// Whether a user is one of documentation.
fn is_stand_in(user: &[u8]) -> bool {
    #[rustfmt::skip]
    const USERS: &[&[u8]] = &[
        b"user", b"username", b"foo", b"bar", b"u", b"p", b"login", b"name", b"usr", b"myuser", b"alice",
        b"bob", b"john", b"pass", b"password", b"passwd", b"pwd", b"pw", b"secret", b"token", b"user1",
        b"dbuser", b"your_user", b"youruser", b"user_name", b"me",
    ];
    USERS.iter().any(|word| user.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_weighed() {
        for (user, password, expect) in [
            ("app", "kq8-T2xw", Worth::Literal),
            ("user", "kq8-T2xw", Worth::Literal),
            ("app", "${PASSWORD}", Worth::Nothing),
            ("app", "a${PASSWORD}b", Worth::Nothing),
            ("app", "%PASS%", Worth::Nothing),
            ("app", "%s", Worth::Nothing),
            ("app", "<password>", Worth::Nothing),
            ("app", "********", Worth::Nothing),
            ("app", "{0}", Worth::Nothing),
            ("user", "password", Worth::Nothing),
            ("username", "password", Worth::Nothing),
            ("foo", "bar", Worth::Nothing),
            ("app", "", Worth::Nothing),
            ("postgres", "postgres", Worth::Known),
            ("guest", "guest", Worth::Known),
            ("admin", "password", Worth::Known),
            ("app", "changeme", Worth::Known),
            ("shop", "shop", Worth::Known),
            ("", "foobared", Worth::Known),
            ("user", "user", Worth::Nothing),
        ] {
            assert_eq!(worth(user.as_bytes(), password.as_bytes()), expect, "{user}:{password}");
        }
    }

    #[test]
    fn names_are_not_concrete() {
        for (value, expect) in [
            ("kq8-T2xw", true),
            ("hunter2", true),
            ("correct!horse", true),
            ("secretword", false),
            ("my-secret-name", false),
            ("API_TOKEN_2", false),
            ("getPassword()", false),
            ("./file1", false),
            ("/run/secrets/db1", false),
            ("00000000", false),
            ("accessToken", false),
        ] {
            assert_eq!(is_concrete(value.as_bytes()), expect, "{value}");
        }
    }
}
