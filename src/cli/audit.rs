use std::env;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::args::AuditArgs;
use super::changed::Changed;
use super::configuration::{Configured, configured};
use super::output::{self, Written};
use super::progress::ProgressLine;
use super::redaction::redacting;
use super::terminal::Terminal;
use super::{Failure, Outcome, clock};
use crate::audit::{self, CargoAnswer, Request, Selected, View};
use crate::config::{AskCargo, Flags, Settings, parse_size};
use crate::fix;
use crate::model::{FailOn, RepoPath, Report, Severity, shown, shown_bytes};
use crate::render::{Format, Look, render, write_diff};
use crate::repo::read::{self, Links};
use crate::repo::{Root, Staging};
use crate::rules::Catalog;
use crate::scan::WorkTree;
use crate::triage::Baseline;

pub(super) fn run(args: &AuditArgs) -> Outcome {
    let here =
        env::current_dir().map_err(|e| Failure(format!("the current directory cannot be read: {e}")))?;
    let (root, paths) = Root::find(&args.paths, &here)?;
    if args.add_allow.as_ref().is_some_and(|reason| !fix::is_reason(reason.trim())) {
        return Err(Failure(format!(
            "--add-allow: expected a reason on one line, of at most {} bytes, without what closes a comment",
            fix::LONGEST_REASON
        )));
    }
    let flags = flags(args)?;
    let staging = if args.staged { Some(Staging::of(&root)?) } else { None };
    let view = staging.as_ref().map_or(View::WorkTree, View::Staged);
    let Configured { file, catalog, settings } = configured(args, &flags, &root, view)?;
    let reports: Vec<RepoPath> = args.output.iter().filter_map(|(_, file)| inside(file, &root)).collect();
    if args.list_files {
        return list_files(args, &root, view, &paths, &reports, &settings, &catalog);
    }
    let today = clock::today();
    let no_update =
        if settings.update_advisories { super::advisories::update(settings.offline)? } else { None };
    let baseline = args.baseline.as_deref().map(|file| named_baseline(file, &root)).transpose()?;
    let changed = Changed::of(args, &root, staging.as_ref())?;
    let request = Request {
        root: &root,
        view,
        changes: changed.as_ref().map(Changed::changes),
        baseline: baseline.as_ref(),
        paths: &paths,
        reports: &reports,
        settings: &settings,
        catalog: &catalog,
        config: &file,
        today: &today,
        name_passed: args.verbose > 0,
        environment: &|name| env::var_os(name),
        cargo: &CargoAnswer::new(),
    };
    let mut report = match &args.history {
        None => audit::audit(&request)?,
        Some(range) => {
            let line = ProgressLine::new(args.quiet == 0);
            let range = Some(range.as_str()).filter(|range| !range.is_empty());
            audit::audit_history(&request, range, &|progress| line.show(progress))?
        }
    };
    let mut fixed = None;
    let options = fix::Options { dry_run: args.dry_run, allow_dirty: args.allow_dirty };
    let outcome = match &args.add_allow {
        Some(reason) => {
            let from = args.min_severity.unwrap_or(shown_by_default(settings.fail_on));
            Some(fix::add_allows(&request, std::mem::take(&mut report), from, reason.trim(), options)?)
        }
        None if args.fix => Some(fix::fix(&request, std::mem::take(&mut report), options)?),
        None => None,
    };
    if let Some(mut outcome) = outcome {
        report = std::mem::take(&mut outcome.report);
        fixed = Some(outcome);
    }
    report.not_checked.extend(no_update);
    if let Some(notice) = changed.as_ref().and_then(Changed::notice) {
        report.notices.insert(0, notice);
    }
    report.not_checked.sort();
    let to_cwd = to_cwd(root.path(), &here);
    if let Some(outcome) = &fixed
        && args.quiet < 2
    {
        let words = if args.fix { &super::fixes::FIX } else { &super::fixes::ALLOW };
        super::fixes::say(outcome, words, args.dry_run, &to_cwd);
    }
    print(args, &settings, &catalog, &report, fixed.as_ref(), to_cwd)?;
    Ok(report.exit(settings.fail_on))
}

pub(super) fn flags(args: &AuditArgs) -> Result<Flags, Failure> {
    let max_file_size = args
        .max_file_size
        .as_deref()
        .map(|text| parse_size(text).map_err(|what| Failure(format!("--max-file-size: {what}"))))
        .transpose()?;
    let cargo_offline = env::var("CARGO_NET_OFFLINE").is_ok_and(|v| v == "true" || v == "1");
    Ok(Flags {
        profile: args.profile,
        fail_on: args.fail_on,
        rule: args.rule.clone(),
        skip: args.skip.clone(),
        max_file_size,
        threads: args.threads,
        no_config: args.no_config,
        no_ignores: args.no_ignores,
        advisory_db: args.advisory_db.clone(),
        update_advisories: args.update_advisories,
        offline: args.offline || cargo_offline,
        ask_cargo: match (args.resolve, args.trust) {
            (false, _) => AskCargo::Never,
            (true, false) => AskCargo::IfHarmless,
            (true, true) => AskCargo::Always,
        },
    })
}

fn list_files(
    args: &AuditArgs,
    root: &Root,
    view: View,
    paths: &[RepoPath],
    reports: &[RepoPath],
    settings: &Settings,
    catalog: &Catalog,
) -> Outcome {
    let mut found = view.listing(root, audit::threads(settings));
    audit::leave_out(reports, &mut found.files);
    let work_tree = WorkTree { tree: root.tree() };
    let selected = Selected { paths, only: view.only(), exclude: &settings.exclude };
    let files = selected.files(&found.files, view.contents(&work_tree));
    let unread: Vec<_> =
        found.not_checked.iter().filter(|n| n.coverage == crate::model::Coverage::Missing).collect();
    redacting(catalog, |redactor| {
        output::to_stdout(|out| {
            for file in &files {
                if args.null {
                    // The raw list, for programs.
                    out.write_all(file.path.as_bytes())?;
                    out.write_all(&[0])?;
                } else {
                    writeln!(out, "{}", redactor.path(&file.path))?;
                }
            }
            Ok(())
        })?;
        for item in &unread {
            let path = item.path.as_ref().map_or_else(|| ".".to_owned(), |p| redactor.path(p).to_string());
            output::say(&format!("not listed: {path}: {}", redactor.text(&item.reason)));
        }
        Ok::<(), Failure>(())
    })??;
    Ok(if unread.is_empty() { 0 } else { 3 })
}

fn print(
    args: &AuditArgs,
    settings: &Settings,
    catalog: &Catalog,
    report: &Report,
    fixed: Option<&fix::Outcome>,
    to_cwd: ToCwd,
) -> Result<(), Failure> {
    let terminal = Terminal::probe(args.color);
    let format = args.format.unwrap_or(if terminal.is_tty { Format::Graphical } else { Format::Concise });
    let to_cwd: Arc<ToCwd> = Arc::new(to_cwd);
    let look = || Look {
        width: terminal.width,
        color: terminal.color,
        unicode: terminal.unicode,
        // There is no page to link to: `explain` is in the program.
        hyperlinks: false,
        min_severity: args.min_severity.unwrap_or(shown_by_default(settings.fail_on)),
        fail_on: settings.fail_on,
        quiet: args.quiet > 0,
        verbose: args.verbose,
        ci_commands: terminal.runs_commands,
        to_cwd: {
            let to_cwd = Arc::clone(&to_cwd);
            Box::new(move |path| to_cwd(path))
        },
    };
    // Files first: whoever reads standard output may go away.
    for (format, file) in &args.output {
        let look = Look { width: 100, color: false, unicode: true, ..look() };
        output::to_file(file, *format, report, catalog, &look)?;
    }
    if args.quiet > 1 {
        return Ok(());
    }
    if let (true, Some(outcome)) = (args.dry_run, fixed) {
        output::to_stdout(|out| write_diff(&outcome.diff, &look(), out))?;
        return Ok(());
    }
    match output::to_stdout(|out| render(format, report, catalog, &look(), out))? {
        Written::Whole | Written::Closed => Ok(()),
    }
}

/// The baseline that was named.
fn named_baseline(file: &Path, root: &Root) -> Result<Baseline, Failure> {
    let name = shown(&file.to_string_lossy()).into_owned();
    let mut bytes = Vec::new();
    read::file(file, Links::Follow, BASELINE_LIMIT, &mut bytes)
        .map_err(|e| Failure(format!("{name}: {e}")))?;
    Ok(audit::read_baseline(&name, inside(file, root), bytes)?)
}

/// A baseline above this size is none.
const BASELINE_LIMIT: u64 = 64 << 20;

/// What fails the audit is shown, unless somebody says otherwise.
fn shown_by_default(fail_on: FailOn) -> Severity {
    if fail_on.fails(Severity::Note) { Severity::Note } else { Severity::Warning }
}

/// Where in the root a report is written to, if it is there. The file need not exist; a link is replaced itself.
fn inside(file: &Path, root: &Root) -> Option<RepoPath> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let folder = folder.canonicalize().ok()?;
    RepoPath::from_relative(folder.join(file.file_name()?).strip_prefix(root.path()).ok()?)
}

/// How paths of the repository are named from here.
type ToCwd = Box<dyn Fn(&RepoPath) -> String + Send + Sync>;

fn to_cwd(root: &Path, here: &Path) -> ToCwd {
    let here = here.canonicalize().unwrap_or_else(|_| here.to_owned());
    let below = here.strip_prefix(root).ok().and_then(RepoPath::from_relative);
    let outside = if below.is_some() { None } else { Some(PathBuf::from(root)) };
    Box::new(move |path| match (&below, &outside) {
        (Some(below), _) => {
            let common = path.parts().zip(below.parts()).take_while(|(a, b)| a == b).count();
            let below_depth = if below.as_bytes().is_empty() { 0 } else { below.parts().count() };
            let common = common.min(below_depth);
            let mut name = "../".repeat(below_depth - common);
            let rest: Vec<&[u8]> = path.parts().skip(common).collect();
            name.push_str(&shown_bytes(&rest.join(&b'/')));
            name
        }
        (None, Some(root)) => format!("{}/{path}", shown(&root.to_string_lossy())),
        (None, None) => path.to_string(),
    })
}
