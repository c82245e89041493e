//! Programs that are given a password among their arguments.

use std::ops::Range;

use super::{has_variable, is_argument, is_name, unquoted};
use crate::detect::secrets::host::Host;
use crate::detect::secrets::shell_words;
use crate::detect::secrets::written::Credential;

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

/// The credentials among the arguments of a program.
pub(super) fn of_program(text: &[u8], at: Range<usize>) -> Vec<Credential> {
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
