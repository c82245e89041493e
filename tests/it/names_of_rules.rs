//! What is said of ids and families that do not exist, and of files that do.

use crate::support::Repo;

/// What a run that could not do its job said.
fn said(repo: &Repo, args: &[&str]) -> String {
    let run = repo.run(args);
    assert_eq!((run.code, &*run.stdout), (2, ""), "{args:?}");
    run.stderr
}

#[test]
fn families_without_rules_are_no_selectors() {
    let repo = Repo::git();
    let family = "ops";
    for args in
        [&["--rule", family][..], &["--skip", family], &["explain", family], &["rules", "list", family]]
    {
        let text = said(&repo, args);
        assert!(text.contains("no rules yet"), "{args:?}: {text}");
        assert!(!text.contains("did you mean"), "it exists, so nothing else was meant: {text}");
    }
    // Nor are they what somebody meant.
    for (typed, meant) in
        [("opss", None), ("deploi", Some("deploy")), ("debugg", Some("debug")), ("secret", Some("secrets"))]
    {
        let text = said(&repo, &["--rule", typed]);
        match meant {
            Some(meant) => assert!(text.contains(&format!("did you mean `{meant}`?")), "{text}"),
            None => assert!(!text.contains("`ops`"), "{text}"),
        }
    }
    let text = said(&repo, &["explain", "debug"]);
    assert!(text.contains("rules list debug"), "{text}");
}

#[test]
fn an_unknown_id_leads_to_what_was_probably_meant() {
    let repo = Repo::git();
    for (typed, expect) in [
        ("debug/dbg-marco", "did you mean debug/dbg-macro?"),
        ("dbg-marco", "did you mean debug/dbg-macro?"),
        ("sensitive-file", "there are gitignore/tracked-sensitive-file, gitignore/untracked-sensitive-file"),
        ("stripe", "there are secrets/stripe-"),
        ("zzzzzzzz", "`cargo prodcheck rules list` names them all"),
    ] {
        let text = said(&repo, &["explain", typed]);
        assert!(text.contains(expect), "{typed}: {text}");
    }
}

#[test]
fn a_new_rule_has_an_id_and_a_place_of_its_own() {
    let repo = Repo::git();
    for id in ["Foo", "foo", "debug/", "debug/Our-Word", "debug/our word", "debug/a/b", "1/a"] {
        let text = said(&repo, &["rules", "new", id]);
        assert!(text.contains(&format!("`{id}` is no rule's id")), "{text}");
        assert!(text.contains("as in debug/our-logger"), "{text}");
    }
    assert!(!repo.root().join("rules").exists(), "nothing was written");
    let new = ["rules", "new", "shop/our-word", "--folder", "checks"];
    assert_eq!(repo.run(&new).code, 0);
    assert_eq!(repo.run(&["rules", "check", "checks"]).code, 0);
    repo.write("checks/shop/our-word.toml", "mine\n");
    let text = said(&repo, &new);
    let file = std::path::Path::new("checks").join("shop").join("our-word.toml");
    assert!(text.contains(&format!("{} exists already; nothing was written", file.display())), "{text}");
    assert_eq!(std::fs::read_to_string(repo.root().join(file)).expect("the file"), "mine\n");
    repo.write("file", "");
    let text = said(&repo, &["rules", "new", "shop/our-word", "--folder", "file"]);
    assert!(text.contains("the folder file") && text.contains("cannot be made"), "{text}");
    let text = said(&repo, &["rules", "new", "meta/word"]);
    assert!(text.contains("meta"), "{text}");
    let text = said(&repo, &["rules", "new", "debug/dbg-macro"]);
    assert!(text.contains("the rule debug/dbg-macro comes with cargo prodcheck"), "{text}");
}
