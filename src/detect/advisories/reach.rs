//! What a locked package is needed for: the program, build scripts or tests alone, everywhere or on some platforms.

use std::collections::{BTreeMap, BTreeSet};

use super::lock::{Asked, Lock};
use crate::repo::index::Kind;

/// No more platforms are named.
const PLATFORMS: usize = 3;

/// What a locked package is needed for. Where something is not known, the answer is the one that hides nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reach {
    /// The nearest to what ships.
    pub(super) kind: Kind,
    /// The platforms, if it is not needed on all.
    pub(super) platforms: Vec<String>,
}

impl Reach {
    pub(super) fn of(lock: &Lock, package: usize) -> Self {
        let everywhere = Self { kind: Kind::Normal, platforms: Vec::new() };
        let Some(above) = Above::of(lock, package) else { return everywhere };
        for kind in [Kind::Normal, Kind::Build, Kind::Dev] {
            let reached = above.reached(|edge| edge.kind <= kind);
            if !reached.contains(&package) {
                continue;
            }
            let unconditional = above.reached(|edge| edge.kind <= kind && edge.platform.is_none());
            if unconditional.contains(&package) {
                return Self { kind, platforms: Vec::new() };
            }
            // Whichever way leads there, it leaves the unconditional part through one of these.
            let platforms: BTreeSet<String> = unconditional
                .iter()
                .flat_map(|at| above.edges.get(at).into_iter().flatten())
                .filter(|edge| edge.kind <= kind)
                .filter_map(|edge| edge.platform.clone())
                .collect();
            return Self { kind, platforms: platforms.into_iter().collect() };
        }
        everywhere
    }

    /// As the end of a sentence; empty if it is needed everywhere by what ships.
    pub(super) fn words(&self) -> String {
        let kind = match self.kind {
            Kind::Normal => "",
            Kind::Build => "; needed by build scripts alone",
            Kind::Dev => "; needed by tests and examples alone",
        };
        match self.platforms.len() {
            0 => kind.to_owned(),
            1..=PLATFORMS => format!("{kind}; on {} alone", self.platforms.join(" or ")),
            _ => format!("{kind}; on some platforms alone"),
        }
    }

    pub(super) fn kind_word(&self) -> &'static str {
        match self.kind {
            Kind::Normal => "normal",
            Kind::Build => "build",
            Kind::Dev => "dev",
        }
    }
}

struct Edge {
    to: usize,
    kind: Kind,
    platform: Option<String>,
}

/// All that leads to a package.
struct Above {
    starts: Vec<usize>,
    edges: BTreeMap<usize, Vec<Edge>>,
}

impl Above {
    /// `None` if the lock file is too large to look.
    fn of(lock: &Lock, package: usize) -> Option<Self> {
        let mut above = Self { starts: Vec::new(), edges: BTreeMap::new() };
        let mut seen = BTreeSet::from([package]);
        let mut open = vec![package];
        while let Some(at) = open.pop() {
            if lock.package(at).source.is_none() {
                above.starts.push(at);
            }
            for dependent in lock.graph().dependents(at) {
                // A look at what it asks for costs more than a step through the graph.
                lock.may_take(100).then_some(())?;
                let edges = above.edges.entry(dependent).or_default();
                match &*lock.asked(dependent, at) {
                    Asked::Known(wishes) => edges.extend(wishes.iter().map(|wish| Edge {
                        to: at,
                        kind: wish.kind,
                        platform: wish.platform.clone(),
                    })),
                    Asked::Unknown(_) => edges.push(Edge { to: at, kind: Kind::Normal, platform: None }),
                }
                if seen.insert(dependent) {
                    open.push(dependent);
                }
            }
        }
        Some(above)
    }

    /// What the starts lead to over such edges.
    fn reached(&self, takes: impl Fn(&Edge) -> bool) -> BTreeSet<usize> {
        let mut reached: BTreeSet<usize> = self.starts.iter().copied().collect();
        let mut open = self.starts.clone();
        while let Some(at) = open.pop() {
            for edge in self.edges.get(&at).into_iter().flatten().filter(|edge| takes(edge)) {
                if reached.insert(edge.to) {
                    open.push(edge.to);
                }
            }
        }
        reached
    }
}
