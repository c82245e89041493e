use super::arguments::positional;
use super::places::{Place, commands};
use crate::detect::deploy::reach::Reach;
use crate::detect::{Detector, Emit, Needs, Prepared, Raw};
use crate::source::{FileView, ShellCommand, ShellWord};

/// Packages of the distribution that an image takes in whatever version is newest.
pub(in crate::detect::deps) struct SystemPackages;

impl Detector for SystemPackages {
    fn name(&self) -> &'static str {
        "unpinned-system-package"
    }

    fn needs(&self) -> Needs {
        Needs::File
    }

    fn file(&self, _: &Prepared, view: &FileView, emit: &mut Emit) {
        let Some(commands) = commands(view).filter(|commands| commands.place == Place::Image) else { return };
        if commands.reach == Reach::Rehearsal {
            return;
        }
        for (command, _) in commands.each() {
            let loose = loose(command);
            let (Some(first), Some(last)) = (loose.first(), loose.last()) else { continue };
            let what = match loose.len() {
                1 => format!("{} is installed in whatever version is newest", first.text),
                n => format!("{} and {} more are installed in whatever version is newest", first.text, n - 1),
            };
            emit.raw(Raw::at(first.span.start..last.span.end).message(what));
        }
    }
}

/// Flags that take a value, of all of these programs.
const WITH_VALUE: &[&str] = &[
    "-t",
    "--target-release",
    "-o",
    "--option",
    "-c",
    "--repo",
    "--enablerepo",
    "--disablerepo",
    "--virtual",
];

/// The packages without a version of an `apt-get install` and its like.
fn loose(command: &ShellCommand) -> Vec<&ShellWord> {
    let words = command.essence();
    let Some((first, arguments)) = words.split_first() else { return Vec::new() };
    let (verbs, sign): (&[&str], &[char]) = match first.text.rsplit('/').next().unwrap_or_default() {
        "apt-get" | "apt" | "aptitude" => (&["install"], &['=', '/']),
        "apk" => (&["add"], &['=', '<', '>', '~']),
        _ => return Vec::new(),
    };
    let mut words = positional(arguments, WITH_VALUE).into_iter();
    if !words.next().is_some_and(|word| verbs.contains(&&*word.text)) {
        return Vec::new();
    }
    words.filter(|word| word.is_literal && !word.text.contains(sign) && !word.text.starts_with('.')).collect()
}
