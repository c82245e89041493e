use std::collections::BTreeMap;
use std::ops::Range;

use toml_edit::{Item, Value};

use super::view::Kept;
use crate::model::RepoPath;
use crate::source::parse_toml;

/// An entry of another tool's list of ignored advisories.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignIgnore {
    /// The advisory; `None` if a package is ignored whatever is said of it.
    pub id: Option<String>,
    /// The package, and its version if one is named. Such entries are about yanked versions.
    pub package: Option<(String, Option<String>)>,
    /// The reason that is given. Text of the repository, not yet safe to show.
    pub reason: Option<String>,
    /// The entry's bytes.
    pub span: Range<usize>,
}

/// Whether cargo-deny or cargo-audit would look here for what to ignore:
/// <https://embarkstudios.github.io/cargo-deny/cli/common.html#--config>,
/// <https://github.com/rustsec/rustsec/blob/main/cargo-audit/audit.toml.example>.
pub fn is_foreign_ignores(path: &RepoPath) -> bool {
    matches!(
        path.as_bytes(),
        b"deny.toml" | b".deny.toml" | b".cargo/deny.toml" | b"audit.toml" | b".cargo/audit.toml"
    )
}

/// The entries of all such files among the kept ones. A file that does not parse ignores nothing.
pub fn foreign_ignores(kept: &BTreeMap<RepoPath, Kept>) -> Vec<(&RepoPath, Vec<ForeignIgnore>)> {
    let files = kept.iter().filter(|(path, _)| is_foreign_ignores(path));
    files.map(|(path, kept)| (path, parse_foreign_ignores(&kept.bytes))).collect()
}

/// Reads `[advisories] ignore`: ids, packages (`name@version`), and tables with `id` or `crate`, and `reason`
/// (<https://embarkstudios.github.io/cargo-deny/checks/advisories/cfg.html#the-ignore-field-optional>).
pub fn parse_foreign_ignores(bytes: &[u8]) -> Vec<ForeignIgnore> {
    let Ok(document) = parse_toml(bytes) else { return Vec::new() };
    let list = document.get("advisories").and_then(|a| a.get("ignore")).and_then(Item::as_array);
    list.into_iter().flatten().filter_map(entry).collect()
}

fn entry(value: &Value) -> Option<ForeignIgnore> {
    let span = value.span()?;
    if let Some(text) = value.as_str() {
        return Some(ForeignIgnore { span, ..of_text(text) });
    }
    let table = value.as_inline_table()?;
    let text = |key: &str| table.get(key).and_then(Value::as_str);
    let mut entry = match (text("id"), text("crate").or_else(|| text("name"))) {
        (Some(id), _) => of_text(id),
        (None, Some(package)) => of_package(package),
        (None, None) => return None,
    };
    entry.reason = text("reason").map(str::trim).filter(|reason| !reason.is_empty()).map(str::to_owned);
    Some(ForeignIgnore { span, ..entry })
}

fn of_text(text: &str) -> ForeignIgnore {
    if text.contains('@') || !text.contains('-') || text.starts_with(|c: char| c.is_ascii_lowercase()) {
        return of_package(text);
    }
    ForeignIgnore { id: Some(text.to_owned()), package: None, reason: None, span: 0..0 }
}

fn of_package(text: &str) -> ForeignIgnore {
    let package = match text.split_once(['@', ':']) {
        Some((name, version)) => (name.to_owned(), Some(version.trim_start_matches('=').to_owned())),
        None => (text.to_owned(), None),
    };
    ForeignIgnore { id: None, package: Some(package), reason: None, span: 0..0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_forms_of_entries_are_read() {
        let text = r#"
[advisories]
ignore = [
    "RUSTSEC-2020-0001", # a comment is no reason
    { id = "RUSTSEC-2020-0002", reason = " not reachable " },
    "yanked@1.2.3",
    { crate = "gone@0.1.0", reason = "we know" },
    { crate = "any" },
    { reason = "nothing" },
    7,
]
"#;
        let found = parse_foreign_ignores(text.as_bytes());
        let shown: Vec<_> = found
            .iter()
            .map(|e| {
                (e.id.as_deref(), e.package.as_ref().map(|(n, v)| (&**n, v.as_deref())), e.reason.as_deref())
            })
            .collect();
        assert_eq!(
            shown,
            [
                (Some("RUSTSEC-2020-0001"), None, None),
                (Some("RUSTSEC-2020-0002"), None, Some("not reachable")),
                (None, Some(("yanked", Some("1.2.3"))), None),
                (None, Some(("gone", Some("0.1.0"))), Some("we know")),
                (None, Some(("any", None)), None),
            ]
        );
        assert_eq!(&text[found[0].span.clone()], "\"RUSTSEC-2020-0001\"");
        for text in ["", "[advisories]\nignore = 3", "advisories = [", "[[advisories]]\nignore = []"] {
            assert_eq!(parse_foreign_ignores(text.as_bytes()), []);
        }
    }
}
