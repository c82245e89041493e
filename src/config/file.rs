use std::ops::Range;

use super::{Advisories, ConfigError, ConfiguredRatchet};
use crate::model::{Environments, FailOn, Glob, Profile, RepoPath, Severity};

/// A configuration file that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigText {
    /// How it is named in messages. Safe to show.
    pub name: String,
    /// Where it lies in the repository; `None` for a `--config FILE` from elsewhere.
    pub path: Option<RepoPath>,
    /// All of it.
    pub text: String,
}

/// What there is to read. With `--config FILE` that file alone is `prodcheck`; with `--no-config` neither.
#[derive(Debug, Clone, Default)]
pub struct ConfigTexts {
    /// `prodcheck.toml` at the root.
    pub prodcheck: Option<ConfigText>,
    /// `Cargo.toml` at the root.
    pub manifest: Option<ConfigText>,
}

/// The configuration as it is written: its form is right, its rules are not looked up yet.
#[derive(Debug, Clone, Default)]
pub struct ConfigFile {
    /// The file it stands in; `None` if there is no configuration.
    pub source: Option<ConfigText>,
    /// Rule files of the repository's own.
    pub own_rules: Vec<OwnRules>,
    pub(super) profile: Option<Profile>,
    pub(super) fail_on: Option<FailOn>,
    pub(super) exclude: Vec<Glob>,
    pub(super) max_file_size: Option<u64>,
    pub(super) severity: Vec<SeverityEntry>,
    pub(super) allows: Vec<AllowTable>,
    pub(super) required_ignores: Vec<(String, Range<usize>)>,
    pub(super) environments: Environments,
    pub(super) advisories: Advisories,
    pub(super) ratchets: Vec<ConfiguredRatchet>,
}

/// A path of `[rules] paths`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnRules {
    /// A file or folder below the root.
    pub path: RepoPath,
    /// Where it is written, for [`ConfigFile::error`].
    pub span: Range<usize>,
}

#[derive(Debug, Clone)]
pub(super) struct SeverityEntry {
    pub(super) selector: String,
    pub(super) span: Range<usize>,
    /// `None` is off.
    pub(super) severity: Option<Severity>,
}

#[derive(Debug, Clone)]
pub(super) struct AllowTable {
    pub(super) rule: String,
    pub(super) rule_span: Range<usize>,
    pub(super) advisory: Option<String>,
    pub(super) package: Option<String>,
    pub(super) path: Option<Glob>,
    pub(super) reason: String,
    pub(super) until: Option<String>,
}

impl ConfigFile {
    /// An error about bytes of this file, as when a rule file it names cannot be read.
    pub fn error(&self, range: Range<usize>, message: impl Into<String>) -> ConfigError {
        match &self.source {
            Some(text) => ConfigError::at(text, range, message),
            None => ConfigError::typed(message),
        }
    }
}
