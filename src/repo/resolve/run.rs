use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Instant;

use cargo_metadata::{Metadata, MetadataCommand};

use super::scratch::Scratch;
use super::toolchain::{Toolchain, cargo_home, rustup_home};
use crate::model::shown;
use crate::repo::advisories::Environment;

/// Why cargo was not asked, or has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ResolveError {
    /// There is no cargo.
    #[error("--resolve needs cargo, and no toolchain was found")]
    NoCargo,
    /// The cargo there is belongs to the repository.
    #[error("--resolve does not start a cargo that lies in the repository")]
    CargoInside,
    /// The folder of the user's configuration belongs to the repository.
    #[error(
        "--resolve was refused: CARGO_HOME lies in the repository, so that cargo would take its configuration for yours"
    )]
    HomeInside,
    /// There is no folder to start cargo in.
    #[error(
        "--resolve needs an empty folder outside of the repository, and neither the user's cache nor the folder of \
             temporary files can hold one"
    )]
    NoScratch,
    /// The name of the manifest means nothing on this system.
    #[error("the manifest's name cannot be handed to cargo")]
    NoName,
    /// The repository's configuration names a program.
    #[error(
        "--resolve was refused: {key} of {file} names a program; --trust asks all the same, without reading that file"
    )]
    Refused {
        /// The configuration. To be masked before it is shown.
        file: String,
        /// The key. Likewise.
        key: String,
    },
    /// The repository's configuration cannot be judged.
    #[error("--resolve was refused: {file}: {why}; --trust asks all the same, without reading that file")]
    Config {
        /// The configuration. To be masked before it is shown.
        file: String,
        /// What is wrong.
        why: String,
    },
    /// Cargo could not be started, or did not end in time.
    #[error("cargo {0}")]
    Broken(&'static str),
    /// Cargo says no.
    #[error("cargo metadata --offline --locked failed: {0}")]
    Failed(String),
}

/// More than this it does not say.
const LONGEST_ANSWER: u64 = 512 << 20;
/// Of what it says when it fails no more is repeated.
const LONGEST_COMPLAINT: usize = 400;

/// What of the environment is passed on. Everything that chooses programs is set by us.
const PASSED_ON: &[&str] =
    &["HOME", "USERPROFILE", "HOMEDRIVE", "HOMEPATH", "SYSTEMROOT", "SystemRoot", "TMPDIR", "TEMP", "TMP"];

/// Runs `cargo metadata` on a manifest, so that nothing of the repository runs: cargo reads the configuration of the folder
/// it stands in, so it stands in an empty one; the compiler and what is put before it are named in the environment,
/// which beats every file; cargo itself is started by its path and not through rustup's stand-in, which would ask
/// the repository for a toolchain; Git's variables are not passed on. With `--offline` and `--locked` it
/// neither asks a network nor a registry's credentials, nor writes to the repository.
pub(super) fn metadata(
    toolchain: &Toolchain,
    scratch: &Scratch,
    manifest: &Path,
    more: &[&str],
    env: &Environment,
    until: Instant,
) -> Result<Metadata, ResolveError> {
    let mut options: Vec<String> = vec!["--offline".into(), "--locked".into()];
    options.extend(more.iter().map(|&option| option.to_owned()));
    let mut asked = MetadataCommand::new();
    asked.cargo_path(&toolchain.cargo).manifest_path(manifest).other_options(options);
    let mut command = asked.cargo_command();
    harden(&mut command, toolchain, scratch, env);
    let mut child = command.spawn().map_err(|_| ResolveError::Broken("could not be started"))?;
    let (answer, complaint) = (listen(child.stdout.take()), listen(child.stderr.take()));
    let left = || until.saturating_duration_since(Instant::now());
    let (Ok(answer), Ok(complaint)) = (answer.recv_timeout(left()), complaint.recv_timeout(left())) else {
        end(&mut child);
        return Err(ResolveError::Broken("did not answer in time"));
    };
    let status = child.wait().map_err(|_| ResolveError::Broken("was lost"))?;
    if !status.success() {
        return Err(ResolveError::Failed(said(&complaint)));
    }
    let text = String::from_utf8(answer).map_err(|_| ResolveError::Broken("answered in no UTF-8"))?;
    MetadataCommand::parse(text).map_err(|_| ResolveError::Broken("answered in a form that is not known"))
}

fn harden(command: &mut Command, toolchain: &Toolchain, scratch: &Scratch, env: &Environment) {
    command.env_clear();
    for name in PASSED_ON {
        if let Some(value) = env(name) {
            command.env(name, value);
        }
    }
    if let Some(home) = cargo_home(env) {
        command.env("CARGO_HOME", home);
    }
    if let Some(home) = rustup_home(env) {
        command.env("RUSTUP_HOME", home);
    }
    if let Some(name) = &toolchain.name {
        command.env("RUSTUP_TOOLCHAIN", name);
    }
    if let Some(bin) = toolchain.cargo.parent() {
        command.env("PATH", bin);
    }
    command
        .env("RUSTC", &toolchain.rustc)
        .env("RUSTC_WRAPPER", "")
        .env("RUSTC_WORKSPACE_WRAPPER", "")
        .env("CARGO_NET_OFFLINE", "true")
        .env("CARGO_TERM_COLOR", "never")
        // Cargo notes there what the compiler said of itself.
        .env("CARGO_TARGET_DIR", &scratch.target)
        .env("LC_ALL", "C")
        .current_dir(&scratch.empty)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
}

/// Reads all of a pipe beside the other one, so that neither fills up.
fn listen(pipe: Option<impl Read + Send + 'static>) -> mpsc::Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(pipe) = pipe {
            // What was read until an error counts: the answer does not parse then.
            let _ = pipe.take(LONGEST_ANSWER).read_to_end(&mut bytes);
        }
        // Nobody waits any more if this fails.
        let _ = sender.send(bytes);
    });
    receiver
}

fn end(child: &mut Child) {
    let _ = child.kill();
    let _ = child.wait();
}

/// The first of cargo's errors with its causes, in one line. Not what it quotes: that may be a file that the repository
/// made it read, wherever it lies.
fn said(complaint: &[u8]) -> String {
    let text = String::from_utf8_lossy(complaint);
    let from = text.find("error:").map_or(0, |at| at + "error:".len());
    let quoted = |line: &&str| {
        let line = line.trim_start_matches(|c: char| c.is_ascii_digit() || c == ' ');
        line.starts_with('|') || line.starts_with("-->")
    };
    let words: Vec<&str> =
        text[from..].lines().filter(|line| !quoted(line)).flat_map(str::split_whitespace).collect();
    let mut line = words.join(" ");
    if let Some((end, _)) = line.char_indices().nth(LONGEST_COMPLAINT) {
        line.truncate(end);
        line.push('…');
    }
    shown(&line).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cargo_says_becomes_one_line() {
        let text = b"warning: x\nerror: failed to select\n\nCaused by:\n  a \x1b[31mreason\n";
        assert_eq!(said(text), "failed to select Caused by: a \\u{1b}[31mreason");
        let text = b"error: invalid key\n  --> x/Cargo.toml:1:5\n   |\n12 | what stands there\n   |  ^^^\nCaused by:\n  b\n";
        assert_eq!(said(text), "invalid key Caused by: b");
        assert_eq!(said(&[b'a'; 1000]).chars().count(), LONGEST_COMPLAINT + 1);
    }
}
