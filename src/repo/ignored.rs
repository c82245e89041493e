use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bstr::{BString, ByteSlice};
use ignore::gitignore::{Gitignore, GitignoreBuilder};

use super::git::Patterns;
use super::view::TrackedIgnored;
use crate::model::RepoPath;

/// The name of Git's ignore files.
pub(super) const GITIGNORE: &[u8] = b".gitignore";
/// The name of ripgrep's, which count outside Git.
pub(super) const DOT_IGNORE: &[u8] = b".ignore";

/// Where an ignore pattern is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IgnoreSource {
    /// In a file of the repository.
    Repo(RepoPath),
    /// In Git's own `info/exclude` or the user's excludes file.
    Outside(PathBuf),
}

/// The pattern that decides on a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// As it is written.
    pub pattern: BString,
    /// Where it is written.
    pub source: IgnoreSource,
    /// Its line there, from 1.
    pub line: usize,
    /// Its bytes there.
    pub span: Range<usize>,
    /// Whether it says that the path is *not* ignored (`!`).
    pub negated: bool,
}

impl Decision {
    /// What it says of a tracked file: something if a file of the repository ignores it.
    pub(super) fn of_tracked(&self, path: &RepoPath) -> Option<TrackedIgnored> {
        let IgnoreSource::Repo(source) = &self.source else { return None };
        (!self.negated).then(|| TrackedIgnored {
            path: path.clone(),
            source: source.clone(),
            line: self.line,
            pattern: self.pattern.to_vec(),
            pattern_span: self.span.clone(),
        })
    }
}

/// One ignore file.
#[derive(Debug)]
pub(super) struct IgnoreFile {
    source: IgnoreSource,
    /// The folder that its patterns are relative to.
    base: RepoPath,
    syntax: Syntax,
}

#[derive(Debug)]
enum Syntax {
    Git(Patterns),
    /// The syntax of `.ignore` is what the `ignore` crate says it is. The text is kept for line numbers, which it
    /// does not tell.
    Ripgrep(Box<Gitignore>, BString),
}

impl IgnoreFile {
    pub(super) fn git(source: IgnoreSource, base: RepoPath, bytes: &[u8], fold: bool) -> Self {
        Self { source, base, syntax: Syntax::Git(Patterns::read(bytes, fold)) }
    }

    pub(super) fn ripgrep(source: RepoPath, base: RepoPath, bytes: &[u8]) -> Self {
        let mut builder = GitignoreBuilder::new("");
        for line in bytes.lines() {
            // A line that cannot be a glob is passed over, as ripgrep does.
            let _ = builder.add_line(None, &line.to_str_lossy());
        }
        let built = builder.build().unwrap_or_else(|_| Gitignore::empty());
        let syntax = Syntax::Ripgrep(Box::new(built), bytes.into());
        Self { source: IgnoreSource::Repo(source), base, syntax }
    }

    fn decide(&self, path: &[u8], is_folder: bool) -> Option<Decision> {
        let relative = match self.base.as_bytes().len() {
            0 => path,
            length => path.get(length + 1..)?,
        };
        let decision = |pattern: &[u8], line, span, negated| Decision {
            pattern: pattern.into(),
            source: self.source.clone(),
            line,
            span,
            negated,
        };
        match &self.syntax {
            Syntax::Git(patterns) => patterns
                .last_match(relative, is_folder)
                .map(|found| decision(&found.text, found.line, found.span.clone(), found.negated)),
            Syntax::Ripgrep(rules, text) => {
                let found = rules.matched(Path::new(relative.to_os_str().ok()?), is_folder);
                let glob = found.inner()?;
                let pattern = glob.original().as_bytes();
                let (at, line) = text
                    .lines()
                    .enumerate()
                    .filter(|(_, line)| line.trim() == pattern.trim())
                    .last()
                    .map_or((0, &text[..0]), |(at, line)| (at, line));
                let start = line.as_ptr() as usize - text.as_ptr() as usize;
                Some(decision(pattern, at + 1, start..start + line.len(), found.is_whitelist()))
            }
        }
    }

    /// Whether the file says that the path is ignored, or that it is not; the same as `decide` without the words.
    fn verdict(&self, path: &[u8], is_folder: bool) -> Option<bool> {
        match &self.syntax {
            Syntax::Git(patterns) => {
                let relative = match self.base.as_bytes().len() {
                    0 => path,
                    length => path.get(length + 1..)?,
                };
                patterns.last_match(relative, is_folder).map(|found| !found.negated)
            }
            Syntax::Ripgrep(..) => self.decide(path, is_folder).map(|found| !found.negated),
        }
    }
}

/// The ignore files that hold in a folder: the user's first, the folder's own last. The last one that says
/// anything decides.
#[derive(Debug, Clone, Default)]
pub(super) struct Chain(Arc<[Arc<IgnoreFile>]>);

impl Chain {
    pub(super) fn new(files: Vec<Arc<IgnoreFile>>) -> Self {
        Self(files.into())
    }

    pub(super) fn with(&self, more: &[Arc<IgnoreFile>]) -> Self {
        Self(self.0.iter().chain(more).cloned().collect())
    }

    pub(super) fn is_ignored(&self, path: &[u8], is_folder: bool) -> bool {
        self.0.iter().rev().find_map(|file| file.verdict(path, is_folder)).unwrap_or(false)
    }

    /// Whether a pattern outside of the repository is what ignores the path.
    pub(super) fn is_ignored_from_outside(&self, path: &[u8], is_folder: bool) -> bool {
        let decides = |file: &&Arc<IgnoreFile>| file.verdict(path, is_folder);
        let decisive = self.0.iter().rev().find(|file| decides(file).is_some());
        decisive.is_some_and(|file| matches!(file.source, IgnoreSource::Outside(_)))
    }

    pub(super) fn decide(&self, path: &[u8], is_folder: bool) -> Option<Decision> {
        self.0.iter().rev().find_map(|file| file.decide(path, is_folder))
    }
}

/// All ignore files of a root, for questions asked after the inventory.
#[derive(Debug, Default)]
pub struct IgnoreRules {
    pub(super) outer: Vec<Arc<IgnoreFile>>,
    pub(super) folders: BTreeMap<RepoPath, Vec<Arc<IgnoreFile>>>,
}

impl IgnoreRules {
    /// The rules of these `.gitignore` files, for trees that are not on disk.
    pub fn of_texts<'a>(files: impl IntoIterator<Item = (&'a RepoPath, &'a [u8])>) -> Self {
        let mut rules = Self::default();
        for (path, text) in files {
            let folder = path.parent();
            let file = IgnoreFile::git(IgnoreSource::Repo(path.clone()), folder.clone(), text, false);
            rules.folders.entry(folder).or_default().push(Arc::new(file));
        }
        rules
    }

    /// The same with patterns that one user keeps for himself.
    pub fn with_user_excludes<'a>(mut self, texts: impl IntoIterator<Item = &'a [u8]>) -> Self {
        for text in texts {
            let source = IgnoreSource::Outside(PathBuf::from("info/exclude"));
            self.outer.push(Arc::new(IgnoreFile::git(source, RepoPath::new(""), text, false)));
        }
        self
    }

    /// Which of these tracked files a pattern of the repository ignores, in the order given.
    pub fn tracked_ignored<'a>(
        &self,
        tracked: impl IntoIterator<Item = &'a RepoPath>,
    ) -> Vec<TrackedIgnored> {
        tracked.into_iter().filter_map(|path| self.decide(path, false)?.of_tracked(path)).collect()
    }

    /// What Git's ignore rules say of a path, whether it is tracked or not, and whether it exists or not: the
    /// answer of `git check-ignore --no-index -v`. `None` if no pattern says anything.
    ///
    /// A pattern that ignores a folder decides on all that lies in it.
    pub fn decide(&self, path: &RepoPath, is_folder: bool) -> Option<Decision> {
        self.judge(Chain::new(self.outer.clone()), path, is_folder)
    }

    /// The same by the ignore files of the repository alone, which everybody has: what one user keeps out for himself
    /// (`core.excludesFile`, `info/exclude`) counts for nothing.
    pub fn decide_for_all(&self, path: &RepoPath, is_folder: bool) -> Option<Decision> {
        self.judge(Chain::default(), path, is_folder)
    }

    /// Whether everybody's Git would leave the path out, were it not tracked.
    pub fn is_ignored_for_all(&self, path: &RepoPath, is_folder: bool) -> bool {
        self.decide_for_all(path, is_folder).is_some_and(|decision| !decision.negated)
    }

    fn judge(&self, mut chain: Chain, path: &RepoPath, is_folder: bool) -> Option<Decision> {
        let bytes = path.as_bytes();
        let mut folder = RepoPath::new("");
        loop {
            if let Some(files) = self.folders.get(&folder) {
                chain = chain.with(files);
            }
            let from = if folder.as_bytes().is_empty() { 0 } else { folder.as_bytes().len() + 1 };
            let Some(slash) = memchr::memchr(b'/', &bytes[from..]) else {
                return chain.decide(bytes, is_folder);
            };
            folder = RepoPath::new(&bytes[..from + slash]);
            match chain.decide(folder.as_bytes(), true) {
                Some(decision) if !decision.negated => return Some(decision),
                _ => {}
            }
        }
    }

    /// Whether Git would leave the path out, were it not tracked.
    pub fn is_ignored(&self, path: &RepoPath, is_folder: bool) -> bool {
        self.decide(path, is_folder).is_some_and(|decision| !decision.negated)
    }
}
