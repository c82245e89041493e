use super::names::KnownNames;
use super::sensitive_file::{is_deliberate, sensitive};
use crate::detect::{Detector, Emit, Needs, Prepared, Raw, RawRelated};
use crate::model::{Coverage, NotChecked, RepoPath, Severity, Target};
use crate::repo::RepoView;
use crate::repo::manifest::{Field, Manifest};
use crate::repo::shipped::{GIT_HEAD, shipped};

/// Packages that would be published with files that hold secrets by their name: one finding for each package.
pub(super) struct PackageLeak;

/// How many files are named.
const NAMED: usize = 3;

impl Detector for PackageLeak {
    fn name(&self) -> &'static str {
        "package-leak"
    }

    fn needs(&self) -> Needs {
        Needs::Repo
    }

    fn repo(&self, _rule: &Prepared, repo: &RepoView, emit: &mut Emit) {
        let names = KnownNames::new();
        for (path, manifest) in repo.manifests() {
            let context = repo.targets().package_context(&path.parent());
            if matches!(context, Some(Target::Test | Target::Example | Target::Bench | Target::Vendored)) {
                continue;
            }
            let leaks: Vec<RepoPath> = shipped(repo, path, manifest)
                .unwrap_or_default()
                .into_iter()
                .filter(|file| is_leak(repo, &names, file))
                .collect();
            if !leaks.is_empty() {
                emit.raw(found(path, manifest, &leaks));
            }
        }
        if repo.walked_packages.is_incomplete {
            emit.not_checked(NotChecked {
                path: None,
                what: "package-files",
                reason: "the folders of packages with `include` hold more files than are looked at".into(),
                mend: None,
                coverage: Coverage::Outside,
            });
        }
    }
}

fn is_leak(repo: &RepoView, names: &KnownNames, file: &RepoPath) -> bool {
    if file.as_bytes().ends_with(GIT_HEAD) {
        return true;
    }
    match repo.entry(file) {
        Some(entry) => {
            !is_deliberate(repo, &entry.path, names.words("deliberate-folders"))
                && sensitive(|list| names.words(list), repo, entry)
                    .is_some_and(|found| found.severity > Severity::Note)
        }
        // Git ignores it, and cargo takes it all the same. Nobody has read it.
        None => names.group(file).is_some() && !names.is_in_deliberate_folder(file),
    }
}

fn found(path: &RepoPath, manifest: &Manifest, leaks: &[RepoPath]) -> Raw {
    let shown = |file: &RepoPath| {
        if file.as_bytes().ends_with(GIT_HEAD) {
            ".git, with the whole history".to_owned()
        } else {
            file.to_string()
        }
    };
    let shown: Vec<String> = leaks.iter().take(NAMED).map(shown).collect();
    let more = match leaks.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let package = manifest.package.as_ref();
    let include = package.and_then(|package| match &package.packaging.include {
        Field::Here(list) => Some(list.span.clone()),
        _ => None,
    });
    let fix = if include.is_some() {
        "Name in `include` what belongs into the package and nothing else; `cargo package --list` shows what that is."
    } else {
        "Add it to `exclude`, and to .gitignore; `cargo package --list` shows what is published."
    };
    let mut raw = Raw::file(path.clone())
        .message(format!("cargo publish would ship {}{more}", shown.join(", ")))
        .fix(fix)
        .property("count", leaks.len().to_string());
    raw.range = include.or_else(|| manifest.heading());
    for file in leaks.iter().take(NAMED) {
        raw =
            raw.related(RawRelated { path: Some(file.clone()), range: None, message: "is published".into() });
    }
    raw
}
