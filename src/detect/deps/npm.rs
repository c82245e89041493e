use std::collections::BTreeSet;

use super::{committed, unread};
use crate::detect::deploy::reach::Reach;
use crate::detect::{Detector, Emit, Needs, Prepared, Raw};
use crate::model::{RepoPath, Severity};
use crate::repo::{Kept, RepoView};
use crate::source::{JsonMember, JsonNode, JsonValue, parse_json};

/// Requirements of `package.json` that any version satisfies, and what follows a branch.
///
/// Forms: <https://docs.npmjs.com/cli/configuring-npm/package-json#dependencies>.
pub(super) struct Unpinned;

/// Applications of Node without a lock file.
pub(super) struct MissingLock;

const LOCKS: &[&str] = &[
    "package-lock.json",
    "npm-shrinkwrap.json",
    "yarn.lock",
    "pnpm-lock.yaml",
    "bun.lock",
    "bun.lockb",
    "deno.lock",
];

/// The tables of `package.json`, and whether what stands in them ships.
const TABLES: &[(&str, bool)] =
    &[("dependencies", true), ("optionalDependencies", true), ("devDependencies", false)];

fn packages(repo: &RepoView) -> impl Iterator<Item = (&RepoPath, &Kept)> {
    repo.kept.iter().filter(|(path, _)| path.name() == b"package.json")
}

/// The lock file that holds the packages of this folder: there or in a folder above it.
fn lock(repo: &RepoView, folder: &RepoPath) -> Option<RepoPath> {
    let mut folder = folder.clone();
    loop {
        let mut candidates = LOCKS.iter().map(|name| folder.join(name.as_bytes()));
        if let Some(lock) = candidates.find(|lock| committed(repo, lock)) {
            return Some(lock);
        }
        if folder.as_bytes().is_empty() {
            return None;
        }
        folder = folder.parent();
    }
}

fn dependencies<'j>(root: &'j JsonNode<'j>) -> impl Iterator<Item = (&'j JsonMember<'j>, bool)> {
    TABLES
        .iter()
        .filter_map(|(table, ships)| Some((root.get(table)?, *ships)))
        .flat_map(|(table, ships)| table.members().iter().map(move |member| (member, ships)))
}

/// What is loose about a requirement, and how bad it is where no lock file holds it.
fn looseness(text: &str) -> Option<(&'static str, Severity)> {
    let text = text.trim();
    if let Some(what) = git_looseness(text) {
        return Some((what, Severity::Error));
    }
    if text.contains(':') || text.contains('/') {
        return None;
    }
    match text {
        "" | "*" | "x" | "X" => Some(("takes any version", Severity::Error)),
        "latest" | "next" => Some(("takes whatever is published last", Severity::Error)),
        _ if text.starts_with('>') && !text.contains(['<', '|']) => {
            Some(("takes every later version", Severity::Warning))
        }
        _ => None,
    }
}

/// `owner/name`, `github:…`, `git+https://…` without a commit.
fn git_looseness(text: &str) -> Option<&'static str> {
    let is_short = text.split_once('/').is_some_and(|(owner, name)| {
        let is_name = |part: &str| {
            !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
        };
        is_name(owner) && !owner.starts_with('.') && is_name(name.split('#').next().unwrap_or(name))
    });
    let is_git =
        ["git+", "git:", "git@", "github:", "gitlab:", "bitbucket:"].iter().any(|s| text.starts_with(s))
            || text.starts_with("http")
                && text.split('#').next().is_some_and(|address| address.strip_suffix(".git").is_some());
    if !is_short && !is_git {
        return None;
    }
    match text.split_once('#') {
        None => Some("follows the default branch of a Git repository"),
        Some((_, "main" | "master" | "develop" | "dev" | "HEAD")) => Some("follows a branch"),
        // A tag, a range of tags, or a commit.
        Some(_) => None,
    }
}

impl Detector for Unpinned {
    fn name(&self) -> &'static str {
        "npm-unpinned"
    }

    fn needs(&self) -> Needs {
        Needs::Repo
    }

    fn repo(&self, _: &Prepared, repo: &RepoView, emit: &mut Emit) {
        let mut parsed = Vec::new();
        for (path, kept) in packages(repo) {
            match parse_json(&kept.bytes) {
                Ok(document) => parsed.extend(document.root.map(|root| (path, kept, root))),
                Err(problem) => emit.not_checked(unread(path, &kept.bytes, &problem)),
            }
        }
        // Packages of the repository itself are linked, whatever version they ask for.
        let own: BTreeSet<&str> = parsed.iter().filter_map(|(.., root)| root.get("name")?.as_str()).collect();
        for (path, kept, root) in &parsed {
            let locked = lock(repo, &path.parent()).is_some();
            let rehearsal = Reach::of(path, kept.kind.target) == Reach::Rehearsal;
            for (member, ships) in dependencies(root) {
                let Some(text) = member.node.as_str() else { continue };
                let Some((what, severity)) = looseness(text) else { continue };
                let name = &*member.key;
                if own.contains(name) {
                    continue;
                }
                let severity = match severity {
                    _ if rehearsal || !ships => Severity::Note,
                    Severity::Error if locked => Severity::Warning,
                    _ if locked => Severity::Note,
                    other => other,
                };
                let held = if locked { "; only the lock file holds it" } else { "" };
                let mut raw = Raw::at(member.node.span.clone())
                    .path((*path).clone())
                    .message(format!("{name} {what}{held}"))
                    .property("package", name);
                raw.severity = Some(severity);
                emit.raw(raw);
            }
        }
    }
}

impl Detector for MissingLock {
    fn name(&self) -> &'static str {
        "npm-missing-lockfile"
    }

    fn needs(&self) -> Needs {
        Needs::Repo
    }

    fn repo(&self, _: &Prepared, repo: &RepoView, emit: &mut Emit) {
        for (path, kept) in packages(repo) {
            if Reach::of(path, kept.kind.target) == Reach::Rehearsal || lock(repo, &path.parent()).is_some() {
                continue;
            }
            let Some(root) = parse_json(&kept.bytes).ok().and_then(|document| document.root) else {
                continue;
            };
            let Some((table, first)) = ["dependencies", "devDependencies"]
                .iter()
                .find_map(|name| Some((*name, root.member(name).filter(|m| !m.node.members().is_empty())?)))
            else {
                continue;
            };
            // What others install brings no lock file with it: theirs decides.
            let is_published = ["main", "exports", "module", "types", "typings", "bin", "files", "browser"]
                .iter()
                .any(|key| root.get(key).is_some());
            let is_private = root.get("private").is_some_and(|node| node.value == JsonValue::Bool(true));
            let is_application = is_private || !is_published;
            let ships = table == "dependencies";
            let mut raw = Raw::at(first.key_span.clone()).path(path.clone()).message(if is_application {
                "no committed lock file holds what this application installs"
            } else {
                "no committed lock file holds what this package is tested with"
            });
            raw.severity = (!is_application || !ships).then_some(Severity::Note);
            emit.raw(raw);
        }
    }
}
