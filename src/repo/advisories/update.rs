use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

use super::database::{DatabaseError, Found};
use super::places::{Environment, own_cache};
use crate::model::shown;

/// Where fresh data comes from.
pub const DEFAULT_URL: &str = "https://github.com/RustSec/advisory-db";

/// Another place of fresh data: an `https` or `file` URL, for mirrors and for tests.
pub const URL_VARIABLE: &str = "PRODCHECK_ADVISORY_URL";

/// What git may see of the environment. None of its own variables is among them: inside a hook they name the
/// repository that is being committed to.
const PASSED_ON: &[&str] = &[
    "PATH",
    "HOME",
    "USERPROFILE",
    "HOMEDRIVE",
    "HOMEPATH",
    "XDG_CONFIG_HOME",
    "APPDATA",
    "LOCALAPPDATA",
    "PROGRAMDATA",
    "SYSTEMROOT",
    "SystemRoot",
    "TMPDIR",
    "TEMP",
    "TMP",
    "http_proxy",
    "https_proxy",
    "HTTPS_PROXY",
    "all_proxy",
    "ALL_PROXY",
    "no_proxy",
    "NO_PROXY",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "CURL_CA_BUNDLE",
];

/// Why there is no fresh data.
#[derive(Debug, thiserror::Error)]
pub enum UpdateError {
    /// The network was ruled out.
    #[error("fetching advisory data needs the network, and {0} rules it out")]
    Offline(&'static str),
    /// The environment names no folder for caches.
    #[error("there is no folder for caches: neither XDG_CACHE_HOME nor a home directory is set")]
    NoCache,
    /// There is no `git` in `PATH`.
    #[error("fetching advisory data needs git, and there is none in PATH")]
    NoGit,
    /// The URL is neither `https` nor `file`.
    #[error("advisory data comes from an https:// or file:// URL only")]
    Url,
    /// Something about the cache folder failed.
    #[error("cannot write {}", .path.display())]
    Cache {
        /// The folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// git could not be started.
    #[error("cannot start {}", .git.display())]
    Start {
        /// The program.
        git: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// git could not fetch.
    #[error("git could not fetch the advisory data: {said}")]
    Fetch {
        /// Its last words. Safe to show.
        said: String,
    },
    /// What came is no advisory data.
    #[error("what was fetched is no usable advisory data")]
    NoData(#[source] DatabaseError),
}

/// Fetches fresh data into this tool's cache and takes the place of what is there. The one process that the
/// program ever starts is the `git clone` here; the one use of the network, too.
///
/// Data that is there stays untouched until the new one is complete.
///
/// # Errors
/// See [`UpdateError`]; the cache is as it was.
pub fn update(offline: bool, env: &Environment) -> Result<Found, UpdateError> {
    if offline {
        return Err(UpdateError::Offline("--offline"));
    }
    if env("CARGO_NET_OFFLINE").is_some_and(|v| v.eq_ignore_ascii_case("true") || v == "1") {
        return Err(UpdateError::Offline("CARGO_NET_OFFLINE"));
    }
    let url = match env(URL_VARIABLE).filter(|v| !v.is_empty()) {
        Some(url) => url.into_string().map_err(|_| UpdateError::Url)?,
        None => DEFAULT_URL.to_owned(),
    };
    let protocol = url.split_once("://").map(|(protocol, _)| protocol);
    let protocol = protocol.filter(|p| matches!(*p, "https" | "file")).ok_or(UpdateError::Url)?;
    let target = own_cache(env).ok_or(UpdateError::NoCache)?;
    let git = find_git(env).ok_or(UpdateError::NoGit)?;
    let parent = target.parent().ok_or(UpdateError::NoCache)?;
    let cannot_write = |source| UpdateError::Cache { path: parent.to_owned(), source };
    fs::create_dir_all(parent).map_err(cannot_write)?;
    let fresh = temporary(parent, "new").map_err(cannot_write)?;
    let done = clone(&git, &url, protocol, &fresh, env).and_then(|()| {
        Found::at(&fresh).map_err(UpdateError::NoData)?;
        replace(&fresh, &target, parent).map_err(cannot_write)
    });
    if let Err(error) = done {
        // What cannot be removed either is left lying; the error that counts is the first one.
        let _ = fs::remove_dir_all(&fresh);
        return Err(error);
    }
    Found::at(&target).map_err(UpdateError::NoData)
}

fn clone(git: &Path, url: &str, protocol: &str, into: &Path, env: &Environment) -> Result<(), UpdateError> {
    let mut command = Command::new(git);
    command.env_clear();
    for name in PASSED_ON {
        if let Some(value) = env(name) {
            command.env(name, value);
        }
    }
    let nothing = if cfg!(windows) { "NUL" } else { "/dev/null" };
    command
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("GIT_ALLOW_PROTOCOL", protocol)
        .env("LC_ALL", "C")
        .current_dir(into.parent().unwrap_or(into))
        .arg("-c")
        .arg(format!("core.hooksPath={nothing}"))
        .args(["-c", "core.fsmonitor=false", "-c", "core.symlinks=false", "-c", "core.autocrlf=false"])
        // A connection that hangs is given up.
        .args(["-c", "http.lowSpeedLimit=1000", "-c", "http.lowSpeedTime=30"])
        .args(["clone", "--quiet", "--depth", "1", "--single-branch", "--no-tags", "--template=", "--"])
        .arg(url)
        .arg(into)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    let output = command.output().map_err(|source| UpdateError::Start { git: git.to_owned(), source })?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let said: Vec<&str> = said.lines().map(str::trim).filter(|l| !l.is_empty()).collect();
    let last = said[said.len().saturating_sub(3)..].join("; ");
    let last = if last.is_empty() { output.status.to_string() } else { without_login(&last, url) };
    Err(UpdateError::Fetch { said: shown(&last).replace('\t', " ") })
}

/// A URL may carry a password.
fn without_login(text: &str, url: &str) -> String {
    let login = url.split_once("://").and_then(|(_, rest)| rest.split('/').next()?.rsplit_once('@'));
    match login {
        Some((login, _)) => text.replace(login, "…"),
        None => text.to_owned(),
    }
}

/// Puts the new folder in the place of the old one, which comes back if that fails.
fn replace(fresh: &Path, target: &Path, parent: &Path) -> io::Result<()> {
    if fs::symlink_metadata(target).is_err() {
        return fs::rename(fresh, target);
    }
    let aside = temporary(parent, "old")?;
    let old = aside.join("advisory-db");
    fs::rename(target, &old)?;
    if let Err(error) = fs::rename(fresh, target) {
        fs::rename(&old, target)?;
        let _ = fs::remove_dir(&aside);
        return Err(error);
    }
    // The new data stands; remains of the old one do no harm.
    let _ = fs::remove_dir_all(&aside);
    Ok(())
}

/// A new empty folder beside the cache, so that renaming stays within one file system.
fn temporary(parent: &Path, purpose: &str) -> io::Result<PathBuf> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
    let process = std::process::id();
    let mut last = io::Error::from(io::ErrorKind::AlreadyExists);
    for attempt in 0..16 {
        let dir = parent.join(format!(".advisory-db-{purpose}-{process}-{now}-{attempt}"));
        match fs::create_dir(&dir) {
            Ok(()) => return Ok(dir),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => last = error,
            Err(error) => return Err(error),
        }
    }
    Err(last)
}

/// The first `git` in the absolute folders of `PATH`. A relative one would find what the current directory, an
/// audited repository perhaps, calls git.
fn find_git(env: &Environment) -> Option<PathBuf> {
    let path: OsString = env("PATH")?;
    let name = if cfg!(windows) { "git.exe" } else { "git" };
    std::env::split_paths(&path)
        .filter(|dir| dir.is_absolute())
        .map(|dir| dir.join(name))
        .find(|git| fs::metadata(git).is_ok_and(|m| is_program(&m)))
}

#[cfg(unix)]
fn is_program(metadata: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    metadata.is_file() && metadata.permissions().mode() & 0o111 != 0
}

#[cfg(not(unix))]
fn is_program(metadata: &fs::Metadata) -> bool {
    metadata.is_file()
}
