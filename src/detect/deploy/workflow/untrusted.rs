use super::{Triggers, workflow};
use crate::detect::deploy::check::weighed;
use crate::detect::{Emit, Prepared, Raw};
use crate::model::Severity;
use crate::source::{FileView, GithubJob, YamlNode, github_workflow};

/// Workflows that run with the repository's secrets and check out what a stranger proposes
/// (<https://securitylab.github.com/resources/github-actions-preventing-pwn-requests/>).
pub(in crate::detect::deploy) fn untrusted_checkout(rule: &Prepared, view: &FileView, emit: &mut Emit) {
    let Some(documents) = workflow(view) else { return };
    let triggers = Triggers::of(documents);
    let of = |names: &[&str]| triggers.any(names);
    if !of(&["pull_request_target", "workflow_run", "issue_comment"]) {
        return;
    }
    for job in github_workflow(documents).jobs {
        for (at, step) in job.steps.iter().enumerate() {
            let is_checkout = step
                .uses
                .and_then(YamlNode::as_str)
                .is_some_and(|uses| uses.starts_with("actions/checkout@"));
            let reference = step.with.and_then(|with| with.lookup("ref")).filter(|_| is_checkout);
            let Some((node, text)) = reference.and_then(|node| Some((node, node.as_str()?))) else {
                continue;
            };
            let is_proposed = [
                "pull_request.head.",
                "github.head_ref",
                "refs/pull/",
                "workflow_run.head_sha",
                "workflow_run.head_branch",
                "workflow_run.head_commit",
            ]
            .iter()
            .any(|part| text.contains(part));
            if !is_proposed {
                continue;
            }
            let runs = job.steps[at + 1..].iter().any(|step| {
                step.run.is_some()
                    || step.uses.and_then(YamlNode::as_str).is_some_and(|uses| uses.starts_with("./"))
            });
            // Somebody looks at it first, or it is one of the repository's own branches.
            let severity = match is_guarded(&job) {
                _ if !runs => Severity::Note,
                true => Severity::Warning,
                false => rule.rule.severity,
            };
            let raw = Raw::at(node.resolved().span())
                .message("what a stranger proposes is checked out where the repository's secrets are")
                .fix(
                    "Use the trigger pull_request, which has no secrets; do what needs them in a second workflow that \
                     takes over results, not code.",
                );
            emit.raw(weighed(raw, severity));
        }
    }
}

fn is_guarded(job: &GithubJob) -> bool {
    let condition = job.node.lookup("if").and_then(YamlNode::as_str).unwrap_or_default();
    let has = |part: &str| condition.contains(part);
    has("label")
        || has("author_association")
        || has("head.repo.full_name")
        || has("head_repository")
        || has("github.actor")
        || has("sender.login")
        || has("user.login")
        || job.node.lookup("environment").is_some()
}
