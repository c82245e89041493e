//! How bad it is what a recipe does not pin depends on how far the recipe gets.

use prodcheck::model::{Glob, RepoPath};
use prodcheck::rules::Catalog;
use prodcheck::source::PipelineKind;

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

#[test]
fn many_commands_and_versions_take_their_time_once() {
    let repo = Repo::git();
    repo.write("package.json", "{\"private\": true}\n")
        .write("package-lock.json", "{\"lockfileVersion\": 3, \"packages\": {}}\n")
        .write("Dockerfile", format!("FROM node:22.1\n{}", "RUN npm install\n".repeat(20_000)))
        .write("Dockerfile.line", format!("FROM node:22.1\nRUN {}npm install\n", "a;".repeat(200_000)));
    let script = "      a\n".repeat(100_000);
    repo.write(
        ".github/workflows/a.yml",
        format!("jobs:\n  a:\n    steps:\n    - run: |\n{script}      npm install\n")
            .replace("      ", "        "),
    );
    for at in 0..60 {
        repo.write(&format!("many/Dockerfile.{at}"), "FROM python:3.1\n".repeat(900));
    }
    repo.commit();
    let run = repo.run(&["--rule", "deps", "--rule", "deploy", "--format", "json"]);
    assert!(run.stdout.contains("npm install may change what package-lock.json holds"), "{}", run.code);
}

#[test]
fn what_does_not_parse_is_said() {
    let repo = Repo::git();
    repo.write(".gitlab-ci.yml", "image: [a\njob: }\n").write("main.tf", "module \"a\" {\n");
    repo.write("web/package.json", "{\"dependencies\": }\n").write("py/pyproject.toml", "[project\n");
    repo.commit();
    let run = repo.run(&["--rule", "deps", "--rule", "deploy", "-v"]);
    for path in [".gitlab-ci.yml", "main.tf", "web/package.json", "py/pyproject.toml"] {
        assert!(
            run.stdout.lines().any(|line| line.contains(path) && line.contains("line ")),
            "{}",
            run.stdout
        );
    }
}

#[test]
fn rules_about_commands_look_at_every_pipeline() {
    let catalog = Catalog::built_in();
    for rule in ["deps/unpinned-install", "deps/piped-installer", "deploy/pipeline-include"] {
        let paths = &catalog.get(rule).expect(rule).applies.paths;
        for path in [
            ".gitlab-ci.yml",
            "x.gitlab-ci.yaml",
            ".gitlab/ci/build.yml",
            ".gitlab/build.yaml",
            "azure-pipelines.yml",
            "ci/azure-pipelines-prod.yaml",
            "azure-pipelines/build.yml",
            ".azure-pipelines/build.yaml",
            ".pipelines/x/build.yml",
        ] {
            let path = RepoPath::new(path);
            assert!(PipelineKind::of(&path).is_some(), "{path}");
            let matches = |glob: &str| Glob::parse(glob).expect("a glob").matches(&path);
            assert!(paths.iter().any(|glob| matches(glob)), "{rule}: {path}");
        }
    }
}
