use memchr::memmem;

use super::arguments::positional;
use super::cargo_install::CargoInstall;
use super::places::{Place, commands};
use crate::detect::{Detector, Emit, Needs, Prepared, Raw};
use crate::model::Severity;
use crate::rules::rule::Text;
use crate::source::{FileView, ShellCommand, ShellWord};

/// Packages that a command installs in whatever version is newest.
///
/// In what ships and in pipelines that release a warning, elsewhere a note. The rule's words: `bootstrap`, packages
/// that only install others.
pub(in crate::detect::deps) struct Unpinned;

/// What an install takes without holding it.
struct Loose<'w> {
    words: Vec<&'w ShellWord>,
    fix: &'static str,
    /// It is held in part.
    is_mild: bool,
}

impl Detector for Unpinned {
    fn name(&self) -> &'static str {
        "unpinned-install"
    }

    fn needs(&self) -> Needs {
        Needs::File
    }

    fn file(&self, rule: &Prepared, view: &FileView, emit: &mut Emit) {
        let has = |word: &[u8]| memmem::find(view.bytes(), word).is_some();
        if !has(b"install") && !has(b" add") && !has(b" i ") {
            return;
        }
        let Some(commands) = commands(view).filter(|commands| commands.place != Place::Script) else {
            return;
        };
        let bootstrap = rule.rule.detect.words("bootstrap");
        for (command, _) in commands.each() {
            let Some(loose) = loose(command) else { continue };
            let (Some(first), Some(last)) = (loose.words.first(), loose.words.last()) else { continue };
            let names: Vec<&str> = loose.words.iter().map(|word| &*word.text).collect();
            let only_bootstrap = names.iter().all(|name| is_bootstrap(name, bootstrap));
            let is_note = loose.is_mild || only_bootstrap || !commands.ships();
            let what = match names.len() {
                1 => format!("{} is installed in whatever version is newest", names[0]),
                n => format!("{} and {} more are installed in whatever version is newest", names[0], n - 1),
            };
            let mut raw = Raw::at(first.span.start..last.span.end).message(what).fix(loose.fix);
            raw.severity = Some(if is_note { Severity::Note } else { rule.rule.severity });
            emit.raw(raw);
        }
    }
}

fn is_bootstrap(name: &str, bootstrap: &[Text]) -> bool {
    bootstrap.iter().any(|known| *known == name)
}

/// What a command installs without a version; `None` if it installs nothing, or nothing loosely.
fn loose(command: &ShellCommand) -> Option<Loose<'_>> {
    if let Some(loose) = cargo(command) {
        return Some(loose);
    }
    let words = command.essence();
    let program = words.first()?.text.rsplit('/').next()?;
    let arguments = &words[1..];
    let word = |at: usize| arguments.get(at).map_or("", |word| &*word.text);
    let bare = program.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    match (bare, word(0), word(1)) {
        ("pip" | "pipx", "install", _) => pip(&arguments[1..]),
        ("python", "-m", "pip") if word(2) == "install" => pip(&arguments[3..]),
        ("uv", "pip" | "tool", "install") => pip(&arguments[2..]),
        ("npm", "install" | "i" | "add", _) | ("pnpm", "add", _) => npm(&arguments[1..]),
        ("yarn", "global", "add") => npm(&arguments[2..]),
        ("gem", "install", _) => gem(&arguments[1..]),
        ("go", "install", _) => go(&arguments[1..]),
        _ => None,
    }
}

fn found<'w>(words: Vec<&'w ShellWord>, fix: &'static str) -> Option<Loose<'w>> {
    (!words.is_empty()).then_some(Loose { words, fix, is_mild: false })
}

/// Flags of pip that take a value.
const PIP_VALUES: &[&str] = &[
    "-r",
    "--requirement",
    "-e",
    "--editable",
    "-i",
    "--index-url",
    "--extra-index-url",
    "-t",
    "--target",
    "--prefix",
    "--root",
    "--root-user-action",
    "--upgrade-strategy",
    "--use-feature",
    "--use-deprecated",
    "--config-settings",
    "--global-option",
    "--index-strategy",
    "--progress-bar",
    "--no-binary",
    "--only-binary",
    "-f",
    "--find-links",
    "--trusted-host",
    "--python",
    "-p",
    "--platform",
    "--group",
    "--no-binary",
    "--only-binary",
    "--cache-dir",
    "--timeout",
    "--retries",
    "--src",
    "--with",
    "--proxy",
    "--cert",
    "--log",
    "--progress-bar",
    "--python-version",
    "--index",
    "--default-index",
];

fn pip(words: &[ShellWord]) -> Option<Loose<'_>> {
    let has = |flags: &[&str]| {
        words.iter().any(|word| {
            flags.iter().any(|flag| word.text == *flag || word.text.starts_with(&format!("{flag}=")))
        })
    };
    if has(&["-c", "--constraint", "--require-hashes", "--no-index"]) {
        return None;
    }
    let is_loose = |word: &ShellWord| {
        let name_len = word
            .text
            .find(|c: char| !(c.is_ascii_alphanumeric() || "-_.".contains(c)))
            .unwrap_or(word.text.len());
        let rest = &word.text[name_len..];
        let rest =
            if rest.starts_with('[') { rest.split_once(']').map_or("", |(_, rest)| rest) } else { rest };
        let is_file = [".", ".whl", ".zip", ".gz"].iter().any(|end| word.text.ends_with(end));
        let is_floor = rest.trim_start().starts_with('>') && !rest.contains('<');
        word.is_literal
            && name_len > 0
            && !word.text.starts_with('.')
            && !is_file
            && (rest.trim().is_empty() || is_floor)
    };
    let words = positional(words, PIP_VALUES).into_iter().filter(|word| is_loose(word)).collect();
    found(words, "Write name==<version>, or install from a file with -r and hashes.")
}

fn npm(words: &[ShellWord]) -> Option<Loose<'_>> {
    const WITH_VALUE: &[&str] =
        &["--prefix", "-C", "--registry", "--cache", "-w", "--workspace", "--loglevel"];
    let is_loose = |word: &ShellWord| {
        let text = &*word.text;
        let scope = text.strip_prefix('@').unwrap_or(text);
        let (name, version) =
            scope.split_once('@').map_or((scope, None), |(name, version)| (name, Some(version)));
        let is_path = text.starts_with('.') || text.contains(':') || text.contains(".tgz");
        let is_repository = !text.starts_with('@') && name.contains('/');
        word.is_literal
            && !is_path
            && !is_repository
            && matches!(version, None | Some("latest" | "next" | "*"))
    };
    let words = positional(words, WITH_VALUE).into_iter().filter(|word| is_loose(word)).collect();
    found(words, "Write name@<version>, or put it into package.json and run npm ci.")
}

/// That the lock file of a program is passed over is what `cargo-install-unlocked` says.
fn cargo(command: &ShellCommand) -> Option<Loose<'_>> {
    let install = CargoInstall::of(command)?;
    let mut loose = found(
        install.without_version(),
        "Name the version: cargo install name@<version> --locked, or --rev <commit> behind --git.",
    )?;
    loose.is_mild = install.git.is_none();
    Some(loose)
}

fn gem(words: &[ShellWord]) -> Option<Loose<'_>> {
    if words.iter().any(|word| word.text == "-v" || word.text.starts_with("--version")) {
        return None;
    }
    let names =
        positional(words, &["-i", "--install-dir", "-n", "--bindir", "-s", "--source", "-g", "--file"]);
    let is_loose = |word: &&ShellWord| {
        word.is_literal && !word.text.contains([':', '/']) && word.text.rsplit('.').next() != Some("gem")
    };
    found(
        names.into_iter().filter(is_loose).collect(),
        "Write -v <version>, or install from a Gemfile with its lock.",
    )
}

fn go(words: &[ShellWord]) -> Option<Loose<'_>> {
    let names = positional(words, &["-tags", "-ldflags", "-mod", "-o", "-p"]);
    let is_loose = |word: &&ShellWord| {
        word.text.ends_with("@latest") || word.text.ends_with("@master") || word.text.ends_with("@main")
    };
    found(
        names.into_iter().filter(is_loose).collect(),
        "Write path@<version> in place of the branch or latest.",
    )
}
