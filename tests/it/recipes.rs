//! How bad it is what a recipe does not pin depends on how far the recipe gets.

use crate::support::Repo;

/// Severities and lines of what `rule` finds in one file.
fn found(rule: &str, path: &str, text: &str) -> Vec<String> {
    let repo = Repo::git();
    repo.write(path, text);
    repo.commit();
    let run = repo.run(&["--rule", rule, "--min-severity", "note", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&run.stdout).expect("a report");
    let findings = report["findings"].as_array().expect("a list");
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let image = |f: &serde_json::Value| text(&f["properties"]["image"]);
    findings.iter().map(|f| format!("{} {}", text(&f["severity"]), image(f)).trim_end().to_owned()).collect()
}

#[track_caller]
fn check_images(path: &str, text: &str, expect: &[&str]) {
    assert_eq!(found("deploy/docker-mutable-tag", path, text), expect, "{path}");
}

#[test]
fn images_count_by_who_runs_them() {
    let recipe =
        "FROM node:22.1 AS web\nFROM web AS dev-envs\nCOPY --from=acme/tools /bin /bin\nFROM alpine\n";
    check_images("Dockerfile", recipe, &["note acme/tools", "error alpine"]);
    check_images("tests/Dockerfile", recipe, &["note acme/tools", "note alpine"]);
    let compose = "services: { db: { image: postgres } }\n";
    check_images("compose.yaml", compose, &["warning postgres"]);
    check_images("compose.dev.yaml", compose, &["note postgres"]);
    check_images("compose.prod.yaml", compose, &["error postgres"]);
    let workflow =
        "jobs: { a: { container: 'golang:latest', services: { db: { image: 'redis:latest' } } } }\n";
    check_images(".github/workflows/ci.yml", workflow, &["warning golang:latest", "note redis:latest"]);
    let own = "jobs: { a: { container: 'acme/build:main' } }\n";
    check_images(".github/workflows/ci.yml", own, &["note acme/build:main"]);
}

#[test]
fn what_only_tests_and_pages_run_is_a_note() {
    let hooks = "repos: [{ repo: 'https://example.org/black', rev: stable }]\n";
    assert_eq!(found("deploy/pre-commit-branch", ".pre-commit-config.yaml", hooks), ["warning"]);
    assert_eq!(found("deploy/pre-commit-branch", "tests/fake/.pre-commit-config.yaml", hooks), ["note"]);
    let workflow = "jobs: { a: { steps: [{ run: 'pip install sphinx' }] } }\n";
    assert_eq!(found("deps/unpinned-install", ".github/workflows/deploy.yml", workflow), ["warning"]);
    assert_eq!(found("deps/unpinned-install", ".github/workflows/docs-deploy.yml", workflow), ["note"]);
}
