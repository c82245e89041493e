//! What the manifests of the repository ask for, and where.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::ops::Range;

use semver::VersionReq;

use crate::model::{RepoPath, Target};
use crate::repo::RepoView;
use crate::repo::index::Kind;
use crate::repo::manifest::{Dependency, Manifest, Section};

/// What one package asks for of another.
#[derive(Debug, Clone)]
pub(super) struct Wish {
    /// Which versions; `None` means any.
    pub(super) requirement: Option<VersionReq>,
    /// What for.
    pub(super) kind: Kind,
    /// On which platform, if on some alone.
    pub(super) platform: Option<String>,
    /// Where it is written, for packages of the repository.
    pub(super) place: Option<(RepoPath, Range<usize>)>,
}

/// The manifests behind a lock file, by name of package.
pub(super) struct Members<'a> {
    repo: &'a RepoView,
    root: RepoPath,
    by_name: OnceCell<BTreeMap<&'a str, (&'a RepoPath, &'a Manifest)>>,
}

impl<'a> Members<'a> {
    pub(super) fn new(repo: &'a RepoView, lock: &RepoPath) -> Self {
        Self { repo, root: lock.parent(), by_name: OnceCell::new() }
    }

    /// The manifest of a package that has no source in the lock file.
    pub(super) fn manifest(&self, name: &str) -> Option<(&'a RepoPath, &'a Manifest)> {
        self.by_name.get_or_init(|| self.all()).get(name).copied()
    }

    /// Whether a package is never published, so that the registry's package of its name is another one.
    fn is_private(&self, name: &str) -> bool {
        let Some((path, manifest)) = self.manifest(name) else { return false };
        let root = self.repo.workspaces().of(path).and_then(|b| self.repo.manifests().get(&b.root));
        let shared = root.and_then(|m| m.workspace.as_ref()?.publish.as_ref());
        manifest.package.as_ref().is_some_and(|p| p.publish.or_inherited(shared) == Some(&false))
    }

    /// Whether a package belongs to the workspace of the lock file.
    pub(super) fn is_member(&self, name: &str) -> bool {
        let root = self.root.join(b"Cargo.toml");
        let Some((path, _)) = self.manifest(name) else { return false };
        self.repo.workspaces().members(&root).any(|member| member == path)
    }

    /// Whether a package of a folder is the repository's own work, of which advisories on the registry's package of its
    /// name do not speak: it is never published, or a member of the workspace and no copy.
    pub(super) fn is_own(&self, name: &str) -> bool {
        let Some((path, _)) = self.manifest(name) else { return false };
        let is_copy = self.repo.targets().package_context(&path.parent()) == Some(Target::Vendored);
        self.is_private(name) || (self.is_member(name) && !is_copy)
    }

    /// Members of the workspace come first, then what lies below its root, then what lies elsewhere: path
    /// dependencies may.
    fn all(&self) -> BTreeMap<&'a str, (&'a RepoPath, &'a Manifest)> {
        let manifests = self.repo.manifests();
        let root = self.root.join(b"Cargo.toml");
        let members = self.repo.workspaces().members(&root).filter_map(|path| manifests.get_key_value(path));
        let below = manifests.iter().filter(|(path, _)| path.is_in(&self.root));
        let mut found = BTreeMap::new();
        for (path, manifest) in members.chain(below).chain(manifests) {
            if let Some(package) = &manifest.package {
                found.entry(&*package.name.value).or_insert((path, manifest));
            }
        }
        found
    }

    /// What a package of the repository asks for of another package, of any kind and on any platform. `None` if
    /// the repository has no manifest of it.
    pub(super) fn wishes(&self, member: &str, package: &str) -> Option<Vec<Wish>> {
        let (path, manifest) = self.manifest(member)?;
        let workspace = self.repo.workspaces().of(path).map(|b| &b.root);
        let workspace = workspace.and_then(|root| Some((root, self.repo.manifests().get(root)?)));
        let wishes = manifest.dependencies.iter().filter_map(|dependency| {
            // What is inherited stands in the workspace; there a version is raised, too.
            let inherited = workspace.filter(|_| dependency.inherited).and_then(|(root, manifest)| {
                let shared = manifest.workspace.as_ref()?.dependencies.iter();
                Some((root, shared.into_iter().find(|d| d.name.value == dependency.name.value)?))
            });
            let (path, written) = inherited.unwrap_or((path, dependency));
            (written.package_name() == package).then(|| Wish {
                requirement: written.requirement.as_ref().and_then(|r| VersionReq::parse(&r.value).ok()),
                kind: match dependency.section {
                    Section::Dev => Kind::Dev,
                    Section::Build => Kind::Build,
                    _ => Kind::Normal,
                },
                platform: dependency.platform.clone(),
                place: Some((path.clone(), self.first_line(path, written))),
            })
        });
        Some(wishes.collect())
    }

    /// A long list of features needs not be shown.
    fn first_line(&self, path: &RepoPath, dependency: &Dependency) -> Range<usize> {
        let span = dependency.span.clone();
        let text = self.repo.bytes(path).and_then(|bytes| bytes.get(span.clone())).unwrap_or_default();
        let end = memchr::memchr2(b'\n', b'\r', text).unwrap_or(text.len());
        span.start..span.start + end
    }
}
