use std::collections::BTreeSet;

use super::embedded;
use super::rule::Rule;
use crate::model::Profile;

/// The families rules belong to, in the order of reports.
pub const FAMILIES: &[&str] =
    &["secrets", "advisories", "deps", "deploy", "debug", "gitignore", "ops", "meta"];

/// All rules there are: the built-in ones and the user's.
#[derive(Debug, Clone)]
pub struct Catalog {
    own: Vec<Rule>,
}

impl Catalog {
    /// The rules that come with the program.
    pub fn built_in() -> Self {
        Self { own: Vec::new() }
    }

    /// Adds a user's rules.
    ///
    /// # Errors
    /// The id that is already taken: a repository's rule may not stand in for a built-in one.
    pub fn add(&mut self, rules: Vec<Rule>) -> Result<(), String> {
        for rule in rules {
            if self.get(&rule.id).is_some() {
                return Err(rule.id.into_owned());
            }
            self.own.push(rule);
        }
        Ok(())
    }

    /// Every rule, built-in ones first, each part in order of ids.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        embedded::RULES.iter().chain(&self.own)
    }

    /// What names something: the families that have rules, then all ids.
    pub fn selectors(&self) -> impl Iterator<Item = &str> {
        let with_rules = |family: &&str| self.rules().any(|rule| rule.family() == *family);
        FAMILIES.iter().copied().filter(with_rules).chain(self.rules().map(|rule| &*rule.id))
    }

    /// The rule of this id.
    pub fn get(&self, id: &str) -> Option<&Rule> {
        Self::built_in_rule(id).or_else(|| self.own.iter().find(|r| r.id == id))
    }

    /// The rule of this id that came with the program.
    pub fn built_in_rule(id: &str) -> Option<&'static Rule> {
        let at = embedded::RULES.binary_search_by(|r| (*r.id).cmp(id)).ok()?;
        Some(&embedded::RULES[at])
    }

    /// Whether a rule came with the program.
    pub fn is_built_in(&self, id: &str) -> bool {
        Self::built_in_rule(id).is_some()
    }
}

/// Which rules a run uses: `--profile`, `--rule`, `--skip`.
#[derive(Debug, Clone)]
pub struct Selection {
    /// The profile.
    pub profile: Profile,
    /// Selectors; if there are any, only rules they name run, also such as are outside the profile.
    pub only: Vec<String>,
    /// Selectors of rules that do not run; they win.
    pub skip: Vec<String>,
}

/// A selector that names no rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownRule {
    /// As it was written.
    pub selector: String,
    /// The nearest thing that exists.
    pub suggestion: Option<String>,
}

impl Selection {
    /// The ids of the rules that run.
    ///
    /// # Errors
    /// The first selector that names nothing, with the nearest family or id.
    pub fn resolve(&self, catalog: &Catalog) -> Result<BTreeSet<String>, UnknownRule> {
        for selector in self.only.iter().chain(&self.skip) {
            if !catalog.rules().any(|rule| names(selector, rule)) {
                return Err(UnknownRule {
                    selector: selector.clone(),
                    suggestion: if is_family(selector) {
                        None
                    } else {
                        nearest(selector, catalog.selectors())
                    },
                });
            }
        }
        Ok(catalog
            .rules()
            .filter(|rule| {
                let wanted = if self.only.is_empty() {
                    rule.profile <= self.profile
                } else {
                    self.only.iter().any(|s| names(s, rule))
                };
                wanted && !self.skip.iter().any(|s| names(s, rule))
            })
            .map(|rule| rule.id.to_string())
            .collect())
    }
}

/// Whether this is a family that the documents speak of. Some have no rules yet.
pub fn is_family(word: &str) -> bool {
    FAMILIES.contains(&word)
}

/// Whether a selector (`family`, `family/name` or `family/prefix*`) names this rule.
pub fn names(selector: &str, rule: &Rule) -> bool {
    match selector.strip_suffix('*') {
        Some(prefix) => prefix.contains('/') && rule.id.starts_with(prefix),
        None => *rule.id == *selector || rule.family() == selector,
    }
}

/// The candidate with the smallest edit distance, if it is near enough to be meant.
pub fn nearest<'a>(word: &str, candidates: impl Iterator<Item = &'a str>) -> Option<String> {
    candidates
        .map(|candidate| {
            let name = candidate.split_once('/').map_or(candidate, |(_, name)| name);
            (distance(word, candidate).min(distance(word, name) + 1), candidate)
        })
        .min()
        .filter(|&(distance, _)| distance <= 2 + word.len() / 5)
        .map(|(_, candidate)| candidate.to_owned())
}

/// Levenshtein's distance over bytes.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.bytes().enumerate() {
            let cost = (diagonal + usize::from(x != y)).min(row[j] + 1).min(row[j + 1] + 1);
            diagonal = row[j + 1];
            row[j + 1] = cost;
        }
    }
    row[b.len()]
}
