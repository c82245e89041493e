//! `--since`, `--diff`, `--staged-lines`: what a change brings fails, what stood there before is counted.

use std::io::Write;
use std::process::Stdio;

use crate::support::{Repo, Run};

/// A line with a password in a URL: an error, made up here.
fn leak(n: u32) -> String {
    format!("url_{n} = \"postgres://app:{}{n}@db{n}.shopdata.net/app\"\n", "hK3vQ9zT2mXw")
}

/// `status path:line` of each finding.
fn statuses(run: &Run) -> Vec<String> {
    let report: serde_json::Value =
        serde_json::from_str(&run.stdout).unwrap_or_else(|e| panic!("{e}: {}{}", run.stdout, run.stderr));
    let findings = report["findings"].as_array().expect("findings");
    let existing = findings.iter().filter(|f| f["status"] == "existing").count();
    assert_eq!(report["summary"]["existing"].as_u64().unwrap_or_default(), existing as u64);
    let mut all: Vec<String> = findings
        .iter()
        .map(|f| {
            let line = f["span"]["line"].as_u64().map_or(String::new(), |line| format!(":{line}"));
            format!("{} {}{line}", f["status"].as_str().expect("a status"), f["path"].as_str().unwrap_or("-"))
        })
        .collect();
    all.sort();
    all
}

fn json(repo: &Repo, args: &[&str]) -> Run {
    repo.run(&[&["--format", "json"], args].concat())
}

/// A branch `feature` that parts from `main`, and a `main` that went on.
fn branched() -> Repo {
    let repo = Repo::git();
    repo.write("old.toml", format!("# top\n{}", leak(1))).write("plain.txt", "a\nb\nc\n").commit();
    repo.run_git(&["checkout", "-q", "-b", "feature"]);
    repo.write("new.toml", leak(2)).commit();
    repo.run_git(&["checkout", "-q", "main"]);
    repo.write("main.toml", leak(3)).commit();
    repo.run_git(&["checkout", "-q", "feature"]);
    repo
}

#[test]
fn what_the_branch_brought_fails() {
    let repo = branched();
    for rev in ["main", "refs/heads/main", "main~0", "main^0", "HEAD~1", "@~"] {
        let run = json(&repo, &["--since", rev]);
        assert_eq!(statuses(&run), ["existing old.toml:2", "new new.toml:1"], "{rev}");
        assert_eq!(run.code, 1, "{rev}");
    }
    let base = repo.run_git(&["merge-base", "main", "HEAD"]);
    let base = base.trim();
    assert_eq!(statuses(&json(&repo, &["--since", base])), ["existing old.toml:2", "new new.toml:1"]);
    assert_eq!(json(&repo, &["--since", &base[..9]]).code, 1);
    let human = repo.run(&["--since", "main"]);
    assert!(human.stdout.contains("1 existing") && human.stdout.contains(&base[..12]), "{}", human.stdout);
    assert!(!human.stdout.contains("old.toml"), "{}", human.stdout);
    assert_eq!(repo.run(&["--since", "HEAD"]).code, 0, "nothing since");
}

#[test]
fn uncommitted_and_untracked_files_are_changes_too() {
    let repo = branched();
    repo.write("old.toml", format!("# top\n# more\n{}{}", leak(1), leak(4))).write("untracked.toml", leak(5));
    let run = json(&repo, &["--since", "HEAD"]);
    assert_eq!(
        statuses(&run),
        ["existing new.toml:1", "existing old.toml:3", "new old.toml:4", "new untracked.toml:1"]
    );
}

#[test]
fn a_file_that_moved_is_compared_with_what_it_was() {
    let repo = branched();
    std::fs::create_dir(repo.root().join("config")).expect("a folder");
    repo.run_git(&["mv", "old.toml", "config/renamed.toml"]);
    repo.write("config/renamed.toml", format!("# top\n{}{}", leak(1), leak(6))).commit();
    assert_eq!(
        statuses(&json(&repo, &["--since", "HEAD~1"])),
        ["existing config/renamed.toml:2", "existing new.toml:1", "new config/renamed.toml:3"]
    );
}

#[test]
fn merges_and_packs_make_no_difference() {
    let repo = branched();
    repo.run_git(&["merge", "-q", "--no-edit", "main"]);
    repo.run_git(&["gc", "-q", "--aggressive", "--prune=now"]);
    assert_eq!(
        statuses(&json(&repo, &["--since", "main"])),
        ["existing main.toml:1", "existing old.toml:2", "new new.toml:1"]
    );
    // Many commits, criss-cross; of one second, so that nobody can tell by dates which came first.
    for n in 0..30 {
        repo.write("count.txt", format!("{n}\n")).commit();
    }
    repo.run_git(&["checkout", "-q", "main"]);
    repo.run_git(&["merge", "-q", "--no-edit", "--no-ff", "feature~10"]);
    repo.run_git(&["checkout", "-q", "feature"]);
    repo.run_git(&["merge", "-q", "--no-edit", "main"]);
    let revs: Vec<String> = (1..12).map(|n| format!("feature~{n}")).collect();
    let others = ["main", "main^2", "HEAD^2", "main~1"];
    for rev in revs.iter().map(String::as_str).chain(others) {
        let run = json(&repo, &["--since", rev]);
        let base = repo.run_git(&["merge-base", "HEAD", rev]);
        assert!(run.stdout.contains(&base[..12]), "{rev}: {base} {}", run.stdout);
    }
}

#[test]
fn revisions_that_name_nothing_are_said() {
    let repo = branched();
    repo.run_git(&["checkout", "-q", "--orphan", "apart"]);
    repo.run_git(&["commit", "-q", "-m", "x"]);
    let tree = repo.run_git(&["rev-parse", "HEAD^{tree}"]);
    for (rev, words) in [
        ("nowhere", "names no branch"),
        ("main@{1}", "is not understood"),
        ("main:old.toml", "is not understood"),
        ("main..HEAD", "is not understood"),
        ("../../x", "is not understood"),
        ("HEAD~99", "names no branch"),
        ("HEAD^{tree}", "is not understood"),
        (tree.trim(), "is no commit"),
        ("main", "no commit in common"),
        ("-x", ""),
        ("", "is not understood"),
    ] {
        let run = repo.run(&["--since", rev]);
        assert_eq!(run.code, 2, "{rev}: {}", run.stdout);
        assert!(run.stderr.contains(words), "{rev}: {}", run.stderr);
    }
    let folder = Repo::bare_folder();
    folder.write("a.txt", "x\n");
    assert_eq!(folder.run(&["--since", "HEAD"]).code, 2);
}

#[test]
fn a_shallow_clone_says_what_it_lacks() {
    let origin = branched();
    for n in 0..5 {
        origin.write("count.txt", format!("{n}\n")).commit();
    }
    let repo = Repo::bare_folder();
    std::fs::remove_dir(repo.root()).expect("empty");
    let url = format!("file://{}", origin.root().display());
    let cloned = crate::support::clean(std::process::Command::new("git"), repo.outside())
        .args(["clone", "-q", "--depth", "2", "--no-single-branch", &url])
        .arg(repo.root())
        .status();
    assert!(cloned.expect("git runs").success());
    let run = repo.run(&["--since", "origin/main"]);
    assert_eq!(run.code, 2, "{}", run.stdout);
    assert!(run.stderr.contains("shallow"), "{}", run.stderr);
    assert_eq!(repo.run(&["--since", "HEAD~1"]).code, 0);
}

#[test]
fn only_lines_that_are_staged_anew_count() {
    let repo = branched();
    repo.write("old.toml", format!("# top\n# more\n{}", leak(1)));
    repo.run_git(&["add", "-A"]);
    let run = json(&repo, &["--staged", "--staged-lines"]);
    assert_eq!(statuses(&run), ["existing old.toml:3"]);
    assert_eq!(run.code, 0);
    assert_eq!(json(&repo, &["--staged"]).code, 1);
    repo.write("old.toml", format!("# top\n# more\n{}{}", leak(1), leak(4)));
    repo.run_git(&["add", "-A"]);
    repo.write("old.toml", "clean\n");
    let run = json(&repo, &["--staged", "--staged-lines"]);
    assert_eq!(statuses(&run), ["existing old.toml:3", "new old.toml:4"]);
    // A rename brings nothing.
    repo.run_git(&["checkout", "-q", "-f", "HEAD"]);
    repo.run_git(&["mv", "old.toml", "other.toml"]);
    assert_eq!(statuses(&json(&repo, &["--staged", "--staged-lines"])), ["existing other.toml:2"]);
    assert_eq!(repo.run(&["--staged-lines"]).code, 2, "without --staged it means nothing");
}

fn with_input(repo: &Repo, args: &[&str], input: &[u8]) -> Run {
    let mut child = repo
        .command(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it runs");
    child.stdin.take().expect("a pipe").write_all(input).expect("written");
    child.wait_with_output().expect("it ends").into()
}

#[test]
fn a_difference_says_what_was_changed() {
    let repo = branched();
    repo.write("old.toml", format!("# top\n# more\n{}{}", leak(1), leak(4))).commit();
    let expect = ["existing new.toml:1", "existing old.toml:3", "new old.toml:4"];
    for form in [
        &["diff", "HEAD~1"][..],
        &["diff", "-U0", "HEAD~1"],
        &["diff", "--no-prefix", "HEAD~1"],
        &["show", "HEAD"],
        &["format-patch", "--stdout", "HEAD~1"],
        &["-c", "diff.mnemonicPrefix=true", "diff", "HEAD~1"],
        &["diff", "-W", "HEAD~1"],
    ] {
        let diff = repo.run_git(form);
        std::fs::write(repo.outside().join("x.diff"), &diff).expect("written");
        assert_eq!(statuses(&json(&repo, &["--diff", "../x.diff"])), expect, "{form:?}");
        let run = with_input(&repo, &["--format", "json", "--diff", "-"], diff.as_bytes());
        assert_eq!((statuses(&run), run.code), (expect.map(String::from).to_vec(), 1), "{form:?}");
    }
    let whole = repo.run_git(&["diff", "main...HEAD"]);
    let run = with_input(&repo, &["--format", "json", "--diff", "-"], whole.as_bytes());
    assert_eq!(statuses(&run), ["existing old.toml:3", "new new.toml:1", "new old.toml:4"]);
}

#[test]
fn differences_that_do_not_fit_are_said() {
    let repo = branched();
    let run = with_input(&repo, &["--diff", "-"], b"");
    assert_eq!(run.code, 0, "{}", run.stdout);
    assert!(run.stdout.contains("the difference is empty"), "{}", run.stdout);
    for (text, code, words) in [
        ("no difference\n", 2, "line 1: this is no unified difference"),
        ("--- a/x\n+++ b/x\n@@ -1,9 +1,9 @@\n a\n", 2, "line 4"),
        ("--- a/x\n+++ b/../x\n@@ -0,0 +1 @@\n+a\n", 2, "leads out"),
        ("--- a/none.txt\n+++ b/none.txt\n@@ -0,0 +1 @@\n+a\n", 3, "not there"),
        ("--- a/plain.txt\n+++ b/plain.txt\n@@ -0,0 +1 @@\n+other\n", 3, "does not fit"),
    ] {
        let run = with_input(&repo, &["--diff", "-"], text.as_bytes());
        assert_eq!(run.code, code, "{text}: {}{}", run.stdout, run.stderr);
        assert!(
            run.stdout.contains(words) || run.stderr.contains(words),
            "{text}: {}{}",
            run.stdout,
            run.stderr
        );
    }
    assert_eq!(repo.run(&["--diff", "none.diff"]).code, 2);
    for other in [&["--since", "HEAD"][..], &["--staged"], &["--fix"]] {
        assert_eq!(repo.run(&[&["--diff", "x"], other].concat()).code, 2, "{other:?}");
    }
}

const ADVISORY: &str = r#"{
  "id": "PYSEC-2025-9001", "modified": "2099-01-01T00:00:00Z", "summary": "Reads behind the end of its buffer",
  "affected": [{
    "package": {"ecosystem": "PyPI", "name": "NAME"},
    "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "2.0"}]}]
  }]
}"#;

#[test]
fn of_packages_those_count_that_were_added_or_moved() {
    let repo = Repo::git();
    for name in ["left", "right", "third"] {
        let folder = repo.outside().join("data/vulns").join(name);
        std::fs::create_dir_all(&folder).expect("a folder");
        let id = format!("PYSEC-2025-{}", name.len());
        let text = ADVISORY.replace("NAME", name).replace("PYSEC-2025-9001", &id);
        std::fs::write(folder.join(format!("{id}.yaml")), text).expect("written");
    }
    let found = |args: &[&str]| {
        let args = [&["--rule", "advisories", "--advisory-db", "../data"], args].concat();
        statuses(&json(&repo, &args))
    };
    repo.write("requirements.txt", "left==1.0\nright==1.0\n").commit();
    // One moved to another line, one was raised, one is new.
    repo.write("requirements.txt", "# sorted anew\nright==1.1\nthird==1.0\n\nleft==1.0\n");
    assert_eq!(
        found(&["--since", "HEAD"]),
        ["existing requirements.txt:5", "new requirements.txt:2", "new requirements.txt:3"]
    );
    let diff = repo.run_git(&["diff"]);
    std::fs::write(repo.outside().join("x.diff"), diff).expect("written");
    assert_eq!(
        found(&["--diff", "../x.diff"]),
        ["existing requirements.txt:5", "new requirements.txt:2", "new requirements.txt:3"]
    );
    repo.run_git(&["add", "-A"]);
    assert_eq!(
        found(&["--staged", "--staged-lines"]),
        ["existing requirements.txt:5", "new requirements.txt:2", "new requirements.txt:3"]
    );
}

#[test]
fn sarif_tells_old_from_new() {
    let repo = branched();
    let run = repo.run(&["--format", "sarif", "--since", "main"]);
    let log: serde_json::Value = serde_json::from_str(&run.stdout).expect("JSON");
    let mut states: Vec<&str> = log["runs"][0]["results"]
        .as_array()
        .expect("results")
        .iter()
        .filter_map(|r| r["baselineState"].as_str())
        .collect();
    states.sort_unstable();
    assert_eq!(states, ["new", "unchanged"]);
}
