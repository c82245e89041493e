use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use bstr::ByteSlice;
use ignore::gitignore::{Gitignore, GitignoreBuilder};

use super::manifest::{Field, Located, Manifest, Packaging, Readme, WorkspaceTable};
use super::{Kind, RepoView, Tree};
use crate::model::RepoPath;

/// No more names than these are looked at in the folders of packages.
const NAMES_MAX: usize = 200_000;

/// What stands for Git's own folder among the files of a package: cargo publishes it with everything else, if `include`
/// is wide enough.
pub const GIT_HEAD: &[u8] = b".git/HEAD";

/// The files in a package's folder that may be published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidates {
    /// Relative to the package, in order of path.
    pub files: Vec<RepoPath>,
    /// Whether they are what Git would commit, or all that lies there.
    pub by_git: bool,
}

/// All that lies in the folders of packages whose files cargo does not take from Git, by their manifests.
#[derive(Debug, Default)]
pub struct WalkedPackages {
    packages: BTreeMap<RepoPath, Candidates>,
    /// Whether there was more than is looked at.
    pub is_incomplete: bool,
}

impl WalkedPackages {
    /// Looks into the folders of such packages.
    pub fn walk(tree: &Tree, view: &RepoView) -> Self {
        let mut walked = Self::default();
        let mut left = NAMES_MAX;
        for (path, manifest) in view.manifests() {
            if published(view, path, manifest).is_none_or(|packaging| by_git(view, path, packaging)) {
                continue;
            }
            match files_below(tree, &path.parent(), &mut left) {
                Some(files) => {
                    walked.packages.insert(path.clone(), Candidates { files, by_git: false });
                }
                None => walked.is_incomplete = true,
            }
        }
        walked
    }

    /// The same for files that are not on disk.
    pub fn of_files<'a>(view: &RepoView, files: &(impl Iterator<Item = &'a RepoPath> + Clone)) -> Self {
        let mut walked = Self::default();
        for (path, manifest) in view.manifests() {
            if published(view, path, manifest).is_some_and(|p| !by_git(view, path, p)) {
                let files = below(&path.parent(), files.clone());
                walked.packages.insert(path.clone(), Candidates { files, by_git: false });
            }
        }
        walked
    }
}

/// What `cargo package` would take of a package of the view, in order of path; `None` if it is not published, or
/// nobody can say.
pub fn shipped(view: &RepoView, path: &RepoPath, manifest: &Manifest) -> Option<Vec<RepoPath>> {
    let packaging = published(view, path, manifest)?;
    let folder = path.parent();
    let from_git;
    let candidates = if by_git(view, path, packaging) {
        let files = below(&folder, view.entries.iter().map(|entry| &entry.path));
        from_git = Candidates { files, by_git: true };
        &from_git
    } else {
        view.walked_packages.packages.get(path)?
    };
    let taken = packaged(packaging, workspace(view, path), candidates)?;
    Some(taken.iter().map(|file| folder.join(file.as_bytes())).collect())
}

fn workspace<'v>(view: &'v RepoView, path: &RepoPath) -> Option<&'v WorkspaceTable> {
    view.manifests().get(&view.workspaces().of(path)?.root)?.workspace.as_ref()
}

/// What a package says of its files, if it may be published: it has a version, and nothing forbids it.
fn published<'m>(view: &RepoView, path: &RepoPath, manifest: &'m Manifest) -> Option<&'m Packaging> {
    let package = manifest.package.as_ref()?;
    let workspace = workspace(view, path);
    let publish = package.publish.or_inherited(workspace.and_then(|w| w.publish.as_ref()));
    let is_published = publish.copied().unwrap_or(true) && package.version != Field::Absent;
    is_published.then_some(&package.packaging)
}

/// Whether cargo asks Git for the files: the manifest is tracked, and nothing is included by name.
fn by_git(view: &RepoView, path: &RepoPath, packaging: &Packaging) -> bool {
    view.has_index
        && view.entry(path).is_some_and(|entry| entry.tracked)
        && list(&packaging.include, workspace(view, path).and_then(|w| w.include.as_ref())).is_empty()
}

fn list<'a>(
    field: &'a Field<Vec<Located<String>>>,
    inherited: Option<&'a Located<Vec<Located<String>>>>,
) -> Vec<&'a str> {
    field.or_inherited(inherited).into_iter().flatten().map(|located| &*located.value).collect()
}

/// What cargo takes of these files, relative to the package; `None` if a pattern is none.
///
/// Without what cargo writes itself: `Cargo.toml.orig`, `.cargo_vcs_info.json`, a `Cargo.lock` that is not there.
pub fn packaged(
    packaging: &Packaging,
    workspace: Option<&WorkspaceTable>,
    candidates: &Candidates,
) -> Option<Vec<RepoPath>> {
    let include = list(&packaging.include, workspace.and_then(|w| w.include.as_ref()));
    let exclude = list(&packaging.exclude, workspace.and_then(|w| w.exclude_from_packages.as_ref()));
    let hidden = if include.is_empty() && !candidates.by_git { &[".*"][..] } else { &[] };
    let included = patterns(&include)?;
    let excluded = patterns(&hidden.iter().copied().chain(exclude).collect::<Vec<_>>())?;
    let says = |rules: &Gitignore, path: &RepoPath, is_folder: bool| {
        let relative = path.as_bytes().to_path().ok();
        relative.is_some_and(|path: &Path| rules.matched_path_or_any_parents(path, is_folder).is_ignore())
    };
    let takes = |path: &RepoPath| {
        if matches!(path.as_bytes(), b"Cargo.toml" | b"Cargo.lock") {
            return true;
        }
        if !include.is_empty() {
            return says(&included, path, false);
        }
        // Where cargo walks itself it does not look into a folder that is left out.
        let hides = |folder: RepoPath| !candidates.by_git && says(&excluded, &folder, true);
        !says(&excluded, path, false) && !folders(path).any(hides)
    };
    let others = other_packages(&candidates.files);
    let mut taken: BTreeSet<RepoPath> = candidates
        .files
        .iter()
        .filter(|path| !path.is_in(&RepoPath::from("target")))
        .filter(|path| !folders(path).any(|folder| others.contains(&folder)))
        .filter(|path| takes(path))
        .cloned()
        .collect();
    let is_there = |name: &str| candidates.files.binary_search(&RepoPath::from(name)).is_ok();
    let readme = match &packaging.readme {
        Readme::Usual => ["README.md", "README.txt", "README"].into_iter().find(|name| is_there(name)),
        Readme::None => None,
        Readme::File(file) => Some(&**file),
    };
    // What the manifest names is taken in any case, from wherever it lies.
    for file in readme.into_iter().chain(packaging.license_file.as_ref().map(|file| &*file.value)) {
        let file = file.trim_start_matches("./");
        let name = if is_there(file) { file } else { file.rsplit('/').next().unwrap_or(file) };
        taken.insert(RepoPath::from(name));
    }
    Some(taken.into_iter().collect())
}

fn patterns(lines: &[&str]) -> Option<Gitignore> {
    let mut builder = GitignoreBuilder::new("");
    for line in lines {
        builder.add_line(None, line).ok()?;
    }
    builder.build().ok()
}

/// The folders a file lies in, the innermost first; the package's own is not among them.
fn folders(path: &RepoPath) -> impl Iterator<Item = RepoPath> {
    let up = |path: &RepoPath| Some(path.parent()).filter(|folder| !folder.as_bytes().is_empty());
    std::iter::successors(up(path), move |folder| up(folder))
}

/// The folders below that are packages of their own.
fn other_packages(files: &[RepoPath]) -> BTreeSet<RepoPath> {
    let manifests = files.iter().filter(|path| path.name() == b"Cargo.toml");
    manifests.map(RepoPath::parent).filter(|folder| !folder.as_bytes().is_empty()).collect()
}

/// Those of the files that lie in a folder, relative to it.
fn below<'a>(folder: &RepoPath, files: impl Iterator<Item = &'a RepoPath>) -> Vec<RepoPath> {
    let skip = match folder.as_bytes().len() {
        0 => 0,
        length => length + 1,
    };
    let inside = files.filter(|path| path.is_in(folder));
    inside.filter_map(|path| path.as_bytes().get(skip..)).map(RepoPath::new).collect()
}

/// All regular files below a folder of the tree, relative to it, in order of path; `None` if there are more than are
/// looked at. Links are left out.
fn files_below(tree: &Tree, folder: &RepoPath, left: &mut usize) -> Option<Vec<RepoPath>> {
    let mut files = Vec::new();
    let mut open = vec![RepoPath::new("")];
    while let Some(inner) = open.pop() {
        let mut folders = Vec::new();
        let mut is_package = false;
        let before = files.len();
        let here = if inner.as_bytes().is_empty() { folder.clone() } else { folder.join(inner.as_bytes()) };
        // What cannot be looked into, cargo cannot publish either.
        let _ = tree.list(&here, |name, kind| {
            *left = left.saturating_sub(1);
            is_package |= name == b"Cargo.toml";
            match kind {
                Kind::File => files.push(inner.join(name)),
                Kind::Folder if inner.as_bytes().is_empty() && name == b"target" => {}
                // One file stands for all of Git's, which nobody looks at.
                Kind::Folder if name == b".git" => files.push(inner.join(GIT_HEAD)),
                Kind::Folder => folders.push(inner.join(name)),
                _ => {}
            }
        });
        if *left == 0 {
            return None;
        }
        if is_package && !inner.as_bytes().is_empty() {
            files.truncate(before);
            continue;
        }
        open.append(&mut folders);
    }
    files.sort_unstable();
    Some(files)
}
