//! Manifests against cargo itself, and the examples of the dependency rules.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use cargo_metadata::{MetadataCommand, TargetKind};
use prodcheck::detect::{Emit, Needs, Prepared, Raw};
use prodcheck::model::{Language, RepoPath, Target};
use prodcheck::repo::manifest::Manifest;
use prodcheck::repo::targets::Targets;
use prodcheck::repo::{Entry, Kept, RepoView};
use prodcheck::rules::Catalog;
use prodcheck::rules::rule::Example;
use prodcheck::source::{FileKind, FileView};

const KIND: FileKind = FileKind { language: Language::Toml, target: Target::Config };

fn view_of(files: &BTreeMap<String, String>, untracked: &[&str]) -> RepoView {
    let mut entries: Vec<Entry> = files
        .keys()
        .map(|path| Entry { path: path.as_str().into(), tracked: !untracked.contains(&&**path), kind: KIND })
        .collect();
    entries.sort_by(|a, b| a.path.cmp(&b.path));
    let kept = files
        .iter()
        .map(|(path, text)| (path.as_str().into(), Kept { bytes: text.clone().into_bytes(), kind: KIND }))
        .collect();
    RepoView { entries, kept, is_git: true, ..RepoView::default() }
}

/// The raws of one rule over an example's files, each with the path it concerns.
fn run(rule: &Prepared, path: &str, files: &BTreeMap<String, String>, untracked: &[&str]) -> Vec<Raw> {
    let mut emit = Emit::default();
    if rule.detector.needs() == Needs::Repo {
        rule.detector.repo(rule, &view_of(files, untracked), &mut emit);
    } else {
        let path = RepoPath::from(path);
        let text = &files[&path.to_string()];
        rule.detector.file(rule, &FileView::new(&path, text.as_bytes(), KIND), &mut emit);
    }
    emit.raws
}

fn files_of(example: &Example, text: &str) -> BTreeMap<String, String> {
    let mut files: BTreeMap<String, String> =
        example.files.iter().map(|(path, text)| (path.to_string(), text.to_string())).collect();
    files.insert(example.path.to_string(), text.to_owned());
    files
}

#[test]
fn the_dependency_rules_find_their_matches_and_nothing_else() {
    let catalog = Catalog::built_in();
    let rules: Vec<Prepared> = catalog
        .rules()
        .filter(|r| r.family() == "deps")
        .map(|r| Prepared::new(r, true).expect("its detector exists"))
        .collect();
    assert!(rules.len() >= 10);
    for rule in &rules {
        for example in &*rule.rule.matches {
            let text = example.text.replace(['«', '»'], "");
            let start = example.text.find('«').expect("a label");
            let end = example.text.find('»').expect("a label") - '«'.len_utf8();
            let untracked: Vec<&str> = example.untracked.iter().map(|p| &**p).collect();
            for other in &rules {
                let raws = run(other, &example.path, &files_of(example, &text), &untracked);
                if other.rule.id == rule.rule.id {
                    let [raw] = &raws[..] else { panic!("{}: one finding, not {raws:?}", rule.rule.id) };
                    assert_eq!(raw.range, Some(start..end), "{}: {}", rule.rule.id, example.text);
                    let path = raw.path.clone().unwrap_or_else(|| RepoPath::from(&*example.path));
                    assert_eq!(path, RepoPath::from(&*example.path));
                } else if other.detector.needs() == Needs::Repo && !rule.rule.overlaps.contains(&other.rule.id) {
                    assert!(raws.is_empty(), "{} also fires for {}: {raws:?}", other.rule.id, rule.rule.id);
                }
            }
        }
        for example in &*rule.rule.passes {
            let untracked: Vec<&str> = example.untracked.iter().map(|p| &**p).collect();
            let raws = run(rule, &example.path, &files_of(example, &example.text), &untracked);
            assert!(raws.is_empty(), "{}: {raws:?}\n{}", rule.rule.id, example.text);
        }
    }
}

/// Writes the package, asks cargo for its targets and holds ours against them.
fn check_targets(manifest: &str, files: &[&str]) {
    let folder = tempfile::tempdir().expect("a folder");
    // Cargo is started elsewhere, so that no configuration of the package is read.
    let elsewhere = tempfile::tempdir().expect("a folder");
    for path in files.iter().chain(&["Cargo.toml"]) {
        let at = folder.path().join(path);
        fs::create_dir_all(at.parent().expect("a parent")).expect("written");
        fs::write(at, if *path == "Cargo.toml" { manifest } else { "" }).expect("written");
    }
    let metadata = MetadataCommand::new()
        .manifest_path(folder.path().join("Cargo.toml"))
        .current_dir(elsewhere.path())
        .no_deps()
        .other_options(["--offline".to_owned()])
        .exec()
        .expect("cargo reads it");
    let relative = |path: &Path| {
        let root = fs::canonicalize(folder.path()).expect("there");
        let path = fs::canonicalize(path).expect("there");
        path.strip_prefix(root).expect("inside").to_string_lossy().replace('\\', "/")
    };
    let expect: BTreeSet<(String, Target)> = metadata.packages[0]
        .targets
        .iter()
        .map(|t| (relative(t.src_path.as_std_path()), target_of(&t.kind)))
        .collect();

    let texts: BTreeMap<String, String> = files
        .iter()
        .map(|path| (path.to_string(), String::new()))
        .chain([("Cargo.toml".to_owned(), manifest.to_owned())])
        .collect();
    let view = view_of(&texts, &[]);
    let found: BTreeSet<(String, Target)> = view
        .targets()
        .roots(&RepoPath::from(""))
        .iter()
        .map(|root| (root.path.to_string(), root.kind))
        .collect();
    assert_eq!(found, expect, "{manifest}");
}

fn target_of(kinds: &[TargetKind]) -> Target {
    match &kinds[0] {
        TargetKind::Bin => Target::Bin,
        TargetKind::Test => Target::Test,
        TargetKind::Example => Target::Example,
        TargetKind::Bench => Target::Bench,
        TargetKind::CustomBuild => Target::BuildScript,
        TargetKind::ProcMacro => Target::ProcMacro,
        _ => Target::Lib,
    }
}

#[test]
fn targets_are_those_that_cargo_finds() {
    let usual = [
        "src/lib.rs",
        "src/main.rs",
        "src/bin/a.rs",
        "src/bin/b/main.rs",
        "src/bin/b/more.rs",
        "tests/t.rs",
        "tests/u/main.rs",
        "tests/common/mod.rs",
        "examples/e.rs",
        "benches/x.rs",
        "build.rs",
        "odd.rs",
    ];
    for extra in [
        "edition = '2021'",
        "edition = '2015'",
        "edition = '2018'\nautobins = false",
        "edition = '2021'\nautolib = false\nautotests = false\nautoexamples = false\nautobenches = false",
        "edition = '2021'\nbuild = false",
        "edition = '2021'\nbuild = 'odd.rs'",
        "edition = '2021'\n[lib]\nproc-macro = true",
        "edition = '2021'\n[lib]\nname = 'q'\npath = 'odd.rs'\ncrate-type = ['cdylib']",
        "edition = '2021'\n[[bin]]\nname = 'c'\npath = 'odd.rs'",
        "edition = '2021'\n[[bin]]\nname = 'renamed'\npath = 'src/main.rs'",
        "edition = '2015'\n[[bin]]\nname = 'a'\n[[test]]\nname = 't'",
        "edition = '2015'\nautobins = true\n[[bin]]\nname = 'a'",
        "edition = '2021'\n[[bin]]\nname = 'b'\n[[test]]\nname = 'u'\nharness = false",
        "edition = '2021'\n[[example]]\nname = 'z'\npath = 'odd.rs'\ncrate-type = ['staticlib']",
    ] {
        check_targets(&format!("[package]\nname = 'p'\nversion = '0.1.0'\n{extra}\n"), &usual);
    }
    check_targets("[package]\nname = 'p'\nversion = '0.1.0'\n[[bin]]\nname = 'q'", &["src/q.rs"]);
    check_targets("[package]\nname = 'p'\nversion = '0.1.0'\n[lib]\nname = 'q'", &["src/q.rs"]);
}

#[test]
fn every_key_of_a_dependency_has_its_place() {
    let text = "
[package]
name = 'web'
version.workspace = true
[dependencies]
plain = '1'
dotted.workspace = true
inline = { package = 'other', version = \"2\", git = 'https://example.org/x', branch = 'b' }
[dependencies.table]
path = '../t'
optional = true
[target.'cfg(unix)'.dev_dependencies]
unix = { tag = 't', git = 'g' }
[build-dependencies]
wrong = 1
[patch.crates-io]
patched = { git = 'g', rev = 'r' }
[replace]
'old:1.0.0' = { path = 'p' }
";
    let manifest = Manifest::parse(&"Cargo.toml".into(), text.as_bytes()).expect("parses");
    let names: Vec<&str> = manifest.dependencies.iter().map(|d| &*d.name.value).collect();
    assert_eq!(names, ["plain", "dotted", "inline", "table", "unix"]);
    for dependency in manifest.dependencies.iter().chain(&manifest.patches) {
        let d = dependency;
        assert_eq!(text[d.name.span.clone()].trim_matches('\''), d.name.value);
        for value in [&d.package, &d.requirement, &d.git, &d.branch, &d.tag, &d.rev, &d.path].into_iter().flatten()
        {
            assert_eq!(text[value.span.clone()].trim_matches(['\'', '"']), value.value, "{d:?}");
        }
        assert!(d.span.contains(&d.name.span.start) && text.is_char_boundary(d.span.end));
    }
    let [_, dotted, inline, table, unix] = &manifest.dependencies[..] else { panic!("five") };
    assert!(dotted.inherited && table.optional);
    assert_eq!((inline.package_name(), unix.platform.as_deref()), ("other", Some("cfg(unix)")));
    assert_eq!(manifest.patches.len(), 2);
}

#[test]
fn a_broken_manifest_is_a_problem_that_shows_nothing_of_it() {
    let deep = format!("a = {}", "[".repeat(100_000));
    let dotted = format!("[a{}]", ".a".repeat(100_000));
    for text in ["[package\nname = 'hunter2'", "hunter2 = 'x\n", "a = 1\na = hunter2", &deep, &dotted] {
        let problem = Manifest::parse(&"Cargo.toml".into(), text.as_bytes()).expect_err("is broken");
        assert!(!problem.message.contains("hunter2") && problem.message.len() < 200, "{}", problem.message);
        assert!(problem.span.is_some());
    }
    assert!(Manifest::parse(&"Cargo.toml".into(), b"a = \"\xff\"").is_err());
    // Text that is TOML but nothing of a manifest gives an empty one.
    for text in ["", "package = 1\nworkspace = []\nlib = true\nbin = 3\ndependencies = 'x'"] {
        let manifest = Manifest::parse(&"Cargo.toml".into(), text.as_bytes()).expect("parses");
        assert_eq!(manifest, Manifest::default());
    }
}

#[test]
fn targets_survive_any_paths() {
    let manifest = "[package]\nname = ''\nbuild = '../../x'\n[lib]\npath = '/etc/passwd'\n[[bin]]\nname = '../a'";
    let texts = BTreeMap::from([("a/Cargo.toml".to_owned(), manifest.to_owned())]);
    let view = view_of(&texts, &[]);
    assert!(view.targets().roots(&RepoPath::from("a")).is_empty());
    assert_eq!(Targets::default().of(&RepoPath::from("a/b.rs")), None);
}
