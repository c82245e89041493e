use std::cmp::Ordering;

/// Where packages come from whose advisories are kept in the form of OSV.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ecosystem {
    /// <https://pypi.org>
    PyPi,
    /// <https://www.npmjs.com>
    Npm,
}

impl Ecosystem {
    /// Every one of them.
    pub const ALL: &'static [Self] = &[Self::PyPi, Self::Npm];

    /// Its name in OSV's data: <https://ossf.github.io/osv-schema/#defined-ecosystems>.
    pub const fn word(self) -> &'static str {
        match self {
            Self::PyPi => "PyPI",
            Self::Npm => "npm",
        }
    }

    /// The ecosystem of this name in OSV's data; what stands behind a colon narrows it and is let go.
    pub fn of_word(word: &str) -> Option<Self> {
        let word = word.split(':').next().unwrap_or(word);
        Self::ALL.iter().copied().find(|e| e.word() == word)
    }

    /// The name under which all ways to write a package's name meet: for Python that of
    /// <https://peps.python.org/pep-0503/#normalized-names>; npm knows one way.
    pub fn key(self, name: &str) -> String {
        match self {
            Self::Npm => name.to_owned(),
            Self::PyPi => {
                let mut key = String::with_capacity(name.len());
                for part in name.split(['-', '_', '.']).filter(|part| !part.is_empty()) {
                    if !key.is_empty() {
                        key.push('-');
                    }
                    key.push_str(&part.to_ascii_lowercase());
                }
                key
            }
        }
    }

    /// Reads a version as the ecosystem does. `None` if it has no order there.
    pub fn version(self, text: &str) -> Option<Version> {
        let text = text.trim();
        match self {
            Self::PyPi => text.parse().ok().map(Version::Python),
            // What npm locks is exact; by hand people write `v1.2.3`.
            Self::Npm => {
                text.trim_start_matches(['=', 'v', ' ']).parse().ok().map(Box::new).map(Version::Node)
            }
        }
    }
}

/// A version with its ecosystem's order.
#[derive(Debug, Clone)]
pub enum Version {
    /// Ordered by <https://peps.python.org/pep-0440/>.
    Python(pep440_rs::Version),
    /// Ordered by <https://semver.org/#spec-item-11>, as node-semver does: builds are equal.
    Node(Box<semver::Version>),
}

impl Version {
    /// Without what a builder has added of his own (`+cu118`): advisories speak of what was published.
    pub(super) fn published(&self) -> Self {
        match self {
            Self::Python(version) => Self::Python(version.clone().without_local()),
            Self::Node(_) => self.clone(),
        }
    }
}

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Python(version) => version.fmt(f),
            Self::Node(version) => version.fmt(f),
        }
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.partial_cmp(other) == Some(Ordering::Equal)
    }
}

impl PartialOrd for Version {
    /// `None` between ecosystems.
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Python(a), Self::Python(b)) => Some(a.cmp(b)),
            (Self::Node(a), Self::Node(b)) => Some(a.cmp_precedence(b)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_meet_under_one_key() {
        for (name, key) in
            [("Ruamel.yaml", "ruamel-yaml"), ("a-_.b", "a-b"), ("zope.interface", "zope-interface")]
        {
            assert_eq!(Ecosystem::PyPi.key(name), key);
        }
        assert_eq!(Ecosystem::Npm.key("@Scope/a_b"), "@Scope/a_b");
    }

    #[test]
    fn versions_have_their_ecosystems_order() {
        let check = |ecosystem: Ecosystem, ordered: &[&str]| {
            let versions: Vec<Version> =
                ordered.iter().map(|v| ecosystem.version(v).unwrap_or_else(|| panic!("{v}"))).collect();
            for pair in versions.windows(2) {
                assert!(pair[0] < pair[1], "{pair:?}");
            }
        };
        check(
            Ecosystem::PyPi,
            &["1.0.dev1", "1.0a1", "1.0rc2", "1.0", "1.0+local", "1.0.post1", "1.2", "1.10", "1!0.1"],
        );
        check(Ecosystem::Npm, &["1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0"]);
        assert_eq!(Ecosystem::PyPi.version("1.0"), Ecosystem::PyPi.version("v1.0.0"));
        assert_eq!(Ecosystem::Npm.version("1.0.0+a"), Ecosystem::Npm.version("v1.0.0+b"));
        assert!(Ecosystem::Npm.version("1.0").is_none() && Ecosystem::PyPi.version("2004d-x").is_none());
        assert_eq!(Ecosystem::of_word("PyPI:suffix"), Some(Ecosystem::PyPi));
    }
}
