mod programs;

use std::ops::Range;

use self::programs::of_program;
use super::shell_words;
use super::written::{Credential, Worth, is_concrete};
use crate::detect::{Detector, Emit, KnownBy, Needs, Prepared};
use crate::model::Proof;
use crate::source::FileView;

/// Passwords on command lines: whoever may list processes, or reads the log of a build, has them.
///
/// A keyword is an option (it begins with `-`), a variable that a program reads (it ends with `=`), or a program
/// of [`programs`].
pub(in crate::detect) struct CommandLines;

impl Detector for CommandLines {
    fn name(&self) -> &'static str {
        "command-line"
    }

    fn reason(&self) -> &'static str {
        "an argument of a command; it has no form of its own"
    }

    fn known_by(&self) -> KnownBy {
        KnownBy::Use
    }

    fn needs(&self) -> Needs {
        Needs::Hits
    }

    fn hit(&self, rule: &Prepared, view: &FileView, at: Range<usize>, emit: &mut Emit) {
        for found in read(view.bytes(), at) {
            let what = if found.user.is_empty() { "password or token" } else { "user and password" };
            let message = match found.host {
                Some(host) => format!("{what} on a command line, for {}", host.words()),
                None => format!("{what} on a command line"),
            };
            found.report(rule, view, Proof::Context, message, emit);
        }
    }
}

/// The credentials that are written out at a hit.
fn read(text: &[u8], at: Range<usize>) -> Vec<Credential> {
    let found = match text.get(at.start) {
        Some(b'-') => of_option(text, at).into_iter().collect(),
        _ if text.get(at.end.saturating_sub(1)) == Some(&b'=') => of_variable(text, at).into_iter().collect(),
        _ => of_program(text, at),
    };
    found.into_iter().filter(|found| found.worth(text) == Worth::Literal).collect()
}

/// Bytes of an option's name.
fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.')
}

/// `--password x`, `--db-password=x`, `-Dtrust.storePassword=x`, `"--password", "x"`.
fn of_option(text: &[u8], at: Range<usize>) -> Option<Credential> {
    // What follows decides in most cases.
    let next = *text.get(at.end)?;
    if !matches!(next, b'=' | b' ' | b'"' | b'\'' | b'\t' | b'\\') {
        return None;
    }
    let before = &text[at.start.saturating_sub(48)..at.start];
    let start = at.start - before.iter().rev().take_while(|byte| is_name(**byte)).count();
    if text[start] != b'-' {
        return None;
    }
    let opener = start.checked_sub(1).map_or(b' ', |before| text[before]);
    if !opener.is_ascii_whitespace() && !b"\"'`([,=".contains(&opener) {
        return None;
    }
    let name = &text[start..at.end];
    let mut value = match next {
        b'=' => shell_words::value(text, at.end + 1)?,
        _ => shell_words::first_word(text, at.end)?,
    };
    value = unquoted(text, value);
    if name.starts_with(b"-pass") && matches!(name, b"-passin" | b"-passout" | b"-pass") {
        // OpenSSL says where the password comes from; only `pass:` is the password itself.
        value.start += text[value.clone()].strip_prefix(b"pass:").map(|_| 5)?;
    }
    is_argument(&text[value.clone()]).then_some(Credential {
        span: start..value.end,
        user: value.start..value.start,
        password: value,
        host: None,
    })
}

/// `PGPASSWORD=x psql …`.
fn of_variable(text: &[u8], at: Range<usize>) -> Option<Credential> {
    let before = at.start.checked_sub(1).map_or(b' ', |before| text[before]);
    if before.is_ascii_alphanumeric() || matches!(before, b'_' | b'-' | b'$' | b'.') {
        return None;
    }
    let value = unquoted(text, shell_words::value(text, at.end)?);
    is_argument(&text[value.clone()]).then_some(Credential {
        span: at.start..value.end,
        user: value.start..value.start,
        password: value,
        host: None,
    })
}

/// Whether an argument is a concrete value: neither another option, nor a name of something.
fn is_argument(value: &[u8]) -> bool {
    !value.starts_with(b"-") && !value.starts_with(b"@") && !has_variable(value) && is_concrete(value)
}

/// `$x`, `%x%`, `!x!` of shells anywhere in a value.
fn has_variable(value: &[u8]) -> bool {
    value
        .windows(2)
        .any(|pair| pair[0] == b'$' && (pair[1].is_ascii_alphabetic() || b"{(_".contains(&pair[1])))
        || memchr::memchr_iter(b'%', value).count() > 1
}

/// Without the quote that a word of an option and its value still begins with.
fn unquoted(text: &[u8], value: Range<usize>) -> Range<usize> {
    let quotes =
        text[value.clone()].iter().take_while(|byte| matches!(byte, b'"' | b'\'' | b'\\')).take(2).count();
    value.start + quotes..value.end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, hit: &str, expect: &[(&str, &str)]) {
        let text = text.replace("~~", "kq8-T2xw");
        let at = text.find(hit).expect("a hit");
        let found: Vec<(&str, &str)> = read(text.as_bytes(), at..at + hit.len())
            .into_iter()
            .map(|found| (&text[found.user], &text[found.password]))
            .collect();
        let expect: Vec<(&str, &str)> = expect
            .iter()
            .map(|(user, word)| (*user, if *word == "~~" { "kq8-T2xw" } else { word }))
            .collect();
        assert_eq!(found, expect, "{text}");
    }

    #[test]
    fn options_are_read() {
        for (text, hit, expect) in [
            ("run --password ~~", "-password", Some("~~")),
            ("run --db-password='~~'", "-password", Some("~~")),
            ("run --password=\"~~\" x", "-password", Some("~~")),
            ("[\"--password\", \"~~\"]", "-password", Some("~~")),
            ("java -Da.keyStorePassword=~~", "Password", None),
            ("keytool -storepass ~~", "-storepass", Some("~~")),
            ("openssl rsa -passin pass:~~", "-passin", Some("~~")),
            ("openssl rsa -passin env:~~", "-passin", None),
            ("run --password $PASSWORD", "-password", None),
            ("run --password \"${PASSWORD}\"", "-password", None),
            ("run --password %PASSWORD%", "-password", None),
            ("run --password <password>", "-password", None),
            ("run --password --next", "-password", None),
            ("run --password-stdin ~~", "-password", None),
            ("run --password PASSWORD", "-password", None),
            ("  --password string   the password", "-password", None),
            (".option(\"--password\", \"Password to use\")", "-password", None),
            ("Arg::new(\"--password\")", "-password", None),
            ("no-password ~~", "-password", None),
            ("f(x)-password ~~", "-password", None),
        ] {
            let expect: Vec<(&str, &str)> = expect.map(|word| ("", word)).into_iter().collect();
            check(text, hit, &expect);
        }
    }

    #[test]
    fn programs_are_known() {
        for (text, hit, expect) in [
            ("curl -u admin:~~ https://h", "curl", Some(("admin", "~~"))),
            ("curl -sSL --user 'admin:~~' h", "curl", Some(("admin", "~~"))),
            ("curl -u \"$USER:~~\" h", "curl", None),
            ("curl -u admin h", "curl", None),
            ("[\"curl\", \"-u\", \"admin:~~\"]", "curl", Some(("admin", "~~"))),
            ("use curl and -u together: it is", "curl", None),
            ("mysql -uroot -p~~ db", "mysql", Some(("", "~~"))),
            ("mysqldump -u root -p'~~' db", "mysql", Some(("", "~~"))),
            ("mysql -u root -p db", "mysql", None),
            ("sshpass -p ~~ ssh a@b", "sshpass", Some(("", "~~"))),
            ("redis-cli -h h -a ~~ ping", "redis-cli", Some(("", "~~"))),
            ("docker login -u a -p ~~ r", "docker login", Some(("", "~~"))),
            ("docker run -p 8080:80 x", "docker", None),
            ("htpasswd -bc .htpasswd a ~~", "htpasswd", Some(("", "~~"))),
            ("htpasswd -nb a ~~", "htpasswd", Some(("", "~~"))),
            ("net use Z: \\\\h\\s ~~ /user:d\\a", "net use", Some(("d\\a", "~~"))),
            ("sqlplus scott/~~@h", "sqlplus", Some(("scott", "~~"))),
            ("echo \"root:~~\" | chpasswd", "chpasswd", Some(("root", "~~"))),
            ("echo \"root:$PW\" | chpasswd", "chpasswd", None),
            ("helm install x --set a.b=c,auth.password=~~", "helm", Some(("", "~~"))),
            ("rabbitmqctl add_user a ~~", "rabbitmqctl", Some(("", "~~"))),
            ("psexec \\\\h -u a -p ~~ cmd", "psexec", Some(("", "~~"))),
        ] {
            check(text, hit, &expect.into_iter().collect::<Vec<_>>());
        }
    }

    #[test]
    fn variables_of_programs_are_read() {
        check("PGPASSWORD=~~ psql", "PGPASSWORD=", &[("", "~~")]);
        check("PGPASSWORD=$(cat f) psql", "PGPASSWORD=", &[]);
        check("MY_PGPASSWORD=~~ psql", "PGPASSWORD=", &[]);
    }
}
