//! The walk: every folder once, by several threads. No recursion, so that depth costs no stack; no link followed.

use std::ops::Range;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use super::git::{DotGit, IndexEntry, IndexKind};
use super::ignored::{Chain, DOT_IGNORE, Decision, GITIGNORE, IgnoreFile, IgnoreSource};
use super::inventory::ListedFile;
use super::read::ReadError;
use super::tree::{Kind, Tree};
use super::view::TrackedIgnored;
use crate::model::{Coverage, NotChecked, Notice, RepoPath};

/// Larger ignore files are not opened.
pub(super) const LARGEST_IGNORE_FILE: u64 = 1 << 20;

/// What the walk goes over.
pub(super) struct Walk<'a> {
    pub(super) tree: &'a Tree,
    /// In order of path, each path once.
    pub(super) index: &'a [IndexEntry],
    /// Whether Git's rules hold; otherwise `.ignore` files count too.
    pub(super) is_git: bool,
    /// `core.ignoreCase`
    pub(super) fold: bool,
}

/// What one thread brings home.
#[derive(Default)]
pub(super) struct Harvest {
    pub(super) files: Vec<ListedFile>,
    pub(super) not_checked: Vec<NotChecked>,
    pub(super) notices: Vec<Notice>,
    pub(super) tracked_ignored: Vec<TrackedIgnored>,
    pub(super) ignored_by_user: Vec<RepoPath>,
    pub(super) rules: Vec<(RepoPath, Vec<Arc<IgnoreFile>>)>,
}

/// A folder to look into.
struct Job {
    folder: RepoPath,
    /// Where the index entries below it stand.
    tracked: Range<usize>,
    chain: Chain,
    /// The pattern that ignores the folder. It is entered for the tracked files in it alone.
    ignored: Option<Arc<Decision>>,
}

struct Queue {
    state: Mutex<State>,
    change: Condvar,
}

struct State {
    jobs: Vec<Job>,
    /// Threads that are in a folder, and may bring more.
    busy: usize,
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next folder; `None` when all are done. The folder counts as done when the turn is dropped.
    fn next(&self) -> Option<(Job, Turn<'_>)> {
        let mut state = self.lock();
        loop {
            if let Some(job) = state.jobs.pop() {
                state.busy += 1;
                return Some((job, Turn(self)));
            }
            if state.busy == 0 {
                return None;
            }
            state = self.change.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn push(&self, jobs: &mut Vec<Job>) {
        if !jobs.is_empty() {
            self.lock().jobs.append(jobs);
            self.change.notify_all();
        }
    }
}

/// Ends also when the thread that has it panics, so that the others do not wait for ever.
struct Turn<'a>(&'a Queue);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.busy -= 1;
        if state.busy == 0 && state.jobs.is_empty() {
            self.0.change.notify_all();
        }
    }
}

impl Walk<'_> {
    /// Walks everything, with at least one thread.
    pub(super) fn run(&self, outer: Chain, threads: usize) -> Vec<Harvest> {
        let first =
            Job { folder: RepoPath::new(""), tracked: 0..self.index.len(), chain: outer, ignored: None };
        let queue = Queue { state: Mutex::new(State { jobs: vec![first], busy: 0 }), change: Condvar::new() };
        std::thread::scope(|scope| {
            let others: Vec<_> = (1..threads).map(|_| scope.spawn(|| self.work(&queue))).collect();
            let mut harvests = vec![self.work(&queue)];
            for other in others {
                harvests.push(other.join().unwrap_or_else(|_| Harvest {
                    not_checked: vec![NotChecked {
                        path: None,
                        what: "walk-crashed",
                        reason: "a part of the walk over the files crashed".into(),
                        mend: None,
                        coverage: Coverage::Missing,
                    }],
                    ..Harvest::default()
                }));
            }
            harvests
        })
    }

    fn work(&self, queue: &Queue) -> Harvest {
        let mut visit = Visit { walk: self, names: Vec::new(), entries: Vec::new(), path: Vec::new() };
        let mut harvest = Harvest::default();
        let mut found = Vec::new();
        while let Some((job, turn)) = queue.next() {
            visit.folder(&job, &mut harvest, &mut found);
            queue.push(&mut found);
            drop(turn);
        }
        harvest.files.sort_unstable();
        harvest
    }
}

/// One thread's reused room for the names of a folder.
struct Visit<'a> {
    walk: &'a Walk<'a>,
    names: Vec<u8>,
    entries: Vec<(Range<usize>, Kind)>,
    path: Vec<u8>,
}

impl Visit<'_> {
    fn folder(&mut self, job: &Job, harvest: &mut Harvest, found: &mut Vec<Job>) {
        let Walk { tree, index, is_git, fold } = *self.walk;
        self.names.clear();
        self.entries.clear();
        let mut dot_git = false;
        let (mut gitignore, mut dot_ignore) = (None, None);
        let (names, entries) = (&mut self.names, &mut self.entries);
        let listed = tree.list(&job.folder, |name, kind| {
            if name == b".git" || (fold && name.eq_ignore_ascii_case(b".git")) {
                dot_git = true;
                return;
            }
            if name == GITIGNORE {
                gitignore = Some(kind);
            } else if name == DOT_IGNORE && !is_git {
                dot_ignore = Some(kind);
            }
            if matches!(kind, Kind::File | Kind::Folder) {
                let start = names.len();
                names.extend_from_slice(name);
                entries.push((start..names.len(), kind));
            }
        });
        if let Err(error) = listed {
            harvest.not_checked.push(not_listed(&job.folder, &error));
        }
        let is_root = job.folder.as_bytes().is_empty();
        if dot_git && !is_root && job.tracked.is_empty() && self.is_repository(&job.folder) {
            harvest.not_checked.push(NotChecked {
                path: Some(job.folder.clone()),
                what: "nested-repository",
                reason: "it is a Git repository of its own, and not part of this one".into(),
                mend: None,
                coverage: Coverage::Outside,
            });
            return;
        }
        let mut own = Vec::new();
        if job.ignored.is_none() {
            for (name, kind) in [(GITIGNORE, gitignore), (DOT_IGNORE, dot_ignore)] {
                own.extend(kind.and_then(|kind| self.ignore_file(&job.folder, name, kind, harvest)));
            }
        }
        let chain = if own.is_empty() { job.chain.clone() } else { job.chain.with(&own) };
        if !own.is_empty() {
            harvest.rules.push((job.folder.clone(), own));
        }
        self.path.clear();
        self.path.extend_from_slice(job.folder.as_bytes());
        if !is_root {
            self.path.push(b'/');
        }
        let base = self.path.len();
        for (name, kind) in &self.entries {
            self.path.truncate(base);
            self.path.extend_from_slice(&self.names[name.clone()]);
            let tracked = self.walk.entry(&self.path, &job.tracked);
            if *kind == Kind::File {
                if tracked.is_some() {
                    let path = RepoPath::new(self.path.as_slice());
                    let decision = match &job.ignored {
                        Some(decision) => Some(decision.clone()),
                        None if chain.is_ignored(&self.path, false) => {
                            chain.decide(&self.path, false).map(Arc::new)
                        }
                        None => None,
                    };
                    if let Some(decision) = decision {
                        harvest.tracked_ignored.extend(decision.of_tracked(&path));
                    }
                    harvest.files.push(ListedFile { path, tracked: true });
                } else if job.ignored.is_none() {
                    let path = || RepoPath::new(self.path.as_slice());
                    if !chain.is_ignored(&self.path, false) {
                        harvest.files.push(ListedFile { path: path(), tracked: false });
                    } else if chain.is_ignored_from_outside(&self.path, false) {
                        harvest.ignored_by_user.push(path());
                    }
                }
                continue;
            }
            if tracked.is_some_and(|at| index[at].kind == IndexKind::Submodule) {
                // Said by the inventory, also for those that are not checked out.
                continue;
            }
            let below = self.walk.below(&self.path, &job.tracked);
            let ignored = match &job.ignored {
                Some(decision) => Some(decision.clone()),
                None if chain.is_ignored(&self.path, true) => chain.decide(&self.path, true).map(Arc::new),
                None => None,
            };
            if ignored.is_none() || !below.is_empty() {
                let folder = RepoPath::new(self.path.as_slice());
                found.push(Job { folder, tracked: below, chain: chain.clone(), ignored });
            }
        }
    }

    fn is_repository(&self, folder: &RepoPath) -> bool {
        self.walk.is_git
            && folder
                .on_disk(self.walk.tree.path())
                .is_some_and(|path| matches!(DotGit::of(&path), DotGit::Found(_)))
    }

    fn ignore_file(
        &self,
        folder: &RepoPath,
        name: &[u8],
        kind: Kind,
        harvest: &mut Harvest,
    ) -> Option<Arc<IgnoreFile>> {
        let path = folder.join(name);
        let mut bytes = Vec::new();
        let read = match kind {
            Kind::File => self.walk.tree.read(&path, LARGEST_IGNORE_FILE, &mut bytes),
            Kind::Link => Err(ReadError::NotRegular { what: "a symbolic link" }),
            Kind::Other => Err(ReadError::NotRegular { what: "a FIFO, a socket or a device" }),
            Kind::Folder => return None,
        };
        match read {
            Ok(()) if name == DOT_IGNORE => Some(Arc::new(IgnoreFile::ripgrep(path, folder.clone(), &bytes))),
            Ok(()) => {
                let source = IgnoreSource::Repo(path);
                Some(Arc::new(IgnoreFile::git(source, folder.clone(), &bytes, self.walk.fold)))
            }
            Err(error) => {
                let text = format!("its ignore rules were not applied: {error}");
                harvest.notices.push(Notice { path: Some(path), text });
                None
            }
        }
    }
}

impl Walk<'_> {
    /// The index entry of this very path.
    fn entry(&self, path: &[u8], within: &Range<usize>) -> Option<usize> {
        let at = self.index[within.clone()].binary_search_by(|e| e.path.as_slice().cmp(path)).ok()?;
        Some(within.start + at)
    }

    /// The index entries below a folder.
    fn below(&self, folder: &[u8], within: &Range<usize>) -> Range<usize> {
        let entries = &self.index[within.clone()];
        // `/` sorts before `0`: the entries below are those between the two.
        let before = |end: u8| {
            within.start
                + entries.partition_point(|e| {
                    let path = e.path.as_slice();
                    path.iter().cmp(folder.iter().chain(std::iter::once(&end))).is_lt()
                })
        };
        if entries.is_empty() { within.start..within.start } else { before(b'/')..before(b'/' + 1) }
    }
}

fn not_listed(folder: &RepoPath, error: &ReadError) -> NotChecked {
    let gone = matches!(error, ReadError::Vanished | ReadError::NotRegular { .. });
    NotChecked {
        path: (!folder.as_bytes().is_empty()).then(|| folder.clone()),
        what: if gone { "vanished" } else { error.word() },
        reason: if gone {
            "the folder was there, and was not when it was looked into".into()
        } else {
            format!("the folder could not be looked into: {error}")
        },
        mend: None,
        coverage: if gone { Coverage::Outside } else { Coverage::Missing },
    }
}
