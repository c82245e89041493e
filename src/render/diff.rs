use std::io::{self, Write};

use super::Look;
use super::look::Ink;
use super::neutral::without_commands;

/// Writes a unified difference that is fit to be shown already.
///
/// # Errors
/// What the writer says.
pub fn write_diff(diff: &str, look: &Look, out: &mut dyn Write) -> io::Result<()> {
    for line in diff.lines() {
        let line = if look.ci_commands { without_commands(line) } else { line.into() };
        let ink = match line.as_bytes() {
            [b'-', b'-', b'-', b' ', ..] | [b'+', b'+', b'+', b' ', ..] => Some(Ink::Strong),
            [b'@', ..] => Some(Ink::Faint),
            [b'-', ..] => Some(Ink::Severity(crate::model::Severity::Error)),
            [b'+', ..] => Some(Ink::Pass),
            _ => None,
        };
        match ink {
            Some(ink) => writeln!(out, "{}", look.paint(ink, &line))?,
            None => writeln!(out, "{line}")?,
        }
    }
    Ok(())
}
