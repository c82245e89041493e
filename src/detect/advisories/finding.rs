//! What every finding about a locked package says of it.

use super::advice::Advice;
use super::lock::Lock;
use super::reach::Reach;
use crate::detect::{Raw, RawRelated};
use crate::repo::RepoView;

/// No longer way is written out.
const LONGEST_WAY: usize = 24;
/// No more ways are written out, nor places named.
const WAYS: usize = 5;

/// A package of a lock file, and how it comes into the build.
pub(super) struct Locked<'l, 'a> {
    repo: &'a RepoView,
    lock: &'l Lock<'a>,
    index: usize,
    /// The shortest way from each package of the repository that brings it in.
    ways: Vec<Vec<usize>>,
    reach: Reach,
    /// When it is built, as cargo says if it was asked. Empty means always.
    built: Option<String>,
}

impl<'l, 'a> Locked<'l, 'a> {
    pub(super) fn new(repo: &'a RepoView, lock: &'l Lock<'a>, index: usize) -> Self {
        let reach = Reach::of(lock, index);
        Self { repo, lock, index, ways: lock.ways_to(index), reach, built: built(repo, lock, index) }
    }

    /// Whether the repository asks for it itself.
    pub(super) fn is_direct(&self) -> bool {
        self.lock.ways().length(self.index).is_none_or(|length| length <= 2)
    }

    /// Whether its lock file is no part of what ships.
    pub(super) fn is_for_tests(&self) -> bool {
        self.repo.lock_is_for_tests(self.lock.path)
    }

    /// A finding at the version in the lock file, with the lines of manifests that bring the package in.
    pub(super) fn raw(&self, said: &str, advice: &Advice) -> Raw {
        let package = self.lock.package(self.index);
        let direct = self.lock.ways().direct(self.index).filter(|_| !self.is_direct());
        let through = match direct {
            Some(direct) => format!(", in the build through `{}`", self.lock.package(direct).name),
            None => String::new(),
        };
        // Cargo knows exactly what was worked out here.
        let when = match &self.built {
            Some(built) if built.is_empty() => String::new(),
            Some(built) => format!("; cargo builds it {built}"),
            None => self.reach.words(),
        };
        let mut raw = Raw::at(package.version_span.clone())
            .path(self.lock.path.clone())
            .message(format!("{said}{through}{when}"))
            .fix(&*advice.text)
            .property("package", &package.name)
            .property("version", package.version.to_string())
            .detail("needed-for", self.reach.kind_word());
        let lists = [
            ("path", self.way()),
            ("other-paths", self.other_ways()),
            ("platforms", self.reach.platforms.join(", ")),
            (
                "source",
                package.source.clone().filter(|s| !crate::repo::is_default_registry(s)).unwrap_or_default(),
            ),
            ("reach", self.built.clone().unwrap_or_default()),
            ("commands", advice.commands.clone().unwrap_or_default()),
            ("blocked-by", advice.blocked_by.clone().unwrap_or_default()),
        ];
        for (key, value) in lists {
            if !value.is_empty() {
                raw = raw.detail(key, value);
            }
        }
        for (start, direct) in self.beginnings().take(WAYS) {
            let asked =
                self.lock.members.wishes(&self.lock.package(start).name, &self.lock.package(direct).name);
            let place = asked.iter().flatten().find_map(|wish| wish.place.clone());
            let Some((path, range)) = place else { continue };
            let is_named =
                |r: &RawRelated| r.path.as_ref() == Some(&path) && r.range.as_ref() == Some(&range);
            if raw.related.iter().any(is_named) {
                continue;
            }
            let message =
                if direct == self.index { "asked for here" } else { "brought in by this dependency" };
            raw = raw.related(RawRelated { path: Some(path), range: Some(range), message: message.into() });
        }
        raw
    }

    /// Each package of the repository that brings it in, with what that one asks for itself. The way that is written
    /// out comes first: of ways of the same length there may be others.
    fn beginnings(&self) -> impl Iterator<Item = (usize, usize)> {
        let start = self.lock.ways().start(self.index);
        let first = start.zip(self.lock.ways().direct(self.index));
        let others = self.ways.iter().filter(move |way| way.len() > 1 && Some(way[0]) != start);
        first.into_iter().chain(others.map(|way| (way[0], way[1])))
    }

    /// `app > mid > left`.
    fn way(&self) -> String {
        let ways = self.lock.ways();
        let length = ways.length(self.index).unwrap_or(1);
        let cut = if length > LONGEST_WAY { "… > " } else { "" };
        format!("{cut}{}", self.names(&ways.last(self.index, LONGEST_WAY)))
    }

    /// Those of further packages of the repository.
    fn other_ways(&self) -> String {
        let start = self.lock.ways().start(self.index);
        let others = self.ways.iter().filter(|way| way.first().copied() != start && way.len() <= LONGEST_WAY);
        others.take(WAYS).map(|way| self.names(way)).collect::<Vec<_>>().join("; ")
    }

    fn names(&self, way: &[usize]) -> String {
        way.iter().map(|&i| self.lock.package(i).name.as_str()).collect::<Vec<_>>().join(" > ")
    }
}

fn built(repo: &RepoView, lock: &Lock, index: usize) -> Option<String> {
    let package = lock.package(index);
    let reaches = repo.resolution.reaches.get(lock.path)?;
    Some(match reaches.of(&package.name, &package.version) {
        Some(reach) => reach.words().unwrap_or_default(),
        None => "in no case, whatever features are on".to_owned(),
    })
}
