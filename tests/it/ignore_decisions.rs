//! Ignore decisions against `git check-ignore --no-index`: a generated table, and every path of real repositories
//! where somebody has them.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use prodcheck::model::RepoPath;
use prodcheck::repo::{IgnoreRules, IgnoreSource, Root, User, inventory_for};

use crate::support::{Repo, clean};

/// The names that paths are made of, at up to three levels. Case, blanks and signs of patterns are among them.
const NAMES: &[&str] = &[
    "a",
    "A",
    "b",
    "ab",
    "aB",
    ".env",
    ".env.prod",
    "x.pem",
    "X.PEM",
    "a b",
    "a ",
    "#a",
    "!a",
    "a*",
    "[a]",
    "a\\b",
    "caf\u{e9}",
    "CAF\u{c9}",
    "a\r",
    "build",
    "z.log",
];

/// Lines of ignore files: wildcards, classes, anchors, folders, escapes, blanks, and lines that mean nothing.
const LINES: &[&str] = &[
    "a",
    "A",
    "b",
    "ab",
    "a/",
    "/a",
    "/a/",
    "a/b",
    "/a/b",
    "a/b/",
    "a/*",
    "a/**",
    "**/a",
    "**/a/b",
    "a/**/b",
    "a**b",
    "a*/b",
    "*",
    "/*",
    "*/",
    "*/*",
    "**",
    "?",
    "??",
    "a?",
    "*b",
    "a*",
    "[ab]",
    "[!a]",
    "[^a]",
    "[a-z]",
    "[[:upper:]]",
    "[]a]",
    "[a",
    "[[:no:]]",
    "*.pem",
    "*.[pP][eE][mM]",
    ".env",
    ".env*",
    ".env/",
    ".*",
    "build",
    "build/",
    "build/**",
    "/build",
    "*.log",
    "z.*",
    "\\#a",
    "#a",
    "\\!a",
    "a\\*",
    "\\[a]",
    "a\\\\b",
    "a\\b",
    "a\\",
    "a ",
    "a\\ ",
    "a b",
    "a  ",
    " a",
    "\ta",
    "a\t",
    "caf\u{e9}",
    "caf?",
    "caf??",
    "CAF\u{c9}",
    "./a",
    "~/a",
    "//a",
    "/",
    "",
    " ",
    "a//b",
    "a/./b",
    "../a",
    "{a,b}",
    "a\\/b",
    "a/*/b",
    "**/**/b",
    "[a]",
    "a[*]",
    "[\\]a]",
    "[a\\-z]",
    "***",
    "a/**/",
    "**/",
    "[[:alpha:]]b",
    "[[:alpha:][:digit:]]*",
    "[!.]*",
    "*a*b*",
    "?*",
    "[--0]",
    "a/[!a]",
    "[a/b]",
    "a[/]b",
];

/// A generator of numbers that is the same on every machine (xorshift, <https://doi.org/10.18637/jss.v008.i14>).
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).expect("31 bits") % bound
    }

    fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }

    /// A text of an ignore file: LF, CRLF or both, with or without a BOM and an end of the last line.
    fn file(&mut self) -> String {
        let mut text = String::new();
        if self.below(5) == 0 {
            text.push('\u{feff}');
        }
        let crlf = self.below(4);
        for _ in 0..=self.below(6) {
            if self.below(3) == 0 {
                text.push('!');
            }
            text.push_str(self.of(LINES));
            text.push_str(if crlf == 0 || crlf == 1 && self.below(2) == 0 { "\r\n" } else { "\n" });
        }
        if self.below(3) == 0 {
            text.pop();
        }
        text
    }
}

/// What Git says of each path: the file's name, the line and the pattern, all empty where no pattern says anything.
fn of_git(repo: &Path, outside: &Path, paths: &[Vec<u8>]) -> Vec<[Vec<u8>; 3]> {
    let mut git = clean(Command::new("git"), outside)
        .current_dir(repo)
        .args(["check-ignore", "--no-index", "-v", "-n", "-z", "--stdin"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("git runs");
    let mut stdin = git.stdin.take().expect("a pipe");
    let mut asked = paths.join(&0);
    asked.push(0);
    let writer = std::thread::spawn(move || stdin.write_all(&asked));
    let output = git.wait_with_output().expect("git runs").stdout;
    writer.join().expect("a thread").expect("git reads");
    let fields: Vec<&[u8]> = output.split(|&b| b == 0).collect();
    let answers: Vec<_> = fields.chunks_exact(4).collect();
    assert_eq!(answers.len(), paths.len());
    for (answer, path) in answers.iter().zip(paths) {
        assert_eq!(answer[3], path);
    }
    answers.iter().map(|a| [a[0].to_vec(), a[1].to_vec(), a[2].to_vec()]).collect()
}

/// The same of our rules. Files outside of the repository are named by their last name, on both sides.
fn own(rules: &IgnoreRules, repo: &Path, path: &[u8]) -> [Vec<u8>; 3] {
    let path = RepoPath::new(path);
    let is_folder =
        path.on_disk(repo).is_some_and(|disk| disk.symlink_metadata().is_ok_and(|look| look.is_dir()));
    rules.decide(&path, is_folder).map_or_else(Default::default, |decision| {
        let source = match &decision.source {
            IgnoreSource::Repo(file) => file.as_bytes().to_vec(),
            IgnoreSource::Outside(file) => last_name(&file.to_string_lossy()),
        };
        [source, decision.line.to_string().into_bytes(), decision.pattern.to_vec()]
    })
}

fn last_name(path: &str) -> Vec<u8> {
    path.rsplit('/').next().unwrap_or_default().as_bytes().to_vec()
}

/// Names the files outside of the repository as `own` does.
fn named(mut answer: [Vec<u8>; 3]) -> [Vec<u8>; 3] {
    let source = String::from_utf8_lossy(&answer[0]).into_owned();
    if source.starts_with(".git/") || Path::new(&source).is_absolute() {
        answer[0] = last_name(&source);
    }
    answer
}

fn user(outside: &Path) -> User {
    User::of(|name| match name {
        "HOME" => Some(outside.join("home")),
        "XDG_CONFIG_HOME" => Some(outside.join("home/config")),
        "GIT_CONFIG_NOSYSTEM" => Some("1".into()),
        _ => None,
    })
}

/// Asserts that all is decided as Git does, and gives how many decisions there were and how many were of a pattern.
fn compare(root: &Path, outside: &Path, paths: &[Vec<u8>], about: &str) -> (usize, usize) {
    let (found, _) = Root::find(&[], root).expect("a root");
    let inventory = inventory_for(&found, 2, &user(outside));
    let mut decided = 0;
    for (path, answer) in paths.iter().zip(of_git(root, outside, paths)) {
        decided += usize::from(!answer[1].is_empty());
        let (own, git) = (own(&inventory.ignore, root, path), named(answer));
        let show = |answer: &[Vec<u8>; 3]| {
            answer.iter().map(|t| String::from_utf8_lossy(t).into_owned()).collect::<Vec<_>>()
        };
        assert_eq!(show(&own), show(&git), "{:?} in {about}", String::from_utf8_lossy(path));
    }
    (paths.len(), decided)
}

/// Where git is there at all.
fn has_git() -> bool {
    Command::new("git").arg("--version").output().is_ok_and(|run| run.status.success())
}

/// Five thousand decisions: files of ignore patterns at all places, by dice, held against paths.
#[test]
#[cfg(unix)]
fn generated_decisions_are_those_of_git() {
    if !has_git() {
        return;
    }
    let repo = Repo::git();
    let mut dice = Dice(0x5eed_1900);
    let mut paths = BTreeSet::new();
    for name in NAMES {
        // Folders with something in them for some, files for the others; what a line names may be both.
        let is_folder = dice.below(2) == 0 || *name == "a";
        if !is_folder {
            repo.write(name, "");
            paths.insert((*name).to_owned());
            continue;
        }
        for _ in 0..4 {
            let inner = dice.of(NAMES);
            let path = if dice.below(2) == 0 {
                format!("{name}/{inner}")
            } else {
                format!("{name}/{inner}.d/{}", dice.of(NAMES))
            };
            repo.write(&path, "");
            paths.extend(path.match_indices('/').map(|(at, _)| path[..at].to_owned()));
            paths.insert(path);
        }
    }
    // Paths that are not there are asked about as well.
    paths.extend(["none", "a/none/b", "none/a", "b/c/d/e"].map(str::to_owned));
    let paths: Vec<Vec<u8>> = paths.into_iter().map(String::into_bytes).collect();
    let places =
        [".gitignore", "a/.gitignore", "a/b.d/.gitignore", ".git/info/exclude", "../home/config/git/ignore"];
    let (mut all, mut of_patterns) = (0, 0);
    while all < 5_500 {
        let mut set = String::new();
        let fold = dice.below(4) == 0;
        repo.run_git(&["config", "core.ignoreCase", if fold { "true" } else { "false" }]);
        for (at, place) in places.iter().enumerate() {
            let file = repo.root().join(place);
            if at == 0 || dice.below(3) == 0 {
                let text = dice.file();
                write!(set, "{place} {text:?} ").expect("a string takes everything");
                repo.write(place, text);
            } else if file.exists() {
                fs::remove_file(file).expect("removed");
            }
        }
        let (asked, decided) = compare(&repo.root(), repo.outside(), &paths, &format!("{set}fold: {fold}"));
        all += asked;
        of_patterns += decided;
    }
    assert!(of_patterns >= 1_500, "{of_patterns} of {all}: too few say anything");
}

/// Every path of real repositories, where somebody has them: `PRODCHECK_REPOSITORIES` is a folder of clones.
#[test]
#[ignore = "needs clones of repositories"]
#[allow(clippy::print_stdout, reason = "how many there were is what one wants to know")]
fn real_decisions_are_those_of_git() {
    let Some(folder) = std::env::var_os("PRODCHECK_REPOSITORIES") else { return };
    let outside = Repo::bare_folder();
    let mut clones: Vec<PathBuf> = fs::read_dir(folder)
        .expect("a folder")
        .flatten()
        .map(|e| e.path())
        .filter(|p| p.join(".git").exists())
        .collect();
    clones.sort();
    let (mut all, mut of_patterns) = (0, 0);
    for clone in &clones {
        let listed = clean(Command::new("git"), outside.outside())
            .current_dir(clone)
            .args(["-c", "safe.directory=*", "ls-files", "-z", "-co"])
            .output()
            .expect("git runs");
        let mut paths = BTreeSet::new();
        for path in listed.stdout.split(|&b| b == 0).filter(|path| !path.is_empty()) {
            paths.extend(
                path.iter().enumerate().filter(|(_, b)| **b == b'/').map(|(at, _)| path[..at].to_vec()),
            );
            paths.insert(path.to_vec());
        }
        // What Git would not look into: a link on the way, and submodules.
        let is_plain = |path: &Vec<u8>| {
            RepoPath::new(path.as_slice()).on_disk(clone).is_some_and(|disk| {
                let ways = disk.ancestors().skip(1).take_while(|way| *way != clone.as_path());
                let is_link = |way: &Path| way.symlink_metadata().is_ok_and(|look| look.is_symlink());
                !ways.into_iter().any(|way| is_link(way) || way.join(".git").exists())
            })
        };
        let paths: Vec<Vec<u8>> = paths.into_iter().filter(is_plain).collect();
        if paths.is_empty() {
            continue;
        }
        let (asked, decided) = compare(clone, outside.outside(), &paths, &clone.display().to_string());
        all += asked;
        of_patterns += decided;
    }
    println!("{all} paths of {} repositories, of which {of_patterns} are of a pattern", clones.len());
    assert!(clones.len() >= 30 && all > 0, "{} clones", clones.len());
}
