use std::ops::Range;

use super::decode;
use super::dummy;
use super::host::Host;
use super::key_values::KeyValues;
use super::randomness;
use super::token::as_dummy;
use super::written::{Credential, Worth, is_concrete, stands_for_another};
use crate::detect::{Detector, Emit, Needs, Prepared, Raw};
use crate::model::{Proof, Secret};
use crate::source::FileView;

/// Names of fields that say where a database is.
const HOSTS: &[&str] =
    &["server", "datasource", "host", "hostname", "addr", "address", "networkaddress", "dbq", "servername"];
/// Names of fields that say who signs in.
const USERS: &[&str] = &["userid", "uid", "user", "username", "usr"];
/// Names of fields that hold a database's password.
const PASSWORDS: &[&str] = &["password", "pwd"];
/// Any of them makes a list with a password one of a database.
const OF_DATABASES: &[&str] = &[
    "server",
    "datasource",
    "host",
    "database",
    "initialcatalog",
    "driver",
    "provider",
    "dbname",
    "dsn",
    "dbq",
];

/// Keys and passwords in connection strings of the form `Key=Value;…`.
///
/// The keywords are names of the fields that hold the secret. The rule's word `kind` is what the list must be:
/// a row of [`KINDS`], or one of `database`, `azure-sql`, `libpq`, `redis`.
pub(in crate::detect) struct ConnectionStrings;

impl Detector for ConnectionStrings {
    fn name(&self) -> &'static str {
        "connection-string"
    }

    fn reason(&self) -> &'static str {
        "a field among others in any order"
    }

    fn needs(&self) -> Needs {
        Needs::Hits
    }

    fn hit(&self, rule: &Prepared, view: &FileView, at: Range<usize>, emit: &mut Emit) {
        let text = view.bytes();
        let kind = rule.rule.detect.words("kind").first().map_or("", |word| &**word);
        if let Some(kind) = KINDS.iter().find(|known| known.name == kind) {
            kind.hit(rule, view, at, emit);
            return;
        }
        let Some((form, found)) = database(text, at) else { return };
        if form.name() == kind && found.worth(text) == Worth::Literal {
            let host = found.host.unwrap_or(Host::Here).words();
            let message = format!("password in a connection string of {host}");
            found.report(rule, view, Proof::Structure, message, emit);
        }
    }
}

/// A list of fields with a key that a machine made.
struct Kind {
    /// The rule's word.
    name: &'static str,
    /// The field that holds the key.
    secret: &'static str,
    /// Fields that must be there too, each with a part of its value in lower case.
    with: &'static [(&'static str, &'static str)],
    /// How many bytes the key has once it is decoded; 0 if that is not fixed.
    bytes: usize,
    /// The field that names what the key opens.
    shown: &'static str,
    /// For the message.
    what: &'static str,
}

/// The formats are those of Microsoft's documentation of each service:
/// <https://learn.microsoft.com/azure/storage/common/storage-configure-connection-string>,
/// <https://learn.microsoft.com/azure/service-bus-messaging/service-bus-sas>,
/// <https://learn.microsoft.com/azure/iot-hub/iot-hub-dev-guide-sas>,
/// <https://learn.microsoft.com/azure/azure-monitor/app/connection-strings>.
#[rustfmt::skip]
const KINDS: &[Kind] = &[
    Kind { name: "azure-storage", secret: "accountkey", with: &[("accountname", "")], bytes: 64,
        shown: "accountname", what: "key of a storage account" },
    Kind { name: "azure-cosmos", secret: "accountkey", with: &[("accountendpoint", "://")], bytes: 64,
        shown: "accountendpoint", what: "key of a Cosmos DB account" },
    Kind { name: "azure-servicebus", secret: "sharedaccesskey", with: &[("endpoint", "sb://")], bytes: 32,
        shown: "endpoint", what: "key of a Service Bus, Event Hubs or Relay namespace" },
    Kind { name: "azure-iot", secret: "sharedaccesskey", with: &[("hostname", ".azure-devices")], bytes: 0,
        shown: "hostname", what: "key of an IoT hub" },
    Kind { name: "azure-appconfig", secret: "secret", with: &[("endpoint", ".azconfig."), ("id", "")], bytes: 0,
        shown: "endpoint", what: "key of an App Configuration store" },
    Kind { name: "azure-communication", secret: "accesskey", with: &[("endpoint", ".communication.azure.")],
        bytes: 0, shown: "endpoint", what: "key of a Communication Services resource" },
    Kind { name: "azure-signalr", secret: "accesskey", with: &[("endpoint", ".service.signalr.")], bytes: 0,
        shown: "endpoint", what: "key of a SignalR service" },
    Kind { name: "azure-webpubsub", secret: "accesskey", with: &[("endpoint", ".webpubsub.azure.")], bytes: 0,
        shown: "endpoint", what: "key of a Web PubSub service" },
    Kind { name: "azure-appinsights", secret: "instrumentationkey", with: &[("ingestionendpoint", "://")],
        bytes: 0, shown: "ingestionendpoint", what: "instrumentation key, which only sends telemetry" },
];

impl Kind {
    fn hit(&self, rule: &Prepared, view: &FileView, at: Range<usize>, emit: &mut Emit) {
        let text = view.bytes();
        let Some((list, value)) = self.read(text, at) else { return };
        let key = &text[value.clone()];
        let found = Credential {
            span: list.span.clone(),
            user: value.start..value.start,
            password: value,
            host: None,
        };
        let is_key = randomness::is_random(key) || key.len() == 36 && is_concrete(key);
        if found.worth(text) != Worth::Literal || !is_key {
            return;
        }
        if let Some(reason) = self.dummy(key) {
            let mut raw = as_dummy(Raw::at(found.span), reason);
            raw.secrets.push(Secret { range: found.password, prefix: 0 });
            raw.proof = Some(Proof::Shape);
            emit.raw(raw);
            return;
        }
        let before = emit.raws.len();
        found.report(rule, view, Proof::Structure, self.what.to_owned(), emit);
        if let (Some(raw), Some(shown)) = (emit.raws.get_mut(before), list.text(&[self.shown])) {
            raw.properties.insert("resource", String::from_utf8_lossy(shown).into_owned());
        }
    }

    /// The list, if it is of this kind, and the key's bytes.
    fn read<'t>(&self, text: &'t [u8], at: Range<usize>) -> Option<(KeyValues<'t>, Range<usize>)> {
        let first = text[at.end..].iter().take(4).find(|byte| !matches!(byte, b' ' | b'\t'))?;
        if !first.is_ascii_alphanumeric() && !b"+/\"'".contains(first) {
            return None;
        }
        let list = KeyValues::around(text, at.start, b';')?;
        let value = list.get(&[self.secret])?;
        // A list may be hit twice, once for each of its fields.
        if value.start < at.end || value.start > at.end + 8 {
            return None;
        }
        self.with
            .iter()
            .all(|(name, part)| {
                list.text(&[name]).is_some_and(|value| {
                    memchr::memmem::find(&value.to_ascii_lowercase(), part.as_bytes()).is_some()
                })
            })
            .then_some((list, value))
    }

    /// Why a key is none; `None` if it may be one.
    fn dummy(&self, key: &[u8]) -> Option<&'static str> {
        if dummy::is_made_up(key) {
            return Some("its characters follow a pattern");
        }
        let decoded = decode::base64(key).map(|bytes| bytes.len());
        (self.bytes > 0 && decoded != Some(self.bytes)).then_some("its key does not have the length of one")
    }
}

/// The form of a database's connection string.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Database,
    AzureSql,
    Libpq,
    Redis,
}

impl Form {
    fn name(self) -> &'static str {
        match self {
            Self::Database => "database",
            Self::AzureSql => "azure-sql",
            Self::Libpq => "libpq",
            Self::Redis => "redis",
        }
    }
}

/// Reads the connection string of a database around a hit of `password=` or `pwd=`.
pub(super) fn database(text: &[u8], at: Range<usize>) -> Option<(Form, Credential)> {
    // In a comma's list of StackExchange.Redis, the hit has the comma with it.
    if text.get(at.start) == Some(&b',') {
        return redis(text, at.start + 1).map(|found| (Form::Redis, found));
    }
    let before = at.start.checked_sub(1).map_or(b'\n', |before| text[before]);
    if before.is_ascii_alphanumeric() || matches!(before, b'_' | b'-' | b'.' | b'?' | b'&' | b',') {
        return None;
    }
    // Nothing, or something that is filled in.
    let first = text[at.end..].iter().take(4).find(|byte| !matches!(byte, b' ' | b'\t'));
    if first.is_none_or(|first| first.is_ascii_whitespace() || b";<*".contains(first)) {
        return None;
    }
    // Most hits are assignments on lines without any list.
    let around = &text[at.start.saturating_sub(256)..text.len().min(at.end + 256)];
    if memchr::memchr(b';', around).is_some()
        && let Some(found) = semicolons(text, at.clone())
    {
        return Some(found);
    }
    libpq(text, at).map(|found| (Form::Libpq, found))
}

fn semicolons(text: &[u8], at: Range<usize>) -> Option<(Form, Credential)> {
    let list = KeyValues::around(text, at.start, b';')?;
    let password = list.get(PASSWORDS)?;
    list.get(OF_DATABASES)?;
    let host = server(list.text(HOSTS).unwrap_or_default());
    let is_azure = host.to_ascii_lowercase().ends_with(b".database.windows.net");
    let found = Credential {
        span: list.span.clone(),
        user: list.get(USERS).unwrap_or(password.start..password.start),
        host: Some(reach(host)),
        password,
    };
    Some((if is_azure { Form::AzureSql } else { Form::Database }, found))
}

/// `host=… user=… password=…`
/// (<https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-KEYWORD-VALUE>).
fn libpq(text: &[u8], at: Range<usize>) -> Option<Credential> {
    let around = &text[at.start.saturating_sub(200)..text.len().min(at.end + 200)];
    memchr::memmem::find(around, b"host=").or_else(|| memchr::memmem::find(around, b"dbname="))?;
    let list = KeyValues::around(text, at.start, b' ')?;
    // `f(password=None, host=None)` lists arguments.
    let password = list.get(&["password"]).filter(|value| !text[value.clone()].ends_with(b","))?;
    let host = list.text(&["host", "hostaddr"]).unwrap_or_default();
    list.get(&["dbname", "user"])?;
    Some(Credential {
        span: list.span.clone(),
        user: list.get(&["user"]).unwrap_or(password.start..password.start),
        password,
        host: Some(if host.starts_with(b"/") { Host::Here } else { Host::of(host) }),
    })
}

/// `host:6380,password=…,ssl=True`
/// (<https://stackexchange.github.io/StackExchange.Redis/Configuration>).
fn redis(text: &[u8], at: usize) -> Option<Credential> {
    let before = &text[at.saturating_sub(300)..at];
    let is_end = |byte: &&u8| !byte.is_ascii_graphic() || b"\"'`<>=;".contains(byte);
    let run = before.iter().rev().take_while(|byte| !is_end(byte)).count();
    let start = at - run;
    let first = text[start..at].split(|&byte| byte == b',').next()?;
    let colon = memchr::memrchr(b':', first).filter(|&colon| {
        colon > 0 && first[colon + 1..].iter().all(u8::is_ascii_digit) && colon + 1 < first.len()
    })?;
    let value_at = at + memchr::memchr(b'=', &text[at..text.len().min(at + 16)])? + 1;
    let rest = &text[value_at..text.len().min(value_at + 256)];
    let len =
        rest.iter().position(|byte| *byte == b',' || (*byte != b'=' && is_end(&byte))).unwrap_or(rest.len());
    let host = first[..colon].rsplit(|&byte| byte == b'/').next().unwrap_or_default();
    Some(Credential {
        span: start..value_at + len,
        user: value_at..value_at,
        password: value_at..value_at + len,
        host: Some(Host::of(host)),
    })
}

/// The name of the machine in what a field says of the server: `tcp:name,1433`, `name\instance`,
/// `(DESCRIPTION=…(HOST=name)…)`.
fn server(value: &[u8]) -> &[u8] {
    if let Some(at) = memchr::memmem::find(&value.to_ascii_uppercase(), b"(HOST=") {
        let rest = &value[at + 6..];
        return rest.split(|&byte| byte == b')').next().unwrap_or_default().trim_ascii();
    }
    let value = [&b"tcp:"[..], b"np:", b"lpc:", b"admin:", b"//"]
        .iter()
        .find_map(|prefix| value.strip_prefix(*prefix))
        .unwrap_or(value);
    let is_end = |byte: &u8| matches!(byte, b',' | b'\\' | b'/' | b':');
    value.split(is_end).next().unwrap_or_default().trim_ascii()
}

/// How far away the server is; a file is here.
fn reach(host: &[u8]) -> Host {
    let lower = host.to_ascii_lowercase();
    let is_file =
        [&b".db"[..], b".sqlite", b".sqlite3", b".mdb", b".accdb", b".sdf", b".fdb", b".xls", b".xlsx"]
            .iter()
            .any(|ending| lower.ends_with(ending));
    if is_file || host.starts_with(b"(") || host == b"." || host.starts_with(b"|") {
        Host::Here
    } else if stands_for_another(host) && host.iter().any(|byte| b"{$<%".contains(byte)) {
        Host::FilledIn
    } else {
        Host::of(host)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expect: Option<(Form, &str, &str, Host)>) {
        let lower = text.to_ascii_lowercase();
        let (at, len) = [",password=", "password=", "pwd="]
            .iter()
            .find_map(|hit| Some((lower.find(hit)?, hit.len())))
            .expect("a hit");
        let found = database(text.as_bytes(), at..at + len)
            .map(|(form, f)| (form, &text[f.user], &text[f.password], f.host.expect("a host")));
        assert_eq!(found, expect, "{text}");
    }

    #[test]
    fn connection_strings_of_databases_are_read() {
        use Form::{AzureSql, Database, Libpq, Redis};
        for (text, expect) in [
            (
                "\"Server=tcp:a.database.windows.net,1433;User ID=u;Password=p;\"",
                Some((AzureSql, "u", "p", Host::Remote)),
            ),
            ("Server=.\\SQLEXPRESS;Uid=u;Pwd=p", Some((Database, "u", "p", Host::Here))),
            ("Data Source=x.db;Password=p", Some((Database, "", "p", Host::Here))),
            (
                "Driver={MySQL};Server=10.0.0.4;User=u;Password={p;q};",
                Some((Database, "u", "p;q", Host::Internal)),
            ),
            (
                "Host=pg.acme-shop.io;Username=u;Password=p;Database=d",
                Some((Database, "u", "p", Host::Remote)),
            ),
            ("mysql:host=h.acme-shop.io;user=u;password=p", Some((Database, "u", "p", Host::Remote))),
            (
                "Data Source=(DESCRIPTION=(ADDRESS=(HOST=o.acme-shop.io)(PORT=1521)));User Id=u;Password=p;",
                Some((Database, "u", "p", Host::Remote)),
            ),
            ("'host=h.acme-shop.io user=u password=p dbname=d'", Some((Libpq, "u", "p", Host::Remote))),
            (
                "\"c.redis.cache.windows.net:6380,password=p=,ssl=True\"",
                Some((Redis, "", "p=", Host::Remote)),
            ),
            ("DB_PASSWORD=p", None),
            ("password=p; echo", None),
            ("password=p", None),
            ("f(x,password=y)", None),
            ("connect(host=\"h\", password=\"p\")", None),
        ] {
            check(text, expect);
        }
    }
}
