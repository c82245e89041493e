use std::ops::Range as Bytes;

use toml_edit::Item;

use super::version::{Partial, Range};
use crate::detect::deploy::reach::Reach;
use crate::model::RepoPath;
use crate::repo::{Kept, RepoView};
use crate::source::{DockerBase, ImageReference, parse_dockerfile, parse_ini, parse_json, parse_toml};

/// A language that runs a program, or builds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Language {
    Python,
    Node,
    Rust,
    Ruby,
    Go,
}

impl Language {
    /// The language of an official image.
    pub(super) fn of_image(name: &str) -> Option<Self> {
        Some(match name {
            "python" => Self::Python,
            "node" => Self::Node,
            "rust" => Self::Rust,
            "ruby" => Self::Ruby,
            "golang" => Self::Go,
            _ => return None,
        })
    }
}

/// A place that names the version that is used.
#[derive(Debug, Clone)]
pub(super) struct Stated {
    pub(super) language: Language,
    pub(super) version: Partial,
    pub(super) path: RepoPath,
    pub(super) span: Bytes<usize>,
}

/// A place that says which versions will do.
#[derive(Debug, Clone)]
pub(super) struct Bound {
    pub(super) language: Language,
    pub(super) range: Range,
    /// The name of the setting.
    pub(super) what: &'static str,
    pub(super) path: RepoPath,
    pub(super) span: Bytes<usize>,
}

/// Every place that names a version, but those of tests and examples.
pub(super) fn stated(repo: &RepoView) -> Vec<Stated> {
    let mut found = Vec::new();
    // Files of one line first: a Dockerfile is held against them.
    for (path, kept) in ships(repo) {
        let language = match path.name() {
            b".python-version" | b"runtime.txt" => Language::Python,
            b".nvmrc" | b".node-version" => Language::Node,
            b".ruby-version" => Language::Ruby,
            b"rust-toolchain" | b"rust-toolchain.toml" => Language::Rust,
            _ => continue,
        };
        let place =
            if language == Language::Rust { toolchain(path, &kept.bytes) } else { one_line(&kept.bytes) };
        if let Some((text, span)) = place
            && let Some(version) =
                Partial::parse(text.trim_start_matches("python-").trim_start_matches("ruby-"))
        {
            found.push(Stated { language, version, path: path.clone(), span });
        }
    }
    for (path, kept) in ships(repo) {
        let named = match path.name() {
            b".tool-versions" => tool_versions(&kept.bytes),
            b"Pipfile" => pipenv_python(&kept.bytes)
                .map(|(text, span)| (Language::Python, text, span))
                .into_iter()
                .collect(),
            _ => continue,
        };
        for (language, text, span) in named {
            if let Some(version) = Partial::parse(&text) {
                found.push(Stated { language, version, path: path.clone(), span });
            }
        }
    }
    for (path, kept) in
        ships(repo).filter(|(_, kept)| kept.kind.language == crate::model::Language::Dockerfile)
    {
        for stage in parse_dockerfile(&kept.bytes).stages() {
            let DockerBase::Image { word, name, by_variable: false } = &stage.base else { continue };
            let Some(image) = ImageReference::parse(name) else { continue };
            let Some(language) = image.official().and_then(Language::of_image) else { continue };
            if let Some(version) = image.tag.and_then(Partial::parse) {
                found.push(Stated { language, version, path: path.clone(), span: word.span.clone() });
            }
        }
    }
    found
}

fn ships(repo: &RepoView) -> impl Iterator<Item = (&RepoPath, &Kept)> {
    repo.kept.iter().filter(|(path, kept)| Reach::of(path, kept.kind.target) != Reach::Rehearsal)
}

/// The first line that says something.
fn one_line(bytes: &[u8]) -> Option<(&str, Bytes<usize>)> {
    let text = std::str::from_utf8(bytes).ok()?;
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let content = line.trim();
        if !content.is_empty() && !content.starts_with('#') {
            let from = start + (line.len() - line.trim_start().len());
            return Some((content, from..from + content.len()));
        }
        start += line.len();
    }
    None
}

/// The channel of a toolchain file, in either of its forms.
pub(super) fn toolchain<'b>(path: &RepoPath, bytes: &'b [u8]) -> Option<(&'b str, Bytes<usize>)> {
    let is_toml = path.name() == b"rust-toolchain.toml" || bytes.trim_ascii_start().starts_with(b"[");
    if is_toml { channel(bytes) } else { one_line(bytes) }
}

fn channel(bytes: &[u8]) -> Option<(&str, Bytes<usize>)> {
    let document = parse_toml(bytes).ok()?;
    let span = document.get("toolchain")?.as_table_like()?.get("channel")?.span()?;
    let text = std::str::from_utf8(bytes.get(span.clone())?).ok()?;
    Some((text.trim_matches(['"', '\'']), span))
}

/// Every place that says which versions will do.
pub(super) fn bounds(repo: &RepoView) -> Vec<Bound> {
    let mut found = Vec::new();
    for (path, kept) in ships(repo) {
        let bound = match path.name() {
            b"pyproject.toml" => requires_python(&kept.bytes).map(|(text, span)| {
                (Language::Python, Range::parse(&text), "the project's Python requirement", span)
            }),
            b"setup.cfg" => python_requires(&kept.bytes)
                .map(|(text, span)| (Language::Python, Range::parse(&text), "python_requires", span)),
            b"package.json" => engines(&kept.bytes)
                .map(|(text, span)| (Language::Node, Range::parse(&text), "engines.node", span)),
            b"Cargo.toml" => rust_version(&kept.bytes)
                .map(|(version, span)| (Language::Rust, Range::at_least(version), "rust-version", span)),
            b"go.mod" => go_version(&kept.bytes)
                .map(|(version, span)| (Language::Go, Range::at_least(version), "go.mod", span)),
            _ => None,
        };
        if let Some((language, range, what, span)) = bound {
            found.push(Bound { language, range, what, path: path.clone(), span });
        }
    }
    found
}

fn text_at(bytes: &[u8], keys: &[&str]) -> Option<(String, Bytes<usize>)> {
    let document = parse_toml(bytes).ok()?;
    let (last, tables) = keys.split_last()?;
    let table = tables.iter().try_fold(document.as_table() as &dyn toml_edit::TableLike, |table, key| {
        table.get(key).and_then(Item::as_table_like)
    })?;
    let item = table.get(last)?;
    Some((item.as_str()?.to_owned(), item.span()?))
}

/// Lines such as `python 3.11.4` (<https://asdf-vm.com/manage/configuration.html#tool-versions>); of several versions
/// the first one is used.
fn tool_versions(bytes: &[u8]) -> Vec<(Language, String, Bytes<usize>)> {
    let Ok(text) = std::str::from_utf8(bytes) else { return Vec::new() };
    let mut found = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let content = line.split('#').next().unwrap_or(line).trim();
        let mut words = content.split_whitespace();
        let language = match words.next() {
            Some("python") => Some(Language::Python),
            Some("nodejs" | "node") => Some(Language::Node),
            Some("rust") => Some(Language::Rust),
            Some("ruby") => Some(Language::Ruby),
            Some("golang" | "go") => Some(Language::Go),
            _ => None,
        };
        if let (Some(language), Some(version)) = (language, words.next()) {
            let from = start + line.len() - line.trim_start().len();
            found.push((language, version.to_owned(), from..from + content.len()));
        }
        start += line.len();
    }
    found
}

fn pipenv_python(bytes: &[u8]) -> Option<(String, Bytes<usize>)> {
    text_at(bytes, &["requires", "python_full_version"])
        .or_else(|| text_at(bytes, &["requires", "python_version"]))
}

fn python_requires(bytes: &[u8]) -> Option<(String, Bytes<usize>)> {
    let entries = parse_ini(std::str::from_utf8(bytes).ok()?);
    let entry = entries.into_iter().find(|e| (e.section, e.key) == ("options", "python_requires"))?;
    let (text, span) = entry.lines.into_iter().next()?;
    Some((text.to_owned(), span))
}

fn requires_python(bytes: &[u8]) -> Option<(String, Bytes<usize>)> {
    text_at(bytes, &["project", "requires-python"])
        .or_else(|| text_at(bytes, &["tool", "poetry", "dependencies", "python"]))
}

fn rust_version(bytes: &[u8]) -> Option<(Partial, Bytes<usize>)> {
    let (text, span) = text_at(bytes, &["package", "rust-version"])
        .or_else(|| text_at(bytes, &["workspace", "package", "rust-version"]))?;
    Some((Partial::parse(&text)?, span))
}

fn engines(bytes: &[u8]) -> Option<(String, Bytes<usize>)> {
    let document = parse_json(bytes).ok()?;
    let node = document.root.as_ref()?.get("engines")?.get("node")?;
    Some((node.as_str()?.to_owned(), node.span.clone()))
}

/// The `go` line.
fn go_version(bytes: &[u8]) -> Option<(Partial, Bytes<usize>)> {
    let text = std::str::from_utf8(bytes).ok()?;
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        if let Some(rest) = line.strip_prefix("go ") {
            return Some((Partial::parse(rest)?, start..start + line.trim_end().len()));
        }
        start += line.len();
    }
    None
}
