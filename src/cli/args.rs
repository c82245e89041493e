use std::path::PathBuf;

use clap::builder::styling::{AnsiColor, Styles};
use clap::{ArgGroup, Args, Parser, Subcommand, ValueEnum};

use crate::model::{FailOn, Profile, Severity};
use crate::render::Format;

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

const EXIT_CODES: &str = "\
Exit codes (the same for every format):
  0  nothing at or above --fail-on, and all that was asked was checked
  1  findings at or above --fail-on
  2  the job could not be done: usage, configuration, no rule left to run, unreadable root,
     output not writable
  3  no such findings, but something was not checked: no file to audit, no advisory data,
     permission denied, a Cargo.toml, lock file or configuration of cargo that does not parse, no answer
     to --resolve, a rule that crashed, a file that was named and not read";

/// Is this repository fit to ship to production?
///
/// Finds hardcoded secrets, debug leftovers, unpinned dependencies, security advisories and gaps in
/// .gitignore coverage in the files that Git would commit. Nothing of the repository is executed, no secret
/// is printed, and the network is used only by `advisories update` and `--update-advisories`.
#[derive(Debug, Parser)]
#[command(
    name = "cargo-prodcheck",
    bin_name = "cargo prodcheck",
    version,
    styles = STYLES,
    after_help = EXIT_CODES,
    args_conflicts_with_subcommands = true,
    subcommand_precedence_over_arg = true,
    max_term_width = 110
)]
pub(super) struct Cli {
    #[command(subcommand)]
    pub(super) command: Option<Command>,
    #[command(flatten)]
    pub(super) audit: AuditArgs,
}

/// What an audit takes.
#[derive(Debug, Clone, Args)]
#[command(group = ArgGroup::new("writes").args(["fix", "add_allow"]))]
#[allow(clippy::struct_excessive_bools)]
pub(super) struct AuditArgs {
    /// Folders and files to audit, all in one repository [default: the whole repository that the current
    /// folder lies in]
    #[arg(value_name = "PATH")]
    pub(super) paths: Vec<PathBuf>,

    /// Audit what is staged for the next commit, as Git has it: never the work tree. Only what is staged is
    /// reported
    #[arg(long, help_heading = "View", conflicts_with_all = ["fix", "resolve", "since", "diff"])]
    pub(super) staged: bool,

    /// With --staged: only what stands on lines that are staged anew counts; the rest is counted as existing
    #[arg(long, requires = "staged", help_heading = "View")]
    pub(super) staged_lines: bool,

    /// Only what was changed since the commit at which REV and HEAD part counts, uncommitted changes included; of
    /// packages those that were added or moved. The rest is counted as existing
    #[arg(long, value_name = "REV", help_heading = "View", conflicts_with_all = ["fix", "diff"])]
    pub(super) since: Option<String>,

    /// Only what stands on the added lines of a unified difference counts (`-` reads standard input); the rest is
    /// counted as existing
    #[arg(long, value_name = "FILE", help_heading = "View", conflicts_with = "fix")]
    pub(super) diff: Option<PathBuf>,

    /// Look for secrets in the history instead: in every content that any commit ever had, each read once. A range
    /// narrows it to what its commits brought (`A..B`, `A..`, or `B` for all that leads to it)
    #[arg(
        long,
        value_name = "RANGE",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "",
        help_heading = "View",
        conflicts_with_all = ["staged", "since", "diff", "fix", "resolve", "list_files", "update_advisories", "paths"]
    )]
    pub(super) history: Option<String>,

    /// Format of the report on standard output [default: graphical on a terminal, else concise]
    #[arg(long, value_name = "FORMAT", help_heading = "Output")]
    pub(super) format: Option<Format>,

    /// Write the same report in FORMAT to FILE as well (repeatable)
    #[arg(long, value_name = "FORMAT=FILE", help_heading = "Output", value_parser = output)]
    pub(super) output: Vec<(Format, PathBuf)>,

    /// Show findings from this severity on; never changes the exit code [default: warning, and note
    /// where notes fail the audit]
    #[arg(long, value_name = "SEVERITY", help_heading = "Output")]
    pub(super) min_severity: Option<Severity>,

    /// When to colour
    #[arg(long, value_name = "WHEN", default_value = "auto", global = true, help_heading = "Output")]
    pub(super) color: ColorChoice,

    /// Findings only; twice: the exit code only
    #[arg(short, long, action = clap::ArgAction::Count, help_heading = "Output")]
    pub(super) quiet: u8,

    /// Say more: what was allowed, and every file that was not read
    #[arg(short, long, action = clap::ArgAction::Count, help_heading = "Output")]
    pub(super) verbose: u8,

    /// From which severity on findings make the exit code 1 [default: error]
    #[arg(long, value_name = "LEVEL", help_heading = "Verdict")]
    pub(super) fail_on: Option<FailOn>,

    /// Which rules run [default: standard]
    #[arg(long, value_name = "PROFILE", help_heading = "Rules")]
    pub(super) profile: Option<Profile>,

    /// Run only these: a family, an id or family/prefix* (repeatable, or separated by commas)
    #[arg(long, value_name = "RULE", value_delimiter = ',', help_heading = "Rules")]
    pub(super) rule: Vec<String>,

    /// Do not run these; wins over --rule
    #[arg(long, value_name = "RULE", value_delimiter = ',', help_heading = "Rules")]
    pub(super) skip: Vec<String>,

    /// Make the changes that findings carry, and report what remains
    #[arg(long, help_heading = "Fixes", conflicts_with = "list_files")]
    pub(super) fix: bool,

    /// With --fix and --add-allow: print the difference instead of writing it
    #[arg(long, requires = "writes", conflicts_with = "format", help_heading = "Fixes")]
    pub(super) dry_run: bool,

    /// With --fix and --add-allow: also change files whose content Git does not have
    #[arg(long, requires = "writes", help_heading = "Fixes")]
    pub(super) allow_dirty: bool,

    /// Write an inline allow with this reason for every finding that is shown
    #[arg(long, value_name = "REASON", help_heading = "Fixes", conflicts_with = "list_files")]
    pub(super) add_allow: Option<String>,

    /// Advisory data to use: RustSec's advisory-db, or OSV data for Python and npm (a folder, a zip as OSV publishes
    /// it, or a packed file; repeatable)
    #[arg(long, value_name = "PATH", help_heading = "Advisories")]
    pub(super) advisory_db: Vec<PathBuf>,

    /// Fetch fresh advisory data first
    #[arg(long, help_heading = "Advisories")]
    pub(super) update_advisories: bool,

    /// Refuse every use of the network (also `CARGO_NET_OFFLINE=true`)
    #[arg(long, global = true, help_heading = "Advisories")]
    pub(super) offline: bool,

    /// Ask cargo which features, platforms and targets are built (runs `cargo metadata`, offline, away from the
    /// repository's configuration)
    #[arg(long, help_heading = "Advisories")]
    pub(super) resolve: bool,

    /// With --resolve: also where the repository's configuration names programs
    #[arg(long, requires = "resolve", help_heading = "Advisories")]
    pub(super) trust: bool,

    /// Use this configuration file instead of the root's prodcheck.toml
    #[arg(long, value_name = "FILE", conflicts_with = "no_config", help_heading = "Configuration")]
    pub(super) config: Option<PathBuf>,

    /// Use no configuration of the repository
    #[arg(long, help_heading = "Configuration")]
    pub(super) no_config: bool,

    /// Count findings that comments or the configuration allow
    #[arg(long, help_heading = "Configuration")]
    pub(super) no_ignores: bool,

    /// Findings that are known and do not fail the audit [default: the root's prodcheck-baseline.txt]
    #[arg(long, value_name = "FILE", help_heading = "Configuration")]
    pub(super) baseline: Option<PathBuf>,

    /// Do not read files above this size, as in 16MiB [default: 16 MiB]
    #[arg(long, value_name = "SIZE", help_heading = "Configuration")]
    pub(super) max_file_size: Option<String>,

    /// How many threads read [default: one per core]
    #[arg(long, value_name = "N", help_heading = "Configuration")]
    pub(super) threads: Option<usize>,

    /// Print the files that would be audited, secrets in their names masked, and stop
    #[arg(long, help_heading = "Output")]
    pub(super) list_files: bool,

    /// With --list-files: the names raw as Git stores them, each followed by a zero byte
    #[arg(short = '0', long = "null", requires = "list_files", help_heading = "Output")]
    pub(super) null: bool,
}

/// `graphical=report.txt`.
fn output(text: &str) -> Result<(Format, PathBuf), String> {
    let (format, file) = text.split_once('=').ok_or("expected FORMAT=FILE, as in sarif=report.sarif")?;
    if file.is_empty() {
        return Err("the file's name is missing".into());
    }
    Ok((format.parse().map_err(|e| format!("{e}"))?, PathBuf::from(file)))
}

/// When to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ColorChoice {
    /// On a terminal that can
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// List, check and document rules
    #[command(subcommand)]
    Rules(RulesCommand),
    /// Say what a rule finds, why, and what to do; or how a file is seen
    Explain(ExplainArgs),
    /// Fetch advisory data, or say which is at hand
    #[command(subcommand)]
    Advisories(AdvisoriesCommand),
    /// Set a repository up: a Git hook that audits what is staged before each commit
    Init(InitArgs),
    /// Write down the findings that are there now, so that only new ones fail
    #[command(subcommand)]
    Baseline(BaselineCommand),
    /// Which variables of the environment the code reads, and which files name them
    Env(EnvArgs),
}

#[derive(Debug, Args)]
pub(super) struct InitArgs {
    /// Write a pre-commit hook where Git looks for it; a hook that is there already is left alone
    #[arg(long, required = true)]
    pub(super) hook: bool,
}

#[derive(Debug, Subcommand)]
pub(super) enum BaselineCommand {
    /// Audit the repository and write what counts to prodcheck-baseline.txt
    Write {
        /// Write findings from this severity on [default: warning, and note where notes fail the audit]
        #[arg(long, value_name = "SEVERITY")]
        min_severity: Option<Severity>,
        #[command(flatten)]
        options: BaselineOptions,
    },
    /// Audit the repository and take what no longer occurs out of prodcheck-baseline.txt
    Prune {
        #[command(flatten)]
        options: BaselineOptions,
    },
}

/// How the audit behind a baseline is done.
#[derive(Debug, Args)]
pub(super) struct BaselineOptions {
    /// Which rules run [default: standard]
    #[arg(long, value_name = "PROFILE")]
    pub(super) profile: Option<Profile>,
    /// Advisory data to use (repeatable)
    #[arg(long, value_name = "PATH")]
    pub(super) advisory_db: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct EnvArgs {
    /// Format of the table
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(super) format: EnvFormat,
    /// Add the names that are missing to .env.example, without values
    #[arg(long, conflicts_with = "format")]
    pub(super) write_example: bool,
}

/// How the table is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum EnvFormat {
    /// Lines for people
    Text,
    /// For scripts
    Json,
    /// For documentation
    Markdown,
}

#[derive(Debug, Subcommand)]
pub(super) enum RulesCommand {
    /// Every rule: id, severity, profile, title and file
    List {
        /// Only these: a family, an id or family/prefix*
        #[arg(value_name = "RULE")]
        rules: Vec<String>,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Check rules and their examples: the built-in ones, or rule files of your own
    Check {
        /// Rule files, or folders of them
        #[arg(value_name = "FILE")]
        files: Vec<PathBuf>,
    },
    /// Write a rule file to start from: FAMILY/NAME becomes FAMILY/NAME.toml in the folder
    New {
        /// The new rule's id
        #[arg(value_name = "FAMILY/NAME")]
        id: String,
        /// The folder that holds the families
        #[arg(long, value_name = "FOLDER", default_value = "rules")]
        folder: PathBuf,
    },
    /// The index of all rules as Markdown
    Docs,
}

#[derive(Debug, Args)]
pub(super) struct ExplainArgs {
    /// A rule's id
    #[arg(value_name = "ID", required_unless_present = "file")]
    pub(super) id: Option<String>,
    /// Say how this file is seen: language, target, and the rules that look at it
    #[arg(long, value_name = "PATH", conflicts_with = "id")]
    pub(super) file: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(super) enum AdvisoriesCommand {
    /// Fetch RustSec's advisory database and pack it into one small file in the user cache
    Update {
        /// Pack this checkout, folder or packed file instead; uses no network
        #[arg(long, value_name = "PATH")]
        from: Option<PathBuf>,
        /// Write the file there: to share it between machines, or to commit it
        #[arg(long, value_name = "FILE")]
        output: Option<PathBuf>,
        /// Also ask the registry's index about every package that is locked in this repository [default: the current
        /// directory]: which releases there are, and which were yanked
        #[cfg(feature = "live-index")]
        #[arg(long, value_name = "PATH", num_args = 0..=1, default_missing_value = ".")]
        index: Option<PathBuf>,
    },
    /// Make one small file of OSV data for Python and npm, and keep it in the user cache
    Pack {
        /// Folders or zips of OSV data, as OSV publishes them, or `PyPA`'s advisory-database
        #[arg(value_name = "PATH", required = true)]
        paths: Vec<PathBuf>,
        /// Write it here instead
        #[arg(long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Say which advisory data is used, how old it is and how much there is
    Status {
        /// Advisory data to look at instead
        #[arg(long, value_name = "PATH")]
        advisory_db: Option<PathBuf>,
    },
}
