use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap, HashMap, HashSet};

use crate::repo::git::objects::{Commit, Layout, ObjectKind, Reader};
use crate::repo::git::{ObjectId, Refs};

/// A commit of the history that is looked at.
#[derive(Debug, Clone)]
pub(super) struct Step {
    /// Its name.
    pub(super) id: ObjectId,
    /// The files of it.
    pub(super) tree: ObjectId,
    /// The files of the commit before it (the first, if it joins several); `None` for a beginning.
    pub(super) before: Option<ObjectId>,
    /// The author's day.
    pub(super) day: String,
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

/// Everything that is reachable from these commits and not from those; `tips` are those that have a name.
pub(super) fn steps(reader: &mut Reader, layout: &Layout, refs: &Refs, ends: &Ends) -> Steps {
    let cut = refs.shallow();
    let mut found = Steps::default();
    let excluded = closure(reader, layout, &ends.not_from, &HashMap::new(), &cut, &mut Steps::default());
    let commits = closure(reader, layout, &ends.from, &excluded, &cut, &mut found);
    found.reached = reached(&commits, &ends.tips);
    // Each waits for the parents that are among them.
    let mut waits: HashMap<ObjectId, usize> = HashMap::new();
    let mut children: HashMap<ObjectId, Vec<ObjectId>> = HashMap::new();
    let mut ready: BinaryHeap<Reverse<(i64, ObjectId)>> = BinaryHeap::new();
    for (id, commit) in &commits {
        let parents: BTreeSet<&ObjectId> =
            commit.parents.iter().filter(|p| commits.contains_key(*p)).collect();
        if parents.is_empty() {
            ready.push(Reverse((commit.committed, *id)));
        }
        waits.insert(*id, parents.len());
        for parent in parents {
            children.entry(*parent).or_default().push(*id);
        }
    }
    let mut boundary: HashMap<ObjectId, Option<ObjectId>> = HashMap::new();
    while let Some(Reverse((_, id))) = ready.pop() {
        let commit = &commits[&id];
        let before = commit.parents.first().filter(|_| !cut.contains(&id)).and_then(|parent| {
            commits.get(parent).map(|parent| parent.tree).or_else(|| {
                *boundary
                    .entry(*parent)
                    .or_insert_with(|| read(reader, layout, parent).map(|commit| commit.tree))
            })
        });
        found.all.push(Step { id, tree: commit.tree, before, day: commit.author_day() });
        for child in children.remove(&id).unwrap_or_default() {
            if let Some(left) = waits.get_mut(&child) {
                *left -= 1;
                if *left == 0 {
                    ready.push(Reverse((commits[&child].committed, child)));
                }
            }
        }
    }
    found
}

fn closure(
    reader: &mut Reader,
    layout: &Layout,
    from: &[ObjectId],
    without: &HashMap<ObjectId, Commit>,
    cut: &BTreeSet<ObjectId>,
    found: &mut Steps,
) -> HashMap<ObjectId, Commit> {
    let mut commits = HashMap::new();
    let mut open: Vec<ObjectId> = from.to_vec();
    let mut failed = HashSet::new();
    while let Some(id) = open.pop() {
        if commits.contains_key(&id) || without.contains_key(&id) || failed.contains(&id) {
            continue;
        }
        let Some(commit) = read(reader, layout, &id) else {
            failed.insert(id);
            continue;
        };
        if cut.contains(&id) {
            found.ends += 1;
        } else {
            open.extend_from_slice(&commit.parents);
        }
        commits.insert(id, commit);
    }
    found.unread += failed.len();
    commits
}

/// Commits are held against their names: so no history is longer than there are commits.
fn read(reader: &mut Reader, layout: &Layout, id: &ObjectId) -> Option<Commit> {
    const LARGEST: u64 = 16 << 20;
    let number = layout.find(id)?;
    if layout.kind(number) != Some(ObjectKind::Commit) {
        return None;
    }
    let (_, bytes) = reader.numbered(layout, number, LARGEST).ok()?;
    Commit::parse(&bytes, reader.objects().hash_len()).ok()
}

/// Those of the commits that lead to one of the tips.
fn reached(commits: &HashMap<ObjectId, Commit>, tips: &[ObjectId]) -> HashSet<ObjectId> {
    let mut reached = HashSet::new();
    let mut open = tips.to_vec();
    while let Some(id) = open.pop() {
        if let Some(commit) = commits.get(&id)
            && reached.insert(id)
        {
            open.extend_from_slice(&commit.parents);
        }
    }
    reached
}
