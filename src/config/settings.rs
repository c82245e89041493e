use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::PathBuf;

use super::{ConfigError, ConfigFile};
use crate::model::{FailOn, Glob, Profile, Severity};
use crate::rules::Catalog;

/// What was typed, where it bears on what is audited and how it is judged.
#[derive(Debug, Clone, Default)]
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
    /// `--no-ignores`
    pub no_ignores: bool,
    /// `--advisory-db`
    pub advisory_db: Option<PathBuf>,
    /// `--update-advisories`
    pub update_advisories: bool,
    /// `--offline`, or `CARGO_NET_OFFLINE` as the command line read it.
    pub offline: bool,
}

/// All that a run needs to know: what was typed, else what the configuration says, else the default.
#[derive(Debug, Clone)]
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
    /// How advisory data is treated.
    pub advisories: Advisories,
    /// The advisory data to use; `None` means what lies in the cache.
    pub advisory_db: Option<PathBuf>,
    /// Whether fresh advisory data is fetched first.
    pub update_advisories: bool,
    /// Whether every use of the network is refused.
    pub offline: bool,
}

/// An `[[allow]]`.
#[derive(Debug, Clone)]
pub struct ConfiguredAllow {
    /// A rule's id, a family or `family/prefix*`.
    pub rule: String,
    /// Which files; `None` is all of them and the repository as a whole.
    pub path: Option<Glob>,
    /// Why, as it is written: it must be masked before it is shown.
    pub reason: String,
    /// The last day it holds, as `YYYY-MM-DD`.
    pub until: Option<String>,
    /// The bytes of the entry in [`ConfigFile::source`].
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
    let _ = (flags, file, catalog);
    Err(ConfigError::typed(String::new()))
}
