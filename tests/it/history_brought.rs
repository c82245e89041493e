//! What `--history` remembers is the user's: an audited repository cannot bring it.
#![cfg(unix)]

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use prodcheck::repo::history::{Remembered, Verdict};

use crate::history::{commit_on, found, history, leak, report};
use crate::support::{Repo, Run};

/// A cache of this repository that says of every content that there is nothing to read in it.
fn forged(repo: &Repo) -> (OsString, Vec<u8>) {
    let file = kept(&repo.outside().join("home/cache")).expect("a cache");
    let mut made = Remembered::parse(&fs::read(&file).expect("read")).expect("its own form");
    let mut nothing = *made.contents.values().next().expect("a content with nothing in it");
    nothing.verdict = Verdict::TooLarge;
    made.contents.extend(std::mem::take(&mut made.open).into_keys().map(|id| (id, nothing)));
    (file.file_name().expect("a name").to_owned(), made.written())
}

fn kept(cache: &Path) -> Option<PathBuf> {
    let files = fs::read_dir(cache.join("cargo-prodcheck/history")).ok()?;
    files.flatten().map(|file| file.path()).next()
}

/// Runs with the user's cache at another place.
fn history_with(repo: &Repo, folder: &Path, cache: &Path) -> Run {
    let mut command = repo.command(&["--history", "--format", "json"]);
    Run::from(command.current_dir(folder).env("XDG_CACHE_HOME", cache).output().expect("runs"))
}

/// Whoever brings a change must not bring its judge.
#[test]
fn a_repository_that_brings_a_cache_is_not_believed() {
    let repo = Repo::git();
    repo.write("a.toml", leak(1)).write("b.txt", "clean\n");
    commit_on(&repo, 1);
    assert_eq!(found(&history(&repo, &[])), ["a.toml 1 true new"]);
    let (name, bytes) = forged(&repo);
    let place = |cache: &Path| cache.join("cargo-prodcheck/history");
    let bring = |cache: &Path| {
        fs::create_dir_all(place(cache)).expect("folders");
        fs::write(place(cache).join(&name), &bytes).expect("written");
    };
    // At the user's own place it would be believed, so it is well made.
    let own = repo.outside().join("home/cache");
    bring(&own);
    assert!(found(&history(&repo, &[])).is_empty());

    repo.run_git(&["worktree", "add", "-q", "../other", "-b", "other"]);
    let other = repo.outside().join("other");
    let link = repo.outside().join("link");
    std::os::unix::fs::symlink(repo.root(), &link).expect("a link");
    for cache in [
        repo.root().join(".cache"),
        link.join(".cache"),
        repo.root().join(".git/cache"),
        other.join(".cache"),
    ] {
        bring(&cache);
        for folder in [&repo.root(), &other] {
            let run = history_with(&repo, folder, &cache);
            assert_eq!(found(&run), ["a.toml 1 true new"], "{cache:?}: {}", run.stderr);
            assert_eq!(fs::read(place(&cache).join(&name)).expect("still there"), bytes, "nor is it written");
            let said = report(&run)["notices"].to_string();
            assert!(said.contains("the user's cache lies in this repository"), "{said}");
        }
    }
    let run = history_with(&repo, &repo.root(), &repo.root().join("not/there/yet"));
    assert!(found(&run).len() == 1 && !repo.root().join("not").exists(), "nothing is made in the root");
}

/// Some keep their home folder in Git.
#[test]
fn a_cache_in_another_repository_is_the_users_own() {
    let repo = Repo::git();
    repo.write("a.toml", leak(1));
    commit_on(&repo, 1);
    let home = repo.outside().join("home");
    fs::create_dir_all(&home).expect("a folder");
    let home_text = home.to_str().expect("UTF-8");
    repo.run_git(&["init", "-q", home_text]);
    assert_eq!(found(&history(&repo, &[])), ["a.toml 1 true new"]);
    assert!(kept(&home.join("cache")).is_some());
}
