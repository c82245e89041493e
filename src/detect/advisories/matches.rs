use std::cell::OnceCell;

use crate::detect::{Detector, Emit, Needs, Prepared, Raw, RawRelated};
use crate::model::{RepoPath, Severity};
use crate::repo::advisories::{Advisory, AdvisoryState, Kind, checkable};
use crate::repo::{LockedPackage, Lockfile, RepoView, Ways};
use crate::rules::Rule;

use super::coverage;
use super::entry::Members;
use super::pinned;

/// No longer way is written out.
const LONGEST_WAY: usize = 24;

/// Packages of lock files that advisories speak of. Words: `kinds`, from `vulnerability`, `unsound`,
/// `unmaintained`, `notice`.
pub(super) struct Matches;

impl Detector for Matches {
    fn name(&self) -> &'static str {
        "advisory"
    }

    fn needs(&self) -> Needs {
        Needs::Repo
    }

    fn repo(&self, rule: &Prepared, repo: &RepoView, emit: &mut Emit) {
        coverage::say_what_is_open(repo, emit);
        pinned::find(rule, repo, emit);
        let AdvisoryState::Loaded(database) = &repo.advisories.state else { return };
        let kinds = kinds(rule.rule);
        for (path, lockfile) in repo.lockfiles() {
            let Ok(lockfile) = lockfile else { continue };
            let lock =
                Lock { repo, path, lockfile, ways: OnceCell::new(), members: Members::new(repo, path) };
            for (index, package) in checkable(lockfile) {
                for advisory in database.concerning(&package.name, &package.version) {
                    if kinds.contains(&advisory.kind) {
                        emit.raw(lock.raw(index, advisory));
                    }
                }
            }
        }
    }
}

fn kinds(rule: &Rule) -> Vec<Kind> {
    let words = rule.detect.words("kinds");
    Kind::ALL.iter().copied().filter(|kind| words.iter().any(|w| w == kind.word())).collect()
}

/// A lock file and the ways that lead through it. They are drawn when the first finding needs them.
struct Lock<'a> {
    repo: &'a RepoView,
    path: &'a RepoPath,
    lockfile: &'a Lockfile,
    ways: OnceCell<Ways>,
    members: Members<'a>,
}

impl Lock<'_> {
    fn raw(&self, index: usize, advisory: &Advisory) -> Raw {
        let package = &self.lockfile.packages[index];
        let ways = self.ways();
        let name = |i: usize| self.lockfile.packages[i].name.as_str();
        let direct = ways.direct(index).map(name);
        let length = ways.length(index).unwrap_or(1);
        let is_direct = length <= 2;
        let through = match direct {
            Some(direct) if !is_direct => format!(", in the build through `{direct}`"),
            _ => String::new(),
        };
        let said = match advisory.kind {
            Kind::Vulnerability => "has a known vulnerability",
            Kind::Unsound => "is unsound",
            Kind::Unmaintained => "is unmaintained",
            Kind::Notice => "has a notice",
        };
        let message = format!(
            "`{} {}` {said}: {} ({}){through}",
            package.name, package.version, advisory.title, advisory.id
        );
        let reach = self.reach(package);
        let message = match &reach {
            Some(reach) => format!("{message}; cargo builds it {reach}"),
            None => message,
        };
        let patched: Vec<String> = advisory.patched().iter().map(ToString::to_string).collect();
        let mut raw = Raw::at(package.version_span.clone())
            .path(self.path.clone())
            .message(message)
            .fix(self.fix(index, advisory, direct.filter(|_| !is_direct)))
            .property("advisory", &advisory.id)
            .property("kind", advisory.kind.word())
            .property("package", &package.name)
            .property("version", package.version.to_string())
            .property("date", &advisory.date)
            .property("url", &advisory.url);
        let lists = [
            ("aliases", advisory.aliases.join(", ")),
            ("patched", patched.join(" or ")),
            ("path", self.way(index, length)),
            ("functions", advisory.functions.join(", ")),
            ("cvss", advisory.cvss.clone().unwrap_or_default()),
            ("cvss-rating", advisory.rating.unwrap_or_default().to_owned()),
            ("reach", reach.unwrap_or_default()),
        ];
        for (key, value) in lists {
            if !value.is_empty() {
                raw = raw.property(key, value);
            }
        }
        raw.severity = self.severity(advisory.kind, is_direct);
        if let (Some(start), Some(direct)) = (ways.start(index), direct)
            && let Some((path, range)) = self.members.entry(name(start), direct)
        {
            let message = if is_direct { "asked for here" } else { "brought in by this dependency" };
            raw = raw.related(RawRelated { path: Some(path), range: Some(range), message: message.into() });
        }
        raw
    }

    /// When cargo builds a package, if it was asked and does not always.
    fn reach(&self, package: &LockedPackage) -> Option<String> {
        let reaches = self.repo.resolution.reaches.get(self.path)?;
        match reaches.of(&package.name, &package.version) {
            Some(reach) => reach.words(),
            None => Some("in no case, whatever features are on".into()),
        }
    }

    /// In place of the rule's, where the place makes it less: nobody ships what only tests lock, and nobody
    /// can replace at once what others depend on.
    fn severity(&self, kind: Kind, is_direct: bool) -> Option<Severity> {
        let lower = self.repo.lock_is_for_tests(self.path) || (kind == Kind::Unmaintained && !is_direct);
        lower.then_some(Severity::Note)
    }

    /// From what stands in the repository itself.
    fn ways(&self) -> &Ways {
        self.ways.get_or_init(|| {
            let packages = self.lockfile.packages.iter().enumerate();
            let local = packages.filter(|(_, p)| p.source.is_none()).map(|(i, _)| i);
            self.lockfile.graph().ways_from(local)
        })
    }

    /// `app > mid > left`.
    fn way(&self, index: usize, length: usize) -> String {
        let last = self.ways().last(index, LONGEST_WAY);
        let names: Vec<&str> = last.into_iter().map(|i| self.lockfile.packages[i].name.as_str()).collect();
        let cut = if length > LONGEST_WAY { "… > " } else { "" };
        format!("{cut}{}", names.join(" > "))
    }

    fn fix(&self, index: usize, advisory: &Advisory, through: Option<&str>) -> String {
        let package = &self.lockfile.packages[index];
        let (name, version) = (&package.name, &package.version);
        let ask_for = through.unwrap_or(name);
        match advisory.first_patched_after(version) {
            Some(patched) if is_compatible(version, &patched) => {
                format!("Run `cargo update -p {name}@{version}`: it is patched from {patched} on.")
            }
            Some(patched) => match through {
                Some(_) => format!(
                    "It is patched from {patched} on, which is a breaking change: raise `{ask_for}` to a version \
                     that depends on it."
                ),
                None => format!(
                    "It is patched from {patched} on, which is a breaking change: raise the requirement in \
                     Cargo.toml."
                ),
            },
            None if advisory.kind == Kind::Vulnerability && through.is_some() => {
                format!("No patched version exists: look for a version of `{ask_for}` that does without it.")
            }
            None if advisory.kind == Kind::Vulnerability => {
                "No patched version exists: replace it, or see in the advisory how to avoid what is broken."
                    .to_owned()
            }
            None => String::new(),
        }
    }
}

/// Whether cargo would take `to` for a requirement written when `from` was current.
fn is_compatible(from: &semver::Version, to: &semver::Version) -> bool {
    match (from.major, from.minor) {
        (0, 0) => false,
        (0, minor) => to.major == 0 && to.minor == minor,
        (major, _) => to.major == major,
    }
}
