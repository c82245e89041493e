use std::collections::BTreeSet;

use super::core::Limits;
use super::{AuditError, Files, Request, Selected, look, threads};
use crate::model::NotChecked;
use crate::repo::environment::Contract;
use crate::repo::{RepoView, inventory};
use crate::scan::{Plan, WorkTree};

/// The rule whose words say which files are looked at.
const RULE: &str = "deploy/env-undocumented";

/// Which variables of the environment the services of a repository read, and what provides them. What could not be looked
/// at is said beside it.
///
/// # Errors
/// As [`super::audit`].
pub fn environment(request: &Request) -> Result<(Contract, Vec<NotChecked>), AuditError> {
    let Request { root, settings, catalog, .. } = request;
    let threads = threads(settings);
    let found = inventory(root, threads);
    let plan = Plan::new(catalog, &BTreeSet::from([RULE.to_owned()]), request.today)?;
    let contents = WorkTree { tree: root.tree() };
    let view = RepoView { threads, is_git: found.is_git, has_index: found.has_index, ..RepoView::default() };
    let seen = look(
        &plan,
        Files { listed: found.files, contents: &contents, view },
        &Selected { paths: &[], only: None, exclude: &settings.exclude },
        Limits { max_file_size: settings.max_file_size, threads },
        |_| Ok(()),
    )?;
    let mut not_checked = seen.not_checked;
    not_checked.extend(found.not_checked);
    not_checked.sort();
    Ok((seen.view.contract().clone(), not_checked))
}
