mod named;
mod npm;
mod pipfile;
mod python_lock;
mod requirements;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::OnceLock;

pub use named::{named_files, resolved};

use super::osv::Ecosystem;
use super::view::{Kept, RepoView, is_requirements};
use crate::model::RepoPath;
use crate::source::ParseProblem;

/// A file that says which versions of packages are installed: a lock file, or requirements with pins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackageFile {
    /// Whose packages they are.
    pub ecosystem: Ecosystem,
    /// Who writes and reads it.
    pub tool: Tool,
    /// Those with a version, each name and version once, in the order of the file.
    pub packages: Vec<Package>,
    /// Those of which nobody can say the version, or that come from elsewhere; in the order of the file.
    pub open: Vec<Open>,
}

/// Who writes and reads a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tool {
    /// `requirements.txt`: <https://pip.pypa.io/en/stable/reference/requirements-file-format/>
    Pip,
    /// A file of constraints, of the same form: it pins what others ask for.
    Constraints,
    /// `poetry.lock`: <https://python-poetry.org>
    Poetry,
    /// `uv.lock`: <https://docs.astral.sh/uv/concepts/projects/layout/#the-lockfile>
    Uv,
    /// `pdm.lock`: <https://pdm-project.org/latest/usage/lockfile/>
    Pdm,
    /// `pylock.toml`: <https://packaging.python.org/en/latest/specifications/pylock-toml/>
    Pylock,
    /// `Pipfile.lock`: <https://pipenv.pypa.io>
    Pipenv,
    /// `package-lock.json`, `npm-shrinkwrap.json`:
    /// <https://docs.npmjs.com/cli/configuring-npm/package-lock-json>
    Npm,
}

/// A package with the version that is installed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// As it is written.
    pub name: String,
    /// As its ecosystem looks it up ([`Ecosystem::key`]).
    pub key: String,
    /// As it is written.
    pub version: String,
    /// The version's bytes, quotes included.
    pub span: Range<usize>,
    /// Whether the file says that only development needs it.
    pub development: bool,
    /// Whether the file says that the project itself asks for it. `None` if the file does not tell.
    pub direct: Option<bool>,
}

/// An entry that cannot be held against advisory data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Open {
    /// As it is written; empty if it has none.
    pub name: String,
    /// Its bytes.
    pub span: Range<usize>,
    /// Why.
    pub why: Why,
}

/// Why an entry cannot be held against advisory data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// Nothing says which version is installed.
    Unpinned,
    /// It comes from an address or from version control.
    Address,
    /// It names a file that is not in the repository.
    Missing,
    /// It is no requirement by its form.
    Unread,
}

impl PackageFile {
    fn new(ecosystem: Ecosystem, tool: Tool) -> Self {
        Self { ecosystem, tool, packages: Vec::new(), open: Vec::new() }
    }

    fn package(&self, name: &str, version: &str, span: Range<usize>) -> Package {
        let (name, version) = (name.to_owned(), version.to_owned());
        let key = self.ecosystem.key(&name);
        Package { name, key, version, span, development: false, direct: None }
    }

    fn open(&mut self, name: &str, span: Range<usize>, why: Why) {
        self.open.push(Open { name: name.to_owned(), span, why });
    }

    /// One entry for each name and version; what something else than development needs is not for
    /// development alone.
    fn settled(mut self) -> Self {
        let mut first: BTreeMap<(String, String), usize> = BTreeMap::new();
        let mut packages: Vec<Package> = Vec::with_capacity(self.packages.len());
        for package in self.packages {
            let at = *first.entry((package.key.clone(), package.version.clone())).or_insert(packages.len());
            match packages.get_mut(at) {
                None => packages.push(package),
                Some(known) => {
                    known.development &= package.development;
                    known.direct = known.direct.max(package.direct);
                }
            }
        }
        self.packages = packages;
        self
    }
}

/// Whether a file is one of these, by its name.
pub fn is_package_file(path: &RepoPath) -> bool {
    is_requirements(path) || lock_tool(path).is_some()
}

fn lock_tool(path: &RepoPath) -> Option<Tool> {
    let name = path.name();
    Some(match name {
        b"poetry.lock" => Tool::Poetry,
        b"uv.lock" => Tool::Uv,
        b"pdm.lock" => Tool::Pdm,
        b"Pipfile.lock" => Tool::Pipenv,
        b"package-lock.json" | b"npm-shrinkwrap.json" => Tool::Npm,
        _ if name == b"pylock.toml" || name.starts_with(b"pylock.") && name.ends_with(b".toml") => {
            Tool::Pylock
        }
        _ => return None,
    })
}

/// Lock files of these ecosystems whose form is not read.
pub fn is_unread_lock(path: &RepoPath) -> Option<Ecosystem> {
    match path.name() {
        b"yarn.lock" | b"pnpm-lock.yaml" | b"bun.lock" | b"bun.lockb" => Some(Ecosystem::Npm),
        b"conda-lock.yml" | b"pixi.lock" => Some(Ecosystem::PyPi),
        _ => None,
    }
}

/// Files that pin packages, read on first use.
#[derive(Debug, Default)]
pub struct ParsedPackageFiles(OnceLock<BTreeMap<RepoPath, Result<PackageFile, ParseProblem>>>);

impl RepoView {
    /// Every kept file that pins packages of Python or npm, or what is wrong with it.
    pub fn package_files(&self) -> &BTreeMap<RepoPath, Result<PackageFile, ParseProblem>> {
        self.parsed_package_files.0.get_or_init(|| parse_all(&self.kept))
    }
}

fn parse_all(kept: &BTreeMap<RepoPath, Kept>) -> BTreeMap<RepoPath, Result<PackageFile, ParseProblem>> {
    let mut files: BTreeMap<RepoPath, Result<PackageFile, ParseProblem>> = kept
        .iter()
        .filter_map(|(path, kept)| Some((path.clone(), parse(lock_tool(path)?, &kept.bytes))))
        .collect();
    files.extend(requirements::parse_all(kept).into_iter().map(|(path, file)| (path, Ok(file))));
    files
}

/// Reads a lock file. The package files of pip are read together, since they name each other.
///
/// # Errors
/// It has not the form.
pub fn parse(tool: Tool, bytes: &[u8]) -> Result<PackageFile, ParseProblem> {
    let file = match tool {
        Tool::Pip | Tool::Constraints => requirements::parse(bytes, tool),
        Tool::Poetry | Tool::Uv | Tool::Pdm | Tool::Pylock => python_lock::parse(tool, bytes)?,
        Tool::Pipenv => pipfile::parse(bytes)?,
        Tool::Npm => npm::parse(bytes)?,
    };
    Ok(file.settled())
}

/// Names of packages that a set of files asks for.
type Keys = BTreeSet<String>;
