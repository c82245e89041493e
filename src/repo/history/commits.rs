use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap, HashMap, HashSet};

use crate::model::date_of;
use crate::repo::git::objects::{Commit, Layout, Number, ObjectKind, Reader};
use crate::repo::git::{ObjectId, Refs};

const NONE: u32 = u32::MAX;

/// A commit of the history that is looked at. There may be a million of them, so that none has memory of its own.
#[derive(Debug, Clone, Copy)]
pub(super) struct Step {
    /// Which object it is.
    pub(super) number: Number,
    /// Its files; `None` if they are not there.
    pub(super) tree: Option<Number>,
    /// The files of the commit before it (the first, if it joins several); `None` for a beginning.
    pub(super) before: Option<Number>,
    /// When its content was made, see [`Commit::authored`].
    pub(super) authored: (i64, i32),
    /// When it was made, in seconds since 1970.
    pub(super) committed: i64,
    /// Whether a branch, a tag or HEAD reaches it.
    pub(super) is_reached: bool,
    /// Whether an earlier run read it, and all that it brought.
    pub(super) is_known: bool,
    /// Whether all that it names is there.
    pub(super) is_whole: bool,
    /// Which of [`Steps::parents`] are its own.
    parents: (u32, u32),
}

impl Step {
    /// The author's day, as `YYYY-MM-DD` on the author's calendar.
    pub(super) fn author_day(&self) -> String {
        let (seconds, minutes) = self.authored;
        let local = seconds.saturating_add(i64::from(minutes) * 60);
        date_of(u64::try_from(local).unwrap_or_default() / 86_400)
    }
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
    /// Of all of them, one list behind the other.
    parents: Vec<Number>,
    /// Commits whose parents are not there: where a shallow clone ends.
    pub(super) ends: usize,
    /// What commits name and what cannot be read: commits, and the folders of files.
    pub(super) missing: HashSet<ObjectId>,
}

impl Steps {
    /// The commits that one was made of.
    pub(super) fn parents(&self, step: &Step) -> &[Number] {
        &self.parents[step.parents.0 as usize..step.parents.1 as usize]
    }

    /// Everything that is reachable from these commits and not from those.
    pub(super) fn between(source: &mut Source, refs: &Refs, ends: &Ends) -> Self {
        let cut = refs.shallow();
        let mut found = Self::default();
        let none = Graph::default();
        let excluded = Graph::of(source, &ends.not_from, &none, &cut, &mut Self::default());
        let graph = Graph::of(source, &ends.from, &excluded, &cut, &mut found);
        // A range may end before them.
        let tips: Vec<Number> = ends.tips.iter().filter_map(|tip| source.layout.find(tip)).collect();
        let is_reached = if tips.iter().all(|tip| graph.place(*tip).is_some()) {
            graph.reached(&tips)
        } else {
            let of_tips = Graph::of(source, &ends.tips, &none, &cut, &mut Self::default());
            let reached = of_tips.reached(&tips);
            let is_reached = |commit: &Node| of_tips.place(commit.number).is_some_and(|at| reached[at]);
            graph.commits.iter().map(is_reached).collect()
        };
        drop(excluded);
        let (mut waits, children) = graph.children();
        let layout = source.layout;
        let key = |at: usize| {
            let commit = &graph.commits[at];
            Reverse((commit.committed, layout.id(commit.number), at))
        };
        let mut ready: BinaryHeap<_> = (0..waits.len()).filter(|at| waits[*at] == 0).map(key).collect();
        let mut order = Vec::with_capacity(waits.len());
        while let Some(Reverse((_, _, at))) = ready.pop() {
            order.push(at);
            for &child in children.of(at) {
                let child = child as usize;
                waits[child] -= 1;
                if waits[child] == 0 {
                    ready.push(key(child));
                }
            }
        }
        found.all.reserve_exact(order.len());
        for at in order {
            let commit = graph.commits[at];
            let parent = graph.parents_of(&commit).first().filter(|_| !commit.is_cut);
            let before = parent.and_then(|&parent| match graph.place(parent) {
                Some(place) => graph.commits[place].tree,
                // Where a range begins.
                None => source.commit(parent).and_then(|(commit, _)| layout.find(&commit.tree)),
            });
            found.all.push(Step {
                number: commit.number,
                tree: commit.tree,
                before,
                authored: commit.authored,
                committed: commit.committed,
                is_reached: is_reached[at],
                is_known: commit.is_known,
                is_whole: commit.is_whole,
                parents: commit.parents,
            });
        }
        found.parents = graph.parents;
        found
    }
}

/// Where commits are read from.
pub(super) struct Source<'s, 'o> {
    pub(super) reader: &'s mut Reader<'o>,
    pub(super) layout: &'s Layout,
    /// Those that were read in an earlier run.
    pub(super) known: &'s HashMap<ObjectId, Commit>,
}

impl Source<'_, '_> {
    /// A commit, held against its name: so no history goes in circles, and what is remembered of it is true. And whether
    /// it was known.
    fn commit(&mut self, number: Number) -> Option<(Commit, bool)> {
        const LARGEST: u64 = 16 << 20;
        if self.layout.kind(number) != Some(ObjectKind::Commit) {
            return None;
        }
        let id = self.layout.id(number);
        if let Some(known) = self.known.get(&id) {
            return Some((known.clone(), true));
        }
        let (_, bytes) = self.reader.numbered(self.layout, number, LARGEST).ok()?;
        if self.layout.name_of(ObjectKind::Commit, &bytes) != id {
            return None;
        }
        Commit::parse(&bytes, self.layout.hash_len()).ok().map(|commit| (commit, false))
    }
}

/// A commit that was read.
#[derive(Debug, Clone, Copy)]
struct Node {
    number: Number,
    tree: Option<Number>,
    parents: (u32, u32),
    authored: (i64, i32),
    committed: i64,
    is_known: bool,
    is_whole: bool,
    /// Whether a shallow clone ends here.
    is_cut: bool,
}

/// Commits, and which lead to which.
#[derive(Default)]
struct Graph {
    commits: Vec<Node>,
    /// Of all of them, one list behind the other.
    parents: Vec<Number>,
    /// For each object, which of the commits it is.
    places: Vec<u32>,
}

impl Graph {
    fn of(
        source: &mut Source,
        from: &[ObjectId],
        without: &Self,
        cut: &BTreeSet<ObjectId>,
        found: &mut Steps,
    ) -> Self {
        let layout = source.layout;
        let find = |id: &ObjectId| layout.find(id);
        let mut graph = Self::default();
        let mut open: Vec<Number> = from.iter().filter_map(find).collect();
        found.missing.extend(from.iter().filter(|id| find(id).is_none()));
        if !open.is_empty() {
            graph.places = vec![NONE; layout.len()];
        }
        let mut failed = HashSet::new();
        while let Some(number) = open.pop() {
            if graph.place(number).is_some() || without.place(number).is_some() || failed.contains(&number) {
                continue;
            }
            let Some((commit, is_known)) = source.commit(number) else {
                failed.insert(number);
                continue;
            };
            let is_cut = !cut.is_empty() && cut.contains(&layout.id(number));
            let first = graph.parents.len();
            graph.parents.extend(commit.parents.iter().filter_map(find));
            let mut is_whole = graph.parents.len() - first == commit.parents.len();
            if is_cut {
                found.ends += 1;
            } else {
                open.extend_from_slice(&graph.parents[first..]);
                if !is_whole {
                    found.missing.extend(commit.parents.iter().filter(|id| find(id).is_none()));
                }
            }
            let tree = find(&commit.tree);
            if tree.is_none() {
                found.missing.insert(commit.tree);
                is_whole = false;
            }
            graph.places[number as usize] = graph.commits.len() as u32;
            graph.commits.push(Node {
                number,
                tree,
                parents: (first as u32, graph.parents.len() as u32),
                authored: commit.authored,
                committed: commit.committed,
                is_known,
                is_whole,
                is_cut,
            });
        }
        found.missing.extend(failed.into_iter().map(|number| layout.id(number)));
        graph
    }

    /// Which of the commits an object is.
    fn place(&self, number: Number) -> Option<usize> {
        self.places.get(number as usize).filter(|place| **place != NONE).map(|place| *place as usize)
    }

    fn parents_of(&self, commit: &Node) -> &[Number] {
        &self.parents[commit.parents.0 as usize..commit.parents.1 as usize]
    }

    /// How many of a commit's parents are among them, and the commits that were made of each.
    fn children(&self) -> (Vec<u32>, Children) {
        let mut waits = vec![0; self.commits.len()];
        let mut starts = vec![0; self.commits.len() + 1];
        let parents =
            |at: usize| self.parents_of(&self.commits[at]).iter().filter_map(|parent| self.place(*parent));
        for (at, waits) in waits.iter_mut().enumerate() {
            for parent in parents(at) {
                *waits += 1;
                starts[parent + 1] += 1;
            }
        }
        for at in 0..self.commits.len() {
            starts[at + 1] += starts[at];
        }
        let mut filled: Vec<u32> = starts.clone();
        let mut all = vec![0; starts[self.commits.len()] as usize];
        for at in 0..self.commits.len() {
            for parent in parents(at) {
                all[filled[parent] as usize] = at as u32;
                filled[parent] += 1;
            }
        }
        (waits, Children { all, starts })
    }

    /// Of each of them, whether it leads to one of these.
    fn reached(&self, tips: &[Number]) -> Vec<bool> {
        let mut reached = vec![false; self.commits.len()];
        let mut open = tips.to_vec();
        while let Some(number) = open.pop() {
            if let Some(place) = self.place(number)
                && !std::mem::replace(&mut reached[place], true)
            {
                open.extend_from_slice(self.parents_of(&self.commits[place]));
            }
        }
        reached
    }
}

/// The commits that were made of each.
struct Children {
    all: Vec<u32>,
    starts: Vec<u32>,
}

impl Children {
    fn of(&self, at: usize) -> &[u32] {
        &self.all[self.starts[at] as usize..self.starts[at + 1] as usize]
    }
}
