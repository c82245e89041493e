//! What is published of a package, held against what `cargo package --list` says.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

use prodcheck::model::{Language, RepoPath, Target};
use prodcheck::repo::shipped::{WalkedPackages, shipped};
use prodcheck::repo::{Kept, RepoView, Root, User, inventory_for};
use prodcheck::source::FileKind;

use crate::support::{Repo, clean};

/// What cargo writes into a package itself.
const WRITTEN: [&str; 3] = ["Cargo.toml.orig", ".cargo_vcs_info.json", "Cargo.lock"];

/// The repository as checks see it, as far as packages are concerned.
fn view(root: &Root) -> RepoView {
    let inventory = inventory_for(root, 1, &User::default());
    let kind = FileKind { language: Language::Unknown, target: Target::Other };
    let mut view =
        RepoView { is_git: inventory.is_git, has_index: inventory.has_index, ..RepoView::default() };
    for file in &inventory.files {
        if file.path.name() == b"Cargo.toml" {
            let mut bytes = Vec::new();
            root.tree().read(&file.path, 1 << 20, &mut bytes).expect("a manifest");
            view.kept.insert(file.path.clone(), Kept { bytes, kind });
        }
    }
    view.entries = inventory.files;
    view.walked_packages = WalkedPackages::walk(root.tree(), &view);
    view
}

fn ours(folder: &Path) -> BTreeSet<String> {
    let (root, _) = Root::find(&[], folder).expect("a root");
    let view = view(&root);
    let path = RepoPath::from("Cargo.toml");
    let manifest = view.manifests().get(&path).expect("parses");
    let files = shipped(&view, &path, manifest).expect("is published");
    files.iter().map(ToString::to_string).filter(|file| !WRITTEN.contains(&&**file)).collect()
}

/// `None` where cargo refuses the package.
fn cargos(folder: &Path, outside: &Path) -> Option<BTreeSet<String>> {
    let mut command = clean(Command::new(env!("CARGO")), outside);
    for name in ["RUSTUP_HOME", "RUSTUP_TOOLCHAIN", "USERPROFILE"] {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    let home = std::env::var_os("RUSTUP_HOME").is_none().then(|| std::env::var_os("HOME")).flatten();
    if let Some(home) = home {
        command.env("RUSTUP_HOME", Path::new(&home).join(".rustup"));
    }
    let args = ["package", "--list", "--allow-dirty", "--offline", "--exclude-lockfile", "--manifest-path"];
    let done =
        command.current_dir(outside).args(args).arg(folder.join("Cargo.toml")).output().expect("cargo");
    let text = String::from_utf8_lossy(&done.stdout);
    let file = |line: &str| if line.starts_with(".git/") { ".git/HEAD".to_owned() } else { line.to_owned() };
    let files = text.lines().map(file).filter(|file| !WRITTEN.contains(&&**file));
    done.status.success().then(|| files.collect())
}

const FILES: &[&str] = &[
    "src/lib.rs",
    "src/keys/mod.rs",
    "README.md",
    "LICENSE",
    ".env",
    ".github/ci.yml",
    "deploy/server.key",
    "deploy/notes.txt",
    "tests/a.rs",
    "target/debug/app",
    "sub/target/x",
    "inner/Cargo.toml",
    "inner/src/lib.rs",
    "data/a.json",
    "data/deep/b.json",
    "x{a,b}",
    "ignored.log",
    "sub/ignored.log",
];

/// Lines of a manifest below `[package]`.
const PACKAGING: &[&str] = &[
    "",
    "include = [\"src/\"]",
    "include = [\"/src\", \"README.md\"]",
    "include = [\"**/*.rs\"]",
    "include = [\"*.key\", \"/data\"]",
    "include = [\"data/*\"]",
    "include = [\"**\"]",
    "include = [\"*.{key,log}\"]",
    "include = [\"/*\", \"!.env\"]",
    "include = [\"src\", \"!src/keys\"]",
    "include = [\"src/**\", \"inner/**\"]",
    "include = [\"target/**\", \".*\"]",
    "exclude = [\"/deploy\"]",
    "exclude = [\"*.key\"]",
    "exclude = [\"deploy/*\", \"!deploy/notes.txt\"]",
    "exclude = [\"data/\", \"!data/a.json\"]",
    "exclude = [\"**/*.json\"]",
    "exclude = [\"./deploy\", \"tests\"]",
    "exclude = [\"README.md\", \"LICENSE\"]",
    "exclude = [\"x{a,b}\"]",
    "exclude = [\"src/keys\"]\nlicense-file = \"LICENSE\"",
    "include = [\"src\"]\nreadme = false",
    "include = [\"src\"]\nlicense-file = \"deploy/notes.txt\"\nreadme = \"data/a.json\"",
    "exclude = [\".*\"]",
    "exclude = [\"ignored.log\"]",
    "include = [\"ignored.log\"]",
];

#[test]
fn packages_hold_what_cargo_lists() {
    for git in [true, false] {
        let repo = if git { Repo::git() } else { Repo::bare_folder() };
        for file in FILES {
            let inner = "[package]\nname = \"inner\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[workspace]\n";
            repo.write(file, if file.ends_with("Cargo.toml") { inner } else { "" });
        }
        if git {
            repo.write(".gitignore", "*.log\n/target\n");
            repo.write("deploy/.gitignore", "notes.txt\n");
        }
        for packaging in PACKAGING {
            let manifest = format!(
                "[package]\nname = \"toy\"\nversion = \"0.1.0\"\nedition = \"2021\"\n{packaging}\n[workspace]\n"
            );
            repo.write("Cargo.toml", manifest);
            if git {
                repo.run_git(&["add", "Cargo.toml", "src", "sub", ".env"]);
            }
            let cargo = cargos(&repo.root(), repo.outside()).unwrap_or_else(|| panic!("{packaging}"));
            assert_eq!(ours(&repo.root()), cargo, "git: {git}, {packaging}");
        }
    }
}

/// Many real packages, where somebody has them: `PRODCHECK_PACKAGES` is a folder of unpacked ones.
#[test]
#[ignore = "needs packages from a registry"]
fn real_packages_hold_what_cargo_lists() {
    let Some(folder) = std::env::var_os("PRODCHECK_PACKAGES") else { return };
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut all: Vec<_> = fs::read_dir(folder).expect("a folder").flatten().map(|e| e.path()).collect();
    all.sort();
    for package in all.iter().filter(|path| path.join("Cargo.toml").is_file()) {
        for git in [true, false] {
            let repo = if git { Repo::git() } else { Repo::bare_folder() };
            copy(package, &repo.root());
            // What cargo leaves behind is no part of the package.
            for name in ["Cargo.toml.orig", ".cargo_vcs_info.json", ".cargo-ok"] {
                let _ = fs::remove_file(repo.root().join(name));
            }
            if git {
                repo.run_git(&["add", "-A"]);
            }
            let Some(cargo) = cargos(&repo.root(), repo.outside()) else {
                *counts.entry("refused by cargo").or_default() += 1;
                continue;
            };
            assert_eq!(ours(&repo.root()), cargo, "{}", package.display());
            *counts.entry("the same").or_default() += 1;
        }
    }
    assert!(counts.get("the same").is_some_and(|&same| same >= 100), "{counts:?}");
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder").flatten() {
        let kind = entry.file_type().expect("a kind");
        if kind.is_dir() {
            copy(&entry.path(), &to.join(entry.file_name()));
        } else if kind.is_file() {
            fs::copy(entry.path(), to.join(entry.file_name())).expect("a file");
        }
    }
}
