use std::fmt::Write as _;

use super::Failure;
use super::redaction::redacting;
use crate::config::ConfigError;
use crate::model::{Language, LineIndex, RepoPath, Target};
use crate::rules::Catalog;
use crate::scan::evidence::evidence;
use crate::scan::{Contents, Redactor};
use crate::source::FileKind;

/// A configuration's error with the line it is about, the secrets in it masked.
pub(super) fn explained(error: &ConfigError, files: &dyn Contents) -> Failure {
    redacting(&Catalog::built_in(), |redactor| said(redactor, error, files))
        .unwrap_or_else(|_| Failure("the configuration cannot be used".into()))
}

fn said(redactor: Redactor, error: &ConfigError, files: &dyn Contents) -> Failure {
    let mut text = redactor.text(&error.to_string());
    if let (Some(span), Some(name)) = (error.span, &error.path)
        && let Some(window) = window(redactor, files, name, span.range())
    {
        let gutter = (window.first_line as usize + window.text.lines().count()).to_string().len();
        for (at, line) in window.text.lines().enumerate() {
            let number = window.first_line as usize + at;
            let _ = write!(text, "\n {number:>gutter$} | {line}");
        }
    }
    if let Some(help) = &error.help {
        text.push_str("\nhelp: ");
        text.push_str(&redactor.text(help));
    }
    Failure(text)
}

fn window(
    redactor: Redactor,
    files: &dyn Contents,
    name: &str,
    range: std::ops::Range<usize>,
) -> Option<crate::model::Evidence> {
    let path = RepoPath::from(name);
    let mut bytes = Vec::new();
    files.read(&path, 1 << 20, &mut bytes).ok()?;
    let masks = redactor.masks(&path, &bytes, FileKind { language: Language::Toml, target: Target::Config });
    Some(evidence(&bytes, &LineIndex::new(&bytes), range, "", &masks))
}
