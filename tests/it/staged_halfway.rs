//! States of the index in the midst of something: merges and rebases that stopped, patches, parts of files, filters. As in
//! `staged_states`, what `--staged` finds is held against an audit of the tree that Git writes.

use std::io::Write;
use std::process::{Command, Output, Stdio};

use crate::staged::{base, conflict, found, leak};
use crate::staged_states::{Case, hold};
use crate::support::{Repo, clean};

/// Runs git with something to read, and lets it fail.
fn try_git(repo: &Repo, args: &[&str], input: &str) -> Output {
    let mut child = clean(Command::new("git"), repo.outside())
        .current_dir(repo.root())
        .args(["-c", "user.name=t", "-c", "user.email=t@example.org"])
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("git runs");
    // It may end before it has read all.
    let _ = child.stdin.take().expect("a pipe").write_all(input.as_bytes());
    child.wait_with_output().expect("git ends")
}

fn stops(repo: &Repo, args: &[&str]) {
    assert!(!try_git(repo, args, "").status.success(), "git {args:?} stops");
}

/// A file with two places far from each other, and a secret at each since.
fn two_places(repo: &Repo) {
    base(repo);
    let between = "#\n".repeat(20);
    repo.write("part.toml", format!("a = 1\n{between}b = 2\n")).commit();
    repo.write("part.toml", format!("a = 1\n{}{between}b = 2\n{}", leak(6), leak(7)));
}

const CASES: &[Case] = &[
    Case {
        name: "add -p, one of two",
        init: &[],
        make: |repo| {
            two_places(repo);
            assert!(try_git(repo, &["add", "-p"], "n\ny\n").status.success());
        },
        finds: &["part.toml"],
    },
    Case {
        name: "add -p, all, and reset -p of one",
        init: &[],
        make: |repo| {
            two_places(repo);
            repo.run_git(&["add", "-A"]);
            assert!(try_git(repo, &["reset", "-p"], "y\nn\n").status.success());
        },
        finds: &["part.toml"],
    },
    Case {
        name: "restore --staged",
        init: &[],
        make: |repo| {
            two_places(repo);
            repo.run_git(&["add", "-A"]);
            repo.run_git(&["restore", "--staged", "part.toml"]);
        },
        finds: &[],
    },
    Case {
        name: "add -N, and then all of it",
        init: &[],
        make: |repo| {
            base(repo);
            repo.write("intent.toml", leak(2));
            repo.run_git(&["add", "-N", "intent.toml"]);
            repo.run_git(&["add", "-u"]);
        },
        finds: &["intent.toml"],
    },
    Case {
        name: "a rebase that stopped at a conflict, resolved",
        init: &[],
        make: |repo| {
            conflict(repo);
            repo.run_git(&["merge", "--abort"]);
            stops(repo, &["rebase", "-q", "side"]);
            repo.write("shared.toml", leak(5));
            repo.run_git(&["add", "shared.toml"]);
        },
        finds: &["shared.toml"],
    },
    Case {
        name: "a cherry-pick that stopped, resolved to theirs",
        init: &[],
        make: |repo| {
            conflict(repo);
            repo.run_git(&["merge", "--abort"]);
            stops(repo, &["cherry-pick", "side"]);
            repo.run_git(&["checkout", "-q", "--theirs", "shared.toml"]);
            repo.run_git(&["add", "shared.toml"]);
        },
        finds: &["shared.toml"],
    },
    Case {
        name: "a merge that stopped, resolved to ours",
        init: &[],
        make: |repo| {
            conflict(repo);
            repo.run_git(&["checkout", "-q", "--ours", "shared.toml"]);
            repo.run_git(&["add", "shared.toml"]);
        },
        finds: &[],
    },
    Case {
        name: "changed here and deleted there, kept",
        init: &[],
        make: |repo| {
            base(repo);
            repo.run_git(&["checkout", "-q", "-b", "side"]);
            repo.run_git(&["rm", "-q", "old.toml"]);
            repo.commit();
            repo.run_git(&["checkout", "-q", "main"]);
            repo.write("old.toml", "clean\n").commit();
            stops(repo, &["merge", "-q", "side"]);
            repo.write("old.toml", leak(3));
            repo.run_git(&["add", "old.toml"]);
        },
        finds: &["old.toml"],
    },
    Case {
        name: "revert --no-commit of a clean-up",
        init: &[],
        make: |repo| {
            base(repo);
            repo.write("old.toml", "clean\n").commit();
            repo.run_git(&["revert", "--no-commit", "HEAD"]);
        },
        finds: &["old.toml"],
    },
    Case {
        name: "a patch, to the index alone",
        init: &[],
        make: |repo| {
            base(repo);
            repo.write("new.toml", leak(2)).commit();
            let patch = repo.run_git(&["format-patch", "--stdout", "-1"]);
            repo.run_git(&["reset", "-q", "--hard", "HEAD~1"]);
            assert!(try_git(repo, &["apply", "--cached"], &patch).status.success());
            assert!(!repo.root().join("new.toml").exists());
        },
        finds: &["new.toml"],
    },
    Case {
        name: "the index of another commit",
        init: &[],
        make: |repo| {
            base(repo);
            repo.write("later.toml", leak(2)).write("old.toml", leak(3)).commit();
            repo.run_git(&["checkout", "-q", "HEAD~1"]);
            repo.run_git(&["read-tree", "main"]);
        },
        finds: &["later.toml", "old.toml"],
    },
    Case {
        name: "a file becomes a folder",
        init: &[],
        make: |repo| {
            base(repo);
            std::fs::remove_file(repo.root().join("old.toml")).expect("removed");
            repo.write("old.toml/a.toml", leak(2)).write("old.toml.txt", leak(3));
            repo.run_git(&["add", "-A"]);
        },
        finds: &["old.toml.txt", "old.toml/a.toml"],
    },
    Case {
        name: "a folder becomes a file",
        init: &[],
        make: |repo| {
            base(repo);
            repo.write("conf/a.toml", leak(2)).commit();
            std::fs::remove_dir_all(repo.root().join("conf")).expect("removed");
            repo.write("conf", leak(3));
            repo.run_git(&["add", "-A"]);
        },
        finds: &["conf"],
    },
    Case {
        name: "a file that Git is told not to look at",
        init: &[],
        make: |repo| {
            base(repo);
            repo.write("new.toml", leak(2));
            repo.run_git(&["add", "new.toml"]);
            repo.run_git(&["update-index", "--skip-worktree", "new.toml"]);
            std::fs::remove_file(repo.root().join("new.toml")).expect("removed");
        },
        finds: &["new.toml"],
    },
    Case {
        name: "a filter puts something else into the index",
        init: &[],
        make: |repo| {
            base(repo);
            std::fs::write(repo.outside().join("filled"), leak(2)).expect("written");
            repo.run_git(&["config", "filter.fill.clean", "cat ../filled"]);
            repo.write(".gitattributes", "new.toml filter=fill\n").write("new.toml", "clean\n");
            repo.run_git(&["add", "-A"]);
        },
        finds: &["new.toml"],
    },
    Case {
        name: "an index with more in it: untracked files, no checksum",
        init: &[],
        make: |repo| {
            base(repo);
            repo.run_git(&["config", "index.skipHash", "true"]);
            repo.run_git(&["update-index", "--force-untracked-cache"]);
            repo.write("new.toml", leak(2)).write("untracked.toml", leak(3));
            repo.run_git(&["add", "new.toml"]);
            repo.run_git(&["status", "-s"]);
        },
        finds: &["new.toml"],
    },
    Case {
        name: "a Git folder that lies elsewhere",
        init: &["--separate-git-dir=../elsewhere"],
        make: |repo| {
            base(repo);
            repo.write("new.toml", leak(2));
            repo.run_git(&["add", "-A"]);
        },
        finds: &["new.toml"],
    },
    Case {
        name: "a branch without a commit",
        init: &[],
        make: |repo| {
            base(repo);
            repo.run_git(&["checkout", "-q", "--orphan", "anew"]);
        },
        finds: &["old.toml"],
    },
];

#[test]
fn what_is_found_halfway_is_what_the_committed_tree_has() {
    hold(CASES);
}

#[test]
fn all_kinds_of_conflicts_are_said() {
    type Change = fn(&Repo);
    let remove: Change = |repo| {
        repo.run_git(&["rm", "-q", "old.toml"]);
    };
    let kinds: [(&str, Change, Change, &[&str]); 4] = [
        (
            "both changed",
            |repo| {
                repo.write("old.toml", leak(2));
            },
            |repo| {
                repo.write("old.toml", leak(3));
            },
            &["old.toml"],
        ),
        (
            "both added",
            |repo| {
                repo.write("new.toml", leak(2));
            },
            |repo| {
                repo.write("new.toml", leak(3));
            },
            &["new.toml"],
        ),
        (
            "one deleted",
            remove,
            |repo| {
                repo.write("old.toml", leak(3));
            },
            &["old.toml"],
        ),
        (
            "renamed to two names",
            |repo| {
                repo.run_git(&["mv", "old.toml", "one.toml"]);
            },
            |repo| {
                repo.run_git(&["mv", "old.toml", "two.toml"]);
            },
            &["old.toml", "one.toml", "two.toml"],
        ),
    ];
    for (name, theirs, ours, paths) in kinds {
        let repo = Repo::git();
        base(&repo);
        repo.run_git(&["checkout", "-q", "-b", "side"]);
        theirs(&repo);
        repo.commit();
        repo.run_git(&["checkout", "-q", "main"]);
        ours(&repo);
        repo.commit();
        stops(&repo, &["merge", "-q", "side"]);
        let run = repo.run(&["--staged", "--format", "json"]);
        assert_eq!((run.code, found(&run).len()), (3, 0), "{name}: {}", run.stdout);
        let report: serde_json::Value = serde_json::from_str(&run.stdout).expect("JSON");
        let said: Vec<&str> = report["not_checked"]
            .as_array()
            .expect("a list")
            .iter()
            .filter(|item| item["what"] == "conflict")
            .filter_map(|item| item["path"].as_str())
            .collect();
        assert_eq!(said, paths, "{name}");
    }
}

/// `git commit -p` puts an index together for what was chosen, and gives it to the hook.
#[cfg(unix)]
#[test]
fn a_hook_sees_the_parts_that_are_committed() {
    use std::os::unix::fs::PermissionsExt;
    for (answers, blocks) in [("y\nn\n", true), ("n\ny\n", false)] {
        let repo = Repo::git();
        base(&repo);
        let between = "#\n".repeat(20);
        repo.write("part.toml", format!("a = 1\n{between}b = 2\n")).commit();
        let hook = repo.root().join(".git/hooks/pre-commit");
        std::fs::create_dir_all(hook.parent().expect("a parent")).expect("hooks");
        let program = env!("CARGO_BIN_EXE_cargo-prodcheck");
        std::fs::write(&hook, format!("#!/bin/sh\nexec '{program}' --staged --quiet\n")).expect("a hook");
        std::fs::set_permissions(&hook, std::fs::Permissions::from_mode(0o755)).expect("executable");
        repo.write("part.toml", format!("a = 1\n{}{between}b = 3\n", leak(6)));
        let output = try_git(&repo, &["commit", "-q", "-m", "x", "-p"], answers);
        assert_eq!(!output.status.success(), blocks, "{}", String::from_utf8_lossy(&output.stderr));
    }
}
