//! `--history`: every content that Git keeps, each once, and each secret as one finding.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::support::{Repo, Run, clean};

const PASSWORD: &str = "hK3vQ9zT2mXw";

/// A line with a password in a URL: an error, made up here. `n` tells several apart.
pub fn leak(n: u32) -> String {
    format!("url_{n} = \"postgres://app:{PASSWORD}{n}@db{n}.shopdata.net/app\"\n")
}

pub fn report(run: &Run) -> serde_json::Value {
    serde_json::from_str(&run.stdout).unwrap_or_else(|e| panic!("{e}: {}{}", run.stdout, run.stderr))
}

pub fn history(repo: &Repo, args: &[&str]) -> Run {
    repo.run(&[&["--history", "--format", "json"], args].concat())
}

/// `path paths in_head status` of each finding.
pub fn found(run: &Run) -> Vec<String> {
    let mut all: Vec<String> = report(run)["findings"]
        .as_array()
        .expect("findings")
        .iter()
        .map(|f| {
            let property = |name: &str| f["properties"][name].as_str().unwrap_or("-").to_owned();
            let path = f["path"].as_str().unwrap_or("-");
            format!(
                "{path} {} {} {}",
                property("paths"),
                property("in_head"),
                f["status"].as_str().expect("a status")
            )
        })
        .collect();
    all.sort();
    all
}

pub fn commit_on(repo: &Repo, day: u32) {
    repo.run_git(&["add", "-A"]);
    let date = format!("2024-01-{day:02}T12:00:00+00:00");
    let done = clean(Command::new("git"), repo.outside())
        .current_dir(repo.root())
        .envs([("GIT_AUTHOR_DATE", &date), ("GIT_COMMITTER_DATE", &date)])
        .args([
            "-c",
            "user.name=t",
            "-c",
            "user.email=t@example.org",
            "commit",
            "-q",
            "--allow-empty",
            "-m",
            "x",
        ])
        .status();
    assert!(done.expect("git runs").success());
}

/// Secrets that came and went in all ways, and one that still stands.
fn planted() -> Repo {
    let repo = Repo::git();
    repo.write("README.md", "# A\n").write("stays.toml", leak(1));
    commit_on(&repo, 1);
    // Came and went.
    repo.write("config/gone.toml", leak(2));
    commit_on(&repo, 2);
    fs::remove_file(repo.root().join("config/gone.toml")).expect("removed");
    commit_on(&repo, 3);
    // In a file that was renamed, and then cleaned.
    repo.write("a.toml", format!("{}# and more\n", leak(3)));
    commit_on(&repo, 4);
    repo.run_git(&["mv", "a.toml", "b.toml"]);
    commit_on(&repo, 5);
    repo.write("b.toml", "# clean\n");
    commit_on(&repo, 6);
    // In a branch that was squashed, and is gone.
    repo.run_git(&["checkout", "-q", "-b", "squashed"]);
    repo.write("squashed.toml", leak(4));
    commit_on(&repo, 7);
    repo.write("squashed.toml", "# clean\n");
    commit_on(&repo, 8);
    repo.run_git(&["checkout", "-q", "main"]);
    repo.run_git(&["merge", "-q", "--squash", "squashed"]);
    commit_on(&repo, 9);
    repo.run_git(&["branch", "-q", "-D", "squashed"]);
    // In a branch that was merged, and once more in the merge itself.
    repo.run_git(&["checkout", "-q", "-b", "merged", "HEAD~1"]);
    repo.write("merged.toml", leak(5));
    commit_on(&repo, 10);
    fs::remove_file(repo.root().join("merged.toml")).expect("removed");
    commit_on(&repo, 11);
    repo.run_git(&["checkout", "-q", "main"]);
    repo.run_git(&["merge", "-q", "--no-commit", "--no-ff", "merged"]);
    repo.write("evil.toml", leak(6));
    commit_on(&repo, 12);
    fs::remove_file(repo.root().join("evil.toml")).expect("removed");
    commit_on(&repo, 13);
    // In a tag that no branch reaches.
    repo.run_git(&["checkout", "-q", "--detach"]);
    repo.write("tagged.toml", leak(7));
    commit_on(&repo, 14);
    repo.run_git(&["tag", "v1", "-m", "x"]);
    repo.run_git(&["checkout", "-q", "main"]);
    repo
}

const PLANTED: [&str; 7] = [
    "a.toml 2 false new",
    "config/gone.toml 1 false new",
    "evil.toml 1 false new",
    "merged.toml 1 false new",
    "squashed.toml 1 false new",
    "stays.toml 1 true new",
    "tagged.toml 1 false new",
];

fn contents(repo: &Repo) -> usize {
    let all = repo.run_git(&["cat-file", "--batch-all-objects", "--batch-check=%(objecttype)"]);
    all.lines().filter(|line| *line == "blob").count()
}

#[test]
fn secrets_are_found_wherever_they_went() {
    let repo = planted();
    let count = contents(&repo);
    for pack in [
        &[][..],
        &["repack", "-q", "-a", "-d"],
        &["repack", "-q", "-A", "-d", "-f", "--depth=50"],
        &["pack-refs", "--all"],
    ] {
        if !pack.is_empty() {
            repo.run_git(pack);
        }
        let _ = fs::remove_dir_all(repo.outside().join("home/cache"));
        let run = history(&repo, &[]);
        assert_eq!(found(&run), PLANTED, "{pack:?}: {}", run.stderr);
        assert_eq!(run.code, 1);
        assert_eq!(report(&run)["checked"]["blobs"], count, "{pack:?}: each once");
    }
}

#[test]
fn a_finding_says_when_it_began() {
    let repo = planted();
    let run = history(&repo, &[]);
    let report = report(&run);
    let of = |path: &str| {
        report["findings"]
            .as_array()
            .expect("findings")
            .iter()
            .find(|f| f["path"] == path)
            .expect("found")
            .clone()
    };
    let renamed = of("a.toml");
    assert_eq!(renamed["properties"]["author_date"], "2024-01-04");
    let commit = repo.run_git(&["log", "--format=%H", "--diff-filter=A", "--", "a.toml"]);
    assert_eq!(renamed["origin"], commit.trim());
    assert_eq!(renamed["properties"]["commit"], commit.trim());
    assert_eq!(renamed["related"][0]["path"], "b.toml");
    assert!(renamed["fix"].as_str().expect("words").starts_with("It is in every clone"));
    let squashed = of("squashed.toml");
    assert!(squashed["message"].as_str().expect("words").contains("which no branch or tag reaches"));
    assert!(of("stays.toml")["message"].as_str().expect("words").contains("still stands in HEAD"));
    for format in ["graphical", "concise"] {
        let run = repo.run(&["--history", "--format", format]);
        assert_eq!(run.code, 1);
        assert!(run.stdout.contains(&commit[..12]) && run.stdout.contains("2024-01-04"), "{}", run.stdout);
    }
    assert_eq!(repo.run(&["--history", "--fail-on", "never"]).code, 0);
}

#[test]
fn one_secret_is_one_finding() {
    let repo = Repo::git();
    for n in 0..20 {
        repo.write("a.toml", format!("# version {n}\n{}", leak(1)))
            .write(&format!("copy/{n}.toml"), leak(1))
            .commit();
    }
    let run = history(&repo, &[]);
    assert_eq!(found(&run), ["a.toml 21 true new"]);
    assert_eq!(report(&run)["findings"][0]["span"]["line"], 2);
}

/// The newest file of the cache.
fn cache(repo: &Repo) -> PathBuf {
    let folder = repo.outside().join("home/cache/cargo-prodcheck/history");
    let mut files: Vec<PathBuf> =
        fs::read_dir(folder).expect("a cache").flatten().map(|e| e.path()).collect();
    assert_eq!(files.len(), 1, "{files:?}");
    files.remove(0)
}

#[test]
fn a_second_run_reads_what_is_new() {
    let repo = planted();
    let first = history(&repo, &[]);
    let kept = cache(&repo);
    let second = history(&repo, &[]);
    assert_eq!(found(&second), PLANTED);
    assert_eq!(report(&second)["findings"], report(&first)["findings"]);
    assert_eq!(report(&second)["checked"]["blobs"], 7, "those with secrets in them");
    repo.write("later.toml", leak(8)).write("plain.txt", "new\n");
    commit_on(&repo, 20);
    let third = history(&repo, &[]);
    assert_eq!(report(&third)["checked"]["blobs"], 9);
    assert_eq!(found(&third).len(), 8);
    // No secret, and no name of a file.
    let bytes = fs::read(&kept).expect("a cache");
    for word in [PASSWORD, "stays", "toml", "shopdata"] {
        assert!(!bytes.windows(word.len()).any(|w| w == word.as_bytes()), "{word}");
    }
    // What is damaged is not believed.
    for change in [0, bytes.len() / 2, bytes.len() - 1] {
        let mut damaged = bytes.clone();
        damaged[change] ^= 1;
        fs::write(cache(&repo), damaged).expect("written");
        assert_eq!(report(&history(&repo, &[]))["checked"]["blobs"], contents(&repo));
    }
    fs::write(cache(&repo), &bytes[..40]).expect("written");
    assert_eq!(found(&history(&repo, &[])).len(), 8);
    // Other rules, another answer.
    let other = history(&repo, &["--skip", "secrets/credential-in-url"]);
    assert!(found(&other).is_empty(), "{}", other.stdout);
    cache(&repo);
    assert_eq!(found(&history(&repo, &[])).len(), 8);
}

#[test]
fn a_history_that_was_written_anew_is_not_remembered() {
    let repo = planted();
    history(&repo, &[]);
    repo.run_git(&["tag", "-d", "v1"]);
    repo.run_git(&["branch", "-q", "-D", "merged"]);
    repo.run_git(&["checkout", "-q", "--orphan", "anew"]);
    commit_on(&repo, 21);
    repo.run_git(&["branch", "-q", "-D", "main"]);
    repo.run_git(&["reflog", "expire", "--expire=now", "--all"]);
    repo.run_git(&["gc", "-q", "--prune=now"]);
    let run = history(&repo, &[]);
    assert_eq!(found(&run), ["stays.toml 1 true new"]);
    assert_eq!(report(&run)["findings"][0]["properties"]["author_date"], "2024-01-21");
}

#[test]
fn ranges_narrow_it() {
    let repo = planted();
    let expect: &[(&str, &[&str])] = &[
        ("HEAD~1..HEAD", &[]),
        ("HEAD~2..HEAD", &["evil.toml 1 false new", "merged.toml 1 false new"]),
        ("HEAD..v1", &["tagged.toml 1 false new"]),
        ("HEAD~2", &["a.toml 2 false new", "config/gone.toml 1 false new", "stays.toml 1 true new"]),
        ("..v1", &["tagged.toml 1 false new"]),
    ];
    for (range, findings) in expect {
        let run = repo.run(&[&format!("--history={range}"), "--format", "json"]);
        assert_eq!(found(&run), *findings, "{range}: {}", run.stderr);
        assert!(!run.stdout.contains("which no branch"), "{range}: {}", run.stdout);
    }
    for bad in ["nowhere..HEAD", "HEAD...v1", "a b"] {
        assert_eq!(repo.run(&[&format!("--history={bad}")]).code, 2, "{bad}");
    }
    // A range that was asked for before everything else does not stand in its way.
    assert_eq!(found(&history(&repo, &[])), PLANTED);
}

#[test]
fn contents_without_a_commit_are_looked_at() {
    let repo = Repo::git();
    repo.write("README.md", "# A\n").commit();
    repo.write("never.toml", leak(9));
    repo.run_git(&["add", "never.toml"]);
    repo.run_git(&["rm", "-q", "--cached", "-f", "never.toml"]);
    let run = history(&repo, &[]);
    assert_eq!(found(&run), ["- - false new"]);
    assert!(run.stdout.contains("which no commit has"), "{}", run.stdout);
    assert_eq!(found(&history(&repo, &[])), ["- - false new"], "and again");
}

#[test]
fn what_is_allowed_now_is_allowed_then() {
    let repo = planted();
    repo.write("stays.toml", format!("# prodcheck:allow(secrets/credential-in-url) made up\n{}", leak(1)));
    repo.write(
        "prodcheck.toml",
        "exclude = [\"config/**\"]\n[[allow]]\nrule = \"secrets\"\npath = \"evil.toml\"\nreason = \"revoked\"\n",
    );
    commit_on(&repo, 20);
    let run = history(&repo, &[]);
    let expect = [
        "a.toml 2 false new",
        "evil.toml 1 false allowed",
        "merged.toml 1 false new",
        "squashed.toml 1 false new",
        "stays.toml 1 true allowed",
        "tagged.toml 1 false new",
    ];
    assert_eq!(found(&run), expect);
    assert_eq!(found(&history(&repo, &["--no-ignores", "--no-config"])).len(), 7);
}

#[test]
fn clones_say_what_they_lack() {
    let origin = planted();
    let url = format!("file://{}", origin.root().display());
    let clone = |args: &[&str]| {
        let repo = Repo::bare_folder();
        fs::remove_dir(repo.root()).expect("empty");
        let cloned = clean(Command::new("git"), repo.outside())
            .args(["clone", "-q", "-c", "protocol.file.allow=always"])
            .args(args)
            .arg(&url)
            .arg(repo.root())
            .status();
        assert!(cloned.expect("git runs").success());
        repo
    };
    origin.run_git(&["config", "uploadpack.allowFilter", "true"]);
    // What a clone does not get: a branch that is gone.
    assert_eq!(found(&history(&clone(&[]), &[])).len(), 6);
    for (args, word) in
        [(&["--depth", "1"][..], "shallow"), (&["--filter=blob:none", "--no-checkout"], "partial")]
    {
        let run = history(&clone(args), &["--fail-on", "never"]);
        assert_eq!(run.code, 3, "{args:?}: {}", run.stdout);
        assert!(run.stdout.contains(word), "{args:?}: {}", run.stdout);
    }
    // Objects of another folder.
    let shared = Repo::bare_folder();
    fs::remove_dir(shared.root()).expect("empty");
    let cloned = clean(Command::new("git"), shared.outside())
        .args(["clone", "-q", "--shared"])
        .args([origin.root(), shared.root()])
        .status();
    assert!(cloned.expect("git runs").success());
    let run = history(&shared, &[]);
    assert_eq!(found(&run).len(), 6, "what the other folder has besides is no history of this one");
}

#[test]
fn sha256_and_linked_work_trees() {
    let repo = Repo::git_with(&["--object-format=sha256"]);
    repo.write("a.toml", leak(1)).commit();
    repo.write("a.toml", "clean\n").commit();
    repo.run_git(&["gc", "-q"]);
    assert_eq!(found(&history(&repo, &[])), ["a.toml 1 false new"]);
    assert_eq!(found(&history(&repo, &[])), ["a.toml 1 false new"]);
    let linked = repo.outside().join("linked");
    repo.run_git(&["worktree", "add", "-q", linked.to_str().expect("a name")]);
    let mut command = repo.command(&["--history", "--format", "json"]);
    assert_eq!(
        found(&Run::from(command.current_dir(&linked).output().expect("it runs"))),
        ["a.toml 1 false new"]
    );
}

#[test]
fn no_format_holds_a_secret_and_threads_make_no_difference() {
    let repo = planted();
    repo.write(&format!("dir/{PASSWORD}.txt"), leak(1));
    commit_on(&repo, 22);
    for format in ["graphical", "concise", "json", "sarif"] {
        let mut outputs = Vec::new();
        for threads in ["1", "2", "7"] {
            let _ = fs::remove_dir_all(repo.outside().join("home/cache"));
            let run = repo.run(&["--history", "-v", "--format", format, "--threads", threads]);
            assert_eq!(run.code, 1);
            for n in 1..8 {
                let secret = format!("{PASSWORD}{n}");
                assert!(
                    !run.stdout.contains(&secret) && !run.stderr.contains(&secret),
                    "{format}: {}",
                    run.stdout
                );
            }
            outputs.push(run.stdout);
        }
        assert!(outputs.windows(2).all(|pair| pair[0] == pair[1]), "{format}");
    }
}

#[test]
fn it_looks_at_history_only() {
    let repo = planted();
    repo.write("uncommitted.toml", leak(9)).write("src/a.py", "import pdb; pdb.set_trace()\n");
    assert_eq!(found(&history(&repo, &[])), PLANTED);
    for other in [&["--staged"][..], &["--since", "HEAD"], &["--fix"], &["--list-files"], &["src"]] {
        assert_eq!(repo.run(&[&["--history"], other].concat()).code, 2, "{other:?}");
    }
    assert_eq!(repo.run(&["--history", "--rule", "debug"]).code, 2, "nothing would be looked for");
    assert_eq!(Repo::bare_folder().run(&["--history"]).code, 2);
    let empty = Repo::git();
    assert_eq!(empty.run(&["--history"]).code, 0);
}

/// A tree of ten names for one folder, ten deep, is a checkout of ten thousand million files.
#[test]
fn a_tree_bomb_goes_off_nowhere() {
    let repo = Repo::git();
    repo.write("a.toml", leak(1)).commit();
    let mut id = repo.run_git(&["rev-parse", "HEAD:a.toml"]).trim().to_owned();
    let mut kind = "100644 blob";
    for _ in 0..10 {
        let listing: String = (0..10).map(|n| format!("{kind} {id}\tn{n}\n")).collect::<Vec<_>>().concat();
        let file = repo.outside().join("listing");
        fs::write(&file, listing).expect("written");
        let made = clean(Command::new("git"), repo.outside())
            .current_dir(repo.root())
            .arg("mktree")
            .stdin(fs::File::open(&file).expect("there"))
            .output()
            .expect("git runs");
        id = String::from_utf8_lossy(&made.stdout).trim().to_owned();
        kind = "040000 tree";
    }
    let commit = repo.run_git(&["commit-tree", "-m", "x", &id]);
    repo.run_git(&["update-ref", "refs/heads/bomb", commit.trim()]);
    let run = history(&repo, &[]);
    assert_eq!((run.code, found(&run).len()), (1, 1), "{}", run.stdout);
}

#[test]
fn what_another_tool_ignores_in_the_history_is_allowed() {
    let repo = planted();
    let commit = |path: &str| {
        let all = repo.run_git(&["log", "--all", "--diff-filter=A", "--format=%H", "--", path]);
        all.trim().to_owned()
    };
    let (gone, renamed) = (commit("config/gone.toml"), commit("a.toml"));
    let entries = format!(
        "# known\n{gone}:config/gone.toml:some-rule:1\n{}:a.toml:some-rule:1\n{gone}:tagged.toml:some-rule:1\n\
         stays.toml:some-rule:2\nmerged.toml:some-rule:1\n",
        &renamed[..12]
    );
    repo.write(".gitleaksignore", entries);
    let run = history(&repo, &[]);
    let expect = PLANTED.map(|line| match line.split(' ').next() {
        Some("a.toml" | "config/gone.toml" | "merged.toml") => line.replace(" new", " allowed"),
        _ => line.to_owned(),
    });
    assert_eq!(found(&run), expect);
    let notice = ".gitleaksignore: what it tells its own tool to ignore allows 3 findings of secrets here";
    assert!(run.stdout.contains(notice), "{}", run.stdout);
    assert_eq!(found(&history(&repo, &["--no-ignores"])), PLANTED);
    // Once it stands elsewhere as well, it is news.
    repo.write("again.toml", format!("# again\n{}", leak(2)));
    commit_on(&repo, 20);
    assert!(found(&history(&repo, &[])).contains(&"config/gone.toml 2 true new".to_owned()));
}
