//! The baseline: what is known does not fail, what is new does, whatever is moved, squashed or merged.

use std::fs;

use crate::support::Repo;

const SERVICE: &str = "import os\n\nDB_PASSWORD = \"kd83hf-Xq2w\"\nMAIL_PASSWORD = \"zz9Plural7Alpha\"\n";
const RULES: [&str; 2] = ["--rule", "secrets,debug"];

fn text(repo: &Repo) -> String {
    fs::read_to_string(repo.root().join("prodcheck-baseline.txt")).expect("a baseline")
}

/// The entries' lines.
fn entries(repo: &Repo) -> Vec<String> {
    text(repo).lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect()
}

/// `status rule path:line` of all findings.
fn statuses(repo: &Repo) -> Vec<String> {
    let run = repo.run(&["--format", "json", "--rule", "secrets,debug,meta"]);
    let report: serde_json::Value = serde_json::from_str(&run.stdout).expect("JSON");
    let findings = report["findings"].as_array().expect("findings");
    findings
        .iter()
        .map(|f| {
            let line = f["span"]["line"].as_u64().unwrap_or_default();
            format!("{} {} {}:{line}", f["status"], f["rule"], f["path"]).replace('"', "")
        })
        .collect()
}

fn new_ones(repo: &Repo) -> Vec<String> {
    statuses(repo).into_iter().filter(|finding| finding.starts_with("new ")).collect()
}

fn service() -> Repo {
    let repo = Repo::git();
    repo.write("app/service.py", SERVICE).write(".gitignore", "__pycache__/\n").commit();
    repo
}

fn with_baseline() -> Repo {
    let repo = service();
    let run = repo.run(&["baseline", "write"]);
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    repo.commit();
    repo
}

#[test]
fn what_is_written_down_does_not_fail() {
    let repo = service();
    let with_warnings = ["--fail-on", "warning", RULES[0], RULES[1]];
    assert_eq!(repo.run(&with_warnings).code, 1);
    let run = repo.run(&["baseline", "write"]);
    assert_eq!(run.stdout, "prodcheck-baseline.txt: 2 findings (2 new, 0 taken out)\n", "{}", run.stderr);
    assert!(run.stderr.contains(".gitattributes: prodcheck-baseline.txt merge=union"), "{}", run.stderr);
    assert_eq!(repo.run(&with_warnings).code, 0);
    assert_eq!(new_ones(&repo), [""; 0]);
    let lines = entries(&repo);
    assert_eq!(lines.len(), 2);
    assert!(
        lines.is_sorted()
            && lines.iter().all(|l| l.ends_with(" secrets/credential-assignment app/service.py"))
    );
    for secret in ["kd83hf", "zz9Plural"] {
        assert!(!text(&repo).contains(secret));
    }
    assert_eq!(repo.run(&["--no-ignores", "--fail-on", "warning", RULES[0], RULES[1]]).code, 1);
    let before = text(&repo);
    repo.write(".gitattributes", "prodcheck-baseline.txt merge=union\n");
    let again = repo.run(&["baseline", "write"]);
    assert_eq!((text(&repo), again.stderr.as_str()), (before, ""));
    assert_eq!(again.stdout, "prodcheck-baseline.txt: 2 findings (0 new, 0 taken out)\n");
}

#[test]
fn sarif_says_what_is_new() {
    let repo = with_baseline();
    repo.write("app/mail.py", "API_TOKEN = \"q8Zr1LvT0pXk7NwYb3Jd\"\n");
    let run = repo.run(&["--format", "sarif", RULES[0], RULES[1]]);
    let log: serde_json::Value = serde_json::from_str(&run.stdout).expect("JSON");
    let results = log["runs"][0]["results"].as_array().expect("results");
    let states: Vec<&str> = results.iter().filter_map(|r| r["baselineState"].as_str()).collect();
    assert_eq!(states.iter().filter(|s| **s == "unchanged").count(), 2, "{states:?}");
    assert_eq!(states.iter().filter(|s| **s == "new").count(), 1, "{states:?}");
}

#[test]
fn blanks_and_moved_lines_change_nothing() {
    let repo = with_baseline();
    for moved in [
        format!("# a comment\n\n\n{SERVICE}"),
        SERVICE.replace(" = ", "   =  "),
        SERVICE.replace("DB_PASSWORD", "  DB_PASSWORD"),
        SERVICE.replace('\n', "\r\n"),
        "MAIL_PASSWORD = \"zz9Plural7Alpha\"\nimport os\nDB_PASSWORD = \"kd83hf-Xq2w\"\n".to_owned(),
    ] {
        repo.write("app/service.py", &moved);
        let all = statuses(&repo);
        assert!(all.len() == 2 && all.iter().all(|f| f.starts_with("baselined ")), "{moved:?}: {all:?}");
    }
    // Lines that differ by their secrets alone may change places.
    repo.write("app/service.py", "password = \"kd83hf-Xq2w\"\nx = 1\npassword = \"zz9Plural7Alpha\"\n");
    repo.run(&["baseline", "write"]);
    repo.write("app/service.py", "password = \"zz9Plural7Alpha\"\nx = 1\npassword = \"kd83hf-Xq2w\"\n");
    assert_eq!(new_ones(&repo), [""; 0]);
}

#[test]
fn a_new_secret_on_a_known_line_alarms() {
    let repo = with_baseline();
    repo.write("app/service.py", SERVICE.replace("kd83hf-Xq2w", "mm47vv-Rt9e"));
    let expect = [
        "new secrets/credential-assignment app/service.py:3",
        // What is gone is said.
        "new meta/stale-baseline prodcheck-baseline.txt:4",
    ];
    assert_eq!(new_ones(&repo), expect);
}

#[test]
fn squash_and_rebase_change_nothing() {
    let repo = with_baseline();
    repo.run_git(&["checkout", "-q", "-b", "work"]);
    repo.write("app/service.py", format!("# one\n{SERVICE}")).commit();
    repo.write("app/service.py", format!("# one\n# two\n{SERVICE}")).commit();
    repo.run_git(&["checkout", "-q", "main"]);
    repo.write("README.md", "# The service\n").commit();
    repo.run_git(&["checkout", "-q", "work"]);
    repo.run_git(&["rebase", "-q", "main"]);
    assert_eq!(new_ones(&repo), [""; 0]);
    repo.run_git(&["checkout", "-q", "main"]);
    repo.run_git(&["merge", "-q", "--squash", "work"]);
    repo.commit();
    assert_eq!(new_ones(&repo), [""; 0]);
    assert_eq!(statuses(&repo).len(), 2, "and nothing is stale");
}

#[test]
fn branches_that_both_add_entries_merge() {
    let repo = service();
    repo.write(".gitattributes", "prodcheck-baseline.txt merge=union\n");
    repo.run(&["baseline", "write"]);
    repo.commit();
    for (branch, file) in [("one", "app/one.py"), ("two", "app/two.py")] {
        repo.run_git(&["checkout", "-q", "-b", branch, "main"]);
        repo.write(file, "ADMIN_PASSWORD = \"w8Lq-x0Tz4\"\n");
        repo.run(&["baseline", "write"]);
        repo.commit();
    }
    repo.run_git(&["merge", "-q", "--no-edit", "one"]);
    assert_eq!(entries(&repo).len(), 4, "{}", text(&repo));
    assert_eq!(new_ones(&repo), [""; 0]);
}

#[test]
fn entries_that_no_longer_occur_are_said_and_pruned() {
    let repo = with_baseline();
    repo.write("app/service.py", "import os\n");
    let all = statuses(&repo);
    assert_eq!(all, ["new meta/stale-baseline prodcheck-baseline.txt:3"], "{}", text(&repo));
    assert_eq!(repo.run(&["--fail-on", "warning", "--rule", "secrets,meta"]).code, 0, "it is a note");
    // Nobody looked.
    assert_eq!(repo.findings(&["--rule", "debug,meta"]), [""; 0]);
    assert_eq!(repo.findings(&["app", "--rule", "secrets,meta"]), [""; 0]);
    let run = repo.run(&["baseline", "prune"]);
    assert_eq!(
        (run.code, run.stdout.as_str()),
        (0, "prodcheck-baseline.txt: 2 taken out, 0 findings left\n")
    );
    assert_eq!(entries(&repo), [""; 0]);
    assert_eq!(statuses(&repo), [""; 0]);
}

#[test]
fn rules_that_did_not_run_keep_their_entries() {
    let repo = service();
    repo.write("prodcheck.toml", "profile = \"strict\"\n");
    let line = "0123456789abcdef-000 deps/a-rule-of-ours Cargo.toml";
    repo.write("prodcheck-baseline.txt", format!("{line}\n"));
    repo.run(&["baseline", "prune"]);
    assert_eq!(entries(&repo), [""; 0], "a rule that does not exist finds nothing");
    let line = "0123456789abcdef-000 debug/dbg-macro src/lib.rs";
    repo.write("prodcheck-baseline.txt", format!("{line}\n"));
    repo.write("prodcheck.toml", "[severity]\n\"debug/dbg-macro\" = \"off\"\n");
    repo.run(&["baseline", "write"]);
    assert!(entries(&repo).contains(&line.to_owned()), "{}", text(&repo));
}

#[test]
fn a_baseline_that_is_none_is_an_error_with_its_place() {
    let repo = with_baseline();
    repo.write("prodcheck-baseline.txt", "# fine\n<<<<<<< ours\n");
    let run = repo.run::<&str>(&[]);
    assert_eq!(run.code, 2);
    assert!(
        run.stderr.contains("prodcheck-baseline.txt: line 2 is no entry of a baseline"),
        "{}",
        run.stderr
    );
    let named = repo.run(&["--baseline", "missing.txt"]);
    assert!(named.code == 2 && named.stderr.contains("missing.txt"), "{}", named.stderr);
    repo.write("prodcheck-baseline.txt", "");
    repo.write("known.txt", "");
    assert_eq!(repo.run(&["--baseline", "known.txt", "--rule", "debug"]).code, 0);
}

#[cfg(unix)]
#[test]
fn no_link_is_written_through() {
    let repo = service();
    let outside = repo.outside().join("outside.txt");
    fs::write(&outside, "").expect("a file");
    std::os::unix::fs::symlink(&outside, repo.root().join("prodcheck-baseline.txt")).expect("symlink");
    let run = repo.run(&["baseline", "write"]);
    assert_eq!(run.code, 2, "{}", run.stderr);
    assert_eq!(fs::read_to_string(&outside).expect("outside"), "");
}
