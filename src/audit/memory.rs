use std::collections::{BTreeMap, BTreeSet};

use super::core::{Files, Found, Limits, Selected, look};
use super::judge::{Judge, judge};
use crate::model::{Finding, Profile, RepoPath};
use crate::repo::{ListedFile, RepoView};
use crate::rules::Catalog;
use crate::scan::{InMemory, Plan};

/// A day on which the examples' dates are neither old nor future.
const EXAMPLE_DAY: &str = "2026-01-01";

/// Advisories among the files of an example lie here; they are data, not part of its repository.
const ADVISORIES: &str = "advisory-db/";

/// A repository that exists in memory only, for the examples of rules.
pub(super) struct Memory {
    /// Path and content.
    pub(super) files: BTreeMap<String, String>,
    /// Paths that Git does not track.
    pub(super) untracked: BTreeSet<String>,
}

impl Memory {
    /// All findings of the plan's rules, triage included.
    pub(super) fn findings(
        self,
        plan: &Plan,
        catalog: &Catalog,
        selected: &BTreeSet<String>,
    ) -> Vec<Finding> {
        let (advisories, files): (BTreeMap<_, _>, BTreeMap<_, _>) =
            self.files.into_iter().partition(|(path, _)| path.starts_with(ADVISORIES));
        let listed = files
            .keys()
            .map(|path| ListedFile {
                path: RepoPath::from(&**path),
                tracked: !self.untracked.contains(path),
            })
            .collect();
        let contents = InMemory {
            files: files
                .into_iter()
                .map(|(path, text)| (RepoPath::from(&*path), text.into_bytes()))
                .collect(),
        };
        let view = RepoView { is_git: true, ..RepoView::default() };
        let found: Found = look(
            plan,
            Files { listed, contents: &contents, view },
            &Selected { paths: &[], exclude: &[] },
            Limits { max_file_size: 16 << 20, threads: 1 },
            |_view| {
                let _ = advisories;
            },
        );
        judge(
            found,
            plan,
            &Judge {
                catalog,
                selected,
                severity: BTreeMap::new(),
                allows: Vec::new(),
                today: EXAMPLE_DAY,
                profile: Profile::Audit,
                ignores: true,
                whole: true,
            },
        )
        .findings
    }
}
