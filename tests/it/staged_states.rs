//! States of the index, all made by real git commands: what `--staged` finds in each is held against an audit of a checkout of
//! the tree that Git writes for it.

use crate::staged::{base, conflict, found, in_the_tree, leak, paths};
use crate::support::Repo;

/// A state of the index, and in which of its files something is found.
pub struct Case {
    pub name: &'static str,
    /// What `git init` is given.
    pub init: &'static [&'static str],
    pub make: fn(&Repo),
    pub finds: &'static [&'static str],
}

const CASES: &[Case] = &[
    Case {
        name: "a new file",
        init: &[],
        make: |repo| {
            base(repo);
            repo.write("new.toml", leak(2));
            repo.run_git(&["add", "new.toml"]);
        },
        finds: &["new.toml"],
    },
    Case {
        name: "staged, and the work tree cleaned since",
        init: &[],
        make: |repo| {
            base(repo);
            repo.write("new.toml", leak(2));
            repo.run_git(&["add", "new.toml"]);
            repo.write("new.toml", "clean\n");
        },
        finds: &["new.toml"],
    },
    Case {
        name: "staged clean, and a secret in the work tree since",
        init: &[],
        make: |repo| {
            base(repo);
            repo.write("new.toml", "clean\n");
            repo.run_git(&["add", "new.toml"]);
            repo.write("new.toml", leak(2));
        },
        finds: &[],
    },
    Case {
        name: "a change of a file with an old secret",
        init: &[],
        make: |repo| {
            base(repo);
            repo.write("old.toml", format!("# moved down\n{}", leak(1)));
            repo.run_git(&["add", "-A"]);
        },
        finds: &["old.toml"],
    },
    Case {
        name: "add -N",
        init: &[],
        make: |repo| {
            base(repo);
            repo.write("intent.toml", leak(2));
            repo.run_git(&["add", "-N", "intent.toml"]);
        },
        finds: &[],
    },
    Case {
        name: "add -N beside a staged file",
        init: &[],
        make: |repo| {
            base(repo);
            repo.write("intent.toml", leak(2)).write("b.toml", leak(3));
            repo.run_git(&["add", "-N", "intent.toml"]);
            repo.run_git(&["add", "b.toml"]);
        },
        finds: &["b.toml"],
    },
    Case {
        name: "a rename",
        init: &[],
        make: |repo| {
            base(repo);
            repo.run_git(&["mv", "old.toml", "renamed.toml"]);
        },
        finds: &["renamed.toml"],
    },
    Case {
        name: "a rename with a change, into a folder",
        init: &[],
        make: |repo| {
            base(repo);
            std::fs::create_dir(repo.root().join("to")).expect("a folder");
            repo.run_git(&["mv", "old.toml", "to/renamed.toml"]);
            repo.write("to/renamed.toml", leak(1) + &leak(4));
            repo.run_git(&["add", "-A"]);
        },
        finds: &["to/renamed.toml", "to/renamed.toml"],
    },
    Case {
        name: "a deletion",
        init: &[],
        make: |repo| {
            base(repo);
            repo.run_git(&["rm", "-q", "old.toml"]);
        },
        finds: &[],
    },
    Case {
        name: "rm --cached, the file still there",
        init: &[],
        make: |repo| {
            base(repo);
            repo.run_git(&["rm", "-q", "--cached", "old.toml"]);
            repo.write("b.toml", leak(3));
            repo.run_git(&["add", "b.toml"]);
        },
        finds: &["b.toml"],
    },
    Case {
        name: "staged, and deleted in the work tree since",
        init: &[],
        make: |repo| {
            base(repo);
            repo.write("gone.toml", leak(2));
            repo.run_git(&["add", "gone.toml"]);
            std::fs::remove_file(repo.root().join("gone.toml")).expect("removed");
        },
        finds: &["gone.toml"],
    },
    Case {
        name: "before the first commit",
        init: &[],
        make: |repo| {
            repo.write("a.toml", leak(1)).write("b.toml", "clean\n");
            repo.run_git(&["add", "a.toml"]);
        },
        finds: &["a.toml"],
    },
    Case {
        name: "a conflict that is resolved",
        init: &[],
        make: |repo| {
            conflict(repo);
            repo.write("shared.toml", leak(5));
            repo.run_git(&["add", "shared.toml"]);
        },
        finds: &["shared.toml"],
    },
    Case {
        name: "a merge that waits for its commit",
        init: &[],
        make: |repo| {
            base(repo);
            repo.run_git(&["checkout", "-q", "-b", "side"]);
            repo.write("side.toml", leak(2)).commit();
            repo.run_git(&["checkout", "-q", "main"]);
            repo.write("main.txt", "x\n").commit();
            repo.run_git(&["merge", "-q", "--no-commit", "--no-ff", "side"]);
        },
        finds: &["side.toml"],
    },
    Case {
        name: "merge --squash",
        init: &[],
        make: |repo| {
            base(repo);
            repo.run_git(&["checkout", "-q", "-b", "side"]);
            repo.write("side.toml", leak(2)).commit();
            repo.run_git(&["checkout", "-q", "main"]);
            repo.run_git(&["merge", "-q", "--squash", "side"]);
        },
        finds: &["side.toml"],
    },
    Case {
        name: "cherry-pick --no-commit",
        init: &[],
        make: |repo| {
            base(repo);
            repo.run_git(&["checkout", "-q", "-b", "side"]);
            repo.write("side.toml", leak(2)).commit();
            repo.run_git(&["checkout", "-q", "main"]);
            repo.run_git(&["cherry-pick", "--no-commit", "side"]);
        },
        finds: &["side.toml"],
    },
    Case {
        name: "reset --soft",
        init: &[],
        make: |repo| {
            base(repo);
            repo.write("later.toml", leak(2)).commit();
            repo.run_git(&["reset", "-q", "--soft", "HEAD~1"]);
        },
        finds: &["later.toml"],
    },
    Case {
        name: "stash pop --index",
        init: &[],
        make: |repo| {
            base(repo);
            repo.write("a.toml", leak(2));
            repo.run_git(&["add", "a.toml"]);
            repo.write("a.toml", "clean\n");
            repo.run_git(&["stash", "-q"]);
            repo.run_git(&["stash", "pop", "-q", "--index"]);
        },
        finds: &["a.toml"],
    },
    Case {
        name: "a part of a file (add -p)",
        init: &[],
        make: |repo| {
            base(repo);
            repo.write("part.toml", "a = 1\n\n\n\n\n\n\n\nb = 2\n");
            repo.commit();
            repo.write("part.toml", format!("a = 1\n{}\n\n\n\n\n\n\nb = 2\n", leak(6)));
            repo.run_git(&["add", "part.toml"]);
            repo.write("part.toml", format!("a = 1\n{}\n\n\n\n\n\n\nb = 2\n{}", leak(6), leak(7)));
        },
        finds: &["part.toml"],
    },
    Case {
        name: "an ignored file, forced",
        init: &[],
        make: |repo| {
            repo.write(".gitignore", ".env\n");
            base(repo);
            repo.write(".env", leak(2));
            repo.run_git(&["add", "-f", ".env"]);
        },
        finds: &[".env", ".env"],
    },
    Case {
        name: "index version 4",
        init: &[],
        make: |repo| {
            base(repo);
            repo.write("new.toml", leak(2));
            repo.run_git(&["add", "new.toml"]);
            repo.run_git(&["update-index", "--index-version", "4"]);
        },
        finds: &["new.toml"],
    },
    Case {
        name: "a split index",
        init: &[],
        make: |repo| {
            base(repo);
            repo.run_git(&["update-index", "--split-index"]);
            repo.write("new.toml", leak(2)).write("old.toml", leak(8));
            repo.run_git(&["add", "-A"]);
        },
        finds: &["new.toml", "old.toml"],
    },
    Case {
        name: "SHA-256",
        init: &["--object-format=sha256"],
        make: |repo| {
            base(repo);
            repo.write("new.toml", leak(2));
            repo.run_git(&["add", "new.toml"]);
            repo.run_git(&["repack", "-q", "-a", "-d"]);
        },
        finds: &["new.toml"],
    },
    Case {
        name: "only the executable bit",
        init: &[],
        make: |repo| {
            base(repo);
            repo.run_git(&["update-index", "--chmod=+x", "src/keep.txt"]);
        },
        finds: &[],
    },
    Case {
        name: "a file that Git is told to think unchanged",
        init: &[],
        make: |repo| {
            base(repo);
            repo.write("new.toml", leak(2));
            repo.run_git(&["add", "new.toml"]);
            repo.run_git(&["update-index", "--assume-unchanged", "new.toml"]);
            repo.write("new.toml", "clean\n");
        },
        finds: &["new.toml"],
    },
    Case {
        name: "packed, as a delta",
        init: &[],
        make: |repo| {
            base(repo);
            let text = |last: &str| "a line of a long file\n".repeat(400) + last;
            repo.write("long.toml", text("end\n")).commit();
            repo.write("long.toml", text(&leak(2)));
            repo.run_git(&["add", "-A"]);
            repo.run_git(&["commit", "-q", "-m", "to be packed"]);
            repo.run_git(&["reset", "-q", "--soft", "HEAD~1"]);
            repo.run_git(&["repack", "-q", "-a", "-d", "-f", "--depth=50", "--window=10"]);
            repo.run_git(&["pack-refs", "--all"]);
        },
        finds: &["long.toml"],
    },
    Case {
        name: "a detached HEAD",
        init: &[],
        make: |repo| {
            base(repo);
            repo.run_git(&["checkout", "-q", "--detach"]);
            repo.write("new.toml", leak(2));
            repo.run_git(&["add", "new.toml"]);
        },
        finds: &["new.toml"],
    },
    Case {
        name: "names that shells dislike",
        init: &[],
        make: |repo| {
            base(repo);
            repo.write("a b/d\u{e4}t\u{e4} \u{1f511}.toml", leak(2)).write("-x.toml", leak(3));
            repo.run_git(&["add", "-A"]);
        },
        finds: &["-x.toml", "a b/d\u{e4}t\u{e4} \u{1f511}.toml"],
    },
    Case {
        name: "line ends that Git converts",
        init: &[],
        make: |repo| {
            base(repo);
            repo.run_git(&["config", "core.autocrlf", "input"]);
            repo.write("crlf.toml", format!("a = 1\r\n{}\r\n", leak(2).trim_end()));
            repo.run_git(&["add", "crlf.toml"]);
        },
        finds: &["crlf.toml"],
    },
    Case {
        name: "UTF-16",
        init: &[],
        make: |repo| {
            base(repo);
            let text: Vec<u8> = leak(2).encode_utf16().flat_map(u16::to_le_bytes).collect();
            repo.write("wide.txt", [b"\xff\xfe".to_vec(), text].concat());
            repo.run_git(&["add", "-A"]);
        },
        finds: &["wide.txt"],
    },
    Case {
        name: "the configuration that is staged holds",
        init: &[],
        make: |repo| {
            base(repo);
            repo.write("prodcheck.toml", "exclude = [\"fixtures/**\"]\n");
            repo.write("fixtures/a.toml", leak(2)).write("b.toml", leak(3));
            repo.run_git(&["add", "-A"]);
            repo.write("prodcheck.toml", "exclude = [\"**\"]\n");
        },
        finds: &["b.toml"],
    },
    Case {
        name: "allows that are staged hold",
        init: &[],
        make: |repo| {
            base(repo);
            let allow = "[[allow]]\nrule = \"secrets/*\"\npath = \"a.toml\"\nreason = \"made up\"\n";
            repo.write("prodcheck.toml", allow.replace("secrets/*", "secrets"));
            repo.write("a.toml", leak(2)).write("b.toml", leak(3));
            repo.run_git(&["add", "-A"]);
            repo.write("prodcheck.toml", "");
        },
        finds: &["a.toml", "b.toml"],
    },
];

/// Looks at each state as it is staged, and as it would be committed.
pub fn hold(cases: &[Case]) {
    for case in cases {
        let repo = Repo::git_with(case.init);
        (case.make)(&repo);
        let run = repo.run(&["--staged", "--format", "json"]);
        let staged = found(&run);
        assert_eq!(paths(&staged), case.finds, "{}: {}{}", case.name, run.stdout, run.stderr);
        assert_eq!(staged, in_the_tree(&repo, case.init), "{}", case.name);
        let fails = run.stdout.contains("\"status\": \"new\"") || run.stdout.contains("\"status\":\"new\"");
        assert_eq!(run.code == 1, fails, "{}: {}", case.name, run.code);
        assert!(run.code < 2, "{}: {} {}", case.name, run.code, run.stdout);
    }
}

#[test]
fn what_is_found_is_what_the_committed_tree_has() {
    hold(CASES);
}
