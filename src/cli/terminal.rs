use std::env;
use std::io::IsTerminal;

use super::args::ColorChoice;

/// What the standard output can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools)] // Four separate facts.
pub(super) struct Terminal {
    /// Whether a person looks at it.
    pub(super) is_tty: bool,
    /// Whether to colour.
    pub(super) color: bool,
    /// Whether box drawing characters arrive.
    pub(super) unicode: bool,
    /// Columns.
    pub(super) width: usize,
    /// Whether a CI runner reads the log for commands.
    pub(super) runs_commands: bool,
}

impl Terminal {
    /// Looks at the environment once. The order for colour: flag, `NO_COLOR`, `CLICOLOR_FORCE` or `FORCE_COLOR`,
    /// `CARGO_TERM_COLOR`, `CLICOLOR`, then whether it is a terminal.
    pub(super) fn probe(choice: ColorChoice) -> Self {
        let is_tty = std::io::stdout().is_terminal();
        Self {
            is_tty,
            color: color(choice, is_tty, &|name| env::var(name).ok()),
            unicode: cfg!(windows) || unicode(&|name| env::var(name).ok()),
            width: terminal_size::terminal_size()
                .map(|(width, _)| usize::from(width.0))
                .or_else(|| env::var("COLUMNS").ok()?.parse().ok())
                .unwrap_or(100),
            runs_commands: ["GITHUB_ACTIONS", "TF_BUILD"].iter().any(|name| env::var_os(name).is_some()),
        }
    }
}

fn color(choice: ColorChoice, is_terminal: bool, var: &dyn Fn(&str) -> Option<String>) -> bool {
    let set = |name| var(name).filter(|value| !value.is_empty());
    let forced = |name| set(name).is_some_and(|value| value != "0");
    match choice {
        ColorChoice::Always => return true,
        ColorChoice::Never => return false,
        ColorChoice::Auto => {}
    }
    if set("NO_COLOR").is_some() {
        return false;
    }
    if forced("CLICOLOR_FORCE") || forced("FORCE_COLOR") {
        return true;
    }
    match set("CARGO_TERM_COLOR").as_deref() {
        Some("always") => return true,
        Some("never") => return false,
        _ => {}
    }
    is_terminal && set("TERM").as_deref() != Some("dumb") && set("CLICOLOR").as_deref() != Some("0")
}

fn unicode(var: &dyn Fn(&str) -> Option<String>) -> bool {
    ["LC_ALL", "LC_CTYPE", "LANG"]
        .iter()
        .find_map(|name| var(name).filter(|value| !value.is_empty()))
        .is_some_and(|locale| {
            let locale = locale.to_ascii_lowercase();
            locale.contains("utf-8") || locale.contains("utf8")
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with<'a>(vars: &'a [(&'a str, &'a str)]) -> impl Fn(&str) -> Option<String> + 'a {
        move |name| vars.iter().find(|(n, _)| *n == name).map(|(_, value)| (*value).to_owned())
    }

    #[test]
    fn the_strongest_wish_decides_the_colour() {
        for (choice, tty, vars, expected) in [
            (ColorChoice::Auto, true, &[][..], true),
            (ColorChoice::Auto, false, &[], false),
            (ColorChoice::Auto, true, &[("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")], false),
            (ColorChoice::Always, false, &[("NO_COLOR", "1")], true),
            (ColorChoice::Never, true, &[("FORCE_COLOR", "1")], false),
            (ColorChoice::Auto, false, &[("FORCE_COLOR", "1")], true),
            (ColorChoice::Auto, false, &[("CLICOLOR_FORCE", "0")], false),
            (ColorChoice::Auto, false, &[("CARGO_TERM_COLOR", "always")], true),
            (ColorChoice::Auto, true, &[("CARGO_TERM_COLOR", "never")], false),
            (ColorChoice::Auto, true, &[("TERM", "dumb")], false),
            (ColorChoice::Auto, true, &[("CLICOLOR", "0")], false),
            (ColorChoice::Auto, true, &[("NO_COLOR", "")], true),
        ] {
            assert_eq!(color(choice, tty, &with(vars)), expected, "{choice:?} {tty} {vars:?}");
        }
    }

    #[test]
    fn the_first_locale_that_is_set_decides() {
        assert!(unicode(&with(&[("LANG", "de_DE.UTF-8")])));
        assert!(unicode(&with(&[("LC_ALL", "C.utf8"), ("LANG", "C")])));
        assert!(!unicode(&with(&[("LC_ALL", "C"), ("LANG", "de_DE.UTF-8")])));
        assert!(!unicode(&with(&[])));
    }
}
