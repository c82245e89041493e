//! What was not looked at is never called clean.

use crate::support::Repo;

const BROKEN_LOCK: &str = "version = 4\n\n[[package]\nname = \"a\"\n";

fn repo() -> Repo {
    let repo = Repo::git();
    repo.write("README.md", "# Clean\n");
    repo
}

#[test]
fn a_file_that_was_named_and_not_read_leaves_the_answer_open() {
    let repo = repo();
    repo.write("logo.png", b"\x89PNG\0\0\0").write("docs/long.txt", "x\n".repeat(200)).commit();
    assert_eq!(repo.run::<&str>(&[]).code, 0, "a picture is nothing by itself");
    assert_eq!(repo.run(&["docs", "--max-file-size", "100"]).code, 0, "nor is what lies in a folder");
    for (args, what, why) in [
        (&["logo.png"][..], "binary", "it is a binary file"),
        (&["docs/long.txt", "--max-file-size", "100"], "too-large", "it is too large (400 bytes)"),
    ] {
        let mut all = vec!["--format", "json"];
        all.extend(args);
        let run = repo.run(&all);
        assert_eq!(run.code, 3, "{args:?}: {}", run.stdout);
        let report: serde_json::Value = serde_json::from_str(&run.stdout).expect("JSON");
        let item = &report["not_checked"][0];
        assert_eq!((item["what"].as_str(), item["path"].as_str()), (Some(what), Some(args[0])), "{item}");
        assert_eq!(item["reason"], format!("{why}, and was asked for by its name"));
        let run = repo.run(args);
        assert!(run.stdout.contains(&format!("not checked: {}: {why}", args[0])), "{}", run.stdout);
    }
}

#[test]
fn whoever_selects_no_rule_is_told_so() {
    let repo = repo();
    repo.write("off.toml", "[severity]\n\"debug/dbg-macro\" = \"off\"\n");
    for args in [
        &["--rule", "secrets", "--skip", "secrets"][..],
        &["--skip", "secrets,advisories,deps,deploy,debug,gitignore,meta"],
        &["--config", "off.toml", "--rule", "debug/dbg*"],
    ] {
        let run = repo.run(args);
        assert_eq!((run.code, &*run.stdout), (2, ""), "{args:?}");
        assert!(run.stderr.contains("no rule is left to run"), "{args:?}: {}", run.stderr);
    }
}

/// Caches of CI jobs often lie in the work tree; a change that brings them along would judge itself.
#[test]
fn what_a_change_brings_into_the_caches_is_not_believed() {
    let repo = repo();
    let source = "registry+https://github.com/rust-lang/crates.io-index";
    repo.write(
        "Cargo.lock",
        format!("version = 4\n\n[[package]]\nname = \"left\"\nversion = \"1.2.3\"\nsource = \"{source}\"\n"),
    )
    .write(".gitignore", ".cargo/\n")
    .commit();
    repo.write(
        ".cargo/advisory-db/crates/right/RUSTSEC-2099-0001.md",
        "```toml\n[advisory]\nid = \"RUSTSEC-2099-0001\"\npackage = \"right\"\ndate = \"2099-01-01\"\n[versions]\npatched = []\n```\n\n# It breaks\n",
    );
    let code = || {
        let home = repo.root().join(".cargo");
        let mut command = repo.command(&["--rule", "advisories/vulnerable"]);
        command.env("CARGO_HOME", home).status().expect("it runs").code()
    };
    assert_eq!(code(), Some(0), "a cache of the machine");
    repo.run_git(&["add", "--force", ".cargo"]);
    assert_eq!(code(), Some(3), "a part of the change");
}

/// Rules about dependencies read lock files too: without one they cannot do their work.
#[test]
fn a_lock_file_that_does_not_parse_is_named_where_it_is_needed() {
    let repo = repo();
    repo.write("Cargo.toml", "[package]\nname = \"a\"\nversion = \"0.1.0\"\nedition = \"2024\"\n")
        .write("src/lib.rs", "")
        .write("Cargo.lock", BROKEN_LOCK)
        .commit();
    for (args, code) in [
        (&[][..], 3),
        (&["--skip", "advisories"], 3),
        (&["--rule", "deps"], 3),
        (&["--rule", "advisories"], 3),
        (&["--skip", "advisories,deps"], 0),
        (&["--rule", "secrets"], 0),
    ] {
        let run = repo.run(args);
        assert_eq!(run.code, code, "{args:?}: {}", run.stdout);
        assert_eq!(run.stdout.contains("Cargo.lock: line 3: "), code == 3, "{args:?}: {}", run.stdout);
    }
    repo.write("Cargo.lock", "version = 4\n\n[[package]]\nname = \"a\"\nversion = \"0.1.0\"\n");
    repo.write("tests/data/Cargo.lock", BROKEN_LOCK).commit();
    assert_eq!(repo.run(&["--skip", "advisories"]).code, 0, "tests hold broken ones on purpose");
}

/// What fails an audit is to be seen, or nobody can mend it.
#[test]
fn what_fails_the_audit_is_shown() {
    let repo = repo();
    repo.write(".env", "LOG_LEVEL=info\n");
    let note = ".env: note[gitignore/untracked-sensitive-file]";
    let run = repo.run::<&str>(&[]);
    assert_eq!(run.code, 0, "{}", run.stdout);
    assert!(!run.stdout.contains(note), "{}", run.stdout);
    for format in ["concise", "graphical"] {
        let run = repo.run(&["--fail-on", "note", "--format", format]);
        assert_eq!(run.code, 1, "{}", run.stdout);
        assert!(run.stdout.contains("note[gitignore/untracked-sensitive-file]"), "{}", run.stdout);
        assert!(!run.stdout.contains("not shown"), "{}", run.stdout);
    }
    let run = repo.run(&["--fail-on", "note", "-q"]);
    assert!(run.stdout.starts_with(note), "{}", run.stdout);
    let run = repo.run(&["--fail-on", "note", "--min-severity", "error"]);
    assert!(run.code == 1 && !run.stdout.contains(note), "who says otherwise gets it: {}", run.stdout);
    repo.write("prodcheck.toml", "fail-on = \"note\"\n");
    assert!(repo.run::<&str>(&[]).stdout.contains(note), "the configuration says it too");
}

#[test]
fn the_report_of_the_last_run_is_no_part_of_this_one() {
    let repo = repo();
    repo.commit();
    let run = |args: &[&str]| repo.run(args).stdout;
    let args = ["--output", "json=out/report.json", "--format", "json"];
    std::fs::create_dir_all(repo.root().join("out")).expect("a folder");
    let first = run(&args);
    assert_eq!(run(&args), first, "the same tree gives the same bytes");
    let report = std::fs::read_to_string(repo.root().join("out/report.json")).expect("a report");
    assert_eq!(report, first);
    assert!(!run(&["--output", "json=out/report.json", "--list-files"]).contains("report.json"));
    assert!(run(&["--list-files"]).contains("out/report.json"), "nobody knows it in another run");
    // By another way to the same file.
    let output = format!("json={}", repo.root().join("out/../out/report.json").display());
    assert_eq!(run(&["--output", &output, "--format", "json"]), first);
    // What Git tracks is published: nobody hides a secret by giving it the name of the report.
    repo.write("out/report.json", "{ \"url\": \"postgres://app:hK3vQ9zT2mXw@db7.shopdata.net/app\" }\n")
        .commit();
    assert!(run(&args).contains("secrets/credential-in-url"));
}
