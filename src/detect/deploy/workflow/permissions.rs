use super::{Triggers, workflow};
use crate::detect::deploy::check::weighed;
use crate::detect::{Emit, Prepared, Raw};
use crate::model::Severity;
use crate::source::{FileView, YamlNode, github_workflow};

/// Workflows whose token may do more than they say that they need.
pub(in crate::detect::deploy) fn permissions(rule: &Prepared, view: &FileView, emit: &mut Emit) {
    let Some(documents) = workflow(view) else { return };
    let jobs = github_workflow(documents).jobs;
    let top = documents.roots().find_map(|root| root.get("permissions"));
    let own = jobs.iter().filter_map(|job| job.node.lookup("permissions"));
    for node in top.into_iter().chain(own).filter(|node| node.as_str() == Some("write-all")) {
        let raw = Raw::at(node.resolved().span())
            .message("the workflow's token may write everything that the repository has")
            .fix("Write permissions: {contents: read}, and below single jobs what they need besides.");
        emit.raw(weighed(raw, rule.rule.severity));
    }
    // What others alone call has what they give it.
    if Triggers::of(documents).is_called_only() {
        return;
    }
    let open: Vec<&str> = jobs
        .iter()
        .filter(|job| job.node.lookup("permissions").is_none())
        .filter_map(|job| job.name.and_then(YamlNode::as_str))
        .collect();
    let jobs_key = documents.roots().find_map(|root| root.member("jobs"));
    if let (None, Some(first), Some((key, _))) = (top, open.first(), jobs_key) {
        let others = if open.len() > 1 { format!(" and {} more", open.len() - 1) } else { String::new() };
        let raw = Raw::at(key.span())
            .message(format!("the token of {first}{others} may do what the repository's settings allow, mostly write"))
            .fix("Write permissions: {contents: read} above jobs:, and below single jobs what they need besides.");
        emit.raw(weighed(raw, Severity::Note));
    }
}
