use std::collections::BTreeSet;
use std::ops::Range;

use super::{Triggers, workflow};
use crate::detect::deploy::check::weighed;
use crate::detect::deploy::reach::Reach;
use crate::detect::{Emit, Prepared, Raw};
use crate::model::Severity;
use crate::source::{
    FileView, GithubJob, PipelineKind, ShellCommand, YamlNode, azure_pipeline, github_workflow,
    gitlab_pipeline, yaml_commands,
};

/// Jobs that put something into production and wait for no test.
///
/// The rule's words: `actions`, actions that deploy; `deploys` and `tests`, beginnings of commands.
pub(in crate::detect::deploy) fn missing_gate(rule: &Prepared, view: &FileView, emit: &mut Emit) {
    match PipelineKind::of(view.path()) {
        Some(PipelineKind::Github) => of_github(rule, view, emit),
        Some(PipelineKind::Gitlab | PipelineKind::Azure) => of_others(rule, view, emit),
        _ => {}
    }
}

fn of_github(rule: &Prepared, view: &FileView, emit: &mut Emit) {
    let Some(documents) = workflow(view) else { return };
    if Reach::of_pipeline(view.path()) == Reach::Rehearsal {
        return;
    }
    let triggers = Triggers::of(documents);
    // Another workflow came before; or it is called by one, which may have waited.
    if triggers.any(&["workflow_run", "workflow_call", "deployment"]) {
        return;
    }
    let jobs = github_workflow(documents).jobs;
    let name = |job: &GithubJob| job.name.and_then(YamlNode::as_str).unwrap_or_default().to_owned();
    for job in &jobs {
        let Some((span, what)) = deploys(job, rule, view) else { continue };
        let spoken = format!(
            "{} {}",
            name(job),
            job.node.lookup("name").and_then(YamlNode::as_str).unwrap_or_default()
        );
        if has_word(
            &spoken,
            &["preview", "docs", "doc", "pages", "storybook", "staging", "dev", "cleanup", "destroy"],
        ) {
            continue;
        }
        let mut waits_for: BTreeSet<String> = BTreeSet::from([name(job)]);
        let mut left = vec![job];
        let mut is_tested = false;
        while let Some(job) = left.pop() {
            is_tested |= tests(job, rule, view);
            let needs = job.node.lookup("needs");
            let names = needs.into_iter().flat_map(|n| n.elements().take(100).chain(n.as_str().map(|_| n)));
            for needed in names.filter_map(YamlNode::as_str) {
                if waits_for.insert(needed.to_owned()) {
                    left.extend(jobs.iter().filter(|job| name(job) == needed));
                }
            }
        }
        if is_tested {
            continue;
        }
        let by_hand = !triggers.any(&["push", "schedule"]);
        let severity = if by_hand { Severity::Note } else { rule.rule.severity };
        let raw = Raw::at(span)
            .message(format!("{what} runs in the job {}, which waits for no test", name(job)))
            .fix("Write needs: [<the job that runs the tests>] below the job, or run them in it before.");
        emit.raw(weighed(raw, severity));
    }
}

/// What in a job deploys.
fn deploys(job: &GithubJob, rule: &Prepared, view: &FileView) -> Option<(Range<usize>, String)> {
    let actions = rule.rule.detect.words("actions");
    job.steps.iter().find_map(|step| {
        if let Some(uses) = step.uses {
            let text = uses.as_str()?;
            let action = text.split('@').next().unwrap_or(text);
            return actions
                .iter()
                .any(|known| *known == action)
                .then(|| (uses.resolved().span(), action.to_owned()));
        }
        yaml_commands(step.run?, view.bytes()).iter().find_map(|command| deploying(command, rule))
    })
}

/// A command that deploys.
fn deploying(command: &ShellCommand, rule: &Prepared) -> Option<(Range<usize>, String)> {
    let known = rule.rule.detect.words("deploys").iter().find(|known| begins(command, known))?;
    // What only says what it would do.
    let tries = command.words.iter().any(|word| word.text.starts_with("--dry-run") || word.text == "--help");
    (!tries).then(|| (command.span.clone(), known.to_string()))
}

/// Whether a command begins with these words, flags between them passed over.
fn begins(command: &ShellCommand, known: &str) -> bool {
    let mut words = command.essence().iter().map(|word| &*word.text);
    known.split(' ').enumerate().all(|(at, wanted)| {
        if at == 0 {
            return words.next().is_some_and(|word| word.rsplit('/').next() == Some(wanted));
        }
        words.by_ref().find(|word| !word.starts_with('-')) == Some(wanted)
    })
}

/// Whether a job tests something, by its name or by what it runs.
fn tests(job: &GithubJob, rule: &Prepared, view: &FileView) -> bool {
    const WORDS: &[&str] =
        &["test", "tests", "testing", "check", "checks", "ci", "verify", "validate", "lint", "qa", "e2e"];
    let text = |node: Option<YamlNode>| node.and_then(YamlNode::as_str).unwrap_or_default().to_owned();
    if has_word(&text(job.name), WORDS) || has_word(&text(job.node.lookup("name")), WORDS) {
        return true;
    }
    if job.uses.is_some_and(|uses| has_word(&text(Some(uses)), WORDS)) {
        return true;
    }
    let known = rule.rule.detect.words("tests");
    job.steps.iter().any(|step| {
        has_word(&text(step.node.lookup("name")), &["test", "tests", "check"])
            || step.run.is_some_and(|run| {
                yaml_commands(run, view.bytes())
                    .iter()
                    .any(|command| known.iter().any(|known| begins(command, known)))
            })
    })
}

fn has_word(text: &str, words: &[&str]) -> bool {
    text.split(|c: char| !c.is_ascii_alphanumeric())
        .any(|word| words.iter().any(|w| w.eq_ignore_ascii_case(word)))
}

/// Stages of GitLab and Azure wait for those before them: it is enough that something tests.
fn of_others(rule: &Prepared, view: &FileView, emit: &mut Emit) {
    let Ok(documents) = view.yaml() else { return };
    let scripts = if PipelineKind::of(view.path()) == Some(PipelineKind::Gitlab) {
        let pipeline = gitlab_pipeline(documents);
        // What it includes may test.
        if !pipeline.includes.is_empty() || documents.roots().any(|root| root.get("include").is_some()) {
            return;
        }
        pipeline.scripts
    } else {
        if documents.roots().any(|root| root.get("extends").is_some() || root.get("resources").is_some()) {
            return;
        }
        azure_pipeline(documents).scripts
    };
    let commands: Vec<ShellCommand> =
        scripts.iter().flat_map(|&node| yaml_commands(node, view.bytes())).collect();
    let known = rule.rule.detect.words("tests");
    let has_tests = |command: &ShellCommand| known.iter().any(|known| begins(command, known));
    let named = documents.roots().any(|root| {
        root.members().any(|(key, _)| {
            key.as_str().is_some_and(|key| has_word(key, &["test", "tests", "lint", "check"]))
        })
    });
    if named || commands.iter().any(has_tests) {
        return;
    }
    if let Some((span, what)) = commands.iter().find_map(|command| deploying(command, rule)) {
        let raw = Raw::at(span)
            .message(format!("{what} runs in a pipeline that tests nothing"))
            .fix("Write a job that runs the tests, in a stage in front of this one.");
        emit.raw(weighed(raw, rule.rule.severity));
    }
}
