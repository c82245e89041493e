//! Start commands, wherever they stand: what an image, a service of Compose, a pod, a platform, a unit of systemd or
//! a package's `start` runs. One reader for all, so that rules ask what is started, not where.

mod elsewhere;
mod places;
#[cfg(test)]
mod tests;

use std::ops::Range;

pub use places::start_commands;

use super::{ShellCommand, ShellWord};

/// Where a start command stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StartPlace {
    /// `CMD` or `ENTRYPOINT` of an image.
    Image,
    /// `command` of a Compose service.
    Service,
    /// `command` and `args` of a container in a pod.
    Pod,
    /// A line of a Procfile, or what another platform's file says that it starts.
    Platform,
    /// `ExecStart` of a unit of systemd.
    Unit,
    /// `start` of a `package.json`.
    Package,
    /// A script that is called after starting.
    Script,
    /// What a pipeline tells a platform to start.
    Pipeline,
    /// A recipe of a Makefile that is named after production.
    Make,
}

/// A command that starts something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StartCommand {
    /// Where it stands.
    pub place: StartPlace,
    /// What it starts, where that has a name: a service, a type of process, a stage.
    pub name: String,
    /// The words from the program on that does the work: without `sudo`, `exec`, `poetry run`, `python -m`. Never empty.
    pub words: Vec<ShellWord>,
    /// All of it.
    pub span: Range<usize>,
}

/// Programs that start another one, by the words in front of it.
const RUNNERS: &[&[&str]] = &[
    &["poetry", "run"],
    &["uv", "run"],
    &["pipenv", "run"],
    &["pdm", "run"],
    &["hatch", "run"],
    &["rye", "run"],
    &["bundle", "exec"],
    &["npx"],
    &["bunx"],
    &["pnpm", "exec"],
    &["pnpm", "dlx"],
    &["yarn", "exec"],
    &["dotenv", "run"],
    &["tini", "--"],
    &["dumb-init", "--"],
    &["dumb-init"],
    &["tini"],
    &["doppler", "run", "--"],
    &["opentelemetry-instrument"],
    &["newrelic-admin", "run-program"],
    &["ddtrace-run"],
    &["honcho", "run"],
    &["cross-env"],
];

impl StartCommand {
    /// A start by these words; `None` if nothing is left of them.
    fn new(place: StartPlace, name: &str, command: &ShellCommand) -> Option<Self> {
        let words = work(command.essence());
        let (first, last) = (words.first()?, words.last()?);
        let span = first.span.start.min(last.span.start)..last.span.end.max(first.span.end);
        Some(Self { place, name: name.to_owned(), words: words.to_vec(), span })
    }

    /// The program's name without its folder; of `python -m name` that name.
    pub fn program(&self) -> &str {
        let text = self.words.first().map_or("", |word| &*word.text);
        text.rsplit('/').next().unwrap_or(text)
    }

    /// The arguments.
    pub fn arguments(&self) -> &[ShellWord] {
        self.words.get(1..).unwrap_or_default()
    }

    /// The argument at this place.
    pub fn argument(&self, at: usize) -> Option<&str> {
        self.arguments().get(at).map(|word| &*word.text)
    }

    /// The flag of one of these names.
    pub fn flag(&self, names: &[&str]) -> Option<&ShellWord> {
        self.arguments().iter().find(|word| {
            let name = word.text.split('=').next().unwrap_or(&word.text);
            names.contains(&name)
        })
    }

    /// The value of the flag of one of these names: `--workers 4`, `--workers=4`, `-w4`. Of several the last, which is
    /// the one that programs keep.
    pub fn value(&self, names: &[&str]) -> Option<(&str, Range<usize>)> {
        let arguments = self.arguments();
        (0..arguments.len()).rev().find_map(|at| {
            let word = &arguments[at];
            if let Some((name, value)) = word.text.split_once('=')
                && names.contains(&name)
            {
                return Some((value, word.span.clone()));
            }
            if names.contains(&&*word.text) {
                let value = arguments.get(at + 1)?;
                return Some((&value.text, word.span.start..value.span.end));
            }
            // `-w4`: a short flag with its number.
            let mut short = names.iter().filter(|name| name.len() == 2 && !name.starts_with("--"));
            let glued = short.find_map(|name| word.text.strip_prefix(name))?;
            let is_number = !glued.is_empty() && glued.bytes().all(|b| b.is_ascii_digit());
            is_number.then(|| (glued, word.span.clone()))
        })
    }

    /// The number that a flag is given; `None` also for what a variable decides.
    pub fn number(&self, names: &[&str]) -> Option<u64> {
        self.value(names)?.0.parse().ok()
    }
}

/// The words from the program on that does the work.
fn work(mut words: &[ShellWord]) -> &[ShellWord] {
    for _ in 0..8 {
        let text = |at: usize| words.get(at).map_or("", |word| word.text.rsplit('/').next().unwrap_or(""));
        let runner = RUNNERS.iter().find(|runner| {
            runner.iter().enumerate().all(|(at, part)| text(at) == *part) && words.len() > runner.len()
        });
        if let Some(runner) = runner {
            let mut rest = &words[runner.len()..];
            while let Some(word) =
                rest.first().filter(|word| word.text.starts_with('-') || word.text.contains('='))
            {
                let _ = word;
                rest = &rest[1..];
            }
            words = rest;
            continue;
        }
        let is_python = text(0)
            .strip_prefix("python")
            .is_some_and(|version| version.bytes().all(|b| b.is_ascii_digit() || b == b'.'));
        if is_python {
            // `python -u -m gunicorn …`: what is behind `-m` is the program.
            let at = words
                .iter()
                .skip(1)
                .take_while(|word| word.text.starts_with('-'))
                .position(|w| w.text == "-m");
            if let Some(at) = at.filter(|at| words.len() > at + 2) {
                words = &words[at + 2..];
                continue;
            }
        }
        return words;
    }
    words
}
