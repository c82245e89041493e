use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use serde::{Serialize, Serializer};

use super::{Change, Confidence, Place, Proof, RepoPath, RuleId, Severity, Span};

/// No more of a secret's start is ever shown, whatever a rule calls its vendor's prefix.
pub const VENDOR_PREFIX_MAX: usize = 24;

/// A stretch of a text that must not be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Secret {
    /// Its bytes.
    pub range: Range<usize>,
    /// How many of its first bytes are the vendor's public prefix, and may be shown.
    pub prefix: usize,
}

/// What is shown of a file: a few lines around the finding, masked, made displayable and cropped when
/// the finding was made. The file itself never travels further.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Evidence {
    /// 1-based number of the window's first line.
    pub first_line: u32,
    /// The window. Lines are separated by `\n`; there is none at the end.
    pub text: String,
    /// Stretches of `text`, the primary one first.
    pub labels: Vec<Label>,
}

/// A marked stretch of an evidence's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// Bytes of [`Evidence::text`].
    pub range: Range<usize>,
    /// What is said about it; may be empty.
    pub text: String,
}

/// A second place that belongs to a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Related {
    /// The file.
    pub path: RepoPath,
    /// The stretch, or the file as a whole.
    pub span: Option<Span>,
    /// Why it is named.
    pub message: String,
    /// What is shown of it.
    pub evidence: Option<Evidence>,
}

/// Names a finding across commits: it survives moved lines, and changes when another secret stands
/// at the same place.
///
/// 16 hex digits of rule, path, normalised line without the secret, and ordinal; a dash; 3 hex digits
/// (12 bits) of a keyed hash of the secret, or `000`. Twelve bits tell two secrets apart and let
/// nobody guess one.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Fingerprint(pub String);

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Fingerprint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// Whether a finding counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It counts.
    New,
    /// It stands in the baseline.
    Baselined,
    /// Somebody allowed it.
    Allowed,
    /// It stood there before the change that is audited.
    Existing,
}

/// Why a finding does not count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Allow {
    /// The reason that was given; `None` if none was.
    pub reason: Option<String>,
    /// The last day it holds, as `YYYY-MM-DD`.
    pub until: Option<String>,
}

/// Something a rule found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Which rule.
    pub rule: RuleId,
    /// How bad.
    pub severity: Severity,
    /// How sure.
    pub confidence: Confidence,
    /// What a secret's claim rests on; `None` for other families.
    pub proof: Option<Proof>,
    /// What was found, in one sentence about this place. Safe to show.
    pub message: String,
    /// What to do about this finding. Safe to show.
    pub fix: String,
    /// What mends it, where a program can do that.
    pub change: Option<Change>,
    /// Where.
    pub place: Place,
    /// What is shown of the file.
    pub evidence: Option<Evidence>,
    /// Further places.
    pub related: Vec<Related>,
    /// Its name across commits.
    pub fingerprint: Fingerprint,
    /// Whether it counts.
    pub status: Status,
    /// Why it does not count.
    pub allow: Option<Allow>,
    /// Facts for scripts: `advisory`, `kind`, `package`, `version`, …
    pub properties: BTreeMap<String, String>,
}

impl Finding {
    /// The order of a report: by path, place, then rule. Findings about the repository come first.
    pub fn order(&self, other: &Self) -> std::cmp::Ordering {
        let key = |f: &Self| (f.place.path.clone(), f.place.span.map(|s| (s.start, s.end)), f.rule.clone());
        key(self)
            .cmp(&key(other))
            .then_with(|| self.message.cmp(&other.message))
            .then_with(|| self.properties.cmp(&other.properties))
    }
}
