use std::collections::BTreeMap;
use std::ops::Range;

use super::{DockerInstruction, DockerWord, Dockerfile};

/// So many variables of one text are replaced.
const EXPANSIONS_MAX: usize = 32;

/// No name of an image is longer, whatever its variables stand for.
const EXPANDED_MAX: usize = 1 << 10;

/// A variable that `ARG` or `ENV` sets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DockerVariable {
    /// Its name.
    pub name: String,
    /// The bytes of the name.
    pub name_span: Range<usize>,
    /// What it is set to, as written; `None` for an `ARG` without a default.
    pub value: Option<DockerWord>,
    /// Whether the image keeps it: `ENV`.
    pub is_environment: bool,
}

impl DockerInstruction {
    /// What an `ARG` or `ENV` sets: `ENV A=b C=d`, or the old `ENV A b c`.
    pub fn variables(&self, bytes: &[u8]) -> Vec<DockerVariable> {
        let is_environment = self.keyword == "ENV";
        if !is_environment && self.keyword != "ARG" {
            return Vec::new();
        }
        if let [name, value, ..] = &*self.words
            && is_environment
            && !name.text.contains('=')
        {
            let span = value.span.start..self.arguments.end;
            let text = String::from_utf8_lossy(&bytes[span.clone()]).into_owned();
            return vec![DockerVariable {
                name: name.text.clone(),
                name_span: name.span.clone(),
                value: Some(DockerWord { text, span }),
                is_environment,
            }];
        }
        let variable = |word: &DockerWord| {
            let (name, value) = match word.text.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (&*word.text, None),
            };
            let start = word.span.start;
            DockerVariable {
                name: name.to_owned(),
                name_span: start..(start + name.len()).min(word.span.end),
                value: value.map(|value| DockerWord {
                    text: value.to_owned(),
                    span: (start + name.len() + 1).min(word.span.end)..word.span.end,
                }),
                is_environment,
            }
        };
        self.words.iter().map(variable).collect()
    }
}

impl Dockerfile {
    /// The text with the defaults of variables put in, and whether there was one; `None` if one has none, or if
    /// that makes more of it than a name.
    pub(super) fn with_defaults(&self, text: &str) -> Option<(String, bool)> {
        let mut left = EXPANSIONS_MAX;
        self.expand(text, &mut left).map(|expanded| (expanded, text.contains('$')))
    }

    /// Defaults may name other variables, themselves among them.
    fn expand(&self, text: &str, left: &mut usize) -> Option<String> {
        let mut out = String::new();
        let mut rest = text;
        while let Some(at) = rest.find('$') {
            out.push_str(&rest[..at]);
            rest = &rest[at + 1..];
            let (name, fallback, behind) = if let Some(braced) = rest.strip_prefix('{') {
                let close = braced.find('}')?;
                let inner = &braced[..close];
                let len = name_len(inner);
                // `${A:-b}` and `${A-b}`; what else Docker can do with a variable is too much for a default.
                let fallback = match inner[len..].trim_start_matches(':').strip_prefix('-') {
                    Some(fallback) => Some(fallback),
                    None if inner.len() == len => None,
                    None => return None,
                };
                (&inner[..len], fallback, &braced[close + 1..])
            } else {
                let len = name_len(rest);
                (&rest[..len], None, &rest[len..])
            };
            let value =
                self.defaults.get(name).map(String::as_str).filter(|value| !value.is_empty()).or(fallback)?;
            *left = left.checked_sub(1)?;
            out.push_str(&self.expand(value, left)?);
            if out.len() > EXPANDED_MAX {
                return None;
            }
            rest = behind;
        }
        out.push_str(rest);
        Some(out)
    }
}

/// The defaults that instructions set for the `FROM` lines behind them; of a name the last.
pub(super) fn defaults(instructions: &[DockerInstruction]) -> BTreeMap<String, String> {
    let before = instructions.iter().take_while(|i| i.keyword != "FROM").filter(|i| i.keyword == "ARG");
    let set = before.flat_map(|i| &i.words).filter_map(|word| word.text.split_once('='));
    set.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

fn name_len(text: &str) -> usize {
    text.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count()
}
