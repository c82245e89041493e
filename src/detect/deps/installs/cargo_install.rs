use super::arguments::positional;
use crate::source::{ShellCommand, ShellWord};

/// `cargo install`, as far as a command says what it takes.
pub(super) struct CargoInstall<'c> {
    /// The word `install`.
    pub(super) word: &'c ShellWord,
    /// The names of packages that stand there literally.
    pub(super) names: Vec<&'c ShellWord>,
    /// What stands behind `--path`.
    pub(super) path: Option<&'c str>,
    /// The address behind `--git`.
    pub(super) git: Option<&'c ShellWord>,
    /// Whether the lock file of the program is obeyed.
    pub(super) is_locked: bool,
    /// Whether a version, a commit or a tag is named.
    pub(super) has_version: bool,
}

/// Flags that take a value.
const WITH_VALUE: &[&str] = &[
    "--path",
    "--git",
    "--branch",
    "--tag",
    "--rev",
    "--version",
    "--vers",
    "--root",
    "--features",
    "-F",
    "--target",
    "--registry",
    "--index",
    "--profile",
    "--bin",
    "--example",
    "-j",
    "--jobs",
    "--target-dir",
    "--config",
    "--color",
];

impl<'c> CargoInstall<'c> {
    /// What a command installs; `None` for every other one.
    pub(super) fn of(command: &'c ShellCommand) -> Option<Self> {
        let mut words = command.essence().iter().peekable();
        if words.next()?.text.rsplit('/').next()? != "cargo" {
            return None;
        }
        // `cargo +nightly install`
        while words.next_if(|word| word.text.starts_with('+')).is_some() {}
        let word = words.next().filter(|word| word.text == "install")?;
        let arguments: Vec<&ShellWord> = words.collect();
        let has = |flags: &[&str]| arguments.iter().any(|word| flags.contains(&flag_of(&word.text)));
        let value = |flag: &str| {
            arguments.iter().enumerate().find_map(|(at, word)| match word.text.strip_prefix(flag)? {
                "" => arguments.get(at + 1).copied(),
                rest => rest.starts_with('=').then_some(*word),
            })
        };
        let names = positional(arguments.iter().copied(), WITH_VALUE);
        Some(Self {
            word,
            names: names.into_iter().filter(|word| word.is_literal).collect(),
            path: value("--path").map(|word| word.text.trim_start_matches("--path=")),
            git: value("--git"),
            is_locked: has(&["--locked", "--frozen"]),
            has_version: has(&["--version", "--vers", "--rev", "--tag"]),
        })
    }

    /// Those names that stand there without a version.
    pub(super) fn without_version(&self) -> Vec<&'c ShellWord> {
        if self.path.is_some() || self.has_version {
            return Vec::new();
        }
        match self.git {
            Some(address) => vec![address],
            None => self.names.iter().copied().filter(|name| !name.text.contains('@')).collect(),
        }
    }
}

fn flag_of(text: &str) -> &str {
    text.split_once('=').map_or(text, |(flag, _)| flag)
}
