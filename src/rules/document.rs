use std::fmt::Write as _;

use serde::Serialize;

use super::catalog::{Catalog, FAMILIES};
use super::rule::{Detect, Rule};
use crate::model::{Confidence, Profile, Severity};

/// A rule in a machine's list.
#[derive(Debug, Serialize)]
pub struct Row<'a> {
    id: &'a str,
    family: &'a str,
    title: &'a str,
    why: &'a str,
    fix: &'a str,
    severity: Severity,
    confidence: Confidence,
    profile: Profile,
    since: &'a str,
    refs: Vec<&'a str>,
    file: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<&'a str>,
}

/// What a machine's list says of a rule.
pub fn row(rule: &Rule) -> Row<'_> {
    Row {
        id: &rule.id,
        family: rule.family(),
        title: &rule.title,
        why: &rule.why,
        fix: &rule.fix,
        severity: rule.severity,
        confidence: rule.confidence,
        profile: rule.profile,
        since: &rule.since,
        refs: rule.refs.iter().map(AsRef::as_ref).collect(),
        file: &rule.file,
        source: match &rule.detect {
            Detect::Token(token) => Some(&token.source),
            _ => None,
        },
    }
}

/// The index of all rules, as `rules/README.md` holds it.
pub fn index(catalog: &Catalog) -> String {
    let mut text = String::from(
        "# Rules\n\nWritten by `cargo prodcheck rules docs`; a test fails when it drifts. \
         `cargo prodcheck explain ID` tells a rule's what, why and fix.\n",
    );
    for family in FAMILIES {
        let rules: Vec<&Rule> = catalog.rules().filter(|rule| rule.family() == *family).collect();
        if rules.is_empty() {
            continue;
        }
        // Writing to a String cannot fail.
        let _ = write!(text, "\n## {family}\n\n| id | severity | profile | what |\n|---|---|---|---|\n");
        for rule in rules {
            let file = rule.file.strip_prefix("rules/").unwrap_or(&rule.file);
            let _ = writeln!(
                text,
                "| [{}]({file}) | {} | {} | {} |",
                rule.id,
                rule.severity,
                rule.profile,
                rule.title.replace('|', "\\|")
            );
        }
    }
    text
}

/// A rule file to start from.
pub fn template(name: &str) -> String {
    format!(
        r#"# What is wrong, in one short line.
title = "The word {name} in code"
# Why it hurts.
why = "Say what happens in production if it stays."
# What to do about it.
fix = "Say the exact thing to do."
# error: you would stop a release. warning: should be mended soon. note: worth knowing.
severity = "warning"
# high: practically never wrong. medium: usually right. low: a guess.
confidence = "medium"
since = "0.1.0"

[applies]
languages = ["rust"]
regions = ["code"]

[detect]
by = "pattern"
# One of these is part of every match; case does not matter.
keywords = ["{name}"]
pattern = '\b(?<at>{name})\b'

# Two texts in which it must find what stands between the marks …
[[match]]
text = 'fn f() {{ «{name}»(); }}'

[[match]]
text = 'use a::«{name}»;'

# … and two in which it must find nothing.
[[pass]]
text = '// {name}'

[[pass]]
text = 'fn f() {{ g("{name}"); }}'
"#
    )
}
