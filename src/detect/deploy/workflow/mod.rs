//! Pipelines: what they may do, whose text they run, and what they put into production.

mod gate;
mod injection;
mod permissions;
mod secret;
mod untrusted;

pub(super) use gate::missing_gate;
pub(super) use injection::injection;
pub(super) use permissions::permissions;
pub(super) use secret::shown_secret;
pub(super) use untrusted::untrusted_checkout;

use crate::source::{FileView, PipelineKind, YamlDocuments, YamlNode};

/// A workflow of GitHub's; `None` for actions and all other files.
pub(super) fn workflow<'v>(view: &'v FileView<'_>) -> Option<&'v YamlDocuments<'v>> {
    let is_action = matches!(view.path().name(), b"action.yml" | b"action.yaml");
    if is_action || PipelineKind::of(view.path()) != Some(PipelineKind::Github) {
        return None;
    }
    view.yaml().ok().map(|documents| documents as &YamlDocuments)
}

/// What starts a workflow.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Triggers(Vec<String>);

impl Triggers {
    /// Of a workflow.
    pub(super) fn of(documents: &YamlDocuments) -> Self {
        let mut names = Vec::new();
        for on in documents.roots().filter_map(|root| root.get("on")) {
            names.extend(on.as_str().map(str::to_owned));
            names.extend(on.elements().take(100).filter_map(YamlNode::as_str).map(str::to_owned));
            names.extend(on.members().filter_map(|(key, _)| key.as_str()).map(str::to_owned));
        }
        Self(names)
    }

    /// Whether one of these starts it.
    pub(super) fn any(&self, names: &[&str]) -> bool {
        self.0.iter().any(|own| names.contains(&&**own))
    }

    /// Whether nothing but other workflows starts it.
    pub(super) fn is_called_only(&self) -> bool {
        !self.0.is_empty() && self.0.iter().all(|own| own == "workflow_call")
    }

    /// Whether strangers can start it with a token that may write and with secrets.
    pub(super) fn by_strangers(&self) -> bool {
        self.any(&[
            "pull_request_target",
            "issues",
            "issue_comment",
            "discussion",
            "discussion_comment",
            "workflow_run",
            "fork",
            "watch",
        ])
    }
}
