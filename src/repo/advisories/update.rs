use std::ffi::OsString;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

use super::database::{Damaged, DatabaseError, Found};
use super::packed;
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
    /// The file, or the folder it goes into, cannot be written.
    #[error("cannot write {}", .path.display())]
    Write {
        /// The file or folder.
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
    #[error("this is no usable advisory data")]
    NoData(#[source] DatabaseError),
    /// Not one entry can be read: this is no time to replace data that can.
    #[error("not one advisory of the data can be read; {damaged} are damaged")]
    NothingUsable {
        /// How many there are.
        damaged: usize,
    },
}

/// Where the data of an update comes from.
#[derive(Debug, Clone, Copy)]
pub enum Origin<'a> {
    /// Fetched: from [`DEFAULT_URL`], or from where [`URL_VARIABLE`] says. `offline` refuses it.
    Network {
        /// Whether the network was ruled out.
        offline: bool,
    },
    /// A checkout, a plain folder or a packed file on this machine.
    Local(&'a Path),
}

/// What an update takes and makes.
#[derive(Debug, Clone, Copy)]
pub struct Update<'a> {
    /// Where the data comes from.
    pub from: Origin<'a>,
    /// The file to write in place of this tool's cache.
    pub output: Option<&'a Path>,
}

/// What an update wrote.
#[derive(Debug)]
pub struct Updated {
    /// The file, as it is found now.
    pub found: Found,
    /// Its size in bytes.
    pub bytes: u64,
    /// What of the database could not be read, and is said to be missing in the file.
    pub damaged: Vec<Damaged>,
}

/// Packs advisory data into one file that takes the place of what is there. Fetching it is the one use of the
/// network, and the `git clone` in it the one process that the program ever starts.
///
/// What is there stays untouched until the new file is complete.
///
/// # Errors
/// See [`UpdateError`]; what was there is as it was.
pub fn update(update: Update, env: &Environment) -> Result<Updated, UpdateError> {
    let target = match update.output {
        Some(path) => path.to_owned(),
        None => own_cache(env).ok_or(UpdateError::NoCache)?,
    };
    match update.from {
        Origin::Local(path) => write(&Found::at(path).map_err(UpdateError::NoData)?, &target),
        Origin::Network { offline } => {
            let fetch = Fetch::new(offline, env)?;
            let fresh = temporary()?;
            let done = fetch.clone_into(&fresh.join("advisory-db"), env);
            let done = done.and_then(|()| {
                write(&Found::at(&fresh.join("advisory-db")).map_err(UpdateError::NoData)?, &target)
            });
            // What cannot be removed is left lying; the error that counts is the first one.
            let _ = fs::remove_dir_all(&fresh);
            done
        }
    }
}

/// Writes the file beside its place first, so that nobody ever sees a half of it.
fn write(data: &Found, target: &Path) -> Result<Updated, UpdateError> {
    let database = data.read_all().map_err(UpdateError::NoData)?;
    if database.all().next().is_none() {
        return Err(UpdateError::NothingUsable { damaged: database.damaged.len() });
    }
    let bytes = packed::pack(&database);
    let cannot_write = |source| UpdateError::Write { path: target.to_owned(), source };
    let name = target.file_name().ok_or_else(|| cannot_write(io::ErrorKind::InvalidFilename.into()))?;
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(cannot_write)?;
    let mut hidden = OsString::from(".");
    hidden.push(name);
    hidden.push(format!(".{}", std::process::id()));
    let beside = folder.join(hidden);
    let written = fs::OpenOptions::new().write(true).create_new(true).open(&beside).and_then(|mut file| {
        file.write_all(&bytes)?;
        file.sync_all()
    });
    if let Err(error) = written.and_then(|()| fs::rename(&beside, target)) {
        let _ = fs::remove_file(&beside);
        return Err(cannot_write(error));
    }
    let found = Found::at(target).map_err(UpdateError::NoData)?;
    Ok(Updated { found, bytes: bytes.len() as u64, damaged: database.damaged })
}

/// What rules the network out, if something does: the option, or the variable that cargo obeys, too.
pub fn ruled_out(offline: bool, env: &Environment) -> Option<&'static str> {
    if offline {
        return Some("--offline");
    }
    let is_set = env("CARGO_NET_OFFLINE").is_some_and(|v| v.eq_ignore_ascii_case("true") || v == "1");
    is_set.then_some("CARGO_NET_OFFLINE")
}

/// A fetch that may begin.
struct Fetch {
    git: PathBuf,
    url: String,
    protocol: String,
}

impl Fetch {
    fn new(offline: bool, env: &Environment) -> Result<Self, UpdateError> {
        if let Some(what) = ruled_out(offline, env) {
            return Err(UpdateError::Offline(what));
        }
        let url = match env(URL_VARIABLE).filter(|v| !v.is_empty()) {
            Some(url) => url.into_string().map_err(|_| UpdateError::Url)?,
            None => DEFAULT_URL.to_owned(),
        };
        let protocol = url.split_once("://").map(|(protocol, _)| protocol.to_owned());
        let protocol = protocol.filter(|p| matches!(&**p, "https" | "file")).ok_or(UpdateError::Url)?;
        let git = find_git(env).ok_or(UpdateError::NoGit)?;
        Ok(Self { git, url, protocol })
    }

    fn clone_into(&self, into: &Path, env: &Environment) -> Result<(), UpdateError> {
        let mut command = Command::new(&self.git);
        command.env_clear();
        for name in PASSED_ON {
            if let Some(value) = env(name) {
                command.env(name, value);
            }
        }
        let nothing = if cfg!(windows) { "NUL" } else { "/dev/null" };
        command
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GIT_ALLOW_PROTOCOL", &self.protocol)
            .env("LC_ALL", "C")
            .current_dir(into.parent().unwrap_or(into))
            .arg("-c")
            .arg(format!("core.hooksPath={nothing}"))
            .args(["-c", "core.fsmonitor=false", "-c", "core.symlinks=false", "-c", "core.autocrlf=false"])
            // A connection that hangs is given up.
            .args(["-c", "http.lowSpeedLimit=1000", "-c", "http.lowSpeedTime=30"])
            .args(["clone", "--quiet", "--depth", "1", "--single-branch", "--no-tags", "--template=", "--"])
            .arg(&self.url)
            .arg(into)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        let output =
            command.output().map_err(|source| UpdateError::Start { git: self.git.clone(), source })?;
        if output.status.success() {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&output.stderr);
        let said: Vec<&str> = said.lines().map(str::trim).filter(|l| !l.is_empty()).collect();
        let last = said[said.len().saturating_sub(3)..].join("; ");
        let last = if last.is_empty() { output.status.to_string() } else { without_login(&last, &self.url) };
        Err(UpdateError::Fetch { said: shown(&last).replace('\t', " ") })
    }
}

/// A URL may carry a password.
fn without_login(text: &str, url: &str) -> String {
    let login = url.split_once("://").and_then(|(_, rest)| rest.split('/').next()?.rsplit_once('@'));
    match login {
        Some((login, _)) => text.replace(login, "…"),
        None => text.to_owned(),
    }
}

/// A new empty folder among the system's temporary files.
fn temporary() -> Result<PathBuf, UpdateError> {
    let parent = std::env::temp_dir();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
    let process = std::process::id();
    let mut last = io::Error::from(io::ErrorKind::AlreadyExists);
    for attempt in 0..16 {
        let dir = parent.join(format!("prodcheck-advisories-{process}-{now}-{attempt}"));
        match fs::create_dir(&dir) {
            Ok(()) => return Ok(dir),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => last = error,
            Err(error) => {
                last = error;
                break;
            }
        }
    }
    Err(UpdateError::Write { path: parent, source: last })
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
