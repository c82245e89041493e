use crate::model::Finding;

/// Which findings about advisories an allow speaks of, beside its rule and path.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AdvisoryAllow {
    /// An advisory by any of its names: `CVE-…`, `GHSA-…`, `PYSEC-…`, `RUSTSEC-…`.
    pub id: Option<String>,
    /// A package.
    pub package: Option<String>,
    /// A version of it.
    pub version: Option<String>,
    /// Whether the data that was used holds no advisory of this name.
    pub is_unknown: bool,
    /// The other tool's file that it stands in, as it may be shown; `None` for our own configuration.
    pub file: Option<String>,
}

impl AdvisoryAllow {
    /// Whether it speaks of this finding.
    pub fn speaks_of(&self, finding: &Finding) -> bool {
        let property = |name: &str| finding.properties.get(name).map(String::as_str);
        let named = |id: &String| {
            property("advisory").is_some_and(|one| one.eq_ignore_ascii_case(id))
                || property("aliases")
                    .is_some_and(|all| all.split(", ").any(|one| one.eq_ignore_ascii_case(id)))
        };
        self.id.as_ref().is_none_or(named)
            && self.package.as_ref().is_none_or(|name| {
                property("package").is_some_and(|p| same_name(p, name, property("ecosystem")))
            })
            && self.version.as_ref().is_none_or(|version| property("version") == Some(version))
    }

    /// What it allows, in words. Only what has the form of names is repeated: nobody has looked for secrets
    /// in it.
    pub fn shown(&self) -> String {
        let fit = |text: &str| {
            let is_fit =
                text.len() <= 60 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"@/._-+".contains(&b));
            if is_fit { text.to_owned() } else { "…".to_owned() }
        };
        let package = self.package.as_deref().map(|name| match &self.version {
            Some(version) => format!("{} {}", fit(name), fit(version)),
            None => fit(name),
        });
        match (&self.id, package) {
            (Some(id), Some(package)) => format!("{} in {package}", fit(id)),
            (Some(id), None) => fit(id),
            (None, Some(package)) => package,
            (None, None) => "advisories".into(),
        }
    }
}

/// Python writes one name in several ways (<https://peps.python.org/pep-0503/#normalized-names>); nobody else does.
fn same_name(a: &str, b: &str, ecosystem: Option<&str>) -> bool {
    let key = |name: &str| {
        let lower = name.to_ascii_lowercase();
        let parts: Vec<&str> = lower.split(['-', '_', '.']).filter(|part| !part.is_empty()).collect();
        parts.join("-")
    };
    if ecosystem == Some("PyPI") { key(a) == key(b) } else { a == b }
}

#[cfg(test)]
mod tests {
    use super::same_name;

    #[test]
    fn names_are_compared_as_their_ecosystem_does() {
        for (a, b, ecosystem, expect) in [
            ("Ruamel.Yaml", "ruamel_-yaml", Some("PyPI"), true),
            ("lodash.merge", "lodash-merge", Some("npm"), false),
            ("serde_json", "serde-json", None, false),
            ("time", "time", None, true),
        ] {
            assert_eq!(same_name(a, b, ecosystem), expect, "{a} {b}");
        }
    }
}
