use std::collections::{BTreeMap, BTreeSet};

use super::configured::{configured_allows, ratchets};
use super::core::{Files, Limits, Selected, look};
use super::judge::{Judge, judge};
use crate::config::{self, ConfigText, ConfigTexts, Flags};
use crate::model::{Finding, Profile, RepoPath, Severity};
use crate::repo::advisories::{Advisories, DAY_OF_EXAMPLES};
use crate::repo::osv::Osv;
use crate::repo::shipped::WalkedPackages;
use crate::repo::{IgnoreRules, ListedFile, RepoView, RequiredIgnore};
use crate::rules::Catalog;
use crate::scan::{InMemory, Plan};
use crate::triage::{AllowEntry, BASELINE, Baseline, Ratchet};

/// Advisories among the files of an example, and what cargo remembers of the registry, lie here; they are data, not
/// part of its repository.
const DATA: [&str; 2] = ["advisory-db/", "registry-index/"];

/// The patterns that one user keeps for himself.
const INFO_EXCLUDE: &str = ".git/info/exclude";

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
        let Configured { severity, allows, required, ratchets } = self.configured(catalog);
        let baseline = self
            .files
            .get(BASELINE)
            .and_then(|text| Baseline::parse(Some(RepoPath::from(BASELINE)), text.clone()).ok());
        let (data, files): (BTreeMap<_, _>, BTreeMap<_, _>) =
            self.files.into_iter().partition(|(path, _)| DATA.iter().any(|folder| path.starts_with(folder)));
        let (excludes, files): (BTreeMap<_, _>, BTreeMap<_, _>) =
            files.into_iter().partition(|(path, _)| path == INFO_EXCLUDE);
        let contents = InMemory {
            files: files
                .into_iter()
                .map(|(path, text)| (RepoPath::from(&*path), text.into_bytes()))
                .collect(),
        };
        let texts = contents.files.iter().filter(|(path, _)| path.name() == b".gitignore");
        let rules = IgnoreRules::of_texts(texts.map(|(path, text)| (path, &**text)))
            .with_user_excludes(excludes.values().map(String::as_bytes));
        let (untracked, tracked): (Vec<&RepoPath>, Vec<&RepoPath>) = contents
            .files
            .keys()
            .partition(|path| self.untracked.iter().any(|u| u.as_bytes() == path.as_bytes()));
        let tracked_ignored = rules.tracked_ignored(tracked.iter().copied());
        let (ignored, untracked): (Vec<&RepoPath>, Vec<&RepoPath>) =
            untracked.into_iter().partition(|path| rules.is_ignored(path, false));
        let ignored_by_user =
            ignored.into_iter().filter(|path| !rules.is_ignored_for_all(path, false)).cloned().collect();
        let file = |path: &&RepoPath, tracked| ListedFile { path: (*path).clone(), tracked };
        let mut listed: Vec<ListedFile> = tracked.iter().map(|path| file(path, true)).collect();
        listed.extend(untracked.iter().map(|path| file(path, false)));
        listed.sort();
        let view = RepoView {
            is_git: true,
            has_index: true,
            tracked_ignored,
            ignored_by_user,
            ignore: rules,
            required,
            ..RepoView::default()
        };
        let found = look(
            plan,
            Files { listed, contents: &contents, view },
            &Selected { paths: &[], only: None, exclude: &[] },
            Limits { max_file_size: 16 << 20, threads: 1 },
            |view| {
                view.walked_packages = WalkedPackages::of_files(view, &contents.files.keys());
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
                baseline: baseline.as_ref(),
                ratchets,
            },
        )
        .findings
    }

    /// What a `prodcheck.toml` among the files says.
    fn configured(&self, catalog: &Catalog) -> Configured {
        let Some(text) = self.files.get("prodcheck.toml") else { return Configured::default() };
        let text = ConfigText {
            name: "prodcheck.toml".into(),
            path: Some(RepoPath::from("prodcheck.toml")),
            text: text.clone(),
        };
        let texts = ConfigTexts { prodcheck: Some(text), manifest: None };
        let Ok(file) = config::read(texts) else { return Configured::default() };
        let Ok(settings) = config::resolve(&Flags::default(), &file, catalog) else {
            return Configured::default();
        };
        Configured {
            allows: configured_allows(&file, &settings, None),
            ratchets: ratchets(&file, &settings, None),
            required: super::required_ignores(&file, &settings),
            severity: settings.severity,
        }
    }
}

/// What the configuration of an example says.
#[derive(Default)]
struct Configured {
    severity: BTreeMap<String, Option<Severity>>,
    allows: Vec<AllowEntry>,
    required: Vec<RequiredIgnore>,
    ratchets: Vec<Ratchet>,
}
