//! The command line's contract: calling forms, options, exit codes, the same in every format.

use crate::support::Repo;

const FORMATS: &[&str] = &["graphical", "concise", "json", "sarif"];

/// A password in a URL: an error of the secrets family, made up here.
fn leak() -> String {
    format!("url = \"postgres://app:{}@db7.shopdata.net/app\"\n", "hK3vQ9zT2mXw")
}

fn clean_repo() -> Repo {
    let repo = Repo::git();
    repo.write("README.md", "# Clean\n").write(".gitignore", "/target\n");
    repo.commit();
    repo
}

#[test]
fn exit_0_when_clean() {
    let repo = clean_repo();
    for format in FORMATS {
        let run = repo.run(&["--format", format]);
        assert_eq!(run.code, 0, "{format}: {}{}", run.stdout, run.stderr);
    }
}

#[test]
fn exit_1_on_findings() {
    let repo = clean_repo();
    repo.write("config/prod.toml", leak());
    for format in FORMATS {
        let run = repo.run(&["--format", format]);
        assert_eq!(run.code, 1, "{format}: {}{}", run.stdout, run.stderr);
        assert_eq!(repo.run(&["--format", format, "--fail-on", "never"]).code, 0, "{format}");
    }
}

#[test]
fn exit_2_when_the_job_cannot_be_done() {
    let repo = clean_repo();
    for format in FORMATS {
        for bad in [
            &["--no-such-option"][..],
            &["--rule", "secrets/no-such-rule"],
            &["--skip", "nonsense"],
            &["nowhere/at/all"],
            &["--config", "missing.toml"],
            &["--max-file-size", "many"],
            &["--advisory-db", "nowhere"],
            &["--staged", "--fix"],
            &["--history", "--fix"],
            &["--dry-run"],
            &["--fix", "--dry-run"],
            &["--trust"],
            &["--output", "json"],
            &["--output", "json=/no/such/folder/x.json"],
        ] {
            let mut args = vec!["--format", *format];
            args.extend(bad);
            let run = repo.run(&args);
            assert_eq!(run.code, 2, "{args:?}: {}{}", run.stdout, run.stderr);
            assert!(!run.stderr.is_empty(), "{args:?} says why");
        }
    }
}

#[test]
fn exit_3_when_something_was_not_checked() {
    let repo = clean_repo();
    repo.write("Cargo.toml", "[package]\nname = \"a\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\nb = \"1\"\n")
        .write("src/lib.rs", "")
        .write(
            "Cargo.lock",
            "version = 4\n\n[[package]]\nname = \"a\"\nversion = \"0.1.0\"\ndependencies = [\n \"b\",\n]\n\n[[package]]\nname = \"b\"\nversion = \"1.0.0\"\nsource = \"registry+https://github.com/rust-lang/crates.io-index\"\nchecksum = \"0000000000000000000000000000000000000000000000000000000000000000\"\n",
        );
    for format in FORMATS {
        let run = repo.run(&["--format", format]);
        assert_eq!(run.code, 3, "{format}: {}{}", run.stdout, run.stderr);
        assert_eq!(repo.run(&["--format", format, "--fail-on", "never"]).code, 3, "{format}");
        assert_eq!(repo.run(&["--format", format, "--skip", "advisories"]).code, 0, "{format}");
    }
    repo.write("prodcheck.toml", "[advisories]\nunchecked = \"note\"\n");
    assert_eq!(repo.run(&["--format", "json"]).code, 0);
}

#[test]
fn the_three_calling_forms_behave_alike() {
    let repo = clean_repo();
    repo.write("config/prod.toml", leak());
    let direct = repo.run(&["--format", "json", "config"]);
    let word = repo.run(&["prodcheck", "--format", "json", "config"]);
    assert_eq!((direct.code, &direct.stdout), (word.code, &word.stdout));
    // `cargo prodcheck`: cargo finds the subcommand on the PATH and adds the word.
    let folder = std::path::Path::new(env!("CARGO_BIN_EXE_cargo-prodcheck")).parent().expect("a folder");
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut paths = vec![folder.to_owned()];
    paths.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
    let output = crate::support::clean(std::process::Command::new(cargo), repo.outside())
        .env("PATH", std::env::join_paths(paths).expect("a path"))
        .current_dir(repo.root())
        .args(["prodcheck", "--format", "json", "config"])
        .output()
        .expect("cargo runs");
    assert_eq!(String::from_utf8_lossy(&output.stdout), direct.stdout);
    assert_eq!(output.status.code(), Some(direct.code));
}

#[test]
fn a_folder_called_prodcheck_can_still_be_audited() {
    let repo = clean_repo();
    repo.write("prodcheck/prod.toml", leak());
    assert_eq!(repo.run(&["prodcheck", "prodcheck"]).code, 1);
    assert_eq!(repo.run(&["./prodcheck"]).code, 1);
}

#[test]
fn paths_narrow_what_is_read() {
    let repo = clean_repo();
    repo.write("a/prod.toml", leak()).write("b/prod.toml", leak());
    assert_eq!(repo.findings(&["a"]), ["secrets/credential-in-url a/prod.toml:1"]);
    assert_eq!(repo.findings(&["a/prod.toml", "b"]).len(), 2);
    repo.write(".gitignore", "b/\n");
    assert_eq!(repo.findings(&[]).len(), 1, "ignored files are not read");
    assert_eq!(repo.findings(&["b/prod.toml"]).len(), 1, "but those that are named are");
    repo.write("prodcheck.toml", "exclude = [\"b\"]\n");
    assert_eq!(repo.findings(&["b/prod.toml"]).len(), 0, "and `exclude` holds for them");
}

#[test]
fn without_a_path_the_whole_repository_is_audited_from_anywhere() {
    let repo = clean_repo();
    repo.write("a/prod.toml", leak()).write("b/c/x.txt", "x\n");
    let run = |args: &[&str]| {
        let output = repo.command(args).current_dir(repo.root().join("b/c")).output().expect("runs");
        crate::support::Run::from(output)
    };
    assert_eq!(run(&[]).code, 1);
    assert!(run(&["--format", "concise"]).stdout.contains("../../a/prod.toml:1"));
    assert_eq!(run(&["."]).code, 0, "a folder that is named narrows");
}

#[test]
fn what_was_asked_for_and_was_not_there_is_never_clean() {
    let repo = clean_repo();
    repo.write(".gitignore", "ignored/\n").write("ignored/a.txt", "x\n").write("out/a.txt", "x\n");
    repo.write("prodcheck.toml", "exclude = [\"out\"]\n");
    assert_eq!(repo.run(&["ignored"]).code, 3);
    assert_eq!(repo.run(&["out"]).code, 3);
    assert_eq!(repo.run(&["out/a.txt"]).code, 3);
    assert_eq!(repo.run(&["README.md"]).code, 0);
    assert_eq!(Repo::git().run::<&str>(&[]).code, 3, "nothing at all");
    let lock = "version = 4\n\n[[package]]\nname = \"b\"\nversion = \"1.0.0\"\nsource = \"registry+https://github.com/rust-lang/crates.io-index\"\n";
    repo.write("Cargo.lock", lock);
    assert_eq!(repo.run(&["--max-file-size", "10"]).code, 3, "a lock file that is too large");
}

#[test]
fn a_byte_order_mark_hides_nothing() {
    let repo = clean_repo();
    repo.write("prod.toml", [b"\xff\xfe\n".as_slice(), leak().as_bytes()].concat());
    assert_eq!(repo.findings(&[]), ["secrets/credential-in-url prod.toml:2"]);
}

#[test]
fn a_lock_file_that_git_ignores_is_said_to_be_ignored() {
    let repo = clean_repo();
    repo.write("Cargo.toml", "[package]\nname = \"a\"\nversion = \"0.1.0\"\nedition = \"2024\"\n")
        .write("src/main.rs", "fn main() {}\n")
        .write("Cargo.lock", "version = 4\n\n[[package]]\nname = \"a\"\nversion = \"0.1.0\"\n")
        .write(".gitignore", "/target\nCargo.lock\n");
    assert_eq!(repo.findings(&["--rule", "deps"]), ["deps/lockfile-ignored .gitignore:2"]);
}

#[test]
fn paths_of_two_repositories_are_refused() {
    let (one, other) = (clean_repo(), clean_repo());
    let run = one.run(&[one.root(), other.root()]);
    assert_eq!(run.code, 2, "{}", run.stderr);
}

#[test]
fn rules_are_selected_by_family_id_and_prefix() {
    let repo = clean_repo();
    repo.write("config/prod.toml", leak()).write("app.py", "breakpoint()\n");
    assert_eq!(repo.findings(&[]).len(), 2);
    assert_eq!(repo.findings(&["--rule", "debug"]).len(), 1);
    assert_eq!(repo.findings(&["--rule", "secrets/credential-in-*"]).len(), 1);
    assert_eq!(repo.findings(&["--skip", "secrets,debug"]).len(), 0);
    assert_eq!(repo.findings(&["--rule", "secrets", "--skip", "secrets/credential-in-url"]).len(), 0);
    let run = repo.run(&["--rule", "secrets/credential-in-ulr"]);
    assert!(run.stderr.contains("secrets/credential-in-url"), "suggests the nearest: {}", run.stderr);
}

#[test]
fn an_allow_with_a_reason_silences_and_an_unused_one_is_said() {
    let repo = clean_repo();
    let line = leak();
    repo.write(
        "config/prod.toml",
        format!("# prodcheck:allow(secrets/credential-in-url) rotated, test only\n{line}"),
    );
    let run = repo.run(&["--format", "json"]);
    assert_eq!(run.code, 0, "{}", run.stdout);
    assert!(run.stdout.contains("rotated, test only"));
    assert_eq!(repo.run(&["--no-ignores"]).code, 1);
    repo.write("config/prod.toml", "# prodcheck:allow(secrets/credential-in-url) nothing here\nx = 1\n");
    assert_eq!(repo.findings(&[]), ["meta/unused-allow config/prod.toml:1"]);
}

#[test]
fn a_configured_allow_needs_a_reason_and_ends() {
    let repo = clean_repo();
    repo.write("config/prod.toml", leak());
    repo.write("prodcheck.toml", "[[allow]]\nrule = \"secrets\"\npath = \"config\"\n");
    let run = repo.run::<&str>(&[]);
    assert_eq!(run.code, 2, "{}", run.stderr);
    assert!(run.stderr.contains("reason") && run.stderr.contains("prodcheck.toml"), "{}", run.stderr);
    let entry = "[[allow]]\nrule = \"secrets\"\npath = \"config\"\nreason = \"known\"\n";
    repo.write("prodcheck.toml", entry);
    assert_eq!(repo.run::<&str>(&[]).code, 0);
    repo.write("prodcheck.toml", format!("{entry}until = \"2001-01-01\"\n"));
    let findings = repo.findings(&[]);
    assert!(findings.iter().any(|f| f.starts_with("meta/expired-allow prodcheck.toml")), "{findings:?}");
    assert!(findings.iter().any(|f| f.starts_with("secrets/")), "{findings:?}");
}

#[test]
fn the_configuration_says_where_it_is_wrong() {
    let repo = clean_repo();
    repo.write("prodcheck.toml", "profile = \"standard\"\nfail-onn = \"error\"\n");
    let run = repo.run::<&str>(&[]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("prodcheck.toml:2:1"), "{}", run.stderr);
    assert!(run.stderr.contains("fail-on"), "{}", run.stderr);
    assert_eq!(repo.run(&["--no-config"]).code, 0);
    repo.write("prodcheck.toml", "").write(
        "Cargo.toml",
        "[workspace]\nmembers = []\n[workspace.metadata.prodcheck]\nprofile = \"strict\"\n",
    );
    let run = repo.run::<&str>(&[]);
    assert_eq!(run.code, 2, "two places: {}{}", run.stdout, run.stderr);
}

#[test]
fn severities_can_be_overridden() {
    let repo = clean_repo();
    repo.write("config/prod.toml", leak());
    repo.write("prodcheck.toml", "[severity]\n\"secrets/credential-in-url\" = \"note\"\n");
    assert_eq!(repo.run::<&str>(&[]).code, 0);
    assert_eq!(repo.run(&["--fail-on", "note"]).code, 1);
    repo.write("prodcheck.toml", "[severity]\n\"secrets/credential-in-url\" = \"off\"\n");
    assert_eq!(repo.findings(&[]).len(), 0);
}

#[test]
fn min_severity_hides_and_never_decides() {
    let repo = clean_repo();
    repo.write("src/lib.rs", "/// x\npub fn f() { println!(\"x\"); }\n")
        .write("Cargo.toml", "[package]\nname = \"a\"\nversion = \"0.1.0\"\nedition = \"2024\"\n");
    let plain = repo.run(&["--format", "concise"]);
    assert!(!plain.stdout.contains("debug/print-in-library"), "notes are counted only: {}", plain.stdout);
    let all = repo.run(&["--format", "concise", "--min-severity", "note"]);
    assert!(all.stdout.contains("debug/print-in-library"), "{}", all.stdout);
    assert_eq!(repo.run(&["--min-severity", "error", "--fail-on", "note"]).code, 1);
}

#[test]
fn reports_go_to_files_too() {
    let repo = clean_repo();
    repo.write("config/prod.toml", leak());
    let run = repo.run(&["-q", "--output", "json=../r.json", "--output", "sarif=../r.sarif"]);
    assert_eq!(run.code, 1);
    for name in ["r.json", "r.sarif"] {
        let text = std::fs::read_to_string(repo.outside().join(name)).expect(name);
        assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok(), "{name}");
    }
    let quiet = repo.run(&["-qq"]);
    assert_eq!((quiet.code, quiet.stdout.as_str()), (1, ""));
}

#[test]
fn output_is_the_same_for_any_number_of_threads() {
    let repo = clean_repo();
    for i in 0..200 {
        repo.write(&format!("d{}/f{i}.toml", i % 7), leak())
            .write(&format!("d{}/f{i}.py", i % 7), "breakpoint()\n");
    }
    for format in FORMATS {
        let runs: Vec<String> =
            ["1", "2", "8"].iter().map(|n| repo.run(&["--format", format, "--threads", n]).stdout).collect();
        assert!(runs[0] == runs[1] && runs[1] == runs[2], "{format}");
        assert!(runs[0].len() > 1000);
    }
}

#[test]
fn help_and_version_are_no_errors() {
    let repo = clean_repo();
    for args in
        [&["--help"][..], &["-h"], &["help"], &["--version"], &["rules", "--help"], &["prodcheck", "--help"]]
    {
        let run = repo.run(args);
        assert_eq!(run.code, 0, "{args:?} {}", run.stderr);
        assert!(!run.stdout.is_empty());
    }
}

#[test]
fn rules_are_listed_explained_checked_and_made() {
    let repo = clean_repo();
    assert!(repo.run(&["rules", "list"]).stdout.contains("debug/dbg-macro"));
    let list = repo.run(&["rules", "list", "--json", "debug"]).stdout;
    let list: serde_json::Value = serde_json::from_str(&list).expect("JSON");
    assert!(list.as_array().is_some_and(|l| l.iter().all(|r| r["family"] == "debug")));
    let text = repo.run(&["explain", "debug/dbg-macro"]).stdout;
    assert!(text.contains("Why") && text.contains("prodcheck:allow(debug/dbg-macro)"), "{text}");
    assert_eq!(repo.run(&["explain", "debug/dgb-macro"]).code, 2);
    repo.write("src/lib.rs", "");
    assert!(repo.run(&["explain", "--file", "src/lib.rs"]).stdout.contains("rust"));
    assert_eq!(repo.run(&["rules", "new", "debug/our-word"]).code, 0);
    let run = repo.run(&["rules", "check", "rules/debug/our-word.toml"]);
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    assert_eq!(repo.run(&["rules", "new", "debug/our-word"]).code, 2, "nothing is overwritten");
    repo.write("prodcheck.toml", "[rules]\npaths = [\"rules\"]\n")
        .write("Cargo.toml", "[package]\nname = \"a\"\nversion = \"0.1.0\"\nedition = \"2024\"\n")
        .write("src/lib.rs", "fn f() { our-word(); }\n");
    assert!(repo.findings(&[]).contains(&"debug/our-word src/lib.rs:1".to_owned()));
    repo.write("rules/debug/our-word.toml", "title = 3\n");
    let run = repo.run::<&str>(&[]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("our-word.toml:1:"), "{}", run.stderr);
}

#[test]
fn another_configuration_can_be_named() {
    let repo = clean_repo();
    repo.write("config/prod.toml", leak())
        .write("strict.toml", "[severity]\n\"secrets/credential-in-url\" = \"off\"\n");
    assert_eq!(repo.run::<&str>(&[]).code, 1);
    assert_eq!(repo.run(&["--config", "strict.toml"]).code, 0);
    assert_eq!(repo.run(&["--config", "strict.toml", "--no-config"]).code, 2);
}

#[test]
fn the_network_is_refused_and_its_absence_is_said() {
    let repo = clean_repo();
    let run = repo.run(&["--update-advisories", "--offline"]);
    assert_eq!(run.code, 2, "{}", run.stderr);
    assert!(run.stderr.contains("--offline"), "{}", run.stderr);
    assert_eq!(repo.run(&["advisories", "update", "--offline"]).code, 2);
    let output = repo
        .command(&["--update-advisories", "--format", "json"])
        .env("PRODCHECK_ADVISORY_URL", format!("file://{}", repo.outside().join("nowhere").display()))
        .output()
        .expect("runs");
    let run = crate::support::Run::from(output);
    assert_eq!(run.code, 3, "the audit runs and says what is missing: {}{}", run.stdout, run.stderr);
    assert!(run.stdout.contains("advisory-update"), "{}", run.stdout);
    let cargo =
        repo.command(&["advisories", "update"]).env("CARGO_NET_OFFLINE", "true").output().expect("runs");
    assert_eq!(cargo.status.code(), Some(2));
    assert_eq!(repo.run(&["advisories", "status"]).code, 3, "there is no data");
}

#[test]
fn colour_is_asked_for_or_not() {
    let repo = clean_repo();
    repo.write("config/prod.toml", leak());
    for format in ["graphical", "concise"] {
        assert!(repo.run(&["--format", format, "--color", "always"]).stdout.contains('\u{1b}'), "{format}");
        assert!(!repo.run(&["--format", format, "--color", "never"]).stdout.contains('\u{1b}'), "{format}");
        assert!(!repo.run(&["--format", format]).stdout.contains('\u{1b}'), "a pipe: {format}");
    }
}

#[test]
fn more_is_said_with_v_and_less_with_q() {
    let repo = clean_repo();
    let allowed = format!("# prodcheck:allow(secrets) known to everybody\n{}", leak());
    repo.write("config/prod.toml", allowed).write("pic.png", b"\x89PNG\0\0");
    let plain = repo.run(&["--format", "concise"]).stdout;
    let more = repo.run(&["--format", "concise", "-v"]).stdout;
    assert!(!plain.contains("known to everybody") && more.contains("known to everybody"), "{plain}{more}");
    assert!(!plain.contains("pic.png") && more.contains("pic.png"), "{plain}{more}");
    assert_eq!(repo.run(&["--format", "concise", "-q"]).stdout, "");
}

#[test]
fn the_files_of_an_audit_can_be_listed() {
    let repo = clean_repo();
    repo.write("b.txt", "")
        .write("a\nb.txt", "")
        .write("skip/x", "")
        .write("prodcheck.toml", "exclude = [\"skip\"]\n");
    assert_eq!(
        repo.run(&["--list-files"]).stdout,
        ".gitignore\nREADME.md\na\\u{a}b.txt\nb.txt\nprodcheck.toml\n"
    );
    assert_eq!(
        repo.run(&["--list-files", "-0"]).stdout,
        ".gitignore\0README.md\0a\nb.txt\0b.txt\0prodcheck.toml\0"
    );
    assert_eq!(repo.run(&["-0"]).code, 2, "it belongs to --list-files");
}

#[test]
fn marks_of_other_tools_count_in_comments_alone() {
    let repo = clean_repo();
    let url = leak().trim_end().replace("url = ", "");
    repo.write("a.py", format!("x = {url}  # gitleaks:allow\n"));
    assert_eq!(repo.run::<&str>(&[]).code, 0);
    assert_eq!(repo.run(&["--no-ignores"]).code, 1);
    repo.write("a.py", format!("y = 'gitleaks:allow'; x = {url}\n"));
    assert_eq!(repo.run::<&str>(&[]).code, 1);
}
