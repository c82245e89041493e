//! Ratchets: as many findings of a rule as the configuration says do not fail, more do.

use serde_json::Value;

use crate::support::Repo;

const TODOS: &str = "// TODO: one\n// FIXME: two\n// TODO: three\n// TODO(#4): is tracked\npub fn f() {}\n";

fn repo(limit: u32) -> Repo {
    let repo = Repo::git();
    repo.write("Cargo.toml", "[package]\nname = \"a\"\nversion = \"0.1.0\"\nedition = \"2024\"\n")
        .write(".gitignore", "/target\n")
        .write("src/lib.rs", TODOS)
        .write("prodcheck.toml", format!("[ratchet]\n\"debug/untracked-todo\" = {limit}\n"))
        .commit();
    repo
}

/// The exit code and the JSON report.
fn report(repo: &Repo, args: &[&str]) -> (i32, Value) {
    let mut all = vec!["--format", "json", "--skip", "gitignore,advisories,deps"];
    all.extend(args);
    let run = repo.run(&all);
    let report = serde_json::from_str(&run.stdout).unwrap_or_else(|e| panic!("{e}: {}", run.stderr));
    (run.code, report)
}

/// `status rule line` of all findings.
fn findings(report: &Value) -> Vec<String> {
    let of = |f: &Value| format!("{} {} {}", f["status"], f["rule"], f["span"]["line"]).replace('"', "");
    report["findings"].as_array().expect("findings").iter().map(of).collect()
}

fn notices(report: &Value) -> String {
    report["notices"].to_string()
}

const SILENCED: [&str; 3] =
    ["allowed debug/untracked-todo 1", "allowed debug/untracked-todo 2", "allowed debug/untracked-todo 3"];

#[test]
fn as_many_as_it_says_are_silent() {
    let repo = repo(3);
    let (code, report) = report(&repo, &["--fail-on", "note"]);
    assert_eq!((code, findings(&report)), (0, SILENCED.map(str::to_owned).to_vec()));
    assert!(!notices(&report).contains("ratchet"), "{report}");
    assert_eq!(report["findings"][0]["allow"]["reason"], "the ratchet allows 3");
}

#[test]
fn more_fail_with_one_finding() {
    let repo = repo(2);
    let (code, report) = report(&repo, &[]);
    assert_eq!(code, 1);
    let mut all = findings(&report);
    let at = all.iter().position(|f| f == "new meta/ratchet-exceeded 2").expect("it is reported");
    all.remove(at);
    assert_eq!(all, SILENCED);
    let said = &report["findings"][at];
    assert_eq!(said["message"], "`debug/untracked-todo` has 3 findings, and the ratchet allows 2");
    assert_eq!(said["path"], "prodcheck.toml");
    let lines: Vec<_> = said["related"].as_array().unwrap().iter().map(|r| &r["span"]["line"]).collect();
    assert_eq!(lines, [1, 2, 3]);
    // A baseline does not raise the number.
    repo.run(&["baseline", "write", "--skip", "gitignore,advisories,deps"]);
    assert_eq!(self::report(&repo, &[]).0, 1);
}

#[test]
fn fewer_are_an_offer() {
    let repo = repo(5);
    let (code, report) = report(&repo, &["--fail-on", "note"]);
    assert_eq!((code, findings(&report)), (0, SILENCED.map(str::to_owned).to_vec()));
    let offer = "has 3 findings: the ratchet in prodcheck.toml:2 can be lowered from 5 to 3";
    assert!(notices(&report).contains(offer), "{report}");
    // What was not looked at may hold the others.
    repo.write("src/more.rs", "// TODO: four\n");
    let (_, part) = self::report(&repo, &["src/lib.rs"]);
    assert!(!notices(&part).contains("ratchet"), "{part}");
}

#[test]
fn what_a_change_adds_fails_although_the_number_is_old() {
    let repo = repo(3);
    repo.write("src/lib.rs", format!("{TODOS}// TODO: four\n"));
    let (code, report) = report(&repo, &["--since", "HEAD"]);
    assert_eq!(code, 1);
    let said = report["findings"].as_array().unwrap().iter().find(|f| f["rule"] == "meta/ratchet-exceeded");
    assert_eq!(said.expect("it is reported")["related"][0]["span"]["line"], 6);
}

#[test]
fn it_is_no_allow_where_none_holds() {
    let repo = repo(3);
    let (_, report) = report(&repo, &["--no-ignores"]);
    assert!(findings(&report).iter().all(|f| f.starts_with("new debug/untracked-todo")), "{report}");
    // Who asks for the rule alone wants to see what it finds.
    let run = repo.run(&["--rule", "debug/untracked-todo", "--fail-on", "note"]);
    assert_eq!(run.code, 1, "{}", run.stdout);
}
