//! The rules that come with the program hold together.

use std::fs;
use std::path::Path;

use prodcheck::audit::{check_examples, check_words};
use prodcheck::detect::detectors;
use prodcheck::rules::rule::Rule;
use prodcheck::rules::{Catalog, Detect, document};

#[test]
fn every_rule_passes_its_own_check() {
    let catalog = Catalog::built_in();
    let rules: Vec<&Rule> = catalog.rules().collect();
    assert!(rules.len() > 50);
    let mut problems: Vec<String> =
        rules.iter().flat_map(|rule| check_words(rule)).map(|p| p.to_string()).collect();
    problems
        .extend(check_examples(&catalog, &rules).expect("all are prepared").iter().map(ToString::to_string));
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn the_index_is_true() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules/README.md");
    let index = document::index(&Catalog::built_in());
    if std::env::var_os("PRODCHECK_UPDATE_EXPECTED").is_some() {
        fs::write(&file, &index).expect("rules/README.md");
    }
    let written = fs::read_to_string(&file).unwrap_or_default();
    assert!(written == index, "rules/README.md drifted: write it with `cargo prodcheck rules docs`");
}

#[test]
fn all_five_families_are_there() {
    let catalog = Catalog::built_in();
    for family in ["secrets", "debug", "deps", "advisories", "gitignore", "meta"] {
        assert!(catalog.rules().any(|rule| rule.family() == family), "{family}");
    }
}

#[test]
fn every_rule_that_knows_no_shape_says_why() {
    let catalog = Catalog::built_in();
    for rule in catalog.rules().filter(|rule| rule.family() == "secrets") {
        if let Detect::Code { detector, .. } = &rule.detect {
            let found = detectors().find(|d| d.name() == detector).expect("the detector");
            assert!(!found.reason().is_empty(), "{}: {detector} has no reason", rule.id);
        }
    }
}
