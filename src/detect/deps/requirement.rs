use semver::{Op, VersionReq};

use super::locked::{as_requirement, locked_version};
use super::{committed_lock, milder_for_dev, shipping};
use crate::detect::{Detector, Emit, Needs, Prepared, Raw, RawChange};
use crate::model::{RepoPath, Target};
use crate::repo::RepoView;
use crate::repo::manifest::{Dependency, Located, Section};

/// Requirements that any version satisfies: `*`.
pub(super) struct Wildcard;

/// Requirements that every later version satisfies: `>=1.2`, `>1`.
pub(super) struct Unbounded;

impl Detector for Wildcard {
    fn name(&self) -> &'static str {
        "wildcard-requirement"
    }

    fn needs(&self) -> Needs {
        Needs::Repo
    }

    fn repo(&self, rule: &Prepared, repo: &RepoView, emit: &mut Emit) {
        each_requirement(rule, repo, emit, "any version", |r| r.comparators.is_empty());
    }
}

impl Detector for Unbounded {
    fn name(&self) -> &'static str {
        "unbounded-requirement"
    }

    fn needs(&self) -> Needs {
        Needs::Repo
    }

    fn repo(&self, rule: &Prepared, repo: &RepoView, emit: &mut Emit) {
        each_requirement(rule, repo, emit, "every later version", is_unbounded);
    }
}

/// `=1.2.3` in a library: whoever needs another patch of the same crate cannot have both.
pub(super) struct Exact;

impl Detector for Exact {
    fn name(&self) -> &'static str {
        "exact-requirement"
    }

    fn needs(&self) -> Needs {
        Needs::Repo
    }

    fn repo(&self, _: &Prepared, repo: &RepoView, emit: &mut Emit) {
        for (path, manifest) in shipping(repo) {
            let folder = path.parent();
            let is_published = manifest.package.as_ref().is_some_and(|package| {
                let inherited = repo
                    .workspaces()
                    .of(path)
                    .and_then(|b| repo.manifests().get(&b.root)?.workspace.as_ref());
                package.publish.or_inherited(inherited.and_then(|w| w.publish.as_ref())) != Some(&false)
            });
            let is_library = repo.targets().roots(&folder).iter().any(|r| r.kind == Target::Lib);
            if !is_library || !is_published {
                continue;
            }
            for dependency in
                manifest.dependencies.iter().filter(|d| d.section == Section::Normal && d.path.is_none())
            {
                let Some(requirement) = &dependency.requirement else { continue };
                let exact = VersionReq::parse(&requirement.value)
                    .is_ok_and(|r| r.comparators.iter().any(|c| c.op == Op::Exact && c.patch.is_some()));
                if exact {
                    let name = dependency.package_name();
                    emit.raw(
                        Raw::at(requirement.span.clone())
                            .path(path.clone())
                            .message(format!("nobody can use another version of {name} beside this library"))
                            .property("package", name),
                    );
                }
            }
        }
    }
}

/// Whether nothing in the requirement holds new major versions off.
fn is_unbounded(requirement: &VersionReq) -> bool {
    !requirement.comparators.is_empty()
        && requirement.comparators.iter().all(|c| matches!(c.op, Op::Greater | Op::GreaterEq))
}

fn each_requirement(
    rule: &Prepared,
    repo: &RepoView,
    emit: &mut Emit,
    what: &str,
    is_bad: fn(&VersionReq) -> bool,
) {
    for (path, manifest) in shipping(repo) {
        for dependency in manifest.declared() {
            // A folder or a commit decides which version it is; the requirement then only speaks to others.
            if dependency.path.is_some() || dependency.git.is_some() {
                continue;
            }
            let Some(requirement) = &dependency.requirement else { continue };
            if !VersionReq::parse(&requirement.value).is_ok_and(|r| is_bad(&r)) {
                continue;
            }
            let name = dependency.package_name();
            let mut raw = Raw::at(requirement.span.clone()).path(path.clone());
            raw.severity = Some(milder_for_dev(dependency, rule.rule.severity));
            emit.raw(
                raw.message(format!("{name} = {:?} takes {what} of {name}", requirement.value))
                    .fix(advice(repo, path, dependency, requirement))
                    .change(change(repo, path, dependency, requirement))
                    .property("package", name),
            );
        }
    }
}

/// Writes the version in use in place of the requirement, in the same quotes.
fn change(
    repo: &RepoView,
    path: &RepoPath,
    dependency: &Dependency,
    written: &Located<String>,
) -> Option<RawChange> {
    let version = locked_version(repo, path, dependency)?;
    let text = repo.bytes(path)?.get(written.span.clone())?;
    let inner = written.span.start + 1..written.span.end.checked_sub(1)?;
    // Not one of the forms that go over several lines, or that hold escapes.
    let is_plain = text.get(1..text.len().checked_sub(1)?)? == written.value.as_bytes();
    let change =
        || RawChange::replace("writes the version that Cargo.lock holds", inner, as_requirement(&version));
    is_plain.then(change)
}

/// The requirement to write: that of the version in use, if the lock file tells.
fn advice(repo: &RepoView, path: &RepoPath, dependency: &Dependency, written: &Located<String>) -> String {
    let name = dependency.package_name();
    let key = &dependency.name.value;
    let newest = || {
        let lock = committed_lock(repo, path)?;
        lock.named(name).map(|at| lock.packages[at].version.clone()).max()
    };
    let locked = locked_version(repo, path, dependency).or_else(newest).map(|v| as_requirement(&v));
    let floor = written.value.trim_start_matches(['>', '=', '*', ' ']).split(',').next().unwrap_or_default();
    match locked {
        Some(version) => format!("Write \"{version}\" for {key}: the version that Cargo.lock holds."),
        None if !floor.is_empty() => {
            format!("Write \"{floor}\" for {key}: that takes compatible versions alone.")
        }
        None => format!("Write the version of {key} that you build with, as in {key} = \"1.2\"."),
    }
}
