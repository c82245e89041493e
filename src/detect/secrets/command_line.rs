use std::ops::Range;

use super::host::Host;
use super::shell_words;
use super::written::{Credential, Worth, is_concrete};
use crate::detect::{Detector, Emit, KnownBy, Needs, Prepared};
use crate::model::Proof;
use crate::source::FileView;

/// Passwords on command lines: whoever may list processes, or reads the log of a build, has them.
///
/// A keyword is an option (it begins with `-`), a variable that a program reads (it ends with `=`), or a program
/// of [`PROGRAMS`].
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

/// How a program is given its password.
#[derive(Clone, Copy)]
enum How {
    /// An option, in the same word or in the next one.
    Option(&'static str),
    /// An option, in the same word alone.
    Attached(&'static str),
    /// An option that takes `user:password`, split at this byte.
    Pair(&'static [&'static str], u8),
    /// The option of a subcommand.
    Sub(&'static str, &'static str),
    /// The words behind a user that one of these subcommands is given.
    Behind(&'static [&'static str]),
    /// The first word, `user/password@host`.
    Slash,
    /// `htpasswd -b file user password`.
    Htpasswd,
    /// `net use share password /user:name`.
    NetUse,
    /// `echo user:password | chpasswd`.
    Piped,
    /// `--set a.password=x,b=c`.
    Set,
    /// `ConvertTo-SecureString "password" -AsPlainText`.
    PlainText,
}

/// Programs, and how each is given a password.
#[rustfmt::skip]
const PROGRAMS: &[(&str, How)] = &[
    ("curl", How::Pair(&["-u", "--user", "-U", "--proxy-user"], b':')),
    ("http", How::Pair(&["-a", "--auth"], b':')),
    ("xh", How::Pair(&["-a", "--auth"], b':')),
    ("mysql", How::Attached("-p")), ("mysqldump", How::Attached("-p")), ("mysqladmin", How::Attached("-p")),
    ("mysqlimport", How::Attached("-p")), ("mysqlcheck", How::Attached("-p")),
    ("mysqlsh", How::Attached("-p")), ("mariadb", How::Attached("-p")), ("mariadb-dump", How::Attached("-p")),
    ("sshpass", How::Option("-p")),
    ("redis-cli", How::Option("-a")), ("valkey-cli", How::Option("-a")),
    ("mongo", How::Option("-p")), ("mongosh", How::Option("-p")), ("mongodump", How::Option("-p")),
    ("mongorestore", How::Option("-p")), ("mongoexport", How::Option("-p")), ("mongoimport", How::Option("-p")),
    ("docker", How::Sub("login", "-p")), ("podman", How::Sub("login", "-p")), ("buildah", How::Sub("login", "-p")),
    ("skopeo", How::Sub("login", "-p")), ("nerdctl", How::Sub("login", "-p")), ("az", How::Sub("login", "-p")),
    ("oc", How::Sub("login", "-p")), ("cf", How::Sub("login", "-p")),
    ("ldapsearch", How::Option("-w")), ("ldapadd", How::Option("-w")), ("ldapmodify", How::Option("-w")),
    ("ldapdelete", How::Option("-w")), ("ldappasswd", How::Option("-w")), ("ldapwhoami", How::Option("-w")),
    ("sqlcmd", How::Option("-P")), ("osql", How::Option("-P")), ("bcp", How::Option("-P")),
    ("ipmitool", How::Option("-P")), ("cqlsh", How::Option("-p")),
    ("psexec", How::Option("-p")), ("psexec64", How::Option("-p")), ("psexec.exe", How::Option("-p")),
    ("psexec64.exe", How::Option("-p")), ("plink", How::Option("-pw")), ("pscp", How::Option("-pw")),
    ("smbclient", How::Pair(&["-U", "--user"], b'%')),
    ("lftp", How::Pair(&["-u", "--user"], b',')),
    ("sqlplus", How::Slash),
    ("rabbitmqctl", How::Behind(&["add_user", "change_password"])),
    ("htpasswd", How::Htpasswd),
    ("net", How::NetUse),
    ("chpasswd", How::Piped),
    ("helm", How::Set),
    ("unzip", How::Option("-P")), ("7z", How::Attached("-p")), ("7za", How::Attached("-p")),
    ("openssl", How::Sub("enc", "-k")),
    ("convertto-securestring", How::PlainText),
];

fn of_program(text: &[u8], at: Range<usize>) -> Vec<Credential> {
    let before = at.start.checked_sub(1).map_or(b' ', |before| text[before]);
    if is_name(before) || matches!(before, b'$' | b'@') {
        return Vec::new();
    }
    // A keyword may be a part of the name (`mysql` of `mysqldump`), or hold more (`docker login`).
    let tail = &text[at.start..text.len().min(at.start + 32)];
    let name = &tail[..tail.iter().position(|byte| !is_name(*byte)).unwrap_or(tail.len())];
    let Some((_, how)) = PROGRAMS.iter().find(|(program, _)| name.eq_ignore_ascii_case(program.as_bytes()))
    else {
        return Vec::new();
    };
    let end = at.start + name.len();
    if matches!(how, How::Piped) {
        return piped(text, at.start);
    }
    if !matches!(text.get(end), Some(b' ' | b'\t' | b'"' | b'\'' | b'`')) {
        return Vec::new();
    }
    let words: Vec<Range<usize>> = shell_words::words(text, end);
    let command = Command { text, start: at.start, words };
    command.credentials(*how)
}

/// A program with its arguments.
struct Command<'t> {
    text: &'t [u8],
    start: usize,
    words: Vec<Range<usize>>,
}

impl Command<'_> {
    fn word(&self, at: usize) -> &[u8] {
        self.words.get(at).map_or(&[], |word| &self.text[word.clone()])
    }

    fn position(&self, what: &[&str]) -> Option<usize> {
        (0..self.words.len()).find(|&at| what.iter().any(|name| self.word(at) == name.as_bytes()))
    }

    fn credentials(&self, how: How) -> Vec<Credential> {
        let none = |at: &Range<usize>| at.start..at.start;
        let one = |found: Option<Range<usize>>| -> Vec<Credential> {
            found
                .filter(|value| is_argument(&self.text[value.clone()]))
                .map(|value| self.credential(none(&value), value))
                .into_iter()
                .collect()
        };
        match how {
            How::Option(option) => one(self.option(option, true)),
            How::Attached(option) => one(self.option(option, false)),
            How::Sub(sub, option) => one(self.position(&[sub]).and_then(|_| self.option(option, true))),
            How::Pair(options, by) => self.pair(options, by).into_iter().collect(),
            How::Behind(subs) => one(self.position(subs).and_then(|at| self.words.get(at + 2).cloned())),
            How::Slash => self.slash().into_iter().collect(),
            How::Htpasswd => one(self.htpasswd()),
            How::NetUse => self.net_use().into_iter().collect(),
            How::Set => self.set(),
            How::PlainText => one(self.plain_text()),
            How::Piped => Vec::new(),
        }
    }

    fn credential(&self, user: Range<usize>, password: Range<usize>) -> Credential {
        Credential { span: self.start..password.end, user, password, host: self.host() }
    }

    /// The value of a short option.
    fn option(&self, option: &str, may_be_next: bool) -> Option<Range<usize>> {
        let option = option.as_bytes();
        for (at, word) in self.words.iter().enumerate() {
            let text = &self.text[word.clone()];
            if text == option {
                return self.words.get(at + 1).filter(|_| may_be_next).cloned();
            }
            // `-pX`, and not `--port` or `-path`-like options of one dash and more letters.
            if text.starts_with(option) && option.len() == 2 {
                return Some(unquoted(self.text, word.start + option.len()..word.end));
            }
        }
        None
    }

    /// `-u user:password`.
    fn pair(&self, options: &[&str], by: u8) -> Option<Credential> {
        let value = self.words.iter().enumerate().find_map(|(at, word)| {
            let text = &self.text[word.clone()];
            options.iter().find_map(|option| {
                let rest = text.strip_prefix(option.as_bytes())?;
                match rest.first() {
                    None => self.words.get(at + 1).cloned(),
                    Some(b'=') => Some(unquoted(self.text, word.end - rest.len() + 1..word.end)),
                    Some(_) if option.len() == 2 => {
                        Some(unquoted(self.text, word.end - rest.len()..word.end))
                    }
                    Some(_) => None,
                }
            })
        })?;
        let split = memchr::memchr(by, &self.text[value.clone()])?;
        let password = value.start + split + 1..value.end;
        let found = self.credential(value.start..value.start + split, password);
        // Half of it may be a variable.
        (!has_variable(&self.text[value])).then_some(found)
    }

    /// `user/password@host`.
    fn slash(&self) -> Option<Credential> {
        let word =
            self.words.iter().find(|word| memchr::memchr(b'/', &self.text[(*word).clone()]).is_some())?;
        let text = &self.text[word.clone()];
        let slash = memchr::memchr(b'/', text).filter(|&slash| slash > 0)?;
        let sign = memchr::memchr(b'@', text).filter(|&sign| sign > slash)?;
        let found =
            self.credential(word.start..word.start + slash, word.start + slash + 1..word.start + sign);
        (!has_variable(text)).then_some(found)
    }

    fn htpasswd(&self) -> Option<Range<usize>> {
        let flags: Vec<usize> = (0..self.words.len()).filter(|&at| self.word(at).starts_with(b"-")).collect();
        let flag = *flags.iter().find(|&&at| self.word(at).contains(&b'b'))?;
        let to_screen = flags.iter().any(|&at| self.word(at).contains(&b'n'));
        let first = flags.iter().max().copied().unwrap_or(flag) + 1;
        self.words.get(first + if to_screen { 1 } else { 2 }).cloned()
    }

    fn net_use(&self) -> Option<Credential> {
        let user =
            (0..self.words.len()).find(|&at| self.word(at).to_ascii_lowercase().starts_with(b"/user:"))?;
        if !self.word(0).eq_ignore_ascii_case(b"use") {
            return None;
        }
        // The password stands beside the user, on either side.
        let is_password = |at: usize| {
            let word = self.word(at);
            !word.is_empty()
                && !word.starts_with(b"/")
                && !word.starts_with(b"\\")
                && word != b"*"
                && is_argument(word)
        };
        let at = [user.checked_sub(1).filter(|&at| at > 1), Some(user + 1)]
            .into_iter()
            .flatten()
            .find(|&at| is_password(at))?;
        let name = self.words[user].clone();
        Some(self.credential(name.start + 6..name.end, self.words[at].clone()))
    }

    fn plain_text(&self) -> Option<Range<usize>> {
        let is_plain =
            self.words.iter().any(|word| self.text[word.clone()].eq_ignore_ascii_case(b"-AsPlainText"));
        let is_option = |word: &&Range<usize>| self.text[(*word).clone()].starts_with(b"-");
        self.words.iter().find(|word| !is_option(word)).filter(|_| is_plain).cloned()
    }

    /// `--set a.password=x,b=c`.
    fn set(&self) -> Vec<Credential> {
        let mut found = Vec::new();
        for (at, word) in self.words.iter().enumerate() {
            let is_set = |text: &[u8]| matches!(text, b"--set" | b"--set-string" | b"--set-literal");
            if at == 0 || !is_set(self.word(at - 1)) {
                continue;
            }
            let mut start = word.start;
            for part in self.text[word.clone()].split(|&byte| byte == b',') {
                let end = start + part.len();
                if let Some(equals) = memchr::memchr(b'=', part) {
                    let name = part[..equals].to_ascii_lowercase();
                    let value = unquoted(self.text, start + equals + 1..end);
                    let is_secret =
                        [&b"password"[..], b"secret", b"token", b"apikey", b"secretkey", b"passwd"]
                            .iter()
                            .any(|ending| name.ends_with(ending));
                    if is_secret && is_argument(&self.text[value.clone()]) {
                        found.push(self.credential(value.start..value.start, value));
                    }
                }
                start = end + 1;
            }
        }
        found
    }

    /// Where the command goes: a URL, `user@host`, or the option of a host.
    fn host(&self) -> Option<Host> {
        for (at, word) in self.words.iter().enumerate() {
            let text = &self.text[word.clone()];
            if let Some(authority) = memchr::memmem::find(text, b"://") {
                let rest =
                    text[authority + 3..].split(|byte| b"/?#".contains(byte)).next().unwrap_or_default();
                let rest = rest.rsplit(|&byte| byte == b'@').next().unwrap_or_default();
                return Some(Host::of(rest.split(|&byte| byte == b':').next().unwrap_or_default()));
            }
            if matches!(text, b"-h" | b"-H" | b"--host" | b"--server" | b"-S") {
                return self.words.get(at + 1).map(|next| Host::of(&self.text[next.clone()]));
            }
            if let Some(host) = text.strip_prefix(b"--host=").or_else(|| text.strip_prefix(b"-h")) {
                return Some(Host::of(host));
            }
        }
        None
    }
}

/// `echo 'root:password' | chpasswd`, read backwards.
fn piped(text: &[u8], at: usize) -> Vec<Credential> {
    let before = &text[at.saturating_sub(160)..at];
    let line = before.rsplit(|&byte| byte == b'\n').next().unwrap_or_default();
    let Some(echo) = memchr::memmem::rfind(line, b"echo ") else { return Vec::new() };
    let from = at - line.len() + echo + 4;
    let command = Command { text, start: from - 4, words: shell_words::words(text, from) };
    let word = command.words.iter().find(|word| !text[(*word).clone()].starts_with(b"-")).cloned();
    let Some(word) = word else { return Vec::new() };
    let Some(colon) = memchr::memchr(b':', &text[word.clone()]) else { return Vec::new() };
    let end = word.start + text[word.clone()].iter().position(|byte| *byte == b'\\').unwrap_or(word.len());
    let password = (word.start + colon + 1).min(end)..end;
    if has_variable(&text[word.clone()]) {
        return Vec::new();
    }
    vec![command.credential(word.start..word.start + colon, password)]
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
