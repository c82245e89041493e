use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::OnceLock;

use super::advisories::Advisories;
use super::cargo::CargoFacts;
use super::cargo_config::{is_cargo_config, is_toolchain_file};
use super::deployment::ParsedDeployment;
use super::environment::ParsedContract;
use super::foreign_secrets::is_ignored_secrets;
use super::ignore_evidence::is_ignore_evidence;
use super::lints::is_lint_config;
use super::osv::Osv;
use super::packages::{ParsedPackageFiles, is_package_file};
use super::resolve::Resolution;
use super::shipped::WalkedPackages;
use super::targets::Targets;
use super::{IgnoreRules, ListedFile, Lockfile, LockfileError, is_foreign_ignores};
use crate::model::{Environments, RepoPath};
use crate::source::{FileKind, FileView, PipelineKind, language_of, target_by_path};

/// A file whose bytes were kept for the checks of the repository as a whole.
#[derive(Debug, Clone)]
pub struct Kept {
    /// All of it.
    pub bytes: Vec<u8>,
    /// What it is.
    pub kind: FileKind,
}

/// A tracked file that the repository's own ignore files would leave out, were it not tracked already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrackedIgnored {
    /// The file.
    pub path: RepoPath,
    /// The ignore file.
    pub source: RepoPath,
    /// The pattern's line there, from 1.
    pub line: usize,
    /// The pattern as it is written.
    pub pattern: Vec<u8>,
    /// The pattern's bytes there.
    pub pattern_span: Range<usize>,
}

/// A pattern that the configuration wants Git's ignore files to cover.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequiredIgnore {
    /// A pattern in the manner of `.gitignore`, or `@` and the name of a set of them.
    pub pattern: String,
    /// The configuration, if it lies in the repository.
    pub path: Option<RepoPath>,
    /// The pattern's bytes there.
    pub span: Range<usize>,
}

/// The repository as the checks see it that need more than one file.
#[derive(Debug, Default)]
pub struct RepoView {
    /// How many threads a check of many files may use; 0 is one.
    pub threads: usize,
    /// Whether all files of the repository were read, not only some that were named.
    pub is_whole: bool,
    /// All files of the audit, in order of path.
    pub entries: Vec<ListedFile>,
    /// The files that findings are wanted of, if it is not all.
    pub only: Option<BTreeSet<RepoPath>>,
    /// What files of Cargo packages are for, as it was told before they were read.
    pub asked_targets: Targets,
    /// Files a check asked for: manifests, lock files, ignore files, …
    pub kept: BTreeMap<RepoPath, Kept>,
    /// Whether the root lies in a Git work tree.
    pub is_git: bool,
    /// Whether Git's index was read: without it nothing counts as tracked.
    pub has_index: bool,
    /// Tracked files that an ignore pattern of the repository covers, in order of path.
    pub tracked_ignored: Vec<TrackedIgnored>,
    /// Files that only the user's own patterns ignore, in order of path.
    pub ignored_by_user: Vec<RepoPath>,
    /// The ignore rules, for questions about files that are not there.
    pub ignore: IgnoreRules,
    /// The files in the folders of packages that are published whatever Git ignores.
    pub walked_packages: WalkedPackages,
    /// Where what files configure runs, as the configuration says it.
    pub environments: Environments,
    /// What the configuration wants Git to ignore.
    pub required: Vec<RequiredIgnore>,
    /// The advisory data to hold lock files against.
    pub advisories: Advisories,
    /// What cargo said of the workspaces, if it was asked.
    pub resolution: Resolution,
    /// The lock files, parsed on first use: several checks ask for them.
    pub parsed_lockfiles: ParsedLockfiles,
    /// The advisory data to hold packages of Python and npm against.
    pub osv: Osv,
    /// The files that pin such packages, parsed on first use.
    pub parsed_package_files: ParsedPackageFiles,
    /// What the repository deploys, read on first use.
    pub parsed_deployment: ParsedDeployment,
    /// What the services read of their environment, read on first use.
    pub parsed_contract: ParsedContract,
    /// What the manifests among the kept files say; asked through the view's methods.
    pub cargo: CargoFacts,
}

/// Lock files by path, parsed on first use.
#[derive(Debug, Default)]
pub struct ParsedLockfiles(OnceLock<BTreeMap<RepoPath, Result<Lockfile, LockfileError>>>);

impl RepoView {
    /// The file at this path.
    pub fn entry(&self, path: &RepoPath) -> Option<&ListedFile> {
        self.entries.binary_search_by(|e| e.path.cmp(path)).ok().map(|at| &self.entries[at])
    }

    /// The files that findings are wanted of, in order of path.
    pub fn judged(&self) -> Box<dyn Iterator<Item = &ListedFile> + '_> {
        match &self.only {
            None => Box::new(self.entries.iter()),
            Some(only) => Box::new(only.iter().filter_map(|path| self.entry(path))),
        }
    }

    /// What a file is: of one that is not kept, as far as its name tells.
    pub fn kind(&self, path: &RepoPath) -> FileKind {
        self.kept.get(path).map_or_else(
            || {
                let language = language_of(path, b"");
                let target = self.asked_targets.of(path).unwrap_or_else(|| target_by_path(path, language));
                FileKind { language, target }
            },
            |kept| kept.kind,
        )
    }

    /// A kept file as the checks see it.
    pub fn file<'v>(&'v self, path: &'v RepoPath, kept: &'v Kept) -> FileView<'v> {
        FileView::new(path, &kept.bytes, kept.kind).with_environments(&self.environments)
    }

    /// Whether there are files in a folder.
    pub fn has_files_in(&self, folder: &RepoPath) -> bool {
        let below = folder.join(b"");
        let at = self.entries.partition_point(|e| e.path < below);
        self.entries.get(at).is_some_and(|e| e.path.is_in(folder))
    }

    /// The bytes of a kept file.
    pub fn bytes(&self, path: &RepoPath) -> Option<&[u8]> {
        self.kept.get(path).map(|k| &*k.bytes)
    }

    /// Every kept `Cargo.lock`, or what is wrong with it.
    pub fn lockfiles(&self) -> &BTreeMap<RepoPath, Result<Lockfile, LockfileError>> {
        self.parsed_lockfiles.0.get_or_init(|| {
            let locks = self.kept.iter().filter(|(path, _)| path.name() == b"Cargo.lock");
            locks.map(|(path, kept)| (path.clone(), Lockfile::parse(&kept.bytes))).collect()
        })
    }
}

/// Whether the checks of the repository as a whole want this file's bytes.
pub fn is_kept(path: &RepoPath) -> bool {
    let name = path.name();
    // Whether these hold secrets, or are encrypted, is told by their contents.
    if name.ends_with(b".sh") && is_entry_script(name) {
        return true;
    }
    if name.starts_with(b".env")
        || matches!(path.extension(), b"env" | b"key")
        || memchr::memmem::find(name, b".tfvars").is_some()
    {
        return true;
    }
    if is_code_alone(path.extension()) {
        return false;
    }
    is_manifest(name)
        || path.extension() == b"tf"
        || is_recipe(path)
        || is_cargo_config(path)
        || is_toolchain_file(path)
        || is_package_file(path)
        || is_foreign_ignores(path)
        || is_ignored_secrets(path)
        || is_lint_config(path)
        || is_ignore_evidence(path)
        || is_told(path)
}

/// Whether files of this extension are never what is told by its name alone. Most files of a repository are.
fn is_code_alone(extension: &[u8]) -> bool {
    matches!(
        extension,
        b"c" | b"h"
            | b"cc"
            | b"cpp"
            | b"hpp"
            | b"S"
            | b"rs"
            | b"go"
            | b"java"
            | b"kt"
            | b"cs"
            | b"swift"
            | b"html"
    )
}

/// Scripts that start a service, by their name: they read variables too.
fn is_entry_script(name: &[u8]) -> bool {
    let has = |word: &[u8]| memchr::memmem::find(name, word).is_some();
    has(b"entrypoint") || has(b"start") || has(b"boot") || has(b"serve") || name == b"run.sh"
}

/// Text that tells people how to set the repository up, and examples of its environment.
pub fn is_told(path: &RepoPath) -> bool {
    let name = path.name();
    // Asked of every file: nearly all are none by the last or the first byte.
    if !matches!(name, [.., b'd' | b't' | b'c' | b'D' | b'T' | b'C'] | [b'r' | b'e' | b'R' | b'E', ..]) {
        return false;
    }
    let name = name.to_ascii_lowercase();
    let has = |word: &[u8]| memchr::memmem::find(&name, word).is_some();
    let is_text = [&b".md"[..], b".rst", b".txt", b".adoc"].iter().any(|end| name.ends_with(end));
    let words: [&[u8]; 8] =
        [b"readme", b"env", b"config", b"deploy", b"install", b"setup", b"checklist", b"production"];
    is_text && !name.starts_with(b"requirements") && words.iter().any(|word| has(word))
        || name == b"readme"
        || name.starts_with(b"env.")
        || name.starts_with(b"example.env")
}

/// Files that say what a repository needs, and in which version.
fn is_manifest(name: &[u8]) -> bool {
    matches!(
        name,
        b"Cargo.toml"
            | b"Cargo.lock"
            | b".gitignore"
            | b".dockerignore"
            | b"pyproject.toml"
            | b"Pipfile"
            | b"setup.cfg"
            | b"package.json"
            | b"go.mod"
            | b"Gemfile"
            | b".python-version"
            | b"runtime.txt"
            | b".nvmrc"
            | b".node-version"
            | b".ruby-version"
            | b".tool-versions"
    )
}

/// Dockerfiles, pipelines, start commands: what builds, tests and starts the repository.
fn is_recipe(path: &RepoPath) -> bool {
    let name = path.name();
    let has = |what: &[u8]| memchr::memmem::find(name, what).is_some();
    if name.ends_with(b".yml") || name.ends_with(b".yaml") {
        let kind = PipelineKind::of(path);
        return matches!(kind, Some(PipelineKind::Github | PipelineKind::Gitlab | PipelineKind::Azure));
    }
    // How many processes gunicorn starts stands in its own file, or on the line that starts it.
    has(b"ockerfile")
        || has(b"ontainerfile")
        || name == b"Procfile"
        || name.starts_with(b"gunicorn") && name.ends_with(b".py")
}

/// Whether pip would be given this file with `-r`, by its name: `requirements*.txt`, `*requirements.txt` and
/// all `.txt` below a folder `requirements`; not constraints.
pub fn is_requirements(path: &RepoPath) -> bool {
    let Some(stem) = path.name().strip_suffix(b".txt") else { return false };
    if memchr::memmem::find(stem, b"constraint").is_some() {
        return false;
    }
    stem.starts_with(b"requirements")
        || stem.ends_with(b"requirements")
        || path.parent().name() == b"requirements"
}
