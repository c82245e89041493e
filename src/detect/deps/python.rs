mod line;

use line::{Pinning, Requirement};

use crate::detect::{Detector, Emit, Needs, Prepared, Raw};
use crate::model::{RepoPath, Severity, Target};
use crate::source::FileView;

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
        Needs::File
    }

    fn file(&self, rule: &Prepared, view: &FileView, emit: &mut Emit) {
        if !view.path().extension().eq_ignore_ascii_case(b"txt") || is_constraints(view.path()) {
            return;
        }
        let development = is_for_development(view, rule.rule.detect.words("development"));
        let lines = line::requirements(view.bytes());
        // Versions may stand in a file of constraints that this one names.
        let constrained = lines.constrained;
        for requirement in lines.requirements {
            let Some((severity, what, fix)) = verdict(&requirement) else { continue };
            let mut raw = Raw::at(requirement.span.clone()).message(what).fix(fix);
            let mild = development || (constrained && requirement.pinning != Pinning::Url);
            raw.severity = Some(if mild { Severity::Note } else { severity });
            if !requirement.name.is_empty() {
                raw = raw.property("package", requirement.name.clone());
            }
            emit.raw(raw);
        }
    }
}

/// What to say about a requirement; `None` if it is pinned.
fn verdict(requirement: &Requirement) -> Option<(Severity, String, String)> {
    let name = &requirement.name;
    let pin = format!("Write {name}==<the version you tested>; pip freeze prints it.");
    match requirement.pinning {
        Pinning::Exact => None,
        Pinning::Nothing => Some((Severity::Warning, format!("{name} has no version: pip installs the newest"), pin)),
        Pinning::Floor => {
            let what = format!("{name} takes every later version");
            Some((Severity::Warning, what, pin))
        }
        Pinning::Range => Some((Severity::Note, format!("{name} takes a range of versions"), pin)),
        Pinning::Url => Some((
            Severity::Warning,
            "what lies at this address can change".to_owned(),
            "Name the full commit (git+https://…@<40 hex digits>), or give the archive a --hash=sha256:… .".to_owned(),
        )),
    }
}

/// Files of constraints restrict versions and install nothing.
fn is_constraints(path: &RepoPath) -> bool {
    path.name().to_ascii_lowercase().starts_with(b"constraint")
}

fn is_for_development(view: &FileView, words: &[crate::rules::rule::Text]) -> bool {
    let by_target =
        matches!(view.target(), Target::Test | Target::Example | Target::Bench | Target::Doc | Target::Vendored);
    let path = view.path().as_bytes().to_ascii_lowercase();
    let mut parts = path.split(|b| !b.is_ascii_alphanumeric());
    by_target || parts.any(|part| words.iter().any(|word| word.as_bytes() == part))
}
