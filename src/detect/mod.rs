//! This room: how rules find. One file or folder per detector.
//! May touch: `model`, `rules`, `source`, `repo::view`.
//! Never: the file system, processes, the network, threads, printing.

mod advisories;
mod debug;
mod deploy;
mod deps;
mod environment;
mod gitignore;
/// Marks in the source that silence other tools.
pub mod marks;
/// What mends a match of a pattern.
mod mend;
mod meta;
mod pattern;
mod raw;
mod secrets;
mod settings;

use std::ops::Range;
use std::sync::OnceLock;

use regex::bytes::{Regex, RegexBuilder};

pub use raw::{Emit, Raw, RawChange, RawEdit, RawRelated};
pub use secrets::{PUBLIC, known, randomness, words};

use crate::repo::RepoView;
use crate::rules::{Detect, Rule};
use crate::source::FileView;

/// What a detector must be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// Each hit of one of the rule's keywords in a file that the rule applies to.
    Hits,
    /// Each whole file that the rule applies to (such rules name their paths).
    File,
    /// The repository as a whole, once.
    Repo,
}

/// What a detector knows a credential by. Of two findings at one place the one that knows more counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum KnownBy {
    /// The name that it is given to.
    Name,
    /// How it is used: an argument, a part of a URL, a field of a file.
    Use,
    /// What it is.
    Form,
}

/// One way of finding. The rules that name it are data.
pub trait Detector: Sync {
    /// The name rules use.
    fn name(&self) -> &'static str;

    /// Why what it finds is no shape of a token; said of rules of the secrets family.
    fn reason(&self) -> &'static str {
        ""
    }

    /// What it knows a credential by.
    fn known_by(&self) -> KnownBy {
        KnownBy::Form
    }

    /// What it must be shown; decides which of the three methods is called.
    fn needs(&self) -> Needs;

    /// A keyword of the rule stands at these bytes.
    fn hit(&self, rule: &Prepared, view: &FileView, at: Range<usize>, emit: &mut Emit) {
        let _ = (rule, view, at, emit);
    }

    /// A file that the rule applies to.
    fn file(&self, rule: &Prepared, view: &FileView, emit: &mut Emit) {
        let _ = (rule, view, emit);
    }

    /// The repository.
    fn repo(&self, rule: &Prepared, repo: &RepoView, emit: &mut Emit) {
        let _ = (rule, repo, emit);
    }
}

/// All detectors there are.
pub fn detectors() -> impl Iterator<Item = &'static dyn Detector> {
    [
        secrets::DETECTORS,
        debug::DETECTORS,
        deps::DETECTORS,
        deploy::DETECTORS,
        settings::DETECTORS,
        environment::DETECTORS,
        advisories::DETECTORS,
        gitignore::DETECTORS,
        meta::DETECTORS,
    ]
    .into_iter()
    .flatten()
    .copied()
}

/// A rule made ready for a run.
pub struct Prepared<'r> {
    /// The rule.
    pub rule: &'r Rule,
    /// Whether its findings are reported. Rules of the secrets family run in any case, since what they
    /// find must not be shown by others.
    pub selected: bool,
    /// Whether it is one of the secrets family: asked at every hit.
    pub is_secret: bool,
    /// What finds for it.
    pub detector: &'static dyn Detector,
    /// When it is asked, as it says itself: looked up at every hit.
    pub needs: Needs,
    today: &'r str,
    regex: OnceLock<Option<Regex>>,
}

impl<'r> Prepared<'r> {
    /// `None` if the rule names a detector that does not exist. It does not know the day: see [`Self::on`].
    pub fn new(rule: &'r Rule, selected: bool) -> Option<Self> {
        let detector: &'static dyn Detector = match &rule.detect {
            Detect::Pattern { .. } => &pattern::Pattern,
            Detect::Token(_) => &secrets::token::Tokens,
            Detect::Code { detector, .. } => detectors().find(|d| d.name() == detector)?,
        };
        let is_secret = rule.family() == "secrets";
        let needs = detector.needs();
        Some(Self { rule, selected, is_secret, detector, needs, today: "", regex: OnceLock::new() })
    }

    /// The same on a day, `YYYY-MM-DD`.
    pub fn on(self, today: &'r str) -> Self {
        Self { today, ..self }
    }

    /// The day of the run; `None` if nobody said it. Detectors have no clock.
    pub fn today(&self) -> Option<&str> {
        (!self.today.is_empty()).then_some(self.today)
    }

    /// The rule's pattern, compiled on first use: bytes, ASCII, of limited size. `None` if it has none or
    /// it does not compile (`rules check` says so, and a run does not come this far).
    pub fn regex(&self) -> Option<&Regex> {
        self.regex
            .get_or_init(|| match &self.rule.detect {
                Detect::Pattern { pattern, .. } => compile(pattern).ok(),
                _ => None,
            })
            .as_ref()
    }
}

/// Compiles the pattern of a rule as the scan does.
///
/// # Errors
/// The pattern does not parse as ASCII syntax, or is too large.
pub fn compile(pattern: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(pattern).unicode(false).size_limit(1 << 20).dfa_size_limit(1 << 20).build()
}
