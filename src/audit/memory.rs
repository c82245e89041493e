use std::collections::{BTreeMap, BTreeSet};

use super::core::{Files, Limits, Selected, look};
use super::judge::{Judge, judge};
use crate::model::{Finding, Profile, RepoPath};
use crate::repo::advisories::{Advisories, DAY_OF_EXAMPLES};
use crate::repo::{IgnoreRules, ListedFile, RepoView};
use crate::rules::Catalog;
use crate::scan::{InMemory, Plan};

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
        let found = look(
            plan,
            Files { listed, contents: &contents, view },
            &Selected { paths: &[], exclude: &[] },
            Limits { max_file_size: 16 << 20, threads: 1 },
            |view| {
                let files = advisories.iter().map(|(path, text)| (&**path, &**text));
                view.advisories = Advisories::of_example(files);
                Ok(())
            },
        );
        // Data that is handed over cannot be unusable.
        let Ok(found) = found else { return Vec::new() };
        judge(
            found,
            plan,
            &Judge {
                catalog,
                selected,
                severity: BTreeMap::new(),
                allows: Vec::new(),
                today: DAY_OF_EXAMPLES,
                profile: Profile::Audit,
                ignores: true,
                whole: true,
            },
        )
        .findings
    }
}
