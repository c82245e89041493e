use std::collections::BTreeSet;

use crate::detect::deploy::reach::Reach;
use crate::detect::{Detector, Emit, Needs, Prepared, Raw};
use crate::model::{RepoPath, Severity, Target};
use crate::repo::packages::{PackageFile, Tool, resolved};
use crate::repo::{Kept, RepoView};
use crate::rules::rule::Text;
use crate::source::{Pinning, Requirement, parse_requirements};

/// Lines of `requirements.txt` files that do not say which version is installed.
///
/// Form: <https://pip.pypa.io/en/stable/reference/requirements-file-format/>. Words of the rule:
/// `development`: parts of a path that mark requirements of people and pipelines, not of what ships.
pub(super) struct Unpinned;

/// Files that a requirements file names and that are not there: pip stops.
pub(super) struct MissingFile;

/// Requirements files whose versions are held by numbers alone.
pub(super) struct WithoutHash;

/// The requirements files that pip installs from, by their names or because another one names them, with what each
/// leaves open. What `pip-compile` reads (`.in`) has its versions in what it writes.
pub(super) fn requirements_files(repo: &RepoView) -> impl Iterator<Item = (&RepoPath, &Kept, &PackageFile)> {
    repo.package_files().iter().filter_map(|(path, file)| {
        let file = file.as_ref().ok().filter(|file| file.tool == Tool::Pip)?;
        (path.extension() == b"txt").then_some((path, repo.kept.get(path)?, file))
    })
}

impl Detector for Unpinned {
    fn name(&self) -> &'static str {
        "python-unpinned"
    }

    fn needs(&self) -> Needs {
        Needs::Repo
    }

    fn repo(&self, rule: &Prepared, repo: &RepoView, emit: &mut Emit) {
        for (path, kept, file) in requirements_files(repo) {
            let lines = parse_requirements(&kept.bytes);
            let mild = is_for_development(path, kept.kind.target, rule.rule.detect.words("development"))
                || has_sibling(repo, path, LOCKS);
            let library = is_library(repo, path);
            // What these say nobody here can read.
            let has_unknown_limits = lines.files.iter().any(|named| {
                named.constrains
                    && resolved(path, named).is_none_or(|limits| !repo.package_files().contains_key(&limits))
            });
            // What a file of constraints pins is not among them.
            let open: BTreeSet<usize> = file.open.iter().map(|open| open.span.start).collect();
            for requirement in lines.requirements {
                let Some((severity, what, fix)) = verdict(&requirement) else { continue };
                let is_url = requirement.pinning == Pinning::Url;
                if !is_url && !open.contains(&requirement.span.start) {
                    continue;
                }
                // What a library asks for is what its users must allow.
                let loose = (has_unknown_limits || library) && !is_url;
                let mut raw = Raw::at(requirement.span.clone()).path(path.clone()).message(what).fix(fix);
                raw.severity = Some(if mild || loose { Severity::Note } else { severity });
                if !requirement.name.is_empty() {
                    raw = raw.property("package", requirement.name.clone());
                }
                emit.raw(raw);
            }
        }
    }
}

impl Detector for MissingFile {
    fn name(&self) -> &'static str {
        "requirements-missing-file"
    }

    fn needs(&self) -> Needs {
        Needs::Repo
    }

    fn repo(&self, rule: &Prepared, repo: &RepoView, emit: &mut Emit) {
        for (path, kept, _) in requirements_files(repo) {
            for named in parse_requirements(&kept.bytes).files {
                let Some(target) = resolved(path, &named).filter(|target| repo.entry(target).is_none())
                else {
                    continue;
                };
                // Something may write it before pip runs.
                let is_written = repo.ignored_by(&target).is_some();
                let is_rehearsal = Reach::of(path, kept.kind.target) == Reach::Rehearsal;
                let what = if named.constrains { "limits versions" } else { "asks for packages" };
                let mut raw = Raw::at(named.span)
                    .path(path.clone())
                    .message(format!("the file {target} that {what} is not in the repository"));
                raw.severity =
                    Some(if is_written || is_rehearsal { Severity::Note } else { rule.rule.severity });
                emit.raw(raw);
            }
        }
    }
}

impl Detector for WithoutHash {
    fn name(&self) -> &'static str {
        "requirements-without-hash"
    }

    fn needs(&self) -> Needs {
        Needs::Repo
    }

    fn repo(&self, _: &Prepared, repo: &RepoView, emit: &mut Emit) {
        for (path, kept, _) in requirements_files(repo) {
            let has_hashes = memchr::memmem::find(&kept.bytes, b"--hash=").is_some();
            if has_hashes || Reach::of(path, kept.kind.target) == Reach::Rehearsal {
                continue;
            }
            let requirements = parse_requirements(&kept.bytes).requirements;
            let mut pinned = requirements.iter().filter(|requirement| requirement.version.is_some());
            let Some(first) = pinned.next() else { continue };
            let more = match pinned.count() {
                0 => String::new(),
                n => format!(" (and {n} more)"),
            };
            let what = format!("{}{more} is held by its number, not by a hash", first.name);
            emit.raw(Raw::at(first.span.clone()).path(path.clone()).message(what));
        }
    }
}

/// Lock files that hold the versions where a requirements file beside them does not.
const LOCKS: &[&str] = &["uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock", "pylock.toml"];

/// Files that make the folder a package for others, which must not pin what it needs.
const PACKAGING: &[&str] = &["setup.py", "setup.cfg"];

/// Whether what the file lists is what a package for others asks for.
pub(super) fn is_library(repo: &RepoView, path: &RepoPath) -> bool {
    has_sibling(repo, path, PACKAGING) || is_metadata(repo, path)
}

fn has_sibling(repo: &RepoView, path: &RepoPath, names: &[&str]) -> bool {
    names.iter().any(|name| repo.entry(&path.parent().join(name.as_bytes())).is_some())
}

/// Whether the `pyproject.toml` beside the file names it: then it lists what a package asks for
/// (`dependencies = { file = … }` of <https://setuptools.pypa.io/en/latest/userguide/pyproject_config.html>).
fn is_metadata(repo: &RepoView, path: &RepoPath) -> bool {
    let project = path.parent().join(b"pyproject.toml");
    repo.bytes(&project).is_some_and(|text| memchr::memmem::find(text, path.name()).is_some())
}

/// What to say about a requirement; `None` if it is pinned.
fn verdict(requirement: &Requirement) -> Option<(Severity, String, String)> {
    let name = &requirement.name;
    let pin = format!("Write {name}==<the version you tested>; pip freeze prints it.");
    match requirement.pinning {
        Pinning::Exact => None,
        Pinning::Nothing => {
            Some((Severity::Error, format!("{name} has no version: pip installs the newest"), pin))
        }
        Pinning::Floor => {
            let what = format!("{name} takes every later version");
            Some((Severity::Error, what, pin))
        }
        Pinning::Range => Some((Severity::Warning, format!("{name} takes a range of versions"), pin)),
        Pinning::Url => Some((
            Severity::Error,
            "what lies at this address can change".to_owned(),
            "Name the full commit (git+https://…@<40 hex digits>), or give the archive a --hash=sha256:… ."
                .to_owned(),
        )),
    }
}

/// Whether the path says that these are requirements of people and pipelines.
pub(super) fn is_for_development(path: &RepoPath, target: Target, words: &[Text]) -> bool {
    let path = path.as_bytes().to_ascii_lowercase();
    let mut parts = path.split(|b| !b.is_ascii_alphanumeric());
    target.is_for_show() || parts.any(|part| words.iter().any(|word| word.as_bytes() == part))
}
