use std::env;
use std::fs::OpenOptions;
use std::io::{self, Write};

use serde_json::json;
use sha2::{Digest, Sha256};

use super::args::{AuditArgs, EnvArgs, EnvFormat};
use super::audit::flags;
use super::configuration::{Configured, configured};
use super::redaction::redacting;
use super::{Failure, Outcome, clock, output};
use crate::audit::{self, CargoAnswer, Request, View};
use crate::detect::environment::{Contract, Need, PlaceKind, Service, Variable};
use crate::fix;
use crate::model::{Coverage, RepoPath, counted};
use crate::repo::Root;
use crate::scan::Redactor;

/// A file of examples above this size is none.
const EXAMPLE_LIMIT: u64 = 1 << 20;

pub(super) fn run(args: &EnvArgs, audit_args: &AuditArgs) -> Outcome {
    let here =
        env::current_dir().map_err(|e| Failure(format!("the current directory cannot be read: {e}")))?;
    let (root, _) = Root::find(&[], &here)?;
    let flags = flags(audit_args)?;
    let Configured { file, catalog, settings } = configured(audit_args, &flags, &root, View::WorkTree)?;
    let today = clock::today();
    let (contract, not_checked) = audit::environment(&Request {
        root: &root,
        view: View::WorkTree,
        changes: None,
        baseline: None,
        paths: &[],
        reports: &[],
        settings: &settings,
        catalog: &catalog,
        config: &file,
        today: &today,
        name_passed: false,
        environment: &|name| env::var_os(name),
        cargo: &CargoAnswer::new(),
    })?;
    if args.write_example {
        return write_examples(&root, &contract);
    }
    let missing: Vec<_> = not_checked.iter().filter(|n| n.coverage == Coverage::Missing).collect();
    redacting(&catalog, |redactor| {
        output::to_stdout(|out| match args.format {
            EnvFormat::Text => text(out, &contract, redactor),
            EnvFormat::Json => json(out, &contract, redactor),
            EnvFormat::Markdown => markdown(out, &contract, redactor),
        })?;
        for item in &missing {
            let path = item.path.as_ref().map_or_else(|| ".".to_owned(), |p| redactor.path(p).to_string());
            output::say(&format!("not looked at: {path}: {}", redactor.text(&item.reason)));
        }
        Ok::<(), Failure>(())
    })??;
    Ok(if missing.is_empty() { 0 } else { 3 })
}

fn folder(service: &Service, redactor: Redactor) -> String {
    match service.root.as_bytes() {
        b"" => ".".to_owned(),
        _ => redactor.path(&service.root).to_string(),
    }
}

/// `app/main.py:3, app/db.py:9 and 2 more`.
fn reads(variable: &Variable, redactor: Redactor) -> String {
    let all: Vec<String> =
        variable.reads.iter().map(|read| format!("{}:{}", redactor.path(&read.path), read.line)).collect();
    shortened(all)
}

fn places(variable: &Variable, redactor: Redactor) -> String {
    let all: Vec<String> = variable
        .places
        .iter()
        .map(|place| format!("{} {}:{}", place.kind.word(), redactor.path(&place.path), place.line))
        .collect();
    shortened(all)
}

fn shortened(mut all: Vec<String>) -> String {
    const SHOWN: usize = 3;
    let more = all.len().saturating_sub(SHOWN);
    all.truncate(SHOWN);
    let text = all.join(", ");
    match (more, text.is_empty()) {
        (_, true) => "-".to_owned(),
        (0, _) => text,
        _ => format!("{text} and {more} more"),
    }
}

fn need(variable: &Variable) -> &'static str {
    variable.need().map_or("unread", Need::word)
}

fn text(out: &mut dyn Write, contract: &Contract, redactor: Redactor) -> io::Result<()> {
    for (at, service) in contract.services.iter().enumerate() {
        if at > 0 {
            writeln!(out)?;
        }
        writeln!(out, "{}", folder(service, redactor))?;
        let width = service.variables.keys().map(String::len).max().unwrap_or(0);
        for (name, variable) in &service.variables {
            let name = redactor.text(name);
            writeln!(out, "  {name:width$}  {:<8}  read: {}", need(variable), reads(variable, redactor))?;
            writeln!(out, "  {:width$}  {:<8}  named: {}", "", "", places(variable, redactor))?;
        }
    }
    let count: usize = contract.services.iter().map(|service| service.variables.len()).sum();
    let of = counted(contract.services.len() as u64, "service");
    writeln!(out, "{} of {of}", counted(count as u64, "variable"))
}

fn markdown(out: &mut dyn Write, contract: &Contract, redactor: Redactor) -> io::Result<()> {
    let cell = |text: String| text.replace('|', "\\|");
    for service in &contract.services {
        writeln!(out, "## {}\n", folder(service, redactor))?;
        writeln!(out, "| Variable | Need | Read | Named |\n|---|---|---|---|")?;
        for (name, variable) in &service.variables {
            let (reads, places) = (cell(reads(variable, redactor)), cell(places(variable, redactor)));
            writeln!(out, "| `{}` | {} | {reads} | {places} |", redactor.text(name), need(variable))?;
        }
        writeln!(out)?;
    }
    Ok(())
}

fn json(out: &mut dyn Write, contract: &Contract, redactor: Redactor) -> io::Result<()> {
    let services: Vec<_> = contract
        .services
        .iter()
        .map(|service| {
            let variables: Vec<_> = service
                .variables
                .iter()
                .map(|(name, variable)| {
                    let reads: Vec<_> = variable
                        .reads
                        .iter()
                        .map(|read| {
                            json!({
                                "path": redactor.path(&read.path).to_string(),
                                "line": read.line,
                                "need": read.need.word(),
                            })
                        })
                        .collect();
                    let places: Vec<_> = variable
                        .places
                        .iter()
                        .map(|place| {
                            json!({
                                "path": redactor.path(&place.path).to_string(),
                                "line": place.line,
                                "kind": place.kind.word(),
                                "literal": place.is_literal,
                            })
                        })
                        .collect();
                    json!({
                        "name": redactor.text(name),
                        "need": variable.need().map(Need::word),
                        "documented": variable.is_documented(),
                        "reads": reads,
                        "places": places,
                    })
                })
                .collect();
            json!({ "service": folder(service, redactor), "variables": variables })
        })
        .collect();
    serde_json::to_writer_pretty(&mut *out, &json!({ "services": services }))?;
    writeln!(out)
}

/// Adds the names that are missing to the example of each service, without values.
fn write_examples(root: &Root, contract: &Contract) -> Outcome {
    let mut added = 0;
    for service in &contract.services {
        let is_named = |variable: &Variable| variable.places.iter().any(|p| p.kind == PlaceKind::Example);
        let missing: Vec<&str> = service
            .variables
            .iter()
            .filter(|(_, variable)| variable.need().is_some() && !is_named(variable))
            .map(|(name, _)| &**name)
            .collect();
        if missing.is_empty() {
            continue;
        }
        let path = example_of(service, contract);
        add(root, &path, &missing)?;
        added += missing.len();
        output::to_stdout(|out| writeln!(out, "{path}: added {}", counted(missing.len() as u64, "name")))?;
    }
    if added == 0 {
        output::to_stdout(|out| {
            writeln!(out, "nothing to add: the examples name every variable that is read")
        })?;
    }
    Ok(0)
}

/// The file of examples that speaks of the service: one that names its variables already, or the one in its folder.
fn example_of(service: &Service, contract: &Contract) -> RepoPath {
    let named = |service: &Service| {
        let mut places = service.variables.values().flat_map(|variable| &variable.places);
        places.find(|place| place.kind == PlaceKind::Example).map(|place| place.path.clone())
    };
    let above = || contract.services.iter().find(|other| other.root.as_bytes().is_empty()).and_then(named);
    named(service).or_else(|| above().filter(|_| service.has_example)).unwrap_or_else(|| {
        let mut path = service.root.as_bytes().to_vec();
        if !path.is_empty() {
            path.push(b'/');
        }
        path.extend(b".env.example");
        RepoPath::new(path)
    })
}

fn add(root: &Root, path: &RepoPath, names: &[&str]) -> Result<(), Failure> {
    let lines = names.iter().fold(String::new(), |lines, name| lines + name + "=\n");
    let failed = |error: &dyn std::fmt::Display| Failure(format!("{path} cannot be written: {error}"));
    let mut old = Vec::new();
    match root.tree().read(path, EXAMPLE_LIMIT, &mut old) {
        Ok(()) => {
            let mut new = old.clone();
            if !new.is_empty() && !new.ends_with(b"\n") {
                new.push(b'\n');
            }
            new.extend(lines.bytes());
            let seen = Sha256::digest(&old).into();
            fix::replace(root.tree(), path, &seen, &new, &mut |_| {}).map_err(|e| failed(&e))
        }
        Err(crate::repo::ReadError::Vanished) => {
            let name = String::from_utf8_lossy(path.as_bytes()).into_owned();
            // A link that lies there is not followed: then there is a file already.
            let mut file = OpenOptions::new()
                .write(true)
                .create_new(true)
                .open(root.path().join(name))
                .map_err(|e| failed(&e))?;
            file.write_all(lines.as_bytes()).map_err(|e| failed(&e))
        }
        Err(error) => Err(failed(&error)),
    }
}
