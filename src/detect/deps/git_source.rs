use super::pin_commit::pin_to_lock;
use super::{committed_lock, milder_for_dev, shipping};
use crate::detect::deploy::reference::is_commit;
use crate::detect::{Detector, Emit, Needs, Prepared, Raw};
use crate::model::{RepoPath, Severity};
use crate::repo::RepoView;
use crate::repo::manifest::{Dependency, resolve};

/// Git dependencies that follow a branch.
pub(super) struct WithoutRev;

/// Git dependencies held by a tag or by a part of a commit's id.
pub(super) struct Tag;

/// Patches that follow a branch or leave the repository.
pub(super) struct Patch;

/// What holds a Git dependency to one state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pin {
    /// The id of a commit, whole.
    Commit,
    /// A tag, or a revision that is no whole id: can be moved, or be taken for another.
    Movable,
    /// A branch, or nothing.
    None,
}

fn pin(dependency: &Dependency) -> Pin {
    match (&dependency.rev, &dependency.tag) {
        (Some(rev), _) if is_commit(&rev.value) => Pin::Commit,
        (Some(_), _) | (None, Some(_)) => Pin::Movable,
        (None, None) => Pin::None,
    }
}

impl Detector for WithoutRev {
    fn name(&self) -> &'static str {
        "git-without-rev"
    }

    fn needs(&self) -> Needs {
        Needs::Repo
    }

    fn repo(&self, rule: &Prepared, repo: &RepoView, emit: &mut Emit) {
        for (path, manifest) in shipping(repo) {
            for dependency in manifest.declared() {
                let Some(git) = &dependency.git else { continue };
                if pin(dependency) != Pin::None {
                    continue;
                }
                let name = dependency.package_name();
                let locked = committed_lock(repo, path).is_some();
                let severity = if locked { Severity::Warning } else { rule.rule.severity };
                let at = dependency.branch.as_ref().unwrap_or(git).span.clone();
                let mut raw = Raw::at(at).path(path.clone());
                raw.severity = Some(milder_for_dev(dependency, severity));
                let what = if dependency.branch.is_some() { "a branch" } else { "the default branch" };
                let rest = if locked {
                    "; only Cargo.lock holds it"
                } else {
                    ", and no committed Cargo.lock holds it"
                };
                emit.raw(
                    raw.message(format!("{name} follows {what} of a Git repository{rest}"))
                        .fix(advice(repo, path, dependency))
                        .change(pin_to_lock(repo, path, dependency))
                        .property("package", name),
                );
            }
        }
    }
}

impl Detector for Tag {
    fn name(&self) -> &'static str {
        "git-tag"
    }

    fn needs(&self) -> Needs {
        Needs::Repo
    }

    fn repo(&self, _: &Prepared, repo: &RepoView, emit: &mut Emit) {
        for (path, manifest) in shipping(repo) {
            for dependency in manifest.declared().chain(&manifest.patches) {
                if dependency.git.is_none() || pin(dependency) != Pin::Movable {
                    continue;
                }
                let name = dependency.package_name();
                let (at, what) = match (&dependency.rev, &dependency.tag) {
                    (Some(rev), _) => (rev.span.clone(), "a revision that is no full commit id"),
                    (None, Some(tag)) => (tag.span.clone(), "a tag, which can be moved"),
                    (None, None) => continue,
                };
                emit.raw(
                    Raw::at(at)
                        .path(path.clone())
                        .message(format!("{name} is held by {what}"))
                        .fix(advice(repo, path, dependency))
                        .property("package", name),
                );
            }
        }
    }
}

impl Detector for Patch {
    fn name(&self) -> &'static str {
        "patch-to-branch"
    }

    fn needs(&self) -> Needs {
        Needs::Repo
    }

    fn repo(&self, _: &Prepared, repo: &RepoView, emit: &mut Emit) {
        for (path, manifest) in shipping(repo) {
            // Cargo reads patches in the root of a workspace alone.
            if repo.workspaces().of(path).is_none_or(|b| b.root != *path) {
                continue;
            }
            for dependency in &manifest.patches {
                let name = dependency.package_name();
                let outside =
                    dependency.path.as_ref().filter(|p| resolve(&path.parent(), &p.value).is_none());
                let (at, message, fix) = if let Some(outside) = outside {
                    let message = format!("the patch of {name} lies outside the repository");
                    (outside.span.clone(), message, String::new())
                } else if let Some(git) = dependency.git.as_ref().filter(|_| pin(dependency) == Pin::None) {
                    let at = dependency.branch.as_ref().unwrap_or(git).span.clone();
                    (at, format!("the patch of {name} follows a branch"), advice(repo, path, dependency))
                } else {
                    continue;
                };
                emit.raw(Raw::at(at).path(path.clone()).message(message).fix(fix).property("package", name));
            }
        }
    }
}

/// The `rev` to write: the commit in use, if the lock file tells.
fn advice(repo: &RepoView, path: &RepoPath, dependency: &Dependency) -> String {
    let name = dependency.package_name();
    let key = &dependency.name.value;
    let commit = committed_lock(repo, path).and_then(|lock| {
        let mut sources = lock.named(name).filter_map(|at| lock.packages[at].source.as_deref());
        sources.find_map(|s| s.strip_prefix("git+")?.split_once('#').map(|(_, commit)| commit.to_owned()))
    });
    let instead = match (&dependency.branch, &dependency.tag, &dependency.rev) {
        (Some(_), ..) => " in place of the branch",
        (_, Some(_), _) => " in place of the tag",
        _ => "",
    };
    match commit.filter(|c| is_commit(c)) {
        Some(commit) => {
            format!("Write rev = \"{commit}\" for {key}{instead}: the commit that Cargo.lock holds.")
        }
        None => format!("Write rev = \"<the full id of the commit you tested>\" for {key}{instead}."),
    }
}
