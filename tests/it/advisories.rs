use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use prodcheck::detect::{Emit, Prepared, Raw};
use prodcheck::model::{Coverage, Language, NotChecked, RepoPath, Severity, Target};
use prodcheck::repo::advisories::{
    self, Advisories, AdvisoryState, Database, DatabaseError, Discovered, Environment, Found, Origin,
    PackageCounts, Unusable, Update, UpdateError, Updated, discover, own_cache, prepare, update,
};
use prodcheck::repo::osv::Osv;
use prodcheck::repo::{Kept, ParsedLockfiles, RepoView};
use prodcheck::rules::Catalog;
use prodcheck::source::FileKind;
use tempfile::TempDir;

const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

fn advisory(id: &str, package: &str, date: &str, extra: &str) -> String {
    format!(
        "```toml\n[advisory]\nid = \"{id}\"\npackage = \"{package}\"\ndate = \"{date}\"\n{extra}\n\
         [versions]\npatched = [\">= 1.2.4\"]\n```\n\n# It breaks\n\nIn two.\n"
    )
}

fn lock(packages: &[(&str, &str, &str, &[&str])]) -> String {
    let mut text = "version = 4\n".to_owned();
    for (name, version, source, dependencies) in packages {
        text.extend(["\n[[package]]\nname = \"", name, "\"\nversion = \"", version, "\"\n"]);
        if !source.is_empty() {
            text.extend(["source = \"", source, "\"\n"]);
        }
        if !dependencies.is_empty() {
            let lines = dependencies.iter().map(|d| [" \"", d, "\",\n"].concat()).collect::<String>();
            text.extend(["dependencies = [\n", &lines, "]\n"]);
        }
    }
    text
}

fn view(files: &[(&str, &str)]) -> RepoView {
    let kind = FileKind { language: Language::Toml, target: Target::Config };
    let kept = files
        .iter()
        .map(|(path, text)| (RepoPath::from(*path), Kept { bytes: text.as_bytes().to_vec(), kind }));
    RepoView { kept: kept.collect(), ..RepoView::default() }
}

fn loaded(advisories: &[(&str, &str)]) -> Advisories {
    let state = AdvisoryState::Loaded(Database::from_markdown(advisories));
    Advisories { state, today: "2025-01-10".into(), ..Advisories::default() }
}

/// What the rules of the family say, in order of rule.
fn audit(view: &RepoView) -> (Vec<(String, Raw)>, BTreeSet<NotChecked>) {
    let catalog = Catalog::built_in();
    let mut found = Vec::new();
    let mut open = BTreeSet::new();
    for rule in catalog.rules().filter(|r| r.family() == "advisories") {
        let prepared = Prepared::new(rule, true).unwrap_or_else(|| panic!("{} has no detector", rule.id));
        let mut emit = Emit::default();
        prepared.detector.repo(&prepared, view, &mut emit);
        found.extend(emit.raws.into_iter().map(|raw| (rule.id.to_string(), raw)));
        open.extend(emit.not_checked);
    }
    (found, open)
}

fn write(root: &Path, path: &str, text: &str) {
    let file = root.join(path);
    fs::create_dir_all(file.parent().expect("a folder")).expect("can be made");
    fs::write(file, text).expect("can be written");
}

/// A database with an advisory on `left` and one on `right`, the newest of the given date.
fn database(root: &Path, newest: &str) {
    let left = advisory("RUSTSEC-2025-0001", "left", "2025-01-02", "");
    write(root, "crates/left/RUSTSEC-2025-0001.md", &left);
    let right = advisory("RUSTSEC-2025-0002", "right", newest, "informational = \"unsound\"");
    write(root, "crates/right/RUSTSEC-2025-0002.md", &right);
}

fn environment(variables: &[(&str, &Path)]) -> impl Fn(&str) -> Option<OsString> + use<> {
    let map: BTreeMap<String, OsString> =
        variables.iter().map(|(name, value)| ((*name).to_owned(), value.as_os_str().to_owned())).collect();
    move |name| map.get(name).cloned()
}

#[test]
fn the_examples_of_the_rules_hold() {
    let catalog = Catalog::built_in();
    for rule in catalog.rules().filter(|r| r.family() == "advisories") {
        assert!(rule.matches.len() >= 2 && rule.passes.len() >= 2, "{} needs more examples", rule.id);
        let examples = rule.matches.iter().map(|e| (e, true)).chain(rule.passes.iter().map(|e| (e, false)));
        for (example, expected) in examples {
            let text = example.text.replace(['«', '»'], "");
            let marked = example.text.find('«').map(|start| {
                let end = example.text.find('»').expect("marks come in pairs") - '«'.len_utf8();
                start..end
            });
            let files = example.files.iter().map(|(path, text)| (&**path, &**text));
            let mut all: Vec<(&str, &str)> = files.clone().collect();
            all.push((&example.path, &text));
            let mut view = view(&all);
            view.advisories = Advisories::of_example(files.clone());
            view.osv = Osv::of_example(files, &view);
            let (said, others): (Vec<_>, Vec<_>) =
                audit(&view).0.into_iter().partition(|(id, _)| *id == rule.id);
            for (other, _) in others {
                assert!(rule.overlaps.contains(&other.clone().into()), "{other} fires for {}", rule.id);
            }
            assert_eq!(!said.is_empty(), expected, "{}:\n{}", rule.id, example.text);
            for (_, raw) in &said {
                assert_eq!(raw.path.as_ref(), Some(&RepoPath::from(&*example.path)), "{}", rule.id);
                assert_eq!(raw.range, marked, "{}:\n{}", rule.id, example.text);
            }
        }
    }
}

#[test]
fn a_finding_names_the_way_and_the_line_that_brings_the_package_in() {
    let lock = lock(&[
        ("app", "0.1.0", "", &["mid"]),
        ("left", "1.2.3", REGISTRY, &[]),
        ("mid", "3.0.0", REGISTRY, &["left"]),
    ]);
    let manifest = "[package]\nname = \"app\"\nversion = \"0.1.0\"\n\n[dependencies]\nmiddle = { package = \"mid\", version = \"3\" }\n";
    let advisory = advisory("RUSTSEC-2025-0001", "left", "2025-01-02", "aliases = [\"CVE-2025-1111\"]");
    let mut view = view(&[("Cargo.lock", &lock), ("Cargo.toml", manifest)]);
    view.advisories = loaded(&[("left", &advisory)]);
    let (found, open) = audit(&view);
    assert!(open.iter().all(|n| n.what == "yanked" && n.coverage == Coverage::Outside), "{open:?}");
    let [(rule, raw)] = &found[..] else { panic!("{found:?}") };
    assert_eq!(rule, "advisories/vulnerable");
    assert_eq!(
        raw.message,
        "`left 1.2.3` has a known vulnerability: It breaks (RUSTSEC-2025-0001), in the build through `mid`"
    );
    assert_eq!(
        raw.fix,
        "Run `cargo update -p left@1.2.3`: it is patched from 1.2.4 on. Which releases there are is not in cargo's \
         cache of the registry's index."
    );
    assert_eq!(raw.range.clone().map(|r| &lock[r]), Some("\"1.2.3\""));
    assert_eq!(raw.related.len(), 1);
    let related = &raw.related[0];
    assert_eq!(related.path, Some("Cargo.toml".into()));
    assert!(related.range.clone().is_some_and(|r| manifest[r].starts_with("middle = { package")));
    let property = |name: &str| raw.details.get(name).or(raw.properties.get(name)).map(String::as_str);
    assert_eq!(property("path"), Some("app > mid > left"));
    assert_eq!(property("aliases"), Some("CVE-2025-1111"));
    assert_eq!(property("kind"), Some("vulnerability"));
    assert_eq!(property("patched"), Some(">=1.2.4"));
}

#[test]
fn the_workspace_is_named_where_a_member_inherits() {
    let root = "[workspace]\nmembers = [\"app\"]\n[workspace.dependencies]\nleft = \"1.2\"\n";
    let member = "[package]\nname = \"app\"\nversion = \"0.1.0\"\n[target.'cfg(unix)'.dependencies]\nleft.workspace = true\n";
    let lock = lock(&[("app", "0.1.0", "", &["left"]), ("left", "1.2.3", REGISTRY, &[])]);
    let mut view = view(&[("Cargo.lock", &lock), ("Cargo.toml", root), ("app/Cargo.toml", member)]);
    let advisory = advisory("RUSTSEC-2025-0001", "left", "2025-01-02", "");
    view.advisories = loaded(&[("left", &advisory)]);
    let related = audit(&view).0.remove(0).1.related.remove(0);
    assert_eq!(related.path, Some("Cargo.toml".into()));
    assert_eq!(related.range.map(|r| &root[r]), Some("left = \"1.2\""));
}

#[test]
fn severity_depends_on_where_the_package_stands() {
    let check = |path: &str, extra: &str, direct: bool, expect: Option<Severity>| {
        let lock = lock(&[
            ("app", "0.1.0", "", &[if direct { "left" } else { "mid" }]),
            ("left", "1.2.3", REGISTRY, &[]),
            ("mid", "3.0.0", REGISTRY, &["left"]),
        ]);
        let mut view = view(&[(path, &lock)]);
        let advisory = advisory("RUSTSEC-2025-0001", "left", "2025-01-02", extra);
        view.advisories = loaded(&[("left", &advisory)]);
        let (found, _) = audit(&view);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].1.severity, expect, "{path} {extra} direct: {direct}");
    };
    check("Cargo.lock", "", true, None);
    check("Cargo.lock", "", false, None);
    check("Cargo.lock", "informational = \"unmaintained\"", true, None);
    check("Cargo.lock", "informational = \"unmaintained\"", false, Some(Severity::Note));
    check("tests/fixtures/a/Cargo.lock", "", true, Some(Severity::Note));
    check("contest/Cargo.lock", "", true, None);
}

#[test]
fn every_lock_file_has_its_findings() {
    let text = lock(&[("app", "0.1.0", "", &["left"]), ("left", "1.2.3", REGISTRY, &[])]);
    let mut view = view(&[("Cargo.lock", &text), ("fuzz/Cargo.lock", &text)]);
    let advisory = advisory("RUSTSEC-2025-0001", "left", "2025-01-02", "");
    view.advisories = loaded(&[("left", &advisory)]);
    let paths: Vec<_> = audit(&view).0.into_iter().map(|(_, raw)| raw.path).collect();
    assert_eq!(paths, [Some("Cargo.lock".into()), Some("fuzz/Cargo.lock".into())]);
}

#[test]
fn what_was_not_checked_is_said() {
    let locked = lock(&[
        ("app", "0.1.0", "", &["left"]),
        ("left", "1.2.3", REGISTRY, &[]),
        ("forked", "1.0.0", "git+https://example.org/forked#0123", &[]),
        ("own", "1.0.0", "registry+https://example.org/index", &[]),
    ]);
    let broken = "version = 4\n\n[[package]]\nname = \"a\"\nversion = \"one\"\n";
    let mut view = view(&[("Cargo.lock", &locked), ("old/Cargo.lock", broken)]);
    view.advisories.state = AdvisoryState::Missing("there is none".into());
    let (found, mut open) = audit(&view);
    open.extend(view.unchecked_lockfiles());
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].0, "advisories/unchecked");
    let said: Vec<(String, &str, Coverage)> = open
        .iter()
        .map(|n| (n.path.as_ref().map(ToString::to_string).unwrap_or_default(), n.what, n.coverage))
        .collect();
    assert_eq!(
        said,
        [
            ("Cargo.lock".into(), "advisories", Coverage::Missing),
            ("Cargo.lock".into(), "packages", Coverage::Outside),
            ("Cargo.lock".into(), "yanked", Coverage::Outside),
            ("old/Cargo.lock".into(), "unparsable", Coverage::Missing),
        ]
    );
    let reasons: Vec<&str> = open.iter().map(|n| n.reason.as_str()).collect();
    assert!(reasons[0].starts_with("1 package not"), "{reasons:?}");
    assert!(reasons[1].ends_with("1 from Git, 1 from other registries"), "{reasons:?}");
    assert!(reasons[2].contains("does not have 1 of 1 packages"), "{reasons:?}");
    assert_eq!(reasons[3], "line 5: this is no semantic version");
    let counts = PackageCounts::in_view(&view);
    assert_eq!((counts.registry, counts.git, counts.elsewhere, counts.local), (1, 1, 1, 1));

    view.kept.clear();
    let kind = FileKind { language: Language::Toml, target: Target::Config };
    view.kept.insert("tests/broken/Cargo.lock".into(), Kept { bytes: broken.into(), kind });
    view.parsed_lockfiles = ParsedLockfiles::default();
    let open = view.unchecked_lockfiles();
    assert_eq!(
        open.iter().map(|n| n.coverage).collect::<Vec<_>>(),
        [Coverage::Outside],
        "tests break on purpose"
    );

    let mut view = self::view(&[("Cargo.lock", &locked)]);
    view.advisories.state = AdvisoryState::Missing("there is none".into());
    view.advisories.may_be_missing = true;
    let (found, open) = audit(&view);
    assert_eq!(found[0].1.severity, Some(Severity::Note));
    assert!(open.iter().filter(|n| n.what == "advisories").all(|n| n.coverage == Coverage::Outside));
}

#[test]
fn old_data_is_called_stale() {
    let check = |date: &str, today: &str, stale: bool| {
        let text = lock(&[("left", "9.0.0", REGISTRY, &[])]);
        let mut view = view(&[("Cargo.lock", &text)]);
        let advisory = advisory("RUSTSEC-2025-0001", "left", date, "");
        view.advisories = Advisories { today: today.into(), ..loaded(&[("left", &advisory)]) };
        let (found, _) = audit(&view);
        let said: Vec<&str> = found.iter().map(|(rule, _)| rule.as_str()).collect();
        assert_eq!(said, if stale { vec!["advisories/stale-data"] } else { vec![] }, "{date} {today}");
    };
    check("2025-01-01", "2025-04-01", false);
    check("2025-01-01", "2025-04-02", true);
    check("2025-01-01", "2024-12-01", false);
    check("2025-01-01", "", false);
}

#[test]
fn one_damaged_file_does_not_blind_the_rest() {
    let dir = TempDir::new().expect("a folder");
    database(dir.path(), "2025-03-04");
    write(dir.path(), "crates/left/RUSTSEC-2025-0003.md", "<<<<<<< HEAD\nä");
    write(
        dir.path(),
        "crates/left/RUSTSEC-2025-0004.md",
        &advisory("RUSTSEC-2025-0004", "right", "2025-01-01", ""),
    );
    write(dir.path(), "crates/left/notes.txt", "not an advisory");
    write(dir.path(), "crates/other/RUSTSEC-2025-0005.md", "broken, and nobody asks");
    fs::create_dir(dir.path().join("crates/left/RUSTSEC-2025-0006.md")).expect("a folder");

    let names = BTreeSet::from(["left", "right", "absent", "../left", "..", ""]);
    let database = Database::load(dir.path(), &names).expect("usable");
    let damaged: Vec<(&str, &str, Unusable)> =
        database.damaged.iter().map(|d| (&*d.package, &*d.file, d.reason)).collect();
    assert_eq!(
        damaged,
        [
            ("left", "RUSTSEC-2025-0003.md", Unusable::Form),
            ("left", "RUSTSEC-2025-0004.md", Unusable::Misplaced),
            ("left", "RUSTSEC-2025-0006.md", Unusable::Unreadable),
        ]
    );
    assert_eq!(database.source.unreadable, 3);
    assert_eq!(database.source.count, 6);
    assert_eq!(database.source.date.as_deref(), Some("2025-03-04"));
    let version = "1.0.0".parse().expect("a version");
    let ids: Vec<&str> = database.concerning("left", &version).map(|a| &*a.id).collect();
    assert_eq!(ids, ["RUSTSEC-2025-0001"]);

    let text = lock(&[("left", "1.0.0", REGISTRY, &[])]);
    let mut view = view(&[("Cargo.lock", &text)]);
    view.advisories.state = AdvisoryState::Loaded(database);
    let (found, open) = audit(&view);
    assert_eq!(found.len(), 1);
    assert_eq!(open.iter().filter(|n| n.coverage == Coverage::Missing).count(), 3);
}

#[cfg(unix)]
#[test]
fn links_and_pipes_in_a_database_are_not_opened() {
    let dir = TempDir::new().expect("a folder");
    database(dir.path(), "2025-03-04");
    std::os::unix::fs::symlink("/dev/zero", dir.path().join("crates/left/RUSTSEC-2025-0009.md"))
        .expect("can be linked");
    std::os::unix::fs::symlink("/dev/zero", dir.path().join(".git")).expect("can be linked");
    let database = Database::load(dir.path(), &BTreeSet::from(["left"])).expect("usable");
    assert_eq!(database.damaged.len(), 1);
    assert_eq!(database.source.commit, None);
}

#[test]
fn an_empty_folder_is_no_database() {
    let dir = TempDir::new().expect("a folder");
    let names = BTreeSet::new();
    assert!(matches!(Database::load(dir.path(), &names), Err(DatabaseError::NoDatabase { .. })));
    fs::create_dir_all(dir.path().join("crates/left")).expect("can be made");
    assert!(matches!(Database::load(dir.path(), &names), Err(DatabaseError::Empty { .. })));
}

#[test]
fn the_commit_is_read_from_gits_files() {
    let dir = TempDir::new().expect("a folder");
    database(dir.path(), "2025-03-04");
    let id = "0123456789abcdef0123456789abcdef01234567";
    let check = |expect: Option<&str>| {
        let found = Found::at(dir.path()).expect("usable");
        assert_eq!(found.source.commit.as_deref(), expect);
    };
    check(None);
    write(dir.path(), ".git/HEAD", &format!("{id}\n"));
    check(Some(id));
    write(dir.path(), ".git/HEAD", "ref: refs/heads/main\n");
    check(None);
    write(dir.path(), ".git/packed-refs", &format!("# pack-refs\n{id} refs/heads/main\n"));
    check(Some(id));
    write(dir.path(), ".git/refs/heads/main", &format!("{}\n", id.replace('0', "f")));
    check(Some(&id.replace('0', "f")));
    write(dir.path(), ".git/HEAD", "ref: refs/../../secret\n");
    check(None);
}

#[test]
fn the_newest_cache_is_used_and_a_named_folder_before_all() {
    let home = TempDir::new().expect("a folder");
    let env = environment(&[("HOME", home.path()), ("XDG_CACHE_HOME", &home.path().join("cache"))]);
    assert!(discover(None, &env).expect("caches may be missing").found.is_none());

    let own = own_cache(&env).expect("there is a home");
    let audit = home.path().join(".cargo/advisory-db");
    let deny = home.path().join(".cargo/advisory-dbs/advisory-db-0123456789abcdef");
    let chosen = |expect: &Path| {
        let Discovered { found, .. } = discover(None, &env).expect("caches are no error");
        assert_eq!(found.expect("there is one").path.as_deref(), Some(expect));
    };
    database(&audit, "2025-05-01");
    chosen(&audit);
    database(&deny, "2025-06-01");
    chosen(&deny);
    let source = home.path().join("source");
    database(&source, "2025-06-01");
    packed(&source, &own);
    chosen(&own);
    fs::create_dir_all(home.path().join(".cargo/advisory-dbs/broken/crates")).expect("can be made");
    chosen(&own);

    let named = home.path().join("named");
    database(&named, "2024-01-01");
    let found = discover(Some(&named), &env).ok().and_then(|d| d.found).expect("usable");
    assert_eq!(found.path.as_deref(), Some(&*named));
    assert!(discover(Some(&home.path().join("absent")), &env).is_err());

    let by_variable = |value: &Path| {
        let env = environment(&[("HOME", home.path()), ("PRODCHECK_ADVISORY_DB", value)]);
        let places = advisories::named(&[], &env)?;
        discover(places.first().map(PathBuf::as_path), &env).map(|d| d.found.and_then(|f| f.path))
    };
    assert_eq!(by_variable(&named).ok().flatten(), Some(named.clone()), "it wins over newer caches");
    assert!(matches!(by_variable(Path::new("ci/advisories")), Err(DatabaseError::Relative)));
    assert!(by_variable(&home.path().join("absent")).is_err());
    assert_eq!(by_variable(Path::new("")).ok().flatten().as_ref(), Some(&deny), "an empty one is none");
}

#[test]
fn relative_places_are_not_believed() {
    let env = environment(&[("XDG_CACHE_HOME", Path::new("cache")), ("CARGO_HOME", Path::new(".cargo"))]);
    assert_eq!(own_cache(&env), None);
    assert!(discover(None, &env).is_ok_and(|d| d.found.is_none()));
}

/// Packs a database without the network.
fn packed(from: &Path, to: &Path) -> Updated {
    let env = environment(&[]);
    update(Update { from: Origin::Local(from), output: Some(to) }, &env).unwrap_or_else(|e| panic!("{e:?}"))
}

fn fetch(env: &Environment) -> Result<Updated, UpdateError> {
    update(Update { from: Origin::Network { offline: false }, output: None }, env)
}

#[test]
fn a_packed_file_says_what_the_folder_says() {
    let dir = TempDir::new().expect("a folder");
    let source = dir.path().join("db");
    database(&source, "2025-03-04");
    let extra = "aliases = [\"CVE-2025-1111\"]\ncvss = \"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H\"\nlicense = \
                 \"CC-BY-4.0\"\nurl = \"https://example.org/left\"\n[affected]\nos = [\"windows\"]\narch = \
                 [\"x86\"]\nfunctions = { \"left::pad\" = [\"< 1.2.4\"] }";
    write(
        &source,
        "crates/left/RUSTSEC-2025-0003.md",
        &advisory("RUSTSEC-2025-0003", "left", "2025-02-02", extra),
    );
    write(&source, "crates/left/RUSTSEC-2025-0004.md", "broken");
    let withdrawn = advisory("RUSTSEC-2025-0005", "left", "2025-02-02", "withdrawn = \"2025-02-03\"");
    write(&source, "crates/left/RUSTSEC-2025-0005.md", &withdrawn);
    write(&source, ".git/HEAD", &"ab".repeat(20));

    let file = dir.path().join("out/rustsec.advisories");
    let updated = packed(&source, &file);
    assert_eq!(updated.damaged.len(), 1);
    assert_eq!((updated.found.source.count, updated.found.source.unreadable), (3, 1));
    assert_eq!(updated.found.source.date.as_deref(), Some("2025-03-04"));
    assert_eq!(updated.found.source.commit, Some("ab".repeat(20)));

    let names = BTreeSet::from(["left", "right"]);
    let folder = Database::load(&source, &names).expect("usable");
    let one = Database::load(&file, &names).expect("usable");
    let all = |database: &Database| database.all().map(|a| format!("{a:?}")).collect::<Vec<_>>();
    assert_eq!(all(&folder), all(&one));
    assert_eq!(
        one.damaged.iter().map(|d| (&*d.package, &*d.file)).collect::<Vec<_>>(),
        [("left", "RUSTSEC-2025-0004.md")],
        "what is damaged stays known"
    );
    let only_right = Database::load(&file, &BTreeSet::from(["right"])).expect("usable");
    assert_eq!((only_right.all().count(), only_right.damaged.len()), (1, 0));

    // The same data makes the same bytes, also from a packed file.
    let bytes = fs::read(&file).expect("written");
    packed(&source, &file);
    assert_eq!(fs::read(&file).expect("written"), bytes);
    packed(&file, &dir.path().join("again"));
    assert_eq!(fs::read(dir.path().join("again")).expect("written"), bytes);
    let beside: Vec<_> = fs::read_dir(dir.path().join("out")).expect("a folder").flatten().collect();
    assert_eq!(beside.len(), 1, "remains lie about: {beside:?}");
}

#[test]
fn a_damaged_packed_file_is_said_to_be_one_and_never_half_read() {
    let dir = TempDir::new().expect("a folder");
    let source = dir.path().join("db");
    database(&source, "2025-03-04");
    let home = dir.path().join("home");
    let env = environment(&[("HOME", &home)]);
    let own = own_cache(&env).expect("there is a home");
    packed(&source, &own);
    let good = fs::read(&own).expect("written");
    let check = |bytes: &[u8], expect: &str| {
        fs::write(&own, bytes).expect("can be written");
        let error = Found::at(&own).map(|_| ()).expect_err("not usable").to_string();
        assert!(error.ends_with(expect), "{error}");
        let Discovered { found, unusable } = discover(None, &env).expect("caches are no error");
        assert!(found.is_none() && unusable.is_some_and(|u| u.ends_with(expect)));
    };
    let mut flipped = good.clone();
    *flipped.last_mut().expect("not empty") ^= 1;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    check(&flipped, "the checksum in its first line is another one");
    check(&good[..good.len() - 1], "the checksum in its first line is another one");
    check(b"{}\n", "it was not written by `cargo prodcheck advisories update`");
    check(b"", "it was not written by `cargo prodcheck advisories update`");
    check(
        text(&good).replace("\"version\":1", "\"version\":2").as_bytes(),
        "a newer version of this program wrote it",
    );
    check(text(&good).replace("\"count\":2", "\"count\":0").as_bytes(), "it is empty");

    let lock = lock(&[("left", "1.2.3", REGISTRY, &[])]);
    let view = view(&[("Cargo.lock", &lock)]);
    let Ok(AdvisoryState::Missing(reason)) = prepare(&view, None, &env) else { panic!("not missing") };
    assert!(reason.ends_with("it is empty"), "{reason}");
}

#[test]
fn an_update_replaces_nothing_with_what_cannot_be_read() {
    let dir = TempDir::new().expect("a folder");
    let (good, bad, file) = (dir.path().join("good"), dir.path().join("bad"), dir.path().join("file"));
    database(&good, "2025-03-04");
    write(&bad, "crates/left/RUSTSEC-2025-0001.md", "broken");
    packed(&good, &file);
    let before = fs::read(&file).expect("written");
    let env = environment(&[]);
    let error = update(Update { from: Origin::Local(&bad), output: Some(&file) }, &env).map(|_| ());
    assert!(matches!(error, Err(UpdateError::NothingUsable { damaged: 1 })), "{error:?}");
    let error = update(Update { from: Origin::Local(&dir.path().join("absent")), output: Some(&file) }, &env);
    assert!(matches!(error, Err(UpdateError::NoData(_))));
    assert_eq!(fs::read(&file).expect("still there"), before);
}

#[test]
fn what_is_not_the_registrys_is_matched_by_its_name_and_counts_less() {
    let check = |source: &str, extra: &str, manifest: &str, expect: Option<(&str, Severity)>| {
        let lock = lock(&[("app", "0.1.0", "", &["left"]), ("left", "1.2.3", source, &[])]);
        let mut view = view(&[("Cargo.lock", &lock), ("left/Cargo.toml", manifest)]);
        let advisory = advisory("RUSTSEC-2025-0001", "left", "2025-01-02", extra);
        view.advisories = loaded(&[("left", &advisory)]);
        let found = audit(&view).0;
        let said = found.first().map(|(_, raw)| (raw.message.as_str(), raw.severity));
        match (said, expect) {
            (None, None) => {}
            (Some((message, severity)), Some((words, expected))) => {
                assert!(message.contains(words), "{message}");
                assert_eq!(severity, Some(expected), "{message}");
            }
            other => panic!("{source} {extra}: {other:?}"),
        }
    };
    let git = "git+https://example.org/left#0123456789012345678901234567890123456789";
    let unsound = "informational = \"unsound\"";
    check(git, "", "", Some(("by its name alone, since it comes from Git", Severity::Warning)));
    check(git, unsound, "", Some(("by its name alone", Severity::Note)));
    check("registry+https://example.org/index", "", "", Some(("another registry", Severity::Warning)));
    check("", "", "", Some(("it lies in a folder", Severity::Note)));
    check("", "", "[package]\nname = \"left\"\npublish = false\n", None);
}

#[test]
fn what_the_repository_is_itself_is_no_copy() {
    let lock = lock(&[("app", "0.1.0", "", &["left"]), ("left", "1.2.3", "", &[])]);
    let workspace = "[workspace]\nmembers = [\"app\", \"*/left\"]\n";
    let app = "[package]\nname = \"app\"\nversion = \"0.1.0\"\n";
    let left = "[package]\nname = \"left\"\nversion = \"1.2.3\"\n";
    for (place, expect) in [("crates/left/Cargo.toml", 0), ("vendor/left/Cargo.toml", 1)] {
        let files =
            [("Cargo.lock", &*lock), ("Cargo.toml", workspace), ("app/Cargo.toml", app), (place, left)];
        let mut view = view(&files);
        view.advisories = loaded(&[("left", &advisory("RUSTSEC-2025-0001", "left", "2025-01-02", ""))]);
        assert_eq!(audit(&view).0.len(), expect, "{place}");
    }
}

#[test]
fn only_what_the_lock_files_need_is_loaded() {
    let home = TempDir::new().expect("a folder");
    let env = environment(&[("HOME", home.path())]);
    let text = lock(&[("left", "1.2.3", REGISTRY, &[])]);
    let with_lock = view(&[("Cargo.lock", &text)]);
    assert!(matches!(prepare(&with_lock, None, &env), Ok(AdvisoryState::Missing(_))));
    assert!(matches!(prepare(&RepoView::default(), None, &env), Ok(AdvisoryState::NotAsked)));
    assert!(prepare(&with_lock, Some(&home.path().join("absent")), &env).is_err());
    database(home.path(), "2025-03-04");
    let Ok(AdvisoryState::Loaded(database)) = prepare(&with_lock, Some(home.path()), &env) else {
        panic!("not loaded");
    };
    let version = "1.0.0".parse().expect("a version");
    assert_eq!(database.concerning("left", &version).count(), 1);
    assert_eq!(database.concerning("right", &version).count(), 0);
}

/// Runs git on a repository of ours, with nothing of the machine's configuration. `false` if there is no git.
fn git(dir: &Path, arguments: &[&str]) -> bool {
    let status = Command::new("git")
        .args(["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main"])
        .args(arguments)
        .current_dir(dir)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", dir.join("absent"))
        .env_remove("GIT_DIR")
        .env_remove("GIT_INDEX_FILE")
        .output();
    status.is_ok_and(|s| {
        assert!(s.status.success(), "{}", String::from_utf8_lossy(&s.stderr));
        true
    })
}

#[test]
fn fresh_data_takes_the_place_of_the_old() {
    let dir = TempDir::new().expect("a folder");
    let origin = dir.path().join("origin");
    let home = dir.path().join("home");
    fs::create_dir_all(&home).expect("can be made");
    database(&origin, "2025-03-04");
    if !git(&origin, &["init", "--quiet"]) {
        return;
    }
    git(&origin, &["add", "."]);
    git(&origin, &["commit", "--quiet", "-m", "first"]);

    let path = std::env::var_os("PATH").unwrap_or_default();
    let url = format!("file://{}", origin.display());
    let trap = dir.path().join("trap");
    let env = environment(&[
        ("HOME", &home),
        ("PATH", Path::new(&path)),
        ("PRODCHECK_ADVISORY_URL", Path::new(&url)),
        // A hook's: it must not reach the child.
        ("GIT_DIR", &trap),
        ("GIT_WORK_TREE", &trap),
    ]);
    let offline = environment(&[("HOME", &home), ("CARGO_NET_OFFLINE", Path::new("true"))]);
    let refused = Update { from: Origin::Network { offline: true }, output: None };
    assert!(matches!(update(refused, &env), Err(UpdateError::Offline("--offline"))));
    assert!(matches!(fetch(&offline), Err(UpdateError::Offline("CARGO_NET_OFFLINE"))));

    let first = fetch(&env).unwrap_or_else(|e| panic!("{e}")).found;
    assert_eq!(first.path, own_cache(&env));
    assert_eq!((first.source.count, first.source.date.as_deref()), (2, Some("2025-03-04")));
    assert!(first.source.commit.is_some());

    let newer = advisory("RUSTSEC-2025-0007", "left", "2025-07-08", "");
    write(&origin, "crates/left/RUSTSEC-2025-0007.md", &newer);
    git(&origin, &["add", "."]);
    git(&origin, &["commit", "--quiet", "-m", "second"]);
    let second = fetch(&env).unwrap_or_else(|e| panic!("{e}")).found;
    assert_eq!((second.source.count, second.source.date.as_deref()), (3, Some("2025-07-08")));
    assert_ne!(second.source.commit, first.source.commit);

    // The index of a checkout is believed no further than the files on disk: one that is gone is damage, one that
    // was added counts.
    let names = BTreeSet::from(["left"]);
    fs::remove_file(origin.join("crates/left/RUSTSEC-2025-0007.md")).expect("can be removed");
    write(&origin, "crates/left/RUSTSEC-2025-0008.md", &newer.replace("0007", "0008"));
    let read = Database::load(&origin, &names).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(read.damaged.iter().map(|d| &*d.file).collect::<Vec<_>>(), ["RUSTSEC-2025-0007.md"]);
    let version = "1.0.0".parse().expect("a version");
    let ids: Vec<&str> = read.concerning("left", &version).map(|a| &*a.id).collect();
    assert_eq!(ids, ["RUSTSEC-2025-0001", "RUSTSEC-2025-0008"]);

    // What is no database leaves the old one in place.
    fs::remove_dir_all(origin.join("crates")).expect("can be removed");
    git(&origin, &["add", "--all"]);
    git(&origin, &["commit", "--quiet", "-m", "third"]);
    assert!(matches!(fetch(&env), Err(UpdateError::NoData(_))));
    fs::remove_dir_all(&origin).expect("can be removed");
    let error = fetch(&env).err().map(|e| e.to_string()).unwrap_or_default();
    assert!(error.starts_with("git could not fetch the advisory data: fatal:"), "{error}");
    let own = own_cache(&env).expect("there is a home");
    assert_eq!(Found::at(&own).ok().map(|f| f.source), Some(second.source));

    assert!(!trap.exists());
    let beside = fs::read_dir(own.parent().expect("a folder")).expect("can be listed");
    let names: Vec<_> = beside.flatten().map(|e| e.file_name()).collect();
    assert_eq!(names, ["rustsec.advisories"], "remains lie about");
}

#[test]
fn only_https_and_files_are_fetched_from_and_git_is_looked_up_in_absolute_folders() {
    let home = TempDir::new().expect("a folder");
    let check = |path: &str, url: &str, expect: fn(&UpdateError) -> bool| {
        let env = environment(&[
            ("HOME", home.path()),
            ("PATH", Path::new(path)),
            ("PRODCHECK_ADVISORY_URL", Path::new(url)),
        ]);
        let error = fetch(&env).expect_err("cannot succeed");
        assert!(expect(&error), "{path} {url}: {error}");
    };
    check("/bin", "ext::sh -c true", |e| matches!(e, UpdateError::Url));
    check("/bin", "ssh://example.org/x", |e| matches!(e, UpdateError::Url));
    check("/bin", "--upload-pack=x", |e| matches!(e, UpdateError::Url));
    check(".:bin:", "file:///absent", |e| matches!(e, UpdateError::NoGit));
}
