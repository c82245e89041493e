use std::env;
use std::path::Path;

use super::args::{AuditArgs, ExplainArgs};
use super::audit::flags;
use super::configuration::{Configured, configured, rules_here};
use super::redaction::redacting;
use super::terminal::Terminal;
use super::{Failure, Outcome, output, rules};
use crate::audit::{View, explain_file};
use crate::model::{FailOn, shown};
use crate::repo::Root;
use crate::rules::{Detect, Rule};

pub(super) fn run(args: &ExplainArgs, audit: &AuditArgs) -> Outcome {
    let terminal = Terminal::probe(audit.color);
    if let Some(file) = &args.file {
        return file_kind(file, audit);
    }
    let catalog = rules_here(audit)?;
    let id = args.id.as_deref().unwrap_or_default();
    let by_name = || {
        let mut same = catalog.rules().filter(|rule| rule.rule_id().name() == id);
        same.next().filter(|_| same.next().is_none())
    };
    let rule = catalog.get(id).or_else(by_name).ok_or_else(|| rules::unknown(id, &catalog))?;
    let text = text(rule, terminal.color, terminal.width);
    output::to_stdout(|out| out.write_all(text.as_bytes()))?;
    Ok(0)
}

/// What, why, fix, how it is found, an example, how to silence it.
fn text(rule: &Rule, color: bool, width: usize) -> String {
    let width = width.clamp(40, 100);
    let bold = |text: &str| if color { format!("\u{1b}[1m{text}\u{1b}[0m") } else { text.to_owned() };
    let mut lines = vec![bold(&shown(&rule.id)), String::new()];
    let part = |lines: &mut Vec<String>, name: &str, body: &str| {
        lines.push(bold(name));
        lines.extend(wrapped(&shown(body), width - 2).into_iter().map(|line| format!("  {line}")));
        lines.push(String::new());
    };
    part(&mut lines, "What", &rule.title);
    part(&mut lines, "Why", &rule.why);
    part(&mut lines, "Fix", &rule.fix);
    let fails = if FailOn::Error.fails(rule.severity) { ", fails the audit by default" } else { "" };
    part(
        &mut lines,
        "Level",
        &format!(
            "{}{fails}; confidence {}; profile {}; since {}. A finding may be lower: in tests and examples, or \
             where the proof is weak.",
            rule.severity, rule.confidence, rule.profile, rule.since
        ),
    );
    let applies = &rule.applies;
    let list = |items: Vec<String>| items.join(", ");
    let mut looks = Vec::new();
    if !applies.languages.is_empty() {
        looks.push(format!("in {}", list(applies.languages.iter().map(ToString::to_string).collect())));
    }
    if !applies.paths.is_empty() {
        looks.push(format!("at {}", list(applies.paths.iter().map(ToString::to_string).collect())));
    }
    if !applies.targets.is_empty() {
        looks.push(format!("of {}", list(applies.targets.iter().map(ToString::to_string).collect())));
    }
    if !applies.regions.is_empty() {
        looks.push(format!("within {}", list(applies.regions.iter().map(ToString::to_string).collect())));
    }
    if !looks.is_empty() {
        part(&mut lines, "Looks", &looks.join("; "));
    }
    if let Detect::Token(token) = &rule.detect {
        let checked = if token.checked.is_empty() { String::new() } else { format!(" ({})", token.checked) };
        part(&mut lines, "Format", &format!("{}{checked}", token.source));
    }
    for (name, examples) in [("Finds", &rule.matches), ("Passes", &rule.passes)] {
        if let Some(example) = examples.first() {
            lines.push(bold(name));
            let body = shown(&example.text).replace(['«', '»'], "");
            lines.extend(body.trim_end().lines().take(12).map(|line| format!("  {line}")));
            lines.push(String::new());
        }
    }
    if !rule.refs.is_empty() {
        part(&mut lines, "See", &list(rule.refs.iter().map(ToString::to_string).collect()));
    }
    part(
        &mut lines,
        "Allow",
        &format!(
            "In a comment on the line, or alone on the line above: prodcheck:allow({}) the reason. For whole \
             files: [[allow]] in prodcheck.toml.",
            rule.id
        ),
    );
    lines.push(format!("Written in {}", shown(&rule.file)));
    lines.push(String::new());
    lines.join("\n")
}

fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let fits = lines
            .last()
            .is_some_and(|line| line.is_empty() || line.chars().count() + 1 + word.chars().count() <= width);
        if !fits {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines
}

fn file_kind(file: &Path, audit: &AuditArgs) -> Outcome {
    let here = env::current_dir()?;
    let (root, paths) = Root::find(&[file.to_owned()], &here)?;
    let Some(path) = paths.first() else {
        return Err(Failure(format!(
            "{} is the root of a repository, not a file in it",
            shown(&file.to_string_lossy())
        )));
    };
    let Configured { catalog, settings, .. } = configured(audit, &flags(audit)?, &root, View::WorkTree)?;
    let seen = explain_file(&root, path, &settings, &catalog)?;
    let name = redacting(&catalog, |redactor| redactor.path(&seen.path))?;
    output::to_stdout(|out| {
        writeln!(out, "{name}")?;
        writeln!(out, "  language  {}", seen.language)?;
        writeln!(out, "  target    {}", seen.target)?;
        writeln!(out, "  stage     {}, since {}", seen.staged.stage.word(), seen.staged.why)?;
        writeln!(out, "  git       {}", seen.listed)?;
        if let Some(why) = &seen.left_out {
            writeln!(out, "  left out  {why}")?;
        }
        writeln!(out, "  rules that look at this file: {}", seen.rules.len())?;
        for rule in &seen.rules {
            writeln!(out, "    {}", shown(rule))?;
        }
        writeln!(out, "  and {} rules look at the repository as a whole", seen.elsewhere)
    })?;
    Ok(0)
}
