//! What both readers hand over, and the checks that make a lock file of it.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::ops::Range;

use rustsec::SourceId;
use semver::Version;

use super::{LockedPackage, Lockfile, LockfileError, UnusedPatch};

/// A string value and where it stands, quotes included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Value<'a> {
    pub text: Cow<'a, str>,
    pub span: Range<usize>,
}

/// A `[[package]]`, `[root]` or `[[patch.unused]]` as written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Entry<'a> {
    pub name: Option<Value<'a>>,
    pub version: Option<Value<'a>>,
    pub source: Option<Value<'a>>,
    pub checksum: Option<Value<'a>>,
    pub replace: Option<Value<'a>>,
    pub dependencies: Option<Vec<Value<'a>>>,
    pub span: Range<usize>,
}

/// A lock file as written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Draft<'a> {
    pub version: Option<(i64, Range<usize>)>,
    pub packages: Vec<Entry<'a>>,
    pub root: Option<Entry<'a>>,
    pub unused: Vec<Entry<'a>>,
    pub metadata: Vec<(Cow<'a, str>, Cow<'a, str>)>,
}

/// Checks what was written and draws the lock file from it.
pub(super) fn settle(draft: &Draft) -> Result<Lockfile, LockfileError> {
    let version = version_of(draft)?;
    let mut sources = Sources::default();
    let mut packages = Vec::with_capacity(draft.packages.len() + 1);
    for entry in draft.root.iter().chain(&draft.packages) {
        packages.push(package(entry, &mut sources)?);
    }
    let mut unused_patches = Vec::with_capacity(draft.unused.len());
    for entry in &draft.unused {
        let (name, version) = identity(entry)?;
        let source = sources.check(entry.source.as_ref())?;
        unused_patches.push(UnusedPatch { name, version, source, span: entry.span.clone() });
    }
    if version == 1 {
        let checksums = checksums(&draft.metadata);
        for package in &mut packages {
            let key = (package.name.as_str(), package.version.to_string());
            package.checksum = checksums.get(&key).map(|&c| c.to_owned());
        }
    }
    check_dependencies(draft, version, &mut sources)?;
    let mut lockfile = Lockfile { version, packages, unused_patches, ..Lockfile::default() };
    lockfile.index();
    Ok(lockfile)
}

/// The number written, else told by where the checksums are.
fn version_of(draft: &Draft) -> Result<u32, LockfileError> {
    if let Some((version, span)) = &draft.version {
        return match version {
            5.. => Err(LockfileError::new("its version is newer than this program", span.clone())),
            _ => u32::try_from(*version)
                .ok()
                .filter(|&v| v > 0)
                .ok_or_else(|| LockfileError::new("no lock file has this version", span.clone())),
        };
    }
    let of_old = draft.metadata.iter().any(|(key, _)| key.starts_with("checksum "));
    match draft.packages.iter().find_map(|p| p.checksum.as_ref()) {
        Some(checksum) if of_old => {
            Err(LockfileError::new("checksums stand in packages and in [metadata]", checksum.span.clone()))
        }
        _ if of_old => Ok(1),
        _ => Ok(2),
    }
}

fn identity(entry: &Entry) -> Result<(String, Version), LockfileError> {
    let Some(name) = &entry.name else {
        return Err(LockfileError::new("a package has no name", entry.span.clone()));
    };
    let Some(version) = &entry.version else {
        return Err(LockfileError::new("a package has no version", entry.span.clone()));
    };
    let parsed = Version::parse(&version.text)
        .map_err(|_| LockfileError::new("this is no semantic version", version.span.clone()))?;
    Ok((name.text.clone().into_owned(), parsed))
}

fn package<'a>(entry: &'a Entry, sources: &mut Sources<'a>) -> Result<LockedPackage, LockfileError> {
    let (name, version) = identity(entry)?;
    let source = sources.check(entry.source.as_ref())?;
    if let Some(checksum) = &entry.checksum
        && !is_sha256(&checksum.text)
    {
        return Err(LockfileError::new("a checksum has 64 hexadecimal digits", checksum.span.clone()));
    }
    Ok(LockedPackage {
        name,
        version,
        source,
        checksum: entry.checksum.as_ref().map(|c| c.text.clone().into_owned()),
        dependencies: entry.dependencies.iter().flatten().map(|d| d.text.clone().into_owned()).collect(),
        replace: entry.replace.as_ref().map(|r| r.text.clone().into_owned()),
        span: entry.span.clone(),
        version_span: entry.version.as_ref().map_or(entry.span.clone(), |v| v.span.clone()),
    })
}

fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// Version 1 keeps them apart: `"checksum name version (source)" = "…"`.
fn checksums<'a>(metadata: &'a [(Cow<str>, Cow<str>)]) -> HashMap<(&'a str, String), &'a str> {
    let mut found = HashMap::with_capacity(metadata.len());
    for (key, value) in metadata {
        let mut words = key.split_whitespace();
        if words.next() == Some("checksum")
            && let (Some(name), Some(version)) = (words.next(), words.next())
            && is_sha256(value)
        {
            found.entry((name, version.to_owned())).or_insert(&**value);
        }
    }
    found
}

/// Every dependency has the form `name [version [(source)]]`, and without a version it names a package.
fn check_dependencies<'a>(
    draft: &'a Draft,
    version: u32,
    sources: &mut Sources<'a>,
) -> Result<(), LockfileError> {
    // Version 1 writes every dependency with its version.
    let names: HashSet<&str> = match version {
        1 => HashSet::new(),
        _ => draft.packages.iter().filter_map(|p| p.name.as_ref()).map(|n| &*n.text).collect(),
    };
    let nothing = HashSet::new();
    let entries = draft.root.iter().map(|root| (root, &nothing));
    for (entry, names) in entries.chain(draft.packages.iter().map(|p| (p, &names))) {
        let dependencies = entry.dependencies.iter().flatten().map(|d| (d, names));
        for (dependency, names) in dependencies.chain(entry.replace.iter().map(|r| (r, &nothing))) {
            let wrong = |message: &str| LockfileError::new(message, dependency.span.clone());
            let mut words = dependency.text.split_whitespace();
            let Some(name) = words.next() else { return Err(wrong("a dependency is empty")) };
            match words.next() {
                None if !names.contains(name) => {
                    return Err(wrong("a dependency names no package of the file"));
                }
                Some(version) if Version::parse(version).is_err() => {
                    return Err(wrong("a dependency's version is no semantic version"));
                }
                _ => {}
            }
            if let Some(source) = words.next() {
                let Some(source) = source.strip_prefix('(').and_then(|s| s.strip_suffix(')')) else {
                    return Err(wrong("a dependency's source stands in parentheses"));
                };
                if !sources.is_known(source) {
                    return Err(wrong("a dependency's source has no known form"));
                }
            }
            if words.next().is_some() {
                return Err(wrong("a dependency is a name, a version and a source at the most"));
            }
        }
    }
    Ok(())
}

/// Almost all packages share a source or two: each is checked once.
#[derive(Default)]
struct Sources<'a>(HashMap<&'a str, bool>);

impl<'a> Sources<'a> {
    fn is_known(&mut self, source: &'a str) -> bool {
        *self.0.entry(source).or_insert_with(|| SourceId::from_url(source).is_ok())
    }

    fn check(&mut self, source: Option<&'a Value>) -> Result<Option<String>, LockfileError> {
        let Some(source) = source else { return Ok(None) };
        if !self.is_known(&source.text) {
            return Err(LockfileError::new("this source has no known form", source.span.clone()));
        }
        Ok(Some(source.text.clone().into_owned()))
    }
}
