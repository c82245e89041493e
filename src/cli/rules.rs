use std::fs;
use std::io::{self, Write};
use std::path::Path;

use super::args::{AuditArgs, RulesCommand};
use super::configuration::rules_here;
use super::{Failure, Outcome, output};
use crate::audit::{check_examples, check_words, read_rule_files};
use crate::detect::{Detector, detectors};
use crate::model::{counted, shown};
use crate::rules::catalog::{is_family, names, nearest};
use crate::rules::{Catalog, Detect, Rule, document};

pub(super) fn run(command: &RulesCommand, audit: &AuditArgs) -> Outcome {
    match command {
        RulesCommand::List { rules, json } => list(rules, *json, &rules_here(audit)?),
        RulesCommand::Check { files } => check(files),
        RulesCommand::New { id, folder } => new(id, folder),
        RulesCommand::Docs => {
            let catalog = Catalog::built_in();
            output::to_stdout(|out| out.write_all(document::index(&catalog).as_bytes()))?;
            Ok(0)
        }
    }
}

fn list(selectors: &[String], json: bool, catalog: &Catalog) -> Outcome {
    for selector in selectors {
        if !catalog.rules().any(|rule| names(selector, rule)) {
            return Err(unknown(selector, catalog));
        }
    }
    let rules: Vec<&Rule> = catalog
        .rules()
        .filter(|rule| selectors.is_empty() || selectors.iter().any(|s| names(s, rule)))
        .collect();
    output::to_stdout(|out| {
        if json {
            let rows: Vec<_> = rules.iter().map(|rule| document::row(rule)).collect();
            serde_json::to_writer_pretty(&mut *out, &rows)?;
            return writeln!(out);
        }
        let width = rules.iter().map(|rule| rule.id.len()).max().unwrap_or(0);
        for rule in &rules {
            writeln!(
                out,
                "{:width$}  {:<7}  {:<8}  {}  ({})",
                shown(&rule.id),
                rule.severity,
                rule.profile,
                shown(&rule.title),
                shown(&rule.file)
            )?;
        }
        writeln!(out, "{}", counted(rules.len() as u64, "rule"))
    })?;
    Ok(0)
}

fn check(files: &[std::path::PathBuf]) -> Outcome {
    let mut catalog = Catalog::built_in();
    let own = read_rule_files(files)?;
    let own_ids: Vec<String> = own.iter().map(|rule| rule.id.to_string()).collect();
    catalog.add(own).map_err(|id| Failure(format!("the rule {} exists already", shown(&id))))?;
    let rules: Vec<&Rule> = catalog
        .rules()
        .filter(|rule| files.is_empty() || own_ids.iter().any(|id| **id == *rule.id))
        .collect();
    let mut problems: Vec<_> = rules.iter().flat_map(|rule| check_words(rule)).collect();
    problems.extend(check_examples(&catalog, &rules)?);
    output::to_stdout(|out| {
        for problem in &problems {
            writeln!(out, "{}", shown(&problem.to_string()))?;
        }
        for (id, detector, reason) in rules.iter().filter_map(|rule| no_shape(rule)) {
            writeln!(out, "{} is no shape: {detector}, {reason}", shown(id))?;
        }
        let (rules, problems) = (rules.len() as u64, problems.len() as u64);
        writeln!(out, "{}, {}", counted(rules, "rule"), counted(problems, "problem"))
    })?;
    Ok(u8::from(!problems.is_empty()))
}

/// Id, detector and reason of a rule that finds secrets and knows no shape of them.
fn no_shape(rule: &Rule) -> Option<(&str, &str, &'static str)> {
    let (detector, reason) = match &rule.detect {
        _ if rule.family() != "secrets" => return None,
        Detect::Token(_) => return None,
        Detect::Pattern { .. } => ("pattern", "a pattern, tried on the line around each keyword"),
        Detect::Code { detector, .. } => {
            (&**detector, detectors().find(|d| d.name() == detector).map_or("", Detector::reason))
        }
    };
    Some((&rule.id, detector, reason))
}

/// Writes a rule file to start from. It passes `rules check` as it is.
fn new(id: &str, folder: &Path) -> Outcome {
    let word = |text: &str| {
        !text.is_empty()
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            && text.starts_with(|c: char| c.is_ascii_lowercase())
    };
    let Some((family, name)) = id.split_once('/').filter(|(family, name)| word(family) && word(name)) else {
        return Err(Failure(format!(
            "`{}` is no rule's id: that is a family, a slash and a name, both of small letters, digits and dashes \
             and with a letter first, as in debug/our-logger",
            shown(id)
        )));
    };
    if family == "meta" {
        return Err(Failure(
            "the rules of the family meta are about allows; they come with cargo prodcheck".into(),
        ));
    }
    if Catalog::built_in().is_built_in(id) {
        return Err(Failure(format!("the rule {id} comes with cargo prodcheck")));
    }
    let file = folder.join(family).join(format!("{name}.toml"));
    let shown_file = shown(&file.to_string_lossy()).into_owned();
    if let Some(parent) = file.parent() {
        fs::create_dir_all(parent).map_err(|e| {
            let folder = shown(&parent.to_string_lossy()).into_owned();
            Failure(format!("the folder {folder} cannot be made: {e}"))
        })?;
    }
    let mut open =
        fs::OpenOptions::new().write(true).create_new(true).open(&file).map_err(|e| match e.kind() {
            io::ErrorKind::AlreadyExists => {
                Failure(format!("{shown_file} exists already; nothing was written"))
            }
            _ => Failure(format!("{shown_file} cannot be written: {e}")),
        })?;
    open.write_all(document::template(name).as_bytes())
        .map_err(|e| Failure(format!("{shown_file} cannot be written: {e}")))?;
    output::to_stdout(|out| {
        writeln!(out, "wrote {shown_file}\nnext: cargo prodcheck rules check {shown_file}")
    })?;
    Ok(0)
}

/// What is said of an id that no rule has.
pub(super) fn unknown(id: &str, catalog: &Catalog) -> Failure {
    if catalog.rules().any(|rule| rule.family() == id) {
        return Failure(format!("{id} is a family of rules; `cargo prodcheck rules list {id}` names them"));
    }
    if is_family(id) {
        return Failure(format!("{id} is a family that has no rules yet"));
    }
    let near = nearest(id, catalog.selectors()).map(|near| format!("did you mean {near}?"));
    let hint = near
        .or_else(|| holding(id, catalog))
        .unwrap_or_else(|| "`cargo prodcheck rules list` names them all".to_owned());
    Failure(format!("there is no rule {}; {hint}", shown(id)))
}

/// The rules whose ids hold this word: a vendor's name, or a part of the rule's.
fn holding(word: &str, catalog: &Catalog) -> Option<String> {
    const NAMED: usize = 3;
    let holds_it = |rule: &&Rule| word.len() > 2 && rule.id.contains(word);
    let ids: Vec<&str> = catalog.rules().filter(holds_it).map(|rule| &*rule.id).collect();
    let named = ids.get(..ids.len().min(NAMED)).filter(|named| !named.is_empty())?;
    let more = match ids.len() - named.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    Some(format!("there are {}{more}", named.join(", ")))
}
