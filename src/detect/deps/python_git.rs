use std::ops::Range;

use toml_edit::{Item, TableLike};

use super::python_project::{lock_for, table};
use crate::detect::deploy::reach::Reach;
use crate::detect::{Detector, Emit, Needs, Prepared, Raw};
use crate::model::Severity;
use crate::repo::RepoView;
use crate::source::{Pinning, parse_ini, parse_requirements, parse_toml};

/// What `pyproject.toml`, `Pipfile` and `setup.cfg` take from a repository without naming a commit or a tag.
///
/// Forms: <https://packaging.python.org/en/latest/specifications/dependency-specifiers/>,
/// <https://python-poetry.org/docs/dependency-specification/>,
/// <https://docs.astral.sh/uv/concepts/projects/dependencies/#dependency-sources>.
pub(super) struct FollowsBranch;

/// One that is taken so.
struct Loose {
    name: String,
    span: Range<usize>,
    /// Whether what ships needs it.
    ships: bool,
}

impl Detector for FollowsBranch {
    fn name(&self) -> &'static str {
        "python-git-branch"
    }

    fn needs(&self) -> Needs {
        Needs::Repo
    }

    fn repo(&self, rule: &Prepared, repo: &RepoView, emit: &mut Emit) {
        for (path, kept) in &repo.kept {
            let loose = match path.name() {
                b"pyproject.toml" | b"Pipfile" => {
                    parse_toml(&kept.bytes).map(|document| of_tables(document.as_table())).unwrap_or_default()
                }
                b"setup.cfg" => std::str::from_utf8(&kept.bytes).map(of_setup_cfg).unwrap_or_default(),
                _ => continue,
            };
            let is_locked = lock_for(repo, path).is_some();
            let is_rehearsal = Reach::of(path, kept.kind.target) == Reach::Rehearsal;
            for Loose { name, span, ships } in loose {
                let rest = if is_locked { "; only the lock file holds it" } else { "" };
                let mut raw = Raw::at(span)
                    .path(path.clone())
                    .message(format!("{name} follows a branch of a repository{rest}"))
                    .property("package", name);
                raw.severity = Some(match (is_rehearsal || !ships, is_locked) {
                    (true, _) => Severity::Note,
                    (_, true) => Severity::Warning.min(rule.rule.severity),
                    _ => rule.rule.severity,
                });
                emit.raw(raw);
            }
        }
    }
}

fn of_tables(root: &dyn TableLike) -> Vec<Loose> {
    let mut found = Vec::new();
    let project = table(root, &["project"]);
    let list = |item: &Item, ships: bool, found: &mut Vec<Loose>| {
        for value in item.as_array().into_iter().flatten() {
            if let (Some(text), Some(span)) = (value.as_str(), value.span()) {
                found.extend(of_specifier(text, span, ships));
            }
        }
    };
    if let Some(item) = project.and_then(|project| project.get("dependencies")) {
        list(item, true, &mut found);
    }
    for (keys, ships) in [
        (&["project", "optional-dependencies"][..], true),
        (&["dependency-groups"], false),
        (&["tool", "pdm", "dev-dependencies"], false),
    ] {
        for (_, item) in table(root, keys).into_iter().flat_map(TableLike::iter) {
            list(item, ships, &mut found);
        }
    }
    for (keys, ships) in [
        (&["tool", "poetry", "dependencies"][..], true),
        (&["tool", "poetry", "dev-dependencies"], false),
        (&["tool", "uv", "sources"], true),
        (&["packages"], true),
        (&["dev-packages"], false),
    ] {
        found.extend(table(root, keys).into_iter().flat_map(|table| of_table(table, ships)));
    }
    for (_, group) in table(root, &["tool", "poetry", "group"]).into_iter().flat_map(TableLike::iter) {
        let dependencies = group.as_table_like().and_then(|group| table(group, &["dependencies"]));
        found.extend(dependencies.into_iter().flat_map(|table| of_table(table, false)));
    }
    found
}

/// Entries such as `name = { git = "…", branch = "main" }`.
fn of_table(table: &dyn TableLike, ships: bool) -> Vec<Loose> {
    let mut found = Vec::new();
    for (name, item) in table.iter() {
        let Some(entry) = item.as_table_like() else { continue };
        let Some(git) = entry.get("git").filter(|git| git.is_str()) else { continue };
        if ["rev", "tag", "ref"].iter().any(|key| entry.get(key).is_some()) {
            continue;
        }
        if let Some(span) = entry.get("branch").unwrap_or(git).span() {
            found.push(Loose { name: name.to_owned(), span, ships });
        }
    }
    found
}

/// `name @ git+https://…`; with `@v1.2` behind it a tag holds it.
fn of_specifier(text: &str, span: Range<usize>, ships: bool) -> Option<Loose> {
    let requirement = parse_requirements(text.as_bytes()).requirements.pop()?;
    let (_, address) = text.split_once('@')?;
    let is_repository = ["git+", "hg+", "svn+", "bzr+"].iter().any(|s| address.trim_start().starts_with(s));
    let path = address.split_once("://")?.1.split(['#', ';', ' ']).next()?;
    let reference = path.split_once('/')?.1.split_once('@').map(|(_, reference)| reference);
    let is_tag =
        reference.is_some_and(|r| r.trim_start_matches('v').starts_with(|c: char| c.is_ascii_digit()));
    let loose = requirement.pinning == Pinning::Url && is_repository && !is_tag;
    loose.then_some(Loose { name: requirement.name, span, ships })
}

/// `install_requires` and what is asked for on demand.
fn of_setup_cfg(text: &str) -> Vec<Loose> {
    parse_ini(text)
        .into_iter()
        .filter(|entry| {
            (entry.section, entry.key) == ("options", "install_requires")
                || entry.section == "options.extras_require"
        })
        .flat_map(|entry| entry.lines)
        .filter_map(|(line, span)| of_specifier(line, span, true))
        .collect()
}
