use std::collections::{BTreeMap, BTreeSet};

use super::changes::Change;
use super::core::Found;
use super::foreign_ignores;
use super::foreign_lints::ForeignLints;
use super::foreign_secrets::ForeignSecrets;
use crate::model::{
    Allow, Coverage, Finding, Language, LineIndex, NotChecked, Notice, Origin, Place, Profile, RepoPath,
    Report, Severity, Status, Target, counted, is_advisory_id,
};
use crate::repo::RepoView;
use crate::repo::advisories::AdvisoryState;
use crate::repo::osv::{self, OsvSource};
use crate::rules::Catalog;
use crate::scan::evidence::evidence;
use crate::scan::{Draft, FoundMark, Passed, Plan, Redactor, fill_fingerprints, number};
use crate::source::FileKind;
use crate::triage::{
    AllowEntry, BASELINE, Baseline, BaselineEntry, Mark, Policy, Ratchet, foreign_mark, hold_against,
    hold_ratchets, of_baseline, parse_mark, triage,
};

/// By what an audit's findings are judged.
pub(super) struct Judge<'a> {
    pub(super) catalog: &'a Catalog,
    pub(super) selected: &'a BTreeSet<String>,
    pub(super) severity: BTreeMap<String, Option<Severity>>,
    pub(super) allows: Vec<AllowEntry>,
    /// Whether what other tools are told to ignore counts as allowed.
    pub(super) foreign_ignores: bool,
    pub(super) today: &'a str,
    pub(super) profile: Profile,
    /// False with `--no-ignores`.
    pub(super) ignores: bool,
    /// Whether the whole repository was in view.
    pub(super) whole: bool,
    /// If only findings count that a change brings: the change.
    pub(super) change: Option<Change<'a>>,
    /// What is known and does not count.
    pub(super) baseline: Option<&'a Baseline>,
    /// How many findings of a rule do not fail.
    pub(super) ratchets: Vec<Ratchet>,
}

/// Findings become a report: tokens that prove to be dummies and what is allowed are sorted out, every
/// name and sentence is made fit to be shown.
pub(super) fn judge(found: Found, plan: &Plan, by: &Judge) -> Report {
    let redactor = Redactor::new(plan);
    let Found { mut drafts, marks, mut not_checked, passed, checked, view } = found;
    let allows = all_allows(by, &view, redactor);
    let mut foreign = ForeignSecrets::of(&view, by.foreign_ignores && by.ignores);
    let mut lints = ForeignLints::of(&view, &drafts, by.catalog, by.foreign_ignores && by.ignores);
    let blind = is_blind(&view);
    let osv = about_osv(&view);
    let advisories = match view.advisories.state {
        AdvisoryState::Loaded(database) => Some(database.source),
        _ => None,
    };
    let mut notices = about_passed(&passed, redactor);
    notices.extend(osv);
    if by.profile < Profile::Audit {
        let mut dummies: BTreeMap<String, usize> = BTreeMap::new();
        for reason in drafts.iter().filter_map(|draft| draft.dummy.clone()) {
            *dummies.entry(reason).or_default() += 1;
        }
        drafts.retain(|draft| draft.dummy.is_none());
        notices.extend(about_dummies(&dummies));
    }
    number(&mut drafts);
    let findings: Vec<Finding> = drafts
        .into_iter()
        .map(|draft| {
            let file = foreign.ignoring(&draft);
            let told = lints.silencing(&draft, redactor);
            let finding = with_foreign_mark(draft, by.ignores, file);
            match told {
                Some(allow) => Finding { status: Status::Allowed, allow: Some(allow), ..finding },
                None => finding,
            }
        })
        .collect();
    notices.extend(foreign.notices());
    notices.extend(lints.notices(redactor));
    let marks: Vec<Mark> = marks.into_iter().map(read_mark).collect();
    // Allows of rules that could not do their work are not "unused".
    let ran: BTreeSet<String> =
        by.selected.iter().filter(|id| !(blind && id.starts_with("advisories/"))).cloned().collect();
    let unread: Vec<RepoPath> = not_checked.iter().filter_map(|n| n.path.clone()).collect();
    let policy = Policy {
        today: by.today,
        selected: &ran,
        profile: by.profile,
        severity: &by.severity,
        allows: &allows,
        marks: &marks,
        ignores: by.ignores,
        whole: by.whole,
        unread: &unread,
    };
    let mut findings = triage(findings, &policy, by.catalog);
    if let Some(change) = &by.change {
        not_checked.extend(change.mark_existing(&mut findings));
        not_checked.sort();
    }
    fill_fingerprints(&mut findings);
    notices.extend(foreign_ignores::notices(&allows, &findings));
    let mut names = Names { redactor, known: BTreeMap::new() };
    for finding in &mut findings {
        if let Some(path) = &mut finding.place.path {
            *path = names.shown(path);
        }
        for related in &mut finding.related {
            related.path = names.shown(&related.path);
        }
    }
    let not_checked: Vec<NotChecked> = not_checked
        .into_iter()
        .map(|item| NotChecked { path: item.path.as_ref().map(|p| names.shown(p)), ..item })
        .collect();
    if let Some(baseline) = by.baseline.filter(|_| by.ignores) {
        let unread = not_checked.iter().filter_map(|n| n.path.as_ref()).map(ToString::to_string).collect();
        let stale = hold_against(baseline, &mut findings, &policy, by.catalog, &unread);
        findings.extend(about_stale(baseline, &stale, &policy, by.catalog, redactor));
        fill_fingerprints(&mut findings);
        findings.sort_by(Finding::order);
    }
    if !by.ratchets.is_empty() {
        let is_complete = by.whole && not_checked.iter().all(|n| n.coverage != Coverage::Missing);
        notices.extend(hold_ratchets(&by.ratchets, &mut findings, &policy, by.catalog, is_complete));
        fill_fingerprints(&mut findings);
    }
    Report { checked, not_checked, notices, advisories, findings }
}

/// The configuration's allows and those of other tools; each knows whether the data knows its advisory.
fn all_allows(by: &Judge, view: &RepoView, redactor: Redactor) -> Vec<AllowEntry> {
    let mut allows = by.allows.clone();
    if by.foreign_ignores {
        allows.extend(foreign_ignores::allows(&view.kept, redactor));
    }
    for advisory in allows.iter_mut().filter_map(|entry| entry.advisory.as_mut()) {
        advisory.is_unknown = advisory.id.as_deref().is_some_and(|id| !may_exist(view, id));
    }
    allows
}

/// Whether there may be an advisory of this name. What the data cannot tell may be.
fn may_exist(view: &RepoView, id: &str) -> bool {
    if !is_advisory_id(id) {
        return false;
    }
    let rust = match &view.advisories.state {
        AdvisoryState::Loaded(database) => database.knows(id),
        _ => None,
    };
    let is_loaded = matches!(view.advisories.state, AdvisoryState::Loaded(_));
    let osv = if view.osv.sources.is_empty() { None } else { view.osv.knows(id) };
    // RustSec alone gives out its names; others are known by several databases.
    if id.starts_with("RUSTSEC-") {
        rust != Some(false)
    } else {
        osv != Some(false) || !matches!(rust, Some(false)) && is_loaded
    }
}

/// Whether rules about advisories could not see all that there is: then allows of them are not unused.
fn is_blind(view: &RepoView) -> bool {
    let rust = match &view.advisories.state {
        AdvisoryState::Loaded(_) => Some(true),
        AdvisoryState::NotAsked => None,
        AdvisoryState::Missing(_) => Some(false),
    };
    // Nobody reads what is pinned for nothing.
    let wanted = if view.osv.asked { osv::wanted(view) } else { osv::Wanted::new() };
    let pinned = (!wanted.is_empty()).then(|| wanted.keys().all(|ecosystem| view.osv.covers(*ecosystem)));
    // Nothing was asked, or something that was asked is not known.
    (rust.is_none() && pinned.is_none()) || rust == Some(false) || pinned == Some(false)
}

/// What is said of entries of the baseline that no longer occur.
fn about_stale(
    baseline: &Baseline,
    stale: &[BaselineEntry],
    policy: &Policy,
    catalog: &Catalog,
    redactor: Redactor,
) -> Option<Finding> {
    let first = stale.first()?;
    let text = baseline.text.as_bytes();
    let lines = LineIndex::new(text);
    let path = baseline.path.clone();
    let masks = redactor.masks(
        &RepoPath::from(BASELINE),
        text,
        FileKind { language: Language::Text, target: Target::Config },
    );
    let span = path.is_some().then(|| lines.span(text, first.span.clone()));
    let place = Place { path, span, origin: Origin::Tree, via: Vec::new() };
    let evidence = span.is_some().then(|| evidence(text, &lines, first.span.clone(), "", &masks));
    of_baseline(policy, catalog, stale.len(), &place, evidence.as_ref())
}

/// Which data packages of Python and npm were held against.
fn about_osv(view: &RepoView) -> Vec<Notice> {
    let about = |source: &OsvSource| {
        let words: Vec<&str> = source.ecosystems.iter().map(|ecosystem| ecosystem.word()).collect();
        let date = source.date.as_ref().map(|date| format!(" of {date}")).unwrap_or_default();
        let text = format!(
            "advisories on {}: {}{date}, {} held against {}",
            words.join(" and "),
            source.path,
            counted(source.count, "advisory"),
            counted(pinned_packages(view, Some(source)), "package")
        );
        Notice { path: None, text }
    };
    let used = view.osv.sources.iter().filter(|source| pinned_packages(view, Some(*source)) > 0);
    used.map(about).collect()
}

/// How many packages of Python and npm were held against data: against a source, or against any.
pub(super) fn pinned_packages(view: &RepoView, source: Option<&OsvSource>) -> u64 {
    if view.osv.sources.is_empty() {
        return 0;
    }
    let files = view.package_files().values().flatten();
    let known = files.filter(|file| match source {
        Some(source) => source.ecosystems.contains(&file.ecosystem),
        None => view.osv.covers(file.ecosystem),
    });
    known.map(|file| file.packages.len() as u64).sum()
}

/// What looked like a credential and is none: how many of each kind, and where the first ones stand.
fn about_passed(passed: &[Passed], redactor: Redactor) -> Vec<Notice> {
    const NAMED: usize = 5;
    passed
        .chunk_by(|a, b| a.reason == b.reason)
        .map(|group| {
            let places: Vec<String> =
                group.iter().take(NAMED).map(|p| format!("{}:{}", redactor.path(&p.path), p.line)).collect();
            let more = match group.len().saturating_sub(NAMED) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            let text = format!(
                "no credentials by their values ({}): {}, at {}{more}",
                group[0].reason,
                group.len(),
                places.join(", ")
            );
            Notice { path: None, text }
        })
        .collect()
}

/// What was left out because it has a secret's form and is none: how many, and why.
fn about_dummies(dummies: &BTreeMap<String, usize>) -> Option<Notice> {
    let reasons: Vec<String> = dummies.iter().map(|(reason, count)| format!("{count}: {reason}")).collect();
    let text = match dummies.values().sum::<usize>() {
        0 => return None,
        1 => "1 text has a secret's form and is none".to_owned(),
        count => format!("{count} texts have a secret's form and are none"),
    };
    let text = format!("{text} ({}); --profile audit shows them", reasons.join("; "));
    Some(Notice { path: None, text })
}

/// What another tool is told to ignore, by a file or by a mark on the finding's line, is silenced as it is there.
pub(super) fn with_foreign_mark(draft: Draft, ignores: bool, ignoring: Option<String>) -> Finding {
    let Draft { mut finding, lines: [line, above], .. } = draft;
    if let Some(file) = ignoring {
        finding.status = Status::Allowed;
        finding.allow = Some(Allow { reason: Some(format!("{file} ignores it")), until: None });
    }
    if ignores && let Some(mark) = foreign_mark(&line, &above, finding.rule.family()) {
        finding.status = Status::Allowed;
        finding.allow = Some(Allow { reason: Some(format!("marked `{mark}`")), until: None });
    }
    finding
}

/// Reads an inline allow's ids and reason.
pub(super) fn read_mark(found: FoundMark) -> Mark {
    let FoundMark { path, span, text, is_misspelt, covers, evidence } = found;
    if is_misspelt {
        let (ids, reason, evidence) = (Vec::new(), None, Some(evidence));
        return Mark {
            path,
            origin: Origin::Tree,
            span,
            covers_to: covers,
            ids,
            is_misspelt,
            reason,
            evidence,
        };
    }
    let bytes = text.as_bytes();
    let written = parse_mark(bytes, 0, bytes.len());
    let part = |range: std::ops::Range<usize>| String::from_utf8_lossy(&bytes[range]).into_owned();
    let width = written.whole.len() as u32;
    let mut span = span;
    span.end = span.end.min(span.start + width);
    span.end_line = span.line;
    span.end_column = span.column + width;
    Mark {
        path,
        origin: Origin::Tree,
        span,
        covers_to: covers,
        ids: written.ids.into_iter().map(part).collect(),
        is_misspelt,
        reason: written.reason.map(part),
        evidence: Some(evidence),
    }
}

/// Paths with the secrets in them masked, each looked at once.
struct Names<'p, 'r> {
    redactor: Redactor<'p, 'r>,
    known: BTreeMap<RepoPath, RepoPath>,
}

impl Names<'_, '_> {
    fn shown(&mut self, path: &RepoPath) -> RepoPath {
        if let Some(known) = self.known.get(path) {
            return known.clone();
        }
        let shown = self.redactor.path(path);
        self.known.insert(path.clone(), shown.clone());
        shown
    }
}
