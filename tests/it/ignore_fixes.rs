//! `--fix` on ignore files: what is missing is written below one heading, files that are not there are made, and
//! nothing else is touched.

use std::fs;

use crate::support::Repo;

const HEADING: &str = "# Added by cargo prodcheck --fix";
const FIX: [&str; 3] = ["--fix", "--rule", "gitignore"];
const COMPOSE: &str = "services:\n  shop:\n    build: .\n    env_file: .env\n";
const PACKAGE: &str = "{ \"devDependencies\": { \"vite\": \"5.4.8\" } }\n";

fn read(repo: &Repo, path: &str) -> String {
    fs::read_to_string(repo.root().join(path)).expect(path)
}

fn shop(gitignore: &str) -> Repo {
    let repo = Repo::git();
    repo.write(".gitignore", gitignore).write("docker-compose.yml", COMPOSE).write("package.json", PACKAGE);
    repo.commit();
    repo
}

#[test]
fn what_is_missing_is_written_below_one_heading() {
    for (before, after) in [
        ("*.log\n", format!("*.log\n\n{HEADING}\n.env\nnode_modules/\n")),
        ("*.log", format!("*.log\n\n{HEADING}\n.env\nnode_modules/\n")),
        ("*.log\r\n", format!("*.log\r\n\r\n{HEADING}\r\n.env\r\nnode_modules/\r\n")),
        (".env\n", format!(".env\n\n{HEADING}\nnode_modules/\n")),
    ] {
        let repo = shop(before);
        let run = repo.run(&FIX);
        assert_eq!(read(&repo, ".gitignore"), after, "{}", run.stderr);
        assert_eq!(repo.run_git(&["status", "--porcelain"]), " M .gitignore\n");
        assert_eq!(repo.findings(&["--rule", "gitignore"]), [""; 0]);
    }
}

#[test]
fn later_lines_join_those_that_were_written_before() {
    let repo = shop(&format!("*.log\n\n{HEADING}\n.env\n\n# mine\n*.tmp\n"));
    repo.run(&FIX);
    let expect = format!("*.log\n\n{HEADING}\nnode_modules/\n.env\n\n# mine\n*.tmp\n");
    assert_eq!(read(&repo, ".gitignore"), expect);
}

#[test]
fn files_that_are_not_there_are_made() {
    let repo = Repo::git();
    repo.write("docker-compose.yml", COMPOSE).write("package.json", PACKAGE);
    repo.write("Dockerfile", "FROM scratch\nCOPY . /srv\n");
    repo.commit();
    let dry = repo.run(&["--fix", "--dry-run", "--rule", "gitignore"]);
    for line in ["+++ b/.gitignore\n", "+++ b/.dockerignore\n", "+.env\n", "+**/.env\n", "+.git\n"] {
        assert!(dry.stdout.contains(line), "{line:?} in {}", dry.stdout);
    }
    assert_eq!(repo.run_git(&["status", "--porcelain"]), "", "a dry run writes nothing");
    let run = repo.run(&FIX);
    assert_eq!(read(&repo, ".gitignore"), format!("{HEADING}\n.env\nnode_modules/\n"), "{}", run.stderr);
    assert_eq!(read(&repo, ".dockerignore"), format!("{HEADING}\n**/.env\n.git\n"));
    assert_eq!(repo.run_git(&["status", "--porcelain"]), "?? .dockerignore\n?? .gitignore\n");
    assert_eq!(repo.findings(&["--rule", "gitignore"]), [""; 0]);
}

#[test]
fn lines_that_do_nothing_are_mended_where_it_is_clear_how() {
    let repo =
        shop("./build\n*.log\t\n  *.tmp\nlocal\\settings\n*.pem # keys\n*.{a,b}\n.env\nnode_modules/\n");
    let run = repo.run(&FIX);
    let expect = "/build\n*.log\n*.tmp\nlocal/settings\n*.pem\n# keys\n*.{a,b}\n.env\nnode_modules/\n";
    assert_eq!(read(&repo, ".gitignore"), expect, "{}", run.stderr);
    assert_eq!(repo.findings(&["--rule", "gitignore"]), ["gitignore/ineffective-pattern .gitignore:7"]);
}

/// A pattern that would hide files of the repository is not written.
#[test]
fn no_fix_brings_another_finding() {
    let repo = Repo::git();
    repo.write(".gitignore", "*.log\n").write("prodcheck.toml", "[gitignore]\nrequired = [\"*.key\"]\n");
    repo.write("talk.key", "PK\u{3}\u{4}").commit();
    let run = repo.run(&FIX);
    assert_eq!(read(&repo, ".gitignore"), "*.log\n");
    assert!(run.stderr.contains("the change would bring gitignore/tracked-but-ignored"), "{}", run.stderr);
}

#[cfg(unix)]
#[test]
fn nothing_is_written_through_a_link() {
    let repo = Repo::git();
    let outside = repo.outside().join("ignore");
    fs::write(&outside, "*.log\n").expect("a file");
    std::os::unix::fs::symlink(&outside, repo.root().join(".gitignore")).expect("symlink");
    repo.write("docker-compose.yml", COMPOSE).commit();
    let run = repo.run(&FIX);
    assert_eq!(fs::read_to_string(&outside).expect("outside"), "*.log\n");
    assert!(run.stderr.contains("a symbolic link"), "{}", run.stderr);
}

#[test]
fn the_configuration_says_what_must_be_ignored() {
    let repo = Repo::git();
    repo.write(".gitignore", ".env*\n*.pem\n*.key\n").write("README.md", "# a\n");
    repo.write("prodcheck.toml", "[gitignore]\nrequired = [\"@production\", \"/tokens/\"]\n").commit();
    let found = repo.run(&["--rule", "gitignore", "--format", "concise"]);
    for (pattern, set) in [
        ("secrets/", " (one of @production)"),
        ("firebase-service-account-key.json", " (one of @production)"),
        ("/tokens/", ""),
    ] {
        let line = format!("The configuration wants `{pattern}` to be ignored{set}, and it is not");
        assert!(found.stdout.contains(&line), "{line} in {}", found.stdout);
    }
    assert_eq!(repo.findings(&["--rule", "gitignore"]).len(), 3);
    repo.run(&FIX);
    let expect =
        format!(".env*\n*.pem\n*.key\n\n{HEADING}\n/tokens/\nfirebase-service-account-key.json\nsecrets/\n");
    assert_eq!(read(&repo, ".gitignore"), expect);
    for (required, why) in [
        ("\"@produktion\"", "there is no set of this name"),
        ("\"../x\"", "expected a name or a path"),
        ("\"*.{pem,key}\"", "expected plain names"),
        ("3", "expected a string"),
    ] {
        repo.write("prodcheck.toml", format!("[gitignore]\nrequired = [{required}]\n"));
        let run = repo.run::<&str>(&[]);
        assert!(run.code == 2 && run.stderr.contains(why), "{required}: {}", run.stderr);
        assert!(run.stderr.contains("prodcheck.toml:2:"), "{}", run.stderr);
    }
}
