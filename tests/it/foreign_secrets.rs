//! What other tools are told to ignore of secrets counts as allowed here, and is said.

use std::fmt::Write;

use sha1::{Digest, Sha1};

use crate::support::Repo;

fn repo(file: &str, text: &str) -> Repo {
    let repo = Repo::git();
    repo.write("app/a.py", "\nDB_PASSWORD = \"kd83hf-Xq2w\"\n")
        .write("app/b.py", "DB_PASSWORD = \"mm47vv-Rt9e\"\n");
    repo.write(file, text).commit();
    repo
}

#[track_caller]
fn check(file: &str, text: &str, expect: &[&str], notice: &str) {
    let repo = repo(file, text);
    let args = ["--rule", "secrets", "--format", "json"];
    let run = repo.run(&args);
    let report: serde_json::Value = serde_json::from_str(&run.stdout).expect("JSON");
    let findings = report["findings"].as_array().expect("findings");
    let allowed: Vec<&str> = findings
        .iter()
        .filter(|f| f["status"] == "allowed")
        .map(|f| f["path"].as_str().expect("a path"))
        .collect();
    assert_eq!(allowed, expect, "{text}");
    let said = repo.run(&["--rule", "secrets", "--format", "concise"]).stdout;
    assert!(said.contains(notice), "{notice:?} in {said}");
    let plain = repo.run(&["--rule", "secrets", "--no-ignores", "--fail-on", "warning"]);
    assert_eq!(plain.code, 1);
}

#[test]
fn files_of_other_tools_are_read() {
    check(
        ".gitleaksignore",
        "# known\napp/a.py:generic-api-key:2\n",
        &["app/a.py"],
        ".gitleaksignore: what it tells its own tool to ignore allows 1 finding of secrets here",
    );
    check(".gitleaksignore", "app/a.py:generic-api-key:3\n", &[], "FAIL: 2 errors in");
    let commit = "0f".repeat(20);
    check(
        ".gitleaksignore",
        &format!("{commit}:app/a.py:generic-api-key:2\n"),
        &[],
        ".gitleaksignore: 1 entry was not used: they name a commit and speak of the history",
    );
    check(
        ".gitleaks.toml",
        "[allowlist]\npaths = ['''^app/b\\.py$''']\n",
        &["app/b.py"],
        ".gitleaks.toml: what it tells its own tool to ignore allows 1 finding of secrets here",
    );
    let mut hash = String::new();
    for byte in Sha1::digest("kd83hf-Xq2w") {
        write!(hash, "{byte:02x}").expect("a string takes everything");
    }
    let baseline = |file: &str| {
        format!(
            "{{\"version\": \"1.5.0\", \"results\": {{\"{file}\": [{{\"type\": \"Secret Keyword\", \
             \"filename\": \"{file}\", \"hashed_secret\": \"{hash}\", \"line_number\": 99}}]}}}}\n"
        )
    };
    check(
        ".secrets.baseline",
        &baseline("app/a.py"),
        &["app/a.py"],
        ".secrets.baseline: what it tells its own tool to ignore allows 1 finding of secrets here",
    );
    // Another secret stands there.
    check(".secrets.baseline", &baseline("app/b.py"), &[], "FAIL: 2 errors in");
}
