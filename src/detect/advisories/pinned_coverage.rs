//! What of the packages of Python and npm was not held against advisory data, and data that is too old.

use std::collections::BTreeMap;

use super::pinned::mild;
use crate::detect::{Emit, Raw};
use crate::model::{Coverage, NotChecked, RepoPath, Severity, counted, shown};
use crate::repo::RepoView;
use crate::repo::advisories::days_between;
use crate::repo::osv::Ecosystem;
use crate::repo::packages::{PackageFile, Why, is_unread_lock};

/// Of entries that are open no more are named.
const NAMED: usize = 5;
/// No name is longer than people read; it is left out as a whole, since of a part nobody could tell whether it is a
/// secret's.
const LONGEST: usize = 80;

/// How one gets data that is not there.
fn mend(ecosystem: Ecosystem) -> String {
    format!(
        "Get OSV's data for {0} (https://storage.googleapis.com/osv-vulnerabilities/{0}/all.zip) and name it with \
         `--advisory-db`, or keep it for all audits with `cargo prodcheck advisories pack all.zip`.",
        ecosystem.word()
    )
}

/// There are packages and no data about them: one finding for each ecosystem.
pub(super) fn unchecked(repo: &RepoView, emit: &mut Emit) {
    for (ecosystem, files) in without_data(repo) {
        let ships = files.iter().map(|(path, file)| (path, shipping(repo, path, file)));
        let files: Vec<_> = ships.filter(|(_, packages)| *packages > 0).collect();
        let Some((path, _)) = files.first() else { continue };
        let packages: usize = files.iter().map(|(_, packages)| packages).sum();
        let in_files = if files.len() > 1 { format!(" in {} files", files.len()) } else { String::new() };
        let mut raw = Raw::file((**path).clone())
            .message(format!(
                "{}{in_files} not held against advisory data: there is none about {} on this machine",
                counted(packages as u64, "package"),
                ecosystem.word()
            ))
            .fix(mend(ecosystem));
        raw.severity = repo.advisories.may_be_missing.then_some(Severity::Note);
        emit.raw(raw);
    }
}

/// How many packages of a file are installed where the repository's programs run.
fn shipping(repo: &RepoView, path: &RepoPath, file: &PackageFile) -> usize {
    if mild(repo, path).is_some() {
        return 0;
    }
    file.packages.iter().filter(|package| !package.development).count()
}

/// Files with packages of ecosystems about which there is no data.
fn without_data(repo: &RepoView) -> BTreeMap<Ecosystem, Vec<(&RepoPath, &PackageFile)>> {
    let mut without: BTreeMap<Ecosystem, Vec<(&RepoPath, &PackageFile)>> = BTreeMap::new();
    if !repo.osv.asked {
        return without;
    }
    for (path, file) in repo.package_files() {
        if let Ok(file) = file
            && !file.packages.is_empty()
            && !repo.osv.covers(file.ecosystem)
        {
            without.entry(file.ecosystem).or_default().push((path, file));
        }
    }
    without
}

/// Data that is older than allowed.
pub(super) fn stale(repo: &RepoView, emit: &mut Emit) {
    let limit = repo.advisories.max_age_days;
    for &ecosystem in Ecosystem::ALL {
        let first = repo.package_files().iter().find(|(_, file)| {
            file.as_ref().is_ok_and(|file| file.ecosystem == ecosystem && !file.packages.is_empty())
        });
        let Some((path, _)) = first else { continue };
        let sources = repo.osv.sources.iter().filter(|source| source.ecosystems.contains(&ecosystem));
        // Of several sources the newest says how old the data is.
        let Some(date) = sources.filter_map(|source| source.date.as_deref()).max() else { continue };
        let Some(age) = days_between(date, &repo.advisories.today) else { continue };
        if age > i64::from(limit) {
            emit.raw(
                Raw::file(path.clone())
                    .message(format!(
                        "the newest change of the data about {} is {age} days old ({date}), more than the {limit} \
                         allowed",
                        ecosystem.word()
                    ))
                    .fix(mend(ecosystem))
                    .detail("date", date)
                    .detail("age-in-days", age.to_string()),
            );
        }
    }
}

/// Says what remains open whatever else is found.
pub(super) fn say_what_is_open(repo: &RepoView, emit: &mut Emit) {
    for (path, file) in repo.package_files() {
        let for_tests = repo.lock_is_for_tests(path);
        match file {
            Err(problem) => {
                let line = problem.span.as_ref().and_then(|span| line_of(repo, path, span.start));
                let line = line.map(|line| format!("line {line}: ")).unwrap_or_default();
                emit.not_checked(NotChecked {
                    path: Some(path.clone()),
                    what: "unparsable",
                    reason: format!("{line}{}", problem.message),
                    mend: None,
                    coverage: if for_tests { Coverage::Outside } else { Coverage::Missing },
                });
            }
            Ok(file) => {
                if let Some(reason) = open(repo, path, file) {
                    emit.not_checked(NotChecked {
                        path: Some(path.clone()),
                        what: "unpinned-packages",
                        reason: format!("not held against advisory data: {reason}"),
                        mend: None,
                        coverage: Coverage::Outside,
                    });
                }
            }
        }
    }
    for entry in &repo.entries {
        if is_unread_lock(&entry.path).is_some() {
            let bearable = repo.advisories.may_be_missing || mild(repo, &entry.path).is_some();
            emit.not_checked(NotChecked {
                path: Some(entry.path.clone()),
                what: "lock-format",
                reason:
                    "its packages were not held against advisory data: this form of lock file is not read"
                        .into(),
                mend: None,
                coverage: if bearable { Coverage::Outside } else { Coverage::Missing },
            });
        }
    }
    for (ecosystem, files) in without_data(repo) {
        for (path, file) in files {
            // What only people and pipelines install is named, and leaves nothing open.
            let bearable = repo.advisories.may_be_missing || shipping(repo, path, file) == 0;
            emit.not_checked(NotChecked {
                path: Some(path.clone()),
                what: "advisories",
                reason: format!(
                    "{} not held against advisory data: there is none about {} on this machine; name OSV's with \
                     --advisory-db",
                    counted(file.packages.len() as u64, "package"),
                    ecosystem.word()
                ),
                mend: None,
                coverage: if bearable { Coverage::Outside } else { Coverage::Missing },
            });
        }
    }
    let mut passed: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for entry in &repo.osv.passed {
        passed.entry(&entry.source).or_default().push(&entry.entry);
    }
    for (source, entries) in passed {
        emit.not_checked(NotChecked {
            path: None,
            what: "advisories",
            reason: format!(
                "{} in {source} cannot be read: {}",
                counted(entries.len() as u64, "advisory"),
                named(&entries, entries.len())
            ),
            mend: None,
            coverage: Coverage::Missing,
        });
    }
}

/// The entries that nobody could look up, by reason.
fn open(repo: &RepoView, path: &RepoPath, file: &PackageFile) -> Option<String> {
    let mut reasons: Vec<(String, usize, Vec<String>)> = Vec::new();
    for (why, said) in [
        (Why::Unpinned, "without a pinned version"),
        (Why::Address, "from addresses or version control"),
        (Why::Missing, "named and not in the repository"),
        (Why::Unread, "of no form that requirements have"),
    ] {
        let open = || file.open.iter().filter(|open| open.why == why);
        let names = open().take(NAMED).map(|open| {
            let line = line_of(repo, path, open.span.start).unwrap_or_default();
            if open.name.is_empty() || open.name.len() > LONGEST {
                format!("line {line}")
            } else {
                format!("{} (line {line})", open.name)
            }
        });
        reasons.push((said.to_owned(), open().count(), names.collect()));
    }
    // Advisories may list them one by one; beyond that they have no order.
    let odd: Vec<_> = file.packages.iter().filter(|p| file.ecosystem.version(&p.version).is_none()).collect();
    let names = odd.iter().take(NAMED).map(|p| {
        let line = line_of(repo, path, p.span.start).unwrap_or_default();
        if p.name.len() + p.version.len() > LONGEST {
            format!("line {line}")
        } else {
            format!("{} {} (line {line})", p.name, p.version)
        }
    });
    let said = format!("with versions that {} cannot order", file.ecosystem.word());
    reasons.push((said, odd.len(), names.collect()));
    let parts: Vec<String> = reasons
        .into_iter()
        .filter(|(_, count, _)| *count > 0)
        .map(|(said, count, names)| {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            format!("{count} {said}: {}", named(&names, count))
        })
        .collect();
    (!parts.is_empty()).then(|| parts.join("; "))
}

/// The first of so many names.
fn named(names: &[&str], count: usize) -> String {
    let mut text = names.iter().take(NAMED).map(|name| shown(name)).collect::<Vec<_>>().join(", ");
    if count > NAMED {
        text.push_str(", …");
    }
    text
}

/// The 1-based line of a byte of a kept file.
fn line_of(repo: &RepoView, path: &RepoPath, at: usize) -> Option<usize> {
    let bytes = repo.bytes(path)?;
    Some(memchr::memchr_iter(b'\n', &bytes[..at.min(bytes.len())]).count() + 1)
}
