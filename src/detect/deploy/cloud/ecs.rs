use super::containers::tasks;
use crate::detect::deploy::check::{Standing, weighed};
use crate::detect::{Emit, Prepared, Raw};
use crate::model::Severity;
use crate::source::{FileView, ImageReference};

/// What a task in production needs.
pub(in crate::detect::deploy) fn task(rule: &Prepared, view: &FileView, emit: &mut Emit) {
    let standing = Standing::of(view);
    for task in tasks(view) {
        for container in &task.containers {
            let has = |key: &str| container.keys.iter().any(|own| own == key);
            let name = &container.name;
            let mut say = |lacks: &'static str, severity: Option<Severity>, what: String, fix: &str| {
                let Some(severity) = severity else { return };
                emit.raw(weighed(
                    Raw::at(container.place.clone()).message(what).fix(fix).property("lacks", lacks),
                    severity,
                ));
            };
            if has("secrets") && !task.has_execution_role {
                say(
                    "executionRoleArn",
                    standing.fault(rule.rule.severity),
                    format!(
                        "{name} takes secrets, and the task has no executionRoleArn that may fetch them: it does not start"
                    ),
                    "Write executionRoleArn: the role with the policy AmazonECSTaskExecutionRolePolicy and the right to read them.",
                );
            }
            if !has("logConfiguration") {
                say(
                    "logConfiguration",
                    standing.lack(rule.rule.severity),
                    format!("nobody keeps what {name} logs"),
                    "Write logConfiguration with the driver awslogs, its group, region and prefix.",
                );
            }
            if !has("healthCheck") && has("portMappings") {
                say(
                    "healthCheck",
                    standing.lack(Severity::Note),
                    format!("nobody asks whether {name} lives, but perhaps a load balancer"),
                    "Write healthCheck: {\"command\": [\"CMD-SHELL\", \"curl -f http://localhost:<port>/health || exit 1\"]}.",
                );
            }
        }
        for container in &task.containers {
            let image =
                container.image.as_ref().and_then(|(name, span)| Some((ImageReference::parse(name)?, span)));
            if let Some((image, span)) = image
                && image.digest.is_none()
                && matches!(image.tag, None | Some("latest"))
                && let Some(severity) = standing.fault(rule.rule.severity)
            {
                let raw = Raw::at(span.clone())
                    .message("the image has no fixed tag: what runs is what was pushed last")
                    .fix("Name the version you tested, best with its digest: name:1.2.3@sha256:…");
                emit.raw(weighed(raw, severity));
            }
            if let (Some(span), Some(severity)) = (&container.privileged, standing.fault(Severity::Error)) {
                let raw = Raw::at(span.clone())
                    .message(format!(
                        "{} is privileged: whoever breaks out of it has the machine",
                        container.name
                    ))
                    .fix("Delete it, and add the single capability that it needs.");
                emit.raw(weighed(raw, severity));
            }
            for (name, value, span) in &container.environment {
                let is_stage = matches!(
                    &**name,
                    "ENVIRONMENT" | "APP_ENV" | "NODE_ENV" | "ENV" | "FLASK_ENV" | "RAILS_ENV"
                );
                let is_wrong = matches!(
                    &*value.to_ascii_lowercase(),
                    "dev" | "development" | "local" | "debug" | "test"
                );
                if let (true, Some(severity)) = (is_stage && is_wrong, standing.fault(rule.rule.severity)) {
                    let raw = Raw::at(span.clone())
                        .message(format!("the task runs with {name}={value}"))
                        .fix("Write production.");
                    emit.raw(weighed(raw, severity));
                }
            }
        }
    }
}
