use std::collections::BTreeMap;
use std::ops::Range;

use super::secrets::LastName;
use crate::model::{Confidence, NotChecked, Proof, RepoPath, Secret, Severity};

/// What a detector found, in terms of bytes. It may hold text of the repository as it stands there; the scan
/// masks it and makes it displayable before anything leaves.
#[derive(Debug, Clone, Default)]
pub struct Raw {
    /// The file; `None` means the file under view, or the repository for repository checks.
    pub path: Option<RepoPath>,
    /// The stretch that is reported; `None` for the file as a whole.
    pub range: Option<Range<usize>>,
    /// Stretches of the same file that nobody may see. For secrets at least the secret itself.
    pub secrets: Vec<Secret>,
    /// One sentence about this very place; empty means the rule's title.
    pub message: String,
    /// What to do about this very place; empty means the rule's words.
    pub fix: String,
    /// In place of the rule's severity.
    pub severity: Option<Severity>,
    /// In place of the rule's confidence.
    pub confidence: Option<Confidence>,
    /// What a secret's claim rests on.
    pub proof: Option<Proof>,
    /// Decoders between the file and the text that matched.
    pub via: Vec<&'static str>,
    /// Further places.
    pub related: Vec<RawRelated>,
    /// What mends it, where a program can do that.
    pub change: Option<RawChange>,
    /// Facts for scripts, which tell the finding from others at its place.
    pub properties: BTreeMap<&'static str, String>,
    /// Further facts for scripts. They may change while the finding stays the same, and are no part of its
    /// fingerprint.
    pub details: BTreeMap<&'static str, String>,
}

/// A change that mends a [`Raw`]: all of its edits together, or none. What it writes is words of ours: text of the
/// file that is to stay is left where it stands, and what surrounds it is taken away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawChange {
    /// What it does, as in `writes the version that Cargo.lock holds`.
    pub what: String,
    /// In any order.
    pub edits: Vec<RawEdit>,
}

/// One stretch of a file replaced by another text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawEdit {
    /// The file; `None` means the one of the finding.
    pub path: Option<RepoPath>,
    /// Its bytes.
    pub range: Range<usize>,
    /// What stands there afterwards.
    pub replacement: String,
}

/// A second place of a [`Raw`].
#[derive(Debug, Clone)]
pub struct RawRelated {
    /// The file; `None` means the same one.
    pub path: Option<RepoPath>,
    /// The stretch, or the file as a whole.
    pub range: Option<Range<usize>>,
    /// Why it is named.
    pub message: String,
}

impl Raw {
    /// A finding at these bytes of the file under view.
    pub fn at(range: Range<usize>) -> Self {
        Self { range: Some(range), ..Self::default() }
    }

    /// A finding about a file.
    pub fn file(path: RepoPath) -> Self {
        Self { path: Some(path), ..Self::default() }
    }

    /// Says it about this very place.
    pub fn message(mut self, message: impl Into<String>) -> Self {
        self.message = message.into();
        self
    }

    /// What to do about this very place.
    pub fn fix(mut self, fix: impl Into<String>) -> Self {
        self.fix = fix.into();
        self
    }

    /// In another file than the one under view.
    pub fn path(mut self, path: RepoPath) -> Self {
        self.path = Some(path);
        self
    }

    /// A second place.
    pub fn related(mut self, related: RawRelated) -> Self {
        self.related.push(related);
        self
    }

    /// What mends it; `None` where nothing does that is sure to be right.
    pub fn change(mut self, change: Option<RawChange>) -> Self {
        self.change = change;
        self
    }

    /// A fact for scripts that tells the finding from others at its place.
    pub fn property(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.properties.insert(name, value.into());
        self
    }

    /// A fact for scripts that may change while the finding stays the same.
    pub fn detail(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.details.insert(name, value.into());
        self
    }
}

impl RawChange {
    /// One stretch of the finding's file.
    pub fn replace(what: impl Into<String>, range: Range<usize>, replacement: impl Into<String>) -> Self {
        let edit = RawEdit { path: None, range, replacement: replacement.into() };
        Self { what: what.into(), edits: vec![edit] }
    }

    /// One more stretch of the finding's file.
    pub fn and(mut self, range: Range<usize>, replacement: impl Into<String>) -> Self {
        self.edits.push(RawEdit { path: None, range, replacement: replacement.into() });
        self
    }
}

/// Takes what detectors find in one file, or in the repository. Each file has one of its own.
#[derive(Debug, Default)]
pub struct Emit {
    /// In the order found; the scan sorts.
    pub raws: Vec<Raw>,
    /// Stretches of the file under view that are no finding, and that nobody may see all the same.
    pub masks: Vec<Secret>,
    /// What a detector could not look at.
    pub not_checked: Vec<NotChecked>,
    /// Whether anybody asks what was passed over.
    pub notes_passed: bool,
    /// What was looked at and is none, with the reason: where it stands in the file under view.
    pub passed: Vec<(usize, &'static str)>,
    /// What one rule read at a name and the next need not read again.
    pub(super) last: LastName,
}

impl Emit {
    /// Takes nothing yet. Whether anybody asks what is passed over is said here.
    pub fn noting_passed(notes_passed: bool) -> Self {
        Self { notes_passed, ..Self::default() }
    }

    /// Hands over what was emitted, and goes on in the same file.
    pub fn take(&mut self) -> Self {
        let next =
            Self { notes_passed: self.notes_passed, last: std::mem::take(&mut self.last), ..Self::default() };
        std::mem::replace(self, next)
    }

    /// Notes that something has a finding's form and is none, for this reason.
    pub fn pass_over(&mut self, at: usize, reason: &'static str) {
        if self.notes_passed {
            self.passed.push((at, reason));
        }
    }

    /// Reports a finding.
    pub fn raw(&mut self, raw: Raw) {
        self.raws.push(raw);
    }

    /// Keeps a stretch of the file under view from being shown by anybody.
    pub fn mask(&mut self, secret: Secret) {
        self.masks.push(secret);
    }

    /// Whether nothing was emitted.
    pub fn is_empty(&self) -> bool {
        self.raws.is_empty() && self.masks.is_empty() && self.not_checked.is_empty() && self.passed.is_empty()
    }

    /// Says that something was not checked.
    pub fn not_checked(&mut self, not_checked: NotChecked) {
        self.not_checked.push(not_checked);
    }
}
