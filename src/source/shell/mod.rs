//! The commands of shell text, wherever it stands: in scripts, recipes, `RUN` of Dockerfiles, `run:` of pipelines.
//!
//! No shell: quotes, substitutions, redirections and here-documents are told apart as POSIX says
//! (<https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html>), so that each word knows its
//! bytes; nothing is expanded.

mod read;
#[cfg(test)]
mod tests;

use std::ops::Range;

pub use read::shell_commands;

/// Where the text stands decides how its lines go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShellDialect {
    /// A script: `\` at the end of a line.
    Script,
    /// Behind `RUN`: the same with this character, and comments and empty lines between continued lines are none.
    Dockerfile {
        /// `\`, or what the directive `escape` says.
        escape: u8,
    },
}

/// A word of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShellWord {
    /// What the shell sees: without quotes; what it would expand stands as written.
    pub text: String,
    /// Its bytes, quotes included.
    pub span: Range<usize>,
    /// Whether nothing in it is expanded.
    pub is_literal: bool,
}

/// A simple command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShellCommand {
    /// `NAME=value` in front of it.
    pub assignments: Vec<ShellWord>,
    /// The program and its arguments; without redirections. Empty where only variables are set.
    pub words: Vec<ShellWord>,
    /// From its first word to the end of its last.
    pub span: Range<usize>,
    /// Whether its output is the next command's input: `a | b`.
    pub is_piped: bool,
    /// The command, by its place in the list, into whose words its output goes: `$(…)`, `` `…` ``, `<(…)`.
    pub inside: Option<usize>,
}

/// Programs that only run another one, with the flags of theirs that take a value.
const WRAPPERS: &[(&str, &[&str])] = &[
    ("sudo", &["-u", "-g", "-h", "-p", "-C", "-D", "-R", "-T"]),
    ("doas", &["-u", "-C"]),
    ("env", &["-u", "-C", "-S"]),
    ("exec", &["-a"]),
    ("command", &[]),
    ("builtin", &[]),
    ("nohup", &[]),
    ("time", &["-f", "-o"]),
    ("nice", &["-n"]),
    ("ionice", &["-c", "-n"]),
    ("timeout", &["-k", "-s"]),
    ("stdbuf", &["-i", "-o", "-e"]),
    ("retry", &["-t"]),
];

impl ShellCommand {
    /// The words from the program on that does the work: without `sudo -E`, `env A=b` and their like.
    pub fn essence(&self) -> &[ShellWord] {
        let mut words = &*self.words;
        while let Some((first, rest)) = words.split_first() {
            let Some((name, with_value)) = WRAPPERS.iter().find(|(name, _)| *name == base_name(&first.text))
            else {
                break;
            };
            let mut rest = rest;
            while let Some(word) = rest.first() {
                let is_flag = word.text.starts_with('-') && word.text.len() > 1;
                let is_setting = *name == "env" && word.text.contains('=');
                let is_length = *name == "timeout" && word.text.starts_with(|c: char| c.is_ascii_digit());
                if !(is_flag || is_setting || is_length) {
                    break;
                }
                let taken = if with_value.contains(&&*word.text) { 2 } else { 1 };
                rest = rest.get(taken..).unwrap_or_default();
            }
            words = rest;
        }
        words
    }

    /// The name of the program that does the work, without its folder.
    pub fn program(&self) -> Option<&str> {
        self.essence().first().map(|word| base_name(&word.text))
    }
}

fn base_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}
