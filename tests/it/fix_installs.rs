//! `--fix` in recipes: installs that pass over a lock file obey it afterwards, where the lock file is there.

use std::fs;

use crate::support::Repo;

const RECIPE: &str = "\
FROM node:22.1 AS web
COPY package*.json ./
# What ships needs no tools.
RUN npm install --omit=dev

FROM rust:1.90 AS tools
RUN cargo install just@1.42.0 \\
    && cargo install --locked sccache@0.11.0

FROM tools
COPY . .
RUN cargo +stable install --path . --root /out
";

const WORKFLOW: &str = "\
jobs:
  release:
    steps:
      - run: |
          npm i
          sudo cargo install cargo-dist
      - { run: \"npm install\", working-directory: docs }
";

const ARGS: [&str; 4] = ["--rule", "deps", "--min-severity", "note"];

fn repo() -> Repo {
    let repo = Repo::git();
    repo.write("Cargo.toml", "[package]\nname = \"app\"\nversion = \"0.1.0\"\n")
        .write("Cargo.lock", "version = 4\n\n[[package]]\nname = \"app\"\nversion = \"0.1.0\"\n")
        .write("src/main.rs", "fn main() {}\n")
        .write("package.json", "{\"private\": true}\n")
        .write("package-lock.json", "{\"lockfileVersion\": 3, \"packages\": {}}\n");
    repo
}

fn read(repo: &Repo, path: &str) -> String {
    fs::read_to_string(repo.root().join(path)).expect(path)
}

#[test]
fn installs_obey_the_lock_file() {
    let repo = repo();
    repo.write("Dockerfile", RECIPE).write(".github/workflows/release.yml", WORKFLOW);
    repo.commit();
    let run = repo.run(&[&ARGS[..], &["--fix"]].concat());
    let recipe = RECIPE
        .replace("npm install", "npm ci")
        .replace("cargo install just", "cargo install --locked just")
        .replace("stable install --path", "stable install --locked --path");
    assert_eq!(read(&repo, "Dockerfile"), recipe, "{}", run.stderr);
    let workflow =
        WORKFLOW.replace("npm i\n", "npm ci\n").replace("install cargo-dist", "install --locked cargo-dist");
    assert_eq!(read(&repo, ".github/workflows/release.yml"), workflow, "{}", run.stderr);
    assert!(run.stderr.ends_with("5 findings fixed\n"), "{}", run.stderr);
    let again = repo.run(&[&ARGS[..], &["--fix", "--allow-dirty"]].concat());
    assert_eq!(again.stderr, "nothing to fix\n");
}

#[test]
fn what_would_not_build_afterwards_is_left_alone() {
    for (recipe, why) in [
        ("FROM node:22.1\nCOPY package.json .\nRUN npm install\nCOPY . .\n", "the lock file comes too late"),
        ("FROM node:22.1\nCOPY --from=web /web .\nRUN npm install\n", "it may be another one"),
        ("FROM node:22.1\nCOPY . .\nRUN [\"npm\", \"install\"]\n", "the word is no word of a shell"),
        ("FROM rust:1.90\nCOPY src Cargo.toml ./\nRUN cargo install --path .\n", "nothing brings Cargo.lock"),
        (
            "FROM rust:1.90\nRUN cargo install --git https://example.org/x --rev 0\n",
            "it may have no lock file",
        ),
    ] {
        let repo = repo();
        repo.write("Dockerfile", recipe);
        repo.commit();
        let run = repo.run(&[&ARGS[..], &["--fix"]].concat());
        assert_eq!(read(&repo, "Dockerfile"), recipe, "{why}: {}", run.stderr);
    }
}

#[test]
fn a_lock_file_that_docker_leaves_out_is_not_there() {
    let repo = repo();
    let recipe = "FROM node:22.1\nCOPY . .\nRUN npm install\n";
    repo.write("Dockerfile", recipe).write(".dockerignore", "# not this\nnode_modules\n/package-lock.json\n");
    repo.commit();
    repo.run(&[&ARGS[..], &["--fix"]].concat());
    assert_eq!(read(&repo, "Dockerfile"), recipe);
    repo.write(".dockerignore", "node_modules\n");
    repo.commit();
    repo.run(&[&ARGS[..], &["--fix"]].concat());
    assert_eq!(read(&repo, "Dockerfile"), recipe.replace("install", "ci"));
}

#[test]
fn a_mount_or_an_earlier_stage_brings_the_lock_file() {
    for recipe in [
        "FROM node:22.1\nRUN --mount=type=bind,source=package-lock.json,target=package-lock.json npm install\n",
        "FROM node:22.1 AS base\nCOPY . /app\nFROM base\nRUN npm install\n",
    ] {
        let repo = repo();
        repo.write("Dockerfile", recipe);
        repo.commit();
        let run = repo.run(&[&ARGS[..], &["--fix"]].concat());
        assert_eq!(read(&repo, "Dockerfile"), recipe.replace("npm install", "npm ci"), "{}", run.stderr);
    }
}
