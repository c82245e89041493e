//! This room: one audit from beginning to end (settings → inventory → scan → repository checks → triage → report), and the self-check of rules.
//! May touch: `model`, `rules`, `source`, `repo`, `detect`, `scan`, `triage`, `config`.
//! Never: rendering, the command line.

mod core;
mod environment;
mod explain;
mod foreign_ignores;
mod judge;
mod memory;
mod own_rules;
mod selfcheck;

pub use core::{Files, Found, Selected, look};
pub use environment::environment;
pub use explain::{FileExplained, explain_file};
pub use own_rules::{OwnRulesError, read_rule_files};
pub use selfcheck::{CheckProblem, check_examples, check_words};

use std::cell::OnceCell;
use std::ffi::OsString;
use std::num::NonZero;
use std::path::Path;
use std::thread;

use self::core::Limits;
use self::judge::{Judge, judge};
use crate::config::{AskCargo, ConfigFile, Settings, Unchecked};
use crate::model::{Language, LineIndex, NotChecked, Notice, Origin, Place, RepoPath, Report, Target};
use crate::repo::advisories::{self, Advisories, AdvisoryState, DatabaseError};
use crate::repo::{self, ListedFile, RepoView, Root, inventory, osv};
use crate::rules::Catalog;
use crate::scan::{Plan, PlanError, Redactor, WorkTree, evidence::evidence};
use crate::source::FileKind;
use crate::triage::{AdvisoryAllow, AllowEntry};

/// What is to be audited, and how.
#[derive(Clone)]
pub struct Request<'a> {
    /// The root.
    pub root: &'a Root,
    /// What of it was selected; nothing means all.
    pub paths: &'a [RepoPath],
    /// How.
    pub settings: &'a Settings,
    /// Files of the root that this run writes its reports to. What lies there now is about to be replaced and
    /// is not looked at, unless Git tracks it: then it is published, whatever is written over it.
    pub reports: &'a [RepoPath],
    /// Which rules there are.
    pub catalog: &'a Catalog,
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
    let mut found = inventory(root, threads);
    leave_out(request.reports, &mut found.files);
    let plan = Plan::new(catalog, &settings.selected, request.today)?.naming_passed(request.name_passed);
    let contents = WorkTree { tree: root.tree() };
    let mut view = RepoView {
        is_git: found.is_git,
        has_index: found.has_index,
        tracked_ignored: found.tracked_ignored,
        ignore: found.ignore,
        ..RepoView::default()
    };
    let selected = Selected { paths, exclude: &settings.exclude };
    let mut unasked = Vec::new();
    if settings.ask_cargo != AskCargo::Never {
        let answer = request.cargo.get_or_init(|| {
            let workspaces = core::workspaces(&selected.not_excluded(&found.files), &contents);
            let trust = settings.ask_cargo == AskCargo::Always;
            repo::resolve::resolve(root, &workspaces, trust, request.environment)
        });
        (view.resolution, unasked) = answer.clone();
    }
    let mut seen = look(
        &plan,
        Files { listed: found.files, contents: &contents, view },
        &selected,
        Limits { max_file_size: settings.max_file_size, threads },
        |view| prepare_advisories(view, request),
    )?;
    let redactor = Redactor::new(&plan);
    for item in &mut unasked {
        item.reason = redactor.text(&item.reason);
    }
    seen.not_checked.extend(found.not_checked);
    seen.not_checked.extend(unasked);
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
        },
    );
    let fit = |notice: &Notice| Notice {
        path: notice.path.as_ref().map(|path| redactor.path(path)),
        text: redactor.text(&notice.text),
    };
    report.notices.extend(root.notices().iter().chain(&found.notices).map(fit));
    report.notices.sort();
    Ok(report)
}

/// Takes the files out that this run writes its reports to ([`Request::reports`]).
pub fn leave_out(reports: &[RepoPath], files: &mut Vec<ListedFile>) {
    files.retain(|file| file.tracked || !reports.contains(&file.path));
}

/// Loads advisory data, if a rule that needs it runs.
fn prepare_advisories(view: &mut RepoView, request: &Request) -> Result<(), DatabaseError> {
    let settings = request.settings;
    let (osv_data, others): (Vec<&Path>, Vec<&Path>) =
        settings.advisory_db.iter().map(|path| &**path).partition(|path| osv::is_osv(path));
    if let [first, second, ..] = others[..] {
        // What is no database at all is said first.
        advisories::Found::at(first)?;
        advisories::Found::at(second)?;
        return Err(DatabaseError::Two { first: first.to_owned(), second: second.to_owned() });
    }
    let explicit = others.first().copied();
    let wanted = settings.selected.iter().any(|id| id.starts_with("advisories/"));
    view.advisories = Advisories {
        state: if wanted || explicit.is_some() {
            advisories::prepare(view, explicit, request.environment)?
        } else {
            AdvisoryState::NotAsked
        },
        today: request.today.to_owned(),
        max_age_days: settings.advisories.max_age_days.unwrap_or(advisories::MAX_AGE_DAYS),
        may_be_missing: settings.advisories.unchecked == Unchecked::Note,
    };
    if wanted {
        view.osv = osv::prepare(view, &osv_data, request.environment);
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
    /// A rule cannot be prepared.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// The advisory data that was named is none.
    #[error(transparent)]
    Advisories(#[from] DatabaseError),
}

/// The configuration's allows with their places and what may be shown of them. Without a redactor nothing
/// is masked: for texts of our own.
fn configured_allows(file: &ConfigFile, settings: &Settings, redactor: Option<Redactor>) -> Vec<AllowEntry> {
    let Some(source) = &file.source else { return Vec::new() };
    let bytes = source.text.as_bytes();
    let path = source.path.clone().unwrap_or_else(|| RepoPath::from(&*source.name));
    let kind = FileKind { language: Language::Toml, target: Target::Config };
    let masks = redactor.map(|r| r.masks(&path, bytes, kind)).unwrap_or_default();
    let lines = LineIndex::new(bytes);
    settings
        .allows
        .iter()
        .map(|allow| AllowEntry {
            rule: allow.rule.clone(),
            advisory: (allow.advisory.is_some() || allow.package.is_some()).then(|| AdvisoryAllow {
                id: allow.advisory.clone(),
                package: allow.package.clone(),
                ..AdvisoryAllow::default()
            }),
            path: allow.path.clone(),
            reason: redactor.map_or_else(|| allow.reason.clone(), |r| r.text(&allow.reason)),
            until: allow.until.clone(),
            place: Place {
                path: Some(path.clone()),
                span: Some(lines.span(bytes, allow.span.clone())),
                origin: Origin::Tree,
                via: Vec::new(),
            },
            evidence: Some(evidence(bytes, &lines, allow.span.clone(), "", &masks)),
        })
        .collect()
}
