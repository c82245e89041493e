use std::collections::BTreeSet;
use std::path::Path;

use super::run::ResolveError;
use super::toolchain::cargo_home;
use crate::model::{RepoPath, shown_bytes};
use crate::repo::Root;
use crate::repo::advisories::Environment;
use crate::repo::cargo_config::{Origin, Program, Role, read_config, read_toolchain};
use crate::repo::manifest::resolve;
use crate::repo::read::{self, Links, ReadError};

/// Larger files no configuration is.
const LARGEST: u64 = 1 << 20;
/// More files than these are not looked into.
const MOST: usize = 256;

/// Why cargo is not asked about the package in this folder: a configuration that holds there names a program. It
/// would not be read where cargo is started; but who wrote it wants something to run, and one lock is not enough.
pub(super) fn of(root: &Root, folder: &RepoPath, env: &Environment) -> Option<ResolveError> {
    let mut at = folder.clone();
    loop {
        if let Some(refusal) = in_folder(root, &at) {
            return Some(refusal);
        }
        if at.as_bytes().is_empty() {
            break;
        }
        at = at.parent();
    }
    let own = cargo_home(env);
    root.path().ancestors().skip(1).find_map(|above| above_root(above, own.as_deref()))
}

/// Whether the folder of the user's configuration belongs to the repository: cargo reads it wherever it is started, so
/// nothing lifts this.
pub(super) fn home_inside(root: &Path, env: &Environment) -> bool {
    cargo_home(env).is_some_and(|home| {
        // By whatever way it is named.
        let real = home.canonicalize().unwrap_or_else(|_| home.clone());
        home.starts_with(root) || real.starts_with(root)
    })
}

fn in_folder(root: &Root, folder: &RepoPath) -> Option<ResolveError> {
    let mut open: Vec<RepoPath> =
        [&b".cargo/config"[..], b".cargo/config.toml"].map(|name| folder.join(name)).into();
    let mut seen: BTreeSet<RepoPath> = open.iter().cloned().collect();
    let mut bytes = Vec::new();
    while let Some(path) = open.pop() {
        match root.tree().read(&path, LARGEST, &mut bytes) {
            Ok(()) => {}
            Err(ReadError::Vanished) => continue,
            Err(error) => {
                return Some(ResolveError::Config { file: path.to_string(), why: error.to_string() });
            }
        }
        let config = match read_config(&bytes) {
            Ok(config) => config,
            Err(problem) => {
                return Some(ResolveError::Config { file: path.to_string(), why: problem.message });
            }
        };
        if let Some(program) = config.programs.iter().find(|program| is_dangerous(program)) {
            return Some(refused(program, path.to_string()));
        }
        for include in &config.includes {
            match resolve(&path.parent(), &include.path) {
                Some(included) if seen.len() < MOST => {
                    if seen.insert(included.clone()) {
                        open.push(included);
                    }
                }
                _ => {
                    let why = "it takes in files that were not looked at".to_owned();
                    return Some(ResolveError::Config { file: path.to_string(), why });
                }
            }
        }
    }
    for name in [&b"rust-toolchain"[..], b"rust-toolchain.toml"] {
        let path = folder.join(name);
        if root.tree().read(&path, LARGEST, &mut bytes).is_ok()
            && let Some(program) = read_toolchain(&bytes)
        {
            return Some(refused(&program, path.to_string()));
        }
    }
    None
}

/// What lies above the root was put there by somebody else than the user as easily as by the user.
fn above_root(folder: &Path, own: Option<&Path>) -> Option<ResolveError> {
    let config = folder.join(".cargo");
    if own == Some(&*config) {
        return None;
    }
    let mut bytes = Vec::new();
    ["config", "config.toml"].iter().find_map(|name| {
        let path = config.join(name);
        let file = shown_bytes(path.as_os_str().as_encoded_bytes());
        match read::file(&path, Links::Follow, LARGEST, &mut bytes) {
            Ok(()) => {}
            Err(ReadError::Vanished) => return None,
            Err(error) => return Some(ResolveError::Config { file, why: error.to_string() }),
        }
        match read_config(&bytes) {
            Ok(config) => {
                let program = config.programs.iter().find(|program| is_dangerous(program))?;
                Some(refused(program, file))
            }
            Err(problem) => Some(ResolveError::Config { file, why: problem.message }),
        }
    })
}

fn is_dangerous(program: &Program) -> bool {
    program.role.runs_on_looking()
        || program.role == Role::Library
        || matches!(program.origin, Origin::Repository | Origin::Absolute)
}

fn refused(program: &Program, file: String) -> ResolveError {
    ResolveError::Refused { file, key: program.key.clone() }
}
