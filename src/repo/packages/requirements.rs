use std::collections::{BTreeMap, BTreeSet};

use super::named::{closure, resolved};
use super::{Keys, PackageFile, Tool, Why};
use crate::model::RepoPath;
use crate::repo::osv::Ecosystem;
use crate::repo::view::Kept;
use crate::source::{Pinning, RequirementLines, parse_requirements};

/// Reads all requirements files among the kept ones, and what they name: what a file of constraints pins is
/// not open where it is asked for.
pub(super) fn parse_all(kept: &BTreeMap<RepoPath, Kept>) -> BTreeMap<RepoPath, PackageFile> {
    let found = closure(kept);
    let lines: BTreeMap<&RepoPath, RequirementLines> =
        found.keys().filter_map(|path| Some((path, parse_requirements(&kept.get(path)?.bytes)))).collect();
    let pinned: BTreeMap<&RepoPath, Keys> = lines
        .iter()
        .map(|(path, lines)| {
            let pins = lines.requirements.iter().filter(|r| r.version.is_some());
            (*path, pins.map(|r| Ecosystem::PyPi.key(&r.name)).collect())
        })
        .collect();
    // Who asks, by file of constraints. A file may name one a thousand times.
    let limits_of = |path: &RepoPath, lines: &RequirementLines| -> BTreeSet<RepoPath> {
        let named = lines.files.iter().filter(|f| f.constrains).filter_map(|f| resolved(path, f));
        named.filter(|limits| found.contains_key(limits)).collect()
    };
    let mut asked: BTreeMap<RepoPath, Keys> = BTreeMap::new();
    for (path, lines) in &lines {
        let names: Keys = lines.requirements.iter().map(|r| Ecosystem::PyPi.key(&r.name)).collect();
        for limits in limits_of(path, lines) {
            asked.entry(limits).or_default().extend(names.iter().cloned());
        }
    }
    let mut files = BTreeMap::new();
    for (path, constrains) in &found {
        let (Some(own), Some(kept)) = (lines.get(path), kept.get(path)) else { continue };
        let tool = if *constrains { Tool::Constraints } else { Tool::Pip };
        let mut file = read(own, &kept.bytes, tool);
        let limits = limits_of(path, own);
        let held: BTreeSet<&String> = limits.iter().filter_map(|l| pinned.get(l)).flatten().collect();
        file.open
            .retain(|open| open.why != Why::Unpinned || !held.contains(&Ecosystem::PyPi.key(&open.name)));
        for named in &own.files {
            if resolved(path, named).is_none_or(|path| !lines.contains_key(&path)) {
                file.open(&named.path, named.span.clone(), Why::Missing);
            }
        }
        if *constrains {
            // Nobody misses a version of what is only limited.
            file.open.clear();
            let names = asked.get(path);
            for package in &mut file.packages {
                package.direct = Some(names.is_some_and(|names| names.contains(&package.key)));
            }
        }
        files.insert(path.clone(), file.settled());
    }
    files
}

/// Reads one file on its own.
pub(super) fn parse(bytes: &[u8], tool: Tool) -> PackageFile {
    read(&parse_requirements(bytes), bytes, tool)
}

fn read(lines: &RequirementLines, bytes: &[u8], tool: Tool) -> PackageFile {
    let mut file = PackageFile::new(Ecosystem::PyPi, tool);
    for requirement in &lines.requirements {
        let version = requirement.version.clone().and_then(|span| Some((span.clone(), bytes.get(span)?)));
        if let Some((span, version)) = version {
            let package = file.package(&requirement.name, &String::from_utf8_lossy(version), span);
            file.packages.push(package);
            continue;
        }
        let why = match requirement.pinning {
            Pinning::Url => Why::Address,
            // An address that is held by a commit or a hash has no version either; a folder of the
            // repository is no package of others.
            Pinning::Exact if is_address(&bytes[requirement.span.clone()]) => Why::Address,
            Pinning::Exact if requirement.name.is_empty() => continue,
            _ => Why::Unpinned,
        };
        file.open(&requirement.name, requirement.span.clone(), why);
    }
    for line in &lines.unread {
        file.open("", line.clone(), Why::Unread);
    }
    file.open.sort_by_key(|open| open.span.start);
    file
}

fn is_address(text: &[u8]) -> bool {
    memchr::memmem::find(text, b"://").is_some()
}
