//! What `-v` says of values that a credential's name is given and that are none.

use crate::support::Repo;

/// The notices about such values.
fn passed(repo: &Repo) -> Vec<String> {
    let run = repo.run(&["-v", "--format", "concise"]);
    let about = "notice: no credentials by their values ";
    run.stdout.lines().filter_map(|line| line.strip_prefix(about)).map(str::to_owned).collect()
}

#[test]
fn each_reason_is_counted_and_the_first_places_are_named() {
    let repo = Repo::git();
    repo.write("one.py", "password = \"changeme\"\n");
    assert_eq!(passed(&repo), ["(placeholders): 1, at one.py:1"]);
    repo.write("one.py", "password = \"changeme\"\n".repeat(8));
    let places: Vec<String> = (1..=5).map(|line| format!("one.py:{line}")).collect();
    assert_eq!(passed(&repo), [format!("(placeholders): 8, at {} and 3 more", places.join(", "))]);
}

/// The hash of a password is no password, and a finding of its own.
#[test]
fn what_another_rule_reports_was_not_passed_over() {
    let repo = Repo::git();
    let hash = format!(
        "$6$saltsalt${}",
        "kQ2vT9xLmZw4Rr8Yc1Nf6Jp3HsDg7BtUa5EoXi".repeat(3).get(..86).unwrap_or_default()
    );
    repo.write("one.py", format!("password_hash = \"{hash}\"\npassword = \"{hash}\"\n"));
    let found = repo.findings(&[]);
    assert_eq!(found, ["secrets/crypt-hash one.py:1", "secrets/crypt-hash one.py:2"]);
    assert_eq!(passed(&repo), [] as [&str; 0]);
    let other = repo.run(&["-v", "--rule", "debug", "--format", "concise"]);
    assert!(!other.stdout.contains("no credentials"), "whoever asks for no secrets: {}", other.stdout);
}
