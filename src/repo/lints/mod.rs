//! What the repository tells the linters that it uses: which checks it has banned, and which allowed.

mod cargo;
mod eslint;
mod pattern;
mod python;

use std::collections::BTreeMap;

use self::cargo::CargoLints;
use self::eslint::EslintConfig;
use self::python::PythonLints;
use super::RepoView;
use crate::model::{Language, RepoPath};

/// What a file tells a linter about one of its checks. A check that merely warns is neither.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// What the check is about may stand there.
    Allowed,
    /// The linter refuses it.
    Banned,
}

/// The configurations of clippy, ruff, flake8 and eslint that are data. Those that are programs are not read.
#[derive(Debug, Clone, Default)]
pub struct Lints {
    cargo: CargoLints,
    ruff: BTreeMap<RepoPath, PythonLints>,
    flake8: BTreeMap<RepoPath, PythonLints>,
    eslint: BTreeMap<RepoPath, EslintConfig>,
}

/// The files of ruff in one folder: the first that is there holds
/// (<https://docs.astral.sh/ruff/configuration/#config-file-discovery>).
const RUFF: &[&[u8]] = &[b".ruff.toml", b"ruff.toml", b"pyproject.toml"];
/// Those of flake8 (<https://flake8.pycqa.org/en/latest/user/configuration.html>).
const FLAKE8: &[&[u8]] = &[b"setup.cfg", b"tox.ini", b".flake8"];
/// Those of eslint
/// (<https://eslint.org/docs/v8.x/use/configure/configuration-files#configuration-file-formats>).
const ESLINT: &[&[u8]] =
    &[b".eslintrc.yaml", b".eslintrc.yml", b".eslintrc.json", b".eslintrc", b"package.json"];

/// Whether this may tell a linter something.
pub(super) fn is_lint_config(path: &RepoPath) -> bool {
    [RUFF, FLAKE8, ESLINT].iter().any(|names| names.contains(&path.name()))
}

impl Lints {
    /// Reads all configurations among the kept files. What does not parse tells nothing.
    pub fn of(view: &RepoView) -> Self {
        let mut lints = Self { cargo: CargoLints::of(view), ..Self::default() };
        for (path, kept) in &view.kept {
            let (name, bytes) = (path.name(), &*kept.bytes);
            if RUFF.contains(&name) {
                let read = PythonLints::of_ruff(path, bytes);
                lints.ruff.extend(read.map(|read| (path.clone(), read)));
            }
            if FLAKE8.contains(&name) {
                lints.flake8.extend(PythonLints::of_flake8(bytes).map(|read| (path.clone(), read)));
            }
            if ESLINT.contains(&name) {
                lints.eslint.extend(EslintConfig::read(name, bytes).map(|read| (path.clone(), read)));
            }
        }
        lints
    }

    /// What is told about a check, as rules name it (`clippy::todo`, `ruff T201`, `eslint no-console`), for a file in
    /// this language; and by which file.
    pub fn about(&self, path: &RepoPath, language: Language, check: &str) -> Option<(&RepoPath, Told)> {
        if let Some(lint) = check.strip_prefix("clippy::") {
            return if language == Language::Rust { self.cargo.about(path, lint) } else { None };
        }
        match (check.split_once(' ')?, language) {
            (("ruff", code), Language::Python) => {
                self.ruff(path, code).or_else(|| nearest(&self.flake8, FLAKE8, path, code))
            }
            (("eslint", code), Language::JavaScript | Language::TypeScript) => self.eslint(path, code),
            _ => None,
        }
    }

    fn ruff(&self, path: &RepoPath, code: &str) -> Option<(&RepoPath, Told)> {
        let (file, _) = configured(&self.ruff, RUFF, path)?;
        // What it extends comes first, and what is nearer decides.
        let mut layers = Vec::new();
        let mut at = Some(file);
        while let Some(file) = at.filter(|_| layers.len() < 8)
            && let Some((file, lints)) = self.ruff.get_key_value(file)
        {
            layers.push((file, lints));
            at = lints.extends.as_ref();
        }
        let told = layers
            .iter()
            .rev()
            .fold(None, |told, (file, lints)| lints.about(&below(path, &file.parent()), code, told))?;
        Some((file, told))
    }

    fn eslint(&self, path: &RepoPath, code: &str) -> Option<(&RepoPath, Told)> {
        let mut folder = path.parent();
        loop {
            let file = ESLINT.iter().find_map(|name| self.eslint.get_key_value(&folder.join(name)));
            if let Some((file, config)) = file {
                if let Some(set) = config.about(&below(path, &folder), code) {
                    return set.0.map(|told| (file, told));
                }
                if config.is_root {
                    return None;
                }
            }
            if folder.as_bytes().is_empty() {
                return None;
            }
            folder = folder.parent();
        }
    }
}

/// What the nearest of these files tells.
fn nearest<'l>(
    files: &'l BTreeMap<RepoPath, PythonLints>,
    names: &[&[u8]],
    path: &RepoPath,
    code: &str,
) -> Option<(&'l RepoPath, Told)> {
    let (file, lints) = configured(files, names, path)?;
    Some((file, lints.about(&below(path, &file.parent()), code, None)?))
}

/// The configuration in the nearest folder above that has one.
fn configured<'l, T>(
    files: &'l BTreeMap<RepoPath, T>,
    names: &[&[u8]],
    path: &RepoPath,
) -> Option<(&'l RepoPath, &'l T)> {
    let mut folder = path.parent();
    loop {
        if let Some(found) = names.iter().find_map(|name| files.get_key_value(&folder.join(name))) {
            return Some(found);
        }
        if folder.as_bytes().is_empty() {
            return None;
        }
        folder = folder.parent();
    }
}

/// The path as it is seen from a folder that it lies in.
fn below(path: &RepoPath, folder: &RepoPath) -> RepoPath {
    let rest = path.as_bytes().strip_prefix(folder.as_bytes()).unwrap_or(path.as_bytes());
    RepoPath::new(rest.strip_prefix(b"/").unwrap_or(rest))
}
