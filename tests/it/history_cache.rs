//! What `--history` remembers: a second run says what one without a memory would.

use std::fs;
use std::time::{Duration, SystemTime};

use crate::history::{commit_on, found, history, leak, report};
use crate::support::Repo;

fn forget(repo: &Repo) {
    fs::remove_dir_all(repo.outside().join("home/cache")).expect("a cache");
}

/// What is a list of anything in one file is a list of passwords in another.
#[test]
fn a_content_that_gets_another_name_is_looked_at_again() {
    let repo = Repo::git();
    repo.write("a.txt", format!("db.shopdata.net:5432:app:app:{}7\n", "hK3vQ9zT2mXw"))
        .write("b.txt", "clean\n");
    commit_on(&repo, 1);
    assert!(found(&history(&repo, &[])).is_empty());
    repo.run_git(&["mv", "b.txt", "c.txt"]);
    commit_on(&repo, 2);
    let renamed = report(&history(&repo, &[]));
    assert_eq!(renamed["checked"]["blobs"], 1, "the one that has another name");
    repo.run_git(&["mv", "a.txt", ".pgpass"]);
    commit_on(&repo, 3);
    let warm = history(&repo, &[]);
    assert_eq!(found(&warm), [".pgpass 1 true new"], "{}", warm.stdout);
    let again = history(&repo, &[]);
    forget(&repo);
    let cold = history(&repo, &[]);
    for run in [&warm, &again] {
        assert_eq!(report(run)["findings"], report(&cold)["findings"]);
    }
    assert_eq!(report(&again)["checked"]["blobs"], 1);
}

#[test]
fn a_secret_is_as_bad_as_where_it_is_worst() {
    let repo = Repo::git();
    repo.write("tests/a.toml", leak(1));
    commit_on(&repo, 1);
    assert_eq!(report(&history(&repo, &[]))["findings"][0]["severity"], "warning");
    repo.run_git(&["mv", "tests/a.toml", "a.toml"]);
    commit_on(&repo, 2);
    let run = history(&repo, &[]);
    assert_eq!(found(&run), ["tests/a.toml 2 true new"]);
    assert_eq!(report(&run)["findings"][0]["severity"], "error");
}

#[test]
fn what_a_killed_run_left_is_neither_read_nor_kept() {
    let repo = Repo::git();
    repo.write("a.toml", leak(1));
    commit_on(&repo, 1);
    history(&repo, &[]);
    let folder = repo.outside().join("home/cache/cargo-prodcheck/history");
    let whole = fs::read_dir(&folder).expect("a cache").flatten().next().expect("a file").path();
    let half = fs::read(&whole).expect("read").split_at(30).0.to_vec();
    let left = [folder.join(".history-old"), folder.join(".history-young")];
    for file in &left {
        fs::write(file, &half).expect("written");
    }
    let long_ago = SystemTime::now() - Duration::from_secs(7200);
    let old = fs::File::options().write(true).open(&left[0]).expect("opened");
    old.set_modified(long_ago).expect("dated");
    assert_eq!(found(&history(&repo, &[])), ["a.toml 1 true new"]);
    assert_eq!(left.map(|file| file.exists()), [false, true], "another run may be writing the young one");
}
