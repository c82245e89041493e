use super::{FailOn, Finding, RepoPath, Severity, Status};

/// All that an audit has to say. Renderers see nothing else.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// What was looked at.
    pub checked: Checked,
    /// What was not looked at, and why; in order of path.
    pub not_checked: Vec<NotChecked>,
    /// Things a reader should know that are neither.
    pub notices: Vec<Notice>,
    /// The advisory data that was used.
    pub advisories: Option<AdvisorySource>,
    /// In the order of [`Finding::order`].
    pub findings: Vec<Finding>,
}

/// How much was looked at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Checked {
    /// Files whose bytes were read or whose name was judged.
    pub files: u64,
    /// Bytes read.
    pub bytes: u64,
    /// Packages of lock files held against advisory data.
    pub packages: u64,
    /// Packages of Python and npm held against advisory data.
    pub pinned: u64,
    /// Git objects read.
    pub blobs: u64,
}

/// Something that was asked for and not looked at.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct NotChecked {
    /// Which file; `None` for the repository.
    pub path: Option<RepoPath>,
    /// A word for scripts: `unreadable`, `binary`, `too-large`, `submodule`, `unparsable`,
    /// `advisories`, `rule-crashed`, `vanished`, …
    pub what: &'static str,
    /// The reason in plain words. Safe to show.
    pub reason: String,
    /// What mends it, if one command does.
    pub mend: Option<String>,
    /// Whether it makes the exit code 3.
    pub coverage: Coverage,
}

/// Whether something not checked leaves the answer open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Coverage {
    /// It was asked for: exit code 3.
    Missing,
    /// It is outside what the tool does (binary files, submodules, …): named, no exit code.
    Outside,
}

/// Something worth knowing about the run. Safe to show.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Notice {
    /// Which file it concerns.
    pub path: Option<RepoPath>,
    /// In plain words.
    pub text: String,
}

/// Advisory data older than this many days is called stale. A repository may ask for less, and never for more.
pub const MAX_AGE_DAYS: u32 = 90;

/// Which advisory data was used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdvisorySource {
    /// Where it lies. Safe to show.
    pub source: String,
    /// Its commit, if known.
    pub commit: Option<String>,
    /// Its date (of the commit, else of the newest advisory), as `YYYY-MM-DD`.
    pub date: Option<String>,
    /// How many advisories were read.
    pub count: u64,
    /// How many could not be read.
    pub unreadable: u64,
}

/// How many findings count, and how many do not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Summary {
    /// Errors that count.
    pub error: u64,
    /// Warnings that count.
    pub warning: u64,
    /// Notes that count.
    pub note: u64,
    /// Allowed and baselined ones.
    pub silenced: u64,
    /// Those that stood there before the change that is audited.
    pub existing: u64,
}

impl Report {
    /// Counts the findings.
    pub fn summary(&self) -> Summary {
        let mut summary = Summary::default();
        for finding in &self.findings {
            let count = match (finding.status, finding.severity) {
                (Status::New, Severity::Error) => &mut summary.error,
                (Status::New, Severity::Warning) => &mut summary.warning,
                (Status::New, Severity::Note) => &mut summary.note,
                (Status::Existing, _) => &mut summary.existing,
                (Status::Allowed | Status::Baselined, _) => &mut summary.silenced,
            };
            *count += 1;
        }
        summary
    }

    /// The exit code: 1 if a finding counts at this level, else 3 if something asked for was not
    /// checked, else 0. The same for every format.
    pub fn exit(&self, fail_on: FailOn) -> u8 {
        if self.findings.iter().any(|f| f.status == Status::New && fail_on.fails(f.severity)) {
            1
        } else if self.not_checked.iter().any(|n| n.coverage == Coverage::Missing) {
            3
        } else {
            0
        }
    }
}
