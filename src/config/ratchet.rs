use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::suggest::did_you_mean;
use super::{ConfigError, ConfigFile};
use crate::model::Severity;
use crate::rules::Catalog;
use crate::rules::catalog::{is_family, names};

/// An entry of `[ratchet]`: so many findings of a rule are known, and more fail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfiguredRatchet {
    /// The rule's id.
    pub rule: String,
    /// So many findings do not fail.
    pub limit: u64,
    /// Where the rule is written in [`ConfigFile::source`].
    pub span: Range<usize>,
}

/// Holds the ratchets against the rules there are. A rule that has one runs, whatever the profile says of it, unless
/// what was typed speaks of other rules (`only`) or leaves it out (`skip`).
///
/// # Errors
/// One names no rule, several at once, or one that the configuration turns off.
pub(super) fn ratchets(
    file: &ConfigFile,
    severity: &BTreeMap<String, Option<Severity>>,
    (only, skip): (&[String], &[String]),
    selected: &mut BTreeSet<String>,
    catalog: &Catalog,
) -> Result<Vec<ConfiguredRatchet>, ConfigError> {
    for ratchet in &file.ratchets {
        let wrong = |message: &str| file.error(ratchet.span.clone(), message);
        if is_family(&ratchet.rule) || ratchet.rule.ends_with('*') {
            return Err(wrong("a ratchet counts the findings of one rule")
                .help("name it by its id, as in \"debug/untracked-todo\" = 41"));
        }
        let Some(rule) = catalog.get(&ratchet.rule) else {
            let error = wrong("this names no rule");
            let ids = catalog.rules().map(|rule| &*rule.id);
            return Err(match did_you_mean(&ratchet.rule, ids) {
                Some(help) => error.help(help),
                None => error.help("`cargo prodcheck rules list` lists them"),
            });
        };
        if rule.family() == "meta" {
            return Err(wrong("findings about the configuration and about allows are not counted"));
        }
        if severity.get(&*rule.id) == Some(&None) {
            return Err(wrong("[severity] turns this rule off: there is nothing to count"));
        }
        if only.is_empty() && !skip.iter().any(|selector| names(selector, rule)) {
            selected.insert(ratchet.rule.clone());
        }
    }
    Ok(file.ratchets.clone())
}
