use std::collections::{BTreeMap, BTreeSet};

use super::{AdvisoryAllow, Mark, meta};
use crate::model::{Allow, Evidence, Finding, Glob, Place, Profile, RepoPath, Severity, Status};
use crate::rules::Catalog;
use crate::rules::catalog::names;

/// By what findings are judged.
#[derive(Debug, Clone, Copy)]
pub struct Policy<'a> {
    /// Today, as `YYYY-MM-DD`.
    pub today: &'a str,
    /// The ids of the rules that ran. Rules that could not (no advisory data, a crash) are left out, so
    /// that allows of them are not called unused.
    pub selected: &'a BTreeSet<String>,
    /// The profile of the run: an allow of a family speaks of the rules up to it.
    pub profile: Profile,
    /// Severities in place of the rules' own, by id; `None` means off.
    pub severity: &'a BTreeMap<String, Option<Severity>>,
    /// The allows of the configuration.
    pub allows: &'a [AllowEntry],
    /// The inline allows of all files that were read.
    pub marks: &'a [Mark],
    /// False with `--no-ignores`: no allow of any kind holds, and none is spoken of.
    pub ignores: bool,
    /// Whether the whole repository was in view. If not, allows of the configuration are not called unused.
    pub whole: bool,
    /// Files of the audit that were not read. Allows of the configuration that may concern them are not called unused.
    pub unread: &'a [RepoPath],
}

/// An allow of the configuration.
#[derive(Debug, Clone)]
pub struct AllowEntry {
    /// A rule's id, a family or `family/prefix*`.
    pub rule: String,
    /// Which advisory or package; `None` is all that the rule finds.
    pub advisory: Option<AdvisoryAllow>,
    /// Which files; `None` is all of them and the repository as a whole.
    pub path: Option<Glob>,
    /// Why, as it may be shown: masked and made displayable.
    pub reason: String,
    /// The last day it holds, as `YYYY-MM-DD`.
    pub until: Option<String>,
    /// Where it is written.
    pub place: Place,
    /// What is shown when something is said about it.
    pub evidence: Option<Evidence>,
}

/// Decides which findings count, and adds what there is to say about the allows.
///
/// A finding that comes in as allowed (by a mark of another tool) stays so unless `ignores` is false. What
/// comes out is in the order of [`Finding::order`]. The fingerprints of the added findings are empty.
pub fn triage(findings: Vec<Finding>, policy: &Policy<'_>, catalog: &Catalog) -> Vec<Finding> {
    let mut findings: Vec<Finding> = findings.into_iter().filter_map(|f| graded(f, policy)).collect();
    if policy.ignores {
        let used = by_marks(&mut findings, policy, catalog);
        let said = meta::of_marks(policy, &used, catalog);
        findings.extend(said.into_iter().filter_map(|f| graded(f, policy)));
        let used = by_configuration(&mut findings, policy, catalog);
        let said = meta::of_configuration(policy, &used, catalog);
        findings.extend(said.into_iter().filter_map(|f| graded(f, policy)));
    } else {
        for finding in &mut findings {
            if finding.status == Status::Allowed {
                finding.status = Status::New;
                finding.allow = None;
            }
        }
    }
    findings.sort_by(Finding::order);
    findings
}

/// The finding with the severity that was set for its rule; `None` if it was turned off.
pub(super) fn graded(mut finding: Finding, policy: &Policy<'_>) -> Option<Finding> {
    if let Some(severity) = policy.severity.get(finding.rule.as_str()) {
        finding.severity = (*severity)?;
    }
    Some(finding)
}

/// Silences what marks cover. Says of each mark's ids, in their order, whether they silenced something.
fn by_marks(findings: &mut [Finding], policy: &Policy<'_>, catalog: &Catalog) -> Vec<Vec<bool>> {
    let mut used: Vec<Vec<bool>> = policy.marks.iter().map(|mark| vec![false; mark.ids.len()]).collect();
    let reach = Reach::new(policy.marks);
    for finding in findings {
        let (Some(path), Some(rule)) = (&finding.place.path, catalog.get(finding.rule.as_str())) else {
            continue;
        };
        let Some(span) = finding.place.span else { continue };
        for at in reach.near(path, span.line, span.end_line) {
            let mark = &policy.marks[at];
            if !mark.covers(finding) {
                continue;
            }
            for (id, used) in mark.ids.iter().take(IDS_PER_MARK).zip(&mut used[at]) {
                if names(id, rule) {
                    *used = true;
                    allow(finding, mark.reason.as_deref(), None);
                }
            }
        }
    }
    used
}

/// No more ids of one mark are heeded.
pub(super) const IDS_PER_MARK: usize = 16;

/// Which marks can cover a line, without asking all of the file.
struct Reach<'a>(BTreeMap<&'a RepoPath, [Reaching; 2]>);

/// The marks of a file by the last line they cover: the line, the first line that any from here on covers,
/// and which mark it is.
type Reaching = Vec<(u32, u32, usize)>;

impl<'a> Reach<'a> {
    fn new(marks: &'a [Mark]) -> Self {
        let mut in_file: BTreeMap<&RepoPath, [Reaching; 2]> = BTreeMap::new();
        for (at, mark) in marks.iter().enumerate() {
            // Those that reach down stand apart: one long reach would hide where the short ones end.
            let reaches = usize::from(mark.covers_to > mark.span.line);
            in_file.entry(&mark.path).or_default()[reaches].push((mark.covers_to, mark.span.line, at));
        }
        for reaching in in_file.values_mut().flatten() {
            reaching.sort_unstable_by_key(|&(to, _, at)| (to, at));
            let mut first = u32::MAX;
            for (_, from, _) in reaching.iter_mut().rev() {
                first = first.min(*from);
                *from = first;
            }
        }
        Self(in_file)
    }

    /// All marks that cover one of these lines and few others, in their order.
    fn near(&self, path: &RepoPath, line: u32, end_line: u32) -> Vec<usize> {
        let mut near = Vec::new();
        for reaching in self.0.get(path).into_iter().flatten() {
            let behind = reaching.partition_point(|&(to, ..)| to < line);
            let until = reaching[behind..].iter().take_while(|&&(_, first, _)| first <= end_line);
            near.extend(until.map(|&(.., at)| at));
        }
        near.sort_unstable();
        near
    }
}

/// Silences what the configuration allows. Says of each entry whether it silenced something.
fn by_configuration(findings: &mut [Finding], policy: &Policy<'_>, catalog: &Catalog) -> Vec<bool> {
    let mut used = vec![false; policy.allows.len()];
    for finding in findings {
        let Some(rule) = catalog.get(finding.rule.as_str()) else { continue };
        for (entry, used) in policy.allows.iter().zip(&mut used) {
            let here = match (&entry.path, &finding.place.path) {
                (None, _) => true,
                (Some(glob), Some(path)) => glob.matches(path),
                (Some(_), None) => false,
            };
            let meant = entry.advisory.as_ref().is_none_or(|advisory| advisory.speaks_of(finding));
            if here && meant && !entry.is_expired(policy.today) && names(&entry.rule, rule) {
                *used = true;
                allow(finding, Some(&entry.reason), entry.until.as_deref());
            }
        }
    }
    used
}

/// The first allow with a reason is the one that is reported.
fn allow(finding: &mut Finding, reason: Option<&str>, until: Option<&str>) {
    let given = finding.allow.as_ref().is_some_and(|allow| allow.reason.is_some());
    if !given {
        finding.allow = Some(Allow { reason: reason.map(str::to_owned), until: until.map(str::to_owned) });
    }
    finding.status = Status::Allowed;
}

impl AllowEntry {
    /// What it allows, in words.
    pub(super) fn what(&self) -> String {
        self.advisory.as_ref().map_or_else(|| self.rule.clone(), AdvisoryAllow::shown)
    }

    /// The other tool's file it stands in, if it is no entry of our own.
    pub(super) fn foreign_file(&self) -> Option<&str> {
        self.advisory.as_ref()?.file.as_deref()
    }

    /// Whether its last day is over.
    pub fn is_expired(&self, today: &str) -> bool {
        // Days in this form sort as text.
        self.until.as_deref().is_some_and(|until| until < today)
    }
}
