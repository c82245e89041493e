use super::reference::{is_branch, is_commit};
use crate::detect::{Detector, Emit, Needs, Prepared, Raw};
use crate::model::Severity;
use crate::source::{FileView, GithubUse, PipelineKind, YamlNode, github_workflow};

/// Actions and workflows of others that follow a branch.
///
/// The rule's words: `branches`, names that are branches, `x/*` with all below; `documented`, actions whose makers
/// publish them as branches.
pub(super) struct ByBranch;

/// Those that are held by a tag.
pub(super) struct ByTag;

/// A `uses` of somebody else's repository.
struct Foreign<'d> {
    name: &'d str,
    reference: &'d str,
    node: YamlNode<'d, 'd>,
}

fn foreign<'v>(view: &'v FileView<'_>) -> Vec<Foreign<'v>> {
    if PipelineKind::of(view.path()) != Some(PipelineKind::Github) {
        return Vec::new();
    }
    let Ok(documents) = view.yaml() else { return Vec::new() };
    let workflow = github_workflow(documents);
    let uses = workflow
        .jobs
        .iter()
        .flat_map(|job| job.uses.into_iter().chain(job.steps.iter().filter_map(|s| s.uses)));
    uses.filter_map(|node| match GithubUse::parse(node.as_str()?) {
        GithubUse::Repository { name, reference: Some(reference), .. } if !reference.contains("${{") => {
            Some(Foreign { name, reference, node })
        }
        _ => None,
    })
    .collect()
}

impl Detector for ByBranch {
    fn name(&self) -> &'static str {
        "action-by-branch"
    }

    fn needs(&self) -> Needs {
        Needs::File
    }

    fn file(&self, rule: &Prepared, view: &FileView, emit: &mut Emit) {
        for Foreign { name, reference, node } in foreign(view) {
            if !is_branch(reference, rule.rule.detect.words("branches")) {
                continue;
            }
            // A repository of this name serves the others of its owner, by GitHub's convention.
            let is_own = name.ends_with("/.github");
            let documented =
                is_own || rule.rule.detect.words("documented").iter().any(|known| *known == name);
            let mut raw = Raw::at(node.resolved().span())
                .message(format!("{name} follows the branch {reference}"))
                .fix(format!(
                    "Write {name}@<the full id of the commit you tested>, with the version in a comment behind it."
                ))
                .property("action", name);
            raw.severity = documented.then_some(Severity::Note);
            emit.raw(raw);
        }
    }
}

impl Detector for ByTag {
    fn name(&self) -> &'static str {
        "action-by-tag"
    }

    fn needs(&self) -> Needs {
        Needs::File
    }

    fn file(&self, rule: &Prepared, view: &FileView, emit: &mut Emit) {
        for Foreign { name, reference, node } in foreign(view) {
            if is_commit(reference) || is_branch(reference, rule.rule.detect.words("branches")) {
                continue;
            }
            emit.raw(
                Raw::at(node.resolved().span())
                    .message(format!("the tag {reference} of {name} can be set anew"))
                    .property("action", name),
            );
        }
    }
}
