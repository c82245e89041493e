use std::collections::{BTreeMap, BTreeSet};

use super::core::{Files, Limits, Selected, look};
use super::judge::{Judge, judge};
use crate::config::{self, ConfigText, ConfigTexts, Flags};
use crate::model::{Finding, Profile, RepoPath, Severity};
use crate::repo::advisories::{Advisories, DAY_OF_EXAMPLES};
use crate::repo::osv::Osv;
use crate::repo::{IgnoreRules, ListedFile, RepoView};
use crate::rules::Catalog;
use crate::scan::{InMemory, Plan};
use crate::triage::AllowEntry;

/// Advisories among the files of an example, and what cargo remembers of the registry, lie here; they are data, not
/// part of its repository.
const DATA: [&str; 2] = ["advisory-db/", "registry-index/"];

/// A repository that exists in memory only, for the examples of rules.
pub(super) struct Memory {
    /// Path and content.
    pub(super) files: BTreeMap<String, String>,
    /// Paths that Git does not track.
    pub(super) untracked: BTreeSet<String>,
    /// Whether lock files are held against advisory data: only rules of that family are.
    pub(super) with_advisories: bool,
}

impl Memory {
    /// All findings of the plan's rules, triage included.
    pub(super) fn findings(
        self,
        plan: &Plan,
        catalog: &Catalog,
        selected: &BTreeSet<String>,
    ) -> Vec<Finding> {
        let (severity, allows) = self.configured(catalog);
        let (data, files): (BTreeMap<_, _>, BTreeMap<_, _>) =
            self.files.into_iter().partition(|(path, _)| DATA.iter().any(|folder| path.starts_with(folder)));
        let listed = files
            .keys()
            .map(|path| ListedFile { path: RepoPath::from(&**path), tracked: !self.untracked.contains(path) })
            .collect();
        let contents = InMemory {
            files: files
                .into_iter()
                .map(|(path, text)| (RepoPath::from(&*path), text.into_bytes()))
                .collect(),
        };
        let texts = contents.files.iter().filter(|(path, _)| path.name() == b".gitignore");
        let rules = IgnoreRules::of_texts(texts.map(|(path, text)| (path, &**text)));
        let tracked: Vec<&RepoPath> = contents
            .files
            .keys()
            .filter(|path| !self.untracked.iter().any(|u| u.as_bytes() == path.as_bytes()))
            .collect();
        let tracked_ignored = rules.tracked_ignored(tracked);
        let view =
            RepoView { is_git: true, has_index: true, tracked_ignored, ignore: rules, ..RepoView::default() };
        let found = look(
            plan,
            Files { listed, contents: &contents, view },
            &Selected { paths: &[], only: None, exclude: &[] },
            Limits { max_file_size: 16 << 20, threads: 1 },
            |view| {
                if !self.with_advisories {
                    return Ok(());
                }
                let files = data.iter().map(|(path, text)| (&**path, &**text));
                view.advisories = Advisories::of_example(files.clone());
                view.osv = Osv::of_example(files, view);
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
                severity,
                allows,
                foreign_ignores: true,
                today: DAY_OF_EXAMPLES,
                profile: Profile::Audit,
                ignores: true,
                whole: true,
                change: None,
            },
        )
        .findings
    }

    /// What a `prodcheck.toml` among the files says about findings.
    fn configured(&self, catalog: &Catalog) -> (BTreeMap<String, Option<Severity>>, Vec<AllowEntry>) {
        let Some(text) = self.files.get("prodcheck.toml") else { return Default::default() };
        let text = ConfigText {
            name: "prodcheck.toml".into(),
            path: Some(RepoPath::from("prodcheck.toml")),
            text: text.clone(),
        };
        let texts = ConfigTexts { prodcheck: Some(text), manifest: None };
        let Ok(file) = config::read(texts) else { return Default::default() };
        let Ok(settings) = config::resolve(&Flags::default(), &file, catalog) else {
            return Default::default();
        };
        let allows = super::configured_allows(&file, &settings, None);
        (settings.severity, allows)
    }
}
