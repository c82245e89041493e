use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use super::database::{DatabaseError, Found};

/// Looks up a variable of the environment.
pub type Environment<'a> = dyn Fn(&str) -> Option<OsString> + 'a;

/// The folder whose data is used: the one that was named, else the newest among this tool's cache,
/// `cargo audit`'s and `cargo deny`'s. `None` if no cache holds any.
///
/// # Errors
/// The folder that was named is no usable database. Caches that are not are passed over.
pub fn discover(explicit: Option<&Path>, env: &Environment) -> Result<Option<Found>, DatabaseError> {
    if let Some(dir) = explicit {
        return Found::at(dir).map(Some);
    }
    let mut best: Option<Found> = None;
    for dir in caches(env) {
        let Ok(found) = Found::at(&dir) else { continue };
        // The first one wins among equals.
        if best.as_ref().is_none_or(|b| b.source.date < found.source.date) {
            best = Some(found);
        }
    }
    Ok(best)
}

/// Where this tool keeps its data: `cargo-prodcheck/advisory-db` in the user's cache folder. `None` if the
/// environment does not say where that is.
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
    Some(base.join("cargo-prodcheck").join("advisory-db"))
}

/// Every folder in which one of the tools may have put data.
fn caches(env: &Environment) -> Vec<PathBuf> {
    let mut dirs: Vec<PathBuf> = own_cache(env).into_iter().collect();
    let home = absolute(env, "HOME").or_else(|| absolute(env, "USERPROFILE"));
    if let Some(cargo) = absolute(env, "CARGO_HOME").or_else(|| home.map(|h| h.join(".cargo"))) {
        dirs.push(cargo.join("advisory-db"));
        // One folder per database, named by a hash that differs between versions of the tool.
        let entries = fs::read_dir(cargo.join("advisory-dbs")).into_iter().flatten().flatten();
        let mut named: Vec<PathBuf> = entries.map(|e| e.path()).collect();
        named.sort();
        dirs.extend(named);
    }
    dirs
}

/// A path relative to wherever one happens to stand would let an audited repository bring its own data.
fn absolute(env: &Environment, name: &str) -> Option<PathBuf> {
    env(name).map(PathBuf::from).filter(|p| p.is_absolute())
}
