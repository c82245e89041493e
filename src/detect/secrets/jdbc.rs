use std::ops::Range;

use super::host::Host;
use super::written::{Credential, Worth};
use crate::detect::{Detector, Emit, KnownBy, Needs, Prepared};
use crate::model::Proof;
use crate::source::FileView;

/// No URL is read further.
const LONGEST: usize = 640;

/// Passwords in JDBC URLs: a parameter behind `?`, `&`, `;` or `:`, or `user/password@` of Oracle's thin driver
/// (<https://docs.oracle.com/en/database/oracle/oracle-database/23/jjdbc/data-sources-and-URLs.html>). One before
/// an `@` behind `//` is read as in any URL.
pub(in crate::detect) struct JdbcUrls;

impl Detector for JdbcUrls {
    fn name(&self) -> &'static str {
        "jdbc-url"
    }

    fn reason(&self) -> &'static str {
        "a parameter of a URL; the password has no form of its own"
    }

    fn known_by(&self) -> KnownBy {
        KnownBy::Use
    }

    fn needs(&self) -> Needs {
        Needs::Hits
    }

    fn hit(&self, rule: &Prepared, view: &FileView, at: Range<usize>, emit: &mut Emit) {
        let text = view.bytes();
        let Some(found) = read(text, at) else { return };
        if found.worth(text) == Worth::Literal {
            let message = format!("password in a JDBC URL of {}", found.host.unwrap_or(Host::Remote).words());
            found.report(rule, view, Proof::Structure, message, emit);
        }
    }
}

fn read(text: &[u8], at: Range<usize>) -> Option<Credential> {
    let window = &text[at.end..text.len().min(at.end + LONGEST)];
    let end =
        window.iter().position(|b| !b.is_ascii_graphic() || b"\"'<>`".contains(b)).unwrap_or(window.len());
    let url = &window[..end];
    let start = at.end;
    if url.starts_with(b"oracle:thin:") {
        return oracle(url, start).map(|(user, password, host)| Credential {
            span: at.start..start + end,
            user,
            password,
            host: Some(host),
        });
    }
    let mut user = None;
    let mut password = None;
    let mut from = 0;
    for part in url.split(|byte| b"?&;".contains(byte)) {
        if let Some(equals) = memchr::memchr(b'=', part) {
            let value = start + from + equals + 1..start + from + part.len();
            // DB2 puts a colon before the first: `jdbc:db2://h:50000/d:user=u;password=p;`.
            let name = part[..equals].rsplit(|&byte| byte == b':').next().unwrap_or_default();
            match name.to_ascii_lowercase().as_slice() {
                b"user" | b"username" | b"uid" => user = Some(value),
                b"password" | b"pwd" | b"passwd" => password = password.or(Some(value)),
                _ => {}
            }
        }
        from += part.len() + 1;
    }
    let mut password = password?;
    // `&amp;` of XML, and what follows a literal's end.
    let value = &text[password.clone()];
    password.end =
        password.start + value.iter().position(|byte| b"),\\".contains(byte)).unwrap_or(value.len());
    let user = user.unwrap_or(password.start..password.start);
    Some(Credential { span: at.start..password.end, user, host: Some(host(url)), password })
}

/// `oracle:thin:user/password@//host:1521/service`.
fn oracle(url: &[u8], start: usize) -> Option<(Range<usize>, Range<usize>, Host)> {
    let from = b"oracle:thin:".len();
    let sign = from + memchr::memchr(b'@', &url[from..])?;
    let slash = from + memchr::memchr(b'/', &url[from..sign])?;
    let rest = &url[sign + 1..];
    let rest = rest.strip_prefix(b"//").unwrap_or(rest);
    let name = rest.split(|byte| b":/".contains(byte)).next().unwrap_or_default();
    Some((start + from..start + slash, start + slash + 1..start + sign, Host::of(name)))
}

fn host(url: &[u8]) -> Host {
    let Some(at) = memchr::memmem::find(url, b"//") else { return Host::Here };
    let rest = url[at + 2..].split(|byte| b"/?;,".contains(byte)).next().unwrap_or_default();
    let rest = rest.rsplit(|&byte| byte == b'@').next().unwrap_or_default();
    Host::of(rest.split(|&byte| byte == b':').next().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_read() {
        for (text, expect) in [
            ("jdbc:mysql://h.acme-shop.io:1/d?user=u&password=p&x=y", Some(("u", "p", Host::Remote))),
            ("jdbc:sqlserver://10.0.0.1:1433;user=u;password=p;", Some(("u", "p", Host::Internal))),
            ("jdbc:db2://db:50000/d:user=u;password=p;", Some(("u", "p", Host::Here))),
            ("jdbc:oracle:thin:u/p@//h.acme-shop.io:1521/s", Some(("u", "p", Host::Remote))),
            ("jdbc:oracle:thin:@h:1521:s", None),
            ("jdbc:h2:mem:test;PASSWORD=p", Some(("", "p", Host::Here))),
            ("jdbc:mysql://h/d", None),
            ("jdbc:", None),
        ] {
            let found =
                read(text.as_bytes(), 0..5).map(|f| (&text[f.user], &text[f.password], f.host.expect("one")));
            assert_eq!(found, expect, "{text}");
        }
    }
}
