//! Whole repositories under `fixtures/`: each is audited as it would be on disk, and the report must be the
//! expected one. `PRODCHECK_UPDATE_EXPECTED=1` writes what is found, to be read before it is committed.

use std::fs;
use std::path::{Path, PathBuf};

use prodcheck::rules::Catalog;

use crate::support::Repo;

/// What `case.toml` says.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Case {
    /// Arguments beside the format.
    #[serde(default)]
    args: Vec<String>,
    /// The exit code.
    exit: i32,
    /// Files that Git does not track.
    #[serde(default)]
    untracked: Vec<String>,
    /// Patterns that one user keeps for himself, in `.git/info/exclude`.
    #[serde(default)]
    excludes: Vec<String>,
    /// Each `rule path:line` that must be among the findings: what was planted.
    #[serde(default)]
    planted: Vec<String>,
    /// Whether no finding at warning or above may appear.
    #[serde(default)]
    clean: bool,
}

/// Advisory data for all of them, made up.
const DATA: &[&str] =
    &["--advisory-db", "../advisory-db", "--advisory-db", "../osv-db", "--advisory-db", "../osv-npm"];

/// Where the fixtures lie.
pub fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

fn cases() -> Vec<PathBuf> {
    let mut cases: Vec<PathBuf> = fs::read_dir(fixtures())
        .expect("fixtures")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.join("case.toml").is_file())
        .collect();
    cases.sort();
    assert!(cases.len() >= 4, "fixtures are missing: {cases:?}");
    cases
}

/// The repository of a fixture: `dot_` at the start of a name is a dot, `{~}` is nothing.
pub fn load(case: &Path, untracked: &[String]) -> Repo {
    let repo = Repo::git();
    copy(&case.join("repo"), &repo.root());
    let advisories = fixtures().join("advisory-db");
    copy(&advisories, &repo.outside().join("advisory-db"));
    for data in ["osv-db", "osv-npm"] {
        copy(&fixtures().join(data), &repo.outside().join(data));
    }
    remember(&fixtures().join("registry-index"), &repo.outside().join("home/cargo"));
    repo.run_git(&["add", "-A", "-f"]);
    for path in untracked {
        repo.run_git(&["rm", "-q", "--cached", "-f", "--", path]);
    }
    repo
}

fn exclude(repo: &Repo, patterns: &[String]) {
    repo.write(".git/info/exclude", patterns.join("\n"));
}

/// Makes cargo's cache of the registry's index out of files of its lines, one for each package.
fn remember(from: &Path, cargo_home: &Path) {
    let cache = cargo_home.join("registry/index/index.crates.io-1949cf8c6b5b557f/.cache");
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let name = entry.file_name().into_string().expect("UTF-8");
        let mut bytes = b"\x03\x02\0\0\0etag: none\0".to_vec();
        for line in fs::read_to_string(entry.path()).expect("lines").lines() {
            let release: serde_json::Value = serde_json::from_str(line).expect("JSON");
            bytes.extend(format!("{}\0{line}\0", release["vers"].as_str().expect("a version")).bytes());
        }
        let folder = cache.join(&name[..2]).join(&name[2..4]);
        fs::create_dir_all(&folder).expect("a folder");
        fs::write(folder.join(name), bytes).expect("a file");
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).unwrap_or_else(|e| panic!("{}: {e}", from.display())) {
        let entry = entry.expect("an entry");
        let name = entry.file_name().into_string().expect("UTF-8");
        let name = name.strip_prefix("dot_").map_or(name.clone(), |rest| format!(".{rest}"));
        if entry.path().is_dir() {
            copy(&entry.path(), &to.join(name));
        } else {
            let bytes = fs::read(entry.path()).expect("a file");
            let text = bytes.replace_splice();
            fs::write(to.join(name), text).expect("a file");
        }
    }
}

trait Splice {
    fn replace_splice(self) -> Vec<u8>;
}

impl Splice for Vec<u8> {
    fn replace_splice(self) -> Vec<u8> {
        match String::from_utf8(self) {
            Ok(text) => text.replace("{~}", "").into_bytes(),
            Err(error) => error.into_bytes(),
        }
    }
}

#[test]
fn every_fixture_gives_what_is_expected() {
    let update = std::env::var_os("PRODCHECK_UPDATE_EXPECTED").is_some();
    let mut wrong = Vec::new();
    for path in cases() {
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        let text = fs::read_to_string(path.join("case.toml")).expect("case.toml");
        let case: Case = toml_edit::de::from_str(&text).unwrap_or_else(|e| panic!("{name}: {e}"));
        let repo = load(&path, &case.untracked);
        exclude(&repo, &case.excludes);
        for (format, file) in [("concise", "expected.txt"), ("json", "expected.json")] {
            let mut args = vec!["--format", format, "--min-severity", "note"];
            args.extend(DATA);
            args.extend(case.args.iter().map(String::as_str));
            let run = repo.run(&args);
            if run.code != case.exit {
                wrong.push(format!("{name}: exit {} instead of {}: {}", run.code, case.exit, run.stderr));
            }
            let version = format!("\"version\": \"{}\"", env!("CARGO_PKG_VERSION"));
            let found = run.stdout.replace(&version, "\"version\": \"[VERSION]\"");
            let expected = path.join(file);
            if update {
                fs::write(&expected, &found).expect("expected");
            } else if fs::read_to_string(&expected).unwrap_or_default() != found {
                wrong.push(format!("{name}: {file} differs; found:\n{found}"));
            }
        }
        let mut args = DATA.to_vec();
        args.extend(case.args.iter().map(String::as_str));
        let findings = repo.findings(&args);
        for planted in &case.planted {
            if !findings.contains(planted) {
                wrong.push(format!("{name}: {planted} was planted and not found in {findings:#?}"));
            }
        }
        if case.clean {
            args.extend(["--format", "concise", "--fail-on", "warning"]);
            let run = repo.run(&args);
            if run.code != 0 {
                wrong.push(format!("{name}: the clean twin is not clean:\n{}", run.stdout));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// Every rule sees every fixture: what fires there must be expected, so a rule that fires across shows.
#[test]
fn every_rule_ran_over_every_fixture() {
    let catalog = Catalog::built_in();
    let all: Vec<&str> = catalog.rules().map(|rule| &*rule.id).collect();
    for path in cases() {
        let text = fs::read_to_string(path.join("case.toml")).expect("case.toml");
        let case: Case = toml_edit::de::from_str(&text).expect("case.toml");
        let repo = load(&path, &case.untracked);
        exclude(&repo, &case.excludes);
        let mut args = vec!["--format", "json", "--profile", "audit"];
        args.extend(DATA);
        let report = repo.run(&args).stdout;
        let report: serde_json::Value = serde_json::from_str(&report).expect("JSON");
        for finding in report["findings"].as_array().expect("findings") {
            let rule = finding["rule"].as_str().expect("a rule");
            assert!(all.contains(&rule), "{rule}");
            let place = format!(
                "{rule} {}{}",
                finding["path"].as_str().unwrap_or("-"),
                finding["span"]["line"].as_u64().map_or(String::new(), |line| format!(":{line}"))
            );
            let known = fs::read_to_string(path.join("expected.json")).unwrap_or_default();
            let severity = finding["severity"].as_str().unwrap_or_default();
            assert!(
                severity == "note" || known.contains(&format!("\"rule\": \"{rule}\"")),
                "{}: {place} fires in the audit profile and is not expected",
                path.display()
            );
        }
    }
}

/// What is said of ignore files is said in a fixture, and not in its clean twin.
#[test]
fn every_rule_about_ignore_files_fires_and_is_quiet() {
    let read = |path: &Path, file: &str| fs::read_to_string(path.join(file)).expect("a file");
    let quiet = read(&fixtures().join("gitignore-clean"), "expected.txt");
    let cases: Vec<String> = cases().iter().map(|path| read(path, "case.toml")).collect();
    let catalog = Catalog::built_in();
    for rule in catalog.rules().filter(|rule| rule.family() == "gitignore") {
        let id = &rule.id;
        assert!(cases.iter().any(|case| case.contains(&format!("\"{id} "))), "{id} is planted nowhere");
        assert!(!quiet.contains(&format!("[{id}]")), "{id} fires in the clean twin");
    }
}
