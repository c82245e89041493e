use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::Range;
use std::path::Path;

use super::memory::Memory;
use crate::detect;
use crate::model::{Finding, Language, Profile, Severity, Status};
use crate::repo::advisories::DAY_OF_EXAMPLES;
use crate::rules::rule::{Example, Rule};
use crate::rules::shape::Seed;
use crate::rules::{Catalog, Detect, Selection};
use crate::scan::{Plan, PlanError};

/// How many samples are made of each form of a token.
const SAMPLES: u64 = 4;

/// Something about a rule that is not as it must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckProblem {
    /// The rule's id.
    pub rule: String,
    /// The file it is written in.
    pub file: String,
    /// What is wrong.
    pub what: String,
}

impl fmt::Display for CheckProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.file, self.rule, self.what)
    }
}

/// Holds a rule's words and patterns against the form that every rule has.
pub fn check_words(rule: &Rule) -> Vec<CheckProblem> {
    let mut problems = Vec::new();
    let mut say = |what: String| {
        problems.push(CheckProblem { rule: rule.id.to_string(), file: rule.file.to_string(), what });
    };
    for (name, text, longest) in
        [("title", &rule.title, 90), ("why", &rule.why, 400), ("fix", &rule.fix, 500)]
    {
        if text.trim().is_empty() {
            say(format!("`{name}` is empty"));
        } else if text.chars().count() > longest {
            say(format!("`{name}` has more than {longest} characters"));
        }
    }
    if rule.title.ends_with('.') {
        say("`title` is a heading: no full stop".into());
    }
    let generated = matches!(rule.detect, Detect::Token(_));
    if !generated && rule.matches.len() < 2 {
        say("it needs at least two [[match]] examples".into());
    }
    if !generated && rule.passes.len() < 2 {
        say("it needs at least two [[pass]] examples".into());
    }
    if let Detect::Pattern { pattern, .. } = &rule.detect
        && let Err(error) = detect::compile(pattern)
    {
        say(format!("the pattern does not compile: {error}"));
    }
    let keywords = rule.detect.keywords();
    if keywords.iter().any(|k| k.is_empty() || !k.is_ascii()) {
        say("keywords are ASCII and not empty".into());
    }
    if !keywords.is_empty() && !generated {
        for example in rule.matches.iter() {
            let text = unlabelled(&example.text).0.to_ascii_lowercase();
            let files: Vec<String> = example.files.iter().map(|(_, t)| t.to_ascii_lowercase()).collect();
            let has = |k: &&str| {
                let keyword = k.to_ascii_lowercase();
                text.contains(&keyword) || files.iter().any(|t| t.contains(&keyword))
            };
            if !keywords.iter().any(has) {
                say(format!("no keyword stands in the example {:?}", first_line(&example.text)));
            }
        }
    }
    problems
}

/// Runs the examples of these rules, all rules of the catalog together: each match must be found where its
/// label stands, no pass may be, and no other rule may fire but such as the rule names in `overlaps`.
///
/// # Errors
/// A rule cannot be prepared at all.
pub fn check_examples(catalog: &Catalog, rules: &[&Rule]) -> Result<Vec<CheckProblem>, PlanError> {
    let everything = Selection { profile: Profile::Audit, only: Vec::new(), skip: Vec::new() };
    // An empty selection names nothing unknown.
    let selected: BTreeSet<String> = everything.resolve(catalog).unwrap_or_default();
    let plan = Plan::new(catalog, &selected, DAY_OF_EXAMPLES)?;
    let mut problems = Vec::new();
    for rule in rules {
        let mut say = |what: String| {
            problems.push(CheckProblem { rule: rule.id.to_string(), file: rule.file.to_string(), what });
        };
        for example in rule.matches.iter() {
            run_match(&plan, catalog, &selected, rule, example, &mut say);
        }
        for example in rule.passes.iter() {
            let findings = run(&plan, catalog, &selected, rule, example);
            if findings.iter().any(|f| *f.rule.as_str() == *rule.id) {
                say(format!("it fires on the [[pass]] {:?}", first_line(&example.text)));
            }
        }
        for example in samples(rule) {
            run_match(&plan, catalog, &selected, rule, &example, &mut say);
        }
    }
    Ok(problems)
}

fn run_match(
    plan: &Plan,
    catalog: &Catalog,
    selected: &BTreeSet<String>,
    rule: &Rule,
    example: &Example,
    say: &mut impl FnMut(String),
) {
    let findings = run(plan, catalog, selected, rule, example);
    let (_, labels) = unlabelled(&example.text);
    let title = first_line(&example.text);
    let own: Vec<&Finding> = findings.iter().filter(|f| *f.rule.as_str() == *rule.id).collect();
    if own.is_empty() {
        say(format!("it does not find the [[match]] {title:?}"));
    }
    let path = example_path(rule, example);
    let spans: Vec<Range<usize>> = own
        .iter()
        .filter(|f| f.place.path.as_ref().is_some_and(|p| p.as_bytes() == path.as_bytes()))
        .filter_map(|f| f.place.span.map(|s| s.range()))
        .collect();
    for label in &labels {
        if !spans.contains(label) {
            say(format!("in {title:?} the label is {label:?}, the finding {spans:?}"));
        }
    }
    let allowed = |f: &&Finding| {
        *f.rule.as_str() == *rule.id || rule.overlaps.iter().any(|o| **o == *f.rule.as_str()) || lacks(f)
    };
    let others: BTreeSet<&str> =
        findings.iter().filter(|f| f.status == Status::New && !allowed(f)).map(|f| f.rule.as_str()).collect();
    if !others.is_empty() {
        let others: Vec<&str> = others.into_iter().collect();
        say(format!(
            "in {title:?} these fire too: {} (fix them, or list them in `overlaps`)",
            others.join(", ")
        ));
    }
}

fn run(
    plan: &Plan,
    catalog: &Catalog,
    selected: &BTreeSet<String>,
    rule: &Rule,
    example: &Example,
) -> Vec<Finding> {
    let path = example_path(rule, example);
    let mut files: BTreeMap<String, String> =
        example.files.iter().map(|(path, text)| (path.to_string(), unlabelled(text).0)).collect();
    files.insert(path.clone(), unlabelled(&example.text).0);
    // A Rust file alone would belong to no package.
    let is_rust = |path: &String| Path::new(path).extension().is_some_and(|e| e == "rs");
    if files.keys().any(is_rust) && !files.contains_key("Cargo.toml") {
        files.insert("Cargo.toml".into(), PACKAGE.into());
        files.insert("src/lib.rs".into(), files.get("src/lib.rs").cloned().unwrap_or_default());
        files.entry("Cargo.lock".into()).or_insert_with(|| LOCK.into());
    }
    // What is ignored is what the rules of that family are about; in the examples of others nothing is missing.
    if rule.family() != "gitignore" {
        files.entry(".gitignore".into()).or_insert_with(|| IGNORED.into());
        files.entry(".dockerignore".into()).or_insert_with(|| ".git\n".into());
    }
    let untracked = example.untracked.iter().map(ToString::to_string).collect();
    Memory { files, untracked, with_advisories: matches!(rule.family(), "advisories" | "meta") }
        .findings(plan, catalog, selected)
}

const PACKAGE: &str = "[package]\nname = \"example\"\nversion = \"0.1.0\"\nedition = \"2024\"\n";
const IGNORED: &str = "target/\nnode_modules/\n__pycache__/\n";
const LOCK: &str = "version = 4\n\n[[package]]\nname = \"example\"\nversion = \"0.1.0\"\n";

/// The path of an example's text: its own, or one that fits the rule.
fn example_path(rule: &Rule, example: &Example) -> String {
    if !example.path.is_empty() {
        return example.path.to_string();
    }
    if let Some(path) = rule.applies.paths.first() {
        return path.replace("**/", "").replace('*', "");
    }
    match rule.applies.languages.first() {
        Some(Language::Rust) => "src/lib.rs",
        Some(Language::Python) => "app/service.py",
        Some(Language::JavaScript) => "src/index.js",
        Some(Language::TypeScript) => "src/index.ts",
        Some(Language::Shell) => "run.sh",
        Some(Language::Toml) => "config.toml",
        Some(Language::Json) => "config.json",
        Some(Language::Yaml) => "config.yaml",
        Some(Language::Dotenv) => ".env",
        Some(Language::Go) => "main.go",
        _ => "notes.txt",
    }
    .to_owned()
}

/// Whether it only says what a recipe lacks: short examples lack nearly everything.
fn lacks(finding: &Finding) -> bool {
    finding.severity == Severity::Note && finding.rule.as_str().starts_with("deploy/")
}

/// Valid tokens of every form, in a host text each.
fn samples(rule: &Rule) -> Vec<Example> {
    let Detect::Token(token) = &rule.detect else { return Vec::new() };
    let mut examples = Vec::new();
    for shape in token.shapes.iter() {
        for seed in 0..SAMPLES {
            let sample = shape.sample(token.checksum, &mut Seed(seed));
            let context = token.context.first().map_or(String::new(), |word| format!("# {word}\n"));
            let name = token.sample_name();
            examples.push(Example {
                text: format!("{context}{name}: «{sample}»\n").into(),
                path: "settings.yaml".into(),
                ..Example::default()
            });
        }
    }
    examples
}

/// A text without its labels, and where they stood.
fn unlabelled(text: &str) -> (String, Vec<Range<usize>>) {
    let mut plain = String::with_capacity(text.len());
    let mut labels = Vec::new();
    let mut open = None;
    for c in text.chars() {
        match c {
            '«' => open = Some(plain.len()),
            '»' => {
                if let Some(start) = open.take() {
                    labels.push(start..plain.len());
                }
            }
            c => plain.push(c),
        }
    }
    (plain, labels)
}

fn first_line(text: &str) -> &str {
    text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default()
}
