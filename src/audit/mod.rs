//! This room: one audit from beginning to end (settings → inventory → scan → repository checks → triage → report), and the self-check of rules.
//! May touch: `model`, `rules`, `source`, `repo`, `detect`, `scan`, `triage`, `config`.
//! Never: rendering, the command line.

mod baselines;
mod changes;
mod configured;
mod core;
mod environment;
mod explain;
mod foreign_ignores;
mod foreign_lints;
mod foreign_secrets;
mod history;
mod judge;
#[cfg(feature = "live-index")]
mod locked;
mod memory;
mod own_rules;
mod selfcheck;
mod view;

pub use baselines::{Rebase, Rebased, rebase};
pub use changes::Changes;
pub use core::{Files, Found, Selected, look};
pub use environment::environment;
pub use explain::{FileExplained, explain_file};
pub use history::audit_history;
#[cfg(feature = "live-index")]
pub use locked::{Locked, locked_packages};
pub use own_rules::{OwnRulesError, read_listed_rules, read_rule_files};
pub use selfcheck::{CheckProblem, check_examples, check_words};
pub use view::View;

use std::cell::OnceCell;
use std::ffi::OsString;
use std::num::NonZero;
use std::path::Path;
use std::thread;

use self::changes::Change;
use self::configured::{configured_allows, ratchets};
use self::core::Limits;
use self::judge::{Judge, judge};
use crate::config::{AskCargo, ConfigFile, Settings, Unchecked};
use crate::model::{MAX_AGE_DAYS, NotChecked, Notice, RepoPath, Report};
use crate::repo::advisories::{self, Advisories, AdvisoryState, DatabaseError};
use crate::repo::history::HistoryError;
use crate::repo::index::Index;
use crate::repo::shipped::WalkedPackages;
use crate::repo::{self, ListedFile, ReadError, RepoView, RequiredIgnore, Root, osv};
use crate::rules::Catalog;
use crate::scan::{Contents, Plan, PlanError, Redactor, WorkTree};
use crate::triage::{BASELINE, Baseline};

/// What is to be audited, and how.
#[derive(Clone)]
pub struct Request<'a> {
    /// The root.
    pub root: &'a Root,
    /// Which of its files are looked at.
    pub view: View<'a>,
    /// If only findings count that a change brings: the change.
    pub changes: Option<Changes<'a>>,
    /// What of it was selected; nothing means all.
    pub paths: &'a [RepoPath],
    /// How.
    pub settings: &'a Settings,
    /// Files of the root that this run writes its reports to. What lies there now is about to be replaced and
    /// is not looked at, unless Git tracks it: then it is published, whatever is written over it.
    pub reports: &'a [RepoPath],
    /// Which rules there are.
    pub catalog: &'a Catalog,
    /// The baseline that was named; `None` is the root's own, if it has one.
    pub baseline: Option<&'a Baseline>,
    /// The configuration, for its allows' places.
    pub config: &'a ConfigFile,
    /// Today, as `YYYY-MM-DD`.
    pub today: &'a str,
    /// Whether to say what looked like a credential and is none (`-v`).
    pub name_passed: bool,
    /// The process's environment; advisory data is looked for where it says.
    pub environment: &'a dyn Fn(&str) -> Option<OsString>,
    /// What cargo answers, once it was asked: it sees what lies on the disk, so trials of changes need not ask again.
    pub cargo: &'a CargoAnswer,
}

/// What cargo answered, and what it did not.
pub type CargoAnswer = OnceCell<(repo::resolve::Resolution, Vec<NotChecked>)>;

/// The rule that asks what lies in the folders of packages.
const PACKAGE_LEAK: &str = "gitignore/package-leak";

/// The rule that asks the registry's index about everything that is locked.
const YANKED: &str = "advisories/yanked";

/// How many threads an audit uses.
pub fn threads(settings: &Settings) -> usize {
    let cores = || thread::available_parallelism().map_or(1, NonZero::get);
    settings.threads.filter(|&n| n > 0).unwrap_or_else(cores).min(256)
}

/// Audits a repository.
///
/// # Errors
/// No rule is to run, a rule cannot be prepared, or the advisory data that was named is none.
pub fn audit(request: &Request) -> Result<Report, AuditError> {
    let Request { root, paths, settings, catalog, .. } = request;
    if settings.selected.is_empty() {
        return Err(AuditError::NoRule);
    }
    let threads = threads(settings);
    let mut found = request.view.listing(root, threads);
    leave_out(request.reports, &mut found.files);
    let plan = Plan::new(catalog, &settings.selected, request.today)?
        .naming_passed(request.name_passed)
        .with_environments(&settings.environments);
    let work_tree = WorkTree { tree: root.tree() };
    let contents = request.view.contents(&work_tree);
    let mut view = RepoView {
        threads,
        is_git: found.is_git,
        has_index: found.has_index,
        tracked_ignored: found.tracked_ignored,
        ignored_by_user: found.ignored_by_user,
        environments: settings.environments.clone(),
        required: required_ignores(request.config, settings),
        ignore: found.ignore,
        ..RepoView::default()
    };
    let selected = Selected { paths, only: request.view.only(), exclude: &settings.exclude };
    let mut unasked = Vec::new();
    if settings.ask_cargo != AskCargo::Never {
        let answer = request.cargo.get_or_init(|| {
            let workspaces = core::workspaces(&selected.not_excluded(&found.files), contents);
            let trust = settings.ask_cargo == AskCargo::Always;
            repo::resolve::resolve(root, &workspaces, trust, request.environment)
        });
        (view.resolution, unasked) = answer.clone();
    }
    let own;
    let baseline = if request.baseline.is_some() {
        request.baseline
    } else {
        own = own_baseline(contents)?;
        own.as_ref()
    };
    // A repository that brings what lies in the caches is no judge of itself.
    let is_brought = advisories::are_brought(root.path(), &found.files, found.is_git, request.environment);
    let caches: &advisories::Environment = if is_brought { &|_| None } else { request.environment };
    let mut seen = look(
        &plan,
        Files { listed: found.files, contents, view },
        &selected,
        Limits { max_file_size: settings.max_file_size, threads },
        |view| {
            if settings.selected.contains(PACKAGE_LEAK) {
                view.walked_packages = WalkedPackages::walk(root.tree(), view);
            }
            prepare_advisories(view, request, caches, threads)
        },
    )?;
    let redactor = Redactor::new(&plan);
    for item in &mut unasked {
        item.reason = redactor.text(&item.reason);
    }
    seen.not_checked.extend(found.not_checked);
    seen.not_checked.extend(unasked);
    request.view.account(&selected, &mut seen, &mut found.notices);
    seen.not_checked.sort();
    let mut report = judge(
        seen,
        &plan,
        &Judge {
            catalog,
            selected: &settings.selected,
            severity: settings.severity.clone(),
            allows: configured_allows(request.config, settings, Some(Redactor::new(&plan))),
            foreign_ignores: settings.foreign_ignores,
            today: request.today,
            profile: settings.profile,
            ignores: settings.ignores,
            whole: selected.is_all(),
            change: request.changes.map(|changes| Change {
                changes,
                contents,
                limit: settings.max_file_size,
            }),
            baseline,
            ratchets: ratchets(request.config, settings, Some(redactor)),
        },
    );
    let fit = |notice: &Notice| Notice {
        path: notice.path.as_ref().map(|path| redactor.path(path)),
        text: redactor.text(&notice.text),
    };
    report.notices.extend(root.notices().iter().chain(&found.notices).map(fit));
    report.notices.sort();
    for finding in &mut report.findings {
        finding.place.origin = request.view.origin();
    }
    Ok(report)
}

/// A baseline above this size is none.
const BASELINE_LIMIT: u64 = 64 << 20;

/// The root's baseline, if it has one.
fn own_baseline(contents: &dyn Contents) -> Result<Option<Baseline>, AuditError> {
    let path = RepoPath::from(BASELINE);
    let mut bytes = Vec::new();
    match contents.read(&path, BASELINE_LIMIT, &mut bytes) {
        Ok(()) => read_baseline(BASELINE, Some(path), bytes).map(Some),
        Err(ReadError::Vanished) => Ok(None),
        Err(error) => Err(AuditError::UnreadBaseline { name: BASELINE.into(), error }),
    }
}

/// Reads a baseline. `name` is how it is named in messages.
///
/// # Errors
/// It is not UTF-8, or a line of it is no entry.
pub fn read_baseline(name: &str, path: Option<RepoPath>, bytes: Vec<u8>) -> Result<Baseline, AuditError> {
    let wrong = |why: String| AuditError::Baseline { name: name.to_owned(), why };
    let text = String::from_utf8(bytes).map_err(|_| wrong("it is not UTF-8".into()))?;
    Baseline::parse(path, text).map_err(|error| wrong(error.to_string()))
}

/// Takes the files out that this run writes its reports to ([`Request::reports`]).
pub fn leave_out(reports: &[RepoPath], files: &mut Vec<ListedFile>) {
    files.retain(|file| file.tracked || !reports.contains(&file.path));
}

/// Loads advisory data, if a rule that needs it runs. `caches` is the environment in which it is looked for when
/// none was named.
fn prepare_advisories(
    view: &mut RepoView,
    request: &Request,
    caches: &advisories::Environment,
    threads: usize,
) -> Result<(), DatabaseError> {
    let settings = request.settings;
    let wanted = settings.selected.iter().any(|id| id.starts_with("advisories/"));
    // A variable that nobody needs now may hold what it likes.
    let named = if wanted || !settings.advisory_db.is_empty() {
        advisories::named(&settings.advisory_db, request.environment)?
    } else {
        Vec::new()
    };
    let (osv_data, others): (Vec<&Path>, Vec<&Path>) =
        named.iter().map(|path| &**path).partition(|path| osv::is_osv(path));
    if let [first, second, ..] = others[..] {
        // What is no database at all is said first.
        advisories::Found::at(first)?;
        advisories::Found::at(second)?;
        return Err(DatabaseError::Two { first: first.to_owned(), second: second.to_owned() });
    }
    let explicit = others.first().copied();
    view.advisories = Advisories {
        state: if wanted || explicit.is_some() {
            advisories::prepare(view, explicit, caches)?
        } else {
            AdvisoryState::NotAsked
        },
        today: request.today.to_owned(),
        max_age_days: settings.advisories.max_age_days.unwrap_or(MAX_AGE_DAYS),
        may_be_missing: settings.advisories.unchecked == Unchecked::Note,
        index: if wanted { Index::at_hand(caches) } else { Index::default() },
    };
    if settings.selected.contains(YANKED) {
        let locked = view.lockfiles().values().flatten().flat_map(advisories::checkable);
        let packages: Vec<_> = locked.map(|(_, package)| (&*package.name, &package.version)).collect();
        view.advisories.index.look_up(&packages, threads);
    }
    if wanted {
        view.osv = osv::prepare(view, &osv_data, caches);
    }
    Ok(())
}

/// Why an audit could not be done. Safe to show.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// Whoever looks for nothing finds nothing, and that is no good news.
    #[error(
        "no rule is left to run, so nothing would be checked; --skip, and `off` in the configuration, win over \
         --rule and the profile"
    )]
    NoRule,
    /// The same in the history, where secrets alone are looked for.
    #[error("no rule about secrets is left to run, and the history is searched for nothing else")]
    NoSecretRule,
    /// There is no history that could be read.
    #[error(transparent)]
    History(#[from] HistoryError),
    /// The baseline is none.
    #[error("{name}: {why}")]
    Baseline {
        /// How it is named. Safe to show.
        name: String,
        /// What is wrong with it.
        why: String,
    },
    /// The baseline cannot be read.
    #[error("{name}: {error}")]
    UnreadBaseline {
        /// How it is named. Safe to show.
        name: String,
        /// Why.
        error: ReadError,
    },
    /// A rule cannot be prepared.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// The advisory data that was named is none.
    #[error(transparent)]
    Advisories(#[from] DatabaseError),
}

/// What the configuration wants Git's ignore files to cover.
fn required_ignores(file: &ConfigFile, settings: &Settings) -> Vec<RequiredIgnore> {
    let path = file.source.as_ref().and_then(|source| source.path.clone());
    let required = settings.required_ignores.iter();
    required
        .map(|(pattern, span)| RequiredIgnore {
            pattern: pattern.clone(),
            path: path.clone(),
            span: span.clone(),
        })
        .collect()
}
