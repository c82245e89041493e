use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap, HashMap, HashSet};

use crate::repo::git::objects::{Commit, Layout, ObjectKind, Reader};
use crate::repo::git::{ObjectId, Refs};

/// A commit of the history that is looked at.
#[derive(Debug, Clone)]
pub(super) struct Step {
    /// Its name.
    pub(super) id: ObjectId,
    /// What it says.
    pub(super) commit: Commit,
    /// The files of the commit before it (the first, if it joins several); `None` for a beginning.
    pub(super) before: Option<ObjectId>,
}

/// Where a history begins and ends.
pub(super) struct Ends {
    /// All that leads to these is wanted.
    pub(super) from: Vec<ObjectId>,
    /// And nothing that leads to these.
    pub(super) not_from: Vec<ObjectId>,
    /// The commits that have a name.
    pub(super) tips: Vec<ObjectId>,
}

/// Commits, each after those it was made of, and among those the older ones first.
#[derive(Debug, Default)]
pub(super) struct Steps {
    pub(super) all: Vec<Step>,
    /// Those of them that a branch, a tag or HEAD reaches.
    pub(super) reached: HashSet<ObjectId>,
    /// Commits whose parents are not there: where a shallow clone ends.
    pub(super) ends: usize,
    /// Commits that cannot be read.
    pub(super) unread: usize,
}

/// Everything that is reachable from these commits and not from those. `known` are commits that were read before.
pub(super) fn steps(source: &mut Source, refs: &Refs, ends: &Ends) -> Steps {
    let cut = refs.shallow();
    let mut found = Steps::default();
    let none = Graph::default();
    let excluded = Graph::of(source, &ends.not_from, &none, &cut, &mut Steps::default());
    let graph = Graph::of(source, &ends.from, &excluded, &cut, &mut found);
    // A range may end before them.
    found.reached = if ends.tips.iter().all(|tip| graph.places.contains_key(tip)) {
        graph.reached(&ends.tips)
    } else {
        Graph::of(source, &ends.tips, &none, &cut, &mut Steps::default()).reached(&ends.tips)
    };
    // Each waits for the parents that are among them.
    let mut waits = vec![0_usize; graph.commits.len()];
    let mut children = vec![Vec::new(); graph.commits.len()];
    for (at, (_, commit)) in graph.commits.iter().enumerate() {
        for parent in commit.parents.iter().filter_map(|parent| graph.places.get(parent)) {
            waits[at] += 1;
            children[*parent].push(at);
        }
    }
    let key = |at: usize| Reverse((graph.commits[at].1.committed, graph.commits[at].0, at));
    let mut ready: BinaryHeap<_> = (0..waits.len()).filter(|at| waits[*at] == 0).map(key).collect();
    while let Some(Reverse((_, id, at))) = ready.pop() {
        let commit = &graph.commits[at].1;
        let parent = commit.parents.first().filter(|_| !cut.contains(&id));
        let before = parent.and_then(|parent| match graph.places.get(parent) {
            Some(place) => Some(graph.commits[*place].1.tree),
            // Where a range begins.
            None => source.commit(parent).map(|commit| commit.tree),
        });
        found.all.push(Step { id, commit: commit.clone(), before });
        for child in std::mem::take(&mut children[at]) {
            waits[child] -= 1;
            if waits[child] == 0 {
                ready.push(key(child));
            }
        }
    }
    found
}

/// Where commits are read from.
pub(super) struct Source<'s, 'o> {
    pub(super) reader: &'s mut Reader<'o>,
    pub(super) layout: &'s Layout,
    /// Those that were read in an earlier run.
    pub(super) known: &'s HashMap<ObjectId, Commit>,
}

impl Source<'_, '_> {
    /// A commit, held against its name: so no history goes in circles, and what is remembered of it is true.
    fn commit(&mut self, id: &ObjectId) -> Option<Commit> {
        const LARGEST: u64 = 16 << 20;
        let number = self.layout.find(id)?;
        if self.layout.kind(number) != Some(ObjectKind::Commit) {
            return None;
        }
        if let Some(known) = self.known.get(id) {
            return Some(known.clone());
        }
        let (_, bytes) = self.reader.numbered(self.layout, number, LARGEST).ok()?;
        if self.layout.name_of(ObjectKind::Commit, &bytes) != *id {
            return None;
        }
        Commit::parse(&bytes, self.layout.hash_len()).ok()
    }
}

/// Commits, and which lead to which.
#[derive(Default)]
struct Graph {
    commits: Vec<(ObjectId, Commit)>,
    places: HashMap<ObjectId, usize>,
}

impl Graph {
    fn of(
        source: &mut Source,
        from: &[ObjectId],
        without: &Self,
        cut: &BTreeSet<ObjectId>,
        found: &mut Steps,
    ) -> Self {
        let mut graph = Self::default();
        let mut open: Vec<ObjectId> = from.to_vec();
        let mut failed = HashSet::new();
        while let Some(id) = open.pop() {
            if graph.places.contains_key(&id) || without.places.contains_key(&id) || failed.contains(&id) {
                continue;
            }
            let Some(commit) = source.commit(&id) else {
                failed.insert(id);
                continue;
            };
            if cut.contains(&id) {
                found.ends += 1;
            } else {
                open.extend_from_slice(&commit.parents);
            }
            graph.places.insert(id, graph.commits.len());
            graph.commits.push((id, commit));
        }
        found.unread += failed.len();
        graph
    }

    /// Those that lead to one of these.
    fn reached(&self, tips: &[ObjectId]) -> HashSet<ObjectId> {
        let mut reached = HashSet::new();
        let mut open = tips.to_vec();
        while let Some(id) = open.pop() {
            if let Some(place) = self.places.get(&id)
                && reached.insert(id)
            {
                open.extend_from_slice(&self.commits[*place].1.parents);
            }
        }
        reached
    }
}
