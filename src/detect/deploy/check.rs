use super::reach::Reach;
use crate::detect::{Detector, Emit, KnownBy, Needs, Prepared, Raw};
use crate::model::Severity;
use crate::repo::RepoView;
use crate::source::{FileView, Stage};

/// A look at one file.
pub(super) struct FileCheck {
    /// The name rules use.
    pub(super) name: &'static str,
    /// What looks.
    pub(super) look: fn(&Prepared, &FileView, &mut Emit),
}

/// A look at the repository as a whole.
pub(super) struct RepoCheck {
    /// The name rules use.
    pub(super) name: &'static str,
    /// What looks.
    pub(super) look: fn(&Prepared, &RepoView, &mut Emit),
}

impl Detector for FileCheck {
    fn name(&self) -> &'static str {
        self.name
    }

    fn needs(&self) -> Needs {
        Needs::File
    }

    // Whatever the secrets family says of the same bytes says more.
    fn known_by(&self) -> KnownBy {
        KnownBy::Name
    }

    fn file(&self, rule: &Prepared, view: &FileView, emit: &mut Emit) {
        (self.look)(rule, view, emit);
    }
}

impl Detector for RepoCheck {
    fn name(&self) -> &'static str {
        self.name
    }

    fn needs(&self) -> Needs {
        Needs::Repo
    }

    fn repo(&self, rule: &Prepared, repo: &RepoView, emit: &mut Emit) {
        (self.look)(rule, repo, emit);
    }
}

/// Where the file runs decides what counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// A name or a variable says: in production.
    Production,
    /// Such files run in production, or nobody says where.
    Open,
    /// At a developer's desk, in tests, in examples.
    Rehearsal,
}

impl Standing {
    /// Of a file.
    pub(super) fn of(view: &FileView) -> Self {
        let staged = view.staged();
        if !staged.is_configured && view.path().parts().any(is_shelved) {
            return Self::Rehearsal;
        }
        match staged.stage {
            Stage::Development => Self::Rehearsal,
            Stage::Production if staged.is_said => Self::Production,
            _ if Reach::of(view.path(), view.target()) == Reach::Rehearsal => Self::Rehearsal,
            _ => Self::Open,
        }
    }

    /// How bad something is that is wrong wherever it runs: one step less where nobody says that it is production, and
    /// nothing where it is not.
    pub(super) fn fault(self, of: Severity) -> Option<Severity> {
        match self {
            Self::Production => Some(of),
            Self::Open => Some(of.min(Severity::Warning)),
            Self::Rehearsal => None,
        }
    }

    /// How bad it is that something is missing that production should have, and most do without.
    pub(super) fn lack(self, of: Severity) -> Option<Severity> {
        match self {
            Self::Production => Some(of),
            Self::Open => Some(Severity::Note),
            Self::Rehearsal => None,
        }
    }
}

/// Whether a folder holds what nobody runs any more.
pub(super) fn is_shelved(part: &[u8]) -> bool {
    let bare = part.strip_prefix(b"_").unwrap_or(part);
    matches!(bare, b"archive" | b"archived" | b"attic" | b"deprecated" | b"legacy" | b"old" | b"unmaintained")
}

/// The finding with this severity.
pub(super) fn weighed(mut raw: Raw, severity: Severity) -> Raw {
    raw.severity = Some(severity);
    raw
}
