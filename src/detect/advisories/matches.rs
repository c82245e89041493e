use std::fmt::Write as _;

use super::advice::on_advisory;
use super::coverage;
use super::finding::Locked;
use super::lock::Lock;
use super::pinned;
use crate::detect::{Detector, Emit, Needs, Prepared, Raw};
use crate::model::{Confidence, Severity};
use crate::repo::RepoView;
use crate::repo::advisories::{Advisory, AdvisoryState, Database, Kind, Matched, matchable};
use crate::rules::Rule;

/// No more functions are named.
const FUNCTIONS: usize = 4;

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
            let lock = Lock::new(repo, path, lockfile);
            for (index, package, matched) in matchable(lockfile) {
                if matched == Matched::Path && lock.members.is_own(&package.name) {
                    continue;
                }
                let mut about = None;
                for advisory in database.concerning(&package.name, &package.version) {
                    if kinds.contains(&advisory.kind) {
                        let locked = about.get_or_insert_with(|| Locked::new(repo, &lock, index));
                        emit.raw(raw(locked, &lock, index, advisory, database, matched));
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

fn raw(
    locked: &Locked,
    lock: &Lock,
    index: usize,
    advisory: &Advisory,
    database: &Database,
    matched: Matched,
) -> Raw {
    let package = lock.package(index);
    let said = match (advisory.kind, advisory.rating) {
        (Kind::Vulnerability, Some(rating @ ("low" | "medium" | "high" | "critical"))) => {
            format!("has a known vulnerability ({rating})")
        }
        (Kind::Vulnerability, _) => "has a known vulnerability".to_owned(),
        (Kind::Unsound, _) => "is unsound".to_owned(),
        (Kind::Unmaintained, _) => "is unmaintained".to_owned(),
        (Kind::Notice, _) => "has a notice".to_owned(),
    };
    let only_on = if advisory.os.is_empty() && advisory.arch.is_empty() {
        String::new()
    } else {
        let all: Vec<&str> = advisory.os.iter().chain(&advisory.arch).map(String::as_str).collect();
        format!(", on {}", all.join(", "))
    };
    let by_name = match matched {
        Matched::Exactly => "",
        Matched::Git => "; matched by its name alone, since it comes from Git",
        Matched::Elsewhere => "; matched by its name alone, since it comes from another registry",
        Matched::Path => "; matched by its name alone, since it lies in a folder",
    };
    let message = format!(
        "`{} {}` {said}: {} ({}){only_on}{by_name}",
        package.name,
        package.version,
        advisory.title.trim(),
        advisory.id
    );
    let mut advice = match matched {
        Matched::Exactly => on_advisory(lock, index, advisory, database),
        _ => super::advice::on_copy(advisory),
    };
    if !advisory.functions.is_empty() && !advice.text.is_empty() {
        let more = match advisory.functions.len().saturating_sub(FUNCTIONS) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let named: Vec<String> =
            advisory.functions.iter().take(FUNCTIONS).map(|function| format!("`{function}`")).collect();
        let _ = write!(advice.text, " Concerned: {}{more}.", named.join(", "));
    }
    let patched: Vec<String> = advisory.patched().iter().map(ToString::to_string).collect();
    let mut raw = locked
        .raw(&message, &advice)
        .property("advisory", &advisory.id)
        .property("kind", advisory.kind.word())
        .detail("date", &advisory.date)
        .detail("url", &advisory.url);
    let lists = [
        ("aliases", advisory.aliases.join(", ")),
        ("patched", patched.join(" or ")),
        ("functions", advisory.functions.join(", ")),
        ("os", advisory.os.join(", ")),
        ("arch", advisory.arch.join(", ")),
        ("licence", advisory.licence.clone().unwrap_or_default()),
        ("cvss", advisory.cvss.clone().unwrap_or_default()),
        ("cvss-score", advisory.score.map(|s| format!("{}.{}", s / 10, s % 10)).unwrap_or_default()),
        ("cvss-rating", advisory.rating.unwrap_or_default().to_owned()),
    ];
    for (key, value) in lists {
        if !value.is_empty() {
            raw = raw.detail(key, value);
        }
    }
    raw.severity = severity(advisory.kind, locked, matched);
    if matched != Matched::Exactly {
        raw.confidence = Some(Confidence::Low);
        raw = raw.detail("matched", "name");
    }
    raw
}

/// In place of the rule's, where the place makes it less: nobody ships what only tests lock, nobody can replace at
/// once what others depend on, and a name is no proof.
fn severity(kind: Kind, locked: &Locked, matched: Matched) -> Option<Severity> {
    let lower = locked.is_for_tests() || (kind == Kind::Unmaintained && !locked.is_direct());
    match matched {
        Matched::Exactly => lower.then_some(Severity::Note),
        Matched::Git | Matched::Elsewhere if kind == Kind::Vulnerability && !lower => Some(Severity::Warning),
        _ => Some(Severity::Note),
    }
}
