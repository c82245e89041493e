use std::borrow::Cow;
use std::ops::Range;

use super::host::Host;
use super::written::{self, Credential, Worth};
use super::{credential, illustration, randomness};
use crate::detect::{Detector, Emit, KnownBy, Needs, Prepared};
use crate::model::Proof;
use crate::source::FileView;

/// How far behind `://` the `@` may stand, and how long a query may be.
const LONGEST: usize = 256;

/// Which bytes end what may stand between `://` and `@`.
static ENDS_USER_INFO: [bool; 256] = {
    let marks = b"/?#\"'<>`\\,;()[]|^";
    let mut ends = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        ends[byte] = !(byte as u8).is_ascii_graphic();
        byte += 1;
    }
    let mut at = 0;
    while at < marks.len() {
        ends[marks[at] as usize] = true;
        at += 1;
    }
    ends
};

/// Passwords in URLs: `scheme://user:password@host` (RFC 3986, 3.2.1), a token alone before the `@`,
/// `?user=…&password=…` in the query, and Go's `user:password@tcp(host)`.
///
/// No host is passed over: which one it is decides how bad the password is, see [`written::severity`]. The
/// password itself may be percent-encoded. Defaults that everybody knows are another rule's.
pub(in crate::detect) struct UrlPasswords;

impl Detector for UrlPasswords {
    fn name(&self) -> &'static str {
        "url-password"
    }

    fn reason(&self) -> &'static str {
        "a part of a URL; the password has no form of its own"
    }

    fn known_by(&self) -> KnownBy {
        KnownBy::Use
    }

    fn needs(&self) -> Needs {
        Needs::Hits
    }

    fn hit(&self, rule: &Prepared, view: &FileView, at: Range<usize>, emit: &mut Emit) {
        let Some(found) = read(view.bytes(), at) else { return };
        let is_shown =
            credential::is_translation(view) || illustration::illustrates(view, b"", found.span.clone());
        if worth(view.bytes(), &found) == Worth::Literal && !is_shown {
            let what = if is_git_remote(view, &found) { "password of a Git remote" } else { "password" };
            let host = found.host.unwrap_or(Host::Remote).words();
            let message = format!("{what} in a URL of {host}");
            found.report(rule, view, Proof::Structure, message, emit);
        }
    }
}

/// Reads the credential of the URL at a hit of `://`, of `?password=` and its like, or of `@tcp(`.
pub(super) fn read(text: &[u8], at: Range<usize>) -> Option<Credential> {
    match text.get(at.start)? {
        b'?' | b'&' => of_query(text, at),
        b'@' => of_go(text, at),
        _ => of_user_info(text, at),
    }
}

/// What the password is worth once it is decoded.
pub(super) fn worth(text: &[u8], found: &Credential) -> Worth {
    written::worth(&text[found.user.clone()], &unescaped(&text[found.password.clone()]))
}

fn of_user_info(text: &[u8], at: Range<usize>) -> Option<Credential> {
    let from = at.end;
    let window = &text[from..text.len().min(from + LONGEST)];
    // Most URLs have no user; their host ends soon.
    let end = window.iter().position(|&byte| ENDS_USER_INFO[usize::from(byte)]).unwrap_or(window.len());
    let sign = memchr::memrchr(b'@', &window[..end])?;
    let host_at = from + sign + 1;
    let rest = &text[host_at..text.len().min(host_at + LONGEST)];
    let is_host = |byte: &u8| byte.is_ascii_alphanumeric() || b".-_[]%${}<>".contains(byte);
    let host_len = match rest.first() {
        // An address of IPv6 has colons in it.
        Some(b'[') => rest.iter().take(48).position(|&byte| byte == b']').map_or(0, |close| close + 1),
        _ => rest.iter().position(|byte| !is_host(byte)).unwrap_or(rest.len()),
    };
    let host = host_at..host_at + host_len;
    let scheme = scheme(text, at.start)?;
    // `javascript://…@x` opens nothing on any host.
    let is_script = text[scheme.clone()].to_ascii_lowercase().ends_with(b"javascript");
    // `docker://image:tag@sha256:…` names a picture, `enode://…@host` a node of Ethereum by its public key, and
    // `http://localhost:8545@1599200` a block.
    let is_number = text[host.clone()].iter().all(u8::is_ascii_digit);
    if is_script
        || is_number
        || text[host.clone()].starts_with(b"sha256")
        || text[scheme.clone()].to_ascii_lowercase().ends_with(b"enode")
    {
        return None;
    }
    // `https://token:@host` is how a token is given to what asks for a user.
    let alone = window[..sign].strip_suffix(b":").unwrap_or(&window[..sign]);
    let (user, password) = if let Some(colon) = memchr::memchr(b':', alone) {
        (from..from + colon, from + colon + 1..from + sign)
    } else {
        let token = alone;
        let named = is_name_of_a_thing(&text[scheme.clone()], token, &text[host.end..]);
        if named || !randomness::is_random(token) {
            return None;
        }
        (from..from, from..from + token.len())
    };
    let reach = Host::of(&text[host.clone()]);
    Some(Credential { span: scheme.start..host.end, user, password, host: Some(reach) })
}

/// Whether what stands alone before the `@` is no secret: a container of Azure's storage, or the public key in
/// the address that Sentry's clients report errors to, whose path is a number.
fn is_name_of_a_thing(scheme: &[u8], token: &[u8], behind: &[u8]) -> bool {
    let is_container =
        [&b"abfs"[..], b"abfss", b"wasb", b"wasbs"].iter().any(|known| scheme.eq_ignore_ascii_case(known));
    let is_key = token.len() == 32 && token.iter().all(u8::is_ascii_hexdigit);
    is_container || is_key && behind.first() == Some(&b'/') && behind.get(1).is_some_and(u8::is_ascii_digit)
}

/// The scheme before `://`, as bytes of the text.
fn scheme(text: &[u8], end: usize) -> Option<Range<usize>> {
    let len = text[..end]
        .iter()
        .rev()
        .take(24)
        .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'.' | b'-'))
        .count();
    (len > 0).then_some(end - len..end)
}

/// Whether a byte may stand in a URL, without what usually ends one in a file.
fn is_of_url(byte: u8) -> bool {
    byte.is_ascii_graphic() && !b"\"'<>`\\ ".contains(&byte)
}

fn of_query(text: &[u8], at: Range<usize>) -> Option<Credential> {
    let before = &text[at.start.saturating_sub(LONGEST)..at.start];
    let run = before.iter().rev().take_while(|byte| is_of_url(**byte)).count();
    let url = &before[before.len() - run..];
    let authority = memchr::memmem::rfind(url, b"://")? + 3;
    let start = at.start - run;
    let rest = &text[at.end..text.len().min(at.end + LONGEST)];
    let len = rest.iter().position(|&byte| !is_of_url(byte) || b"&#;)".contains(&byte)).unwrap_or(rest.len());
    let host = url[authority..].split(|byte| b"/?:&".contains(byte)).next().unwrap_or_default();
    let span = scheme(text, start + authority - 3)?.start..at.end + len;
    let query = &text[start + authority..span.end];
    let user = parameter(query, &[b"user", b"username", b"uid", b"login"])
        .map_or(at.end..at.end, |range| start + authority + range.start..start + authority + range.end);
    Some(Credential { span, user, password: at.end..at.end + len, host: Some(Host::of(host)) })
}

/// The value of the first of these parameters.
fn parameter(query: &[u8], names: &[&[u8]]) -> Option<Range<usize>> {
    let mut start = 0;
    for part in query.split(|byte| b"?&;".contains(byte)) {
        if let Some(equals) = memchr::memchr(b'=', part)
            && names.iter().any(|name| part[..equals].eq_ignore_ascii_case(name))
        {
            return Some(start + equals + 1..start + part.len());
        }
        start += part.len() + 1;
    }
    None
}

/// `user:password@tcp(host:3306)/name` (<https://github.com/go-sql-driver/mysql#dsn-data-source-name>).
fn of_go(text: &[u8], at: Range<usize>) -> Option<Credential> {
    let before = &text[at.start.saturating_sub(LONGEST)..at.start];
    let run = before.iter().rev().take_while(|byte| is_of_url(**byte)).count();
    let start = at.start - run;
    let colon = start + memchr::memchr(b':', &text[start..at.start])?;
    // `mysql://user:password@tcp(…)` was read at its `://`.
    if text[colon..].starts_with(b"://") {
        return None;
    }
    let rest = &text[at.end..text.len().min(at.end + LONGEST)];
    let close = memchr::memchr(b')', rest)?;
    let host = rest[..close].split(|&byte| byte == b':').next().unwrap_or_default();
    let reach = if host.starts_with(b"/") { Host::Here } else { Host::of(host) };
    Some(Credential {
        span: start..at.end + close + 1,
        user: start..colon,
        password: colon + 1..at.start,
        host: Some(reach),
    })
}

/// Whether the URL is one that Git is told: in its own files, or of a repository.
fn is_git_remote(view: &FileView, found: &Credential) -> bool {
    let path = view.path();
    let name = path.name();
    let tail = &view.bytes()[found.span.end..view.bytes().len().min(found.span.end + 160)];
    let url_len = tail.iter().position(|&byte| !is_of_url(byte)).unwrap_or(tail.len());
    matches!(name, b".gitmodules" | b".gitconfig" | b".git-credentials")
        || name == b"config" && path.parts().any(|part| part.ends_with(b".git") || part.ends_with(b"git"))
        || tail[..url_len].ends_with(b".git")
}

/// The text with its percent-encoding taken out; what is no such encoding stays.
fn unescaped(text: &[u8]) -> Cow<'_, [u8]> {
    if memchr::memchr(b'%', text).is_none() {
        return Cow::Borrowed(text);
    }
    let digit = |byte: Option<&u8>| byte.and_then(|byte| char::from(*byte).to_digit(16));
    let mut plain = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        if let (b'%', Some(high), Some(low)) = (byte, digit(text.get(at + 1)), digit(text.get(at + 2))) {
            plain.push((high << 4 | low) as u8);
            at += 3;
        } else {
            plain.push(byte);
            at += 1;
        }
    }
    Cow::Owned(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, hit: &str, expect: Option<(&str, &str, Host)>) {
        let at = text.find(hit).expect("a hit");
        let found = read(text.as_bytes(), at..at + hit.len());
        let found = found.map(|f| (&text[f.user], &text[f.password], f.host.expect("a host")));
        assert_eq!(found, expect, "{text}");
    }

    #[test]
    fn user_infos_are_read() {
        check("a://u:p@h.acme-shop.io/x", "://", Some(("u", "p", Host::Remote)));
        check("redis://:p@cache:6379", "://", Some(("", "p", Host::Here)));
        check("a://u:p%40x@[::1]:80/", "://", Some(("u", "p%40x", Host::Here)));
        check("a://u:p@q@${HOST}/", "://", Some(("u", "p@q", Host::FilledIn)));
        check("a://u:p@", "://", None);
        check("a://h:80/x@y", "://", None);
        check("docker://a:1.2.3@sha256:00ff", "://", None);
        check("://u:p@h", "://", None);
        check(
            "https://kQ8vT2xw9LmZ3rYb7NdP@h.acme-shop.io",
            "://",
            Some(("", "kQ8vT2xw9LmZ3rYb7NdP", Host::Remote)),
        );
        check(
            "https://kQ8vT2xw9LmZ3rYb7NdP:@h.acme-shop.io",
            "://",
            Some(("", "kQ8vT2xw9LmZ3rYb7NdP", Host::Remote)),
        );
        check("https://somebody@h.acme-shop.io", "://", None);
        check("https://somebody:@h.acme-shop.io", "://", None);
        check("https://4fcba1c3696bf9b564c7dac9b0062f50@o7.ingest.sentry.io/1020", "://", None);
        check("abfss://c047b3e34e89407a98d7cf9949ae92a3@acme.dfs.core.windows.net/x", "://", None);
    }

    #[test]
    fn queries_are_read() {
        let hit = "&password=";
        check("'jdbc:x://h.acme-shop.io:1/d?user=u&password=p'", hit, Some(("u", "p", Host::Remote)));
        check("x://localhost/?a=1&password=p&user=u", hit, Some(("", "p", Host::Here)));
        check("x=1&password=p", hit, None);
    }

    #[test]
    fn names_of_go_are_read() {
        check("\"u:p@tcp(10.0.0.1:3306)/d\"", "@tcp(", Some(("u", "p", Host::Internal)));
        check("@tcp(", "@tcp(", None);
        check("a://u:p@tcp(x)", "@tcp(", None);
    }

    #[test]
    fn escapes_are_taken_out() {
        for (text, plain) in [("a%40b", "a@b"), ("%s", "%s"), ("%", "%"), ("%4", "%4"), ("%zz%41", "%zzA")] {
            assert_eq!(unescaped(text.as_bytes()), plain.as_bytes());
        }
    }
}
