//! Manifests against cargo itself, and the examples of the dependency rules.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use cargo_metadata::{MetadataCommand, TargetKind};
use prodcheck::detect::{Emit, Needs, Prepared, Raw};
use prodcheck::model::{Coverage, RepoPath, Severity, Target};
use prodcheck::repo::manifest::Manifest;
use prodcheck::repo::targets::Targets;
use prodcheck::repo::{IgnoreRules, Kept, ListedFile, RepoView};
use prodcheck::rules::Catalog;
use prodcheck::rules::rule::Example;
use prodcheck::source::{FileKind, FileView, language_of};

fn kind(path: &str) -> FileKind {
    FileKind { language: language_of(&path.into(), b""), target: Target::Config }
}

fn view_of(files: &BTreeMap<String, String>, untracked: &[&str]) -> RepoView {
    let mut entries: Vec<ListedFile> = files
        .keys()
        .map(|path| ListedFile { path: path.as_str().into(), tracked: !untracked.contains(&&**path) })
        .collect();
    entries.sort_by(|a, b| a.path.cmp(&b.path));
    let kept = files
        .iter()
        .map(|(path, text)| {
            (path.as_str().into(), Kept { bytes: text.clone().into_bytes(), kind: kind(path) })
        })
        .collect();
    let texts: Vec<(RepoPath, &str)> = files
        .iter()
        .filter(|(path, _)| path.rsplit('/').next() == Some(".gitignore"))
        .map(|(path, text)| (path.as_str().into(), text.as_str()))
        .collect();
    let ignore = IgnoreRules::of_texts(texts.iter().map(|(path, text)| (path, text.as_bytes())));
    RepoView { entries, kept, ignore, is_git: true, ..RepoView::default() }
}

/// The raws of one rule over an example's files, each with the path it concerns.
fn run(rule: &Prepared, path: &str, files: &BTreeMap<String, String>, untracked: &[&str]) -> Vec<Raw> {
    let mut emit = Emit::default();
    if rule.detector.needs() == Needs::Repo {
        rule.detector.repo(rule, &view_of(files, untracked), &mut emit);
    } else {
        let text = &files[path];
        let view_path = RepoPath::from(path);
        rule.detector.file(rule, &FileView::new(&view_path, text.as_bytes(), kind(path)), &mut emit);
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
                    let labels = example.text.matches('«').count();
                    assert_eq!(raws.len(), labels, "{}: {raws:?}", rule.rule.id);
                    let raw = raws.iter().min_by_key(|raw| raw.range.as_ref().map(|r| r.start)).expect("one");
                    assert_eq!(raw.range, Some(start..end), "{}: {}", rule.rule.id, example.text);
                    let path = raw.path.clone().unwrap_or_else(|| RepoPath::from(&*example.path));
                    assert_eq!(path, RepoPath::from(&*example.path));
                } else if other.detector.needs() == Needs::Repo
                    && !rule.rule.overlaps.contains(&other.rule.id)
                {
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

/// Runs `deps/<rule>` over files that Git tracks, and expects these severities and messages.
fn check_rule(rule: &str, files: &[(&str, &str)], expect: &[&str]) {
    let catalog = Catalog::built_in();
    let rule =
        Prepared::new(catalog.get(&format!("deps/{rule}")).expect("exists"), true).expect("has a detector");
    let files = files.iter().map(|(path, text)| (path.to_string(), text.to_string())).collect();
    let raws = run(&rule, "", &files, &[]);
    let found: Vec<String> = raws
        .iter()
        .map(|raw| format!("{}: {}", raw.severity.unwrap_or(rule.rule.severity), raw.message))
        .collect();
    assert_eq!(found, expect);
}

const LOCK: &str = r#"version = 4

[[package]]
name = "forked"
version = "0.3.0"
source = "git+https://example.org/forked?branch=main#0123456789abcdef0123456789abcdef01234567"

[[package]]
name = "old"
version = "1.0.0"
source = "registry+https://example.org/index"

[[package]]
name = "old"
version = "2.0.0"
source = "registry+https://example.org/index"

[[package]]
name = "own"
version = "0.1.0"

[[package]]
name = "patched"
version = "1.2.0"

[[package]]
name = "web"
version = "0.1.0"
dependencies = [
 "forked",
 "old 1.0.0",
 "old 2.0.0",
 "own",
 "patched",
]
"#;

#[test]
fn a_lock_is_stale_only_where_cargo_would_change_it() {
    let check = |manifest: &str, expect: &[&str]| {
        let own = "[package]\nname = 'own'\nversion = '0.1.0'";
        let files = [("Cargo.toml", manifest), ("Cargo.lock", LOCK), ("own/Cargo.toml", own)];
        check_rule("stale-lockfile", &files, expect);
    };
    let fresh = "[package]\nname = 'web'\nversion.workspace = true\n[dependencies]\n\
                 forked = { git = 'https://example.org/forked', branch = 'main' }\n\
                 older = { package = 'old', version = '1', optional = true }\n\
                 own = { path = 'own', version = '0.1' }\npatched.workspace = true\n\
                 [target.'cfg(windows)'.dev-dependencies]\nold = '>=1.5, <3'\n\
                 [workspace]\nmembers = ['own']\n[workspace.package]\nversion = '0.1.0'\n\
                 [workspace.dependencies]\npatched = '1.1'\n[patch.crates-io]\npatched = { path = 'patched' }\n";
    check(fresh, &[]);
    check(
        &fresh.replace("'1.1'", "'1.3'"),
        &["error: patched must be ^1.3 here, and Cargo.lock holds 1.2.0"],
    );
    check(&fresh.replace("'>=1.5, <3'", "'3'"), &["error: old must be ^3 here, and Cargo.lock holds 1.0.0"]);
    check(
        &fresh.replace("[target", "new = '1'\n[target"),
        &["error: new is not among the dependencies that Cargo.lock holds for this package"],
    );
    check(
        &fresh.replace("'0.1.0'\n[workspace.d", "'0.2.0'\n[workspace.d"),
        &["error: web is 0.2.0 here and 0.1.0 in Cargo.lock"],
    );
    check(&fresh.replace("'web'", "'site'"), &["error: Cargo.lock does not know the package site"]);
}

#[test]
fn how_bad_it_is_depends_on_what_ships() {
    let git = "[package]\nname = 'web'\n[dependencies]\nforked = { git = 'https://example.org/forked' }";
    check_rule(
        "git-without-rev",
        &[("Cargo.toml", git)],
        &[
            "error: forked follows the default branch of a Git repository, and no committed Cargo.lock holds it",
        ],
    );
    check_rule(
        "git-without-rev",
        &[("Cargo.toml", git), ("Cargo.lock", LOCK)],
        &["warning: forked follows the default branch of a Git repository; only Cargo.lock holds it"],
    );
    let dev = "[package]\nname = 'web'\n[dev-dependencies]\nserde = '*'";
    check_rule(
        "wildcard-requirement",
        &[("Cargo.toml", dev)],
        &["warning: serde = \"*\" takes any version of serde"],
    );
    let lone = "[package]\nname = 'web'";
    let program = ("src/main.rs", "");
    check_rule(
        "missing-lockfile",
        &[("Cargo.toml", lone), program],
        &["error: this workspace builds a program and has no Cargo.lock"],
    );
    check_rule(
        "missing-lockfile",
        &[("Cargo.toml", lone), program, ("src/lib.rs", "")],
        &["warning: this workspace builds a program and has no Cargo.lock"],
    );
    check_rule("missing-lockfile", &[("examples/a/Cargo.toml", lone), ("examples/a/src/main.rs", "")], &[]);
    check_rule("missing-lockfile", &[("Cargo.toml", lone), ("src/lib.rs", ""), ("examples/e.rs", "")], &[]);
    let ignored = [
        ("a/Cargo.toml", lone),
        ("a/src/main.rs", ""),
        ("b/Cargo.toml", lone),
        ("b/src/main.rs", ""),
        (".gitignore", "Cargo.lock"),
    ];
    check_rule(
        "lockfile-ignored",
        &ignored,
        &["error: Git ignores a/Cargo.lock (and 1 more), which pins what a/Cargo.toml builds"],
    );
    check_rule("missing-lockfile", &ignored, &[]);
    check_rule(
        "python-unpinned",
        &[("requirements.txt", "a\nb~=1.2")],
        &["error: a has no version: pip installs the newest", "warning: b takes a range of versions"],
    );
    for beside in ["setup.py", "poetry.lock"] {
        check_rule(
            "python-unpinned",
            &[("requirements.txt", "a"), (beside, "")],
            &["note: a has no version: pip installs the newest"],
        );
    }
    check_rule(
        "python-unpinned",
        &[("requirements-dev.txt", "a"), ("constraints.txt", "b")],
        &["note: a has no version: pip installs the newest"],
    );
    // A file of constraints holds what it pins; what an address holds nobody here can read.
    check_rule(
        "python-unpinned",
        &[("requirements.txt", "-c limits.txt\nA_b\nc"), ("limits.txt", "a-b==1")],
        &["error: c has no version: pip installs the newest"],
    );
    check_rule(
        "python-unpinned",
        &[("requirements.txt", "-c https://example.org/limits.txt\na")],
        &["note: a has no version: pip installs the newest"],
    );
    // What is compiled has its versions in what comes of it.
    check_rule("python-unpinned", &[("requirements.txt", "-r base.in"), ("base.in", "a")], &[]);
    check_rule(
        "requirements-missing-file",
        &[("requirements.txt", "-r a.txt\n-c /b.txt"), (".gitignore", "a.txt")],
        &["note: the file a.txt that asks for packages is not in the repository"],
    );
}

#[test]
fn a_manifest_that_does_not_parse_is_named() {
    let files: BTreeMap<String, String> =
        [("Cargo.toml", "["), ("tests/x/Cargo.toml", "["), ("t/Cargo.toml", "{{x}}")]
            .map(|(path, text)| (path.to_owned(), text.to_owned()))
            .into();
    let unchecked = view_of(&files, &[]).unchecked_manifests();
    let found: Vec<_> =
        unchecked.iter().map(|n| (n.path.as_ref().expect("a path").to_string(), n.coverage)).collect();
    assert_eq!(
        found,
        [
            ("Cargo.toml".to_owned(), Coverage::Missing),
            ("t/Cargo.toml".to_owned(), Coverage::Outside),
            ("tests/x/Cargo.toml".to_owned(), Coverage::Outside),
        ]
    );
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
        for value in
            [&d.package, &d.requirement, &d.git, &d.branch, &d.tag, &d.rev, &d.path].into_iter().flatten()
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
    let manifest =
        "[package]\nname = ''\nbuild = '../../x'\n[lib]\npath = '/etc/passwd'\n[[bin]]\nname = '../a'";
    let texts = BTreeMap::from([("a/Cargo.toml".to_owned(), manifest.to_owned())]);
    let view = view_of(&texts, &[]);
    assert!(view.targets().roots(&RepoPath::from("a")).is_empty());
    assert_eq!(Targets::default().of(&RepoPath::from("a/b.rs")), None);
}

#[test]
fn what_a_package_asks_for_is_no_list_of_what_ships() {
    let catalog = Catalog::built_in();
    let rule =
        Prepared::new(catalog.get("deps/python-unpinned").expect("the rule"), true).expect("its detector");
    let mut files = BTreeMap::from([("requirements.txt".to_owned(), "jinja2 >= 3.0\n".to_owned())]);
    let severities = |files: &BTreeMap<String, String>| -> Vec<_> {
        run(&rule, "requirements.txt", files, &[]).iter().map(|raw| raw.severity).collect()
    };
    assert_eq!(severities(&files), [Some(Severity::Error)]);
    let dynamic = "[tool.setuptools.dynamic]\ndependencies = { file = [\"requirements.txt\"] }\n";
    files.insert("pyproject.toml".into(), dynamic.into());
    assert_eq!(severities(&files), [Some(Severity::Note)]);
}
