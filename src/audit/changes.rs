use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use super::core::MANIFEST_LIMIT;
use crate::model::{Coverage, Finding, NotChecked, RepoPath, Status};
use crate::repo::{Before, Kept, Lockfile, ReadError, RepoView};
use crate::scan::Contents;
use crate::source::{FileDiff, FileKind, Lines, added_lines};

/// What findings must be about to count: a change.
#[derive(Debug, Clone, Copy)]
pub enum Changes<'a> {
    /// What was changed since a commit.
    Since(&'a Before),
    /// What a difference says was changed, by the file after the change.
    Diff(&'a BTreeMap<RepoPath, FileDiff>),
}

/// What a change did to a file.
enum FileChange {
    /// Nothing.
    None,
    /// All of it is new, or nobody can tell what.
    Whole,
    /// These lines are new; and what it was before.
    Lines(Lines, Vec<u8>),
}

/// A change and the files after it.
pub(super) struct Change<'a> {
    pub(super) changes: Changes<'a>,
    pub(super) contents: &'a dyn Contents,
    /// Files above this many bytes are not read.
    pub(super) limit: u64,
}

impl Change<'_> {
    /// Findings that stood there before the change do not count. What cannot be told counts, and is said.
    pub(super) fn mark_existing(&self, findings: &mut [Finding]) -> Vec<NotChecked> {
        let mut known: BTreeMap<RepoPath, Known> = BTreeMap::new();
        let mut not_checked = self.misfits();
        for finding in findings.iter_mut().filter(|f| f.status == Status::New) {
            let Some(path) = &finding.place.path else {
                finding.status = Status::Existing;
                continue;
            };
            let known = known.entry(path.clone()).or_insert_with(|| {
                let file = self.file(path).unwrap_or_else(|reason| {
                    let reason = format!("what of it was changed cannot be told: {reason}");
                    not_checked.push(missing(path, "change", reason));
                    FileChange::Whole
                });
                Known { change: file, packages: OnceCell::new() }
            });
            if !known.is_new(path, finding) {
                finding.status = Status::Existing;
            }
        }
        not_checked
    }

    /// Names the files of a difference that are not there, or not like it says.
    fn misfits(&self) -> Vec<NotChecked> {
        let Changes::Diff(files) = self.changes else { return Vec::new() };
        let mut misfits = Vec::new();
        let mut bytes = Vec::new();
        for (path, diff) in files {
            let reason = match self.contents.read(path, self.limit, &mut bytes) {
                Ok(()) if diff.is_binary || diff.before(&bytes).is_ok() => continue,
                Ok(()) => "the difference does not fit it: it was made of another content",
                Err(ReadError::Vanished) => "the difference names it, and it is not there",
                Err(_) => continue,
            };
            misfits.push(missing(path, "diff", reason.to_owned()));
        }
        misfits
    }

    fn file(&self, path: &RepoPath) -> Result<FileChange, String> {
        let mut now = Vec::new();
        let limit = self.limit.max(MANIFEST_LIMIT);
        self.contents.read(path, limit, &mut now).map_err(|e| e.to_string())?;
        match self.changes {
            Changes::Since(before) => {
                let is_there = |path: &RepoPath| self.contents.is_file(path);
                let before = before.file(path, &now, &is_there).map_err(|e| e.to_string())?;
                Ok(match before {
                    None => FileChange::Whole,
                    Some(before) if *before == now => FileChange::None,
                    // What Git converts on checkout is no change.
                    Some(before) if same_but_line_ends(&before, &now) => FileChange::None,
                    Some(before) => FileChange::Lines(changed_lines(&before, &now), before.to_vec()),
                })
            }
            Changes::Diff(files) => Ok(match files.get(path) {
                None => FileChange::None,
                Some(diff) if diff.is_new || diff.is_binary => FileChange::Whole,
                Some(diff) => match diff.before(&now) {
                    Ok(before) => FileChange::Lines(diff.added(), before),
                    // Said by `misfits`.
                    Err(_) => FileChange::Whole,
                },
            }),
        }
    }
}

fn missing(path: &RepoPath, what: &'static str, reason: String) -> NotChecked {
    NotChecked { path: Some(path.clone()), what, reason, mend: None, coverage: Coverage::Missing }
}

fn same_but_line_ends(one: &[u8], other: &[u8]) -> bool {
    one.len() != other.len() && unix(one) == unix(other)
}

fn changed_lines(before: &[u8], now: &[u8]) -> Lines {
    if before.contains(&b'\r') == now.contains(&b'\r') {
        return added_lines(before, now);
    }
    added_lines(&unix(before), &unix(now))
}

fn unix(text: &[u8]) -> Vec<u8> {
    let mut unix = Vec::with_capacity(text.len());
    for line in text.split_inclusive(|b| *b == b'\n') {
        match line.strip_suffix(b"\r\n") {
            Some(line) => unix.extend(line.iter().chain(b"\n")),
            None => unix.extend_from_slice(line),
        }
    }
    unix
}

struct Known {
    change: FileChange,
    /// Packages the file held before, with their versions; `None` if it pins none. Read on first use.
    packages: OnceCell<Option<BTreeSet<(String, String)>>>,
}

impl Known {
    fn is_new(&self, path: &RepoPath, finding: &Finding) -> bool {
        let (lines, before) = match &self.change {
            FileChange::None => return false,
            FileChange::Whole => return true,
            FileChange::Lines(lines, before) => (lines, before),
        };
        // A package that was there in this version brings nothing new, wherever its lines went.
        let named = |name| finding.properties.get(name).cloned();
        if finding.rule.family() == "advisories"
            && let (Some(package), Some(version)) = (named("package"), named("version"))
            && let Some(packages) = self.packages.get_or_init(|| packages_of(path, before))
        {
            return !packages.contains(&(package, version));
        }
        match finding.place.span {
            Some(span) => lines.touch(span.line, span.end_line.max(span.line)),
            None => true,
        }
    }
}

/// The packages that a lock file or a file of requirements pins; `None` if it is none, or not readable.
fn packages_of(path: &RepoPath, bytes: &[u8]) -> Option<BTreeSet<(String, String)>> {
    if path.name() == b"Cargo.lock" {
        let lock = Lockfile::parse(bytes).ok()?;
        return Some(lock.packages.into_iter().map(|p| (p.name, p.version.to_string())).collect());
    }
    let kind =
        FileKind { language: crate::source::language_of(path, b""), target: crate::model::Target::Other };
    let kept = Kept { bytes: bytes.to_vec(), kind };
    let view = RepoView { kept: [(path.clone(), kept)].into(), ..RepoView::default() };
    let files = view.package_files().get(path)?.as_ref().ok()?;
    Some(files.packages.iter().map(|p| (p.name.clone(), p.version.clone())).collect())
}
