//! Files that by their name hold secrets: tracked ones, and those that the next `git add .` takes in.

use crate::support::Repo;

const RULE: &str = "gitignore/untracked-sensitive-file";

fn found(repo: &Repo) -> Vec<String> {
    repo.findings(&[
        "--rule",
        RULE,
        "--rule",
        "gitignore/tracked-sensitive-file",
        "--rule",
        "gitignore/tracked-but-ignored",
    ])
}

#[test]
fn an_environment_file_that_git_would_take_in_is_said() {
    let repo = Repo::git();
    repo.write(".env", "API_TOKEN=kd83hf02lq\n")
        .write("web/.env.local", "API_TOKEN=kd83hf02lq\n")
        .write(".env.example", "API_TOKEN=kd83hf02lq\n")
        .write("web/.env.sample", "API_TOKEN=kd83hf02lq\n")
        .write(".env.template", "API_TOKEN=kd83hf02lq\n")
        .write("tests/.env", "API_TOKEN=kd83hf02lq\n");
    assert_eq!(found(&repo), [format!("{RULE} .env"), format!("{RULE} web/.env.local")]);
    let run = repo.run(&["--rule", RULE]);
    assert_eq!(run.code, 0, "nothing has happened yet: {}", run.stdout);
    assert!(run.stdout.contains(".env: warning[gitignore/untracked-sensitive-file]"), "{}", run.stdout);
    assert!(run.stdout.contains("neither tracked nor ignored"), "{}", run.stdout);
    repo.write(".gitignore", ".env*\n");
    assert!(found(&repo).is_empty(), "ignored");
    repo.run_git(&["add", "--force", ".env"]);
    let tracked = ["gitignore/tracked-but-ignored .gitignore:1", "gitignore/tracked-sensitive-file .env"];
    let mut both = found(&repo);
    both.sort();
    assert_eq!(both, tracked);
}

/// Git knows more ignore files than those of the repository.
#[test]
fn a_file_that_is_ignored_elsewhere_is_ignored() {
    let repo = Repo::git();
    repo.write(".env", "API_TOKEN=kd83hf02lq\n").write("README.md", "# Shop\n");
    assert_eq!(found(&repo).len(), 1);
    std::fs::write(repo.root().join(".git/info/exclude"), ".env\n").expect("a file of Git");
    assert!(found(&repo).is_empty());
}

#[test]
fn where_nobody_knows_what_is_tracked_nothing_is_said() {
    let folder = Repo::bare_folder();
    folder.write(".env", "API_TOKEN=kd83hf02lq\n");
    assert!(found(&folder).is_empty(), "outside Git");
    let repo = Repo::git();
    repo.write(".env", "API_TOKEN=kd83hf02lq\n").write(".git/index", "no index");
    assert!(found(&repo).is_empty(), "an index that cannot be read");
    assert_eq!(repo.run(&["--rule", RULE]).code, 3);
}
