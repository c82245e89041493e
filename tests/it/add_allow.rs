//! `--add-allow`: marks are written where they silence what they are written for, and nowhere else.

use std::fs;

use crate::support::Repo;

const REASON: &str = "made up for the demo";

fn read(repo: &Repo, path: &str) -> String {
    fs::read_to_string(repo.root().join(path)).expect(path)
}

fn add<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&["--add-allow", REASON, "--rule", "secrets,debug,meta"][..], more].concat()
}

#[test]
fn marks_silence_what_they_are_written_for() {
    let repo = Repo::git();
    let long = "x".repeat(100);
    repo.write(
        "app/a.py",
        format!("DB_PASSWORD = \"kd83hf-Xq2w\"\nx = \"{long}\"; API_PASSWORD = \"zz9Plural7Alpha\"\n"),
    );
    repo.write("web/.env.production", "LOG=info\nDB_PASSWORD=kd83hf-Xq2w\n");
    repo.write("config.json", "{ \"db_password\": \"kd83hf-Xq2w\" }\n");
    repo.commit();
    let run = repo.run(&add(&[]));
    let mark = format!("prodcheck:allow(secrets/credential-assignment) {REASON}");
    assert_eq!(
        read(&repo, "app/a.py"),
        format!(
            "DB_PASSWORD = \"kd83hf-Xq2w\" # {mark}\n# {mark}\nx = \"{long}\"; API_PASSWORD = \"zz9Plural7Alpha\"\n"
        ),
        "{}",
        run.stderr
    );
    assert_eq!(read(&repo, "web/.env.production"), format!("LOG=info\n# {mark}\nDB_PASSWORD=kd83hf-Xq2w\n"));
    assert_eq!(read(&repo, "config.json"), "{ \"db_password\": \"kd83hf-Xq2w\" }\n");
    assert!(run.stderr.contains("allowed: app/a.py:1:"), "{}", run.stderr);
    assert!(run.stderr.contains("no comment can be written at this place"), "{}", run.stderr);
    assert!(run.stderr.ends_with("3 findings allowed; 1 finding left alone\n"), "{}", run.stderr);
    let again = repo.run(&add(&["--allow-dirty"]));
    assert!(again.stderr.ends_with("nothing to allow; 1 finding left alone\n"), "{}", again.stderr);
}

#[test]
fn findings_of_one_line_share_a_mark() {
    let repo = Repo::git();
    repo.write("Cargo.toml", "[package]\nname = \"a\"\nversion = \"0.1.0\"\nedition = \"2024\"\n");
    repo.write("src/main.rs", "fn main() {\n    dbg!(1); todo!();\n}\n").commit();
    repo.run(&[
        "--add-allow",
        REASON,
        "--rule",
        "debug/dbg-macro,debug/todo-macro",
        "--min-severity",
        "note",
    ]);
    let expect = format!(
        "fn main() {{\n    dbg!(1); todo!(); // prodcheck:allow(debug/dbg-macro, debug/todo-macro) {REASON}\n}}\n"
    );
    assert_eq!(read(&repo, "src/main.rs"), expect);
    assert_eq!(repo.run(&["--rule", "debug,meta", "--fail-on", "note"]).code, 0);
}

#[test]
fn a_dry_run_prints_and_does_not_write() {
    let repo = Repo::git();
    repo.write("app/a.py", "DB_PASSWORD = \"kd83hf-Xq2w\"\n").commit();
    let run = repo.run(&add(&["--dry-run"]));
    assert!(run.stdout.contains("+++ b/app/a.py"), "{}", run.stdout);
    assert!(!run.stdout.contains("kd83hf"), "{}", run.stdout);
    assert!(run.stderr.ends_with("1 finding can be allowed\n"), "{}", run.stderr);
    assert_eq!(repo.run_git(&["status", "--porcelain"]), "");
}

#[test]
fn a_reason_that_could_leave_its_comment_is_refused() {
    let repo = Repo::git();
    repo.write("app/a.py", "DB_PASSWORD = \"kd83hf-Xq2w\"\n").commit();
    for reason in ["", " ", "a\nb", "a */ b", "a --> b"] {
        let run = repo.run(&["--add-allow", reason]);
        assert!(run.code == 2 && run.stderr.contains("expected a reason"), "{reason:?}: {}", run.stderr);
    }
    assert_eq!(repo.run(&["--add-allow", "x", "--fix"]).code, 2);
    assert_eq!(repo.run_git(&["status", "--porcelain"]), "");
}
