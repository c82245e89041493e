//! What the advisory data could not be asked about, and data that is missing or too old.

use super::members::Members;
use super::pinned_coverage;
use crate::detect::{Detector, Emit, Needs, Prepared, Raw};
use crate::model::{Coverage, NotChecked, RepoPath, Severity, counted, shown_bytes};
use crate::repo::RepoView;
use crate::repo::advisories::{AdvisoryState, Database, Matched, PackageCounts, checkable, matchable};

/// The command that mends missing and old data.
const UPDATE: &str = "cargo prodcheck --update-advisories";

/// The word for packages of which it is not known whether they were yanked.
pub(super) const YANKED: &str = "yanked";

/// There are packages to check and no data to check them with.
pub(super) struct Unchecked;

impl Detector for Unchecked {
    fn name(&self) -> &'static str {
        "advisory-coverage"
    }

    fn needs(&self) -> Needs {
        Needs::Repo
    }

    fn repo(&self, _: &Prepared, repo: &RepoView, emit: &mut Emit) {
        say_what_is_open(repo, emit);
        pinned_coverage::unchecked(repo, emit);
        let AdvisoryState::Missing(reason) = &repo.advisories.state else { return };
        let locks: Vec<_> = locks_with_packages(repo).collect();
        let Some((path, _)) = locks.first() else { return };
        let packages: usize = locks.iter().map(|(_, count)| count).sum();
        let files = match locks.len() {
            1 => String::new(),
            count => format!(" in {count} lock files"),
        };
        let mut raw = Raw::file((*path).clone())
            .message(format!(
                "{}{files} not held against advisory data: {reason}",
                counted(packages as u64, "package")
            ))
            .fix(format!("Run `{UPDATE}`, or name a copy of the data with `--advisory-db`."));
        raw.severity = repo.advisories.may_be_missing.then_some(Severity::Note);
        emit.raw(raw);
    }
}

/// The data is so old that it cannot know the advisories of the last months.
pub(super) struct StaleData;

impl Detector for StaleData {
    fn name(&self) -> &'static str {
        "advisory-age"
    }

    fn needs(&self) -> Needs {
        Needs::Repo
    }

    fn repo(&self, _: &Prepared, repo: &RepoView, emit: &mut Emit) {
        pinned_coverage::stale(repo, emit);
        let AdvisoryState::Loaded(database) = &repo.advisories.state else { return };
        let Some(age) = repo.advisories.age_in_days() else { return };
        let limit = repo.advisories.max_age_days;
        if age <= i64::from(limit) {
            return;
        }
        let Some((path, _)) = locks_with_packages(repo).next() else { return };
        let date = database.source.date.as_deref().unwrap_or_default();
        let message = format!(
            "the newest advisory of the data is {age} days old ({date}), more than the {limit} allowed"
        );
        emit.raw(
            Raw::file(path.clone())
                .message(message)
                .fix(format!("Run `{UPDATE}`."))
                .detail("date", date)
                .detail("age-in-days", age.to_string()),
        );
    }
}

/// Says what remains open whatever else is found. Every rule of the family says it, since each may run alone;
/// what is said twice is reported once.
pub(super) fn say_what_is_open(repo: &RepoView, emit: &mut Emit) {
    pinned_coverage::say_what_is_open(repo, emit);
    for (path, lockfile) in repo.lockfiles() {
        // That it does not parse is said of every audit that needs it.
        let Ok(lockfile) = lockfile else { continue };
        let outside = PackageCounts::of(lockfile);
        // What the repository is itself is nobody's dependency.
        let members = Members::new(repo, path);
        let local = matchable(lockfile).filter(|(_, package, matched)| {
            *matched == Matched::Path && outside.local > 1 && !members.is_own(&package.name)
        });
        let sources = [
            (outside.git, "from Git"),
            (outside.elsewhere, "from other registries"),
            (local.count() as u64, "in folders"),
        ];
        let named: Vec<String> =
            sources.iter().filter(|(n, _)| *n > 0).map(|(n, from)| format!("{n} {from}")).collect();
        if !named.is_empty() {
            emit.not_checked(NotChecked {
                path: Some(path.clone()),
                what: "packages",
                reason: format!(
                    "advisories speak of the public registry; matched by their name alone: {}",
                    named.join(", ")
                ),
                mend: None,
                coverage: Coverage::Outside,
            });
        }
    }
    match &repo.advisories.state {
        AdvisoryState::NotAsked => {}
        AdvisoryState::Missing(reason) => {
            let coverage = if repo.advisories.may_be_missing { Coverage::Outside } else { Coverage::Missing };
            for (path, count) in locks_with_packages(repo) {
                emit.not_checked(NotChecked {
                    path: Some(path.clone()),
                    what: "advisories",
                    reason: format!(
                        "{} not held against advisory data: {reason}",
                        counted(count as u64, "package")
                    ),
                    mend: Some(UPDATE.into()),
                    coverage,
                });
            }
        }
        AdvisoryState::Loaded(database) => say_what_is_damaged(repo, database, emit),
    }
}

/// An advisory that cannot be read may speak of a package that is locked.
fn say_what_is_damaged(repo: &RepoView, database: &Database, emit: &mut Emit) {
    for damaged in &database.damaged {
        let locks = repo.lockfiles().iter().filter_map(|(path, lock)| Some((path, lock.as_ref().ok()?)));
        for (path, _) in locks.filter(|(_, lock)| checkable(lock).any(|(_, p)| p.name == damaged.package)) {
            emit.not_checked(NotChecked {
                path: Some(path.clone()),
                what: "advisories",
                reason: format!(
                    "the advisory {} on {} was passed over: {}",
                    damaged.file,
                    shown_bytes(damaged.package.as_bytes()),
                    damaged.reason
                ),
                mend: Some(UPDATE.into()),
                coverage: Coverage::Missing,
            });
        }
    }
}

/// Lock files with packages that the data could speak of, and how many.
fn locks_with_packages(repo: &RepoView) -> impl Iterator<Item = (&RepoPath, usize)> {
    repo.lockfiles().iter().filter_map(|(path, lockfile)| {
        let count = checkable(lockfile.as_ref().ok()?).count();
        (count > 0).then_some((path, count))
    })
}
