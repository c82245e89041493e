use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, Metadata, PackageId};
use semver::Version;

/// What a package is built for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// What ships.
    Ships,
    /// Build scripts and their dependencies.
    Build,
    /// Tests, examples and benchmarks.
    Tests,
}

/// How a package of a lock file gets into a build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reach {
    /// What for, at the best.
    pub kind: Kind,
    /// Whether features that are off by default are needed.
    pub optional: bool,
    /// The platforms it is built on; `None` is all.
    pub platforms: Option<Vec<String>>,
}

/// How each package of a lock file gets into a build.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reaches(BTreeMap<(String, Version), Reach>);

impl Reaches {
    /// From what cargo says with the features that are on by default, and with all.
    pub(super) fn new(usual: &Metadata, all: &Metadata) -> Self {
        let mut reaches = BTreeMap::new();
        for (metadata, optional) in [(all, true), (usual, false)] {
            let graph = Graph::new(metadata);
            for package in &metadata.packages {
                if let Some((kind, platforms)) = graph.reach(&package.id) {
                    let key = (package.name.to_string(), package.version.clone());
                    reaches.insert(key, Reach { kind, optional, platforms });
                }
            }
        }
        Self(reaches)
    }

    /// How this package is reached. `None`: no build of the workspace holds it, whatever features are on.
    pub fn of(&self, name: &str, version: &Version) -> Option<&Reach> {
        self.0.get(&(name.to_owned(), version.clone()))
    }
}

impl Reach {
    /// In a few words, if there is anything to say: `only for tests, only on cfg(windows)`.
    pub fn words(&self) -> Option<String> {
        let mut words = Vec::new();
        match self.kind {
            Kind::Ships => {}
            Kind::Build => words.push("only for build scripts".to_owned()),
            Kind::Tests => words.push("only for tests".to_owned()),
        }
        if self.optional {
            words.push("only with features that are off by default".to_owned());
        }
        if let Some(platforms) = &self.platforms {
            words.push(match &platforms[..] {
                [] => "only where several conditions of platforms meet".to_owned(),
                named => format!("only on {}", named.join(", ")),
            });
        }
        (!words.is_empty()).then(|| words.join(", "))
    }
}

/// An edge: from a package to another one, for a purpose and a platform.
struct Edge<'m> {
    to: &'m PackageId,
    kind: DependencyKind,
    platform: Option<String>,
}

/// The packages that can be reached, for each purpose and platform.
struct Graph<'m> {
    /// In the order of the purposes.
    by_kind: Vec<OfKind<'m>>,
}

/// The packages that are reached for one purpose.
struct OfKind<'m> {
    kind: Kind,
    /// On all platforms.
    everywhere: BTreeSet<&'m PackageId>,
    /// Where one condition holds, for each that is named anywhere.
    on: BTreeMap<String, BTreeSet<&'m PackageId>>,
    /// Where all conditions hold.
    anywhere: BTreeSet<&'m PackageId>,
}

impl<'m> Graph<'m> {
    fn new(metadata: &'m Metadata) -> Self {
        let mut edges: BTreeMap<&PackageId, Vec<Edge>> = BTreeMap::new();
        let mut conditions = BTreeSet::new();
        for node in metadata.resolve.iter().flat_map(|resolve| &resolve.nodes) {
            for dependency in &node.deps {
                for info in &dependency.dep_kinds {
                    let platform = info.target.as_ref().map(ToString::to_string);
                    conditions.extend(platform.clone());
                    edges.entry(&node.id).or_default().push(Edge {
                        to: &dependency.pkg,
                        kind: info.kind,
                        platform,
                    });
                }
            }
        }
        let members: BTreeSet<&PackageId> = metadata.workspace_members.iter().collect();
        let mut graph = Self { by_kind: Vec::new() };
        for kind in [Kind::Ships, Kind::Build, Kind::Tests] {
            let walk = |holds: &dyn Fn(&str) -> bool| reached(&members, &edges, kind, holds);
            let everywhere = walk(&|_| false);
            let on: BTreeMap<String, BTreeSet<&PackageId>> =
                conditions.iter().map(|c| (c.clone(), walk(&|condition| condition == c))).collect();
            graph.by_kind.push(OfKind { kind, everywhere, on, anywhere: walk(&|_| true) });
        }
        graph
    }

    /// What for, and on which platforms. `None` if it is not reached at all.
    fn reach(&self, package: &PackageId) -> Option<(Kind, Option<Vec<String>>)> {
        let of = self.by_kind.iter().find(|of| of.anywhere.contains(package))?;
        if of.everywhere.contains(package) {
            return Some((of.kind, None));
        }
        let named = of.on.iter().filter(|(_, reached)| reached.contains(package)).map(|(c, _)| c.clone());
        Some((of.kind, Some(named.collect())))
    }
}

/// What is reached from the members, where edges with a condition count if `holds` says so.
fn reached<'m>(
    members: &BTreeSet<&'m PackageId>,
    edges: &BTreeMap<&'m PackageId, Vec<Edge<'m>>>,
    kind: Kind,
    holds: &dyn Fn(&str) -> bool,
) -> BTreeSet<&'m PackageId> {
    let mut reached = members.clone();
    let mut open: Vec<&PackageId> = members.iter().copied().collect();
    while let Some(package) = open.pop() {
        for edge in edges.get(package).into_iter().flatten() {
            let wanted = match edge.kind {
                DependencyKind::Build => kind >= Kind::Build,
                // Cargo resolves those of members alone.
                DependencyKind::Development => kind == Kind::Tests,
                _ => true,
            };
            if wanted && edge.platform.as_deref().is_none_or(holds) && reached.insert(edge.to) {
                open.push(edge.to);
            }
        }
    }
    reached
}
