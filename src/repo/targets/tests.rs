use super::*;

fn targets(files: &[(&str, &str)]) -> Targets {
    let mut entries: Vec<ListedFile> =
        files.iter().map(|(path, _)| ListedFile { path: RepoPath::from(*path), tracked: true }).collect();
    entries.sort_by(|a, b| a.path.cmp(&b.path));
    let manifests = files
        .iter()
        .filter(|(path, _)| path.ends_with("Cargo.toml"))
        .map(|(path, text)| {
            let path = RepoPath::from(*path);
            let manifest = Manifest::parse(&path, text.as_bytes()).expect("parses");
            (path, manifest)
        })
        .collect();
    Targets::new(&manifests, &entries)
}

fn check(files: &[(&str, &str)], expect: &[(&str, Option<Target>)]) {
    let targets = targets(files);
    for &(path, expect) in expect {
        assert_eq!(targets.of(&RepoPath::from(path)), expect, "{path}");
    }
}

const P: &str = "[package]\nname = 'p'\nedition = '2021'\n";

#[test]
fn the_usual_layout() {
    check(
        &[
            ("Cargo.toml", P),
            ("build.rs", ""),
            ("src/lib.rs", ""),
            ("src/main.rs", ""),
            ("src/bin/a.rs", ""),
            ("src/bin/b/main.rs", ""),
        ],
        &[
            ("src/lib.rs", Some(Target::Lib)),
            ("src/main.rs", Some(Target::Bin)),
            ("src/deep/er.rs", Some(Target::Lib)),
            ("src/deep/tests.rs", Some(Target::Test)),
            ("src/bin/a.rs", Some(Target::Bin)),
            ("src/bin/b/mod.rs", Some(Target::Bin)),
            ("tests/data/x.json", Some(Target::Test)),
            ("examples/e.rs", Some(Target::Example)),
            ("benches/b.rs", Some(Target::Bench)),
            ("build.rs", Some(Target::BuildScript)),
            ("src/schema.sql", None),
            ("README.md", None),
        ],
    );
}

#[test]
fn a_binary_alone_owns_its_modules() {
    check(&[("Cargo.toml", P), ("src/main.rs", "")], &[("src/cli/args.rs", Some(Target::Bin))]);
}

#[test]
fn paths_in_the_manifest_win() {
    let manifest = "[package]\nname = 'p'\nedition = '2021'\nbuild = 'build/main.rs'\n\
                    [lib]\npath = 'core/lib.rs'\nproc-macro = true\n[[bin]]\nname = 'x'\npath = 'cli/x.rs'";
    check(
        &[("Cargo.toml", manifest), ("core/lib.rs", ""), ("cli/x.rs", ""), ("build/main.rs", "")],
        &[
            ("core/a.rs", Some(Target::ProcMacro)),
            ("cli/b.rs", Some(Target::Bin)),
            ("build/gen.rs", Some(Target::BuildScript)),
            ("other/c.rs", None),
        ],
    );
}

#[test]
fn packages_that_do_not_ship() {
    let unpublished = "[package]\nname = 'server-test-support'\npublish = false";
    let inherits = "[package]\nname = 'my-bench'\npublish.workspace = true";
    let fuzz = "[package]\nname = 'p-fuzz'\n[package.metadata]\ncargo-fuzz = true";
    check(
        &[
            ("Cargo.toml", "[workspace]\nmembers = ['*']\n[workspace.package]\npublish = false"),
            ("tests/fixtures/a/Cargo.toml", P),
            ("examples/b/Cargo.toml", P),
            ("vendor/c/Cargo.toml", P),
            ("support/Cargo.toml", unpublished),
            ("speed/Cargo.toml", inherits),
            ("prod/Cargo.toml", P),
            ("prod/src/main.rs", ""),
            ("xtask/Cargo.toml", "[package]\nname = 'xtask'"),
            ("fz/Cargo.toml", fuzz),
        ],
        &[
            ("tests/fixtures/a/src/main.rs", Some(Target::Test)),
            ("examples/b/src/lib.rs", Some(Target::Example)),
            ("vendor/c/src/lib.rs", Some(Target::Vendored)),
            ("support/src/lib.rs", Some(Target::Test)),
            ("speed/src/lib.rs", Some(Target::Bench)),
            ("prod/src/main.rs", Some(Target::Bin)),
            ("xtask/src/main.rs", Some(Target::Script)),
            ("fz/fuzz_targets/a.rs", Some(Target::Test)),
            ("free.rs", None),
        ],
    );
}

#[test]
fn modules_that_only_the_binary_declares_are_the_binarys() {
    let files =
        [("Cargo.toml", P), ("src/lib.rs", "pub mod api;"), ("src/main.rs", "mod cli;\npub(crate) mod api;")];
    let mut targets = targets(&files);
    targets.learn(&RepoPath::from(""), |path| {
        files.iter().find(|(p, _)| *path == RepoPath::from(*p)).map(|(_, text)| text.as_bytes().to_vec())
    });
    for (path, expect) in [
        ("src/cli.rs", Target::Bin),
        ("src/cli/args.rs", Target::Bin),
        ("src/api.rs", Target::Lib),
        ("src/client.rs", Target::Lib),
    ] {
        assert_eq!(targets.of(&RepoPath::from(path)), Some(expect), "{path}");
    }
}
