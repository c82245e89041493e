//! The form of rule files. `build.rs` reads the built-in ones with it, the program those of users.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use serde::Deserialize;
use serde_spanned::Spanned;
use toml_edit::de;

use super::rule::{Applies, AskedStage, Detect, Example, List, Mend, Rule, Text, Token, TokenPart};
use super::shape::{self, Checksum};
use crate::model::{Confidence, Language, Profile, Region, Severity, Target};

/// A rule file that does not have the form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaError {
    /// What is wrong, in one sentence.
    pub message: String,
    /// The bytes of the file that it concerns.
    pub span: Option<Range<usize>>,
}

impl fmt::Display for SchemaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for SchemaError {}

impl SchemaError {
    fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), span: None }
    }
}

impl From<de::Error> for SchemaError {
    fn from(error: de::Error) -> Self {
        Self { message: error.message().to_owned(), span: error.span() }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleFile {
    title: String,
    why: String,
    fix: String,
    severity: Severity,
    confidence: Confidence,
    #[serde(default = "standard")]
    profile: Profile,
    since: String,
    #[serde(default)]
    refs: Vec<String>,
    #[serde(default)]
    applies: AppliesTable,
    detect: DetectTable,
    #[serde(default)]
    overlaps: Vec<String>,
    #[serde(default, rename = "match")]
    matches: Vec<ExampleTable>,
    #[serde(default, rename = "pass")]
    passes: Vec<ExampleTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProviderFile {
    provider: String,
    #[serde(default)]
    why: Option<String>,
    fix: String,
    since: String,
    #[serde(default)]
    refs: Vec<String>,
    token: Vec<TokenTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct TokenTable {
    name: String,
    title: String,
    #[serde(default)]
    why: Option<String>,
    #[serde(default)]
    fix: Option<String>,
    severity: Severity,
    #[serde(default = "high")]
    confidence: Confidence,
    #[serde(default = "standard")]
    profile: Profile,
    shapes: Vec<Spanned<String>>,
    #[serde(default)]
    checksum: Option<Checksum>,
    #[serde(default)]
    checksum_rejects: bool,
    #[serde(default)]
    context: Vec<String>,
    #[serde(default)]
    names: Vec<String>,
    #[serde(default)]
    public: bool,
    #[serde(default)]
    part: Option<TokenPart>,
    source: String,
    #[serde(default)]
    checked: String,
    #[serde(default)]
    refs: Vec<String>,
    #[serde(default)]
    applies: AppliesTable,
    #[serde(default)]
    overlaps: Vec<String>,
    #[serde(default, rename = "match")]
    matches: Vec<ExampleTable>,
    #[serde(default, rename = "pass")]
    passes: Vec<ExampleTable>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct AppliesTable {
    #[serde(default)]
    languages: Vec<Language>,
    #[serde(default)]
    targets: Vec<Target>,
    #[serde(default)]
    regions: Vec<Region>,
    #[serde(default)]
    paths: Vec<String>,
    #[serde(default)]
    not_paths: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DetectTable {
    by: Spanned<String>,
    #[serde(default)]
    keywords: Vec<String>,
    #[serde(default)]
    pattern: Option<String>,
    #[serde(default)]
    mend: Option<MendTable>,
    #[serde(default)]
    stage: Option<StageName>,
    #[serde(default)]
    words: BTreeMap<String, Vec<String>>,
}

/// `mend = "statement"`, `mend = "argument"`, `mend = { instead = "False" }`.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum MendTable {
    Statement,
    Argument,
    Instead(String),
}

/// `stage = "production"`, `stage = "named-production"`.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum StageName {
    Production,
    NamedProduction,
}

impl From<StageName> for AskedStage {
    fn from(name: StageName) -> Self {
        match name {
            StageName::Production => Self::Production,
            StageName::NamedProduction => Self::NamedProduction,
        }
    }
}

impl From<MendTable> for Mend {
    fn from(table: MendTable) -> Self {
        match table {
            MendTable::Statement => Self::Statement,
            MendTable::Argument => Self::Argument,
            MendTable::Instead(words) => Self::Instead(text(words)),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExampleTable {
    text: String,
    #[serde(default)]
    path: String,
    #[serde(default)]
    files: BTreeMap<String, String>,
    #[serde(default)]
    untracked: Vec<String>,
}

fn standard() -> Profile {
    Profile::Standard
}

fn high() -> Confidence {
    Confidence::High
}

fn text(text: String) -> Text {
    Cow::Owned(text)
}

fn texts(list: Vec<String>) -> List<Text> {
    Cow::Owned(list.into_iter().map(Cow::Owned).collect())
}

/// Takes the splice marker out: `ghp{~}_x` becomes `ghp_x`.
fn unspliced(text: &str) -> Text {
    Cow::Owned(text.replace("{~}", ""))
}

impl From<AppliesTable> for Applies {
    fn from(table: AppliesTable) -> Self {
        Self {
            languages: Cow::Owned(table.languages),
            targets: Cow::Owned(table.targets),
            regions: Cow::Owned(table.regions),
            paths: texts(table.paths),
            not_paths: texts(table.not_paths),
        }
    }
}

fn examples(list: Vec<ExampleTable>) -> List<Example> {
    list.into_iter()
        .map(|e| Example {
            text: unspliced(&e.text),
            path: text(e.path),
            files: e.files.into_iter().map(|(p, t)| (text(p), unspliced(&t))).collect(),
            untracked: texts(e.untracked),
        })
        .collect()
}

/// Reads a rule file. `file` is where it lies, relative to the folder that holds the families: its path
/// names the rule (`debug/dbg-macro.toml` is `debug/dbg-macro`); a file with `[[token]]` tables names its
/// rules itself (`secrets/github.toml` holds `secrets/<name>` for each).
///
/// # Errors
/// Says what does not have the form, with the bytes it concerns where they are known.
pub fn read(file: &str, content: &str) -> Result<Vec<Rule>, SchemaError> {
    let Some((family, name)) = file
        .strip_suffix(".toml")
        .and_then(|f| f.rsplit_once('/'))
        .map(|(folder, name)| (folder.rsplit('/').next().unwrap_or(folder), name))
    else {
        return Err(SchemaError::new("a rule file lies at <family>/<name>.toml"));
    };
    let document = content
        .parse::<toml_edit::Document<String>>()
        .map_err(|e| SchemaError { message: e.message().to_owned(), span: e.span() })?;
    if document.contains_key("token") {
        let file_form: ProviderFile = de::from_str(content)?;
        return tokens(family, file, file_form);
    }
    let form: RuleFile = de::from_str(content)?;
    let detect = detect(form.detect)?;
    Ok(vec![Rule {
        id: text(format!("{family}/{name}")),
        title: text(form.title),
        why: text(form.why),
        fix: text(form.fix),
        severity: form.severity,
        confidence: form.confidence,
        profile: form.profile,
        since: text(form.since),
        refs: texts(form.refs),
        applies: form.applies.into(),
        detect,
        overlaps: texts(form.overlaps),
        matches: examples(form.matches),
        passes: examples(form.passes),
        file: text(file.to_owned()),
    }])
}

fn detect(table: DetectTable) -> Result<Detect, SchemaError> {
    let span = Some(table.by.span());
    match (table.by.get_ref().as_str(), table.pattern) {
        ("pattern", Some(pattern)) if table.keywords.is_empty() => Err(SchemaError {
            message: format!("the pattern {pattern:?} needs `keywords` for the prefilter"),
            span,
        }),
        ("pattern", Some(pattern)) => {
            let mend = table.mend.map(Mend::from);
            if matches!(mend, Some(Mend::Instead(_))) && !pattern.contains("(?<cut>") {
                let message =
                    "`mend = { instead = … }` replaces the group `cut`, which the pattern has not".into();
                return Err(SchemaError { message, span });
            }
            let stage = table.stage.map(AskedStage::from);
            Ok(Detect::Pattern { keywords: texts(table.keywords), pattern: text(pattern), mend, stage })
        }
        ("pattern", None) => Err(SchemaError { message: "`by = \"pattern\"` needs `pattern`".into(), span }),
        (_, Some(_)) => Err(SchemaError { message: "only `by = \"pattern\"` takes `pattern`".into(), span }),
        (_, None) if table.mend.is_some() => {
            Err(SchemaError { message: "only `by = \"pattern\"` takes `mend`".into(), span })
        }
        (_, None) if table.stage.is_some() => {
            Err(SchemaError { message: "only `by = \"pattern\"` takes `stage`".into(), span })
        }
        (detector, None) => Ok(Detect::Code {
            detector: text(detector.to_owned()),
            keywords: texts(table.keywords),
            words: table.words.into_iter().map(|(n, list)| (text(n), texts(list))).collect(),
        }),
    }
}

/// The ways in which people write a name of several words: `dd_api`, `dd-api`, `dd.api`, `ddApi`.
fn ways_of_writing(name: &str) -> Vec<String> {
    let words: Vec<&str> = name.split('_').collect();
    match words.len() {
        1 => vec![name.to_owned()],
        _ => ["_", "-", ".", ""].iter().map(|mark| words.join(mark)).collect(),
    }
}

fn tokens(family: &str, file: &str, form: ProviderFile) -> Result<Vec<Rule>, SchemaError> {
    let ProviderFile { provider, why, fix, since, refs, token } = form;
    token
        .into_iter()
        .map(|t| {
            let shapes = t
                .shapes
                .iter()
                .map(|s| {
                    shape::parse(s.get_ref())
                        .and_then(|shape| if t.names.is_empty() { shape.anchored() } else { Ok(shape) })
                        .map_err(|e| SchemaError { message: e.to_string(), span: Some(s.span()) })
                })
                .collect::<Result<Vec<_>, _>>()?;
            if shapes.is_empty() {
                return Err(SchemaError::new(format!("the token {} needs a shape", t.name)));
            }
            if t.part.is_some() && t.severity > Severity::Note {
                return Err(SchemaError::new(format!("{} opens nothing by itself, so it is a note", t.name)));
            }
            let Some(why) = t.why.or_else(|| why.clone()) else {
                return Err(SchemaError::new(format!("the token {} needs `why`", t.name)));
            };
            Ok(Rule {
                id: text(format!("{family}/{}", t.name)),
                title: text(t.title),
                why: text(why),
                fix: text(t.fix.unwrap_or_else(|| fix.clone())),
                severity: t.severity,
                confidence: t.confidence,
                profile: t.profile,
                since: text(since.clone()),
                refs: texts(refs.iter().cloned().chain(t.refs).collect()),
                applies: t.applies.into(),
                detect: Detect::Token(Token {
                    provider: text(provider.clone()),
                    shapes: Cow::Owned(shapes),
                    checksum: t.checksum,
                    checksum_rejects: t.checksum_rejects,
                    context: texts(t.context),
                    names: texts(t.names.iter().flat_map(|name| ways_of_writing(name)).collect()),
                    public: t.public,
                    part: t.part,
                    source: text(t.source),
                    checked: text(t.checked),
                }),
                overlaps: texts(t.overlaps),
                matches: examples(t.matches),
                passes: examples(t.passes),
                file: text(file.to_owned()),
            })
        })
        .collect()
}
