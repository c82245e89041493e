use toml_edit::{Item, Table, TableLike};

use super::{PackageFile, Tool, Why};
use crate::repo::osv::Ecosystem;
use crate::source::{ParseProblem, parse_toml};

/// Words of groups that what ships does not install. `main` and `default` are what it does.
const DEVELOPMENT: &[&str] = &["dev", "develop", "development", "test", "tests", "testing", "lint", "docs"];

/// Reads `poetry.lock`, `uv.lock`, `pdm.lock` or `pylock.toml`.
pub(super) fn parse(tool: Tool, bytes: &[u8]) -> Result<PackageFile, ParseProblem> {
    let document = parse_toml(bytes)?;
    let mut file = PackageFile::new(Ecosystem::PyPi, tool);
    let list = if tool == Tool::Pylock { "packages" } else { "package" };
    let packages = document.get(list).and_then(Item::as_array_of_tables);
    for table in packages.into_iter().flatten() {
        let Some(name) = table.get("name").and_then(Item::as_str) else { continue };
        let span = table.span().unwrap_or_default();
        match from(tool, table) {
            From::Here => {}
            From::Address => file.open(name, span, Why::Address),
            From::Index => match table.get("version").and_then(|v| Some((v.as_str()?, v.span()?))) {
                Some((version, span)) => {
                    let mut package = file.package(name, version, span);
                    package.development = is_for_development(table);
                    file.packages.push(package);
                }
                None => file.open(name, span, Why::Unpinned),
            },
        }
    }
    Ok(file)
}

/// Where a locked package comes from.
enum From {
    /// An index: PyPI or one that stands for it.
    Index,
    /// An address, or version control.
    Address,
    /// The repository itself.
    Here,
}

fn from(tool: Tool, table: &Table) -> From {
    let source = table.get("source").and_then(Item::as_table_like);
    let has = |table: Option<&dyn TableLike>, keys: &[&str]| {
        table.is_some_and(|table| keys.iter().any(|key| table.contains_key(key)))
    };
    let (address, here) = match tool {
        Tool::Poetry => {
            let kind = source.and_then(|s| s.get("type")?.as_str()).unwrap_or_default();
            (matches!(kind, "git" | "url" | "hg"), matches!(kind, "directory" | "file"))
        }
        Tool::Uv => {
            (has(source, &["git", "url"]), has(source, &["editable", "virtual", "directory", "path"]))
        }
        _ => {
            let table: Option<&dyn TableLike> = Some(table);
            (has(table, &["git", "url", "hg", "vcs", "archive"]), has(table, &["path", "directory"]))
        }
    };
    match (address, here) {
        (true, _) => From::Address,
        (_, true) => From::Here,
        _ => From::Index,
    }
}

/// By poetry's `category` or `groups`, or pdm's `groups`. Who says nothing may ship it.
fn is_for_development(table: &Table) -> bool {
    if let Some(category) = table.get("category").and_then(Item::as_str) {
        return DEVELOPMENT.contains(&category);
    }
    let groups = table.get("groups").and_then(Item::as_array);
    groups.is_some_and(|groups| {
        !groups.is_empty()
            && groups.iter().all(|group| group.as_str().is_some_and(|group| DEVELOPMENT.contains(&group)))
    })
}
