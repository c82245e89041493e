//! What each file of a Cargo package is for, told from manifests and names alone.

mod context;
mod discovery;

use std::collections::{BTreeMap, BTreeSet};

use super::ListedFile;
use super::manifest::{Manifest, Workspaces};
use crate::model::{RepoPath, Target};

/// The targets of all packages of a repository.
#[derive(Debug, Clone, Default)]
pub struct Targets {
    /// By folder.
    packages: BTreeMap<RepoPath, PackageTargets>,
}

/// A target: what cargo builds from one first file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetRoot {
    /// Its name.
    pub name: String,
    /// Its first file.
    pub path: RepoPath,
    /// What it is.
    pub kind: Target,
}

#[derive(Debug, Clone)]
struct PackageTargets {
    /// What the whole package is for, if it does not ship.
    context: Option<Target>,
    roots: Vec<TargetRoot>,
    /// The kinds of the roots by path.
    first_files: BTreeMap<RepoPath, Target>,
    /// Folders and what the modules in them belong to.
    domains: BTreeMap<RepoPath, Target>,
    /// Modules that only the binary declares, without `.rs`, from [`Targets::learn`].
    of_bin: BTreeSet<RepoPath>,
}

impl Targets {
    /// Finds the targets of every package. `files` is the inventory, in order of path.
    pub fn new(manifests: &BTreeMap<RepoPath, Manifest>, files: &[ListedFile]) -> Self {
        Self::with_workspaces(manifests, &Workspaces::new(manifests, files), files)
    }

    /// The same, where the workspaces are known already.
    pub fn with_workspaces(
        manifests: &BTreeMap<RepoPath, Manifest>,
        workspaces: &Workspaces,
        files: &[ListedFile],
    ) -> Self {
        let mut packages = BTreeMap::new();
        for (path, manifest) in manifests {
            let Some(package) = &manifest.package else { continue };
            let folder = path.parent();
            let root = workspaces.of(path).and_then(|b| manifests.get(&b.root));
            let workspace = root.and_then(|m| m.workspace.as_ref());
            let edition = package.edition.or_inherited(workspace.and_then(|w| w.edition.as_ref()));
            let edition_2015 = edition.is_none_or(|e| e == "2015");
            let context = context::package_context(&folder, package, workspace);
            let roots = discovery::roots(&folder, manifest, package, edition_2015, files);
            let domains = domains(&folder, &roots);
            // Where two targets share their first file, the earlier kind wins: library, binary, others.
            let first_files = roots.iter().rev().map(|r| (r.path.clone(), r.kind)).collect();
            let of_bin = BTreeSet::new();
            packages.insert(folder, PackageTargets { context, roots, first_files, domains, of_bin });
        }
        Self { packages }
    }

    /// The targets of the package in this folder; empty if there is none.
    pub fn roots(&self, folder: &RepoPath) -> &[TargetRoot] {
        self.packages.get(folder).map_or(&[], |p| &p.roots)
    }

    /// What the package in this folder is for as a whole, where it does not ship: a test, an example, a
    /// benchmark, a script, somebody else's code.
    pub fn package_context(&self, folder: &RepoPath) -> Option<Target> {
        match self.packages.get(folder) {
            Some(package) => package.context,
            None => context::folder_context(folder),
        }
    }

    /// What a file is for. `None` where cargo has no say: outside packages, and for files of a package
    /// that are no Rust sources and lie in no folder of tests, examples or benchmarks.
    pub fn of(&self, path: &RepoPath) -> Option<Target> {
        if self.packages.is_empty() {
            return None;
        }
        let mut folder = path.parent();
        let package = loop {
            if let Some(package) = self.packages.get(&folder) {
                break package;
            }
            if folder.as_bytes().is_empty() {
                return None;
            }
            folder = folder.parent();
        };
        let is_rust = path.extension() == b"rs";
        let decided = package.context.or_else(|| package.of(path, &folder, is_rust))?;
        let ships_not = matches!(decided, Target::Test | Target::Example | Target::Bench | Target::Vendored);
        (is_rust || ships_not).then_some(decided)
    }

    /// Takes exact targets of packages in place of those that were found by names.
    pub fn take(&mut self, exact: &BTreeMap<RepoPath, Vec<TargetRoot>>) {
        for (folder, roots) in exact {
            let Some(package) = self.packages.get_mut(folder) else { continue };
            package.domains = domains(folder, roots);
            package.first_files = roots.iter().rev().map(|r| (r.path.clone(), r.kind)).collect();
            package.roots.clone_from(roots);
        }
    }

    /// Tells the module declarations of a package's `src/lib.rs` and `src/main.rs` (or whatever its
    /// library and its binaries start from): modules that a binary declares and the library does not are
    /// the binary's. Without this they count as the library's.
    pub fn learn(&mut self, folder: &RepoPath, bytes: impl Fn(&RepoPath) -> Option<Vec<u8>>) {
        let Some(package) = self.packages.get_mut(folder) else { return };
        let Some(lib) = package.roots.iter().find(|r| matches!(r.kind, Target::Lib | Target::ProcMacro))
        else {
            return;
        };
        let Some(of_lib) = bytes(&lib.path).map(|text| declared_modules(&text)) else { return };
        let source = lib.path.parent();
        let mut of_bin = BTreeSet::new();
        for root in package.roots.iter().filter(|r| r.kind == Target::Bin && r.path.parent() == source) {
            for module in bytes(&root.path).map(|text| declared_modules(&text)).unwrap_or_default() {
                if !of_lib.contains(&module) {
                    of_bin.insert(source.join(&module));
                }
            }
        }
        package.of_bin = of_bin;
    }
}

impl PackageTargets {
    fn of(&self, path: &RepoPath, folder: &RepoPath, is_rust: bool) -> Option<Target> {
        if let Some(&kind) = self.first_files.get(path) {
            return Some(kind);
        }
        let below =
            &path.as_bytes()[if folder.as_bytes().is_empty() { 0 } else { folder.as_bytes().len() + 1 }..];
        let own = RepoPath::new(below);
        match own.parts().next() {
            Some(b"tests") => return Some(Target::Test),
            Some(b"examples") => return Some(Target::Example),
            Some(b"benches") => return Some(Target::Bench),
            _ => {}
        }
        if is_rust && is_test_module(&own) {
            return Some(Target::Test);
        }
        let module = RepoPath::new(path.as_bytes().strip_suffix(b".rs").unwrap_or(path.as_bytes()));
        if is_rust && self.of_bin.contains(&module) {
            return Some(Target::Bin);
        }
        let mut at = path.parent();
        loop {
            if is_rust && self.of_bin.contains(&at) {
                return Some(Target::Bin);
            }
            if let Some(&target) = self.domains.get(&at) {
                return Some(target);
            }
            if at == *folder {
                return None;
            }
            at = at.parent();
        }
    }
}

/// A module that by its name is declared behind `#[cfg(test)]`: `tests.rs`, `x_tests.rs`, all of `tests/`.
fn is_test_module(path: &RepoPath) -> bool {
    let name = path.name();
    matches!(name, b"tests.rs" | b"test.rs")
        || name.ends_with(b"_tests.rs")
        || name.ends_with(b"_test.rs")
        || path.parent().parts().any(|part| part == b"tests")
}

/// Which folders hold the modules of which target: those its first file lies in. Where two share one, the
/// library wins, then the binary.
fn domains(package: &RepoPath, roots: &[TargetRoot]) -> BTreeMap<RepoPath, Target> {
    let mut domains: BTreeMap<RepoPath, (u8, Target)> = BTreeMap::new();
    for root in roots {
        let folder = root.path.parent();
        let rank = match root.kind {
            Target::Lib | Target::ProcMacro => 0,
            Target::Bin => 1,
            // A build script or a test beside the manifest does not make the whole package its own.
            _ if folder == *package => continue,
            _ => 2,
        };
        let domain = domains.entry(folder).or_insert((rank, root.kind));
        if rank < domain.0 {
            *domain = (rank, root.kind);
        }
    }
    domains.into_iter().map(|(folder, (_, target))| (folder, target)).collect()
}

/// The names in `mod x;` lines, found without parsing: good enough to tell whose a module is.
fn declared_modules(text: &[u8]) -> Vec<Vec<u8>> {
    let declared = |line: &[u8]| -> Option<Vec<u8>> {
        let line = line.trim_ascii();
        let line = line.strip_suffix(b";")?;
        let line = match line.strip_prefix(b"pub") {
            Some(rest) if rest.starts_with(b"(") => &rest[memchr::memchr(b')', rest)? + 1..],
            Some(rest) => rest,
            None => line,
        };
        let name = line.trim_ascii_start().strip_prefix(b"mod ")?.trim_ascii();
        let is_word = name.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'_');
        (is_word && !name.is_empty()).then(|| name.to_vec())
    };
    text.split(|&b| b == b'\n').filter_map(declared).collect()
}

#[cfg(test)]
mod tests;
