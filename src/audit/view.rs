use std::collections::BTreeSet;

use super::core::{Found, Selected};
use crate::model::{Coverage, NotChecked, Notice, Origin, RepoPath, counted};
use crate::repo::{Inventory, Root, Staging, inventory};
use crate::scan::{Contents, WorkTree};

/// Which files of a root are looked at.
#[derive(Debug, Clone, Copy)]
pub enum View<'a> {
    /// Those of the work tree.
    WorkTree,
    /// Those of the index; findings are wanted of what is staged alone.
    Staged(&'a Staging),
}

impl<'a> View<'a> {
    /// How the files are read.
    pub fn contents<'c>(self, work_tree: &'c WorkTree) -> &'c dyn Contents
    where
        'a: 'c,
    {
        match self {
            Self::WorkTree => work_tree,
            Self::Staged(staging) => staging,
        }
    }

    /// All files there are.
    pub fn listing(self, root: &Root, threads: usize) -> Inventory {
        let Self::Staged(staging) = self else { return inventory(root, threads) };
        let (ignore, mut notices) = staging.ignore_rules(root);
        notices.extend_from_slice(&staging.notices);
        Inventory {
            files: staging.files.clone(),
            not_checked: staging.not_checked.clone(),
            notices,
            // What is not staged is not looked at.
            ignored_by_user: Vec::new(),
            tracked_ignored: ignore.tracked_ignored(staging.ignored_anew()),
            ignore,
            is_git: true,
            has_index: true,
        }
    }

    /// The only files that findings are wanted of, if it is not all.
    pub fn only(self) -> Option<&'a BTreeSet<RepoPath>> {
        match self {
            Self::WorkTree => None,
            Self::Staged(staging) => Some(&staging.changed),
        }
    }

    /// Where the bytes come from.
    pub(super) fn origin(self) -> Origin {
        match self {
            Self::WorkTree => Origin::Tree,
            Self::Staged(_) => Origin::Index,
        }
    }

    /// Says how much of what is staged was read. A hook that passes and has read nothing is the worst of all bugs:
    /// that is an audit that was not done.
    pub(super) fn account(self, selected: &Selected, seen: &mut Found, notices: &mut Vec<Notice>) {
        let Self::Staged(staging) = self else { return };
        let asked = staging.changed.iter().filter(|path| selected.wants(Some(path)));
        let (excluded, wanted): (Vec<_>, Vec<_>) = asked.partition(|path| selected.is_excluded(path));
        let (blobs, _) = staging.read_so_far();
        seen.checked.blobs = blobs;
        let mut say = |text: String| notices.push(Notice { path: None, text });
        if !excluded.is_empty() {
            say(format!("{} staged, and left out by `exclude`", counted(excluded.len() as u64, "file")));
        }
        if staging.changed.is_empty() {
            say("no file is staged that differs from HEAD".into());
        } else if wanted.is_empty() && excluded.is_empty() {
            say("nothing is staged of what was asked for".into());
        }
        if !wanted.is_empty() && seen.checked.files == 0 {
            seen.not_checked.push(NotChecked {
                path: None,
                what: "nothing",
                reason: format!("{} staged, and none was read", counted(wanted.len() as u64, "file")),
                mend: None,
                coverage: Coverage::Missing,
            });
        }
    }
}
