//! `init --hook`: a Git hook where Git looks for it, and nobody else's hook touched.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use crate::support::Repo;

fn is_program(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|look| look.is_file() && look.permissions().mode() & 0o100 != 0)
}

#[test]
fn the_hook_is_written_where_git_looks() {
    let repo = Repo::git();
    repo.write("README.md", "# a\n").commit();
    let hook = repo.root().join(".git/hooks/pre-commit");
    let run = repo.run(&["init", "--hook"]);
    assert!(run.code == 0 && run.stdout.starts_with("hook written: "), "{}{}", run.stdout, run.stderr);
    assert!(is_program(&hook));
    let text = fs::read_to_string(&hook).expect("a hook");
    assert!(text.starts_with("#!/bin/sh\n") && text.contains("cargo-prodcheck --staged"), "{text}");
    assert!(repo.run(&["init", "--hook"]).stdout.starts_with("the hook is there already"));
    fs::write(&hook, text.replace("--offline ", "")).expect("a file");
    assert!(repo.run(&["init", "--hook"]).stdout.starts_with("hook renewed"));
    assert_eq!(fs::read_to_string(&hook).expect("a hook"), text);
    // All work trees share it, and templates may lack the folder.
    repo.run_git(&["worktree", "add", "-q", "../other", "-b", "other"]);
    fs::remove_dir_all(hook.parent().expect("a folder")).expect("removed");
    let mut command = repo.command(&["init", "--hook"]);
    let done = command.current_dir(repo.outside().join("other")).output().expect("runs");
    assert!(done.status.success() && is_program(&hook), "{done:?}");
    let inside = repo.run_git(&["rev-parse", "--git-path", "hooks/pre-commit"]);
    assert_eq!(inside.trim(), ".git/hooks/pre-commit");
}

#[test]
fn hooks_of_others_are_left_alone() {
    let repo = Repo::git();
    let hook = repo.root().join(".git/hooks/pre-commit");
    fs::create_dir_all(hook.parent().expect("a folder")).expect("folders");
    fs::write(&hook, "#!/bin/sh\nmake lint\n").expect("a file");
    let run = repo.run(&["init", "--hook"]);
    assert!(run.code == 2 && run.stderr.contains("add this line to it: cargo-prodcheck"), "{}", run.stderr);
    assert_eq!(fs::read_to_string(&hook).expect("a hook"), "#!/bin/sh\nmake lint\n");
    fs::remove_file(&hook).expect("removed");
    let outside = repo.outside().join("outside");
    symlink(&outside, &hook).expect("symlink");
    assert_eq!(repo.run(&["init", "--hook"]).code, 2);
    assert!(!outside.exists());
    fs::remove_dir_all(hook.parent().expect("a folder")).expect("removed");
    fs::create_dir(&outside).expect("a folder");
    symlink(&outside, hook.parent().expect("a folder")).expect("symlink");
    assert_eq!(repo.run(&["init", "--hook"]).code, 2, "nor is a folder of them followed out");
    assert_eq!(fs::read_dir(&outside).expect("a folder").count(), 0);
}

#[test]
fn core_hooks_path_is_followed_inside_the_repository_alone() {
    let repo = Repo::git();
    repo.run_git(&["config", "core.hooksPath", ".husky"]);
    assert_eq!(repo.run(&["init", "--hook"]).code, 0);
    assert!(is_program(&repo.root().join(".husky/pre-commit")));
    let outside = repo.outside().join("hooks");
    fs::create_dir(&outside).expect("a folder");
    for path in [outside.to_str().expect("UTF-8"), "../hooks", "/dev/null", "~/hooks"] {
        repo.run_git(&["config", "core.hooksPath", path]);
        let run = repo.run(&["init", "--hook"]);
        assert!(run.code == 2 && run.stderr.contains("core.hooksPath is"), "{path}: {}", run.stderr);
    }
    assert_eq!(fs::read_dir(&outside).expect("a folder").count(), 0);
    let nowhere = Repo::bare_folder();
    let run = nowhere.run(&["init", "--hook"]);
    assert!(run.code == 2 && run.stderr.contains("no Git repository"), "{}", run.stderr);
    assert_eq!(nowhere.run(&["init"]).code, 2);
}
