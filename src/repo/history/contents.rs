use std::collections::{HashMap, HashSet};
use std::hash::BuildHasher;

use bstr::BString;

use super::commits::Step;
use crate::model::RepoPath;
use crate::repo::git::ObjectId;
use crate::repo::git::objects::{
    Layout, Number, ObjectError, ObjectKind, Reader, TreeEntry, TreeKind, is_usual_name, tree_entries,
};

/// A tree object above this size is not read; it would list a million names in one folder.
const LARGEST_TREE: u64 = 64 << 20;
/// A folder is followed to at most this many places: a tree of a few bytes can hold itself a million times over.
const MOST_PLACES: u8 = 64;
/// So many places of a content are remembered.
const MOST_PATHS: usize = 64;
/// Longer paths cannot be opened on any system we run on.
const LONGEST_PATH: usize = 4096;

/// Where a content was found for the first time, and where else. Paths stand for themselves by their numbers: most have
/// many contents.
#[derive(Debug, Clone)]
pub(super) struct Sighting {
    /// Its first path.
    path: u32,
    /// Which of the steps brought it there.
    step: u32,
    /// Other paths, with the steps that brought it there.
    more: Vec<(u32, u32)>,
}

impl Sighting {
    /// All paths, each with the step that brought it there.
    pub(super) fn places(self) -> Vec<(u32, u32)> {
        let mut places = self.more;
        places.push((self.path, self.step));
        places
    }
}

/// The contents that commits brought, found by what differs from one commit to the next.
pub(super) struct Contents<'l> {
    layout: &'l Layout,
    pub(super) sightings: HashMap<Number, Sighting>,
    /// Paths, each with its number.
    paths: HashMap<RepoPath, u32>,
    /// Of each object, at how many places it was followed as a folder.
    places: Vec<u8>,
    /// Folders with their places.
    seen: HashSet<u64>,
    hasher: std::collections::hash_map::RandomState,
    /// Objects that are named and not there, or damaged.
    pub(super) missing: HashSet<ObjectId>,
}

impl<'l> Contents<'l> {
    /// Nothing was found yet, and these objects are known to be missing.
    pub(super) fn new(layout: &'l Layout, missing: HashSet<ObjectId>) -> Self {
        Self {
            layout,
            sightings: HashMap::new(),
            paths: HashMap::new(),
            places: vec![0; layout.len()],
            seen: HashSet::new(),
            hasher: std::collections::hash_map::RandomState::new(),
            missing,
        }
    }

    /// Takes in what a step changed. Tells whether all of it is there.
    pub(super) fn take(&mut self, reader: &mut Reader, step: &Step, at: u32) -> bool {
        let mut is_whole = step.is_whole;
        let mut open: Vec<(BString, Option<Number>, Option<Number>)> = Vec::new();
        open.push((BString::default(), step.tree, step.before));
        while let Some((folder, now, before)) = open.pop() {
            let Some(tree) = now.filter(|now| Some(*now) != before) else { continue };
            // The same folder at the same place holds nothing new, whatever it came after.
            if !self.seen.insert(self.hasher.hash_one((tree, &folder))) {
                continue;
            }
            let places = &mut self.places[tree as usize];
            if *places == MOST_PLACES {
                continue;
            }
            *places += 1;
            let Ok(new) = tree_of(reader, self.layout, tree) else {
                self.missing.insert(self.layout.id(tree));
                is_whole = false;
                continue;
            };
            let old = before.and_then(|before| tree_of(reader, self.layout, before).ok());
            let hash_len = reader.objects().hash_len();
            let mut old =
                tree_entries(old.as_ref().map_or(&[], |old| old), hash_len).map_while(Result::ok).peekable();
            for entry in tree_entries(&new, hash_len) {
                let Ok(entry) = entry else {
                    self.missing.insert(self.layout.id(tree));
                    is_whole = false;
                    break;
                };
                let was = same_name(&mut old, &entry);
                if was.is_some_and(|was| was.id == entry.id && was.kind == entry.kind) {
                    continue;
                }
                if !is_usual_name(entry.name) {
                    continue;
                }
                let mut path = folder.clone();
                if !path.is_empty() {
                    path.push(b'/');
                }
                path.extend_from_slice(entry.name);
                if path.len() > LONGEST_PATH {
                    continue;
                }
                match entry.kind {
                    TreeKind::Submodule => {}
                    TreeKind::Folder | TreeKind::File | TreeKind::Link => {
                        let Some(number) = self.layout.find(&entry.id) else {
                            self.missing.insert(entry.id);
                            is_whole = false;
                            continue;
                        };
                        if entry.kind == TreeKind::Folder {
                            let was = was.filter(|was| was.kind == TreeKind::Folder);
                            open.push((path, Some(number), was.and_then(|was| self.layout.find(&was.id))));
                        } else {
                            self.sight(number, RepoPath::new(Vec::from(path)), at);
                        }
                    }
                }
            }
        }
        is_whole
    }

    /// All paths in the order of their numbers, which are not known here any more.
    pub(super) fn take_paths(&mut self) -> Vec<RepoPath> {
        let mut all = vec![RepoPath::default(); self.paths.len()];
        for (path, at) in std::mem::take(&mut self.paths) {
            all[at as usize] = path;
        }
        all
    }

    fn sight(&mut self, content: Number, path: RepoPath, step: u32) {
        let next = self.paths.len() as u32;
        let path = *self.paths.entry(path).or_insert(next);
        match self.sightings.get_mut(&content) {
            None => {
                self.sightings.insert(content, Sighting { path, step, more: Vec::new() });
            }
            Some(known) => {
                let is_known = known.path == path || known.more.iter().any(|(other, _)| *other == path);
                if !is_known && known.more.len() < MOST_PATHS {
                    known.more.push((path, step));
                }
            }
        }
    }
}

/// The entry of this name, in a tree whose names come in the same order; what comes before it is gone.
fn same_name<'t>(
    old: &mut std::iter::Peekable<impl Iterator<Item = TreeEntry<'t>>>,
    entry: &TreeEntry,
) -> Option<TreeEntry<'t>> {
    let order = |entry: &TreeEntry| {
        let end: &[u8] = if entry.kind == TreeKind::Folder { b"/" } else { b"\0" };
        [entry.name, end].concat()
    };
    while let Some(next) = old.peek() {
        if next.name == entry.name {
            return old.next();
        }
        if order(next) > order(entry) {
            return None;
        }
        old.next();
    }
    None
}

fn tree_of(
    reader: &mut Reader,
    layout: &Layout,
    tree: Number,
) -> Result<std::sync::Arc<Vec<u8>>, ObjectError> {
    match reader.numbered(layout, tree, LARGEST_TREE)? {
        (ObjectKind::Tree, bytes) => Ok(bytes),
        _ => Err(ObjectError::Damaged),
    }
}
