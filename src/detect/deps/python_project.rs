use std::ops::Range;

use toml_edit::{Item, TableLike};

use super::{committed_upward, unread};
use crate::detect::deploy::reach::Reach;
use crate::detect::{Detector, Emit, Needs, Prepared, Raw};
use crate::model::{RepoPath, Severity};
use crate::repo::RepoView;
use crate::source::{ParseProblem, parse_toml};

/// Applications of Python whose `pyproject.toml` or `Pipfile` asks for ranges, and no lock file holds them.
///
/// Forms: <https://packaging.python.org/en/latest/specifications/pyproject-toml/>,
/// <https://python-poetry.org/docs/pyproject/>, <https://pipenv.pypa.io/en/latest/pipfile.html>.
pub(super) struct MissingLock;

/// Requirements of Poetry and Pipenv that any version satisfies: `*`.
pub(super) struct Wildcard;

const LOCKS: &[&str] =
    &["uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock", "pylock.toml", "requirements.lock"];

/// Files beside it that say that the project runs somewhere.
const RUNS: &[&str] = &[
    "Dockerfile",
    "Containerfile",
    "Procfile",
    "manage.py",
    "wsgi.py",
    "asgi.py",
    "app.yaml",
    "fly.toml",
    "render.yaml",
    "docker-compose.yml",
    "compose.yaml",
    "compose.yml",
    "docker-compose.yaml",
];

/// A requirement as a project file has it.
struct Asked {
    name: String,
    /// All of it as written, of a table its `version`.
    requirement: String,
    span: Range<usize>,
}

/// What a project says of itself.
struct Project {
    asked: Vec<Asked>,
    /// Where a finding about the whole stands.
    heading: Range<usize>,
    /// Whether it is for others to install.
    is_library: bool,
}

fn entry(parent: &dyn TableLike, key: &str) -> Option<Asked> {
    let item = parent.get(key)?;
    let version = item.as_table_like().and_then(|table| table.get("version"));
    let value = version.unwrap_or(item);
    Some(Asked { name: key.to_owned(), requirement: value.as_str()?.to_owned(), span: value.span()? })
}

/// The table that these keys lead to.
pub(super) fn table<'t>(root: &'t dyn TableLike, keys: &[&str]) -> Option<&'t dyn TableLike> {
    keys.iter().try_fold(root, |table, key| table.get(key).and_then(Item::as_table_like))
}

fn pyproject(root: &dyn TableLike) -> Option<Project> {
    let mut asked = Vec::new();
    let mut heading = None;
    let mut is_library = root.get("build-system").is_some();
    if let Some(project) = table(root, &["project"]) {
        if let Some(list) = project.get("dependencies").and_then(Item::as_array) {
            heading = project.get("dependencies").and_then(Item::span);
            for value in list {
                let (Some(text), Some(span)) = (value.as_str(), value.span()) else { continue };
                let name_len = text.find(|c: char| !(c.is_ascii_alphanumeric() || "-_.".contains(c)));
                let (name, requirement) = text.split_at(name_len.unwrap_or(text.len()));
                asked.push(Asked { name: name.to_owned(), requirement: requirement.trim().to_owned(), span });
            }
        }
        is_library |= project.get("classifiers").is_some();
    }
    if let Some(poetry) = table(root, &["tool", "poetry"]) {
        if let Some((key, item)) = poetry.get_key_value("dependencies")
            && let Some(dependencies) = item.as_table_like()
        {
            heading = heading.or_else(|| key.span()).or_else(|| item.span());
            let names = dependencies.iter().map(|(name, _)| name).filter(|name| *name != "python");
            asked.extend(names.filter_map(|name| entry(dependencies, name)));
        }
        // Poetry writes the table into every project.
        is_library = poetry.get("classifiers").is_some() || poetry.get("packages").is_some();
        if poetry.get("package-mode").and_then(Item::as_bool) == Some(false) {
            is_library = false;
        }
    }
    if table(root, &["tool", "uv"]).and_then(|uv| uv.get("package")).and_then(Item::as_bool) == Some(false) {
        is_library = false;
    }
    Some(Project { asked, heading: heading?, is_library })
}

fn pipfile(root: &dyn TableLike) -> Option<Project> {
    let (key, item) = root.get_key_value("packages")?;
    let packages = item.as_table_like()?;
    let asked = packages.iter().filter_map(|(name, _)| entry(packages, name)).collect();
    Some(Project { asked, heading: key.span().or_else(|| item.span())?, is_library: false })
}

/// The project files that ship, with the committed lock file that serves each. `problem` is told of what is none.
fn projects(
    repo: &RepoView,
    mut problem: impl FnMut(&RepoPath, &[u8], &ParseProblem),
) -> Vec<(&RepoPath, Project, Option<RepoPath>)> {
    let mut found = Vec::new();
    for (path, kept) in &repo.kept {
        let read = match path.name() {
            b"pyproject.toml" => pyproject,
            b"Pipfile" => pipfile,
            _ => continue,
        };
        if Reach::of(path, kept.kind.target) == Reach::Rehearsal {
            continue;
        }
        match parse_toml(&kept.bytes) {
            Ok(document) => {
                let project = read(document.as_table());
                found.extend(project.map(|project| (path, project, lock_for(repo, path))));
            }
            Err(what) => problem(path, &kept.bytes, &what),
        }
    }
    found
}

/// The committed lock file that serves a project file: beside it, or in a folder above.
pub(super) fn lock_for(repo: &RepoView, path: &RepoPath) -> Option<RepoPath> {
    committed_upward(repo, path, LOCKS)
}

/// Whether the text names one version.
fn is_exact(requirement: &str) -> bool {
    let text = requirement.split(';').next().unwrap_or(requirement).trim();
    let text = text.rsplit_once(']').map_or(text, |(_, rest)| rest).trim();
    text.starts_with("==") && !text.contains('*')
        || text.starts_with('@')
        || text.starts_with(|c: char| c.is_ascii_digit()) && !text.contains(['*', ',', '<', '>'])
}

impl Detector for MissingLock {
    fn name(&self) -> &'static str {
        "python-missing-lockfile"
    }

    fn needs(&self) -> Needs {
        Needs::Repo
    }

    fn repo(&self, _: &Prepared, repo: &RepoView, emit: &mut Emit) {
        for (path, project, lock) in projects(repo, |_, _, _| {}) {
            let folder = path.parent();
            let beside =
                |names: &[&str]| names.iter().any(|name| repo.entry(&folder.join(name.as_bytes())).is_some());
            let Some(loose) = project.asked.iter().find(|asked| !is_exact(&asked.requirement)) else {
                continue;
            };
            let runs = path.name() == b"Pipfile" || beside(RUNS);
            if lock.is_some() || project.is_library && !runs || beside(&["setup.py", "setup.cfg"]) {
                continue;
            }
            // A file with pins may stand in for a lock.
            let has_pins = repo.kept.keys().any(|other| {
                crate::repo::view::is_requirements(other)
                    && (other.parent() == folder || other.parent().parent() == folder)
            });
            if has_pins {
                continue;
            }
            let mut raw = Raw::at(project.heading.clone()).path(path.clone()).message(format!(
                "{} and others are asked for by ranges, and no lock file holds them",
                loose.name
            ));
            // Nothing says that it runs somewhere.
            raw.severity = if project.is_library {
                Some(Severity::Warning)
            } else if !runs {
                Some(Severity::Note)
            } else {
                None
            };
            emit.raw(raw);
        }
    }
}

impl Detector for Wildcard {
    fn name(&self) -> &'static str {
        "python-wildcard"
    }

    fn needs(&self) -> Needs {
        Needs::Repo
    }

    fn repo(&self, rule: &Prepared, repo: &RepoView, emit: &mut Emit) {
        for (path, project, lock) in
            projects(repo, |path, bytes, what| emit.not_checked(unread(path, bytes, what)))
        {
            for asked in project.asked.iter().filter(|asked| asked.requirement.trim() == "*") {
                let mut raw = Raw::at(asked.span.clone())
                    .path(path.clone())
                    .message(format!("{} takes any version", asked.name))
                    .property("package", asked.name.clone());
                raw.severity = Some(if lock.is_some() { Severity::Note } else { rule.rule.severity });
                emit.raw(raw);
            }
        }
    }
}
