//! The version of a language as the places of a repository state it.

mod places;
mod toolchain;
mod version;

use places::{Bound, Language, Stated, bounds, stated};

pub(super) use toolchain::Undated;

use crate::detect::{Detector, Emit, Needs, Prepared, Raw, RawRelated};
use crate::repo::RepoView;

/// Places of one folder that name different versions of the language: what is tested is not what runs.
pub(super) struct Mismatch;

impl Detector for Mismatch {
    fn name(&self) -> &'static str {
        "runtime-version-mismatch"
    }

    fn needs(&self) -> Needs {
        Needs::Repo
    }

    fn repo(&self, _: &Prepared, repo: &RepoView, emit: &mut Emit) {
        let stated = stated(repo);
        let bounds = bounds(repo);
        for (at, place) in stated.iter().enumerate() {
            if let Some(bound) = bounds.iter().find(|bound| bound.concerns(place) && !bound.allows(place)) {
                let message =
                    format!("{} {} is not what {} asks for", place.language, place.version, bound.what);
                report(emit, place, message, bound.related());
                continue;
            }
            let differs = |other: &&Stated| other.concerns(place) && !other.version.agrees(&place.version);
            if let Some(other) = stated[..at].iter().find(differs) {
                let message =
                    format!("{} {} here, {} in {}", place.language, place.version, other.version, other.path);
                report(emit, place, message, other.related());
            }
        }
    }
}

fn report(emit: &mut Emit, place: &Stated, message: String, other: RawRelated) {
    emit.raw(Raw::at(place.span.clone()).path(place.path.clone()).message(message).related(other));
}

impl Bound {
    /// Whether it speaks of this place: the same language in the same folder.
    fn concerns(&self, place: &Stated) -> bool {
        self.language == place.language && self.path.parent() == place.path.parent()
    }

    fn allows(&self, place: &Stated) -> bool {
        self.range.may_hold(&place.version)
    }

    fn related(&self) -> RawRelated {
        RawRelated {
            path: Some(self.path.clone()),
            range: Some(self.span.clone()),
            message: "what is asked for".into(),
        }
    }
}

impl Stated {
    /// Two stages of one file may want different versions.
    fn concerns(&self, other: &Self) -> bool {
        self.language == other.language
            && self.path.parent() == other.path.parent()
            && self.path != other.path
    }

    fn related(&self) -> RawRelated {
        RawRelated {
            path: Some(self.path.clone()),
            range: Some(self.span.clone()),
            message: "the other version".into(),
        }
    }
}

impl std::fmt::Display for Language {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Python => "Python",
            Self::Node => "Node",
            Self::Rust => "Rust",
            Self::Ruby => "Ruby",
            Self::Go => "Go",
        })
    }
}
