//! What cargo builds from which file, held against cargo itself.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use prodcheck::model::{RepoPath, Target};
use prodcheck::repo::ListedFile;
use prodcheck::repo::manifest::{Manifest, Workspaces};
use prodcheck::repo::targets::Targets;

/// The kind, the name and the first file of a target.
type Known = BTreeSet<(String, String, String)>;

/// Names the folders whose packages are compared, with `:` between: each holds packages or workspaces, or is one.
const FOLDERS: &str = "PRODCHECK_CARGO_FOLDERS";

#[test]
#[allow(clippy::print_stdout)]
#[ignore = "reads the folders that a variable names: run it by hand"]
fn targets_are_those_that_cargo_says() {
    let folders = std::env::var(FOLDERS).unwrap_or_else(|_| panic!("{FOLDERS} names no folder"));
    let (mut repositories, mut packages, mut targets, mut refused) = (0, 0, 0, 0);
    let mut differences = Vec::new();
    for root in folders.split(':').flat_map(|folder| roots(Path::new(folder))) {
        let files = listing(&root);
        let ours = ours(&root, &files);
        repositories += 1;
        let mut seen = BTreeSet::new();
        for manifest in files.iter().filter(|file| file.path.name() == b"Cargo.toml") {
            let folder = manifest.path.parent();
            if seen.contains(&folder) {
                continue;
            }
            let Some(said) = said_by_cargo(&root, &manifest.path) else {
                refused += 1;
                continue;
            };
            for (folder, theirs) in said {
                if !seen.insert(folder.clone()) {
                    continue;
                }
                packages += 1;
                targets += theirs.len();
                let ours = ours.get(&folder).cloned().unwrap_or_default();
                if ours != theirs {
                    let more: Vec<_> = ours.difference(&theirs).collect();
                    let less: Vec<_> = theirs.difference(&ours).collect();
                    differences.push(format!("{}/{folder}: ours {more:?}, cargo's {less:?}", root.display()));
                }
            }
        }
    }
    println!(
        "{repositories} folders, {packages} packages, {targets} targets; {refused} manifests that cargo refuses"
    );
    assert!(packages > 0, "nothing was compared");
    assert!(differences.is_empty(), "{} differ:\n{}", differences.len(), differences.join("\n"));
}

/// The folder, if it has a manifest, or those in it.
fn roots(folder: &Path) -> Vec<PathBuf> {
    if folder.join("Cargo.toml").is_file() || folder.join(".git").exists() {
        return vec![folder.to_owned()];
    }
    let entries = fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let mut folders: Vec<PathBuf> =
        entries.map(|entry| entry.expect("an entry").path()).filter(|path| path.is_dir()).collect();
    folders.sort();
    folders
}

/// All files below, as cargo sees them: whatever Git ignores.
fn listing(root: &Path) -> Vec<ListedFile> {
    let mut files = Vec::new();
    let mut open = vec![root.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().filter_map(Result::ok) {
            let path = entry.path();
            if entry.file_name() == ".git" || entry.file_name() == "target" && folder == *root {
                continue;
            }
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                open.push(path);
            } else if let Some(path) = path.strip_prefix(root).ok().and_then(RepoPath::from_relative) {
                files.push(ListedFile { path, tracked: true });
            }
        }
    }
    files.sort();
    files
}

fn ours(root: &Path, files: &[ListedFile]) -> BTreeMap<RepoPath, Known> {
    let mut manifests = BTreeMap::new();
    for file in files.iter().filter(|file| file.path.name() == b"Cargo.toml") {
        let bytes = fs::read(file.path.on_disk(root).expect("a path")).unwrap_or_default();
        if let Ok(manifest) = Manifest::parse(&file.path, &bytes) {
            manifests.insert(file.path.clone(), manifest);
        }
    }
    let targets = Targets::with_workspaces(&manifests, &Workspaces::new(&manifests, files), files);
    let of = |folder: &RepoPath| {
        let roots = targets.roots(folder).iter();
        roots.map(|root| (kind(root.kind).to_owned(), root.name.clone(), root.path.to_string())).collect()
    };
    manifests.keys().map(|path| (path.parent(), of(&path.parent()))).collect()
}

fn kind(target: Target) -> &'static str {
    match target {
        Target::Lib => "lib",
        Target::ProcMacro => "proc-macro",
        Target::Bin => "bin",
        Target::Example => "example",
        Target::Test => "test",
        Target::Bench => "bench",
        Target::BuildScript => "custom-build",
        _ => "other",
    }
}

/// The targets of each package of the manifest's workspace, by folder; `None` if cargo refuses it.
fn said_by_cargo(root: &Path, manifest: &RepoPath) -> Option<BTreeMap<RepoPath, Known>> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1", "--manifest-path"])
        .arg(manifest.on_disk(root)?)
        .current_dir(std::env::temp_dir())
        .output()
        .expect("cargo runs");
    let said: serde_json::Value = serde_json::from_slice(&output.stdout).ok()?;
    let relative = |path: &str| {
        // What lies outside of the folder is none of its files.
        let inside = Path::new(path).strip_prefix(root).ok()?;
        RepoPath::from_relative(inside)
    };
    let mut packages = BTreeMap::new();
    for package in said["packages"].as_array()? {
        let Some(manifest) = relative(package["manifest_path"].as_str()?) else { continue };
        let mut known = Known::new();
        for target in package["targets"].as_array()? {
            let kind = match target["kind"][0].as_str()? {
                "rlib" | "dylib" | "cdylib" | "staticlib" => "lib",
                other => other,
            };
            let Some(path) = relative(target["src_path"].as_str()?) else { continue };
            // Cargo believes a manifest that names a file which is not there; there is nothing to tell apart.
            if !path.on_disk(root)?.is_file() {
                continue;
            }
            known.insert((kind.to_owned(), target["name"].as_str()?.to_owned(), path.to_string()));
        }
        packages.insert(manifest.parent(), known);
    }
    Some(packages)
}
