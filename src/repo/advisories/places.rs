use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};

use super::database::{DatabaseError, Found};
use crate::model::{RepoPath, shown};
use crate::repo::ListedFile;

/// Looks up a variable of the environment.
pub type Environment<'a> = dyn Fn(&str) -> Option<OsString> + 'a;

/// Names the data to use, as an absolute path: a folder or a packed file.
pub const VARIABLE: &str = "PRODCHECK_ADVISORY_DB";

/// What was found of advisory data.
#[derive(Debug, Default)]
pub struct Discovered {
    /// The data to use.
    pub found: Option<Found>,
    /// This tool's own cache holds something that cannot be used. Why, in plain words.
    pub unusable: Option<String>,
}

/// The places that were named: on the command line, else by [`VARIABLE`].
///
/// # Errors
/// The variable holds a relative path.
pub fn named(given: &[PathBuf], env: &Environment) -> Result<Vec<PathBuf>, DatabaseError> {
    if !given.is_empty() {
        return Ok(given.to_vec());
    }
    let path = env(VARIABLE).filter(|value| !value.is_empty()).map(PathBuf::from);
    match path {
        Some(path) if !path.is_absolute() => Err(DatabaseError::Relative),
        path => Ok(path.into_iter().collect()),
    }
}

/// The data that is used: what was named ([`named`]), else the newest of this tool's cache, `cargo audit`'s,
/// `cargo deny`'s and what was built into the program.
///
/// # Errors
/// What was named is no usable database. Caches that are not are passed over.
pub fn discover(named: Option<&Path>, env: &Environment) -> Result<Discovered, DatabaseError> {
    if let Some(path) = named {
        return Ok(Discovered { found: Some(Found::at(path)?), unusable: None });
    }
    let own = own_cache(env);
    let mut best: Option<Found> = None;
    let mut unusable = None;
    // The first one wins among equals.
    let mut offer = |found: Found| {
        if best.as_ref().is_none_or(|b| b.source.date < found.source.date) {
            best = Some(found);
        }
    };
    for path in own.iter().cloned().chain(caches(env)) {
        match Found::at(&path) {
            Ok(found) => offer(found),
            Err(error @ DatabaseError::Packed { .. }) if Some(&path) == own.as_ref() => {
                unusable = Some(shown(&error.to_string()).replace(['\n', '\t'], " "));
            }
            Err(_) => {}
        }
    }
    Found::embedded().into_iter().for_each(offer);
    Ok(Discovered { found: best, unusable })
}

/// Where this tool keeps its data: the file `cargo-prodcheck/rustsec.advisories` in the user's cache folder. `None`
/// if the environment does not say where that is.
pub fn own_cache(env: &Environment) -> Option<PathBuf> {
    let base = if let Some(base) = absolute(env, "XDG_CACHE_HOME") {
        base
    } else if cfg!(windows) {
        absolute(env, "LOCALAPPDATA")?
    } else if cfg!(target_os = "macos") {
        absolute(env, "HOME")?.join("Library").join("Caches")
    } else {
        absolute(env, "HOME")?.join(".cache")
    };
    Some(base.join("cargo-prodcheck").join("rustsec.advisories"))
}

/// Where cargo keeps what belongs to the user: `CARGO_HOME`, else `.cargo` in the home directory.
pub fn cargo_home(env: &Environment) -> Option<PathBuf> {
    let home = || absolute(env, "HOME").or_else(|| absolute(env, "USERPROFILE"));
    absolute(env, "CARGO_HOME").or_else(|| home().map(|h| h.join(".cargo")))
}

/// Every folder in which one of the other tools may have put data.
fn caches(env: &Environment) -> Vec<PathBuf> {
    let Some(cargo) = cargo_home(env) else { return Vec::new() };
    let mut dirs = vec![cargo.join("advisory-db")];
    // One folder per database, named by a hash that differs between versions of the tool.
    let entries = fs::read_dir(cargo.join("advisory-dbs")).into_iter().flatten().flatten();
    let mut named: Vec<PathBuf> = entries.map(|e| e.path()).collect();
    named.sort();
    dirs.extend(named);
    dirs
}

/// Whether some of these files of the repository at `root` lie where this tool looks for data that nobody named: a
/// variable of the environment may lead into the work tree, as caches of CI jobs do. Such files would be a change's
/// own judges. Of Git's work trees those that are tracked count: the others came with no change.
pub fn are_brought(root: &Path, files: &[ListedFile], is_git: bool, env: &Environment) -> bool {
    let Ok(root) = fs::canonicalize(root) else { return false };
    let cargo = cargo_home(env);
    let below = |name: &str| cargo.as_ref().map(|cargo| cargo.join(name));
    let own = own_cache(env).and_then(|file| Some(file.parent()?.to_owned()));
    let places = [own, below("advisory-db"), below("advisory-dbs"), below("registry")];
    places.into_iter().flatten().any(|place| {
        let place = fs::canonicalize(place);
        let Some(place) = place.as_ref().ok().and_then(|place| place.strip_prefix(&root).ok()) else {
            return false;
        };
        let names: Vec<&[u8]> = place.iter().map(OsStr::as_encoded_bytes).collect();
        let folder = RepoPath::new(names.join(&b'/'));
        files.iter().any(|file| (file.tracked || !is_git) && file.path.is_in(&folder))
    })
}

/// A path relative to wherever one happens to stand would let an audited repository bring its own data.
fn absolute(env: &Environment, name: &str) -> Option<PathBuf> {
    env(name).map(PathBuf::from).filter(|p| p.is_absolute())
}
