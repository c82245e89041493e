//! What was meant as an inline allow and is none is said, and prose about allows is left alone.

use crate::support::Repo;

fn repo(path: &str, text: &str) -> Repo {
    let repo = Repo::git();
    repo.write(path, text).write(".gitignore", "/target\n");
    repo
}

#[test]
fn a_misspelt_mark_silences_nothing_and_is_said() {
    for mark in [
        "prodcheck: allow(debug/debugger-call) for now",
        "prodcheck allow(debug/debugger-call)",
        "Prod-Check:allow(debug) for now",
        "prodcheck:ignore",
        "prodcheck:disable debug/debugger-call",
    ] {
        let repo = repo("app.py", &format!("breakpoint()  # {mark}\n"));
        let found = repo.findings(&[]);
        let expect = ["debug/debugger-call app.py:1", "meta/unknown-allow app.py:1"];
        let mut found: Vec<&str> = found.iter().map(|f| &**f).collect();
        found.sort_unstable();
        assert_eq!(found.len(), 2, "{mark}: {found:?}");
        assert_eq!(found[1], expect[1], "{mark}");
        let run = repo.run::<&str>(&[]);
        assert!(run.stdout.contains("the form is prodcheck:allow(rule-id) and a reason"), "{}", run.stdout);
        assert!(repo.findings(&["--no-ignores"]).len() == 1, "nor is it spoken of where no allow counts");
    }
}

#[test]
fn a_mark_as_it_should_be_is_still_one() {
    for mark in ["prodcheck:allow(debug) for now", "Prodcheck:Allow(debug) for now"] {
        let repo = repo("app.py", &format!("breakpoint()  # {mark}\n"));
        assert_eq!(repo.run(&["--fail-on", "warning"]).code, 0, "{mark}");
    }
}

#[test]
fn what_is_said_about_marks_is_no_mark() {
    for (path, text) in [
        ("README.md", "Write `prodcheck: allow(debug/dbg-macro)` there, or prodcheck ignore.\n"),
        ("src/lib.rs", "/// prodcheck: allow(debug/dbg-macro) is a typo.\npub fn f() {}\n"),
        ("src/lib.rs", "pub const TYPO: &str = \"prodcheck: allow(debug/dbg-macro)\";\n"),
        ("app.py", "# what prodcheck allows is said elsewhere\n# cargo prodcheck --skip debug/dbg-macro\n"),
        ("ci.yml", "# prodcheck (see its README) may skip this\nrun: cargo prodcheck\n"),
    ] {
        let found = repo(path, text).findings(&["--rule", "meta"]);
        assert!(found.is_empty(), "{text}: {found:?}");
    }
}

/// A rule of the repository's own may have the program's name for a keyword.
#[test]
fn own_rules_do_not_take_marks_away() {
    let repo = repo("app.py", "breakpoint()  # prodcheck:allow(debug) for now\n");
    repo.run(&["rules", "new", "debug/prodcheck"]);
    repo.write("prodcheck.toml", "exclude = [\"rules\"]\n[rules]\npaths = [\"rules\"]\n");
    assert_eq!(repo.run(&["--fail-on", "warning"]).code, 0);
}
