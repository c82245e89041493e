//! What to do about a locked release, in words.

use std::fmt::Write as _;

use semver::Version;

use super::lock::{Lock, Untold};
use super::remedy::{Move, Remedy, first_that_helps, is_compatible};
use crate::repo::advisories::{Advisory, Database, Kind};

/// No more blockers are named.
const NAMED: usize = 3;

/// What to do about a finding.
pub(super) struct Advice {
    /// For people; empty leaves it to the rule's words.
    pub(super) text: String,
    /// The commands, if they suffice.
    pub(super) commands: Option<String>,
    /// Who is in the way.
    pub(super) blocked_by: Option<String>,
}

impl Advice {
    fn say(text: impl Into<String>) -> Self {
        Self { text: text.into(), commands: None, blocked_by: None }
    }
}

/// What to do about an advisory: best is a release that no vulnerability is known of, else one without this one.
pub(super) fn on_advisory(lock: &Lock, package: usize, advisory: &Advisory, database: &Database) -> Advice {
    let name = &lock.package(package).name;
    let is_bad = |version: &Version| advisory.concerns(version);
    let has_any = |version: &Version| {
        is_bad(version) || database.concerning(name, version).any(|a| a.kind == Kind::Vulnerability)
    };
    if advisory.patched().is_empty() {
        return Advice::say(no_release(lock, package, advisory));
    }
    let remedy = match super::remedy::remedy(lock, package, &has_any) {
        moves @ (Remedy::Moves(_) | Remedy::TooLarge) => moves,
        _ => super::remedy::remedy(lock, package, &is_bad),
    };
    match remedy {
        Remedy::NoRelease => Advice::say(no_release(lock, package, advisory)),
        Remedy::TooLarge => Advice::say(guess(lock, package, advisory)),
        Remedy::Untold(which) => {
            Advice::say(format!("{} {}", guess(lock, package, advisory), untold(lock, package, &which)))
        }
        remedy => known(lock, package, &remedy, &is_bad, "patched"),
    }
}

/// What to do about a copy that is not the registry's: it may hold the patch already.
pub(super) fn on_copy(advisory: &Advisory) -> Advice {
    let patched: Vec<String> = advisory.patched().iter().map(ToString::to_string).collect();
    Advice::say(if patched.is_empty() {
        "See in the advisory whether the copy has the flaw, too: no release is without it.".to_owned()
    } else {
        format!(
            "See in the advisory whether the copy has the flaw, too: releases {} are patched.",
            patched.join(" or ")
        )
    })
}

/// What to do about a release that was yanked.
pub(super) fn on_yanked(lock: &Lock, package: usize) -> Advice {
    let name = &lock.package(package).name;
    let is_bad = |_: &Version| false;
    match super::remedy::remedy(lock, package, &is_bad) {
        Remedy::NoRelease => Advice::say(format!(
            "There is no later release: see on its page why it was yanked, and replace `{name}` if there is no other \
             way."
        )),
        Remedy::TooLarge | Remedy::Untold(_) => {
            Advice::say(format!("Run `cargo update -p {}`.", spec(lock, package)))
        }
        remedy => known(lock, package, &remedy, &is_bad, "not yanked"),
    }
}

fn known(
    lock: &Lock,
    package: usize,
    remedy: &Remedy,
    is_bad: &dyn Fn(&Version) -> bool,
    what: &str,
) -> Advice {
    match remedy {
        Remedy::Moves(moves) => {
            let commands = moves.iter().map(|m| command(lock, m)).collect::<Vec<_>>().join(" && ");
            let gone = moves.iter().all(|m| m.package != package);
            let then = if gone {
                format!(": then `{}` is needed no more.", spec(lock, package))
            } else {
                ": everything that depends on it allows that.".to_owned()
            };
            Advice { text: format!("Run `{commands}`{then}"), commands: Some(commands), blocked_by: None }
        }
        Remedy::Blocked { by, nearest } => {
            let mut text = format!("It is {what} from {nearest} on, and `cargo update` cannot get there");
            let named: Vec<String> =
                by.iter().take(NAMED).map(|(d, written)| wants(lock, *d, package, written)).collect();
            let blocked_by = by.iter().map(|(d, _)| spec(lock, *d)).collect::<Vec<_>>().join(", ");
            if by.is_empty() {
                text.push_str(
                    ": what that release needs itself is held back by others. Try a whole `cargo update`.",
                );
            } else {
                let more = match by.len().saturating_sub(NAMED) {
                    0 => String::new(),
                    more => format!(", and {more} more"),
                };
                let _ = write!(text, ": {}{more}.", named.join(", "));
                if let Some(lift) = lift(lock, package, by, is_bad) {
                    text.push(' ');
                    text.push_str(&lift);
                }
            }
            Advice { text, commands: None, blocked_by: (!by.is_empty()).then_some(blocked_by) }
        }
        Remedy::NoRelease | Remedy::Untold(_) | Remedy::TooLarge => Advice::say(""),
    }
}

/// `hyper 0.14.32 wants h2 ^0.3`.
fn wants(lock: &Lock, dependent: usize, package: usize, written: &str) -> String {
    let from = lock.package(dependent);
    format!("`{} {}` wants `{} {written}`", from.name, from.version, lock.package(package).name)
}

/// What to ask for instead, in which manifest.
fn lift(
    lock: &Lock,
    package: usize,
    by: &[(usize, String)],
    is_bad: &dyn Fn(&Version) -> bool,
) -> Option<String> {
    let way = lock.ways_to(package).into_iter().find(|way| {
        let last = way.len().checked_sub(2).map(|at| way[at]);
        last.is_some_and(|d| by.iter().any(|(b, _)| *b == d))
    })?;
    let (&member, rest) = way.split_first()?;
    let direct = *rest.first()?;
    let name = &lock.package(direct).name;
    let release = first_that_helps(lock, rest, is_bad)?;
    let at = lock.members.wishes(&lock.package(member).name, name)?;
    let place = at.iter().find_map(|wish| wish.place.as_ref()).map(|(path, _)| path.to_string())?;
    Some(if direct == package {
        format!("Ask for `{name}` {release} or later in {place}.")
    } else {
        format!("The first `{name}` that can do without it is {release}: ask for that in {place}.")
    })
}

/// Where nothing but the advisory itself is known.
fn guess(lock: &Lock, package: usize, advisory: &Advisory) -> String {
    let version = &lock.package(package).version;
    match advisory.first_patched_after(version) {
        Some(patched) if is_compatible(version, &patched) => {
            format!("Run `cargo update -p {}`: it is patched from {patched} on.", spec(lock, package))
        }
        Some(patched) => {
            let ways = lock.ways();
            let direct = ways.direct(package).filter(|&d| d != package);
            match direct {
                Some(direct) => format!(
                    "It is patched from {patched} on, which is a breaking change: raise `{}` to a version that depends \
                     on it.",
                    lock.package(direct).name
                ),
                None => format!(
                    "It is patched from {patched} on, which is a breaking change: raise the requirement in Cargo.toml."
                ),
            }
        }
        None => no_release(lock, package, advisory),
    }
}

fn no_release(lock: &Lock, package: usize, advisory: &Advisory) -> String {
    let direct = lock.ways().direct(package).filter(|&d| d != package);
    match (advisory.kind, direct) {
        (Kind::Vulnerability, Some(direct)) => format!(
            "No patched version exists: look for a version of `{}` that does without it.",
            lock.package(direct).name
        ),
        (Kind::Vulnerability, None) => {
            "No patched version exists: replace it, or see in the advisory how to avoid what is broken."
                .to_owned()
        }
        _ => String::new(),
    }
}

/// Why it was a guess.
fn untold(lock: &Lock, package: usize, which: &[(usize, Untold)]) -> String {
    let (about, why) = which[0];
    let spec = spec(lock, about);
    if about == package {
        return "Which releases there are is not in cargo's cache of the registry's index.".to_owned();
    }
    let more = match which.len() - 1 {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    match why {
        Untold::NotRemembered => {
            format!("Whether `{spec}`{more} allows that is not in cargo's cache of the registry's index.")
        }
        Untold::Elsewhere => format!("Whether `{spec}`{more} allows that stands outside of this repository."),
        Untold::Unlike => format!("What `{spec}`{more} asks for is patched or replaced here."),
    }
}

fn command(lock: &Lock, step: &Move) -> String {
    format!("cargo update -p {} --precise {}", spec(lock, step.package), step.to)
}

/// As cargo names a package.
fn spec(lock: &Lock, package: usize) -> String {
    let package = lock.package(package);
    format!("{}@{}", package.name, package.version)
}
