use std::collections::BTreeMap;

use super::{committed, ships};
use crate::detect::{Detector, Emit, Needs, Prepared, Raw, RawChange, RawRelated};
use crate::model::{RepoPath, Severity, Target};
use crate::repo::manifest::Manifest;
use crate::repo::{IgnoreLine, RepoView};

/// Workspaces with a program but without a committed `Cargo.lock`.
pub(super) struct Missing;

/// Workspaces with a program whose `Cargo.lock` Git is told to ignore.
pub(super) struct Ignored;

/// Workspaces of libraries alone without a committed `Cargo.lock`.
pub(super) struct Library;

/// What is wrong with a workspace's lock file.
enum Lack {
    /// There is none.
    Absent,
    /// It lies there, and nobody has added it to Git.
    Untracked,
    /// A line keeps it out of Git.
    Ignored(IgnoreLine),
}

/// A workspace without a committed lock file that builds a program.
struct Unlocked<'r> {
    root: &'r RepoPath,
    lock: RepoPath,
    /// The manifest of the first program.
    program: &'r RepoPath,
    lack: Lack,
    severity: Severity,
}

fn unlocked(repo: &RepoView, severity: Severity) -> Vec<Unlocked<'_>> {
    let mut found = Vec::new();
    for root in repo.workspaces().roots() {
        if !ships(repo, root) {
            continue;
        }
        let lock = root.parent().join(b"Cargo.lock");
        let lack = match repo.entry(&lock) {
            Some(entry) if entry.tracked || !repo.is_git => continue,
            // In a repository that nobody has committed to yet, everything is still to be added.
            Some(_) if !repo.entry(root).is_some_and(|e| e.tracked) => continue,
            Some(_) => Lack::Untracked,
            None => repo.ignored_by(&lock).map_or(Lack::Absent, Lack::Ignored),
        };
        let mut programs = members(repo, root).filter(|m| m.is_program).map(|m| (m.has_lib, m.path));
        let Some((first_has_lib, program)) = programs.next() else { continue };
        // A library that also builds a tool leaves the choice of versions to those who use it.
        let all_with_lib = first_has_lib && programs.all(|(has_lib, _)| has_lib);
        let severity = if all_with_lib { severity.min(Severity::Warning) } else { severity };
        found.push(Unlocked { root, lock, program, lack, severity });
    }
    found
}

/// A package of a workspace that is for itself: not for tests, examples or benchmarks of another.
struct Member<'r> {
    path: &'r RepoPath,
    is_program: bool,
    has_lib: bool,
}

fn members<'r>(repo: &'r RepoView, root: &'r RepoPath) -> impl Iterator<Item = Member<'r>> {
    let members = repo.workspaces().members(root);
    members.filter(|member| repo.targets().package_context(&member.parent()).is_none()).map(|path| {
        let roots = repo.targets().roots(&path.parent());
        let has = |kinds: &[Target]| roots.iter().any(|root| kinds.contains(&root.kind));
        Member { path, is_program: has(&[Target::Bin]), has_lib: has(&[Target::Lib, Target::ProcMacro]) }
    })
}

impl Detector for Library {
    fn name(&self) -> &'static str {
        "library-without-lockfile"
    }

    fn needs(&self) -> Needs {
        Needs::Repo
    }

    fn repo(&self, _: &Prepared, repo: &RepoView, emit: &mut Emit) {
        for root in repo.workspaces().roots().filter(|root| ships(repo, root)) {
            let is_library = members(repo, root).any(|member| member.has_lib)
                && !members(repo, root).any(|member| member.is_program);
            if !is_library || committed(repo, &root.parent().join(b"Cargo.lock")) {
                continue;
            }
            let mut raw = Raw::file(root.clone())
                .message("no committed Cargo.lock holds what this library is tested with");
            raw.range = repo.manifests().get(root).and_then(Manifest::heading);
            emit.raw(raw);
        }
    }
}

impl Detector for Missing {
    fn name(&self) -> &'static str {
        "missing-lockfile"
    }

    fn needs(&self) -> Needs {
        Needs::Repo
    }

    fn repo(&self, rule: &Prepared, repo: &RepoView, emit: &mut Emit) {
        for found in unlocked(repo, rule.rule.severity) {
            let (message, fix) = match found.lack {
                Lack::Ignored(_) => continue,
                Lack::Absent => (
                    "this workspace builds a program and has no Cargo.lock".to_owned(),
                    format!("Run cargo generate-lockfile and commit {}.", found.lock),
                ),
                Lack::Untracked => (
                    "this workspace builds a program, and its Cargo.lock is not committed".to_owned(),
                    format!("Run git add {} and commit it.", found.lock),
                ),
            };
            let heading = |path: &RepoPath| repo.manifests().get(path).and_then(Manifest::heading);
            let mut raw = Raw::file(found.root.clone()).message(message).fix(fix);
            raw.range = heading(found.root);
            raw.severity = Some(found.severity);
            if found.program != found.root {
                raw = raw.related(RawRelated {
                    path: Some(found.program.clone()),
                    range: heading(found.program),
                    message: "the program".into(),
                });
            }
            emit.raw(raw);
        }
    }
}

impl Detector for Ignored {
    fn name(&self) -> &'static str {
        "lockfile-ignored"
    }

    fn needs(&self) -> Needs {
        Needs::Repo
    }

    fn repo(&self, rule: &Prepared, repo: &RepoView, emit: &mut Emit) {
        // One line may keep many lock files out: it is one finding, as bad as the worst of them.
        let mut lines: BTreeMap<(RepoPath, usize), (IgnoreLine, Vec<Unlocked>)> = BTreeMap::new();
        for found in unlocked(repo, rule.rule.severity) {
            if let Lack::Ignored(line) = &found.lack {
                let key = (line.path.clone(), line.span.start);
                lines.entry(key).or_insert_with(|| (line.clone(), Vec::new())).1.push(found);
            }
        }
        for (line, found) in lines.into_values() {
            let Some(first) = found.first() else { continue };
            let more = match found.len() {
                1 => String::new(),
                n => format!(" (and {} more)", n - 1),
            };
            let change = delete_line(repo, &line);
            let mut raw = Raw::at(line.span)
                .path(line.path.clone())
                .message(format!(
                    "Git ignores {}{more}, which pins what {} builds",
                    first.lock, first.program
                ))
                .fix(format!("Delete this line of {} and commit {}{more}.", line.path, first.lock))
                .change(change);
            raw.severity = found.iter().map(|f| f.severity).max();
            emit.raw(raw);
        }
    }
}

/// Takes the line out, if it speaks of lock files of this name alone: what else a wider pattern keeps out nobody
/// here knows.
fn delete_line(repo: &RepoView, line: &IgnoreLine) -> Option<RawChange> {
    let bytes = repo.bytes(&line.path)?;
    let pattern = bytes.get(line.span.clone())?;
    if pattern.rsplit(|&b| b == b'/').next() != Some(b"Cargo.lock") || pattern.contains(&b'*') {
        return None;
    }
    let start = memchr::memrchr(b'\n', &bytes[..line.span.start]).map_or(0, |at| at + 1);
    let end = memchr::memchr(b'\n', &bytes[line.span.end..]).map_or(bytes.len(), |at| line.span.end + at + 1);
    Some(RawChange::replace("deletes the line that keeps Cargo.lock out of Git", start..end, ""))
}
