use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::affected::{Affected, Interval, Versions};
use super::ecosystem::{Ecosystem, Version};
use crate::source::{YamlNode, parse_yaml};

/// Longer first sentences are cut.
const TITLE_MAX: usize = 120;
/// A record nests four levels; a tree of aliases that is longer or leads back to itself is none.
const YAML_NODES_MAX: usize = 200_000;
const YAML_DEPTH_MAX: usize = 32;

/// A list or text may be `null`, which is the same as not there.
pub(super) fn or_default<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(
    from: D,
) -> Result<T, D::Error> {
    Option::<T>::deserialize(from).map(Option::unwrap_or_default)
}

/// An entry of the database as far as it is used, in the form of <https://ossf.github.io/osv-schema/>.
#[derive(Debug, Clone, Deserialize, Serialize)]
pub(super) struct Record {
    pub(super) id: String,
    #[serde(default, deserialize_with = "or_default", skip_serializing_if = "Vec::is_empty")]
    pub(super) aliases: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) summary: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) details: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) published: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) modified: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) withdrawn: Option<String>,
    #[serde(default, deserialize_with = "or_default", skip_serializing_if = "Vec::is_empty")]
    pub(super) severity: Vec<Score>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) affected: Vec<Affected>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) database_specific: Option<Value>,
}

#[derive(Debug, Clone, Default, Deserialize, Serialize)]
pub(super) struct Score {
    #[serde(rename = "type", default, deserialize_with = "or_default")]
    pub(super) kind: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) score: String,
}

impl Record {
    /// Reads JSON, or YAML if the file's name says so. `None` if it has not the form.
    pub(super) fn read(name: &str, bytes: &[u8]) -> Option<Self> {
        let record: Self = if is_yaml(name) {
            serde_json::from_value(yaml(bytes)?).ok()?
        } else {
            serde_json::from_slice(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)).ok()?
        };
        (!record.id.is_empty()).then_some(record)
    }

    /// The ecosystems and packages it speaks of.
    pub(super) fn packages(&self) -> impl Iterator<Item = (Ecosystem, String)> {
        self.affected.iter().filter_map(|a| {
            let ecosystem = a.ecosystem()?;
            Some((ecosystem, ecosystem.key(&a.package.name)))
        })
    }

    /// One line that says what it is about.
    pub(super) fn title(&self) -> String {
        let text = self.summary.as_deref().filter(|s| !s.trim().is_empty()).or(self.details.as_deref());
        first_sentence(text.unwrap_or_default())
    }

    /// The day it was last changed.
    pub(super) fn day(&self) -> Option<&str> {
        self.modified.as_deref().or(self.published.as_deref())?.get(..10)
    }
}

pub(super) fn is_record(name: &str) -> bool {
    is_yaml(name) || name.strip_suffix(".json").is_some()
}

fn is_yaml(name: &str) -> bool {
    [".yaml", ".yml"].iter().any(|end| name.ends_with(end))
}

/// The first line with words, cut behind its first sentence.
fn first_sentence(text: &str) -> String {
    let line = text.lines().map(|l| l.trim().trim_start_matches('#').trim()).find(|l| l.contains(' '));
    let line = line.or_else(|| text.lines().next()).unwrap_or_default();
    let sentence = line.match_indices(". ").map(|(at, _)| at).find(|at| *at > 20).unwrap_or(line.len());
    let sentence = line[..sentence].trim_end_matches('.');
    match sentence.char_indices().nth(TITLE_MAX) {
        None => sentence.to_owned(),
        Some((end, _)) => {
            let end = sentence[..end].rfind(' ').unwrap_or(end);
            format!("{}…", sentence[..end].trim_end_matches([',', ';', ':', ' ']))
        }
    }
}

/// A document as JSON has it: scalars are texts, as all that is asked for here are.
fn yaml(bytes: &[u8]) -> Option<Value> {
    let documents = parse_yaml(bytes).ok()?;
    let mut left = YAML_NODES_MAX;
    value(documents.roots().next()?, YAML_DEPTH_MAX, &mut left)
}

fn value(node: YamlNode, depth: usize, left: &mut usize) -> Option<Value> {
    *left = left.checked_sub(1)?;
    let depth = depth.checked_sub(1)?;
    if let Some(text) = node.as_str() {
        let null = node.resolved().style() == Some(crate::source::YamlStyle::Plain)
            && matches!(text, "" | "~" | "null");
        return Some(if null { Value::Null } else { Value::String(text.to_owned()) });
    }
    if node.members().len() > 0 {
        let members = node.members().map(|(key, item)| {
            Some((key.as_str().unwrap_or_default().to_owned(), value(item, depth, left)?))
        });
        return members.collect::<Option<serde_json::Map<_, _>>>().map(Value::Object);
    }
    node.elements().map(|item| value(item, depth, left)).collect::<Option<Vec<_>>>().map(Value::Array)
}

/// What the data says about versions of one package.
#[derive(Debug, Clone)]
pub struct OsvAdvisory {
    /// Its name in the data: `PYSEC-…`, `GHSA-…`, `MAL-…`.
    pub id: String,
    /// Names it has elsewhere.
    pub aliases: Vec<String>,
    /// In one line. Text of the database, not yet safe to show.
    pub title: String,
    /// When it was published, `YYYY-MM-DD`; empty if that is not said.
    pub date: String,
    /// When it was last changed.
    pub(super) modified: String,
    /// The CVSS vector.
    pub cvss: Option<String>,
    /// How bad it is: `low`, `medium`, `high`, `critical`.
    pub rating: Option<&'static str>,
    ecosystem: Ecosystem,
    affected: Vec<Versions>,
}

impl OsvAdvisory {
    /// What a record says of one of its packages; `None` if it was withdrawn.
    pub(super) fn of(record: &Record, ecosystem: Ecosystem, key: &str) -> Option<Self> {
        if record.withdrawn.is_some() {
            return None;
        }
        let of_package =
            |a: &&Affected| a.ecosystem() == Some(ecosystem) && ecosystem.key(&a.package.name) == key;
        let affected = record
            .affected
            .iter()
            .filter(of_package)
            .map(|a| Versions { intervals: a.intervals(ecosystem), listed: a.versions.clone() })
            .collect();
        let cvss =
            record.severity.iter().filter(|s| s.kind.starts_with("CVSS")).map(|s| s.score.clone()).max();
        let said = record.database_specific.as_ref().and_then(|d| d.get("severity")?.as_str());
        Some(Self {
            id: record.id.clone(),
            aliases: record.aliases.clone(),
            title: record.title(),
            date: record.published.as_deref().and_then(|day| day.get(..10)).unwrap_or_default().to_owned(),
            modified: record.modified.clone().unwrap_or_default(),
            rating: said.and_then(rating_of_word).or_else(|| rating_of_vector(cvss.as_deref()?)),
            cvss,
            ecosystem,
            affected,
        })
    }

    /// Whether it speaks of this version, as it is written where it is pinned.
    pub fn concerns(&self, version: &str) -> bool {
        let parsed = self.ecosystem.version(version);
        self.affected.iter().any(|a| a.hold(self.ecosystem, version, parsed.as_ref()))
    }

    /// The lowest version behind this one that is mended.
    pub fn first_fixed_after(&self, version: &str) -> Option<String> {
        let version = self.ecosystem.version(version)?;
        let fixed = self.intervals().filter_map(Interval::fixed).filter(|fixed| **fixed > version);
        let fixed =
            fixed.filter(|f| !self.intervals().any(|i| i.fixed().is_none_or(|end| end != *f) && i.holds(f)));
        fixed
            .fold(None, |best: Option<&Version>, one| match best {
                Some(best) if best <= one => Some(best),
                _ => Some(one),
            })
            .map(ToString::to_string)
    }

    /// The versions concerned, as in `>=1.0, <1.2 or >=2.0, <2.1`. Empty if they are only listed.
    pub fn ranges(&self) -> String {
        let ranges: Vec<String> = self.intervals().map(ToString::to_string).collect();
        ranges.join(" or ")
    }

    /// Whether the package itself was made to do harm: <https://github.com/ossf/malicious-packages>.
    pub fn is_malware(&self) -> bool {
        self.id.starts_with("MAL-")
    }

    /// Where to read more.
    pub fn url(&self) -> String {
        format!("https://osv.dev/vulnerability/{}", self.id)
    }

    fn intervals(&self) -> impl Iterator<Item = &Interval> {
        self.affected.iter().flat_map(|a| &a.intervals)
    }
}

fn rating_of_word(word: &str) -> Option<&'static str> {
    match &*word.to_ascii_lowercase() {
        "low" => Some("low"),
        "medium" | "moderate" => Some("medium"),
        "high" => Some("high"),
        "critical" => Some("critical"),
        _ => None,
    }
}

fn rating_of_vector(vector: &str) -> Option<&'static str> {
    let vector: cvss::Cvss = vector.parse().ok()?;
    rating_of_word(vector.severity().as_str())
}
