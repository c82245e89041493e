//! This room: what the registry's index says now, asked over the network; built with the feature `live-index` alone.
//! May touch: `repo`, of it the index and the folder for caches; the network, files of the user's cache, threads.
//! Never: files of the audited repository, a name that no package of the registry can have.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, SystemTime};

use ureq::Agent;

use crate::model::shown;
use crate::repo::advisories::{Environment, ruled_out};
use crate::repo::index::{encoded, own_folder, path_of, revision};

/// Where the public registry serves its index: <https://doc.rust-lang.org/cargo/reference/registry-index.html>.
pub const DEFAULT_URL: &str = "https://index.crates.io/";

/// Another place of the same: an `https` URL for mirrors, or one of this machine.
pub const URL_VARIABLE: &str = "PRODCHECK_INDEX_URL";

/// So many packages are asked for at once.
const AT_ONCE: usize = 16;
/// Whoever does not answer within this time is not waited for.
const PATIENCE: Duration = Duration::from_secs(30);
/// No package has releases for an answer of this size, in bytes.
const LARGEST: u64 = 64 << 20;

/// What was learned.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Refreshed {
    /// How many packages were asked about.
    pub asked: usize,
    /// How many of them have other releases than were known, or others that are yanked.
    pub changed: usize,
    /// What the registry does not know.
    pub unknown: Vec<String>,
}

/// Why the index was not asked, or not to the end. What is known of a package is all from before or all from now.
#[derive(Debug, thiserror::Error)]
pub enum LiveError {
    /// The network was ruled out.
    #[error("asking the registry needs the network, and {0} rules it out")]
    Offline(&'static str),
    /// The environment names no folder for caches.
    #[error("there is no folder for caches: neither XDG_CACHE_HOME nor a home directory is set")]
    NoCache,
    /// It is no URL that is asked.
    #[error("{URL_VARIABLE} must be an https:// URL, or an http:// URL of 127.0.0.1")]
    Url,
    /// A file of the cache cannot be written.
    #[error("cannot write {}", .path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// There was no usable answer.
    #[error("the registry's index did not tell about {package}: {said}")]
    Answer {
        /// What was asked about. Safe to show.
        package: String,
        /// What came instead. Safe to show.
        said: String,
    },
}

/// What came of one question.
enum Answer {
    Same,
    Changed,
    Unknown,
}

/// Asks the index about these packages of the public registry and keeps the answers in the user's cache, where audits
/// find them. What has not changed since the last time is not sent again.
///
/// # Errors
/// See [`LiveError`]. The first error ends it; what was learned until then is kept.
pub fn refresh(names: &BTreeSet<&str>, offline: bool, env: &Environment) -> Result<Refreshed, LiveError> {
    if let Some(what) = ruled_out(offline, env) {
        return Err(LiveError::Offline(what));
    }
    let folder = own_folder(env).ok_or(LiveError::NoCache)?;
    let url = match env(URL_VARIABLE).filter(|value| !value.is_empty()) {
        Some(url) => url.into_string().map_err(|_| LiveError::Url)?,
        None => DEFAULT_URL.to_owned(),
    };
    let is_here = url.starts_with("http://127.0.0.1:");
    if !is_here && !url.starts_with("https://") {
        return Err(LiveError::Url);
    }
    let agent: Agent = Agent::config_builder()
        .https_only(!is_here)
        .http_status_as_error(false)
        .timeout_global(Some(PATIENCE))
        .max_idle_connections(AT_ONCE)
        .max_idle_connections_per_host(AT_ONCE)
        .user_agent(concat!("cargo-prodcheck/", env!("CARGO_PKG_VERSION")))
        .build()
        .into();
    // Names come from lock files and may be anything.
    let names: Vec<(&str, PathBuf)> = names.iter().filter_map(|name| Some((*name, path_of(name)?))).collect();
    let questions = Questions { agent, url: url.trim_end_matches('/'), folder: &folder };
    let (next, failed) = (AtomicUsize::new(0), AtomicBool::new(false));
    let answers = thread::scope(|scope| {
        let work = || {
            let mut answers = Vec::new();
            while !failed.load(Ordering::Relaxed) {
                let Some((name, path)) = names.get(next.fetch_add(1, Ordering::Relaxed)) else { break };
                let answer = questions.ask(name, path);
                failed.fetch_or(answer.is_err(), Ordering::Relaxed);
                answers.push((*name, answer));
            }
            answers
        };
        let workers: Vec<_> = (0..AT_ONCE.min(names.len())).map(|_| scope.spawn(work)).collect();
        workers.into_iter().filter_map(|worker| worker.join().ok()).flatten().collect::<Vec<_>>()
    });
    let mut refreshed = Refreshed { asked: names.len(), ..Refreshed::default() };
    for (name, answer) in answers {
        match answer? {
            Answer::Same => {}
            Answer::Changed => refreshed.changed += 1,
            Answer::Unknown => refreshed.unknown.push(name.to_owned()),
        }
    }
    refreshed.unknown.sort();
    Ok(refreshed)
}

struct Questions<'a> {
    agent: Agent,
    url: &'a str,
    folder: &'a Path,
}

impl Questions<'_> {
    fn ask(&self, name: &str, path: &Path) -> Result<Answer, LiveError> {
        let failed = |said: &dyn std::fmt::Display| LiveError::Answer {
            package: shown(name).into_owned(),
            said: shown(&said.to_string()).replace(['\n', '\t'], " "),
        };
        let file = self.folder.join(path);
        let known = fs::read(&file).ok();
        let parts: Vec<&str> = path.iter().filter_map(|part| part.to_str()).collect();
        let mut request = self.agent.get(format!("{}/{}", self.url, parts.join("/")));
        if let Some(tag) = known.as_deref().and_then(revision) {
            request = request.header("if-none-match", tag);
        }
        let mut response = request.call().map_err(|error| failed(&error))?;
        match response.status().as_u16() {
            200 => {}
            304 => {
                // Of the places that know a package the one counts that was written last.
                let touched = fs::File::options()
                    .write(true)
                    .open(&file)
                    .and_then(|file| file.set_modified(SystemTime::now()));
                return touched
                    .map(|()| Answer::Same)
                    .map_err(|source| LiveError::Write { path: file, source });
            }
            404 | 410 | 451 => return Ok(Answer::Unknown),
            status => return Err(failed(&format_args!("it answers with status {status}"))),
        }
        let tag =
            response.headers().get("etag").and_then(|tag| tag.to_str().ok()).unwrap_or_default().to_owned();
        let lines = response.body_mut().with_config().limit(LARGEST).read_to_vec();
        let lines = lines.map_err(|error| failed(&error))?;
        let bytes = encoded(&tag, &lines).ok_or_else(|| failed(&"what it sends is no index"))?;
        let is_same = known.is_some_and(|known| known == bytes);
        write(&file, &bytes).map_err(|source| LiveError::Write { path: file, source })?;
        Ok(if is_same { Answer::Same } else { Answer::Changed })
    }
}

/// Writes the file beside its place first, so that nobody ever reads half of it.
fn write(file: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = file.parent().ok_or(io::ErrorKind::InvalidFilename)?;
    fs::create_dir_all(folder)?;
    // No package begins with a dot.
    let mut beside = tempfile::Builder::new().prefix(".").tempfile_in(folder)?;
    beside.write_all(bytes)?;
    beside.persist(file).map(|_| ()).map_err(|error| error.error)
}
