use std::collections::BTreeSet;

use crate::rules::Catalog;
use crate::scan::{Plan, PlanError, Redactor};

/// Lends a redactor: names of files and what was typed may hold secrets like everything else.
///
/// # Errors
/// A rule of the catalog cannot be prepared. Built-in rules always can.
pub(super) fn redacting<T>(catalog: &Catalog, show: impl FnOnce(Redactor) -> T) -> Result<T, PlanError> {
    let plan = Plan::new(catalog, &BTreeSet::new(), "")?;
    Ok(show(Redactor::new(&plan)))
}

/// A message without the secrets in it, by the built-in rules. Its line ends are ours: what came from outside is
/// displayable already.
pub(super) fn redacted(text: &str) -> String {
    let by_lines =
        |redactor: Redactor| text.lines().map(|line| redactor.text(line)).collect::<Vec<_>>().join("\n");
    redacting(&Catalog::built_in(), by_lines)
        .unwrap_or_else(|_| "something went wrong that cannot be shown".into())
}
