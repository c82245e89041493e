use super::Told;
use super::pattern::Pattern;
use crate::model::RepoPath;
use crate::source::{JsonNode, JsonValue, YamlNode, parse_json, parse_yaml};

/// Checks that `eslint:recommended` has as errors (<https://eslint.org/docs/latest/rules/>), of those that rules name.
const RECOMMENDED: &[&str] = &["no-debugger"];

/// What a check is set to: nothing is told by one that merely warns.
#[derive(Debug, Clone, Copy)]
pub(super) struct Setting(pub(super) Option<Told>);

/// A configuration of eslint that is data, in the form that its versions up to 8 read and 9 reads on request
/// (<https://eslint.org/docs/v8.x/use/configure/configuration-files>).
#[derive(Debug, Clone, Default)]
pub(super) struct EslintConfig {
    /// Whether those in the folders above do not count.
    pub(super) is_root: bool,
    rules: Vec<(String, Setting)>,
    is_recommended: bool,
    overrides: Vec<Override>,
    /// The files that eslint does not look at; the last that matches decides.
    ignored: Vec<(Pattern, bool)>,
}

#[derive(Debug, Clone)]
struct Override {
    files: Vec<Pattern>,
    excluded: Vec<Pattern>,
    rules: Vec<(String, Setting)>,
}

impl EslintConfig {
    /// Reads a file of this name; `None` if it tells eslint nothing.
    pub(super) fn read(name: &[u8], bytes: &[u8]) -> Option<Self> {
        if name == b"package.json" {
            let document = parse_json(bytes).ok()?;
            return Some(Self::of(&Value::of_json(document.root.as_ref()?.get("eslintConfig")?)));
        }
        if name.ends_with(b".json") || name == b".eslintrc" {
            if let Ok(document) = parse_json(bytes) {
                return Some(Self::of(&Value::of_json(document.root.as_ref()?)));
            }
            if name.ends_with(b".json") {
                return None;
            }
        }
        let documents = parse_yaml(bytes).ok()?;
        let root = documents.roots().next()?;
        Some(Self::of(&Value::of_yaml(root, 0)))
    }

    fn of(config: &Value) -> Self {
        let patterns = |value: Option<&Value>| -> Vec<Pattern> {
            value.map(Value::texts).unwrap_or_default().iter().map(|text| Pattern::read(text)).collect()
        };
        let one = |value: &Value| Override {
            files: patterns(value.get("files")),
            excluded: patterns(value.get("excludedFiles")),
            rules: rules(value.get("rules")),
        };
        let overrides = match config.get("overrides") {
            Some(Value::List(list)) => list.iter().map(one).collect(),
            _ => Vec::new(),
        };
        let ignored = config.get("ignorePatterns").map(Value::texts).unwrap_or_default();
        let ignored = ignored.iter().map(|text| match text.strip_prefix('!') {
            Some(back) => (Pattern::read(back), false),
            None => (Pattern::read(text), true),
        });
        Self {
            is_root: matches!(config.get("root"), Some(Value::Word(word)) if word == "true"),
            rules: rules(config.get("rules")),
            is_recommended: config
                .get("extends")
                .is_some_and(|extends| extends.texts().contains(&"eslint:recommended")),
            overrides,
            ignored: ignored.collect(),
        }
    }

    /// What is told about a check for a file, whose path is seen from the configuration's folder. `None` if it is
    /// not set here.
    pub(super) fn about(&self, path: &RepoPath, check: &str) -> Option<Setting> {
        let matching = self.overrides.iter().rev().filter(|one| {
            one.files.iter().any(|pattern| pattern.matches(path))
                && !one.excluded.iter().any(|pattern| !pattern.is_known || pattern.matches(path))
        });
        let set = |rules: &[(String, Setting)]| {
            rules.iter().rev().find(|(rule, _)| rule == check).map(|(_, told)| *told)
        };
        let told = matching.map(|one| &one.rules).chain([&self.rules]).find_map(|rules| set(rules)).or_else(
            || (self.is_recommended && RECOMMENDED.contains(&check)).then_some(Setting(Some(Told::Banned))),
        )?;
        // A pattern that nobody understands may be the one that leaves the file out.
        let ignored = self.ignored.iter().rev();
        let mut ignored = ignored.filter(|(pattern, _)| !pattern.is_known || pattern.matches(path));
        let is_ignored = ignored.next().is_some_and(|(_, ignores)| *ignores);
        Some(Setting(told.0.filter(|told| *told == Told::Allowed || !is_ignored)))
    }
}

/// `"no-console": "off"`, `["error", {…}]`, `2`.
fn rules(value: Option<&Value>) -> Vec<(String, Setting)> {
    let Some(Value::Table(members)) = value else { return Vec::new() };
    let told = |value: &Value| {
        let word = match value {
            Value::List(list) => list.first()?,
            other => other,
        };
        match word {
            Value::Word(word) if matches!(&**word, "off" | "0") => Some(Told::Allowed),
            Value::Word(word) if matches!(&**word, "error" | "2") => Some(Told::Banned),
            _ => None,
        }
    };
    members.iter().map(|(rule, value)| (rule.clone(), Setting(told(value)))).collect()
}

/// What JSON and YAML have in common here.
enum Value {
    Word(String),
    List(Vec<Value>),
    Table(Vec<(String, Value)>),
}

/// Nothing that is asked for lies deeper.
const DEPTH: usize = 6;

impl Value {
    fn of_json(node: &JsonNode) -> Self {
        match &node.value {
            JsonValue::String(text) => Self::Word(text.to_string()),
            JsonValue::Number(number) => Self::Word((*number).to_owned()),
            JsonValue::Bool(value) => Self::Word(value.to_string()),
            JsonValue::Null => Self::Word(String::new()),
            JsonValue::Array(elements) => Self::List(elements.iter().map(Self::of_json).collect()),
            JsonValue::Object(members) => {
                Self::Table(members.iter().map(|m| (m.key.to_string(), Self::of_json(&m.node))).collect())
            }
        }
    }

    /// Aliases are not followed: they could make much of little.
    fn of_yaml(node: YamlNode, depth: usize) -> Self {
        if let Some(text) = node.as_str() {
            return Self::Word(text.to_owned());
        }
        if depth > DEPTH || node.is_alias() {
            return Self::Word(String::new());
        }
        let elements: Vec<Self> = node.elements().map(|n| Self::of_yaml(n, depth + 1)).collect();
        if !elements.is_empty() {
            return Self::List(elements);
        }
        let member = |(key, value): (YamlNode, YamlNode)| {
            Some((key.as_str()?.to_owned(), Self::of_yaml(value, depth + 1)))
        };
        Self::Table(node.members().filter_map(member).collect())
    }

    fn get(&self, name: &str) -> Option<&Self> {
        let Self::Table(members) = self else { return None };
        members.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// One text or a list of them.
    fn texts(&self) -> Vec<&str> {
        match self {
            Self::Word(word) => vec![word],
            Self::List(list) => list
                .iter()
                .filter_map(|value| if let Self::Word(word) = value { Some(&**word) } else { None })
                .collect(),
            Self::Table(_) => Vec::new(),
        }
    }
}
