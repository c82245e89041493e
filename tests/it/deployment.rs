//! What surrounds the code: how bad something is depends on where it runs, and files are held against each other.

use std::fmt::Write as _;
use std::path::Path;

use crate::hostile;
use crate::support::Repo;

/// Severities and ids of what a repository of these files is found to have, in order.
fn found(rule: &str, files: &[(&str, &str)]) -> Vec<String> {
    let repo = Repo::git();
    for (path, text) in files {
        repo.write(path, text);
    }
    repo.commit();
    let run = repo.run(&["--rule", rule, "--min-severity", "note", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&run.stdout).expect("a report");
    let findings = report["findings"].as_array().expect("a list");
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    findings
        .iter()
        .map(|f| format!("{} {}:{}", text(&f["severity"]), text(&f["path"]), f["span"]["line"]))
        .collect()
}

#[test]
fn where_a_file_runs_decides() {
    let image = "FROM python:3.13.1\nUSER root\nCMD [\"flask\", \"run\"]\n";
    let check =
        |rule, path, text, expect: &[&str]| assert_eq!(found(rule, &[(path, text)]), expect, "{rule} {path}");
    check("deploy/dev-server", "Dockerfile", image, &["warning Dockerfile:3"]);
    check("deploy/dev-server", "Dockerfile.prod", image, &["error Dockerfile.prod:3"]);
    check("deploy/dev-server", "Dockerfile.dev", image, &[]);
    check("deploy/dev-server", "examples/Dockerfile", image, &[]);
    let lacking = "FROM python:3.13.1\nCMD [\"gunicorn\", \"app:app\"]\n";
    check("deploy/docker-root", "Dockerfile", lacking, &["note Dockerfile:1"]);
    check("deploy/docker-root", "prod/Dockerfile", lacking, &["warning prod/Dockerfile:1"]);
    check("deploy/docker-root", "Dockerfile", image, &["warning Dockerfile:2"]);
    let compose = "services: { web: { image: 'acme/web:1', privileged: true } }\n";
    check("deploy/compose-privileged", "compose.yaml", compose, &["warning compose.yaml:1"]);
    check("deploy/compose-privileged", "compose.prod.yaml", compose, &["error compose.prod.yaml:1"]);
    check("deploy/compose-privileged", "compose.override.yaml", compose, &[]);
}

#[test]
fn a_team_says_what_configures_production() {
    let compose = "services: { web: { image: 'acme/web:1', privileged: true } }\n";
    let rule = "deploy/compose-privileged";
    let said =
        "[environments]\nproduction = [\"compose.yaml\", \"examples/live/\"]\nstaging = [\"deploy/prod/\"]\n";
    let files = ["compose.yaml", "deploy/prod/compose.yaml", "examples/live/compose.yaml"]
        .map(|path| (path, compose));
    assert_eq!(
        found(rule, &files),
        ["warning compose.yaml:1", "error deploy/prod/compose.yaml:1"],
        "what names say"
    );
    let mut files = files.to_vec();
    files.push(("prodcheck.toml", said));
    assert_eq!(
        found(rule, &files),
        ["error compose.yaml:1", "error deploy/prod/compose.yaml:1", "error examples/live/compose.yaml:1"],
        "what the team says"
    );
    let said = "[environments]\nstaging = [\"deploy/prod/\"]\nproduction = [\"compose.yaml\"]\n";
    files.pop();
    files.push(("prodcheck.toml", said));
    assert_eq!(
        found(rule, &files),
        ["error compose.yaml:1", "error examples/live/compose.yaml:1"],
        "the first pattern that fits decides"
    );
    let repo = Repo::git();
    repo.write("prodcheck.toml", said).write("deploy/prod/compose.yaml", compose);
    repo.commit();
    let run = repo.run(&["explain", "--file", "deploy/prod/compose.yaml"]);
    assert!(run.stdout.contains("the configuration says staging"), "{}", run.stdout);
    repo.write("prodcheck.toml", "[environments]\nprodution = [\"a\"]\n");
    let run = repo.run(&["--format", "concise"]);
    assert!(run.code == 2 && run.stderr.contains("unknown key"), "{}", run.stderr);
}

#[test]
fn templates_are_said_to_be_unread() {
    let repo = Repo::git();
    repo.write(
        "chart/templates/web.yaml",
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {{ .Values.name }}\n",
    );
    repo.commit();
    let run = repo.run(&["--format", "json"]);
    assert!(run.stdout.contains("the file is a template and was not analysed"), "{}", run.stdout);
}

#[test]
fn nothing_is_missing_where_something_is_unread() {
    let web = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  template:\n    metadata: {labels: {app: web}}\n    spec: {containers: [{name: web, image: 'a/b:1'}]}\n";
    let service = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {selector: {app: wbe}}\n";
    let template = "apiVersion: v1\nkind: Pod\nmetadata: {name: {{ x }}}\n";
    let rule = "deploy/k8s-dangling-reference";
    assert_eq!(found(rule, &[("k8s/web.yaml", web), ("k8s/svc.yaml", service)]), ["warning k8s/svc.yaml:4"]);
    assert_eq!(
        found(rule, &[("k8s/web.yaml", web), ("k8s/svc.yaml", service), ("k8s/t.yaml", template)]),
        [""; 0]
    );
}

#[test]
fn flags_and_ports_are_mended() {
    let repo = Repo::git();
    repo.write("Procfile", "web: uvicorn app:app --reload --port 80\n").write(
        "compose.prod.yaml",
        "services:\n  db:\n    image: postgres:17.2\n    ports:\n      - \"5432:5432\"\n",
    );
    repo.commit();
    repo.run(&["--fix", "--rule", "deploy/autoreload,deploy/compose-exposed-db,deploy/compose-restart"]);
    let read = |path: &str| std::fs::read_to_string(repo.root().join(path)).expect("a file");
    assert_eq!(read("Procfile"), "web: uvicorn app:app --port 80\n");
    let compose = read("compose.prod.yaml");
    assert!(compose.contains("- \"127.0.0.1:5432:5432\""), "{compose}");
    assert!(compose.contains("  db:\n    restart: unless-stopped\n    image:"), "{compose}");
}

#[test]
fn many_manifests_take_their_time_once() {
    let repo = Repo::git();
    let mut text = String::new();
    for n in 0..2_000 {
        let _ = write!(
            text,
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: w{n}}}\nspec:\n  template:\n    metadata: {{labels: {{app: w{n}}}}}\n    \
             spec: {{containers: [{{name: w, image: 'a/b:1', ports: [{{containerPort: 80}}]}}]}}\n---\napiVersion: v1\nkind: \
             Service\nmetadata: {{name: w{n}}}\nspec: {{selector: {{app: w{n}}}, ports: [{{port: 80, targetPort: 80}}]}}\n"
        );
        repo.write(&format!("k8s/w{n}.yaml"), &text);
        text.clear();
    }
    repo.commit();
    let run = hostile::audit(&repo, &["--rule", "deploy", "--fail-on", "never"]);
    assert!(run.stdout.contains("in 2,000 files"), "{}", run.stdout);
}

/// The fenced blocks of checklists that teams wrote, as the files that they say they are, for those who have the
/// checklists: `PRODCHECK_CHECKLISTS` names their folder. Each contradiction in them must be reported.
#[test]
fn blocks_of_checklists_are_judged() {
    let Some(folder) = std::env::var_os("PRODCHECK_CHECKLISTS") else { return };
    let expected: &[(&str, &[&str])] = &[
        (
            "000",
            &[
                "deploy/gunicorn-config gunicorn.conf.py",
                "deploy/cors-wildcard app/block",
                "deploy/limiter-in-process app/block",
                "deploy/removed-setting app/block",
                "deploy/removed-setting .env.production",
                "deploy/retired-sdk app/block",
            ],
        ),
        (
            "002",
            &[
                "deploy/autoreload .replit",
                "deploy/create-all-in-production app/block",
                "deploy/session-lifetime app/block",
                "deploy/limiter-in-process app/block",
                "deploy/echoed-secret scripts/block",
            ],
        ),
        ("004", &["deploy/removed-setting .env.production", "deploy/token-lifetime-in-env .env.production"]),
        (
            "003",
            &[
                "deploy/docker-mutable-tag docker-compose.prod.yml",
                "deploy/ecs-basics ecs/task-definition.json",
                "deploy/env-uneven ecs/task-definition.json",
                "deploy/k8s-probes k8s/deployment.yaml",
                "deploy/k8s-exposed-service k8s/deployment.yaml",
                "deploy/k8s-ephemeral-logs k8s/deployment.yaml",
                "deploy/prometheus-alert-expression alerts.yaml",
                "deploy/prometheus-alert-form alerts.yaml",
                "deploy/log-shipping filebeat.yml",
                "deploy/env-demanded DEPLOY-CHECKLIST.md",
            ],
        ),
    ];
    let mut wrong = Vec::new();
    for entry in std::fs::read_dir(&folder).expect("the folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        let Some((_, expected)) = expected.iter().find(|(prefix, _)| name.starts_with(prefix)) else {
            continue;
        };
        let repo = Repo::git();
        write_blocks(&repo, &std::fs::read_to_string(Path::new(&path)).expect("text"));
        repo.commit();
        let run = repo.run(&["--min-severity", "note", "--format", "json", "--skip", "advisories"]);
        let report: serde_json::Value = serde_json::from_str(&run.stdout).expect("a report");
        let findings = report["findings"].as_array().expect("a list");
        let seen: Vec<String> = findings
            .iter()
            .map(|f| {
                let text = |key: &str| f[key].as_str().unwrap_or_default().to_owned();
                format!("{} {}", text("rule"), text("path"))
            })
            .collect();
        wrong.extend(
            expected
                .iter()
                .filter(|e| !seen.iter().any(|seen| seen.starts_with(**e)))
                .map(|e| format!("{name}: {e}")),
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Writes each block under the name that its first line gives it, or one that fits what stands in it.
fn write_blocks(repo: &Repo, text: &str) {
    repo.write("DEPLOY-CHECKLIST.md", text);
    let mut block: Option<String> = None;
    let mut language = String::new();
    for (number, line) in text.lines().enumerate() {
        match (&mut block, line.trim_start().starts_with("```")) {
            (None, true) => {
                line.trim().trim_start_matches('`').clone_into(&mut language);
                block = Some(String::new());
            }
            (Some(_), true) => {
                let body = block.take().unwrap_or_default();
                let first = body.lines().next().unwrap_or_default();
                let named = first.strip_prefix("# ").filter(|name| {
                    !name.contains(' ')
                        && [".yml", ".yaml", ".json", ".py"].iter().any(|end| name.ends_with(end))
                });
                let name = match named {
                    Some(name) => name,
                    None if body.contains("containerDefinitions") => "ecs/task-definition.json",
                    None if body.contains("worker_class") => "gunicorn.conf.py",
                    None if first.contains(".replit") => ".replit",
                    None => "",
                };
                let sets = |line: &str| {
                    line.split_once('=').is_some_and(|(name, _)| {
                        !name.is_empty() && name.bytes().all(|b| b.is_ascii_uppercase() || b == b'_')
                    })
                };
                let name = match (name, &*language) {
                    ("", "python") => format!("app/block{number}.py"),
                    ("", "bash") if body.lines().filter(|line| sets(line)).count() > 5 => {
                        ".env.production".to_owned()
                    }
                    ("", "bash") => format!("scripts/block{number}.sh"),
                    ("", _) => continue,
                    (name, _) => name.to_owned(),
                };
                repo.write(&name, &body);
            }
            (Some(body), false) => {
                body.push_str(line);
                body.push('\n');
            }
            (None, false) => {}
        }
    }
}
