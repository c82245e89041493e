mod advisory;
mod database;
mod day;
mod folder;
mod packed;
mod places;
mod update;

use std::collections::BTreeSet;
use std::path::Path;

pub use advisory::{Advisory, Kind, Unusable};
pub use database::{Damaged, Database, DatabaseError, Found};
pub use day::days_between;
pub use packed::{NotPacked, look_through};
pub use places::{Discovered, Environment, VARIABLE, are_brought, cargo_home, discover, named, own_cache};
pub use update::{DEFAULT_URL, Origin, URL_VARIABLE, Update, UpdateError, Updated, ruled_out, update};

use super::index::Index;
use super::view::RepoView;
use super::{LockedPackage, Lockfile, is_default_registry};
use crate::model::MAX_AGE_DAYS;

/// The day on which examples of rules are checked.
pub const DAY_OF_EXAMPLES: &str = "2026-01-01";

/// Advisory data as the checks of the repository see it.
#[derive(Debug, Clone)]
pub struct Advisories {
    /// The data, or why there is none.
    pub state: AdvisoryState,
    /// The day of the audit, `YYYY-MM-DD`. Empty means unknown: then nothing is stale.
    pub today: String,
    /// From which age in days on data is stale.
    pub max_age_days: u32,
    /// Whether missing data was declared bearable: then it does not leave the answer open.
    pub may_be_missing: bool,
    /// What cargo remembers of the registry: which releases were yanked, what releases ask for.
    pub index: Index,
}

/// The data, or why there is none.
#[derive(Debug, Clone, Default)]
pub enum AdvisoryState {
    /// Nobody asked: no rule of the family runs, or no lock file is in view.
    #[default]
    NotAsked,
    /// There is no usable data. Says why, in plain words.
    Missing(String),
    /// What was read.
    Loaded(Database),
}

impl Default for Advisories {
    fn default() -> Self {
        Self {
            state: AdvisoryState::NotAsked,
            today: String::new(),
            max_age_days: MAX_AGE_DAYS,
            may_be_missing: false,
            index: Index::default(),
        }
    }
}

impl Advisories {
    /// What the examples of a rule see: the files below `advisory-db/crates/<package>/` are the database, on
    /// the day [`DAY_OF_EXAMPLES`]. Without such files there is no data. The files of `registry-index/` are what
    /// cargo remembers, a file for each package with a line of JSON for each release.
    pub fn of_example<'a>(files: impl Iterator<Item = (&'a str, &'a str)>) -> Self {
        let files: Vec<(&str, &str)> = files.collect();
        let advisories: Vec<(&str, &str)> = files
            .iter()
            .filter_map(|(path, text)| {
                let (package, _) = path.strip_prefix("advisory-db/crates/")?.split_once('/')?;
                Some((package, *text))
            })
            .collect();
        let remembered =
            files.iter().filter_map(|(path, text)| Some((path.strip_prefix("registry-index/")?, *text)));
        let index = Index::from_lines(remembered);
        let state = if advisories.is_empty() {
            AdvisoryState::Missing("no cache holds any".into())
        } else {
            AdvisoryState::Loaded(Database::from_markdown(&advisories))
        };
        Self { state, today: DAY_OF_EXAMPLES.into(), index, ..Self::default() }
    }

    /// How many days old the data is today, if both dates are known.
    pub fn age_in_days(&self) -> Option<i64> {
        let AdvisoryState::Loaded(database) = &self.state else { return None };
        days_between(database.source.date.as_deref()?, &self.today)
    }
}

/// How many packages of lock files there are, by what can be said about them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PackageCounts {
    /// Of the public registry: what the data is about.
    pub registry: u64,
    /// From Git.
    pub git: u64,
    /// From other registries.
    pub elsewhere: u64,
    /// Without a source: members of the workspace, path dependencies.
    pub local: u64,
}

impl PackageCounts {
    /// Counts one lock file's.
    pub fn of(lockfile: &Lockfile) -> Self {
        let mut counts = Self::default();
        for package in &lockfile.packages {
            let count = match package.source.as_deref() {
                None => &mut counts.local,
                Some(source) if is_default_registry(source) => &mut counts.registry,
                Some(source) if source.starts_with("git+") => &mut counts.git,
                Some(source) if source.starts_with("path+") => &mut counts.local,
                Some(_) => &mut counts.elsewhere,
            };
            *count += 1;
        }
        counts
    }

    /// Counts those of all lock files in view that can be read.
    pub fn in_view(view: &RepoView) -> Self {
        view.lockfiles().values().flatten().map(Self::of).fold(Self::default(), |sum, one| Self {
            registry: sum.registry + one.registry,
            git: sum.git + one.git,
            elsewhere: sum.elsewhere + one.elsewhere,
            local: sum.local + one.local,
        })
    }
}

/// The packages that advisory data speaks of.
pub fn checkable(lockfile: &Lockfile) -> impl Iterator<Item = (usize, &LockedPackage)> {
    let packages = lockfile.packages.iter().enumerate();
    packages.filter(|(_, p)| p.source.as_deref().is_some_and(is_default_registry))
}

/// How sure it is that an advisory on a package of this name means this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Matched {
    /// It is the public registry's.
    Exactly,
    /// It comes from Git: a fork, or another project of that name.
    Git,
    /// It comes from another registry: a mirror, or another project of that name.
    Elsewhere,
    /// It lies in a folder: a copy, or the repository's own.
    Path,
}

/// Every package that advisories may speak of, by its name at least.
pub fn matchable(lockfile: &Lockfile) -> impl Iterator<Item = (usize, &LockedPackage, Matched)> {
    lockfile.packages.iter().enumerate().map(|(index, package)| {
        let matched = match package.source.as_deref() {
            None => Matched::Path,
            Some(source) if is_default_registry(source) => Matched::Exactly,
            Some(source) if source.starts_with("git+") => Matched::Git,
            Some(source) if source.starts_with("path+") => Matched::Path,
            Some(_) => Matched::Elsewhere,
        };
        (index, package, matched)
    })
}

/// Loads what the lock files in view need. To be called before the repository's checks, if a rule of the family
/// is selected; the answer belongs into [`RepoView::advisories`].
///
/// # Errors
/// What was named is no usable database. That no cache holds one is no error but [`AdvisoryState::Missing`].
pub fn prepare(
    view: &RepoView,
    explicit: Option<&Path>,
    env: &Environment,
) -> Result<AdvisoryState, DatabaseError> {
    let lockfiles = || view.lockfiles().values().flatten();
    let is_asked = lockfiles().flat_map(matchable).any(|(_, _, matched)| matched != Matched::Path);
    if !is_asked && explicit.is_none() {
        return Ok(AdvisoryState::NotAsked);
    }
    // Of what is no registry's package nobody can say more than its name: that leaves nothing open.
    let is_needed = lockfiles().any(|lockfile| checkable(lockfile).next().is_some());
    let names: BTreeSet<&str> = lockfiles().flat_map(matchable).map(|(_, p, _)| &*p.name).collect();
    let Discovered { found, unusable } = discover(explicit, env)?;
    let Some(found) = found else {
        if !is_needed {
            return Ok(AdvisoryState::NotAsked);
        }
        return Ok(AdvisoryState::Missing(
            unusable.unwrap_or_else(|| "there is none on this machine".into()),
        ));
    };
    Ok(AdvisoryState::Loaded(found.read(&names)?))
}
