use toml_edit::{Item, TableLike};

use super::Told;
use super::pattern::Pattern;
use crate::model::RepoPath;
use crate::repo::manifest::resolve;
use crate::source::{parse_ini, parse_toml};

/// What ruff or flake8 are told about codes (<https://docs.astral.sh/ruff/settings/#lint>,
/// <https://flake8.pycqa.org/en/latest/user/options.html>). A code is told of by any beginning of it; the longest decides.
#[derive(Debug, Clone, Default)]
pub(super) struct PythonLints {
    /// `select`, which takes the place of what was selected before.
    select: Option<Vec<String>>,
    extend_select: Vec<String>,
    ignore: Vec<String>,
    per_file: Vec<(Pattern, Vec<String>)>,
    /// The files that the linter does not look at.
    exclude: Vec<Pattern>,
    /// The file that this one adds to.
    pub(super) extends: Option<RepoPath>,
}

impl PythonLints {
    /// Reads `ruff.toml` or `pyproject.toml`; `None` if it tells ruff nothing.
    pub(super) fn of_ruff(path: &RepoPath, bytes: &[u8]) -> Option<Self> {
        let document = parse_toml(bytes).ok()?;
        let whole: &dyn TableLike = if path.name() == b"pyproject.toml" {
            document.get("tool")?.get("ruff")?.as_table_like()?
        } else {
            document.as_table()
        };
        let mut lints = Self::default();
        // Ruff still reads what older versions had outside of `lint`.
        let lint = whole.get("lint").and_then(Item::as_table_like);
        for table in [Some(whole), lint].into_iter().flatten() {
            if let Some(select) = table.get("select") {
                lints.select.get_or_insert_default().extend(texts(select));
            }
            let list = |key: &str| table.get(key).map(texts).unwrap_or_default();
            lints.extend_select.extend(list("extend-select"));
            lints.ignore.extend(list("ignore"));
            lints.ignore.extend(list("extend-ignore"));
            for key in ["per-file-ignores", "extend-per-file-ignores"] {
                let ignores = table.get(key).and_then(Item::as_table_like);
                for (pattern, codes) in ignores.into_iter().flat_map(TableLike::iter) {
                    lints.per_file.push((Pattern::read(pattern), texts(codes)));
                }
            }
            for key in ["exclude", "extend-exclude"] {
                let patterns = table.get(key).map(texts).unwrap_or_default();
                lints.exclude.extend(patterns.iter().map(|pattern| Pattern::read(pattern)));
            }
        }
        lints.extends =
            whole.get("extend").and_then(Item::as_str).and_then(|file| resolve(&path.parent(), file));
        Some(lints)
    }

    /// Reads `.flake8`, `setup.cfg` or `tox.ini`; `None` if it has no section for flake8.
    pub(super) fn of_flake8(bytes: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(bytes).ok()?;
        let mut lints = None;
        for entry in parse_ini(text).iter().filter(|entry| entry.section.trim() == "flake8") {
            let lints: &mut Self = lints.get_or_insert_default();
            let words = || words(entry.lines.iter().map(|(line, _)| *line));
            match &*entry.key.replace('_', "-") {
                "select" => lints.select = Some(words()),
                "extend-select" => lints.extend_select = words(),
                "ignore" | "extend-ignore" => lints.ignore.extend(words()),
                "exclude" | "extend-exclude" => {
                    lints.exclude.extend(words().iter().map(|pattern| Pattern::read(pattern)));
                }
                "per-file-ignores" => lints.per_file.extend(per_file(&entry.lines)),
                _ => {}
            }
        }
        lints
    }

    /// What is told about a code for a file, whose path is seen from the configuration's folder. `before` was told by the
    /// file that this one adds to.
    pub(super) fn about(&self, path: &RepoPath, code: &str, before: Option<Told>) -> Option<Told> {
        let ignored = |list: &(Pattern, Vec<String>)| list.0.matches(path) && told(&list.1, code).is_some();
        if self.per_file.iter().any(ignored) {
            return Some(Told::Allowed);
        }
        let selected =
            self.select.as_deref().and_then(|list| told(list, code)).max(told(&self.extend_select, code));
        let here = match (selected, told(&self.ignore, code)) {
            (None, None) => None,
            (selected, ignored) if ignored >= selected => Some(Told::Allowed),
            _ => Some(Told::Banned),
        };
        let told = if self.select.is_some() { here } else { here.or(before) };
        // A pattern that nobody understands may be the one that leaves the file out.
        let is_excluded = || self.exclude.iter().any(|pattern| !pattern.is_known || pattern.matches(path));
        told.filter(|told| *told == Told::Allowed || !is_excluded())
    }
}

/// How much of a code the longest of these names; `None` if none does.
fn told(list: &[String], code: &str) -> Option<usize> {
    let names = |word: &String| {
        if word == "ALL" {
            return Some(0);
        }
        (!word.is_empty() && code.starts_with(&**word)).then_some(word.len())
    };
    list.iter().filter_map(names).max()
}

fn texts(item: &Item) -> Vec<String> {
    let values = item.as_array().into_iter().flatten();
    values.filter_map(|value| value.as_str()).map(|text| text.trim().to_owned()).collect()
}

/// Words with commas or blanks between them, without comments.
fn words<'l>(lines: impl Iterator<Item = &'l str>) -> Vec<String> {
    let said = lines.flat_map(|line| line.split('#').next().unwrap_or_default().split([',', ' ', '\t']));
    said.map(str::trim).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// `pattern, pattern: CODE, CODE` on one line or on several.
fn per_file(lines: &[(&str, std::ops::Range<usize>)]) -> Vec<(Pattern, Vec<String>)> {
    let mut ignores: Vec<(Pattern, Vec<String>)> = Vec::new();
    // Where the codes of the last patterns begin.
    let mut from = 0;
    for (line, _) in lines {
        let line = line.split('#').next().unwrap_or_default();
        let codes = match line.split_once(':') {
            Some((before, codes)) => {
                let patterns = words(std::iter::once(before));
                from = ignores.len();
                ignores.extend(patterns.iter().map(|pattern| (Pattern::read(pattern), Vec::new())));
                codes
            }
            None => line,
        };
        let codes = words(std::iter::once(codes));
        for (_, list) in &mut ignores[from..] {
            list.extend(codes.iter().cloned());
        }
    }
    ignores
}
