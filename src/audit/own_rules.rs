use std::fmt;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::model::{LineIndex, RepoPath, shown};
use crate::repo::ListedFile;
use crate::repo::read::{self, Links};
use crate::rules::Rule;
use crate::rules::schema;
use crate::scan::Contents;

/// Rule files above this size are not read.
const LIMIT: u64 = 1 << 20;

/// How deep folders of rules may lie in each other.
const DEEPEST: usize = 8;

/// A rule file that cannot be used. Safe to show; it holds no text of the file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}{}: {what}", position.map_or(String::new(), |(line, column)| format!(":{line}:{column}")))]
pub struct OwnRulesError {
    /// The file.
    pub file: String,
    /// Line and column, 1-based, where they are known.
    pub position: Option<(u32, u32)>,
    /// What is wrong.
    pub what: String,
}

impl OwnRulesError {
    fn new(file: &Path, what: impl fmt::Display) -> Self {
        let file = shown(&file.to_string_lossy()).into_owned();
        Self { file, position: None, what: shown(&what.to_string()).into_owned() }
    }

    fn at(file: &Path, text: &str, span: Option<&Range<usize>>, what: &str) -> Self {
        let mut error = Self::new(file, what);
        error.position = span.map(|range| {
            let span = LineIndex::new(text.as_bytes()).span(text.as_bytes(), range.clone());
            (span.line, span.column)
        });
        error
    }
}

/// Reads rule files, and those in folders (`<family>/<name>.toml` below them), in order of their names.
///
/// # Errors
/// The first file that cannot be read or does not have the form of a rule.
pub fn read_rule_files(paths: &[PathBuf]) -> Result<Vec<Rule>, OwnRulesError> {
    let mut files = Vec::new();
    for path in paths {
        collect(path, 0, &mut files)?;
    }
    let mut rules = Vec::new();
    for file in files {
        let mut bytes = Vec::new();
        read::file(&file, Links::Refuse, LIMIT, &mut bytes).map_err(|e| OwnRulesError::new(&file, e))?;
        rules.extend(rules_of(&file, &family_and_name(&file), bytes)?);
    }
    Ok(rules)
}

/// The same of files that are not on disk: those of the list that lie at a path or below it.
///
/// # Errors
/// The first file that cannot be read or does not have the form of a rule.
pub fn read_listed_rules(
    listed: &[ListedFile],
    path: &RepoPath,
    contents: &dyn Contents,
) -> Result<Vec<Rule>, OwnRulesError> {
    let mut rules = Vec::new();
    let wanted =
        |file: &&ListedFile| &file.path == path || file.path.is_in(path) && file.path.extension() == b"toml";
    for file in listed.iter().filter(wanted) {
        let name = PathBuf::from(file.path.to_string());
        let mut bytes = Vec::new();
        contents.read(&file.path, LIMIT, &mut bytes).map_err(|e| OwnRulesError::new(&name, e))?;
        let family = file.path.parent();
        let parts = [family.name(), file.path.name()].map(String::from_utf8_lossy);
        rules.extend(rules_of(&name, &parts.join("/"), bytes)?);
    }
    Ok(rules)
}

fn rules_of(file: &Path, name: &str, bytes: Vec<u8>) -> Result<Vec<Rule>, OwnRulesError> {
    let text = String::from_utf8(bytes).map_err(|_| OwnRulesError::new(file, "it is not UTF-8"))?;
    schema::read(name, &text).map_err(|e| OwnRulesError::at(file, &text, e.span.as_ref(), &e.message))
}

/// The last two parts of the path: they make the rule's id.
fn family_and_name(file: &Path) -> String {
    let part = |p: Option<&std::ffi::OsStr>| p.unwrap_or_default().to_string_lossy().into_owned();
    let family = file
        .canonicalize()
        .ok()
        .and_then(|whole| whole.parent().map(|parent| part(parent.file_name())))
        .unwrap_or_default();
    format!("{family}/{}", part(file.file_name()))
}

fn collect(path: &Path, depth: usize, files: &mut Vec<PathBuf>) -> Result<(), OwnRulesError> {
    let look = fs::symlink_metadata(path).map_err(|e| OwnRulesError::new(path, e.kind()))?;
    if look.is_file() {
        files.push(path.to_owned());
        return Ok(());
    }
    if !look.is_dir() {
        return Err(OwnRulesError::new(path, "it is neither a file nor a folder"));
    }
    if depth > DEEPEST {
        return Err(OwnRulesError::new(path, "folders of rules lie too deep in each other"));
    }
    let mut inside: Vec<PathBuf> = fs::read_dir(path)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|e| OwnRulesError::new(path, e.kind()))?
        .into_iter()
        .map(|entry| entry.path())
        .filter(|entry| entry.is_dir() || entry.extension().is_some_and(|e| e == "toml"))
        .collect();
    inside.sort();
    for entry in inside {
        collect(&entry, depth + 1, files)?;
    }
    Ok(())
}
