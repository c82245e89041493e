use memchr::memmem;

use super::places::{Place, commands};
use crate::detect::deploy::reach::Reach;
use crate::detect::deploy::reference::has_commit;
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
        let Some(found) = commands(view) else { return };
        for text in &found.texts {
            let commands = &*text.commands;
            for (at, command) in commands.iter().enumerate() {
                let Some(address) = fetched(command) else { continue };
                let Some(runner) = runner(commands, at) else { continue };
                let range = command.span.start.min(runner.span.start)..command.span.end.max(runner.span.end);
                let mut raw = Raw::at(range)
                    .message("a program from the network runs without a look at its digest".to_owned());
                raw.severity = Some(severity(rule.rule.severity, found.place, found.reach, address));
                emit.raw(raw);
            }
        }
    }
}

fn severity(of: Severity, place: Place, reach: Reach, address: &str) -> Severity {
    let is_held = has_commit(address);
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
        // What stands in the same substitution stands before its end.
        let end = command.inside.map_or(usize::MAX, |outer| commands[outer].span.end);
        let mut behind = commands[at + 1..].iter().take_while(|next| next.span.start < end);
        let next = behind.find(|next| next.inside == command.inside)?;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Language, RepoPath, Target};
    use crate::rules::Catalog;
    use crate::source::FileKind;

    #[track_caller]
    fn check(path: &str, language: Language, text: &str, expect: &[(Severity, &str)]) {
        let catalog = Catalog::built_in();
        let rule =
            Prepared::new(catalog.get("deps/piped-installer").expect("the rule"), true).expect("known");
        let path = RepoPath::from(path);
        let view = FileView::new(&path, text.as_bytes(), FileKind { language, target: Target::Config });
        let mut emit = Emit::default();
        Piped.file(&rule, &view, &mut emit);
        let found: Vec<_> = emit
            .raws
            .iter()
            .map(|raw| (raw.severity.expect("is said"), &text[raw.range.clone().expect("has a place")]))
            .collect();
        assert_eq!(found, expect, "{text}");
    }

    #[test]
    fn where_it_stands_decides_how_bad_it_is() {
        let command = "curl https://example.org/x | sh -s -- -y";
        let image = format!("FROM a:1\nRUN {command}\n");
        check("Dockerfile", Language::Dockerfile, &image, &[(Severity::Error, command)]);
        check("tests/Dockerfile", Language::Dockerfile, &image, &[(Severity::Note, command)]);
        let workflow = format!("jobs: {{a: {{steps: [{{run: '{command}'}}]}}}}\n");
        check(".github/workflows/ci.yml", Language::Yaml, &workflow, &[(Severity::Warning, command)]);
        check("setup.sh", Language::Shell, command, &[(Severity::Note, command)]);
        let held = "curl https://example.org/0123456789abcdef0123456789abcdef01234567/x | sh";
        check("Dockerfile", Language::Dockerfile, &format!("RUN {held}"), &[(Severity::Note, held)]);
    }

    #[test]
    fn only_what_runs_its_input_is_a_runner() {
        for quiet in [
            "curl https://example.org/x | sh check.sh",
            "curl https://example.org/x | python3 -m json.tool",
            "curl https://example.org/x | python3 -c 'print(1)'",
            "curl https://example.org/x | bash -c 'cat'",
            "eval x \"$(curl https://example.org/x)\"",
            "`curl https://example.org/sh",
            "curl 127.0.0.1:80/x | sh",
            "echo curl x/y | sh",
        ] {
            check("setup.sh", Language::Shell, quiet, &[]);
        }
        for loud in [
            "eval \"$(curl https://example.org/x)\"",
            "bash -e <(curl https://example.org/x)",
            "sudo bash -c \"$(wget -O- https://example.org/x)\"",
            "curl https://example.org/x | sudo -E python3 - --yes",
        ] {
            check("setup.sh", Language::Shell, loud, &[(Severity::Note, loud)]);
        }
    }
}
