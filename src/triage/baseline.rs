use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::ops::Range;

use super::Policy;
use crate::model::{Finding, Fingerprint, RepoPath, Severity, Status};
use crate::rules::Catalog;

/// Where a repository's baseline lies.
pub const BASELINE: &str = "prodcheck-baseline.txt";

/// What stands above the entries.
const HEAD: &str = "\
# Findings that are known and do not fail the audit: fingerprint, rule, file. Written by `cargo prodcheck baseline
# write`; `baseline prune` takes out what no longer occurs.
";

/// Findings that somebody has seen and wants to live with for now.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Baseline {
    /// Where it lies, if that is in the repository.
    pub path: Option<RepoPath>,
    /// Its text.
    pub text: String,
    /// One for each line that is no comment.
    pub entries: Vec<BaselineEntry>,
}

/// One finding of a baseline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaselineEntry {
    /// What the finding is known by.
    pub fingerprint: Fingerprint,
    /// The rule that found it.
    pub rule: String,
    /// The file as it is shown; `.` for the repository. For people: the fingerprint knows the file too.
    pub file: String,
    /// The line's bytes.
    pub span: Range<usize>,
}

/// A line of a baseline that is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line} is no entry of a baseline: expected a fingerprint, a rule and a file")]
pub struct BaselineError {
    /// From 1.
    pub line: usize,
}

impl Baseline {
    /// Reads a baseline: lines of fingerprint, rule and file, in any order and any number of times; empty ones and those
    /// that start with `#` say nothing.
    ///
    /// # Errors
    /// The first line that is something else.
    pub fn parse(path: Option<RepoPath>, text: String) -> Result<Self, BaselineError> {
        let mut entries = Vec::new();
        let mut start = 0;
        for (at, whole) in text.split_inclusive('\n').enumerate() {
            let line = whole.trim_end();
            if !line.trim_start().is_empty() && !line.starts_with('#') {
                let entry = entry(line, start).ok_or(BaselineError { line: at + 1 })?;
                entries.push(entry);
            }
            start += whole.len();
        }
        Ok(Self { path, text, entries })
    }

    /// The text of a baseline that holds these entries, each once, in the order of their fingerprints: so that two
    /// branches seldom write at the same place.
    pub fn text_of<'e>(entries: impl IntoIterator<Item = &'e BaselineEntry>) -> String {
        let lines: BTreeMap<(&Fingerprint, &str), &str> =
            entries.into_iter().map(|e| ((&e.fingerprint, &*e.rule), &*e.file)).collect();
        let mut text = HEAD.to_owned();
        for ((fingerprint, rule), file) in lines {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{fingerprint} {rule} {file}");
        }
        text
    }

    /// What a new baseline holds: all findings that count from this severity on, and of the old one what was not
    /// looked for this time.
    pub fn renewed(&self, findings: &[Finding], from: Severity, policy: &Looked) -> Vec<BaselineEntry> {
        let counts = |f: &&Finding| {
            matches!(f.status, Status::New | Status::Baselined)
                && f.severity >= from
                // A number that is exceeded stays exceeded.
                && !matches!(f.rule.as_str(), super::STALE_BASELINE | super::RATCHET)
        };
        let mut entries: Vec<BaselineEntry> = findings.iter().filter(counts).map(entry_of).collect();
        entries.extend(self.entries.iter().filter(|entry| !policy.saw(entry)).cloned());
        entries
    }

    /// The entries that still occur, or that were not looked for this time.
    pub fn pruned(&self, findings: &[Finding], policy: &Looked) -> Vec<BaselineEntry> {
        let found: BTreeSet<&Fingerprint> = findings.iter().map(|f| &f.fingerprint).collect();
        let stays = |e: &&BaselineEntry| found.contains(&e.fingerprint) || !policy.saw(e);
        self.entries.iter().filter(stays).cloned().collect()
    }
}

fn entry(line: &str, start: usize) -> Option<BaselineEntry> {
    let (fingerprint, rest) = line.split_once(' ')?;
    let (rule, file) = rest.split_once(' ')?;
    let (known, secret) = fingerprint.split_once('-')?;
    let is_hex = |text: &str, len| text.len() == len && text.bytes().all(|b| b.is_ascii_hexdigit());
    let is_rule =
        rule.contains('/') && rule.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_/".contains(&b));
    (is_hex(known, 16) && is_hex(secret, 3) && is_rule && !file.is_empty()).then(|| BaselineEntry {
        fingerprint: Fingerprint(fingerprint.to_owned()),
        rule: rule.to_owned(),
        file: file.to_owned(),
        span: start..start + line.len(),
    })
}

fn entry_of(finding: &Finding) -> BaselineEntry {
    BaselineEntry {
        fingerprint: finding.fingerprint.clone(),
        rule: finding.rule.to_string(),
        file: finding.place.path.as_ref().map_or_else(|| ".".to_owned(), ToString::to_string),
        span: 0..0,
    }
}

/// What an audit looked at: what it did not find elsewhere may still be there.
#[derive(Debug, Clone, Copy)]
pub struct Looked<'a> {
    /// The ids of the rules that ran.
    pub rules: &'a BTreeSet<String>,
    /// All rules there are.
    pub catalog: &'a Catalog,
    /// Files that were not read, as they are shown.
    pub unread: &'a BTreeSet<String>,
    /// Whether the whole repository was in view.
    pub whole: bool,
}

impl Looked<'_> {
    /// Whether the finding of an entry would have been found.
    fn saw(&self, entry: &BaselineEntry) -> bool {
        let is_rule = self.catalog.get(&entry.rule).is_some();
        self.whole && (!is_rule || self.rules.contains(&entry.rule)) && !self.unread.contains(&entry.file)
    }
}

/// Marks the findings that stand in the baseline, and says which of its entries no longer occur. The fingerprints of
/// all findings must be known.
pub fn hold_against(
    baseline: &Baseline,
    findings: &mut [Finding],
    policy: &Policy<'_>,
    catalog: &Catalog,
    unread: &BTreeSet<String>,
) -> Vec<BaselineEntry> {
    let known: BTreeSet<&Fingerprint> = baseline.entries.iter().map(|e| &e.fingerprint).collect();
    let mut found: BTreeSet<Fingerprint> = BTreeSet::new();
    for finding in findings.iter_mut().filter(|f| known.contains(&f.fingerprint)) {
        found.insert(finding.fingerprint.clone());
        if finding.status == Status::New {
            finding.status = Status::Baselined;
        }
    }
    let looked = Looked { rules: policy.selected, catalog, unread, whole: policy.whole };
    let stale = baseline.entries.iter().filter(|e| !found.contains(&e.fingerprint) && looked.saw(e));
    stale.cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_baseline_reads_what_it_writes() {
        let line = "0123456789abcdef-0a1 secrets/stripe-secret deploy/my file.yaml";
        let text = format!("# a comment\n\n{line}\r\n{line}\nfedcba9876543210-000 deps/git-tag .\n");
        let read = Baseline::parse(None, text.clone()).expect("reads");
        let shown: Vec<_> =
            read.entries.iter().map(|e| (&*e.rule, &*e.file, &text[e.span.clone()])).collect();
        assert_eq!(
            shown,
            [
                ("secrets/stripe-secret", "deploy/my file.yaml", line),
                ("secrets/stripe-secret", "deploy/my file.yaml", line),
                ("deps/git-tag", ".", "fedcba9876543210-000 deps/git-tag ."),
            ]
        );
        let written = Baseline::text_of(&read.entries);
        assert_eq!(written, format!("{HEAD}{line}\nfedcba9876543210-000 deps/git-tag .\n"));
    }

    #[test]
    fn other_lines_are_errors() {
        for (text, line) in [
            ("<<<<<<< ours\n", 1),
            ("# a\n0123456789abcdef-0a1 secrets/x\n", 2),
            ("0123456789abcdef secrets/x a\n", 1),
            ("0123456789abcdeg-000 secrets/x a\n", 1),
            ("0123456789abcdef-000 \u{1b}[31m a\n", 1),
        ] {
            assert_eq!(Baseline::parse(None, text.into()), Err(BaselineError { line }), "{text:?}");
        }
    }
}
