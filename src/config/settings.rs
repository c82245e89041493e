use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::PathBuf;

use super::ratchet::ratchets;
use super::suggest::did_you_mean;
use super::{ConfigError, ConfigFile, ConfiguredRatchet, MAX_FILE_SIZE};
use crate::model::{Environments, FailOn, Glob, Profile, Severity, shown};
use crate::rules::catalog::{is_family, names};
use crate::rules::{Catalog, Selection};

/// What was typed, where it bears on what is audited and how it is judged.
#[derive(Debug, Clone, Default)]
#[allow(clippy::struct_excessive_bools)]
pub struct Flags {
    /// `--profile`
    pub profile: Option<Profile>,
    /// `--fail-on`
    pub fail_on: Option<FailOn>,
    /// `--rule`, each one or several with commas between.
    pub rule: Vec<String>,
    /// `--skip`, likewise.
    pub skip: Vec<String>,
    /// `--max-file-size`, in bytes.
    pub max_file_size: Option<u64>,
    /// `--threads`; 0 means as many as there are processors.
    pub threads: Option<usize>,
    /// `--no-config`
    pub no_config: bool,
    /// `--no-ignores`
    pub no_ignores: bool,
    /// `--advisory-db`, each one.
    pub advisory_db: Vec<PathBuf>,
    /// `--update-advisories`
    pub update_advisories: bool,
    /// `--offline`, or `CARGO_NET_OFFLINE` as the command line read it.
    pub offline: bool,
    /// `--resolve`, `--trust`
    pub ask_cargo: AskCargo,
}

/// All that a run needs to know: what was typed, else what the configuration says, else the default.
#[derive(Debug, Clone)]
#[allow(clippy::struct_excessive_bools)]
pub struct Settings {
    /// Which rules run by default.
    pub profile: Profile,
    /// From which severity on the exit code is 1.
    pub fail_on: FailOn,
    /// The ids of the rules that run.
    pub selected: BTreeSet<String>,
    /// Severities in place of the rules' own, by id; `None` means off.
    pub severity: BTreeMap<String, Option<Severity>>,
    /// What is not audited, even if it is named.
    pub exclude: Vec<Glob>,
    /// Files above this many bytes are not read.
    pub max_file_size: u64,
    /// How many threads; `None` means as many as there are processors.
    pub threads: Option<usize>,
    /// False with `--no-ignores`.
    pub ignores: bool,
    /// The allows of the configuration.
    pub allows: Vec<ConfiguredAllow>,
    /// `[environments]`: where what files configure runs.
    pub environments: Environments,
    /// `[gitignore] required`: patterns or names of sets (`@production`), and where each is written.
    pub required_ignores: Vec<(String, Range<usize>)>,
    /// `[ratchet]`: how many findings of a rule do not fail.
    pub ratchets: Vec<ConfiguredRatchet>,
    /// How advisory data is treated.
    pub advisories: Advisories,
    /// Whether what other tools are told to ignore counts as allowed.
    pub foreign_ignores: bool,
    /// The advisory data to use; nothing means what lies in the cache.
    pub advisory_db: Vec<PathBuf>,
    /// Whether fresh advisory data is fetched first.
    pub update_advisories: bool,
    /// Whether every use of the network is refused.
    pub offline: bool,
    /// Whether cargo is asked what it would build.
    pub ask_cargo: AskCargo,
}

/// Whether cargo is asked what it would build.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AskCargo {
    /// It is not.
    #[default]
    Never,
    /// About repositories whose configuration names no programs.
    IfHarmless,
    /// About all.
    Always,
}

/// An `[[allow]]`.
#[derive(Debug, Clone)]
pub struct ConfiguredAllow {
    /// A rule's id, a family or `family/prefix*`.
    pub rule: String,
    /// An advisory by any of its names; `None` is all that the rule finds.
    pub advisory: Option<String>,
    /// A package that the advisory is about; `None` is all of them.
    pub package: Option<String>,
    /// Which files; `None` is all of them and the repository as a whole.
    pub path: Option<Glob>,
    /// Why, as it is written: it must be masked before it is shown.
    pub reason: String,
    /// The last day it holds, as `YYYY-MM-DD`.
    pub until: Option<String>,
    /// Where its rule is written in [`ConfigFile::source`]: this is what findings about the entry point at.
    pub span: Range<usize>,
}

/// `[advisories]`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Advisories {
    /// Data older than this many days is said to be old; `None` leaves it to the advisory checks.
    pub max_age_days: Option<u32>,
    /// What it means if there is no usable data.
    pub unchecked: Unchecked,
}

/// What it means that packages could not be held against advisory data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Unchecked {
    /// It is named and nothing else.
    Note,
    /// The audit is incomplete: exit code 3.
    #[default]
    Error,
}

/// Puts together what was typed, what the configuration says, and the defaults. The catalog must already
/// hold the repository's own rules ([`ConfigFile::own_rules`]).
///
/// # Errors
/// A selector that names no rule.
pub fn resolve(flags: &Flags, file: &ConfigFile, catalog: &Catalog) -> Result<Settings, ConfigError> {
    let profile = flags.profile.or(file.profile).unwrap_or(Profile::Standard);
    let selection = Selection { profile, only: split(&flags.rule), skip: split(&flags.skip) };
    let mut selected = selection.resolve(catalog).map_err(|unknown| {
        let option = if selection.only.contains(&unknown.selector) { "--rule" } else { "--skip" };
        let error = ConfigError::typed(format!("{option} {} names no rule", shown(&unknown.selector)));
        match unknown.suggestion {
            Some(near) => error.help(format!("did you mean `{near}`?")),
            None if is_family(&unknown.selector) => {
                error.help("this family has no rules yet; `cargo prodcheck rules list` lists those there are")
            }
            None => error.help("`cargo prodcheck rules list` lists them"),
        }
    })?;
    let mut severity = severities(file, catalog)?;
    // A rule that is typed by its id runs, whatever the configuration says of it.
    for id in &selection.only {
        if severity.get(id) == Some(&None) {
            severity.remove(id);
        }
    }
    selected.retain(|id| severity.get(id) != Some(&None));
    let typed = (&*selection.only, &*selection.skip);
    let ratchets = ratchets(file, &severity, typed, &mut selected, catalog)?;
    let allows = file
        .allows
        .iter()
        .map(|allow| {
            check(file, &allow.rule, &allow.rule_span, catalog)?;
            Ok(ConfiguredAllow {
                rule: allow.rule.clone(),
                advisory: allow.advisory.clone(),
                package: allow.package.clone(),
                path: allow.path.clone(),
                reason: allow.reason.clone(),
                until: allow.until.clone(),
                span: allow.rule_span.clone(),
            })
        })
        .collect::<Result<_, ConfigError>>()?;
    Ok(Settings {
        profile,
        fail_on: flags.fail_on.or(file.fail_on).unwrap_or(FailOn::Error),
        selected,
        severity,
        exclude: file.exclude.clone(),
        max_file_size: flags.max_file_size.or(file.max_file_size).unwrap_or(MAX_FILE_SIZE),
        threads: flags.threads.filter(|threads| *threads > 0),
        ignores: !flags.no_ignores,
        allows,
        environments: file.environments.clone(),
        required_ignores: required_ignores(file, catalog)?,
        ratchets,
        advisories: file.advisories,
        foreign_ignores: !flags.no_config && !flags.no_ignores,
        advisory_db: flags.advisory_db.clone(),
        update_advisories: flags.update_advisories,
        offline: flags.offline,
        ask_cargo: flags.ask_cargo,
    })
}

/// `--rule a,b --rule c` is a, b and c.
fn split(typed: &[String]) -> Vec<String> {
    typed.iter().flat_map(|list| list.split(',')).map(|selector| selector.trim().to_owned()).collect()
}

/// What `[severity]` says of each rule: an id wins over `family/prefix*`, a longer prefix over a shorter
/// one, those over a family.
fn severities(
    file: &ConfigFile,
    catalog: &Catalog,
) -> Result<BTreeMap<String, Option<Severity>>, ConfigError> {
    for entry in &file.severity {
        check(file, &entry.selector, &entry.span, catalog)?;
    }
    if file.severity.is_empty() {
        return Ok(BTreeMap::new());
    }
    let rank = |selector: &str| (!selector.ends_with('*') && selector.contains('/'), selector.len());
    Ok(catalog
        .rules()
        .filter_map(|rule| {
            let entry = file
                .severity
                .iter()
                .filter(|entry| names(&entry.selector, rule))
                .max_by_key(|entry| rank(&entry.selector))?;
            Some((rule.id.to_string(), entry.severity))
        })
        .collect())
}

/// The rule that knows the sets of patterns that may be required.
const MISSING_PATTERN: &str = "gitignore/missing-pattern";

/// A set that the configuration names must exist.
fn required_ignores(
    file: &ConfigFile,
    catalog: &Catalog,
) -> Result<Vec<(String, Range<usize>)>, ConfigError> {
    let sets = || {
        let lists = catalog.get(MISSING_PATTERN).into_iter().flat_map(|rule| rule.detect.lists());
        lists.filter(|list| list.starts_with('@'))
    };
    for (pattern, span) in &file.required_ignores {
        if pattern.starts_with('@') && !sets().any(|set| set == pattern) {
            let error = file.error(span.clone(), "there is no set of this name");
            let all: Vec<&str> = sets().collect();
            return Err(error.help(format!("expected a pattern, or one of {}", all.join(", "))));
        }
    }
    Ok(file.required_ignores.clone())
}

/// A selector of the configuration must name something.
fn check(
    file: &ConfigFile,
    selector: &str,
    span: &Range<usize>,
    catalog: &Catalog,
) -> Result<(), ConfigError> {
    if is_family(selector) || catalog.rules().any(|rule| names(selector, rule)) {
        return Ok(());
    }
    let error = file.error(span.clone(), "this names no rule");
    Err(match did_you_mean(selector, catalog.selectors()) {
        Some(help) => error.help(help),
        None => error.help("expected a rule's id, a family, or family/prefix*"),
    })
}
