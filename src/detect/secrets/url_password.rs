use std::net::{Ipv4Addr, Ipv6Addr};
use std::ops::Range;

use super::{placeholder, standing};
use crate::detect::{Detector, Emit, Needs, Prepared, Raw};
use crate::model::{Language, Proof, Region, Secret, Severity};
use crate::source::FileView;

/// How far behind `://` the `@` may stand.
const LONGEST_USER_INFO: usize = 256;
/// A shorter password is an example.
const SHORTEST_PASSWORD: usize = 4;

/// Passwords in URLs: `scheme://user:password@host` (RFC 3986, 3.2.1).
///
/// The rule's words: `placeholders`, see [`placeholder`]. Severity follows the host: one that can be reached
/// from elsewhere as the rule says, internal names a warning, this machine and the names of compose
/// services a note. Tests, examples, documentation and comments: a note.
pub(in crate::detect) struct UrlPasswords;

impl Detector for UrlPasswords {
    fn name(&self) -> &'static str {
        "url-password"
    }

    fn needs(&self) -> Needs {
        Needs::Hits
    }

    fn hit(&self, rule: &Prepared, view: &FileView, at: Range<usize>, emit: &mut Emit) {
        let text = view.bytes();
        let Some(info) = UserInfo::read(text, at.end) else { return };
        let (user, password) = (&text[info.user.clone()], &text[info.password.clone()]);
        let words = rule.rule.detect.words("placeholders");
        if password.len() < SHORTEST_PASSWORD
            || placeholder::is_placeholder(password, words)
            || user.eq_ignore_ascii_case(password)
            || is_made_of_examples(user)
        {
            return;
        }
        let Some(host) = Host::of(&text[info.host.clone()]) else { return };
        let Some(scheme) = scheme(text, at.start) else { return };
        let lax = standing::is_rehearsal(view, at.start)
            || matches!(view.language(), Language::Markdown | Language::Html)
            || matches!(view.region_at(at.start), Region::Comment | Region::Doc);
        let severity = match host {
            _ if lax => Severity::Note,
            Host::Remote => rule.rule.severity,
            Host::Internal => standing::one_lower(rule.rule.severity),
            Host::Here => Severity::Note,
        };
        let mut raw = Raw::at(scheme.start..info.host.end);
        raw.secrets.push(Secret { range: info.password, prefix: 0 });
        raw.proof = Some(Proof::Structure);
        raw.severity = (severity != rule.rule.severity).then_some(severity);
        raw.message = format!("password in a URL of {}", host.words());
        emit.raw(raw);
    }
}

/// Where the parts between `://` and the end of the host stand.
struct UserInfo {
    user: Range<usize>,
    password: Range<usize>,
    host: Range<usize>,
}

impl UserInfo {
    fn read(text: &[u8], from: usize) -> Option<Self> {
        let window = &text[from..text.len().min(from + LONGEST_USER_INFO)];
        // Most URLs have no user; their host ends soon.
        let end = window
            .iter()
            .position(|byte| !byte.is_ascii_graphic() || b"/?#\"'<>`\\,;()[]|^".contains(byte))
            .unwrap_or(window.len());
        let sign = memchr::memrchr(b'@', &window[..end])?;
        let colon = memchr::memchr(b':', &window[..sign])?;
        let host = &text[from + sign + 1..text.len().min(from + sign + 1 + LONGEST_USER_INFO)];
        let host_len = host
            .iter()
            .position(|byte| !(byte.is_ascii_alphanumeric() || b".-_[]%${}".contains(byte)))
            .unwrap_or(host.len());
        (host_len > 0).then(|| Self {
            user: from..from + colon,
            password: from + colon + 1..from + sign,
            host: from + sign + 1..from + sign + 1 + host_len,
        })
    }
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

/// Parts of host names that stand for any host.
const EXAMPLE_LABELS: &[&str] = &[
    "example",
    "domain",
    "yourdomain",
    "mydomain",
    "hostname",
    "yourhost",
    "foo",
    "bar",
    "test",
    "invalid",
    "host",
    "company",
    "acme",
    "site",
    "website",
    "myserver",
    "server",
];

/// User names of examples in documentation.
fn is_made_of_examples(user: &[u8]) -> bool {
    [&b"user"[..], b"username", b"foo", b"u", b"login", b"name", b"usr", b"myuser", b"alice", b"bob", b"john"]
        .iter()
        .any(|word| user.eq_ignore_ascii_case(word))
}

/// Who can reach it.
#[derive(Clone, Copy)]
enum Host {
    Remote,
    /// A private address, or a name that only resolves inside a network.
    Internal,
    /// This machine, or a name without dots: a service of the same compose file.
    Here,
}

impl Host {
    /// `None` for names that stand for any host.
    fn of(name: &[u8]) -> Option<Self> {
        let name = name.trim_ascii_end().to_ascii_lowercase();
        let name = std::str::from_utf8(&name).ok()?.trim_end_matches('.');
        if name.is_empty() || name.contains(['$', '{', '}', '%', '[', ']']) && !name.starts_with('[') {
            // The host is filled in later: the password is real all the same.
            return (!name.is_empty()).then_some(Self::Internal);
        }
        if let Ok(address) = name.parse::<Ipv4Addr>() {
            return Some(if address.is_loopback() || address.is_unspecified() {
                Self::Here
            } else if address.is_private() || address.is_link_local() || address.is_documentation() {
                Self::Internal
            } else {
                Self::Remote
            });
        }
        if let Some(address) = name.strip_prefix('[').and_then(|n| n.strip_suffix(']')) {
            let address = address.parse::<Ipv6Addr>().ok()?;
            return Some(if address.is_loopback() { Self::Here } else { Self::Internal });
        }
        let labels: Vec<&str> = name.split('.').collect();
        let last = *labels.last()?;
        let example = |label: &str| EXAMPLE_LABELS.contains(&label);
        if labels.len() == 1 {
            return if example(last) || name.len() < 2 { None } else { Some(Self::Here) };
        }
        let top_two = &labels[labels.len() - 2..];
        if top_two.iter().any(|label| example(label))
            || labels.iter().any(|label| label.starts_with("example"))
        {
            return None;
        }
        Some(match last {
            "localhost" => Self::Here,
            "local" | "internal" | "lan" | "svc" | "cluster" | "home" | "corp" | "intranet" => Self::Internal,
            _ => Self::Remote,
        })
    }

    fn words(self) -> &'static str {
        match self {
            Self::Remote => "a host that others can reach",
            Self::Internal => "an internal host",
            Self::Here => "a local service",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_told_apart() {
        for (name, expect) in [
            ("db.prod.acme-corp.io", Some("a host that others can reach")),
            ("8.8.8.8", Some("a host that others can reach")),
            ("10.1.2.3", Some("an internal host")),
            ("db.svc", Some("an internal host")),
            ("${DB_HOST}", Some("an internal host")),
            ("localhost", Some("a local service")),
            ("127.0.0.1", Some("a local service")),
            ("[::1]", Some("a local service")),
            ("postgres", Some("a local service")),
            ("example.com", None),
            ("db.example.org", None),
            ("host", None),
            ("", None),
        ] {
            assert_eq!(Host::of(name.as_bytes()).map(Host::words), expect, "{name}");
        }
    }
}
