//! This room: the history of a repository: its commits in order, which contents they brought, and those contents, each once.
//! May touch: `repo::git`; the file system, read-only but for the user's cache; threads.
//! Never: know any rule.

mod commits;
mod contents;
mod guises;
mod place;
mod remembered;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::Path;
use std::sync::Mutex;

pub use guises::{Guise, Guises};
pub use place::Cache;
pub use remembered::{Known, Remembered, Verdict};

use self::commits::{Ends, Source, Steps};
use self::contents::{Contents, Sighting};
use super::Root;
use super::git::objects::{
    Commit, Families, Layout, Number, ObjectError, ObjectKind, Objects, Reader, TreeKind, tree_entries,
};
use super::git::{ObjectId, Refs, RevError, User};
use crate::model::RepoPath;

/// Trees are deltas to each other, and each is asked for twice: as what came, and as what was.
const TREES_REMEMBERED: usize = 48 << 20;
/// All threads together hold so many bytes of contents that others are made of, and each so many at the least.
const CONTENTS_HELD: usize = 48 << 20;
const LEAST_HELD: usize = 4 << 20;
/// A tree object above this size is not read.
const LARGEST_TREE: u64 = 64 << 20;

/// Why there is no history to look at. Safe to show.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// There is no Git.
    #[error("--history looks at Git's history, and this is no Git work tree")]
    NoGit,
    /// A revision of the range names no commit.
    #[error("--history: {0}")]
    Rev(#[from] RevError),
    /// The objects cannot be read.
    #[error("--history: Git's objects cannot be read: {0}")]
    Object(#[from] ObjectError),
}

/// The commits that are looked at, and the objects of the repository.
#[derive(Debug)]
pub struct History {
    objects: Objects,
    layout: Layout,
    steps: Steps,
    /// All paths at which contents were seen.
    paths: Vec<RepoPath>,
    /// The contents of HEAD.
    in_head: HashSet<Number>,
    /// What an earlier run found out, and what this one did not find out anew.
    remembered: Remembered,
    /// What this run found out, in order.
    learned: Vec<(Number, Known)>,
    /// Whether a range was given.
    is_range: bool,
    /// Commits and trees that are named and cannot be read.
    pub missing: usize,
}

/// A place where a content was seen.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seen {
    /// The place of the commit among all that are looked at; the older ones come first.
    pub order: usize,
    /// The path.
    pub path: RepoPath,
    /// The commit, in hex digits.
    pub commit: String,
    /// The author's day, as `YYYY-MM-DD`.
    pub day: String,
    /// Whether no branch or tag reaches the commit.
    pub is_loose: bool,
}

impl Seen {
    /// For a content of this name that no commit has.
    pub fn nowhere(name: &str) -> Self {
        Self {
            order: usize::MAX,
            path: RepoPath::from(""),
            commit: name.to_owned(),
            day: String::new(),
            is_loose: true,
        }
    }
}

/// A content to be looked at.
#[derive(Debug)]
pub struct Content {
    number: Number,
    /// Where it was seen, the first time first; nowhere, if no commit has it.
    places: Vec<Place>,
    /// The kinds of paths among them.
    guises: Guises,
    /// Whether it stands in HEAD.
    pub in_head: bool,
    /// Whether an earlier run found nothing in it, at paths of another kind.
    pub was_clean: bool,
}

/// Where a content was seen.
#[derive(Debug)]
struct Place {
    /// Which of the paths.
    path: u32,
    /// What brought it there.
    step: u32,
    guise: Guise,
}

/// What is made of a content, or of the reason why it was not read.
pub type Look<'l, T> = dyn Fn(&Content, Result<&[u8], ObjectError>) -> T + Sync + 'l;

/// What is being read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// What each commit brought.
    Commits,
    /// The contents.
    Contents,
}

/// How far reading has come.
#[derive(Debug, Clone, Copy)]
pub struct Progress {
    /// Of what.
    pub part: Part,
    /// So many were read.
    pub done: u64,
    /// So many there are to read.
    pub total: u64,
}

impl History {
    /// Looks at what objects there are and which commits, without a range all that the repository has, also those that no
    /// branch reaches any more: `A..B`, `A..`, `..B` (a side that is left out is HEAD), or `B` for all that leads to it.
    ///
    /// # Errors
    /// See [`HistoryError`].
    pub fn open(root: &Root, range: Option<&str>, remembered: Remembered) -> Result<Self, HistoryError> {
        let git = root.git().ok_or(HistoryError::NoGit)?;
        let habits = git.habits(root.path(), &User::of_environment());
        let objects = git.objects(habits.sha256);
        let layout = Layout::new(&objects)?;
        let refs = Refs::new(git, objects.hash_len());
        let mut reader = Reader::new(&objects, TREES_REMEMBERED);
        let head = refs.head()?;
        let tips: Vec<ObjectId> = refs.all(&mut reader).into_iter().chain(head).collect();
        let (from, not_from) = if let Some(range) = range {
            ends_of(range, &refs, &mut reader, head)?
        } else {
            let own = (0..layout.len() as Number)
                .filter(|&n| layout.kind(n) == Some(ObjectKind::Commit) && layout.is_own(n))
                .map(|n| layout.id(n));
            (tips.iter().copied().chain(own).collect(), Vec::new())
        };
        let ends = Ends { from, not_from, tips };
        let mut remembered = remembered.of_names(objects.hash_len());
        let mut source = Source { reader: &mut reader, layout: &layout, known: &remembered.commits };
        let steps = Steps::between(&mut source, &refs, &ends);
        if range.is_none() {
            // The steps say the same, and more.
            remembered.commits = HashMap::new();
        }
        let in_head = match head {
            Some(head) => contents_of(&mut reader, &layout, &head)?,
            None => HashSet::new(),
        };
        Ok(Self {
            objects,
            layout,
            steps,
            paths: Vec::new(),
            in_head,
            remembered,
            learned: Vec::new(),
            is_range: range.is_some(),
            missing: 0,
        })
    }

    /// Whether only a part of the history is looked at.
    pub fn is_range(&self) -> bool {
        self.is_range
    }

    /// How many commits are looked at.
    pub fn commits(&self) -> usize {
        self.steps.all.len()
    }

    /// Commits whose parents a shallow clone does not have.
    pub fn ends(&self) -> usize {
        self.steps.ends
    }

    /// Whether objects may be missing because they were never fetched.
    pub fn is_partial(&self) -> bool {
        self.objects.is_partial()
    }

    /// Parts of the object database that could not be opened. Safe to show.
    pub fn unread(&self) -> &[String] {
        self.objects.unread()
    }

    /// What is known of contents with nothing in them, from an earlier run or from this one.
    pub fn known(&self) -> impl Iterator<Item = Verdict> {
        let learned = self.learned.iter().map(|(_, known)| known.verdict);
        self.remembered.contents.values().map(|known| known.verdict).chain(learned)
    }

    /// The contents that must be looked at: all that the commits brought and all that no commit has, each once, but for
    /// those of which it is remembered that there is nothing in them. `guise` tells apart the paths as which a content must
    /// be looked at.
    pub fn contents(
        &mut self,
        guise: &dyn Fn(&RepoPath) -> Guise,
        progress: &dyn Fn(Progress),
    ) -> Vec<Content> {
        let remembered = &self.remembered;
        let mut reader = Reader::new(&self.objects, TREES_REMEMBERED);
        // Contents in which something was found are looked at again. If the commits that brought them are not there, the
        // history was written anew.
        let open = || remembered.open.values().flatten();
        let again: HashSet<Number> = open().filter_map(|commit| self.layout.find(commit)).collect();
        let there = self.steps.all.iter().filter(|step| again.contains(&step.number)).count();
        let known =
            !self.is_range && there == again.len() && open().all(|commit| self.layout.find(commit).is_some());
        let total = self.steps.all.len() as u64;
        let mut found = Contents::new(&self.layout, std::mem::take(&mut self.steps.missing));
        for (at, step) in self.steps.all.iter_mut().enumerate() {
            if known && step.is_known && !again.contains(&step.number) {
                continue;
            }
            step.is_whole = found.take(&mut reader, step, at as u32);
            if at.is_multiple_of(64) {
                progress(Progress { part: Part::Commits, done: at as u64, total });
            }
        }
        drop(reader);
        self.missing = found.missing.len();
        let paths = found.take_paths();
        let guises: Vec<Guise> = paths.iter().map(|path| guise(path).max(1)).collect();
        let mut contents: Vec<Content> = Vec::new();
        for number in 0..self.layout.len() as Number {
            match self.layout.kind(number) {
                Some(ObjectKind::Blob) => {}
                // It may be one.
                None if self.layout.is_own(number) => {
                    self.missing += 1;
                    continue;
                }
                _ => continue,
            }
            let sighting = found.sightings.remove(&number);
            let is_own = !self.is_range && self.layout.is_own(number);
            if sighting.is_none() && !is_own {
                continue;
            }
            let id = self.layout.id(number);
            let mut places: Vec<Place> = sighting
                .map(Sighting::places)
                .unwrap_or_default()
                .into_iter()
                .map(|(path, step)| Place { path, step, guise: guises[path as usize] })
                .collect();
            let order = |place: &Place| (place.step, &paths[place.path as usize]);
            places.sort_unstable_by(|a, b| order(a).cmp(&order(b)));
            let guises = Guises::of(places.iter().map(|place| place.guise));
            let known = remembered.contents.get(&id);
            let is_covered = known.is_some_and(|known| known.covers(&guises));
            // What stands at two places is looked at once.
            if is_covered || self.layout.find(&id) != Some(number) {
                continue;
            }
            let in_head = self.in_head.contains(&number);
            contents.push(Content { number, places, guises, in_head, was_clean: known.is_some() });
        }
        self.paths = paths;
        contents
    }

    /// The paths as which a content must be looked at: the first of each kind. None, if no commit has it.
    pub fn looks(&self, content: &Content) -> Vec<&RepoPath> {
        let kind = |place: &&Place| content.guises.place(place.guise);
        let first = |nth| content.places.iter().find(|place| kind(place) == nth);
        let kinds = 0..content.guises.numbers().len();
        kinds.filter_map(first).map(|place| &self.paths[place.path as usize]).collect()
    }

    /// Where a content was seen at paths of the kind of one of its looks, the first time first.
    pub fn seen(&self, content: &Content, look: usize) -> Vec<Seen> {
        let of_this = content.places.iter().filter(|place| content.guises.place(place.guise) == look);
        of_this
            .map(|Place { path, step, .. }| {
                let at = &self.steps.all[*step as usize];
                Seen {
                    order: *step as usize,
                    path: self.paths[*path as usize].clone(),
                    commit: self.objects.hex(&self.layout.id(at.number)),
                    day: at.author_day(),
                    is_loose: !at.is_reached,
                }
            })
            .collect()
    }

    /// A content's name, in hex digits.
    pub fn name(&self, content: &Content) -> String {
        self.objects.hex(&self.layout.id(content.number))
    }

    /// Reads contents of at most `limit` bytes, each once, by several threads. What `look` makes of each, or of the reason
    /// why it was not read, is given back in the order of the contents.
    pub fn read<T: Send>(
        &self,
        contents: &[Content],
        limit: u64,
        threads: usize,
        look: &Look<T>,
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Vec<Option<T>> {
        let mut wanted = vec![false; self.layout.len()];
        for content in contents {
            wanted[content.number as usize] = true;
        }
        let threads = threads.clamp(1, 64);
        let held = (CONTENTS_HELD / threads).max(LEAST_HELD);
        let families = Families::new(&self.layout, wanted, limit, held);
        let made: Mutex<Vec<Option<T>>> = Mutex::new((0..contents.len()).map(|_| None).collect());
        let done = std::sync::atomic::AtomicU64::new(0);
        let work = || {
            // What is above what is held is unpacked again, step by step.
            let mut reader = Reader::new(&self.objects, LEAST_HELD);
            let mut own: Vec<(usize, T)> = Vec::new();
            families.read(&mut reader, &mut |number, bytes| {
                // They are in the order of their numbers.
                let Ok(at) = contents.binary_search_by_key(&number, |content| content.number) else { return };
                own.push((at, look(&contents[at], bytes)));
                let done = done.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1;
                if done.is_multiple_of(64) {
                    progress(Progress { part: Part::Contents, done, total: contents.len() as u64 });
                }
            });
            let mut made = made.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            for (at, outcome) in own {
                made[at] = Some(outcome);
            }
        };
        std::thread::scope(|scope| {
            for _ in 1..threads {
                scope.spawn(work);
            }
            work();
        });
        made.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Takes in what this run found out: the verdict on each content.
    pub fn remember(&mut self, contents: &[Content], verdicts: &[Option<Verdict>]) {
        let now = &mut self.remembered;
        now.hash_len = self.objects.hash_len();
        if !self.is_range {
            // What is missing may be there next time.
            now.open.clear();
            now.contents.retain(|id, _| self.layout.find(id).is_some());
        }
        for (content, verdict) in contents.iter().zip(verdicts) {
            let id = self.layout.id(content.number);
            match verdict {
                Some(verdict) => {
                    let before = now.contents.remove(&id).map(|known| known.guises).unwrap_or_default();
                    let known = Known { verdict: *verdict, guises: before.with(&content.guises) };
                    self.learned.push((content.number, known));
                    now.open.remove(&id);
                }
                None if !self.is_range => {
                    let commit = |step: u32| self.layout.id(self.steps.all[step as usize].number);
                    let commits: BTreeSet<ObjectId> =
                        content.places.iter().map(|place| commit(place.step)).collect();
                    now.open.insert(id, commits.into_iter().collect());
                }
                None => {}
            }
        }
    }

    /// Keeps it for the next run, in place of the file at this path, whole or not at all.
    ///
    /// # Errors
    /// The folder cannot be made, or the file not written.
    pub fn save(&self, path: &Path) -> std::io::Result<()> {
        let layout = &self.layout;
        let learned = self.learned.iter().map(|(number, known)| (layout.id(*number), *known));
        // Of a range only the contents are news.
        let all = if self.is_range { &[][..] } else { &self.steps.all[..] };
        let commits = all.iter().filter(|step| step.is_whole).filter_map(|step| {
            let parents = self.steps.parents(step).iter().map(|parent| layout.id(*parent)).collect();
            let tree = layout.id(step.tree?);
            Some((
                layout.id(step.number),
                Commit { tree, parents, authored: step.authored, committed: step.committed },
            ))
        });
        remembered::save(path, |file| self.remembered.write(file, learned, commits))
    }
}

/// Where a range begins and ends.
fn ends_of(
    range: &str,
    refs: &Refs,
    reader: &mut Reader,
    head: Option<ObjectId>,
) -> Result<(Vec<ObjectId>, Vec<ObjectId>), HistoryError> {
    let form = || RevError::Form { rev: crate::model::shown(range).into_owned() };
    if range.contains("...") {
        return Err(form().into());
    }
    let (not_from, from) = match range.split_once("..") {
        Some((not_from, from)) => (Some(not_from), from),
        None => (None, range),
    };
    let mut commit = |rev: &str| match (rev, head) {
        ("", Some(head)) => Ok(head),
        ("", None) => Err(form()),
        (rev, _) => refs.commit(reader, rev),
    };
    let from = commit(from)?;
    Ok((vec![from], not_from.map(commit).transpose()?.into_iter().collect()))
}

/// The contents of a commit's files.
fn contents_of(
    reader: &mut Reader,
    layout: &Layout,
    commit: &ObjectId,
) -> Result<HashSet<Number>, ObjectError> {
    let mut found = HashSet::new();
    let mut open = vec![super::git::commit(reader, commit)?.tree];
    let mut seen = HashSet::new();
    while let Some(id) = open.pop() {
        let Some(tree) = layout.find(&id).filter(|tree| seen.insert(*tree)) else { continue };
        let (_, bytes) = reader.numbered(layout, tree, LARGEST_TREE)?;
        for entry in tree_entries(&bytes, layout.hash_len()) {
            let Ok(entry) = entry else { break };
            match entry.kind {
                TreeKind::Folder => open.push(entry.id),
                TreeKind::File | TreeKind::Link => found.extend(layout.find(&entry.id)),
                TreeKind::Submodule => {}
            }
        }
    }
    Ok(found)
}
