use std::cell::{Cell, OnceCell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use semver::Version;

use super::members::{Members, Wish};
use crate::model::RepoPath;
use crate::repo::index::{Index, Kind, Release};
use crate::repo::{Graph, LockedPackage, Lockfile, RepoView, Ways, is_default_registry};

/// So many steps through the graph of one lock file are spent on saying more than where a package stands. Real ones
/// take a hundredth; a lock file that was made to be slow gets shorter answers.
const STEPS: usize = 4_000_000;

/// A lock file, and what is asked of it for findings. All is worked out when the first finding needs it.
pub(super) struct Lock<'a> {
    pub(super) path: &'a RepoPath,
    pub(super) lockfile: &'a Lockfile,
    pub(super) members: Members<'a>,
    index: &'a Index,
    ways: OnceCell<Ways>,
    releases: RefCell<HashMap<usize, Option<Arc<Release>>>>,
    asked: RefCell<HashMap<(usize, usize), Rc<Asked>>>,
    steps: Cell<usize>,
}

/// What one locked package asks for of another.
#[derive(Debug)]
pub(super) enum Asked {
    /// All entries that the locked version fits.
    Known(Vec<Wish>),
    /// It cannot be told.
    Unknown(Untold),
}

/// Why it cannot be told what a package asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Untold {
    /// It comes from Git or another registry, or its manifest is not in the repository.
    Elsewhere,
    /// Cargo's cache of the index does not have it.
    NotRemembered,
    /// What it asks for does not fit what is locked: something is patched or replaced.
    Unlike,
}

impl<'a> Lock<'a> {
    pub(super) fn new(repo: &'a RepoView, path: &'a RepoPath, lockfile: &'a Lockfile) -> Self {
        Self {
            path,
            lockfile,
            members: Members::new(repo, path),
            index: &repo.advisories.index,
            ways: OnceCell::new(),
            releases: RefCell::default(),
            asked: RefCell::default(),
            steps: Cell::new(STEPS),
        }
    }

    pub(super) fn package(&self, index: usize) -> &'a LockedPackage {
        &self.lockfile.packages[index]
    }

    pub(super) fn graph(&self) -> &'a Graph {
        self.lockfile.graph()
    }

    /// The shortest ways from what stands in the repository itself.
    pub(super) fn ways(&self) -> &Ways {
        self.ways.get_or_init(|| {
            let packages = self.lockfile.packages.iter().enumerate();
            let local = packages.filter(|(_, p)| p.source.is_none()).map(|(i, _)| i);
            self.graph().ways_from(local)
        })
    }

    /// For each package of the repository that brings another one in without the help of a further one, the
    /// shortest way: the nearest first, and of equals in the order of the file. Empty if the lock file is too
    /// large to look.
    pub(super) fn ways_to(&self, package: usize) -> Vec<Vec<usize>> {
        let is_local = |i: usize| self.package(i).source.is_none();
        let mut steps = self.steps.get();
        let ways = self.graph().ways_to(package, is_local, &mut steps);
        self.steps.set(steps);
        ways
    }

    /// Takes so many steps of those that are left. `false` if there are not enough.
    pub(super) fn may_take(&self, steps: usize) -> bool {
        let left = self.steps.get().checked_sub(steps);
        self.steps.set(left.unwrap_or_default());
        left.is_some()
    }

    /// What the index says of a locked package of the registry.
    pub(super) fn release(&self, index: usize) -> Option<Arc<Release>> {
        if let Some(known) = self.releases.borrow().get(&index) {
            return known.clone();
        }
        let package = self.package(index);
        let is_remembered = package.source.as_deref().is_some_and(is_default_registry);
        let release = is_remembered.then(|| self.index.release(&package.name, &package.version)).flatten();
        let release = release.filter(|release| release.is_readable());
        self.releases.borrow_mut().insert(index, release.clone());
        release
    }

    /// Every release of a package of the registry, if cargo remembers it.
    pub(super) fn all_releases(&self, name: &str) -> Option<Arc<[Release]>> {
        self.index.releases(name)
    }

    /// What `dependent` asks for of `package`.
    pub(super) fn asked(&self, dependent: usize, package: usize) -> Rc<Asked> {
        let key = (dependent, package);
        if let Some(known) = self.asked.borrow().get(&key) {
            return Rc::clone(known);
        }
        let asked = Rc::new(self.ask(dependent, package));
        self.asked.borrow_mut().insert(key, Rc::clone(&asked));
        asked
    }

    fn ask(&self, dependent: usize, package: usize) -> Asked {
        let from = self.package(dependent);
        let LockedPackage { name, version, .. } = self.package(package);
        let wishes = match from.source.as_deref() {
            None => match self.members.wishes(&from.name, name) {
                Some(wishes) => wishes,
                None => return Asked::Unknown(Untold::Elsewhere),
            },
            Some(source) if is_default_registry(source) => match self.release(dependent) {
                Some(release) => wishes_of(&release, name),
                None => return Asked::Unknown(Untold::NotRemembered),
            },
            Some(_) => return Asked::Unknown(Untold::Elsewhere),
        };
        let fitting: Vec<Wish> = wishes.into_iter().filter(|wish| wish.allows(version)).collect();
        if fitting.is_empty() { Asked::Unknown(Untold::Unlike) } else { Asked::Known(fitting) }
    }
}

impl Wish {
    pub(super) fn allows(&self, version: &Version) -> bool {
        self.requirement.as_ref().is_none_or(|r| r.matches(version))
    }
}

/// What a release asks for of a package; what its tests ask for is never locked.
pub(super) fn wishes_of(release: &Release, package: &str) -> Vec<Wish> {
    let dependencies = release.dependencies().iter();
    let those = dependencies.filter(|d| d.package == package && d.kind != Kind::Dev);
    those
        .map(|d| Wish {
            requirement: Some(d.requirement.clone()),
            kind: d.kind,
            platform: d.platform.clone(),
            place: None,
        })
        .collect()
}
