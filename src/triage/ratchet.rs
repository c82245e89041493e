use super::Policy;
use super::meta::Says;
use super::policy::graded;
use crate::model::{
    Allow, Evidence, Finding, Notice, Place, Related, RepoPath, RuleId, Status, counted, grouped,
};
use crate::rules::Catalog;

/// The rule about more findings than a ratchet allows.
pub const RATCHET: &str = "meta/ratchet-exceeded";

/// So many places are named.
const NAMED: usize = 10;

/// So many findings of a rule are known. More fail; fewer are an offer to lower the number.
#[derive(Debug, Clone)]
pub struct Ratchet {
    /// The rule's id.
    pub rule: String,
    /// So many findings do not fail.
    pub limit: u64,
    /// Where it is written.
    pub place: Place,
    /// What is shown of it.
    pub evidence: Option<Evidence>,
}

/// Counts the findings of each ratchet's rule: those that are not allowed and in no baseline, whether they are part of a
/// change or not. They do not count themselves any more; one finding says that they are too many. Nothing
/// happens if that finding's rule does not run, or if no allow holds.
///
/// `is_complete` says whether all was looked at: else nobody knows that there are fewer.
pub fn hold_ratchets(
    ratchets: &[Ratchet],
    findings: &mut Vec<Finding>,
    policy: &Policy<'_>,
    catalog: &Catalog,
    is_complete: bool,
) -> Vec<Notice> {
    let mut notices = Vec::new();
    if !policy.ignores || !policy.selected.contains(RATCHET) {
        return notices;
    }
    let says = Says::new(policy, catalog);
    let mut said = Vec::new();
    for ratchet in ratchets.iter().filter(|ratchet| policy.selected.contains(&ratchet.rule)) {
        let of_rule = |finding: &&mut Finding| {
            finding.rule.as_str() == ratchet.rule && matches!(finding.status, Status::New | Status::Existing)
        };
        let mut held: Vec<&mut Finding> = findings.iter_mut().filter(of_rule).collect();
        let count = held.len() as u64;
        if count > ratchet.limit {
            let message = format!(
                "`{}` has {}, and the ratchet allows {}",
                ratchet.rule,
                counted(count, "finding"),
                grouped(ratchet.limit)
            );
            let rule = RuleId::of(RATCHET);
            let found = says.about(rule, message, &ratchet.place, ratchet.evidence.as_ref());
            said.extend(found.map(|finding| Finding { related: related(&held), ..finding }));
        } else if count < ratchet.limit && is_complete {
            let line = ratchet.place.span.map(|span| format!(":{}", span.line)).unwrap_or_default();
            let text = format!(
                "`{}` has {}: the ratchet in {}{line} can be lowered from {} to {}",
                ratchet.rule,
                counted(count, "finding"),
                ratchet.place.path.as_ref().map(RepoPath::to_string).unwrap_or_default(),
                ratchet.limit,
                count
            );
            notices.push(Notice { path: None, text });
        }
        for finding in held.iter_mut().filter(|finding| finding.status == Status::New) {
            finding.status = Status::Allowed;
            let reason = format!("the ratchet allows {}", grouped(ratchet.limit));
            finding.allow = Some(Allow { reason: Some(reason), until: None });
        }
    }
    findings.extend(said.into_iter().filter_map(|finding| graded(finding, policy)));
    findings.sort_by(Finding::order);
    notices
}

/// Where some of the findings are: first those that a change brings, if one is audited.
fn related(held: &[&mut Finding]) -> Vec<Related> {
    let new = held.iter().filter(|finding| finding.status == Status::New);
    let old = held.iter().filter(|finding| finding.status != Status::New);
    new.chain(old)
        .filter_map(|finding| {
            Some(Related {
                path: finding.place.path.clone()?,
                span: finding.place.span,
                message: "one of them".into(),
                evidence: finding.evidence.clone(),
            })
        })
        .take(NAMED)
        .collect()
}
