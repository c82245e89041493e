use std::fmt;

use crate::model::{Place, Report, RuleId};
use crate::repo::ReadError;

/// What came of the changes.
#[derive(Debug)]
pub struct Outcome {
    /// What was changed, or would be; in the order of the report.
    pub done: Vec<Done>,
    /// What was not, and why; in the order of the report.
    pub refused: Vec<Refused>,
    /// The difference, file by file, fit to be shown: secrets masked, control characters visible.
    pub diff: String,
    /// What an audit finds now.
    pub report: Report,
}

/// A finding that was mended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    /// Its rule.
    pub rule: RuleId,
    /// Where it stood. Safe to show.
    pub place: Place,
    /// What was done.
    pub what: String,
}

/// A finding that has a change that was not made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Its rule.
    pub rule: RuleId,
    /// Where it stands. Safe to show.
    pub place: Place,
    /// Why.
    pub why: Refusal,
}

/// Why a change was not made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// It touches the same bytes as one that was made.
    Overlaps,
    /// The same change would mend what somebody allowed.
    Allowed,
    /// It stands on no line.
    NoLine,
    /// No comment can be written at the place.
    NoComments,
    /// No mark silences findings of its family.
    NotByMark,
    /// Git has another content of the file.
    Uncommitted,
    /// Git does not have the file.
    Untracked,
    /// There is no Git, so that nothing could be had back.
    NoGit,
    /// The Git index cannot be read.
    NoIndex,
    /// The file is not what was scanned any more.
    ChangedMeanwhile,
    /// The file cannot be read.
    Unread(ReadError),
    /// What it makes of the file does not parse.
    Unparsable,
    /// The finding would still be there.
    StillFound,
    /// It would bring another finding into the file.
    Brings(RuleId),
    /// What it makes of the root could not be checked.
    Unchecked,
    /// The file cannot be replaced.
    Unwritten(String),
    /// Another file could not be replaced, and this one could not be put back.
    HalfWritten(String),
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Overlaps => f.write_str("its change touches the same place as another one; run --fix again"),
            Self::NoLine => {
                f.write_str("it stands on no line that a comment could be written to; [[allow]] can silence it")
            }
            Self::NoComments => {
                f.write_str("no comment can be written at this place; [[allow]] can silence it")
            }
            Self::NotByMark => f.write_str("findings about allows are silenced by [[allow]] alone"),
            Self::Allowed => f.write_str("the same change would also touch what was allowed"),
            Self::Uncommitted => {
                f.write_str("the file has changes that are not in Git; commit them, or say --allow-dirty")
            }
            Self::Untracked => f.write_str("Git does not track the file; add it, or say --allow-dirty"),
            Self::NoGit => f.write_str("without Git nothing could be taken back; say --allow-dirty"),
            Self::NoIndex => f.write_str(
                "the Git index cannot be read, so that nobody knows what could be taken back; say --allow-dirty",
            ),
            Self::ChangedMeanwhile => f.write_str("the file has changed since it was read"),
            Self::Unread(error) => write!(f, "the file cannot be read: {error}"),
            Self::Unparsable => f.write_str("the changed file would not parse"),
            Self::StillFound => f.write_str("the finding would still be there"),
            Self::Brings(rule) => write!(f, "the change would bring {rule}"),
            Self::Unchecked => f.write_str("the changed file could not be checked"),
            Self::HalfWritten(why) => {
                write!(f, "one of its files was not replaced, and another, which was, could not be put back: {why}")
            }
            Self::Unwritten(why) => write!(f, "the file was not replaced: {why}"),
        }
    }
}
