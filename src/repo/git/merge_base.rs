use std::collections::{BTreeSet, BinaryHeap, HashMap, HashSet};

use super::index::ObjectId;
use super::objects::{ObjectError, Reader};
use super::refs::commit;

/// Seen from the one, seen from the other, and seen from a common one: those are older than the one we look for.
const ONE: u8 = 1;
const OTHER: u8 = 2;
const COMMON: u8 = 4;

#[derive(Default, Clone, Copy)]
struct State {
    seen: u8,
    waits: bool,
    is_result: bool,
}

/// The newest commit that two have in common, as `git merge-base` finds it: newest first from both, until only
/// commits are left that are older than what was found. `ends` are the commits of a shallow clone whose parents are not
/// there.
///
/// # Errors
/// A commit cannot be read.
pub(in crate::repo) fn merge_base(
    reader: &mut Reader,
    ends: &BTreeSet<ObjectId>,
    one: ObjectId,
    other: ObjectId,
) -> Result<Option<ObjectId>, ObjectError> {
    if one == other {
        return Ok(Some(one));
    }
    let mut known: HashMap<ObjectId, State> = HashMap::new();
    let mut queue: BinaryHeap<(i64, ObjectId)> = BinaryHeap::new();
    // How many commits wait that are not older than a common one.
    let mut fresh = 0_usize;
    for (id, seen) in [(one, ONE), (other, OTHER)] {
        queue.push((commit(reader, &id)?.committed, id));
        known.insert(id, State { seen, waits: true, is_result: false });
        fresh += 1;
    }
    let mut results = Vec::new();
    while fresh > 0 {
        let Some((date, id)) = queue.pop() else { break };
        let state = known.entry(id).or_default();
        state.waits = false;
        fresh -= usize::from(state.seen & COMMON == 0);
        let mut seen = state.seen;
        if seen == ONE | OTHER {
            if !state.is_result {
                state.is_result = true;
                results.push((date, id));
            }
            seen |= COMMON;
        }
        if ends.contains(&id) {
            continue;
        }
        for parent in commit(reader, &id)?.parents {
            let state = known.entry(parent).or_default();
            if state.seen & seen == seen {
                continue;
            }
            let was_fresh = state.waits && state.seen & COMMON == 0;
            state.seen |= seen;
            let is_fresh = state.seen & COMMON == 0;
            if state.waits {
                fresh -= usize::from(was_fresh && !is_fresh);
            } else {
                state.waits = true;
                fresh += usize::from(is_fresh);
                queue.push((commit(reader, &parent)?.committed, parent));
            }
        }
    }
    results.retain(|(_, id)| known[id].seen & COMMON == 0);
    // Dates do not tell which of two commits came first, if both are of one second or a clock went wrong.
    if results.len() > 1 {
        let mut older = HashSet::new();
        for (_, id) in &results {
            let mut open = if ends.contains(id) { Vec::new() } else { commit(reader, id)?.parents };
            while let Some(id) = open.pop() {
                // What is older than an older one was seen with it.
                if older.insert(id) && !ends.contains(&id) {
                    open.extend(commit(reader, &id)?.parents);
                }
            }
        }
        results.retain(|(_, id)| !older.contains(id));
    }
    Ok(results.into_iter().max().map(|(_, id)| id))
}
