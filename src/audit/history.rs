use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use sha2::{Digest, Sha256};

use super::configured::configured_allows;
use super::foreign_secrets::ForeignHistory;
use super::judge::{read_mark, with_foreign_mark};
use super::{AuditError, Request, threads};
use crate::model::{
    Allow, Checked, Coverage, Finding, Fingerprint, NotChecked, Notice, Origin, Profile, Related, RepoPath,
    Report, RuleId, Severity, Status, counted,
};
use crate::repo::GitDir;
use crate::repo::history::{Cache, Content, History, Progress, Remembered, Seen, Verdict};
use crate::repo::objects::ObjectError;
use crate::scan::{ContentFound, Plan, Redactor, SecretKey, number, scan_content};
use crate::triage::{AllowEntry, Mark, Policy, triage};

/// So many further places of a secret are named.
const NAMED: usize = 10;

/// What came of one content.
enum Outcome {
    Nothing(Verdict),
    Unread(ObjectError),
    Crashed,
    /// As it was looked at under each of its names.
    Found(Vec<ContentFound>),
}

/// Looks for secrets in the history: every content once, and each secret is one finding, wherever it stood.
///
/// # Errors
/// No rule about secrets is to run, a rule cannot be prepared, or the history cannot be read.
pub fn audit_history(
    request: &Request,
    range: Option<&str>,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Report, AuditError> {
    let settings = request.settings;
    let selected: BTreeSet<String> =
        settings.selected.iter().filter(|id| id.starts_with("secrets/")).cloned().collect();
    if selected.is_empty() {
        return Err(AuditError::NoSecretRule);
    }
    let plan = Plan::new(request.catalog, &selected, request.today)?;
    let place = Cache::of(request.root, request.environment);
    let cache = match (&place, request.root.git()) {
        (Cache::At(folder), Some(git)) => Some(folder.join(cache_name(request, git, &selected))),
        _ => None,
    };
    let remembered = cache.as_deref().map(Remembered::load).unwrap_or_default();
    let look =
        |remembered| look_through(request, &plan, &selected, range, remembered, cache.as_deref(), progress);
    let mut report = match look(remembered)? {
        Some(report) => report,
        // Something turned up in a content that was known before under another name: where it began is not remembered.
        None => look(Remembered::default())?.unwrap_or_default(),
    };
    if place == Cache::Inside {
        let text = "the user's cache lies in this repository, so nothing that is there is believed, and nothing kept";
        report.notices.push(Notice { path: None, text: text.into() });
        report.notices.sort();
    }
    Ok(report)
}

/// The audit, with what is remembered. `None` if that is not enough.
fn look_through(
    request: &Request,
    plan: &Plan,
    selected: &BTreeSet<String>,
    range: Option<&str>,
    remembered: Remembered,
    cache: Option<&Path>,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Option<Report>, AuditError> {
    let settings = request.settings;
    let mut history = History::open(request.root, range, remembered)?;
    let known = history.known().count();
    let contents = history.contents(&|path| plan.guise(path), progress);
    let bytes = AtomicU64::new(0);
    let look = |content: &Content, read: Result<&[u8], ObjectError>| match read {
        Err(ObjectError::TooLarge { .. }) => Outcome::Nothing(Verdict::TooLarge),
        Err(error) => Outcome::Unread(error),
        Ok(text) => {
            bytes.fetch_add(text.len() as u64, Ordering::Relaxed);
            catch_unwind(AssertUnwindSafe(|| look_at(plan, &history.looks(content), text)))
                .unwrap_or(Outcome::Crashed)
        }
    };
    let outcomes = history.read(&contents, settings.max_file_size, threads(settings), &look, progress);
    if contents
        .iter()
        .zip(&outcomes)
        .any(|(c, outcome)| c.was_clean && matches!(outcome, Some(Outcome::Found(_))))
    {
        return Ok(None);
    }
    let verdicts: Vec<Option<Verdict>> = outcomes
        .iter()
        .map(|outcome| match outcome {
            Some(Outcome::Nothing(verdict)) => Some(*verdict),
            _ => None,
        })
        .collect();
    let was_read = |o: &&Outcome| !matches!(o, Outcome::Nothing(Verdict::TooLarge) | Outcome::Unread(_));
    let blobs = outcomes.iter().flatten().filter(was_read).count() as u64;
    let checked = Checked { blobs, bytes: bytes.into_inner(), ..Checked::default() };
    let mut report = Report { checked, ..Report::default() };
    history.remember(&contents, &verdicts);
    // What is known from an earlier run is passed over in this one as well.
    let mut passed_over: BTreeMap<&'static str, u64> = BTreeMap::new();
    let of_this_run = verdicts.iter().flatten();
    let verdicts: Vec<Verdict> =
        if history.is_range() { of_this_run.copied().collect() } else { history.known().collect() };
    for verdict in verdicts {
        match verdict {
            Verdict::Clean => {}
            Verdict::Binary => *passed_over.entry("binary").or_default() += 1,
            Verdict::TooLarge => *passed_over.entry("too-large").or_default() += 1,
        }
    }
    account(&history, known, &outcomes, &passed_over, &mut report);
    if let Some(file) = cache
        && let Err(error) = history.save(file)
    {
        let text = format!("what was found out could not be kept for the next run: {}", error.kind());
        report.notices.push(Notice { path: None, text });
    }
    let redactor = Redactor::new(plan);
    let allows = configured_allows(request.config, settings, Some(redactor));
    let foreign = if settings.ignores && settings.foreign_ignores {
        ForeignHistory::read(request.root.tree())
    } else {
        ForeignHistory::default()
    };
    let mut secrets: BTreeMap<(RuleId, SecretKey), Group> = BTreeMap::new();
    for (content, outcome) in contents.iter().zip(outcomes) {
        let Some(Outcome::Found(looks)) = outcome else { continue };
        // The same content under another name is no news to another tool.
        let everywhere: Vec<Seen> = (0..looks.len()).flat_map(|look| history.seen(content, look)).collect();
        for (look, mut found) in looks.into_iter().enumerate() {
            report.not_checked.append(&mut found.not_checked);
            let mut seen = history.seen(content, look);
            let has_commit = !seen.is_empty();
            seen.retain(|seen| !settings.exclude.iter().any(|glob| glob.matches(&seen.path)));
            if !has_commit {
                seen.push(Seen::nowhere(&history.name(content)));
            }
            for (finding, key) in judged(found, request, selected, &allows) {
                let group = secrets.entry((finding.rule.clone(), key)).or_default();
                let line = finding.place.span.map_or(0, |span| span.line);
                let is_ignored = everywhere.iter().any(|seen| foreign.names(seen, line));
                group.add(&seen, content.in_head, finding, is_ignored);
            }
        }
    }
    report.findings = secrets.into_values().filter_map(|group| group.finding(redactor)).collect();
    report.findings.sort_by(Finding::order);
    report.notices.extend(ForeignHistory::notice(&report.findings));
    report.not_checked.sort();
    report.notices.sort();
    Ok(Some(report))
}

/// Looks at a content as whatever it was: a file's name and what it is for say how it is read and judged.
fn look_at(plan: &Plan, looks: &[&RepoPath], text: &[u8]) -> Outcome {
    let nowhere = RepoPath::from("");
    let looks = if looks.is_empty() { &[&nowhere][..] } else { looks };
    let mut found = Vec::new();
    for path in looks {
        match scan_content(plan, path, text) {
            None => return Outcome::Nothing(Verdict::Binary),
            Some(of_this) => found.push(of_this),
        }
    }
    if found.iter().all(|found| found.drafts.is_empty() && found.not_checked.is_empty()) {
        return Outcome::Nothing(Verdict::Clean);
    }
    Outcome::Found(found)
}

/// What the rules found in a content, as it is judged there: with the allows that stand in it.
fn judged(
    found: ContentFound,
    request: &Request,
    selected: &BTreeSet<String>,
    allows: &[AllowEntry],
) -> Vec<(Finding, SecretKey)> {
    let settings = request.settings;
    let ContentFound { mut drafts, marks, .. } = found;
    if settings.profile < Profile::Audit {
        drafts.retain(|draft| draft.dummy.is_none());
    }
    number(&mut drafts);
    let keys: BTreeMap<Fingerprint, SecretKey> =
        drafts.iter().map(|draft| (draft.finding.fingerprint.clone(), draft.secret_key)).collect();
    let findings = drafts.into_iter().map(|draft| with_foreign_mark(draft, settings.ignores, None)).collect();
    let marks: Vec<Mark> = marks.into_iter().map(read_mark).collect();
    let policy = Policy {
        today: request.today,
        selected,
        profile: settings.profile,
        severity: &settings.severity,
        allows,
        marks: &marks,
        ignores: settings.ignores,
        whole: false,
        unread: &[],
    };
    let findings = triage(findings, &policy, request.catalog);
    // What there is to say about allows is said of the files that are there now.
    findings.into_iter().filter_map(|f| keys.get(&f.fingerprint).map(|key| (f, *key))).collect()
}

/// A secret, and where it was seen.
#[derive(Default)]
struct Group {
    /// The first time.
    first: Option<(Seen, Finding)>,
    paths: BTreeSet<RepoPath>,
    /// Those at which another tool is told to ignore it.
    ignored: BTreeSet<RepoPath>,
    /// How bad it is where it is worst, of what counts.
    worst: Option<Severity>,
    in_head: bool,
    /// Whether it counts anywhere, and whether it does in HEAD.
    counts: bool,
    counts_in_head: bool,
}

impl Group {
    fn add(&mut self, seen: &[Seen], in_head: bool, finding: Finding, is_ignored: bool) {
        let Some(first) = seen.first().cloned() else { return };
        if is_ignored {
            self.ignored.extend(seen.iter().map(|seen| seen.path.clone()));
        }
        self.paths.extend(seen.iter().map(|seen| seen.path.clone()));
        let counts = finding.status == Status::New;
        self.in_head |= in_head;
        self.counts |= counts;
        self.counts_in_head |= counts && in_head;
        if counts {
            self.worst = self.worst.max(Some(finding.severity));
        }
        let key = |seen: &Seen, finding: &Finding| (seen.clone(), finding.place.span);
        if self.first.as_ref().is_none_or(|(known, before)| key(&first, &finding) < key(known, before)) {
            self.first = Some((first, finding));
        }
    }

    /// One finding, at the place where it was seen first.
    fn finding(self, redactor: Redactor) -> Option<Finding> {
        let (seen, mut finding) = self.first?;
        let has_path = !seen.path.as_bytes().is_empty();
        // What somebody allowed where it stands now is allowed where it stood.
        let counts = if self.in_head { self.counts_in_head } else { self.counts };
        if counts {
            finding.status = Status::New;
            finding.allow = None;
            finding.severity = self.worst.unwrap_or(finding.severity);
        } else if finding.status == Status::New {
            finding.status = Status::Allowed;
            finding.allow =
                Some(Allow { reason: Some("allowed where it stands in HEAD".into()), until: None });
        }
        // One path that nobody knows of is enough to alarm.
        if finding.status == Status::New && self.ignored == self.paths {
            finding.status = Status::Allowed;
            finding.allow = Some(Allow { reason: Some(ForeignHistory::reason()), until: None });
        }
        let short = &seen.commit[..seen.commit.len().min(12)];
        let mut text = match (has_path, seen.is_loose) {
            (false, _) => format!("in the content {short}, which no commit has"),
            (true, true) => {
                format!("since {} in the commit {short}, which no branch or tag reaches", seen.day)
            }
            (true, false) => format!("since {} in the commit {short}", seen.day),
        };
        if self.paths.len() > 1 {
            let _ = write!(text, ", at {}", counted(self.paths.len() as u64, "path"));
        }
        text.push_str(if self.in_head {
            "; it still stands in HEAD"
        } else {
            "; it is gone from HEAD, and not from the history"
        });
        finding.message = format!("{}: {text}", finding.message);
        finding.fix = format!(
            "It is in every clone, so first make it worthless. {} Rewriting the history comes after that, if at all.",
            finding.fix
        );
        finding.change = None;
        finding.related = self
            .paths
            .iter()
            .filter(|path| **path != seen.path)
            .take(NAMED)
            .map(|path| Related {
                path: redactor.path(path),
                span: None,
                message: "it stood here too".into(),
                evidence: None,
            })
            .collect();
        for (name, value) in [
            ("commit", seen.commit.clone()),
            ("author_date", seen.day.clone()),
            ("paths", self.paths.len().to_string()),
            ("in_head", self.in_head.to_string()),
        ] {
            if has_path || !matches!(name, "commit" | "author_date" | "paths") {
                finding.properties.insert(name.into(), value);
            }
        }
        finding.place.path = has_path.then(|| redactor.path(&seen.path));
        finding.place.origin = Origin::Commit(seen.commit);
        Some(finding)
    }
}

/// Says how much was looked at, and what was not.
fn account(
    history: &History,
    known: usize,
    outcomes: &[Option<Outcome>],
    passed_over: &BTreeMap<&'static str, u64>,
    report: &mut Report,
) {
    let mut missing = |what: &'static str, reason: String| {
        report.not_checked.push(NotChecked {
            path: None,
            what,
            reason,
            mend: None,
            coverage: Coverage::Missing,
        });
    };
    if history.ends() > 0 {
        missing(
            "shallow",
            "this is a shallow clone: the history before its first commits is not there".into(),
        );
    }
    if history.missing > 0 {
        let why =
            if history.is_partial() { " (a partial clone: Git fetches them when it needs them)" } else { "" };
        let reason = format!(
            "{} of the history not there, or damaged{why}",
            counted(history.missing as u64, "object")
        );
        missing("missing-object", reason);
    }
    if report.checked.blobs == 0 && known == 0 && !outcomes.is_empty() {
        let there = counted(outcomes.len() as u64, "content");
        missing("nothing", format!("{there} in the history, and none was read"));
    }
    let mut unread: BTreeMap<String, u64> = BTreeMap::new();
    for outcome in outcomes {
        match outcome {
            Some(Outcome::Unread(error)) => *unread.entry(error.to_string()).or_default() += 1,
            Some(Outcome::Crashed) | None => {
                *unread.entry("it crashed; this is a bug of cargo prodcheck".into()).or_default() += 1;
            }
            _ => {}
        }
    }
    for (reason, count) in unread {
        missing("unreadable", format!("{} not read: {reason}", counted(count, "content")));
    }
    for (what, count) in passed_over {
        let words = if *what == "binary" { "binary" } else { "above the size limit" };
        report.not_checked.push(NotChecked {
            path: None,
            what,
            reason: format!("{} {words}", counted(*count, "content")),
            mend: None,
            coverage: Coverage::Outside,
        });
    }
    let mut text = format!(
        "history: {}, {} read",
        counted(history.commits() as u64, "commit"),
        counted(report.checked.blobs, "content")
    );
    if known > 0 {
        let _ = write!(text, ", {} known from an earlier run", counted(known as u64, "content"));
    }
    let notices = history.unread().iter().map(|text| format!("not looked into: {text}"));
    for text in std::iter::once(text).chain(notices) {
        report.notices.push(Notice { path: None, text });
    }
}

/// The name of what is kept: it tells apart repositories, and the rules under which it was found out.
fn cache_name(request: &Request, git: &GitDir, selected: &BTreeSet<String>) -> String {
    let hex = |digest: &[u8]| {
        let number = digest.iter().take(8).fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
        format!("{number:016x}")
    };
    let repository = Sha256::digest(git.common.as_os_str().as_encoded_bytes());
    let mut rules = Sha256::new();
    // Of one version there may be several builds.
    rules.update(Remembered::build());
    rules.update(format!("{} {selected:?}", request.settings.max_file_size));
    for rule in request.catalog.rules().filter(|rule| rule.family() == "secrets") {
        rules.update(format!("{rule:?}"));
    }
    format!("{}-{}", hex(&repository), hex(&rules.finalize()))
}
