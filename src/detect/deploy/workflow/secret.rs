use super::workflow;
use crate::detect::deploy::check::weighed;
use crate::detect::secrets::stands_for_a_secret;
use crate::detect::{Emit, Prepared, Raw};
use crate::model::{Secret, Severity};
use crate::source::{FileView, YamlNode, github_workflow};

/// Secrets that a workflow holds in clear, and workflows that hand over all secrets at once.
pub(in crate::detect::deploy) fn shown_secret(rule: &Prepared, view: &FileView, emit: &mut Emit) {
    let Some(documents) = workflow(view) else { return };
    let jobs = github_workflow(documents).jobs;
    let mut environments: Vec<YamlNode> = documents.roots().filter_map(|root| root.get("env")).collect();
    for job in &jobs {
        environments.extend(job.node.lookup("env"));
        environments.extend(job.steps.iter().filter_map(|step| step.node.lookup("env")));
        for text in job.steps.iter().filter_map(|step| step.run).chain(environments.iter().copied()) {
            let all = text.members().map(|(_, value)| value).chain(text.as_str().map(|_| text));
            for node in all {
                let Some(at) = node.as_str().and_then(|text| text.find("toJSON(secrets)")) else { continue };
                let span = node.resolved().positions(view.bytes()).source(at..at + "toJSON(secrets)".len());
                let raw = Raw::at(span)
                    .message("all secrets of the repository are given to this step")
                    .fix("Name the secrets that it needs, one by one.");
                emit.raw(weighed(raw, rule.rule.severity));
            }
        }
    }
    for (key, value) in environments.iter().flat_map(|environment| environment.members()) {
        let (Some(name), Some(text)) = (key.as_str(), value.as_str().filter(|_| !value.is_alias())) else {
            continue;
        };
        if text.contains("${{") || !stands_for_a_secret(name.as_bytes(), text.as_bytes()) {
            continue;
        }
        let span = value.positions(view.bytes()).source(0..text.len());
        let mut raw = Raw::at(span.clone())
            .message(format!("the value of {name} stands in the workflow"))
            .fix(format!("Write ${{{{ secrets.{name} }}}}, and set it in the repository's settings."));
        raw.secrets.push(Secret { range: span, prefix: 0 });
        // Tests of databases have passwords that open nothing.
        emit.raw(weighed(raw, Severity::Note));
    }
}
