use std::ops::Range;

use toml_edit::{Document, Item, TableLike, Value};

use super::date::is_day;
use super::depth::too_deep;
use super::file::{AllowTable, SeverityEntry};
use super::size::{in_bounds, parse_size};
use super::suggest::{did_you_mean, known};
use super::{
    Advisories, ConfigError, ConfigFile, ConfigText, ConfigTexts, ConfiguredRatchet, OwnRules, Unchecked,
};
use crate::model::{
    Environment, Environments, FailOn, Glob, MAX_AGE_DAYS, Profile, RepoPath, Severity, UnknownLevel,
    is_advisory_id,
};

const KEYS: &[&str] = &[
    "profile",
    "fail-on",
    "exclude",
    "max-file-size",
    "severity",
    "allow",
    "rules",
    "environments",
    "gitignore",
    "advisories",
    "ratchet",
];
const ALLOW_KEYS: &[&str] = &["rule", "advisory", "package", "path", "reason", "until"];
/// What an allow of an advisory speaks of if it names no rule.
const ADVISORIES: &str = "advisories";
const RULES_KEYS: &[&str] = &["paths"];
const GITIGNORE_KEYS: &[&str] = &["required"];
const ADVISORIES_KEYS: &[&str] = &["max-age-days", "unchecked"];

/// What a severity may be set to.
const SEVERITY_WORDS: &[&str] = &["off", "note", "warning", "error"];
/// What missing advisory data may mean.
const UNCHECKED_WORDS: &[&str] = &["note", "error"];

/// Reads the form of the configuration. Which rules there are is asked in [`super::resolve`].
///
/// # Errors
/// More than one place holds a configuration; one is not TOML or nests too deep; a key is unknown; a value
/// is of the wrong type or means nothing.
pub fn read(texts: ConfigTexts) -> Result<ConfigFile, ConfigError> {
    let ConfigTexts { prodcheck, manifest } = texts;
    let mut found = None;
    // Most manifests never speak of us. They need not be parsed, and a broken one is for the checks of
    // manifests to report.
    if let Some(text) = manifest.filter(|text| text.text.contains("prodcheck")) {
        let document = parse(&text)?;
        let mut first: Option<(&str, Range<usize>)> = None;
        for table in ["workspace", "package"] {
            let metadata = document.get(table).and_then(|t| t.get("metadata")).and_then(Item::as_table_like);
            let Some((key, item)) = metadata.and_then(|m| m.get_key_value("prodcheck")) else { continue };
            let span = key.span().unwrap_or_default();
            if first.is_some() {
                return Err(two(
                    &text,
                    span,
                    "[workspace.metadata.prodcheck]",
                    "[package.metadata.prodcheck]",
                ));
            }
            first = Some((table, span));
            found = Some(Reader { text: &text }.whole(item)?);
        }
        if let (Some((table, span)), Some(other)) = (first, &prodcheck) {
            return Err(two(&text, span, &other.name, &format!("[{table}.metadata.prodcheck]")));
        }
        if let Some(file) = found {
            return Ok(ConfigFile { source: Some(text), ..file });
        }
    }
    let Some(text) = prodcheck else { return Ok(ConfigFile::default()) };
    let document = parse(&text)?;
    let file = Reader { text: &text }.whole(document.as_item())?;
    Ok(ConfigFile { source: Some(text), ..file })
}

fn parse(text: &ConfigText) -> Result<Document<&str>, ConfigError> {
    if let Some(range) = too_deep(&text.text) {
        return Err(ConfigError::at(text, range, "this nests too deep to be configuration"));
    }
    // The parser's messages name what it expected, never what it saw.
    Document::parse(&*text.text).map_err(|e| {
        ConfigError::at(text, e.span().unwrap_or_default(), format!("not TOML: {}", e.message()))
    })
}

fn two(text: &ConfigText, span: Range<usize>, one: &str, other: &str) -> ConfigError {
    ConfigError::at(text, span, format!("the configuration stands in two places: {one} and {other}"))
        .help("keep one of them")
}

/// Reads values of one file, with errors that point into it.
struct Reader<'t> {
    text: &'t ConfigText,
}

impl Reader<'_> {
    fn whole(&self, item: &Item) -> Result<ConfigFile, ConfigError> {
        let table = self.table(item, KEYS)?;
        let mut file = ConfigFile::default();
        if let Some(item) = table.get("profile") {
            file.profile = Some(self.level::<Profile>(item)?);
        }
        if let Some(item) = table.get("fail-on") {
            file.fail_on = Some(self.level::<FailOn>(item)?);
        }
        if let Some(item) = table.get("exclude") {
            for (pattern, span) in self.strings(item)? {
                file.exclude.push(self.glob(pattern, span)?);
            }
        }
        if let Some(item) = table.get("max-file-size") {
            file.max_file_size = Some(self.size(item)?);
        }
        if let Some(item) = table.get("severity") {
            file.severity = self.severities(item)?;
        }
        if let Some(item) = table.get("allow") {
            file.allows = self.allows(item)?;
        }
        if let Some(item) = table.get("rules")
            && let Some(paths) = self.table(item, RULES_KEYS)?.get("paths")
        {
            for (path, span) in self.strings(paths)? {
                let path = inside(path).map_err(|e| self.error(span.clone(), e))?;
                file.own_rules.push(OwnRules { path, span });
            }
        }
        if let Some(item) = table.get("environments") {
            file.environments = self.environments(item)?;
        }
        if let Some(item) = table.get("gitignore")
            && let Some(patterns) = self.table(item, GITIGNORE_KEYS)?.get("required")
        {
            for (pattern, span) in self.strings(patterns)? {
                let pattern = ignore_pattern(pattern).map_err(|e| self.error(span.clone(), e))?;
                file.required_ignores.push((pattern, span));
            }
        }
        if let Some(item) = table.get("advisories") {
            file.advisories = self.advisories(item)?;
        }
        if let Some(item) = table.get("ratchet") {
            file.ratchets = self.ratchets(item)?;
        }
        Ok(file)
    }

    fn severities(&self, item: &Item) -> Result<Vec<SeverityEntry>, ConfigError> {
        let Some(table) = item.as_table_like() else { return Err(self.wrong(item, "a table")) };
        let mut entries = Vec::new();
        for (selector, value) in table.iter() {
            let (word, span) = self.string(value)?;
            let severity = match word {
                "off" => None,
                _ => Some(word.parse::<Severity>().map_err(|_| self.unknown(span, word, SEVERITY_WORDS))?),
            };
            let span = table.key(selector).and_then(toml_edit::Key::span).unwrap_or_default();
            entries.push(SeverityEntry { selector: selector.to_owned(), span, severity });
        }
        Ok(entries)
    }

    fn environments(&self, item: &Item) -> Result<Environments, ConfigError> {
        let mut environments = Environments::default();
        for (word, patterns) in self.table(item, Environment::WORDS)?.iter() {
            let Some(environment) = Environment::of_word(word) else { continue };
            for (pattern, span) in self.strings(patterns)? {
                environments.add(self.glob(pattern, span)?, environment);
            }
        }
        Ok(environments)
    }

    fn ratchets(&self, item: &Item) -> Result<Vec<ConfiguredRatchet>, ConfigError> {
        let Some(table) = item.as_table_like() else { return Err(self.wrong(item, "a table")) };
        let mut ratchets = Vec::new();
        for (rule, value) in table.iter() {
            let limit = value.as_integer().and_then(|limit| u64::try_from(limit).ok());
            let limit = limit.ok_or_else(|| self.wrong(value, "a number of findings, 0 or more"))?;
            let span = table.key(rule).and_then(toml_edit::Key::span).unwrap_or_default();
            ratchets.push(ConfiguredRatchet { rule: rule.to_owned(), limit, span });
        }
        Ok(ratchets)
    }

    fn allows(&self, item: &Item) -> Result<Vec<AllowTable>, ConfigError> {
        let mut allows = Vec::new();
        if let Some(tables) = item.as_array_of_tables() {
            for table in tables {
                allows.push(self.allow(table, table.span().unwrap_or_default())?);
            }
        } else if let Some(values) = item.as_array() {
            for value in values {
                let span = value.span().unwrap_or_default();
                let Some(table) = value.as_inline_table() else {
                    return Err(self.error(span, "expected a table with `rule` and `reason`"));
                };
                allows.push(self.allow(table, span)?);
            }
        } else {
            return Err(self.wrong(item, "a list of tables").help("each entry starts with [[allow]]"));
        }
        Ok(allows)
    }

    fn allow(&self, table: &dyn TableLike, span: Range<usize>) -> Result<AllowTable, ConfigError> {
        self.keys(table, ALLOW_KEYS)?;
        let advisory = table.get("advisory").map(|item| self.advisory_id(item)).transpose()?;
        let package = table.get("package").map(|item| self.string(item)).transpose()?;
        let (rule, rule_span) = match (table.get("rule"), &advisory) {
            (Some(rule), _) => self.string(rule)?,
            (None, Some((_, span))) => (ADVISORIES, span.clone()),
            (None, None) => {
                return Err(self
                    .error(span, "this entry has no `rule`")
                    .help("an entry about an advisory may name that instead: advisory = \"CVE-…\""));
            }
        };
        let is_of_advisories = rule.split('/').next() == Some(ADVISORIES);
        if let Some((_, span)) = advisory.as_ref().or(package.as_ref())
            && !is_of_advisories
        {
            return Err(self.error(span.clone(), "only rules about advisories know advisories and packages"));
        }
        let Some(reason) = table.get("reason") else {
            return Err(self
                .error(span, "this entry has no `reason`")
                .help("say why the finding is acceptable"));
        };
        let (reason, reason_span) = self.string(reason)?;
        if reason.trim().is_empty() {
            return Err(self
                .error(reason_span, "the reason is empty")
                .help("say why the finding is acceptable"));
        }
        let path = match table.get("path") {
            Some(item) => {
                let (pattern, span) = self.string(item)?;
                Some(self.glob(pattern, span)?)
            }
            None => None,
        };
        let until = table.get("until").map(|item| self.day(item)).transpose()?;
        Ok(AllowTable {
            rule: rule.to_owned(),
            // What is said about the entry points at what it allows.
            rule_span: advisory.as_ref().map_or(rule_span, |(_, span)| span.clone()),
            advisory: advisory.map(|(id, _)| id.to_owned()),
            package: package.map(|(name, _)| name.to_owned()),
            path,
            reason: reason.trim().to_owned(),
            until,
        })
    }

    fn advisory_id<'i>(&self, item: &'i Item) -> Result<(&'i str, Range<usize>), ConfigError> {
        let (id, span) = self.string(item)?;
        if is_advisory_id(id) {
            return Ok((id, span));
        }
        Err(self.error(span, "this is no advisory's id").help(
            "expected one as in CVE-2024-12345, GHSA-abcd-1234-wxyz, RUSTSEC-2024-0001 or PYSEC-2024-1",
        ))
    }

    fn advisories(&self, item: &Item) -> Result<Advisories, ConfigError> {
        let table = self.table(item, ADVISORIES_KEYS)?;
        let mut advisories = Advisories::default();
        if let Some(item) = table.get("max-age-days") {
            let days = item.as_integer().and_then(|days| u32::try_from(days).ok()).filter(|days| *days > 0);
            let days = days.ok_or_else(|| self.wrong(item, "a number of days, at least 1"))?;
            if days > MAX_AGE_DAYS {
                let message = format!("expected at most {MAX_AGE_DAYS} days");
                return Err(self
                    .error(span(item), message)
                    .help("a repository can ask for fresher data than others, not for older"));
            }
            advisories.max_age_days = Some(days);
        }
        if let Some(item) = table.get("unchecked") {
            let (word, span) = self.string(item)?;
            advisories.unchecked = match word {
                "note" => Unchecked::Note,
                "error" => Unchecked::Error,
                _ => return Err(self.unknown(span, word, UNCHECKED_WORDS)),
            };
        }
        Ok(advisories)
    }

    /// A table that has none but these keys.
    fn table<'i>(&self, item: &'i Item, keys: &[&str]) -> Result<&'i dyn TableLike, ConfigError> {
        let table = item.as_table_like().ok_or_else(|| self.wrong(item, "a table"))?;
        self.keys(table, keys)?;
        Ok(table)
    }

    fn keys(&self, table: &dyn TableLike, keys: &[&str]) -> Result<(), ConfigError> {
        for (key, _) in table.iter() {
            if !keys.contains(&key) {
                let span = table.key(key).and_then(toml_edit::Key::span).unwrap_or_default();
                return Err(self.error(span, "unknown key").help(known(key, keys)));
            }
        }
        Ok(())
    }

    fn string<'i>(&self, item: &'i Item) -> Result<(&'i str, Range<usize>), ConfigError> {
        item.as_str().map(|s| (s, span(item))).ok_or_else(|| self.wrong(item, "a string"))
    }

    fn strings<'i>(&self, item: &'i Item) -> Result<Vec<(&'i str, Range<usize>)>, ConfigError> {
        let values = item.as_array().ok_or_else(|| self.wrong(item, "a list of strings"))?;
        values
            .iter()
            .map(|value| {
                let span = value.span().unwrap_or_default();
                match value.as_str() {
                    Some(text) => Ok((text, span)),
                    None => Err(self.error(span, "expected a string")),
                }
            })
            .collect()
    }

    fn level<L: std::str::FromStr<Err = UnknownLevel>>(&self, item: &Item) -> Result<L, ConfigError> {
        let (word, span) = self.string(item)?;
        word.parse().map_err(|e: UnknownLevel| self.unknown(span, word, e.known))
    }

    fn glob(&self, pattern: &str, span: Range<usize>) -> Result<Glob, ConfigError> {
        Glob::parse(pattern).map_err(|e| self.error(span, e.to_string()))
    }

    fn size(&self, item: &Item) -> Result<u64, ConfigError> {
        let size = match (item.as_integer(), item.as_str()) {
            (Some(bytes), _) => in_bounds(u64::try_from(bytes).unwrap_or(0)),
            (_, Some(text)) => parse_size(text),
            _ => return Err(self.wrong(item, "a number of bytes, or a string as in \"16 MiB\"")),
        };
        size.map_err(|e| self.error(span(item), e))
    }

    /// A day, as a string or as TOML's own date.
    fn day(&self, item: &Item) -> Result<String, ConfigError> {
        let day = match item.as_value() {
            Some(Value::String(text)) => text.value().clone(),
            Some(Value::Datetime(date)) => date.value().to_string(),
            _ => return Err(self.wrong(item, "a day as in \"2027-01-31\"")),
        };
        if is_day(&day) {
            Ok(day)
        } else {
            Err(self.error(span(item), "expected a day as in \"2027-01-31\""))
        }
    }

    fn unknown(&self, span: Range<usize>, word: &str, words: &[&'static str]) -> ConfigError {
        let error = self.error(span, format!("expected one of {}", words.join(", ")));
        match did_you_mean(word, words.iter().copied()) {
            Some(help) => error.help(help),
            None => error,
        }
    }

    fn wrong(&self, item: &Item, expected: &str) -> ConfigError {
        self.error(span(item), format!("expected {expected}, found {}", item.type_name()))
    }

    fn error(&self, span: Range<usize>, message: impl Into<String>) -> ConfigError {
        ConfigError::at(self.text, span, message)
    }
}

fn span(item: &Item) -> Range<usize> {
    item.span().unwrap_or_default()
}

/// A pattern of `.gitignore` that files can be made up for: plain names, `*`, `?`, folders.
fn ignore_pattern(pattern: &str) -> Result<String, &'static str> {
    let path = pattern.trim_matches('/');
    if path.is_empty() || path.split('/').any(|part| matches!(part, "" | "." | "..")) {
        return Err("expected a name or a path, as in \".env\" or \"secrets/\"");
    }
    if pattern.contains(['\\', '{', '}', '[', ']', '!', '#', ' ', '\t', '~', ':', '\0', '\n']) {
        return Err("expected plain names, * and ?: what else may stand in .gitignore is not known here");
    }
    Ok(pattern.to_owned())
}

/// A path below the root. What is there, and whether a link leads out, is for the reader of files to see.
fn inside(path: &str) -> Result<RepoPath, &'static str> {
    let parts: Vec<&str> = path.trim_end_matches('/').split('/').filter(|part| *part != ".").collect();
    if path.starts_with('/') || path.contains(['\\', ':', '\0']) {
        return Err("expected a path relative to the repository's root, with / between its parts");
    }
    if parts.contains(&"..") {
        return Err("the path leads out of the repository");
    }
    if parts.is_empty() || parts.contains(&"") {
        return Err("the path has an empty part");
    }
    Ok(RepoPath::from(&*parts.join("/")))
}
