//! The version of a language as the places of a repository state it.

mod pipelines;
mod places;
mod toolchain;
mod version;

use std::collections::BTreeMap;

use pipelines::{Tested, tested};
use places::{Bound, Language, Stated, bounds, stated};

pub(super) use toolchain::Undated;

use crate::detect::{Detector, Emit, Needs, Prepared, Raw, RawRelated};
use crate::model::RepoPath;
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
        let tested = tested(repo);
        let mut bounds_in: BTreeMap<(Language, RepoPath), Vec<&Bound>> = BTreeMap::new();
        for bound in &bounds {
            bounds_in.entry((bound.language, bound.path.parent())).or_default().push(bound);
        }
        // The places before each, by folder; of a file every version once, since there may be many.
        let mut before: BTreeMap<(Language, RepoPath), Vec<&Stated>> = BTreeMap::new();
        for place in &stated {
            let folder = (place.language, place.path.parent());
            let others = before.entry(folder.clone()).or_default();
            let known = others.iter().rev().take_while(|other| other.path == place.path);
            if known.clone().any(|other| other.version == place.version) {
                continue;
            }
            let earlier = others.len() - known.count();
            let differs = |other: &&&Stated| !other.version.agrees(&place.version);
            // Two stages of one file may want different versions.
            let differing = others[..earlier].iter().find(differs).copied();
            others.push(place);
            let bounds = bounds_in.get(&folder).into_iter().flatten();
            if let Some(bound) = bounds.copied().find(|bound| !bound.allows(place)) {
                let message =
                    format!("{} {} is not what {} asks for", place.language, place.version, bound.what);
                report(emit, place, message, bound.related());
                continue;
            }
            if let Some(other) = differing {
                let message =
                    format!("{} {} here, {} in {}", place.language, place.version, other.version, other.path);
                report(emit, place, message, other.related());
                continue;
            }
            if let Some(tested) = tested.iter().find(|tested| tested.misses(place)) {
                let message = format!(
                    "{} {} runs here, and the pipelines test with {}",
                    place.language,
                    place.version,
                    tested.listed()
                );
                report(emit, place, message, tested.versions[0].related());
            }
        }
        for tested in tested.iter().filter(|tested| !tested.has_others) {
            let (first, language) = (&tested.versions[0], tested.language);
            let bound = bounds.iter().find(|b| b.language == language && is_in_root(&b.path));
            if let Some(bound) = bound.filter(|b| !tested.versions.iter().any(|version| b.allows(version))) {
                let message = format!(
                    "the pipelines test with {language} {}, which {} excludes",
                    tested.listed(),
                    bound.what
                );
                report(emit, first, message, bound.related());
            }
        }
    }
}

fn is_in_root(path: &RepoPath) -> bool {
    path.parent().as_bytes().is_empty()
}

impl Tested {
    /// Whether the place says what runs in production, and no pipeline tests with that.
    fn misses(&self, place: &Stated) -> bool {
        let name = place.path.name();
        let runs = name == b"runtime.txt" || name.windows(5).any(|part| part.eq_ignore_ascii_case(b"erfil"));
        self.language == place.language
            && !self.has_others
            && runs
            && is_in_root(&place.path)
            && !self.versions.iter().any(|tested| tested.version.agrees(&place.version))
    }

    /// The versions, each once.
    fn listed(&self) -> String {
        let mut versions: Vec<String> = Vec::new();
        for version in self.versions.iter().map(|stated| stated.version.to_string()) {
            if !versions.contains(&version) {
                versions.push(version);
            }
        }
        versions.join(", ")
    }
}

fn report(emit: &mut Emit, place: &Stated, message: String, other: RawRelated) {
    emit.raw(Raw::at(place.span.clone()).path(place.path.clone()).message(message).related(other));
}

impl Bound {
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
