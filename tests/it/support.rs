//! Repositories made for a test, and the program run on them with a clean environment.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// A folder that disappears with the test. Its `home` stands beside the repository.
pub struct Repo {
    folder: TempDir,
}

/// What a run of the program said.
pub struct Run {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Repo {
    /// An empty folder, without Git.
    pub fn bare_folder() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        fs::create_dir_all(folder.path().join("repo")).expect("repo");
        fs::create_dir_all(folder.path().join("home")).expect("home");
        Self { folder }
    }

    /// An empty Git repository.
    pub fn git() -> Self {
        Self::git_with(&[])
    }

    /// The same with more said to `git init`.
    pub fn git_with(options: &[&str]) -> Self {
        let repo = Self::bare_folder();
        repo.run_git(&[&["init", "-q", "-b", "main"], options].concat());
        repo
    }

    pub fn root(&self) -> PathBuf {
        self.folder.path().join("repo")
    }

    /// The folder that holds the repository and the home.
    pub fn outside(&self) -> &Path {
        self.folder.path()
    }

    pub fn write(&self, path: &str, content: impl AsRef<[u8]>) -> &Self {
        let file = self.root().join(path);
        fs::create_dir_all(file.parent().expect("a parent")).expect("folders");
        fs::write(file, content).expect("a file");
        self
    }

    pub fn run_git(&self, args: &[&str]) -> String {
        let output = clean(Command::new("git"), self.outside())
            .current_dir(self.root())
            .args(["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "protocol.file.allow=always"])
            .args(args)
            .output()
            .expect("git runs");
        assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    pub fn commit(&self) -> &Self {
        self.run_git(&["add", "-A"]);
        self.run_git(&["commit", "-q", "-m", "x", "--allow-empty"]);
        self
    }

    /// The program in the repository's root.
    pub fn command<S: AsRef<OsStr>>(&self, args: &[S]) -> Command {
        let mut command = clean(Command::new(env!("CARGO_BIN_EXE_cargo-prodcheck")), self.outside());
        command.current_dir(self.root()).args(args).stdin(Stdio::null());
        command
    }

    pub fn run<S: AsRef<OsStr>>(&self, args: &[S]) -> Run {
        Run::from(self.command(args).output().expect("the program runs"))
    }

    /// The ids and places of all findings, as `rule path:line`, from the JSON report.
    pub fn findings(&self, args: &[&str]) -> Vec<String> {
        let mut all = vec!["--format", "json"];
        all.extend(args);
        let run = self.run(&all);
        let report: serde_json::Value =
            serde_json::from_str(&run.stdout).unwrap_or_else(|e| panic!("{e}: {}{}", run.stdout, run.stderr));
        report["findings"]
            .as_array()
            .expect("findings")
            .iter()
            .map(|f| {
                let path = f["path"].as_str().unwrap_or("-");
                let line = f["span"]["line"].as_u64().map_or(String::new(), |line| format!(":{line}"));
                format!("{} {path}{line}", f["rule"].as_str().expect("a rule"))
            })
            .collect()
    }
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

/// Nothing of the machine's configuration reaches the child.
pub fn clean(mut command: Command, outside: &Path) -> Command {
    let path = std::env::var_os("PATH").unwrap_or_default();
    command
        .env_clear()
        .env("PATH", path)
        .env("HOME", outside.join("home"))
        .env("CARGO_HOME", outside.join("home/cargo"))
        .env("XDG_CONFIG_HOME", outside.join("home/config"))
        .env("XDG_CACHE_HOME", outside.join("home/cache"))
        .env("LOCALAPPDATA", outside.join("home/cache"))
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("LANG", "C.UTF-8");
    if let Some(root) = std::env::var_os("SystemRoot") {
        command.env("SystemRoot", root);
    }
    command
}
