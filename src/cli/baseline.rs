use std::env;

use sha2::{Digest, Sha256};

use super::args::{AuditArgs, BaselineCommand};
use super::audit::flags;
use super::configuration::{Configured, configured};
use super::{Failure, Outcome, clock, output};
use crate::audit::{CargoAnswer, Rebase, Rebased, Request, View, rebase};
use crate::fix::{create, replace};
use crate::model::{Coverage, FailOn, RepoPath, Severity, counted};
use crate::repo::Root;
use crate::triage::BASELINE;

/// How branches that both add entries are merged: <https://git-scm.com/docs/gitattributes#_built_in_merge_drivers>.
const ATTRIBUTE: &str = "prodcheck-baseline.txt merge=union";

pub(super) fn run(command: &BaselineCommand, audit: &AuditArgs) -> Outcome {
    let here = env::current_dir()?;
    let (root, _) = Root::find(&[], &here)?;
    let mut args = audit.clone();
    let (BaselineCommand::Write { options, .. } | BaselineCommand::Prune { options }) = command;
    args.profile = options.profile;
    args.advisory_db.clone_from(&options.advisory_db);
    let flags = flags(&args)?;
    let Configured { file, catalog, settings } = configured(&args, &flags, &root, View::WorkTree)?;
    let today = clock::today();
    let request = Request {
        root: &root,
        view: View::WorkTree,
        changes: None,
        paths: &[],
        reports: &[],
        settings: &settings,
        catalog: &catalog,
        baseline: None,
        config: &file,
        today: &today,
        name_passed: false,
        environment: &|name| env::var_os(name),
        cargo: &CargoAnswer::new(),
    };
    let how = match command {
        BaselineCommand::Write { min_severity, .. } => {
            Rebase::Write(min_severity.unwrap_or(shown(settings.fail_on)))
        }
        BaselineCommand::Prune { .. } => Rebase::Prune,
    };
    let rebased = rebase(&request, how)?;
    write(&root, how, &rebased)?;
    say(&root, how, &rebased)?;
    let open = rebased.report.not_checked.iter().any(|n| n.coverage == Coverage::Missing);
    Ok(if open { 3 } else { 0 })
}

/// What is shown by default is what is written by default.
fn shown(fail_on: FailOn) -> Severity {
    if fail_on.fails(Severity::Note) { Severity::Note } else { Severity::Warning }
}

fn write(root: &Root, how: Rebase, rebased: &Rebased) -> Result<(), Failure> {
    let path = RepoPath::from(BASELINE);
    let written = match &rebased.before {
        Some(before) if before.text == rebased.text => return Ok(()),
        Some(before) => {
            let seen = Sha256::digest(before.text.as_bytes()).into();
            replace(root.tree(), &path, &seen, rebased.text.as_bytes(), &mut |_| {})
        }
        // Nothing is pruned of nothing.
        None if how == Rebase::Prune => return Ok(()),
        None => create(root.tree(), &path, rebased.text.as_bytes(), &mut |_| {}),
    };
    written.map_err(|error| Failure(format!("{BASELINE} was not written: {error}")))
}

fn say(root: &Root, how: Rebase, rebased: &Rebased) -> Result<(), Failure> {
    let Rebased { before, added, removed, entries, report, .. } = rebased;
    let all = counted(*entries as u64, "finding");
    output::to_stdout(|out| match (how, before) {
        (Rebase::Prune, None) => writeln!(out, "there is no {BASELINE}"),
        (Rebase::Prune, Some(_)) => writeln!(out, "{BASELINE}: {removed} taken out, {all} left"),
        (Rebase::Write(_), _) => writeln!(out, "{BASELINE}: {all} ({added} new, {removed} taken out)"),
    })?;
    let missing = report.not_checked.iter().filter(|n| n.coverage == Coverage::Missing);
    for item in missing {
        let path = item.path.as_ref().map_or_else(|| ".".to_owned(), ToString::to_string);
        output::say(&format!("not checked: {path}: {}", item.reason));
    }
    if matches!(how, Rebase::Write(_)) && root.git().is_some() && !merges_by_union(root) {
        output::say(&format!(
            "hint: so that branches which both add findings merge, add this line to .gitattributes: {ATTRIBUTE}"
        ));
    }
    Ok(())
}

/// Whether `.gitattributes` says so already.
fn merges_by_union(root: &Root) -> bool {
    let mut bytes = Vec::new();
    let read = root.tree().read(&RepoPath::from(".gitattributes"), 1 << 20, &mut bytes);
    read.is_ok()
        && bytes.split(|&b| b == b'\n').any(|line| {
            let mut words = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
            let is_ours = words.next().is_some_and(|name| name.trim_ascii() == BASELINE.as_bytes());
            is_ours && words.any(|word| word == b"merge=union")
        })
}
