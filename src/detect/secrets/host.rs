//! Who can reach the service that a credential opens.

use std::net::{Ipv4Addr, Ipv6Addr};

/// Names, and parts of names, that stand for any host.
#[rustfmt::skip]
const EXAMPLE_LABELS: &[&str] = &[
    "example", "domain", "yourdomain", "mydomain", "hostname", "yourhost", "myhost", "foo", "bar", "test",
    "invalid", "host", "company", "acme", "site", "website", "myserver", "yourserver", "server", "remote",
];

/// The last parts of names that only resolve inside a network.
#[rustfmt::skip]
const INTERNAL: &[&str] = &[
    "local", "internal", "lan", "svc", "cluster", "home", "corp", "intranet", "private", "consul",
];

/// How far away a host is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Host {
    /// Anybody can reach it, as far as its name tells.
    Remote,
    /// A private address, or a name that only resolves inside a network.
    Internal,
    /// The name is filled in elsewhere: the credential is real all the same.
    FilledIn,
    /// A name that stands for any host.
    Example,
    /// This machine, or a name without dots: a service of the same compose file.
    Here,
}

impl Host {
    /// Judges a name or an address, without port. Nothing at all is this machine.
    pub(super) fn of(name: &[u8]) -> Self {
        let name = name.trim_ascii().to_ascii_lowercase();
        let Ok(name) = std::str::from_utf8(&name) else { return Self::FilledIn };
        let name = name.trim_end_matches('.');
        if name.is_empty() {
            return Self::Here;
        }
        if let Some(address) = name.strip_prefix('[').and_then(|rest| rest.split(']').next())
            && let Ok(address) = address.parse::<Ipv6Addr>()
        {
            return if address.is_loopback() { Self::Here } else { Self::Internal };
        }
        if name.contains(['$', '{', '}', '%', '[', ']', '<', '>', '*']) {
            return Self::FilledIn;
        }
        if let Ok(address) = name.parse::<Ipv4Addr>() {
            return if address.is_loopback() || address.is_unspecified() {
                Self::Here
            } else if address.is_documentation() {
                Self::Example
            } else if address.is_private() || address.is_link_local() {
                Self::Internal
            } else {
                Self::Remote
            };
        }
        let labels: Vec<&str> = name.split('.').collect();
        let is_example = |label: &&str| EXAMPLE_LABELS.contains(label);
        let [.., second, last] = labels[..] else {
            return if is_example(&name) { Self::Example } else { Self::Here };
        };
        match last {
            "localhost" | "localdomain" => Self::Here,
            _ if name == "host.docker.internal" => Self::Here,
            _ if is_example(&last) || is_example(&second) => Self::Example,
            _ if labels.iter().any(|label| label.starts_with("example")) => Self::Example,
            _ if INTERNAL.contains(&last) => Self::Internal,
            _ => Self::Remote,
        }
    }

    /// For messages.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Remote => "a host that others can reach",
            Self::Internal => "an internal host",
            Self::FilledIn => "a host that is named elsewhere",
            Self::Example => "a host with the name of an example",
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
            ("db.prod.acme-corp.io", Host::Remote),
            ("8.8.8.8", Host::Remote),
            ("10.1.2.3", Host::Internal),
            ("db.svc", Host::Internal),
            ("[fd00::1]", Host::Internal),
            ("${DB_HOST}", Host::FilledIn),
            ("db.{region}.acme-corp.io", Host::FilledIn),
            ("localhost", Host::Here),
            ("127.0.0.1", Host::Here),
            ("[::1]", Host::Here),
            ("postgres", Host::Here),
            ("", Host::Here),
            ("host.docker.internal", Host::Here),
            ("example.com", Host::Example),
            ("db.example.org", Host::Example),
            ("host", Host::Example),
            ("192.0.2.7", Host::Example),
        ] {
            assert_eq!(Host::of(name.as_bytes()), expect, "{name}");
        }
    }
}
