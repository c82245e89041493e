use std::collections::BTreeMap;

use super::GITIGNORE;
use super::append::append;
use super::names::KnownNames;
use crate::detect::{Detector, Emit, Needs, Prepared, Raw, RawRelated};
use crate::model::{RepoPath, Severity, Target};
use crate::repo::{ListedFile, RepoView};
use crate::source::parse_json;

/// What building, installing or running leaves in the work tree, where Git would take it in: one finding for each
/// pattern.
pub(super) struct MissingBuildOutput;

/// Where output lies, seen from the file that makes it.
struct Output {
    /// A file of it, relative to the folder.
    file: &'static str,
    /// The pattern that keeps it out.
    pattern: &'static str,
    /// What makes it.
    by: &'static str,
}

const CARGO: Output = Output { file: "target/debug/app", pattern: "/target/", by: "cargo builds into it" };
const NPM: Output = Output {
    file: "node_modules/a/index.js",
    pattern: "node_modules/",
    by: "packages are installed into it",
};
const PYTHON: Output = Output {
    file: "__pycache__/main.cpython-312.pyc",
    pattern: "__pycache__/",
    by: "Python compiles modules into it",
};
const TERRAFORM: Output = Output {
    file: ".terraform/terraform.tfstate",
    pattern: ".terraform/",
    by: "Terraform keeps providers and credentials of its backend in it",
};
const MAVEN: Output = Output { file: "target/app.jar", pattern: "target/", by: "Maven builds into it" };
const GRADLE: Output =
    Output { file: ".gradle/a/b.bin", pattern: ".gradle/", by: "Gradle keeps its cache in it" };

impl Detector for MissingBuildOutput {
    fn name(&self) -> &'static str {
        "missing-build-output"
    }

    fn needs(&self) -> Needs {
        Needs::Repo
    }

    fn repo(&self, _rule: &Prepared, repo: &RepoView, emit: &mut Emit) {
        if !repo.is_git {
            return;
        }
        let names = KnownNames::new();
        let mut open: BTreeMap<&str, (&Output, Vec<&RepoPath>)> = BTreeMap::new();
        let mut python = std::collections::BTreeSet::new();
        for entry in &repo.entries {
            let Some(output) = output(repo, entry) else { continue };
            if names.is_in_deliberate_folder(&entry.path) {
                continue;
            }
            let folder = entry.path.parent();
            // One module of a folder speaks for all.
            if output.pattern == PYTHON.pattern && !python.insert(folder.clone()) {
                continue;
            }
            let file = folder.join(output.file.as_bytes());
            if repo.entry(&file).is_none() && !repo.ignore.is_ignored_for_all(&file, false) {
                open.entry(output.pattern).or_insert((output, Vec::new())).1.push(&entry.path);
            }
        }
        for (pattern, (output, by)) in open {
            // A pattern for the root does not reach into folders.
            let everywhere = by.iter().any(|path| path.parts().count() > 1);
            let pattern = if everywhere { pattern.trim_start_matches('/') } else { pattern };
            let folder = by[0].parent().join(output.file.split('/').next().unwrap_or_default().as_bytes());
            let more =
                if by.len() > 1 { format!(" (and {} more like it)", by.len() - 1) } else { String::new() };
            let mut raw = Raw::file(by[0].clone())
                .message(format!("Git would take in {folder}{more}: {}", output.by))
                .fix(format!("Add `{pattern}` to {GITIGNORE}."))
                .change(append(repo, &GITIGNORE.into(), &[pattern.to_owned()]))
                .property("pattern", pattern);
            raw.severity = Some(Severity::Note);
            for other in by.iter().skip(1).take(3) {
                raw = raw.related(RawRelated {
                    path: Some((*other).clone()),
                    range: None,
                    message: "likewise".into(),
                });
            }
            emit.raw(raw);
        }
    }
}

/// What this file makes others lie beside it.
fn output(repo: &RepoView, entry: &ListedFile) -> Option<&'static Output> {
    if matches!(repo.kind(&entry.path).target, Target::Vendored | Target::Generated) {
        return None;
    }
    match entry.path.name() {
        b"Cargo.toml" => {
            let belonging = repo.workspaces().of(&entry.path)?;
            (belonging.root == entry.path).then_some(&CARGO)
        }
        b"package.json" => has_packages(repo.bytes(&entry.path)?).then_some(&NPM),
        b"pom.xml" => Some(&MAVEN),
        b"build.gradle" | b"build.gradle.kts" | b"settings.gradle" | b"settings.gradle.kts" => Some(&GRADLE),
        b".terraform.lock.hcl" => Some(&TERRAFORM),
        // A module that others import; a script alone is not compiled to disk.
        b"__init__.py" => Some(&PYTHON),
        _ => None,
    }
}

/// Whether a `package.json` asks for packages.
fn has_packages(bytes: &[u8]) -> bool {
    let Ok(document) = parse_json(bytes) else { return false };
    let members = document.root.as_ref().map_or(&[][..], |root| root.members());
    let asks = |name: &str| members.iter().any(|m| m.key == name && !m.node.members().is_empty());
    asks("dependencies") || asks("devDependencies")
}
