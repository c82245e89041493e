use super::reference::{has_commit, is_branch};
use std::ops::Range;

use super::reach::Reach;
use crate::detect::{Detector, Emit, Needs, Prepared, Raw};
use crate::model::Severity;
use crate::rules::rule::Text;
use crate::source::{
    FileView, GitlabInclude, PipelineKind, YamlNode, azure_pipeline, gitlab_pipeline, pre_commit_repos,
};

/// What pipelines of GitLab and Azure take from elsewhere without a version. The rule's words: `branches`.
pub(super) struct Includes;

/// Hooks of pre-commit that follow a branch. The rule's words: `branches`.
pub(super) struct Hooks;

fn report(emit: &mut Emit, at: Range<usize>, message: String, severity: Option<Severity>) {
    let mut raw = Raw::at(at).message(message);
    raw.severity = severity;
    emit.raw(raw);
}

impl Detector for Includes {
    fn name(&self) -> &'static str {
        "pipeline-include"
    }

    fn needs(&self) -> Needs {
        Needs::File
    }

    fn file(&self, rule: &Prepared, view: &FileView, emit: &mut Emit) {
        let branches = rule.rule.detect.words("branches");
        match PipelineKind::of(view.path()) {
            Some(PipelineKind::Gitlab) => gitlab(view, branches, emit),
            Some(PipelineKind::Azure) => azure(view, branches, emit),
            _ => {}
        }
    }
}

fn gitlab(view: &FileView, branches: &[Text], emit: &mut Emit) {
    let Ok(documents) = view.yaml() else { return };
    for include in gitlab_pipeline(documents).includes {
        match include {
            GitlabInclude::Remote { url, integrity } => {
                let Some(text) = url.as_str().filter(|text| !has_commit(text)) else { continue };
                if integrity.is_none() && !text.contains('$') {
                    let what = "the pipeline takes whatever lies at this address".to_owned();
                    report(emit, url.resolved().span(), what, None);
                }
            }
            GitlabInclude::Project { project, reference } => match reference.map(|r| (r, r.as_str())) {
                None => {
                    let what = "the pipeline takes the newest state of another project".to_owned();
                    report(emit, project.resolved().span(), what, None);
                }
                Some((node, Some(text))) if is_branch(text, branches) => {
                    let what = format!("the pipeline follows the branch {text} of another project");
                    report(emit, node.resolved().span(), what, None);
                }
                Some(_) => {}
            },
            GitlabInclude::Component(node) => {
                let version =
                    node.as_str().and_then(|text| text.rsplit_once('@')).map(|(_, version)| version);
                if let Some(version) = version.filter(|v| *v == "~latest" || is_branch(v, branches)) {
                    let what = format!("the component follows {version}");
                    report(emit, node.resolved().span(), what, None);
                }
            }
        }
    }
}

fn azure(view: &FileView, branches: &[Text], emit: &mut Emit) {
    let Ok(documents) = view.yaml() else { return };
    for repository in azure_pipeline(documents).repositories {
        let Some(name) = repository.get("name").or_else(|| repository.get("repository")) else { continue };
        // Those of the same organisation are their own affair.
        let own = repository.get("type").and_then(YamlNode::as_str).is_none_or(|kind| kind == "git");
        let severity = own.then_some(Severity::Note);
        match repository.get("ref") {
            None => {
                let what = "the pipeline takes the newest state of another repository".to_owned();
                report(emit, name.resolved().span(), what, severity);
            }
            Some(node) => {
                if let Some(text) = node.as_str().filter(|text| is_branch(text, branches)) {
                    let what = format!("the pipeline follows the branch {text} of another repository");
                    report(emit, node.resolved().span(), what, severity);
                }
            }
        }
    }
}

impl Detector for Hooks {
    fn name(&self) -> &'static str {
        "pre-commit-branch"
    }

    fn needs(&self) -> Needs {
        Needs::File
    }

    fn file(&self, rule: &Prepared, view: &FileView, emit: &mut Emit) {
        let Ok(documents) = view.yaml() else { return };
        let is_rehearsal = Reach::of(view.path(), view.target()) == Reach::Rehearsal;
        let severity = is_rehearsal.then_some(Severity::Note);
        for repo in pre_commit_repos(documents) {
            let Some(name) = repo.repo.as_str().filter(|name| !matches!(*name, "local" | "meta")) else {
                continue;
            };
            let Some(rev) = repo.rev else { continue };
            let Some(text) = rev.as_str() else { continue };
            if is_branch(text, rule.rule.detect.words("branches")) {
                let what = format!("the hooks of {name} follow the branch {text}");
                report(emit, rev.resolved().span(), what, severity);
            }
        }
    }
}
