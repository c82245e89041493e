//! Whether moving entries of the lock file suffices to get rid of a release, and if not, who stands in the way.
//!
//! It says what cargo would do: a package moves alone, all others stay where they are locked, and of versions that are
//! compatible with each other the lock file holds one.

use std::collections::BTreeSet;
use std::sync::Arc;

use semver::{Comparator, Op, Version, VersionReq};

use super::lock::{Asked, Lock, Untold, wishes_of};
use crate::repo::index::{Kind, Release};

/// Nobody runs a longer list of commands by hand.
const MOVES: usize = 6;
/// What one look at a release costs, in steps through the graph.
const COST: usize = 200;
/// No more than so many releases are tried in place of one.
const TRIED: usize = 60;

/// What gets rid of a locked release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Remedy {
    /// These moves, in this order.
    Moves(Vec<Move>),
    /// No move of the lock file does: these dependents ask for what is locked. Nearest is the oldest release that
    /// is mended.
    Blocked {
        /// Who, with what they ask for. Empty if all would take a better release, but not what that one asks for
        /// itself.
        by: Vec<(usize, String)>,
        /// The oldest release that would do.
        nearest: Version,
    },
    /// There is no release that would do.
    NoRelease,
    /// What these packages ask for is not known, or, of the package itself, which releases there are.
    Untold(Vec<(usize, Untold)>),
    /// The lock file is too large to look.
    TooLarge,
}

/// A package that is moved to another release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Move {
    /// The package.
    pub(super) package: usize,
    /// The release.
    pub(super) to: Version,
}

/// Looks for a way to get rid of a release: `is_bad` says which versions of the package are no better.
pub(super) fn remedy(lock: &Lock, package: usize, is_bad: &dyn Fn(&Version) -> bool) -> Remedy {
    let Some(releases) = lock.all_releases(&lock.package(package).name) else {
        return Remedy::Untold(vec![(package, Untold::NotRemembered)]);
    };
    let good = better(&releases, &lock.package(package).version, is_bad);
    let Some(nearest) = good.first().map(|r| r.version.clone()) else { return Remedy::NoRelease };
    if !lock.may_take(COST * good.len()) {
        return Remedy::TooLarge;
    }
    let dependents: Vec<(usize, std::rc::Rc<Asked>)> =
        lock.graph().dependents(package).map(|d| (d, lock.asked(d, package))).collect();
    let untold: Vec<(usize, Untold)> = dependents
        .iter()
        .filter_map(|(d, asked)| match **asked {
            Asked::Unknown(why) => Some((*d, why)),
            Asked::Known(_) => None,
        })
        .collect();
    let allowed: Vec<&Release> = good
        .iter()
        .copied()
        .filter(|r| dependents.iter().all(|(_, asked)| asked.allow(&r.version)))
        .collect();
    let mut best: Option<Vec<Move>> = None;
    for release in allowed.iter().take(TRIED) {
        let mut moves = Vec::new();
        if make_way(lock, package, release, &mut moves) && best.as_ref().is_none_or(|b| b.len() > moves.len())
        {
            let alone = moves.len() == 1;
            best = Some(moves);
            if alone {
                break;
            }
        }
    }
    if let Some(moves) = best.filter(|_| untold.is_empty()) {
        return Remedy::Moves(moves);
    }
    let blockers: Vec<usize> = dependents
        .iter()
        .filter(|(_, asked)| good.iter().all(|r| !asked.allow(&r.version)))
        .map(|(d, _)| *d)
        .collect();
    if blockers.is_empty() && !untold.is_empty() {
        return Remedy::Untold(untold);
    }
    if untold.is_empty()
        && !blockers.is_empty()
        && let Some(moves) = move_blockers(lock, package, &blockers, &good)
    {
        return Remedy::Moves(moves);
    }
    if let Some(release) = allowed.first() {
        return Remedy::Blocked { by: Vec::new(), nearest: release.version.clone() };
    }
    let by = dependents
        .iter()
        .filter(|(d, _)| blockers.is_empty() || blockers.contains(d))
        .map(|(d, asked)| (*d, asked.written()))
        .collect();
    Remedy::Blocked { by, nearest }
}

/// Releases behind a version that one may be moved to, the oldest first.
fn better<'r>(
    releases: &'r Arc<[Release]>,
    from: &Version,
    is_bad: &dyn Fn(&Version) -> bool,
) -> Vec<&'r Release> {
    let mut good: Vec<&Release> = releases
        .iter()
        .filter(|r| r.version > *from && !r.yanked && !is_bad(&r.version))
        .filter(|r| r.version.pre.is_empty() || !from.pre.is_empty())
        .collect();
    good.sort_by(|a, b| a.version.cmp(&b.version));
    good
}

/// Whether a package can move to a release, and what must move before. What its own dependencies ask for may lie
/// beside what is locked, or need a compatible package to move, too.
fn make_way(lock: &Lock, package: usize, release: &Release, moves: &mut Vec<Move>) -> bool {
    if moves.iter().any(|m| m.package == package) {
        return moves.iter().any(|m| m.package == package && m.to == release.version);
    }
    if moves.len() >= MOVES || !lock.may_take(COST) || !release.is_readable() {
        return false;
    }
    let has_now: BTreeSet<&str> =
        lock.graph().dependencies(package).map(|d| &*lock.package(d).name).collect();
    let leaving = leaving(lock, package, release);
    for dependency in release.dependencies().iter().filter(|d| d.kind != Kind::Dev) {
        // What is optional and not locked now is not asked for.
        if dependency.optional && !has_now.contains(&*dependency.package) {
            continue;
        }
        let locked: Vec<usize> = lock.lockfile.named(&dependency.package).collect();
        if locked.iter().any(|&i| dependency.requirement.matches(&lock.package(i).version)) {
            continue;
        }
        for &other in &locked {
            if leaving.contains(&other) {
                continue;
            }
            if in_the_way(&dependency.requirement, &lock.package(other).version) {
                if !move_along(lock, package, other, &dependency.requirement, moves) {
                    return false;
                }
            } else if lock.release(other).is_some_and(|r| r.links().is_some()) {
                // Two versions of it cannot be linked into one program.
                return false;
            }
        }
    }
    moves.push(Move { package, to: release.version.clone() });
    true
}

/// The package itself, and what leaves the lock file or is chosen anew when it moves to a release: what nobody else
/// locks, and that release does not ask for as it is.
fn leaving(lock: &Lock, package: usize, release: &Release) -> BTreeSet<usize> {
    let keeps = |other: usize| {
        let locked = lock.package(other);
        let mut asked =
            release.dependencies().iter().filter(|d| d.kind != Kind::Dev && d.package == locked.name);
        asked.any(|d| d.requirement.matches(&locked.version))
    };
    let mut leaving = BTreeSet::from([package]);
    let mut left = vec![package];
    while let Some(from) = left.pop() {
        // Whoever is looked at too early is looked at again from the last one that asks for it.
        for other in lock.graph().dependencies(from) {
            let mut dependents = lock.graph().dependents(other);
            let goes = !leaving.contains(&other)
                && !keeps(other)
                && lock.may_take(dependents.len())
                && dependents.all(|d| leaving.contains(&d));
            if goes {
                leaving.insert(other);
                left.push(other);
            }
        }
    }
    leaving
}

/// Moves a package to a release that fits a requirement, which is asked for by `on_behalf_of`.
fn move_along(
    lock: &Lock,
    on_behalf_of: usize,
    package: usize,
    requirement: &VersionReq,
    moves: &mut Vec<Move>,
) -> bool {
    let locked = lock.package(package);
    let Some(releases) = lock.all_releases(&locked.name) else { return false };
    let asked: Vec<_> = lock
        .graph()
        .dependents(package)
        .filter(|&d| d != on_behalf_of)
        .map(|d| lock.asked(d, package))
        .collect();
    let fitting = better(&releases, &locked.version, &|v| !requirement.matches(v));
    fitting
        .into_iter()
        .take(TRIED)
        .filter(|r| asked.iter().all(|a| matches!(**a, Asked::Known(_)) && a.allow(&r.version)))
        .any(|r| {
            let before = moves.len();
            let done = make_way(lock, package, r, moves);
            if !done {
                moves.truncate(before);
            }
            done
        })
}

/// Moves all who stand in the way to releases that ask for something better, or for nothing of it.
fn move_blockers(lock: &Lock, package: usize, blockers: &[usize], good: &[&Release]) -> Option<Vec<Move>> {
    let LockedName { name, version } = LockedName::of(lock, package);
    let mut moves = Vec::new();
    for &blocker in blockers {
        let locked = lock.package(blocker);
        // What the repository asks for itself is for a human to change.
        locked.source.as_ref()?;
        let releases = lock.all_releases(&locked.name)?;
        let asked: Vec<_> = lock.graph().dependents(blocker).map(|d| lock.asked(d, blocker)).collect();
        let is_known = |a: &Asked| matches!(a, Asked::Known(_));
        if !asked.iter().all(|a| is_known(a)) {
            return None;
        }
        let does_without = |release: &Release| {
            wishes_of(release, name).iter().all(|wish| {
                // A compatible release would have to take the place of the locked one at the same moment.
                good.iter().any(|g| wish.allows(&g.version) && !is_compatible(version, &g.version))
                    && !wish.allows(version)
            })
        };
        let candidates = better(&releases, &locked.version, &|_| false);
        let done = candidates
            .into_iter()
            .take(TRIED)
            .filter(|r| does_without(r) && asked.iter().all(|a| a.allow(&r.version)))
            .any(|r| {
                let before = moves.len();
                let done = make_way(lock, blocker, r, &mut moves);
                if !done {
                    moves.truncate(before);
                }
                done
            });
        if !done {
            return None;
        }
    }
    // Others may ask for it who can do with something better.
    let rest: Vec<_> = lock
        .graph()
        .dependents(package)
        .filter(|d| !blockers.contains(d))
        .map(|d| lock.asked(d, package))
        .collect();
    if rest.is_empty() {
        return Some(moves);
    }
    let to = good.iter().find(|r| rest.iter().all(|a| a.allow(&r.version)))?;
    make_way(lock, package, to, &mut moves).then_some(moves)
}

struct LockedName<'a> {
    name: &'a str,
    version: &'a Version,
}

impl<'a> LockedName<'a> {
    fn of(lock: &Lock<'a>, package: usize) -> Self {
        let package = lock.package(package);
        Self { name: &package.name, version: &package.version }
    }
}

/// The oldest release of a package that leads to nothing bad, along a way through the graph that ends at the bad
/// release: what one has to ask for. `None` if there is none, or cargo does not remember enough to tell.
pub(super) fn first_that_helps(
    lock: &Lock,
    way: &[usize],
    is_bad: &dyn Fn(&Version) -> bool,
) -> Option<Version> {
    let (&first, rest) = way.split_first()?;
    let locked = lock.package(first);
    let releases = lock.all_releases(&locked.name)?;
    let candidates = better(&releases, &locked.version, &|_| false);
    candidates.into_iter().find(|r| helps(lock, r, rest, is_bad)).map(|r| r.version.clone())
}

/// Whether a release can be built without the bad one at the end of the way.
fn helps(lock: &Lock, release: &Release, rest: &[usize], is_bad: &dyn Fn(&Version) -> bool) -> bool {
    if !release.is_readable() {
        return false;
    }
    let Some((&next, rest)) = rest.split_first() else { return !is_bad(&release.version) };
    let name = &lock.package(next).name;
    let Some(releases) = lock.all_releases(name) else { return false };
    wishes_of(release, name).iter().all(|wish| {
        let mut fitting: Vec<&Release> = releases
            .iter()
            .filter(|r| !r.yanked && r.version.pre.is_empty() && wish.allows(&r.version))
            .collect();
        // Cargo takes the newest.
        fitting.sort_by(|a, b| b.version.cmp(&a.version));
        lock.may_take(COST)
            && fitting.into_iter().filter(|r| r.is_readable()).take(3).any(|r| helps(lock, r, rest, is_bad))
    })
}

impl Asked {
    /// Whether everything that is asked for fits a version; what is not known is taken to fit.
    fn allow(&self, version: &Version) -> bool {
        match self {
            Self::Known(wishes) => wishes.iter().all(|wish| wish.allows(version)),
            Self::Unknown(_) => true,
        }
    }

    /// The requirements, as cargo writes them.
    fn written(&self) -> String {
        let Self::Known(wishes) = self else { return String::new() };
        let all: BTreeSet<String> = wishes
            .iter()
            .map(|wish| wish.requirement.as_ref().map_or_else(|| "*".to_owned(), ToString::to_string))
            .collect();
        all.into_iter().collect::<Vec<_>>().join(" and ")
    }
}

/// Whether some version that fits the requirement would have to take the place of this one: the lock file never
/// holds two that are compatible.
fn in_the_way(requirement: &VersionReq, locked: &Version) -> bool {
    let lowest = requirement.comparators.iter().find(|c| !matches!(c.op, Op::Less | Op::LessEq));
    lowest.is_none_or(|c: &Comparator| {
        let lowest = Version::new(c.major, c.minor.unwrap_or_default(), c.patch.unwrap_or_default());
        is_compatible(&lowest, locked)
    })
}

/// Whether cargo takes one for the other.
pub(super) fn is_compatible(one: &Version, other: &Version) -> bool {
    match (one.major, one.minor) {
        (0, 0) => (other.major, other.minor, other.patch) == (0, 0, one.patch),
        (0, minor) => (other.major, other.minor) == (0, minor),
        (major, _) => other.major == major,
    }
}
