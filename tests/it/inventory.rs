//! The inventory against Git itself: the same files, the same decisions; and against repositories that are out
//! to hurt.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use prodcheck::model::{Coverage, RepoPath};
use prodcheck::repo::{IgnoreSource, Inventory, Root, RootError, User, inventory_for};
use tempfile::TempDir;

/// A folder with a home of its own, so that nobody's configuration plays a part.
struct Lab {
    folder: TempDir,
}

impl Lab {
    fn new() -> Self {
        Self::at(TempDir::new().unwrap())
    }

    /// In memory where there is such a place: making thousands of folders takes seconds on a busy disk.
    fn in_memory() -> Self {
        Self::at(TempDir::new_in("/dev/shm").or_else(|_| TempDir::new()).unwrap())
    }

    fn at(folder: TempDir) -> Self {
        fs::create_dir_all(folder.path().join("home/.config/git")).unwrap();
        fs::create_dir(folder.path().join("repo")).unwrap();
        Self { folder }
    }

    /// A new Git repository, or `None` where there is no git.
    fn git() -> Option<Self> {
        let lab = Self::new();
        lab.command().arg("--version").output().ok()?;
        lab.run(&["init", "-q", "."]);
        Some(lab)
    }

    fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    fn repo(&self) -> PathBuf {
        self.path("repo").canonicalize().unwrap()
    }

    fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.path("repo").join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn command(&self) -> Command {
        self.command_in(&self.path("repo"))
    }

    fn command_in(&self, folder: &Path) -> Command {
        let mut command = Command::new("git");
        let path = std::env::var_os("PATH").unwrap_or_default();
        command.current_dir(folder).env_clear().env("PATH", path).env("HOME", self.path("home"));
        command.env("GIT_CONFIG_NOSYSTEM", "1").env("LC_ALL", "C");
        command.args(["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "core.fsmonitor=false"]);
        command.args(["-c", "protocol.file.allow=always", "-c", "init.defaultBranch=main"]);
        command
    }

    fn run(&self, arguments: &[&str]) {
        let done = self.command().args(arguments).output().unwrap();
        assert!(done.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
    }

    fn user(&self) -> User {
        User::of(|name| match name {
            "HOME" => Some(self.path("home")),
            "GIT_CONFIG_NOSYSTEM" => Some("1".into()),
            _ => None,
        })
    }

    fn inventory_of(&self, folder: &Path) -> Inventory {
        let (root, selected) = Root::find(&[], folder).unwrap();
        assert!(selected.is_empty());
        inventory_for(&root, 2, &self.user())
    }

    fn inventory(&self) -> Inventory {
        self.inventory_of(&self.repo())
    }

    /// The files of `git ls-files`, restricted to regular files that exist.
    fn listed_by_git(&self, folder: &Path) -> Vec<Vec<u8>> {
        let output =
            self.command_in(folder).args(["ls-files", "-z", "-co", "--exclude-standard"]).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let names: BTreeSet<&[u8]> = output.stdout.split(|&b| b == 0).filter(|n| !n.is_empty()).collect();
        names
            .into_iter()
            .filter(|name| {
                RepoPath::new(*name)
                    .on_disk(folder)
                    .and_then(|path| path.symlink_metadata().ok())
                    .is_some_and(|look| look.is_file())
            })
            .map(<[u8]>::to_vec)
            .collect()
    }

    /// Asserts that both list the same files.
    fn check_in(&self, folder: &Path) -> Inventory {
        let inventory = self.inventory_of(folder);
        let own: Vec<_> = inventory.files.iter().map(|f| f.path.as_bytes().to_vec()).collect();
        let show = |names: &[Vec<u8>]| {
            names.iter().map(|n| String::from_utf8_lossy(n).into_owned()).collect::<Vec<_>>()
        };
        assert_eq!(show(&own), show(&self.listed_by_git(folder)));
        inventory
    }

    fn check(&self) -> Inventory {
        self.check_in(&self.repo())
    }
}

fn words(inventory: &Inventory) -> Vec<&str> {
    inventory.not_checked.iter().map(|n| n.what).collect()
}

fn paths(inventory: &Inventory) -> Vec<String> {
    inventory.files.iter().map(|f| f.path.to_string()).collect()
}

/// The paths every set of ignore files is asked about. Those with a slash at the end are folders.
const PATHS: &[&str] = &[
    ".env",
    ".env.example",
    "server.pem",
    "keys/server.key",
    "a",
    "a/",
    "a/b/",
    "a/b/c",
    "a/b/keep.txt",
    "foobar",
    "foo/",
    "foo/bar",
    "foo/x/bar",
    "foox/y/bar",
    "secrets/",
    "secrets/keep.txt",
    "secrets/deep/keep.txt",
    "build/",
    "sub/build/",
    "sub/build/x.o",
    "x.o",
    "X.O",
    "#hash",
    "!bang",
    "with space ",
    "with space",
    "tab\t",
    "back\\slash",
    "[a]",
    "b",
    "B",
    "a{b,c}",
    "sub/.env",
    "sub/x/y/z.log",
    "z.log",
    "*star",
    "caf\u{e9}",
    "target/debug/x",
];

/// Ignore files as (path, text): written one set after the other into the same repository.
const SETS: &[&[(&str, &str)]] = &[
    &[(".gitignore", "*.{pem,key}\n.env\n!.env.example\n")],
    &[(".gitignore", "secrets/\n!secrets/keep.txt\n!secrets/deep/keep.txt\n")],
    &[(".gitignore", "secrets/*\n!secrets/keep.txt\n")],
    &[(".gitignore", "tab\t\nwith space \nwith space\\ \n")],
    &[(".gitignore", "a\t\n\t\n \n")],
    &[(".gitignore", "*.o\r\n/build/\r\n.env\r")],
    &[(".gitignore", "\u{feff}.env\n*.pem\n")],
    &[(".gitignore", "\\#hash\n\\!bang\n#hash\n")],
    &[(".gitignore", "foo**/bar\n")],
    &[(".gitignore", "**/bar\nfo**/bar\n")],
    &[(".gitignore", "foo/**\n!foo/bar\n")],
    &[(".gitignore", "foo/**/bar\n")],
    &[(".gitignore", "/a\n")],
    &[(".gitignore", "a/b\n!a/b/c\n")],
    &[(".gitignore", "/*\n!/a/\n/a/*\n!/a/b/\n")],
    &[(".gitignore", "./.env\n~/a\n//a\n/\n!\n")],
    &[(".gitignore", ".env/\nfoobar/\n")],
    &[(".gitignore", "/foo/\n")],
    &[(".gitignore", "*.[oO]\n[[]a]\n[!a-z]\n")],
    &[(".gitignore", "[[:upper:]]\n[a\n[[:nope:]]\n[a-]\n")],
    &[(".gitignore", "a\\\nback\\\\slash\n\\*star\n")],
    &[(".gitignore", "?\n??r*\n*a*o*\n")],
    &[(".gitignore", "*\n!*/\n!*.txt\n")],
    &[(".gitignore", "build\n"), ("sub/.gitignore", "!build\n*.o\n")],
    &[(".gitignore", "*.log\n"), ("sub/x/.gitignore", "!y/z.log\n")],
    &[(".gitignore", "*.log\n"), ("sub/.gitignore", "!x/**/*.log\n/.env\n")],
    &[("sub/.gitignore", "/x\n"), (".git/info/exclude", "z.log\n.env\n"), (".gitignore", "!.env\n")],
    &[("../home/.config/git/ignore", "*.pem\n.env\n"), (".git/info/exclude", "!.env\n")],
    &[("../home/.config/git/ignore", "")],
    &[("../home/.gitconfig", "[core]\n\texcludesFile = ~/mine\n"), ("../home/mine", "b\n*.key\n")],
    &[
        ("../home/.gitconfig", "[include]\n\tpath = more\n"),
        ("../home/more", "[core]\nexcludesfile=\"~/mine\" ; x\n"),
    ],
    &[("../home/.gitconfig", "[includeIf \"gitdir:**/repo/\"]\n\tpath = more\n")],
    &[("../home/.gitconfig", "[includeIf \"gitdir:/nowhere/\"]\n\tpath = more\n")],
    &[
        ("../home/.gitconfig", "[core]\n\tignoreCase = true\n"),
        (".gitignore", "*.O\nB\nFOO/\nSecrets/Keep*\n[A-B]\n"),
    ],
    &[("../home/.gitconfig", ""), (".gitignore", "*.O\nB\nFOO/\nSecrets/Keep*\n")],
];

#[test]
fn decisions_are_those_of_git() {
    let Some(lab) = Lab::git() else { return };
    let mut asked = Vec::new();
    for path in PATHS {
        match path.strip_suffix('/') {
            Some(folder) => fs::create_dir_all(lab.repo().join(folder)).unwrap(),
            None if path == &"a" => {}
            None => lab.write(path, "x"),
        }
        asked.extend_from_slice(path.trim_end_matches('/').as_bytes());
        asked.push(0);
    }
    let mut decisions = 0;
    for set in SETS {
        for (path, text) in *set {
            lab.write(path, text);
        }
        let mut git = lab
            .command()
            .args(["check-ignore", "--no-index", "-v", "-n", "-z", "--stdin"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        git.stdin.take().unwrap().write_all(&asked).unwrap();
        let output = git.wait_with_output().unwrap().stdout;
        let mut fields = output.split(|&b| b == 0);
        let inventory = lab.check();
        for path in PATHS {
            let mut field = || String::from_utf8(fields.next().unwrap().to_vec()).unwrap();
            let (source, line, pattern, name) = (field(), field(), field(), field());
            assert_eq!(name, path.trim_end_matches('/'));
            let is_folder = lab.repo().join(&name).is_dir();
            let own = inventory.ignore.decide(&RepoPath::from(name.as_str()), is_folder);
            let own = own.map_or_else(Default::default, |d| {
                let source = match &d.source {
                    IgnoreSource::Repo(path) => path.to_string(),
                    IgnoreSource::Outside(path) => path.file_name().unwrap().to_string_lossy().into_owned(),
                };
                (source, d.line.to_string(), d.pattern.to_string())
            });
            let source = match &own.0 {
                own if !own.contains('/') && source.ends_with(&format!("/{own}")) => own.clone(),
                _ => source,
            };
            assert_eq!(own, (source, line, pattern), "{name:?} with {set:?}");
            decisions += 1;
        }
        for (path, _) in set.iter().filter(|(path, _)| !path.starts_with("../")) {
            fs::remove_file(lab.repo().join(path)).unwrap();
        }
    }
    assert!(decisions >= 700, "{decisions}");
}

#[test]
fn the_index_says_what_is_tracked() {
    let Some(lab) = Lab::git() else { return };
    for name in ["a", "dir/b", "dir/ignored.log", "gone", "later", "ignored/deep/kept", "ignored/not"] {
        lab.write(name, name);
    }
    lab.run(&["add", "-f", "a", "dir", "gone", "ignored/deep/kept"]);
    lab.run(&["add", "-N", "later"]);
    lab.write(".gitignore", "*.log\nignored/\n");
    lab.write("new", "");
    fs::remove_file(lab.repo().join("gone")).unwrap();
    for version in ["2", "3", "4"] {
        lab.run(&["update-index", "--index-version", version]);
        let inventory = lab.check();
        let tracked: Vec<_> =
            inventory.files.iter().filter(|f| f.tracked).map(|f| f.path.to_string()).collect();
        assert_eq!(tracked, ["a", "dir/b", "dir/ignored.log", "ignored/deep/kept", "later"], "{version}");
        let ignored: Vec<_> = inventory
            .tracked_ignored
            .iter()
            .map(|t| (t.path.to_string(), t.source.to_string(), t.line, t.pattern_span.clone()))
            .collect();
        assert_eq!(
            ignored,
            [
                ("dir/ignored.log".into(), ".gitignore".into(), 1, 0..5),
                ("ignored/deep/kept".into(), ".gitignore".into(), 2, 6..14)
            ]
        );
    }
    lab.run(&["update-index", "--split-index"]);
    lab.write("split", "");
    lab.run(&["add", "split"]);
    lab.run(&["rm", "-q", "--cached", "a"]);
    let inventory = lab.check();
    let tracked = |name: &str| inventory.files.iter().find(|f| f.path == name.into()).map(|f| f.tracked);
    assert_eq!((tracked("split"), tracked("a"), tracked("dir/b")), (Some(true), Some(false), Some(true)));
}

#[test]
fn sha256_repositories_and_sparse_indexes() {
    let Some(lab) = Lab::git() else { return };
    fs::remove_dir_all(lab.repo().join(".git")).unwrap();
    lab.run(&["init", "-q", "--object-format=sha256", "."]);
    for name in ["a", "in/b", "out/c", "out/d/e"] {
        lab.write(name, name);
    }
    lab.run(&["add", "."]);
    lab.run(&["commit", "-q", "-m", "all"]);
    assert!(lab.check().files.iter().all(|f| f.tracked));
    lab.run(&["sparse-checkout", "set", "--sparse-index", "in"]);
    let sparse = lab.check();
    assert_eq!(paths(&sparse), ["a", "in/b"]);
    assert_eq!(absent(&sparse), ["1 tracked folder is not in the work tree (sparse checkout)"]);
}

fn absent(inventory: &Inventory) -> Vec<&str> {
    let named = inventory.not_checked.iter().filter(|n| n.what == "absent");
    named.inspect(|n| assert_eq!(n.coverage, Coverage::Outside)).map(|n| n.reason.as_str()).collect()
}

#[test]
fn tracked_files_that_are_not_there_are_said() {
    let Some(lab) = Lab::git() else { return };
    for name in ["a", "dir/b", "dir/c", "in/d", "out/e"] {
        lab.write(name, name);
    }
    lab.run(&["add", "."]);
    lab.run(&["commit", "-q", "-m", "all"]);
    assert_eq!(absent(&lab.check()), [""; 0]);
    fs::remove_file(lab.repo().join("a")).unwrap();
    assert_eq!(absent(&lab.check()), ["1 tracked file is not in the work tree"]);
    fs::remove_dir_all(lab.repo().join("dir")).unwrap();
    lab.write("dir", "a file now");
    assert_eq!(absent(&lab.check()), ["3 tracked files are not in the work tree"]);
    fs::remove_file(lab.repo().join("dir")).unwrap();
    lab.run(&["checkout", "-q", "."]);
    // Without a sparse index the files left out are entries like all others.
    lab.run(&["sparse-checkout", "set", "--no-sparse-index", "in"]);
    assert_eq!(absent(&lab.check()), ["3 tracked files are not in the work tree"]);
}

#[test]
fn conflicts_links_and_odd_names() {
    let Some(lab) = Lab::git() else { return };
    lab.write("f", "base");
    lab.run(&["add", "."]);
    lab.run(&["commit", "-q", "-m", "base"]);
    lab.run(&["checkout", "-q", "-b", "other"]);
    lab.write("f", "other");
    lab.run(&["commit", "-q", "-a", "-m", "other"]);
    lab.run(&["checkout", "-q", "-"]);
    lab.write("f", "mine");
    lab.run(&["commit", "-q", "-a", "-m", "mine"]);
    assert!(!lab.command().args(["merge", "-q", "other"]).output().unwrap().status.success());
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt;
        for name in [&b"new\nline"[..], b"esc\x1b[31m", b"not\xffutf8", b"::error::"] {
            fs::write(lab.repo().join(std::ffi::OsStr::from_bytes(name)), "").unwrap();
        }
        std::os::unix::fs::symlink("..", lab.repo().join("loop")).unwrap();
        std::os::unix::fs::symlink("f", lab.repo().join("link")).unwrap();
    }
    let inventory = lab.check();
    assert_eq!(inventory.files.iter().filter(|f| f.path == "f".into()).count(), 1);
}

#[test]
fn work_trees_submodules_and_nested_repositories() {
    let Some(lab) = Lab::git() else { return };
    lab.write("a", "");
    lab.run(&["add", "."]);
    lab.run(&["commit", "-q", "-m", "a"]);
    lab.write(".git/info/exclude", "*.tmp\n");
    lab.run(&["worktree", "add", "-q", "../linked"]);
    let linked = lab.path("linked").canonicalize().unwrap();
    fs::write(linked.join("x.tmp"), "").unwrap();
    fs::write(linked.join("x"), "").unwrap();
    assert_eq!(paths(&lab.check_in(&linked)), ["a", "x"]);

    fs::create_dir(lab.path("other")).unwrap();
    let other = lab.path("other").canonicalize().unwrap();
    for arguments in [&["init", "-q"][..], &["commit", "-q", "--allow-empty", "-m", "x"]] {
        assert!(lab.command_in(&other).args(arguments).status().unwrap().success());
    }
    lab.run(&["submodule", "--quiet", "add", other.to_str().unwrap(), "sub"]);
    lab.write("sub/inside", "");
    lab.write("nested/inside", "");
    assert!(lab.command_in(&lab.repo().join("nested")).args(["init", "-q"]).status().unwrap().success());
    let inventory = lab.check();
    assert_eq!(paths(&inventory), [".gitmodules", "a"]);
    assert_eq!(words(&inventory), ["nested-repository", "submodule"]);
    assert!(inventory.not_checked.iter().all(|n| n.coverage == Coverage::Outside));
    // A submodule is a root of its own; its `core.worktree` names it, so nothing is said.
    let inventory = lab.check_in(&lab.repo().join("sub"));
    assert_eq!(paths(&inventory), ["inside"]);
    assert_eq!(inventory.notices, []);
}

#[test]
fn roots_and_selected_paths() {
    let lab = Lab::new();
    let repo = lab.repo();
    for (path, text) in [
        ("ws/Cargo.toml", "[workspace]\n"),
        ("ws/one/Cargo.toml", "[package]\n"),
        ("ws/one/src/lib.rs", ""),
        ("alone/Cargo.toml", "[package]\n"),
        ("plain/x", ""),
    ] {
        lab.write(path, text);
    }
    let find = |paths: &[&str], cwd: &str| {
        let paths: Vec<PathBuf> = paths.iter().map(PathBuf::from).collect();
        let (root, selected) = Root::find(&paths, &repo.join(cwd))?;
        let root = root.path().strip_prefix(&repo).unwrap().to_str().unwrap().to_owned();
        Ok::<_, RootError>((root, selected.iter().map(ToString::to_string).collect::<Vec<_>>()))
    };
    let check = |paths: &[&str], cwd: &str, root: &str, selected: &[&str]| {
        let selected: Vec<_> = selected.iter().map(ToString::to_string).collect();
        assert_eq!(find(paths, cwd), Ok((root.to_owned(), selected)), "{paths:?} in {cwd}");
    };
    check(&[], "ws/one/src", "ws", &[]);
    check(&[], "ws", "ws", &[]);
    check(&["."], "ws/one/src", "ws", &["one/src"]);
    check(&["src/lib.rs"], "ws/one", "ws", &["one/src/lib.rs"]);
    check(&["ws", "ws/one"], "", "ws", &[]);
    check(&["alone"], "", "alone", &[]);
    check(&["x"], "plain", "plain", &["x"]);
    assert!(matches!(find(&["ws", "alone"], ""), Err(RootError::Different { .. })));
    assert!(matches!(find(&["nothing"], ""), Err(RootError::Unreadable { .. })));
    if lab.command().args(["init", "-q", "--bare", "bare.git"]).output().is_ok() {
        assert!(matches!(find(&["bare.git"], ""), Err(RootError::Bare { .. })));
        lab.run(&["init", "-q", "ws"]);
        check(&["../.."], "ws/one/src", "ws", &[]);
        assert!(matches!(find(&["ws/.git/config"], ""), Err(RootError::Bare { .. })));
    }
}

#[test]
fn outside_git_ignore_files_count() {
    let lab = Lab::new();
    for (path, text) in [
        (".gitignore", "*.{pem,key}\n*.log\n"),
        (".ignore", "data/\n!keep.log\n"),
        ("server.pem", ""),
        ("x.log", ""),
        ("keep.log", ""),
        ("data/x", ""),
        (".hidden/x", ""),
        (".git/config", ""),
    ] {
        lab.write(path, text);
    }
    let inventory = lab.inventory();
    assert!(!inventory.is_git);
    assert_eq!(paths(&inventory), [".gitignore", ".hidden/x", ".ignore", "keep.log", "server.pem"]);
    let decision = inventory.ignore.decide(&"data/x".into(), false).unwrap();
    assert_eq!((decision.line, decision.span), (1, 0..5));
}

#[cfg(unix)]
mod hostile {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    fn fifo(path: &Path) {
        let _ = fs::remove_file(path);
        assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
    }

    #[test]
    fn fifos_and_devices_in_place_of_files() {
        let Some(lab) = Lab::git() else { return };
        lab.write("a", "");
        lab.run(&["add", "."]);
        for path in [".gitignore", "sub/.gitignore", ".git/info/exclude", ".git/config", ".git/index"] {
            lab.write("sub/x", "");
            fifo(&lab.repo().join(path));
            let inventory = lab.inventory();
            assert_eq!(paths(&inventory), ["a", "sub/x"], "{path}");
            assert_eq!(inventory.notices.len() + inventory.not_checked.len(), 1, "{path}");
            let missing = inventory.not_checked.iter().any(|n| n.coverage == Coverage::Missing);
            assert_eq!(missing, path == ".git/index", "{path}");
            fs::remove_file(lab.repo().join(path)).unwrap();
        }
        symlink("/dev/zero", lab.repo().join(".gitignore")).unwrap();
        symlink("/dev/zero", lab.repo().join(".git/info/exclude")).unwrap();
        lab.write(".git/config", "[core]\n\texcludesFile = /dev/zero\n");
        assert_eq!(lab.inventory().notices.len(), 3);
    }

    #[test]
    fn git_pointers_that_lead_nowhere_good() {
        let lab = Lab::new();
        lab.write("a", "");
        let dot_git = lab.repo().join(".git");
        let check = |expect: &str| {
            let inventory = lab.inventory();
            assert_eq!((inventory.is_git, paths(&inventory)), (false, vec!["a".to_owned()]), "{expect}");
            assert_eq!(inventory.notices.len(), usize::from(expect == "said"), "{expect}");
        };
        for pointer in ["gitdir: .git", "gitdir: /etc", "gitdir: ../nothing", "nonsense", ""] {
            fs::write(&dot_git, pointer).unwrap();
            check("said");
        }
        fifo(&dot_git);
        check("silent");
        fs::remove_file(&dot_git).unwrap();
        symlink(".git", &dot_git).unwrap();
        check("silent");
        fs::remove_file(&dot_git).unwrap();
        symlink("/etc", &dot_git).unwrap();
        check("silent");
    }

    #[test]
    fn configuration_that_leads_astray() {
        let Some(lab) = Lab::git() else { return };
        lab.write("a", "");
        let trap = lab.path("trap");
        fs::write(&trap, format!("#!/bin/sh\ntouch {}\n", lab.path("sprung").display())).unwrap();
        fs::set_permissions(&trap, fs::Permissions::from_mode(0o755)).unwrap();
        let config = format!(
            "[core]\n\tworktree = /\n\tfsmonitor = {0}\n\thooksPath = {0}\n\
             [include]\n\tpath = config\n\tpath = ../a\n",
            trap.display()
        );
        lab.write(".git/config", config);
        let inventory = lab.inventory();
        assert_eq!(paths(&inventory), ["a"]);
        assert!(!lab.path("sprung").exists());
        assert!(
            inventory.notices.iter().any(|n| n.text.contains("core.worktree")),
            "{:?}",
            inventory.notices
        );
        assert!(inventory.notices.iter().any(|n| n.text.contains("include")), "{:?}", inventory.notices);
    }

    #[test]
    fn five_thousand_nested_folders() {
        let lab = Lab::in_memory();
        lab.write("a", "");
        // Deeper than a path can say: made from the inside out, ten times five hundred.
        let block = ["d"; 499].join("/");
        let mut inner = lab.path("block-0");
        fs::create_dir(&inner).unwrap();
        for number in 1..=10 {
            let outer = lab.path(&format!("block-{number}"));
            fs::create_dir_all(outer.join(&block)).unwrap();
            fs::rename(&inner, outer.join(&block).join("d")).unwrap();
            inner = outer;
        }
        fs::rename(&inner, lab.repo().join("d")).unwrap();
        let inventory = lab.inventory();
        assert_eq!(paths(&inventory), ["a"]);
        assert_eq!(words(&inventory), ["unreadable"]);
        assert_eq!(inventory.not_checked[0].coverage, Coverage::Missing);
        // Taken apart the same way, since removing it at once would need as many open folders.
        let mut outer = lab.repo().join("d");
        for number in 1..=10 {
            let inner = lab.path(&format!("block-{number}"));
            fs::rename(outer.join(&block).join("d"), &inner).unwrap();
            fs::remove_dir_all(&outer).unwrap();
            outer = inner;
        }
    }

    #[test]
    fn links_are_not_followed_on_the_way() {
        let Some(lab) = Lab::git() else { return };
        lab.write("dir/a", "");
        lab.run(&["add", "."]);
        fs::create_dir(lab.path("outside")).unwrap();
        fs::write(lab.path("outside/a"), "not ours").unwrap();
        fs::remove_dir_all(lab.repo().join("dir")).unwrap();
        symlink(lab.path("outside"), lab.repo().join("dir")).unwrap();
        assert_eq!(paths(&lab.inventory()), Vec::<String>::new());
        let (root, _) = Root::find(&[], &lab.repo()).unwrap();
        let mut bytes = b"before".to_vec();
        assert!(root.tree().read(&"dir/a".into(), 100, &mut bytes).is_err());
        assert!(bytes.is_empty());
    }

    #[test]
    fn an_unreadable_folder_is_said() {
        let lab = Lab::new();
        lab.write("shut/x", "");
        let shut = lab.repo().join("shut");
        fs::set_permissions(&shut, fs::Permissions::from_mode(0o000)).unwrap();
        // Root can read everything.
        if fs::read_dir(&shut).is_err() {
            let inventory = lab.inventory();
            assert_eq!(words(&inventory), ["unreadable"]);
            assert_eq!(inventory.not_checked[0].coverage, Coverage::Missing);
        }
        fs::set_permissions(&shut, fs::Permissions::from_mode(0o755)).unwrap();
    }

    #[test]
    fn reading_refuses_what_is_no_file_or_too_large() {
        let lab = Lab::new();
        lab.write("ten", "0123456789");
        lab.write("empty", "");
        fifo(&lab.repo().join("fifo"));
        symlink("ten", lab.repo().join("link")).unwrap();
        let (root, _) = Root::find(&[], &lab.repo()).unwrap();
        let mut bytes = Vec::new();
        let mut read = |path: &str, limit| {
            let word = root.tree().read(&path.into(), limit, &mut bytes).map_err(|e| e.word());
            word.map(|()| bytes.len())
        };
        assert_eq!(read("ten", 10), Ok(10));
        assert_eq!(read("ten", 9), Err("too-large"));
        assert_eq!(read("empty", 9), Ok(0));
        assert_eq!(read("fifo", 9), Err("not-regular"));
        assert_eq!(read("link", 9), Err("not-regular"));
        assert_eq!(read(".", 9), Err("not-regular"));
        assert_eq!(read("../repo/ten", 10), Err("not-regular"));
        assert_eq!(read("nothing", 9), Err("vanished"));
        assert_eq!(read(&"x".repeat(5000), 9), Err("unreadable"));
    }
}
