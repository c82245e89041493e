//! This room: the command line (what was typed, the terminal, subcommands, the exit code).
//! May touch: everything; standard output and error, the environment, the clock, processes' arguments.
//! Never: logic of the audit.

mod advisories;
mod args;
mod audit;
mod baseline;
mod changed;
mod clock;
mod config_error;
mod configuration;
mod crash;
mod env;
mod explain;
mod fixes;
mod init;
#[cfg(feature = "live-index")]
mod live;
mod output;
mod progress;
mod redaction;
mod rules;
mod terminal;

use std::env as process;
use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;

use args::{Cli, Command};

/// What a command comes to: an exit code, or what kept it from doing its job.
type Outcome = Result<u8, Failure>;

/// The job could not be done: exit code 2. Safe to show.
#[derive(Debug)]
struct Failure(String);

impl<E: std::error::Error> From<E> for Failure {
    fn from(error: E) -> Self {
        let mut text = error.to_string();
        let mut cause = error.source();
        while let Some(error) = cause {
            let more = error.to_string();
            if !text.ends_with(&more) {
                text.push_str(": ");
                text.push_str(&more);
            }
            cause = error.source();
        }
        Self(crate::model::shown(&text).into_owned())
    }
}

/// Runs the program with the process's arguments.
pub fn main() -> ExitCode {
    crash::install();
    let code = crash::guard(|| {
        let cli = match Cli::try_parse_from(arguments(process::args_os())) {
            Ok(cli) => cli,
            Err(error) => {
                // Help and version come this way too, with code 0. A closed pipe is nobody's fault.
                let _ = error.print();
                return u8::try_from(error.exit_code()).unwrap_or(2);
            }
        };
        match dispatch(&cli) {
            Ok(code) => code,
            Err(Failure(text)) => {
                // It may name a file, and names may hold secrets.
                output::say(&format!("error: {}", redaction::redacted(&text)));
                2
            }
        }
    });
    ExitCode::from(code)
}

fn dispatch(cli: &Cli) -> Outcome {
    match &cli.command {
        None => audit::run(&cli.audit),
        Some(Command::Rules(command)) => rules::run(command, &cli.audit),
        Some(Command::Explain(args)) => explain::run(args, &cli.audit),
        Some(Command::Init(args)) => init::run(args),
        Some(Command::Baseline(command)) => baseline::run(command, &cli.audit),
        Some(Command::Env(args)) => env::run(args, &cli.audit),
        Some(Command::Advisories(command)) => advisories::run(command, cli.audit.offline),
    }
}

/// `cargo prodcheck x` starts `cargo-prodcheck prodcheck x`; called directly there is no such word. Only
/// the first argument can be it: a folder of that name is `./prodcheck`, or the second word.
fn arguments(mut all: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = all.next().into_iter().collect();
    let mut rest = all.peekable();
    if rest.peek().is_some_and(|word| word == "prodcheck") {
        rest.next();
    }
    arguments.extend(rest);
    arguments
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_word_is_the_subcommand_of_cargo() {
        for (typed, meant) in [
            (&["cargo-prodcheck", "prodcheck", "src"][..], &["cargo-prodcheck", "src"][..]),
            (&["cargo-prodcheck", "src"], &["cargo-prodcheck", "src"]),
            (&["cargo-prodcheck", "prodcheck", "prodcheck"], &["cargo-prodcheck", "prodcheck"]),
            (&["cargo-prodcheck"], &["cargo-prodcheck"]),
            (&["cargo-prodcheck", "-q", "prodcheck"], &["cargo-prodcheck", "-q", "prodcheck"]),
        ] {
            let words = arguments(typed.iter().map(OsString::from));
            assert_eq!(words, meant.iter().map(OsString::from).collect::<Vec<_>>());
        }
    }

    #[test]
    fn the_definition_of_the_command_line_holds_together() {
        use clap::CommandFactory;
        Cli::command().debug_assert();
    }
}
