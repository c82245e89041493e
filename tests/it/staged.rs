//! `--staged`: what Git would commit, as Git has it. Every state is made by real git commands, and what is found in
//! it is held against an audit of a checkout of the tree that Git writes for it.

use std::path::Path;
use std::process::Command;

use crate::support::{Repo, Run, clean};

/// A line with a password in a URL: an error, made up here. `n` tells several apart.
pub fn leak(n: u32) -> String {
    format!("url_{n} = \"postgres://app:{}{n}@db{n}.shopdata.net/app\"\n", "hK3vQ9zT2mXw")
}

/// `rule path:line:column` of each finding, and the exit code.
pub fn found(run: &Run) -> Vec<String> {
    let report: serde_json::Value =
        serde_json::from_str(&run.stdout).unwrap_or_else(|e| panic!("{e}: {}{}", run.stdout, run.stderr));
    let findings = report["findings"].as_array().expect("findings");
    findings
        .iter()
        .map(|f| {
            let place = format!(
                "{}:{}:{}",
                f["path"].as_str().unwrap_or("-"),
                f["span"]["line"],
                f["span"]["column"]
            );
            format!("{} {place} {}", f["rule"].as_str().expect("a rule"), f["evidence"]["text"])
        })
        .collect()
}

/// What an audit of the tree finds that Git writes for the index, in the files that differ from HEAD.
pub fn in_the_tree(repo: &Repo, init: &[&str]) -> Vec<String> {
    let tree = repo.run_git(&["write-tree"]);
    let commit = repo.run_git(&["commit-tree", "-m", "x", tree.trim()]);
    repo.run_git(&["update-ref", "refs/tests/tree", commit.trim()]);
    let checkout = Repo::git_with(init);
    let from = repo.root();
    checkout.run_git(&["fetch", "-q", from.to_str().expect("a name"), "refs/tests/tree"]);
    checkout.run_git(&["checkout", "-q", "FETCH_HEAD"]);
    let changed = repo.run_git(&["diff", "--cached", "--no-renames", "--name-only", "-z"]);
    let changed: Vec<&str> = changed.split('\0').collect();
    found(&checkout.run(&["--format", "json"]))
        .into_iter()
        .filter(|f| changed.iter().any(|path| !path.is_empty() && f.contains(&format!(" {path}:"))))
        .collect()
}

pub fn base(repo: &Repo) {
    repo.write("NOTES.md", "# A\n").write("old.toml", leak(1)).write("src/keep.txt", "kept\n");
    repo.commit();
}

/// Two branches that change the same line.
pub fn conflict(repo: &Repo) {
    base(repo);
    repo.write("shared.toml", "a = 1\n").commit();
    repo.run_git(&["checkout", "-q", "-b", "side"]);
    repo.write("shared.toml", leak(2)).commit();
    repo.run_git(&["checkout", "-q", "main"]);
    repo.write("shared.toml", leak(3)).commit();
    let merged = clean(Command::new("git"), repo.outside())
        .current_dir(repo.root())
        .args(["-c", "user.name=t", "-c", "user.email=t@example.org", "merge", "-q", "side"])
        .output()
        .expect("git runs");
    assert!(!merged.status.success(), "a conflict");
}

pub fn paths(findings: &[String]) -> Vec<&str> {
    findings.iter().filter_map(|f| f.split_once(' ')?.1.split(':').next()).collect()
}

#[test]
fn a_file_in_conflict_is_not_checked() {
    let repo = Repo::git();
    conflict(&repo);
    let run = repo.run(&["--staged", "--format", "json"]);
    assert_eq!(run.code, 3, "{}", run.stdout);
    assert!(found(&run).is_empty());
    assert!(run.stdout.contains("\"conflict\"") && run.stdout.contains("shared.toml"), "{}", run.stdout);
    repo.write("b.toml", leak(4));
    repo.run_git(&["add", "b.toml"]);
    assert_eq!(repo.run(&["--staged"]).code, 1);
}

#[test]
fn submodules_and_links_are_said() {
    let other = Repo::git();
    other.write("x.toml", leak(9)).commit();
    let repo = Repo::git();
    base(&repo);
    repo.run_git(&["submodule", "--quiet", "add", other.root().to_str().expect("a name"), "sub"]);
    let run = repo.run(&["--staged", "--format", "json"]);
    assert_eq!(run.code, 0, "{}", run.stdout);
    assert!(run.stdout.contains("\"submodule\""), "{}", run.stdout);
    assert_eq!(found(&run), in_the_tree(&repo, &[]));
    repo.run_git(&["commit", "-q", "-m", "x"]);
    let run = repo.run(&["--staged", "--format", "json"]);
    assert!(!run.stdout.contains("\"submodule\""), "nothing of it is staged: {}", run.stdout);
}

#[cfg(unix)]
#[test]
fn links_are_no_content_and_what_replaces_one_is() {
    let repo = Repo::git();
    base(&repo);
    std::os::unix::fs::symlink("old.toml", repo.root().join("link.toml")).expect("a link");
    repo.run_git(&["add", "-A"]);
    let run = repo.run(&["--staged", "--format", "json"]);
    assert_eq!((run.code, found(&run).len()), (0, 0), "{}", run.stdout);
    repo.commit();
    std::fs::remove_file(repo.root().join("link.toml")).expect("removed");
    repo.write("link.toml", leak(2));
    repo.run_git(&["add", "-A"]);
    let run = repo.run(&["--staged", "--format", "json"]);
    assert_eq!(paths(&found(&run)), ["link.toml"]);
    assert_eq!(found(&run), in_the_tree(&repo, &[]));
}

#[test]
fn sparse_checkouts_are_read_whole() {
    for sparse in [&["--cone", "--sparse-index"][..], &["--cone", "--no-sparse-index"], &["--no-cone"]] {
        let repo = Repo::git();
        base(&repo);
        repo.write("far/deep/a.toml", leak(2))
            .write("far/.gitignore", "x\n")
            .write("near/b.txt", "x\n")
            .commit();
        let mut set = vec!["sparse-checkout", "set"];
        set.extend(sparse);
        set.push("near");
        repo.run_git(&set);
        assert!(!repo.root().join("far").exists(), "{sparse:?}");
        let run = repo.run(&["--staged", "--format", "json"]);
        assert_eq!((run.code, found(&run).len()), (0, 0), "{sparse:?}: {}", run.stdout);
        repo.write("near/b.txt", leak(3));
        repo.run_git(&["add", "near/b.txt"]);
        // What is staged of a folder that is not there: as a merge or a cherry-pick stages it.
        let id = repo.run_git(&["rev-parse", "HEAD:old.toml"]);
        let entry = format!("100644,{},far/deep/c.toml", id.trim());
        repo.run_git(&["update-index", "--add", "--cacheinfo", &entry]);
        let run = repo.run(&["--staged", "--format", "json"]);
        assert_eq!(paths(&found(&run)), ["far/deep/c.toml", "near/b.txt"], "{sparse:?}");
        assert_eq!(found(&run), in_the_tree(&repo, &[]), "{sparse:?}");
    }
}

#[test]
fn linked_work_trees_have_an_index_of_their_own() {
    let repo = Repo::git();
    base(&repo);
    let linked = repo.outside().join("linked");
    repo.run_git(&["worktree", "add", "-q", linked.to_str().expect("a name"), "-b", "linked"]);
    std::fs::write(linked.join("new.toml"), leak(2)).expect("a file");
    let added = clean(Command::new("git"), repo.outside()).current_dir(&linked).args(["add", "-A"]).status();
    assert!(added.expect("git runs").success());
    let run = Run::from(
        repo.command(&["--staged", "--format", "json"]).current_dir(&linked).output().expect("it runs"),
    );
    assert_eq!(paths(&found(&run)), ["new.toml"], "{}", run.stderr);
    assert_eq!(repo.run(&["--staged"]).code, 0);
}

#[test]
fn objects_of_other_folders_are_found() {
    let origin = Repo::git();
    base(&origin);
    origin.run_git(&["gc", "-q"]);
    let repo = Repo::bare_folder();
    std::fs::remove_dir(repo.root()).expect("empty");
    let cloned = clean(Command::new("git"), repo.outside())
        .args(["clone", "-q", "--shared"])
        .args([origin.root(), repo.root()])
        .status();
    assert!(cloned.expect("git runs").success());
    repo.run_git(&["mv", "old.toml", "moved.toml"]);
    let run = repo.run(&["--staged", "--format", "json"]);
    assert_eq!(paths(&found(&run)), ["moved.toml"], "{}", run.stderr);
    // Without them nothing is clean.
    std::fs::rename(origin.root(), origin.outside().join("away")).expect("renamed");
    let run = repo.run(&["--staged"]);
    assert!(run.code >= 2, "{}: {}{}", run.code, run.stdout, run.stderr);
}

#[test]
fn another_index_can_be_named() {
    let repo = Repo::git();
    base(&repo);
    let index = repo.root().join(".git/other");
    std::fs::copy(repo.root().join(".git/index"), &index).expect("copied");
    repo.write("new.toml", leak(2));
    let added = clean(Command::new("git"), repo.outside())
        .current_dir(repo.root())
        .env("GIT_INDEX_FILE", &index)
        .args(["add", "new.toml"])
        .status();
    assert!(added.expect("git runs").success());
    assert_eq!(repo.run(&["--staged"]).code, 0, "the usual index");
    for name in [Path::new(".git/other"), &index] {
        let output = repo.command(&["--staged"]).env("GIT_INDEX_FILE", name).output().expect("it runs");
        assert_eq!(Run::from(output).code, 1, "{}", name.display());
    }
    let output = repo.command(&["--staged"]).env("GIT_INDEX_FILE", ".git/none").output().expect("it runs");
    assert_eq!(Run::from(output).code, 2, "an index that is named must be there");
}

/// Git runs hooks with an index that it puts together for the commit.
#[cfg(unix)]
#[test]
fn hooks_see_what_is_committed() {
    use std::os::unix::fs::PermissionsExt;
    for (name, commit, blocks) in [
        ("-a", &["commit", "-q", "-m", "x", "-a"][..], true),
        ("a path", &["commit", "-q", "-m", "x", "old.toml"], true),
        ("another path", &["commit", "-q", "-m", "x", "NOTES.md"], false),
        ("only what is staged", &["commit", "-q", "-m", "x"], false),
        ("with --include", &["commit", "-q", "-m", "x", "-i", "old.toml"], true),
    ] {
        let repo = Repo::git();
        base(&repo);
        let hook = repo.root().join(".git/hooks/pre-commit");
        std::fs::create_dir_all(hook.parent().expect("a parent")).expect("hooks");
        let program = env!("CARGO_BIN_EXE_cargo-prodcheck");
        std::fs::write(&hook, format!("#!/bin/sh\nexec '{program}' --staged --quiet\n")).expect("a hook");
        std::fs::set_permissions(&hook, std::fs::Permissions::from_mode(0o755)).expect("executable");
        repo.write("NOTES.md", "# B\n").write("src/keep.txt", "more\n");
        repo.run_git(&["add", "src/keep.txt"]);
        repo.write("old.toml", leak(3));
        let output = clean(Command::new("git"), repo.outside())
            .current_dir(repo.root())
            .args(["-c", "user.name=t", "-c", "user.email=t@example.org"])
            .args(commit)
            .output()
            .expect("git runs");
        assert_eq!(!output.status.success(), blocks, "{name}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn paths_narrow_what_is_staged() {
    let repo = Repo::git();
    base(&repo);
    repo.write("a/x.toml", leak(2)).write("b/y.toml", leak(3)).write("picture.png", b"\x89PNG\0\0\0\0");
    repo.run_git(&["add", "-A"]);
    let run = repo.run(&["--staged", "--format", "json", "a"]);
    assert_eq!(paths(&found(&run)), ["a/x.toml"]);
    let run = repo.run(&["--staged", "--format", "json", "b/y.toml", "picture.png"]);
    assert_eq!(paths(&found(&run)), ["b/y.toml"]);
    assert_eq!(repo.run(&["--staged", "src", "picture.png"]).code, 0, "hooks name all that is staged");
    let listed = repo.run(&["--staged", "--list-files"]);
    assert_eq!(listed.stdout, "a/x.toml\nb/y.toml\npicture.png\n");
}

#[test]
fn it_says_how_much_was_read() {
    let repo = Repo::git();
    base(&repo);
    let run = repo.run(&["--staged"]);
    assert_eq!(run.code, 0);
    assert!(run.stdout.contains("no file is staged"), "{}", run.stdout);
    repo.write("a.toml", leak(2)).write("b.txt", "clean\n");
    repo.run_git(&["add", "-A"]);
    let run = repo.run(&["--staged", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&run.stdout).expect("JSON");
    assert_eq!(report["checked"]["files"], 2);
    assert_eq!(report["checked"]["bytes"], leak(2).len() + "clean\n".len());
    assert_eq!(report["checked"]["blobs"], 2);
    assert_eq!(report["findings"][0]["origin"], "index");
}

#[test]
fn staged_content_that_was_not_read_is_not_clean() {
    let repo = Repo::git();
    base(&repo);
    repo.write("large.txt", "x".repeat(5000));
    repo.run_git(&["add", "-A"]);
    let run = repo.run(&["--staged", "--max-file-size", "1KiB"]);
    assert_eq!(run.code, 3, "{}", run.stdout);
    // An object that is gone, as in a partial clone.
    let repo = Repo::git();
    base(&repo);
    repo.write("a.toml", leak(2)).write("b.txt", "clean\n");
    repo.run_git(&["add", "-A"]);
    let id = repo.run_git(&["rev-parse", ":a.toml"]);
    let (folder, name) = id.trim().split_at(2);
    let object = repo.root().join(".git/objects").join(folder).join(name);
    let mut permissions = object.metadata().expect("there").permissions();
    #[allow(clippy::permissions_set_readonly_false)]
    permissions.set_readonly(false);
    std::fs::set_permissions(&object, permissions).expect("writable");
    std::fs::write(&object, b"damaged").expect("written");
    assert_eq!(repo.run(&["--staged"]).code, 3, "damaged");
    std::fs::remove_file(&object).expect("removed");
    assert_eq!(repo.run(&["--staged"]).code, 3, "gone");
    // One that is another than its name says.
    let other = repo.run_git(&["rev-parse", ":b.txt"]);
    let (other_folder, other_name) = other.trim().split_at(2);
    std::fs::copy(repo.root().join(".git/objects").join(other_folder).join(other_name), &object)
        .expect("copied");
    assert_eq!(repo.run(&["--staged"]).code, 3, "swapped");
}

#[test]
fn there_must_be_git() {
    let folder = Repo::bare_folder();
    folder.write("a.txt", "x\n");
    let run = folder.run(&["--staged"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("no Git work tree"), "{}", run.stderr);
    for other in ["--fix", "--resolve"] {
        assert_eq!(folder.run(&["--staged", other]).code, 2, "{other}");
    }
}
