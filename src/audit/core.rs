use std::collections::{BTreeMap, BTreeSet};

use super::judge::pinned_packages;
use crate::model::{Checked, Coverage, Glob, NotChecked, RepoPath, Target};
use crate::repo::advisories::{AdvisoryState, DatabaseError, PackageCounts};
use crate::repo::cargo_config::{missing_includes, too_many_includes};
use crate::repo::manifest::{Manifest, Workspaces};
use crate::repo::packages::named_files;
use crate::repo::resolve::Resolution;
use crate::repo::targets::Targets;
use crate::repo::view::is_kept;
use crate::repo::{Kept, ListedFile, ReadError, RepoView};
use crate::scan::{
    Asked, Contents, Draft, FoundMark, Job, Passed, Plan, Scanned, check_repository, kind_of, scan, unread,
};

/// Manifests above this size are not read for target kinds; none is.
pub(super) const MANIFEST_LIMIT: u64 = 4 << 20;

/// The files of a root, and how to read them.
pub struct Files<'a> {
    /// In order of path.
    pub listed: Vec<ListedFile>,
    /// How to read them.
    pub contents: &'a dyn Contents,
    /// What else is known of the repository before its files are read.
    pub view: RepoView,
}

/// Words for files that were not read because of what they are.
const UNREAD: &[&str] = &["binary", "too-large", "vanished", "not-regular"];

/// What of it is wanted.
pub struct Selected<'a> {
    /// Files and folders; nothing means all.
    pub paths: &'a [RepoPath],
    /// Of those only these files: what is staged.
    pub only: Option<&'a BTreeSet<RepoPath>>,
    /// What is left out, even if it is named.
    pub exclude: &'a [Glob],
}

impl Selected<'_> {
    pub(super) fn is_excluded(&self, path: &RepoPath) -> bool {
        self.exclude.iter().any(|glob| glob.matches(path))
    }

    /// The files of the list that the configuration does not leave out.
    pub(super) fn not_excluded(&self, listed: &[ListedFile]) -> Vec<ListedFile> {
        listed.iter().filter(|file| !self.is_excluded(&file.path)).cloned().collect()
    }

    /// Whether the whole repository is wanted.
    pub fn is_all(&self) -> bool {
        self.paths.is_empty() && self.only.is_none()
    }

    /// Whether findings about this file are wanted; `None` is the repository as a whole.
    pub(super) fn wants(&self, path: Option<&RepoPath>) -> bool {
        let Some(path) = path else { return self.is_all() };
        self.only.is_none_or(|only| only.contains(path))
            && (self.paths.is_empty() || self.paths.iter().any(|folder| path.is_in(folder)))
    }

    /// What was asked for and holds no file: nobody may take that for an answer.
    fn without_files(&self, files: &[ListedFile]) -> Vec<NotChecked> {
        let nothing = |path: Option<&RepoPath>, reason: &str| NotChecked {
            path: path.cloned(),
            what: "nothing",
            reason: reason.to_owned(),
            mend: None,
            coverage: Coverage::Missing,
        };
        // What was asked for may well have nothing staged; that nothing of what is staged was read is said elsewhere.
        if self.only.is_some() {
            return Vec::new();
        }
        if self.is_all() {
            let none = files.is_empty();
            return none.then(|| nothing(None, "there is no file to audit")).into_iter().collect();
        }
        self.paths
            .iter()
            .filter(|path| !files.iter().any(|file| file.path.is_in(path)))
            .map(|path| {
                let reason = if self.is_excluded(path) {
                    "it was asked for, and `exclude` leaves it out"
                } else {
                    "it was asked for, and holds no file that Git would commit"
                };
                nothing(Some(path), reason)
            })
            .collect()
    }

    /// A file that was named itself and not read leaves the answer open, whatever it is: nobody may take the
    /// audit of a picture for a clean one.
    fn miss_named(&self, not_checked: &mut [NotChecked]) {
        // Hooks name all that is staged, pictures too.
        if self.only.is_some() {
            return;
        }
        for item in not_checked.iter_mut().filter(|item| UNREAD.contains(&item.what)) {
            if item.coverage == Coverage::Outside
                && self.paths.iter().any(|path| Some(path) == item.path.as_ref())
            {
                item.coverage = Coverage::Missing;
                item.reason.push_str(", and was asked for by its name");
            }
        }
    }

    /// The files that are read for findings: those of the list that are wanted, and those that were named
    /// themselves, even if Git ignores them.
    pub fn files(&self, listed: &[ListedFile], contents: &dyn Contents) -> Vec<ListedFile> {
        let mut files = self.not_excluded(listed);
        files.retain(|file| self.wants(Some(&file.path)));
        for path in self.paths.iter().filter(|_| self.only.is_none()) {
            let known = listed.binary_search_by(|file| file.path.cmp(path)).is_ok();
            if !known && !self.is_excluded(path) && contents.is_file(path) {
                files.push(ListedFile { path: path.clone(), tracked: false });
            }
        }
        files.sort_by(|a, b| a.path.cmp(&b.path));
        files.dedup_by(|a, b| a.path == b.path);
        files
    }
}

/// How much work may be done.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Files above this many bytes are not read.
    pub max_file_size: u64,
    /// How many threads read.
    pub threads: usize,
}

/// What an audit found, before anything is judged.
pub struct Found {
    /// In the report's order.
    pub drafts: Vec<Draft>,
    /// Inline allows.
    pub marks: Vec<FoundMark>,
    /// What was not looked at.
    pub not_checked: Vec<NotChecked>,
    /// What looked like a finding and is none, if the plan names it.
    pub passed: Vec<Passed>,
    /// How much was looked at.
    pub checked: Checked,
    /// The repository as its checks saw it.
    pub view: RepoView,
}

/// Reads everything that is wanted and runs all rules of the plan. `prepare` is shown the view before the
/// checks of the repository as a whole run: advisory data is loaded there.
///
/// # Errors
/// What `prepare` could not do.
pub fn look(
    plan: &Plan,
    files: Files,
    selected: &Selected,
    limits: Limits,
    prepare: impl FnOnce(&mut RepoView) -> Result<(), DatabaseError>,
) -> Result<Found, DatabaseError> {
    let Files { mut listed, contents, mut view } = files;
    // All of a large repository is listed once.
    let named = (!selected.is_all()).then(|| selected.files(&listed, contents));
    listed.retain(|file| !selected.is_excluded(&file.path));
    let wanted = named.as_ref().unwrap_or(&listed);
    let empty = selected.without_files(wanted);
    let targets = targets(&listed, contents, &view.resolution);
    let target = |path: &RepoPath| targets.of(path);
    let asked: Vec<Asked> =
        wanted.iter().map(|file| Asked { target: target(&file.path), path: &file.path }).collect();
    let Scanned { mut drafts, marks, kept, mut not_checked, passed, files, bytes, .. } = scan(
        plan,
        &Job { files: &asked, contents, max_file_size: limits.max_file_size, threads: limits.threads },
    );
    selected.miss_named(&mut not_checked);
    not_checked.extend(empty);
    view.only = (!selected.is_all()).then(|| asked.iter().map(|file| file.path.clone()).collect());
    view.kept = kept;
    view.is_whole = selected.is_all();
    not_checked.extend(keep_context(&mut view.kept, &listed, contents, limits, wanted, &target));
    not_checked.extend(keep_named(&mut view.kept, &listed, contents, limits, &target));
    not_checked.extend(keep_included(&mut view.kept, contents, limits, &target));
    view.entries = listed;
    view.asked_targets = targets;
    prepare(&mut view)?;
    let (more, mut missed) = check_repository(plan, &view);
    missed.extend(view.unchecked_manifests());
    if needs_lockfiles(plan) {
        missed.extend(view.unchecked_lockfiles());
    }
    drafts.extend(more.into_iter().filter(|d| selected.wants(d.finding.place.path.as_ref())));
    not_checked.extend(missed.into_iter().filter(|n| selected.wants(n.path.as_ref()) || n.path.is_none()));
    drafts.sort_by(|a, b| a.finding.order(&b.finding));
    let packages = match &view.advisories.state {
        // Those from Git are not: advisories speak of the registry's.
        AdvisoryState::Loaded(_) => PackageCounts::in_view(&view).registry,
        _ => 0,
    };
    Ok(Found {
        drafts,
        marks,
        not_checked,
        passed,
        checked: Checked { files, bytes, packages, pinned: pinned_packages(&view, None), blobs: 0 },
        view,
    })
}

/// Whether a rule runs that reads lock files. Manifests are read in any case: they say what files are for.
fn needs_lockfiles(plan: &Plan) -> bool {
    plan.prepared().iter().any(|p| p.selected && matches!(p.rule.family(), "advisories" | "deps"))
}

/// What a manifest that cannot be read is taken for when files are told apart.
const SOME_PACKAGE: &[u8] = b"[package]\nname = \"unknown\"\n";

/// Which target each file of a Cargo package belongs to: manifests are read before everything else, and
/// the roots of packages with a library and binaries, for the modules they declare.
pub(super) fn targets(listed: &[ListedFile], contents: &dyn Contents, resolution: &Resolution) -> Targets {
    let manifests = manifests(listed, contents);
    if manifests.is_empty() {
        return Targets::default();
    }
    let workspaces = Workspaces::new(&manifests, listed);
    let mut targets = Targets::with_workspaces(&manifests, &workspaces, listed);
    targets.take(&resolution.targets);
    for path in manifests.keys() {
        targets.learn(&path.parent(), |path| read_small(path, contents));
    }
    targets
}

/// Which packages of these files belong together.
pub(super) fn workspaces(listed: &[ListedFile], contents: &dyn Contents) -> Workspaces {
    Workspaces::new(&manifests(listed, contents), listed)
}

fn read_small(path: &RepoPath, contents: &dyn Contents) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    contents.read(path, MANIFEST_LIMIT, &mut bytes).is_ok().then_some(bytes)
}

fn manifests(listed: &[ListedFile], contents: &dyn Contents) -> BTreeMap<RepoPath, Manifest> {
    let mut manifests = BTreeMap::new();
    for file in listed.iter().filter(|file| file.path.name() == b"Cargo.toml") {
        // A manifest that does not parse still says that there is a package, whose files lie where they mostly do.
        if let Some(bytes) = read_small(&file.path, contents)
            && let Ok(manifest) =
                Manifest::parse(&file.path, &bytes).or_else(|_| Manifest::parse(&file.path, SOME_PACKAGE))
        {
            manifests.insert(file.path.clone(), manifest);
        }
    }
    manifests
}

/// Requirements name each other whatever their names: those that are named are needed as well. What of them cannot be
/// read is said.
fn keep_named(
    kept: &mut BTreeMap<RepoPath, Kept>,
    listed: &[ListedFile],
    contents: &dyn Contents,
    limits: Limits,
    target: &impl Fn(&RepoPath) -> Option<Target>,
) -> Vec<NotChecked> {
    let mut missed = Vec::new();
    let mut tried = BTreeSet::new();
    loop {
        let before = kept.len();
        for path in named_files(kept) {
            let is_listed = listed.binary_search_by(|file| file.path.cmp(&path)).is_ok();
            if !is_listed || !tried.insert(path.clone()) {
                continue;
            }
            let mut bytes = Vec::new();
            match contents.read(&path, limits.max_file_size, &mut bytes) {
                Ok(()) => {
                    let kind = kind_of(&Asked { path: &path, target: target(&path) }, &bytes);
                    kept.insert(path, Kept { bytes, kind });
                }
                Err(error) => missed.push(unread(&path, &error)),
            }
        }
        if kept.len() == before {
            return missed;
        }
    }
}

/// Checks of the repository as a whole need manifests and lock files that were not selected themselves. What
/// of them cannot be read is said.
fn keep_context(
    kept: &mut BTreeMap<RepoPath, Kept>,
    listed: &[ListedFile],
    contents: &dyn Contents,
    limits: Limits,
    asked: &[ListedFile],
    target: &impl Fn(&RepoPath) -> Option<Target>,
) -> Vec<NotChecked> {
    let mut missed = Vec::new();
    if asked.len() == listed.len() {
        return missed;
    }
    let is_asked = |path: &RepoPath| asked.binary_search_by(|file| file.path.cmp(path)).is_ok();
    for file in listed.iter().filter(|file| is_kept(&file.path) && !is_asked(&file.path)) {
        let mut bytes = Vec::new();
        match contents.read(&file.path, limits.max_file_size, &mut bytes) {
            Ok(()) => {
                let kind = kind_of(&Asked { path: &file.path, target: target(&file.path) }, &bytes);
                kept.insert(file.path.clone(), Kept { bytes, kind });
            }
            Err(error) => missed.push(unread(&file.path, &error)),
        }
    }
    missed
}

/// Configuration of cargo takes in other files, whatever they are called.
fn keep_included(
    kept: &mut BTreeMap<RepoPath, Kept>,
    contents: &dyn Contents,
    limits: Limits,
    target: &impl Fn(&RepoPath) -> Option<Target>,
) -> Vec<NotChecked> {
    /// How far files that are taken in take in others.
    const DEPTH: usize = 8;
    /// And how many files that are not there are looked for.
    const TRIED: usize = 1024;
    let mut missed = Vec::new();
    let mut tried = BTreeSet::new();
    for _ in 0..DEPTH {
        let missing: Vec<RepoPath> = missing_includes(kept)
            .into_iter()
            .filter(|path| tried.len() < TRIED && tried.insert(path.clone()))
            .collect();
        if missing.is_empty() {
            break;
        }
        for path in missing {
            let mut bytes = Vec::new();
            match contents.read(&path, limits.max_file_size, &mut bytes) {
                Ok(()) => {
                    let kind = kind_of(&Asked { path: &path, target: target(&path) }, &bytes);
                    kept.insert(path, Kept { bytes, kind });
                }
                // Cargo does not find it either.
                Err(ReadError::Vanished) => {}
                Err(error) => missed.push(unread(&path, &error)),
            }
        }
    }
    if !missing_includes(kept).is_subset(&tried) || too_many_includes(kept) {
        missed.push(NotChecked {
            path: None,
            what: "cargo-config",
            reason: "cargo's configuration takes in more files than are looked at".into(),
            mend: None,
            coverage: Coverage::Missing,
        });
    }
    missed
}
