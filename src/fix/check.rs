use std::collections::{BTreeMap, BTreeSet};

use super::outcome::Refusal;
use crate::model::{Finding, Language, RepoPath, RuleId, Status};
use crate::source::{parse_json, parse_toml, parse_yaml};

/// Whether a document that parsed before still does. Other texts are not asked.
pub(super) fn still_parses(language: Language, before: &[u8], after: &[u8]) -> bool {
    let parses = |text: &[u8]| match language {
        Language::Toml => parse_toml(text).is_ok(),
        Language::Json => parse_json(text).is_ok(),
        Language::Yaml => parse_yaml(text).is_ok(),
        _ => true,
    };
    !parses(before) || parses(after)
}

/// How many findings that count each rule makes in each file. Paths are as the report shows them.
type Counts<'f> = BTreeMap<(&'f RepoPath, &'f RuleId), usize>;

fn counts(findings: &[Finding]) -> Counts<'_> {
    let mut counts = Counts::new();
    for finding in findings.iter().filter(|finding| finding.status == Status::New) {
        if let Some(path) = &finding.place.path {
            *counts.entry((path, &finding.rule)).or_default() += 1;
        }
    }
    counts
}

/// Holds the report after a change against the one before: of `mended` (places in `before`) none may be left, and
/// no rule may find more in `files` than it did. Says which of the mended ones are at fault; all of a file, where
/// nothing in it explains what is new.
pub(super) fn compare(
    before: &[Finding],
    mended: &BTreeSet<usize>,
    files: &BTreeSet<&RepoPath>,
    after: &[Finding],
    edits_file: impl Fn(usize, &RepoPath) -> bool,
) -> BTreeMap<usize, Refusal> {
    let known = counts(before);
    let mut expected = known.clone();
    for &at in mended {
        let finding = &before[at];
        if let Some(count) = finding.place.path.as_ref().and_then(|p| expected.get_mut(&(p, &finding.rule))) {
            *count -= 1;
        }
    }
    let mut faults = BTreeMap::new();
    for (&(path, rule), &found) in &counts(after) {
        let key = (path, rule);
        if !files.contains(path) || found <= expected.get(&key).copied().unwrap_or_default() {
            continue;
        }
        let own: Vec<usize> = mended
            .iter()
            .copied()
            .filter(|&at| before[at].rule == *rule && before[at].place.path.as_ref() == Some(path))
            .collect();
        let still = found <= known.get(&key).copied().unwrap_or_default();
        let why = if still { Refusal::StillFound } else { Refusal::Brings(rule.clone()) };
        let at_fault = if own.is_empty() {
            mended.iter().copied().filter(|&at| edits_file(at, path)).collect()
        } else {
            own
        };
        for at in at_fault {
            faults.entry(at).or_insert_with(|| why.clone());
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_must_still_parse() {
        for (language, before, after, expect) in [
            (Language::Toml, "a = 1", "a = ", false),
            (Language::Toml, "a = 1", "a = 2", true),
            // What was broken before is not made worse.
            (Language::Toml, "a = ", "a = ", true),
            (Language::Json, "{}", "{", false),
            (Language::Yaml, "a: [1]", "a: [1", false),
            (Language::Rust, "fn f() {}", "fn f() {", true),
        ] {
            assert_eq!(still_parses(language, before.as_bytes(), after.as_bytes()), expect, "{after}");
        }
    }
}
