use std::ops::Range;

use toml_edit::{Item, TableLike};

use super::{committed_lock, ships};
use crate::detect::deploy::reference::is_commit;
use crate::detect::{RawChange, RawEdit};
use crate::model::RepoPath;
use crate::repo::manifest::Dependency;
use crate::repo::{LockedPackage, Lockfile, RepoView};
use crate::source::parse_toml;

/// Writes the locked commit for a Git dependency that follows a branch: in every manifest of the workspace that
/// asks for the same branch, and in the lock file, which names its sources by what was asked. Half of that would
/// make cargo look for the repository twice.
///
/// `None` where anybody else may ask for the same branch, or where the lock file does not say it plainly.
pub(super) fn pin_to_lock(
    repo: &RepoView,
    manifest: &RepoPath,
    dependency: &Dependency,
) -> Option<RawChange> {
    let lock = committed_lock(repo, manifest)?;
    let root = &repo.workspaces().of(manifest)?.root;
    let lock_path = repo.workspaces().of(manifest)?.lock.as_ref()?;
    let branch = Branch::of(dependency)?;
    let (commit, packages) = locked(lock, &branch)?;
    let asking = asking(repo, root, lock, &branch)?;
    if asked_from_outside(repo, root, lock, &branch, &packages) {
        return None;
    }
    let spelled_out = spelled_out(lock, repo.bytes(lock_path)?, &packages)?;
    let mut edits = Vec::new();
    for (path, dependency) in asking {
        let (range, replacement) = write_rev(repo.bytes(path)?, dependency, &commit)?;
        edits.push(RawEdit { path: Some(path.clone()), range, replacement });
    }
    let lock_bytes = repo.bytes(lock_path)?;
    for package in packages {
        let source = package.source.as_deref()?;
        let written =
            memchr::memmem::find(&lock_bytes[package.span.clone()], format!("\"{source}\"").as_bytes())?;
        let start = package.span.start + written + 1 + "git+".len() + branch.url.len();
        let end = package.span.start + written + 1 + source.find('#')?;
        let replacement = format!("?rev={commit}");
        edits.push(RawEdit { path: Some(lock_path.clone()), range: start..end, replacement });
    }
    for source in spelled_out {
        let range = source.start + "git+".len() + branch.url.len()..source.end;
        let replacement = format!("?rev={commit}");
        edits.push(RawEdit { path: Some(lock_path.clone()), range, replacement });
    }
    edits.sort_by(|a, b| (&a.path, a.range.start).cmp(&(&b.path, b.range.start)));
    Some(RawChange { what: "writes the commit that Cargo.lock holds".into(), edits })
}

/// The branch that lock files before version 3 call the default one.
const MASTER: &str = "master";

/// What is followed.
#[derive(PartialEq, Eq)]
struct Branch<'d> {
    url: &'d str,
    /// `None` is the default branch.
    name: Option<&'d str>,
}

impl<'d> Branch<'d> {
    fn of(dependency: &'d Dependency) -> Option<Self> {
        if dependency.rev.is_some() || dependency.tag.is_some() {
            return None;
        }
        let name = dependency.branch.as_ref().map(|branch| branch.value.as_str());
        Some(Self { url: &dependency.git.as_ref()?.value, name })
    }

    /// The source of its packages in a lock file, up to the commit. `None` if the lock file spells it otherwise.
    fn source(&self) -> Option<String> {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        match self.name {
            None => Some(format!("git+{}#", self.url)),
            Some(name) => name.chars().all(is_plain).then(|| format!("git+{}?branch={name}#", self.url)),
        }
    }
}

/// The commit that is locked, and the packages that come from it. Before version 3 lock files did not tell the branch
/// `master` from the default one.
fn locked<'l>(lock: &'l Lockfile, branch: &Branch) -> Option<(String, Vec<&'l LockedPackage>)> {
    if lock.version < 3 && branch.name == Some(MASTER) {
        return None;
    }
    let prefix = branch.source()?;
    let of = |package: &'l LockedPackage| package.source.as_deref()?.strip_prefix(&prefix);
    let packages: Vec<&LockedPackage> = lock.packages.iter().filter(|p| of(p).is_some()).collect();
    let commit = of(packages.first()?)?;
    let is_one = packages.iter().all(|package| of(package) == Some(commit));
    (is_one && is_commit(commit)).then(|| (commit.to_owned(), packages))
}

/// Everything in the workspace that asks for this branch. `None` if some of that is not to be changed: a patch, or the
/// manifest of a test.
fn asking<'r>(
    repo: &'r RepoView,
    root: &RepoPath,
    lock: &Lockfile,
    branch: &Branch,
) -> Option<Vec<(&'r RepoPath, &'r Dependency)>> {
    let master = Branch { url: branch.url, name: Some(MASTER) };
    let is_ambiguous =
        |d: &Dependency| lock.version < 3 && branch.name.is_none() && Branch::of(d).as_ref() == Some(&master);
    let mut asking = Vec::new();
    for path in repo.workspaces().members(root) {
        let (path, manifest) = repo.manifests().get_key_value(path)?;
        let asks = |dependency: &&Dependency| Branch::of(dependency).as_ref() == Some(branch);
        let is_patched = manifest.patches.iter().any(|patch| asks(&patch) || is_ambiguous(patch));
        if is_patched || manifest.declared().any(is_ambiguous) {
            return None;
        }
        let before = asking.len();
        asking.extend(manifest.declared().filter(asks).map(|dependency| (path, dependency)));
        if asking.len() > before && !ships(repo, path) {
            return None;
        }
    }
    Some(asking)
}

/// Whether somebody asks for the branch whose manifest is not ours to change: a package of another repository, or
/// one of this repository that is no member.
fn asked_from_outside(
    repo: &RepoView,
    root: &RepoPath,
    lock: &Lockfile,
    branch: &Branch,
    packages: &[&LockedPackage],
) -> bool {
    let is_ours = |package: &LockedPackage| packages.iter().any(|ours| ours.source == package.source);
    let leads_here = |written: &String| {
        lock.resolve(written).is_some_and(|at| is_ours(&lock.packages[at])) || written.contains("(git+")
    };
    let from_git = lock.packages.iter().any(|package| {
        let is_git = package.source.as_deref().is_some_and(|source| source.starts_with("git+"));
        is_git && !is_ours(package) && package.dependencies.iter().any(leads_here)
    });
    let from_beside = repo.manifests().iter().any(|(path, manifest)| {
        let is_member = repo.workspaces().members(root).any(|member| member == path);
        !is_member
            && manifest.declared().any(|d| Branch::of(d).as_ref() == Some(branch))
            && manifest.package.as_ref().is_some_and(|p| lock.named(&p.name.value).next().is_some())
    });
    from_git || from_beside
}

/// Where else the lock file names the source of these packages: with the first version in each line that asks for one
/// of them, and in the list of checksums. Later versions write it only where two sources have the same release, and
/// then the order of lines may hang on it: `None`.
fn spelled_out(lock: &Lockfile, bytes: &[u8], packages: &[&LockedPackage]) -> Option<Vec<Range<usize>>> {
    let writes_sources = |package: &LockedPackage| package.dependencies.iter().any(|d| d.contains("(git+"));
    if lock.version > 1 {
        return (!lock.packages.iter().any(writes_sources)).then(Vec::new);
    }
    let is_alone = |package: &&&LockedPackage| {
        let mut same = lock.named(&package.name).filter(|&at| lock.packages[at].version == package.version);
        same.nth(1).is_none()
    };
    let alone = packages.iter().filter(is_alone).count() == packages.len();
    let (place, _) = packages.first()?.source.as_deref()?.split_once('#')?;
    let written = format!("({place})");
    let found = memchr::memmem::find_iter(bytes, written.as_bytes());
    alone.then(|| found.map(|at| at + 1..at + written.len() - 1).collect())
}

/// The edit that gives a dependency this commit: in place of its branch, else behind its address.
fn write_rev(bytes: &[u8], dependency: &Dependency, commit: &str) -> Option<(Range<usize>, String)> {
    let document = parse_toml(bytes).ok()?;
    let rev = format!("rev = \"{commit}\"");
    let git = &dependency.git.as_ref()?.span;
    let (table, inline) = table_with(document.as_table(), git)?;
    if let Some(branch) = &dependency.branch {
        let key = table.key("branch")?.span()?;
        return Some((key.start..branch.span.end, rev));
    }
    if inline {
        return Some((git.end..git.end, format!(", {rev}")));
    }
    // A line of its own, begun like the one of the address: `  git = …` or `name.git = …`.
    let key = table.key("git")?.span()?;
    let line = memchr::memrchr(b'\n', &bytes[..key.start]).map_or(0, |at| at + 1);
    let lead = std::str::from_utf8(&bytes[line..key.start]).ok()?;
    let is_lead = lead.trim().is_empty() || lead.ends_with('.');
    let rest = &bytes[git.end..];
    let length = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
    let (length, line_end) = match rest[..length].last() {
        Some(b'\r') => (length - 1, "\r\n"),
        _ => (length, "\n"),
    };
    let at = git.end + length;
    is_lead.then(|| (at..at, format!("{line_end}{lead}{rev}")))
}

/// The table whose `git` stands in these bytes, and whether it is an inline one. Documents nest no deeper than their
/// parser allows.
fn table_with<'d>(table: &'d dyn TableLike, git: &Range<usize>) -> Option<(&'d dyn TableLike, bool)> {
    table.iter().find_map(|(_, item)| {
        let inner = item.as_table_like()?;
        if inner.get("git").and_then(Item::span).as_ref() == Some(git) {
            return Some((inner, item.is_inline_table()));
        }
        table_with(inner, git)
    })
}
