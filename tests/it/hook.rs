//! `init --hook`: a Git hook where Git looks for it, and nobody else's hook touched.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::support::{Repo, Run, clean};

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

/// The hooks of `.pre-commit-hooks.yaml` with the program that was just built, as <https://pre-commit.com> takes them
/// from a repository's own configuration.
fn local_hooks() -> String {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join(".pre-commit-hooks.yaml");
    let hooks = fs::read_to_string(manifest).expect("a manifest");
    let entry = format!("entry: {} ", env!("CARGO_BIN_EXE_cargo-prodcheck"));
    assert_eq!(hooks.matches("entry: cargo-prodcheck ").count(), 2, "{hooks}");
    let hooks =
        hooks.replace("entry: cargo-prodcheck ", &entry).replace("language: rust", "language: system");
    let hooks: Vec<String> =
        hooks.lines().filter(|line| !line.starts_with('#')).map(|line| format!("      {line}")).collect();
    let hooks = hooks.join("\n") + "\n";
    format!("repos:\n  - repo: local\n    hooks:\n{hooks}")
}

/// The client, where it is installed.
fn pre_commit(repo: &Repo, args: &[&str]) -> Option<Run> {
    let mut command = clean(Command::new("pre-commit"), repo.outside());
    // Python finds the client's libraries where the machine has them.
    command.env("PYTHONDONTWRITEBYTECODE", "1").current_dir(repo.root()).args(args).stdin(Stdio::null());
    let run = Run::from(command.output().ok()?);
    // The name may stand for a program that is not there for this version of Python.
    (run.code != 127).then_some(run)
}

#[test]
fn the_client_of_the_hooks_takes_them() {
    let repo = Repo::git();
    if pre_commit(&repo, &["--version"]).is_none_or(|run| run.code != 0) {
        return;
    }
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join(".pre-commit-hooks.yaml");
    let said = |args: &[&str]| pre_commit(&repo, args).expect("it is installed");
    let run = said(&["validate-manifest", manifest.to_str().expect("UTF-8")]);
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);

    repo.write("README.md", "# The service\n").write(".gitignore", ".env\n");
    repo.write(".pre-commit-config.yaml", local_hooks());
    for at in 0..3_000 {
        repo.write(&format!("src/m{}/f{at}.py", at / 100), format!("def value():\n    return {at}\n"));
    }
    repo.run_git(&["add", "-A"]);
    let run = said(&["run"]);
    assert!(run.code == 0 && run.stdout.matches("Passed").count() == 2, "{}{}", run.stdout, run.stderr);
    assert_eq!(said(&["install"]).code, 0);
    repo.commit();

    // What is staged counts, whatever the work tree says by now.
    repo.write("src/settings.py", "DB_PASSWORD = \"kd83hf-Xq2w\"\n");
    repo.run_git(&["add", "src/settings.py"]);
    repo.write("src/settings.py", "import os\n");
    let commit = clean(Command::new("git"), repo.outside())
        .current_dir(repo.root())
        .args(["-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "-q", "-m", "x"])
        .output()
        .expect("git runs");
    let run = Run::from(commit);
    assert!(
        run.code != 0 && run.stderr.contains("secrets/credential-assignment"),
        "{}{}",
        run.stdout,
        run.stderr
    );
    assert!(!run.stderr.contains("kd83hf"), "{}", run.stderr);
    assert_eq!(repo.run_git(&["rev-list", "--count", "HEAD"]).trim(), "1");
    assert_eq!(fs::read_to_string(repo.root().join("src/settings.py")).expect("a file"), "import os\n");
    // Mended in the index as well, it goes through.
    repo.commit();
    assert_eq!(repo.run_git(&["rev-list", "--count", "HEAD"]).trim(), "2");
}
