use crate::detect::{Detector, Emit, Needs, Prepared, Raw};
use crate::model::{RepoPath, Severity, Target};
use crate::repo::RepoView;
use crate::repo::view::is_requirements;
use crate::source::{Pinning, Requirement, parse_requirements};

/// Lines of `requirements.txt` files that do not say which version is installed.
///
/// Form: <https://pip.pypa.io/en/stable/reference/requirements-file-format/>. Words of the rule:
/// `development`: parts of a path that mark requirements of people and pipelines, not of what ships.
pub(super) struct Unpinned;

impl Detector for Unpinned {
    fn name(&self) -> &'static str {
        "python-unpinned"
    }

    fn needs(&self) -> Needs {
        Needs::Repo
    }

    fn repo(&self, rule: &Prepared, repo: &RepoView, emit: &mut Emit) {
        for (path, kept) in repo.kept.iter().filter(|(path, _)| is_requirements(path)) {
            let lines = parse_requirements(&kept.bytes);
            let mild = is_for_development(path, kept.kind.target, rule.rule.detect.words("development"))
                || has_sibling(repo, path, LOCKS);
            let library = is_library(repo, path);
            for requirement in lines.requirements {
                let Some((severity, what, fix)) = verdict(&requirement) else { continue };
                // Versions may stand in constraints; what a library asks for is what its users must allow.
                let loose = (lines.constrained || library) && requirement.pinning != Pinning::Url;
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
pub(super) fn is_for_development(
    path: &RepoPath,
    target: Target,
    words: &[crate::rules::rule::Text],
) -> bool {
    let path = path.as_bytes().to_ascii_lowercase();
    let mut parts = path.split(|b| !b.is_ascii_alphanumeric());
    matches!(target, Target::Test | Target::Example | Target::Bench | Target::Doc | Target::Vendored)
        || parts.any(|part| words.iter().any(|word| word.as_bytes() == part))
}
