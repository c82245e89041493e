use memchr::memmem;

use super::places::{Commands, Place, commands};
use crate::detect::deploy::reach::Reach;
use crate::detect::{Detector, Emit, Needs, Prepared, Raw};
use crate::model::Severity;
use crate::source::{FileView, ShellCommand, ShellWord};

/// Programs from the network that run without anybody having looked at them: `curl … | sh`.
///
/// In an image an error, in a pipeline a warning, in a script for people a note.
pub(in crate::detect::deps) struct Piped;

const SHELLS: &[&str] = &["sh", "bash", "zsh", "dash", "ksh", "ash", "fish"];

impl Detector for Piped {
    fn name(&self) -> &'static str {
        "piped-installer"
    }

    fn needs(&self) -> Needs {
        Needs::File
    }

    fn file(&self, rule: &Prepared, view: &FileView, emit: &mut Emit) {
        let has = |what: &[u8]| memmem::find(view.bytes(), what).is_some();
        if !has(b"curl") && !has(b"wget") {
            return;
        }
        let Some(Commands { place, reach, texts }) = commands(view) else { return };
        for commands in &texts {
            for (at, command) in commands.iter().enumerate() {
                let Some(address) = fetched(command) else { continue };
                let Some(runner) = runner(commands, at) else { continue };
                let range = command.span.start.min(runner.span.start)..command.span.end.max(runner.span.end);
                let mut raw = Raw::at(range)
                    .message("a program from the network runs without a look at its digest".to_owned());
                raw.severity = Some(severity(rule.rule.severity, place, reach, address));
                emit.raw(raw);
            }
        }
    }
}

fn severity(of: Severity, place: Place, reach: Reach, address: &str) -> Severity {
    let is_held = address
        .split(|c: char| !c.is_ascii_alphanumeric())
        .any(|part| matches!(part.len(), 40 | 64) && part.bytes().all(|b| b.is_ascii_hexdigit()));
    match place {
        _ if is_held || reach == Reach::Rehearsal => Severity::Note,
        Place::Image => of,
        Place::Pipeline => of.min(Severity::Warning),
        Place::Script => Severity::Note,
    }
}

/// The address that a command fetches from elsewhere, to its output.
fn fetched(command: &ShellCommand) -> Option<&str> {
    if !matches!(command.program()?, "curl" | "wget") {
        return None;
    }
    let words = &command.essence()[1..];
    let address =
        words.iter().find(|word| !word.text.starts_with('-') && word.text.contains(['/', '.', '$']))?;
    let host = address.text.split_once("://").map_or(&*address.text, |(_, rest)| rest);
    let is_here = ["localhost", "127.0.0.1", "169.254.", "[::1]"].iter().any(|here| host.starts_with(here));
    (!is_here && !address.text.starts_with("file:")).then_some(&address.text)
}

/// The command that runs what the one at this place prints.
fn runner(commands: &[ShellCommand], at: usize) -> Option<&ShellCommand> {
    let command = &commands[at];
    if command.is_piped {
        let next = commands[at + 1..].iter().find(|next| next.inside == command.inside)?;
        let words = next.essence();
        let name = next.program()?;
        return runs_its_input(name, &words[1..]).then_some(next);
    }
    // `sh -c "$(curl …)"`, `eval "$(curl …)"`, `bash <(curl …)`
    let outer = commands.get(command.inside?)?;
    let words = outer.essence();
    let name = outer.program()?;
    let is_argument =
        |word: &ShellWord| word.span.start <= command.span.start && command.span.end <= word.span.end;
    let nth = words.iter().position(is_argument)?;
    let runs = match name {
        "eval" | "source" | "." => nth == 1,
        _ if SHELLS.contains(&name) => {
            words.get(1..nth).is_some_and(|before| before.iter().all(|word| word.text.starts_with('-')))
        }
        _ => false,
    };
    runs.then_some(outer)
}

/// Whether a program with these arguments runs what it is sent.
fn runs_its_input(name: &str, arguments: &[ShellWord]) -> bool {
    let bare = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    let first = arguments.iter().find(|word| !word.text.starts_with('-') || word.text == "-");
    let reads_input = first.is_none_or(|word| matches!(&*word.text, "-" | "/dev/stdin"));
    let has = |flags: &[&str]| arguments.iter().any(|word| flags.contains(&&*word.text));
    if SHELLS.contains(&bare) {
        return !has(&["-c"]) && (reads_input || has(&["-s", "-es", "-se", "-xs"]));
    }
    matches!(bare, "python" | "perl" | "ruby" | "node" | "php")
        && reads_input
        && !has(&["-c", "-m", "-e", "-r", "-p", "-n", "-ne", "-pe"])
        && !arguments.iter().any(|word| word.text.starts_with("-e") || word.text.starts_with("-m"))
}
