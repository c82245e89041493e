//! What the findings about locked packages advise, from the lock file, the manifests and cargo's cached index.

use std::fmt::Write as _;

use prodcheck::detect::{Emit, Prepared, Raw};
use prodcheck::model::{Language, RepoPath, Target};
use prodcheck::repo::advisories::{Advisories, AdvisoryState, Database};
use prodcheck::repo::index::Index;
use prodcheck::repo::{Kept, ListedFile, RepoView};
use prodcheck::rules::Catalog;
use prodcheck::source::FileKind;

const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// A repository of these files, of which those below `registry-index/` are what cargo remembers and those below
/// `advisory-db/` are the advisories.
fn view(files: &[(&str, &str)]) -> RepoView {
    let kind = FileKind { language: Language::Toml, target: Target::Config };
    let kept = files
        .iter()
        .map(|(path, text)| (RepoPath::from(*path), Kept { bytes: text.as_bytes().to_vec(), kind }));
    let mut entries: Vec<ListedFile> =
        files.iter().map(|(path, _)| ListedFile { path: RepoPath::from(*path), tracked: true }).collect();
    entries.sort_by(|a, b| a.path.cmp(&b.path));
    RepoView { kept: kept.collect(), entries, ..RepoView::default() }
}

/// `a 1.0.0 -> b 1.0.0, c` for packages of the registry; those without a version are the repository's.
fn lock(packages: &[&str]) -> String {
    let mut text = "version = 4\n".to_owned();
    for package in packages {
        let (head, dependencies) = package.split_once(" -> ").unwrap_or((package, ""));
        let (name, version) = head.split_once(' ').unwrap_or((head, ""));
        let _ = write!(text, "\n[[package]]\nname = \"{name}\"\n");
        if version.is_empty() {
            text.push_str("version = \"0.1.0\"\n");
        } else {
            let _ = write!(text, "version = \"{version}\"\nsource = \"{REGISTRY}\"\n");
        }
        if !dependencies.is_empty() {
            let names: Vec<&str> = dependencies.split(", ").collect();
            let _ = writeln!(text, "dependencies = {names:?}");
        }
    }
    text
}

/// `1.0.0 -> b ^1, c =2.0.0 build cfg(unix)`, one release a line; a `!` before the version says that it was yanked, a
/// `#` that it links a native library.
fn index(packages: &[(&str, &str)]) -> Index {
    let texts: Vec<(String, String)> = packages
        .iter()
        .map(|(name, releases)| {
            let lines = releases.lines().map(str::trim).filter(|l| !l.is_empty()).map(|line| {
                let (version, dependencies) = line.split_once(" -> ").unwrap_or((line, ""));
                let dependencies: Vec<String> = dependencies
                    .split(", ")
                    .filter(|d| !d.is_empty())
                    .map(|dependency| {
                        let words: Vec<&str> = dependency.split(' ').collect();
                        let kind = words.iter().find(|w| matches!(**w, "build" | "dev")).unwrap_or(&"normal");
                        let platform = words.iter().find(|w| w.starts_with("cfg("));
                        let platform = platform.map_or("null".to_owned(), |p| format!("\"{p}\""));
                        format!(
                            "{{\"name\":\"{}\",\"req\":\"{}\",\"features\":[],\"optional\":false,\
                             \"default_features\":true,\"target\":{platform},\"kind\":\"{kind}\"}}",
                            words[0], words[1]
                        )
                    })
                    .collect();
                let links = if version.contains('#') { format!("\"{name}\"") } else { "null".into() };
                format!(
                    "{{\"name\":\"{name}\",\"vers\":\"{}\",\"deps\":[{}],\"cksum\":\"\",\"features\":{{}},\
                     \"yanked\":{},\"links\":{links}}}\n",
                    version.trim_matches(['!', '#']),
                    dependencies.join(","),
                    version.contains('!')
                )
            });
            ((*name).to_owned(), lines.collect())
        })
        .collect();
    Index::from_lines(texts.iter().map(|(name, text)| (name.as_str(), text.as_str())))
}

/// An advisory on `left` that is patched in these versions.
fn advisory(patched: &str, extra: &str) -> String {
    format!(
        "```toml\n[advisory]\nid = \"RUSTSEC-2025-0001\"\npackage = \"left\"\ndate = \"2025-01-02\"\n{extra}\n[versions]\n\
         patched = [{patched}]\n```\n\n# It breaks\n\nIn two.\n"
    )
}

/// What is said of `left`.
fn found(files: &[(&str, &str)], advisory: &str, index: Index) -> Raw {
    let mut view = view(files);
    let state = AdvisoryState::Loaded(Database::from_markdown(&[("left", advisory)]));
    view.advisories = Advisories { state, index, ..Advisories::default() };
    let catalog = Catalog::built_in();
    let rule = catalog.rules().find(|r| r.id == "advisories/vulnerable").expect("there is the rule");
    let prepared = Prepared::new(rule, true).expect("it has a detector");
    let mut emit = Emit::default();
    prepared.detector.repo(&prepared, &view, &mut emit);
    assert_eq!(emit.raws.len(), 1, "{:?}", emit.raws);
    emit.raws.remove(0)
}

const APP: &str = "[package]\nname = \"app\"\nversion = \"0.1.0\"\n\n[dependencies]\n";

/// The commands that are advised, or the whole text.
fn advice(lock_file: &[&str], manifest: &str, packages: &[(&str, &str)], patched: &str) -> String {
    let manifest = format!("{APP}{manifest}\n");
    let files = [("Cargo.lock", &*lock(lock_file)), ("Cargo.toml", &*manifest)];
    let raw = found(&files, &advisory(patched, ""), index(packages));
    match raw.details.get("commands") {
        Some(commands) => {
            assert!(raw.fix.starts_with(&format!("Run `{commands}`")), "{}", raw.fix);
            commands.clone()
        }
        None => raw.fix,
    }
}

#[test]
fn the_oldest_patched_release_that_all_allow_is_named_exactly() {
    let lock_file = ["app -> left, mid", "left 1.2.3", "mid 3.0.0 -> left"];
    let left = "1.2.3\n!1.2.4\n1.2.5\n1.2.6\n2.0.0";
    let check = |manifest: &str, mid: &str, expect: &str| {
        let packages = [("left", left), ("mid", mid)];
        assert_eq!(advice(&lock_file, manifest, &packages, "\">= 1.2.4\""), expect, "{manifest} {mid}");
    };
    check("left = \"1.2\"\nmid = \"3\"", "3.0.0 -> left ^1", "cargo update -p left@1.2.3 --precise 1.2.5");
    check(
        "left = \"1.2\"\nmid = \"3\"",
        "3.0.0 -> left <1.2.5",
        "It is patched from 1.2.5 on, and `cargo update` cannot get there: `mid 3.0.0` wants `left <1.2.5`.",
    );
}

#[test]
fn who_stands_in_the_way_is_named_with_what_would_have_to_be_asked_for() {
    let lock_file = ["app -> mid", "left 1.2.3", "mid 3.0.0 -> left"];
    let left = ("left", "1.2.3\n1.2.4\n2.0.0");
    let check = |manifest: &str, mid: &str, patched: &str, expect: &str| {
        assert_eq!(advice(&lock_file, manifest, &[left, ("mid", mid)], patched), expect, "{manifest} {mid}");
    };
    check(
        "mid = \"3\"",
        "3.0.0 -> left ^1\n4.0.0 -> left ^2",
        "\">= 2.0.0\"",
        "It is patched from 2.0.0 on, and `cargo update` cannot get there: `mid 3.0.0` wants `left ^1`. The first \
         `mid` that can do without it is 4.0.0: ask for that in Cargo.toml.",
    );
    check(
        "mid = \"3\"",
        "3.0.0 -> left =1.2.3",
        "\">= 1.2.4\"",
        "It is patched from 1.2.4 on, and `cargo update` cannot get there: `mid 3.0.0` wants `left =1.2.3`.",
    );
    // The one who is in the way can move.
    check(
        "mid = \"3\"",
        "3.0.0 -> left ^1\n3.0.1 -> left ^1\n3.1.0 -> left ^2",
        "\">= 2.0.0\"",
        "cargo update -p mid@3.0.0 --precise 3.1.0",
    );
    let direct = ["app -> left", "left 1.2.3"];
    assert_eq!(
        advice(&direct, "left = \"1.2\"", &[left], "\">= 2.0.0\""),
        "It is patched from 2.0.0 on, and `cargo update` cannot get there: `app 0.1.0` wants `left ^1.2`. Ask for \
         `left` 2.0.0 or later in Cargo.toml."
    );
}

#[test]
fn what_must_move_along_moves_first() {
    let lock_file = ["app -> left, part", "left 1.2.3 -> part", "part 1.0.0"];
    let left = ("left", "1.2.3 -> part ^1\n1.2.4 -> part ^1.1");
    let check = |manifest: &str, expect: &str| {
        let packages = [left, ("part", "1.0.0\n1.1.0\n1.2.0")];
        assert_eq!(advice(&lock_file, manifest, &packages, "\">= 1.2.4\""), expect, "{manifest}");
    };
    check(
        "left = \"1\"\npart = \"1\"",
        "cargo update -p part@1.0.0 --precise 1.1.0 && cargo update -p left@1.2.3 --precise 1.2.4",
    );
    check(
        "left = \"1\"\npart = \"=1.0.0\"",
        "It is patched from 1.2.4 on, and `cargo update` cannot get there: what that release needs itself is held \
         back by others. Try a whole `cargo update`.",
    );
    // Nobody else needs the old one.
    let alone = ["app -> left", "left 1.2.3 -> part", "part 1.0.0"];
    let packages = [left, ("part", "1.0.0\n1.1.0")];
    assert_eq!(
        advice(&alone, "left = \"1\"", &packages, "\">= 1.2.4\""),
        "cargo update -p left@1.2.3 --precise 1.2.4"
    );
    // Those who need the old one move along, or go, as well.
    let family = ["app -> left", "left 1.2.3 -> part, macros", "macros 1.0.0 -> part", "part 1.0.0"];
    let packages = [
        ("left", "1.2.3 -> part ^1, macros =1.0.0\n1.2.4 -> part =1.1.0, macros =1.1.0"),
        ("macros", "1.0.0 -> part ^1\n1.1.0 -> part =1.1.0"),
        ("part", "1.0.0\n1.1.0"),
    ];
    assert_eq!(
        advice(&family, "left = \"1\"", &packages, "\">= 1.2.4\""),
        "cargo update -p left@1.2.3 --precise 1.2.4"
    );
    // Two versions of a native library cannot be linked.
    let native = [("left", "1.2.3 -> part ^1\n1.2.4 -> part ^2"), ("part", "#1.0.0\n#2.0.0")];
    let said = advice(&lock_file, "left = \"1\"\npart = \"1\"", &native, "\">= 1.2.4\"");
    assert!(said.contains("held back by others"), "{said}");
}

#[test]
fn what_cargo_does_not_remember_is_said() {
    let lock_file = ["app -> mid", "left 1.2.3", "mid 3.0.0 -> left"];
    let left = ("left", "1.2.3\n1.2.4");
    assert_eq!(
        advice(&lock_file, "mid = \"3\"", &[left], "\">= 1.2.4\""),
        "Run `cargo update -p left@1.2.3`: it is patched from 1.2.4 on. Whether `mid@3.0.0` allows that is not in \
         cargo's cache of the registry's index."
    );
    assert_eq!(
        advice(&["app -> left", "left 1.2.3"], "", &[left], "\">= 1.2.4\""),
        "Run `cargo update -p left@1.2.3`: it is patched from 1.2.4 on. What `app@0.1.0` asks for is patched or \
         replaced here."
    );
    assert_eq!(
        advice(&["app -> left", "left 1.2.3"], "left = \"1\"", &[("left", "1.2.3\n!1.2.4")], "\">= 1.2.4\""),
        "No patched version exists: replace it, or see in the advisory how to avoid what is broken."
    );
}

#[test]
fn what_it_is_needed_for_is_said_and_hides_nothing() {
    let check = |manifest: &str, mid: &str, reach: &str, words: &str| {
        let lock = lock(&["app -> mid", "left 1.2.3", "mid 3.0.0 -> left"]);
        let manifest = format!("[package]\nname = \"app\"\nversion = \"0.1.0\"\n{manifest}\n");
        let files = [("Cargo.lock", &*lock), ("Cargo.toml", &*manifest)];
        let raw = found(&files, &advisory("\">= 2\"", ""), index(&[("left", "1.2.3"), ("mid", mid)]));
        assert_eq!(raw.details.get("needed-for").map(String::as_str), Some(reach), "{manifest} {mid}");
        assert!(raw.message.ends_with(words), "{manifest} {mid}: {}", raw.message);
        assert_eq!(raw.severity, None);
    };
    let normal = "[dependencies]\nmid = \"3\"";
    check(normal, "3.0.0 -> left ^1", "normal", "in the build through `mid`");
    check(normal, "3.0.0 -> left ^1 build", "build", "; needed by build scripts alone");
    check(
        "[dev-dependencies]\nmid = \"3\"",
        "3.0.0 -> left ^1 build",
        "dev",
        "; needed by tests and examples alone",
    );
    let both = "[dependencies]\nmid = \"3\"\n[dev-dependencies]\nmid = \"3\"";
    check(both, "3.0.0 -> left ^1", "normal", "in the build through `mid`");
    check(normal, "3.0.0 -> left ^1 cfg(windows)", "normal", "; on cfg(windows) alone");
    let windows =
        "[target.'cfg(windows)'.dependencies]\nmid = \"3\"\n[target.'cfg(unix)'.dependencies]\nmid = \"3\"";
    check(windows, "3.0.0 -> left ^1", "normal", "; on cfg(unix) or cfg(windows) alone");
    check(
        &format!("{windows}\n[build-dependencies]\nmid = \"3\""),
        "3.0.0 -> left ^1",
        "normal",
        "cfg(windows) alone",
    );
    check(normal, "", "normal", "in the build through `mid`");
}

#[test]
fn each_member_that_brings_it_in_has_its_way_and_its_line() {
    let lock = lock(&["app -> core", "cli -> left, mid", "core -> mid", "left 1.2.3", "mid 3.0.0 -> left"]);
    let member = |name: &str, rest: &str| format!("[package]\nname = \"{name}\"\n[dependencies]\n{rest}\n");
    let app = member("app", "core = { path = \"../core\" }");
    let cli = member("cli", "left = \"1\"\nmid = \"3\"");
    let core = member("core", "mid.workspace = true");
    let root =
        "[workspace]\nmembers = [\"app\", \"cli\", \"core\"]\n[workspace.dependencies]\nmid = \"3.0\"\n";
    let files = [
        ("Cargo.lock", &*lock),
        ("Cargo.toml", root),
        ("app/Cargo.toml", &*app),
        ("cli/Cargo.toml", &*cli),
        ("core/Cargo.toml", &*core),
    ];
    let raw = found(&files, &advisory("\">= 2\"", ""), Index::default());
    let property = |name: &str| raw.details.get(name).or(raw.properties.get(name)).map(String::as_str);
    assert_eq!(property("path"), Some("cli > left"));
    assert_eq!(property("other-paths"), Some("core > mid > left"));
    let places: Vec<(String, &str, &str)> = raw
        .related
        .iter()
        .map(|r| {
            let path = r.path.clone().expect("a path");
            let (_, text) = files.iter().find(|(p, _)| *p == path.to_string()).expect("a file");
            (path.to_string(), &text[r.range.clone().expect("a place")], &*r.message)
        })
        .collect();
    assert_eq!(
        places,
        [
            ("cli/Cargo.toml".to_owned(), "left = \"1\"", "asked for here"),
            ("Cargo.toml".to_owned(), "mid = \"3.0\"", "brought in by this dependency"),
        ]
    );
}

#[test]
fn functions_platforms_and_the_rating_are_named() {
    let lock = lock(&["app -> left", "left 1.2.3"]);
    let manifest = format!("{APP}left = \"1\"\n");
    let files = [("Cargo.lock", &*lock), ("Cargo.toml", &*manifest)];
    let extra = "cvss = \"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H\"\n[affected]\nos = [\"windows\"]\nfunctions = \
                 { \"left::pad\" = [\"< 1.2.4\"] }";
    let raw = found(&files, &advisory("\">= 1.2.4\"", extra), Index::default());
    assert!(raw.message.contains("has a known vulnerability (critical): It breaks"), "{}", raw.message);
    assert!(raw.message.contains("(RUSTSEC-2025-0001), on windows"), "{}", raw.message);
    assert!(raw.fix.ends_with("Concerned: `left::pad`."), "{}", raw.fix);
    let property = |name: &str| raw.details.get(name).or(raw.properties.get(name)).map(String::as_str);
    assert_eq!(property("cvss-score"), Some("9.8"));
    assert_eq!(property("cvss-rating"), Some("critical"));
    assert_eq!(property("os"), Some("windows"));
}
