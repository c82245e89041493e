use std::borrow::Cow;

use serde::Deserialize;

use super::shape::{ByteSet, Checksum, Shape};
use crate::model::{Confidence, Language, Profile, Region, RuleId, Severity, Target};

/// Text that is static in built-in rules and owned in a user's.
pub type Text = Cow<'static, str>;
/// A list that is static in built-in rules and owned in a user's.
pub type List<T> = Cow<'static, [T]>;

/// A rule, whole: its words, where it applies, how it finds, and its examples.
#[derive(Debug, Clone)]
pub struct Rule {
    /// `family/name`.
    pub id: Text,
    /// What is wrong, in one short line.
    pub title: Text,
    /// Why it hurts.
    pub why: Text,
    /// What to do.
    pub fix: Text,
    /// How bad.
    pub severity: Severity,
    /// How sure.
    pub confidence: Confidence,
    /// From which profile on it runs.
    pub profile: Profile,
    /// The version that brought it.
    pub since: Text,
    /// Links and names of peers' rules.
    pub refs: List<Text>,
    /// Where it looks.
    pub applies: Applies,
    /// How it finds.
    pub detect: Detect,
    /// Ids that may fire on its examples too.
    pub overlaps: List<Text>,
    /// Examples that it must find. For tokens they are made from the shape, beside those written.
    pub matches: List<Example>,
    /// Examples that it must pass over.
    pub passes: List<Example>,
    /// The file it is written in: `rules/…` for built-in ones.
    pub file: Text,
}

impl Rule {
    /// The id as the report's type.
    pub fn rule_id(&self) -> RuleId {
        RuleId::from(&self.id)
    }

    /// What stands before the slash of the id.
    pub fn family(&self) -> &str {
        self.id.split('/').next().unwrap_or_default()
    }
}

/// Where a rule looks. An empty list means everywhere.
#[derive(Debug, Clone, Default)]
pub struct Applies {
    /// Languages of the file.
    pub languages: List<Language>,
    /// What the file (or, for tests inside Rust sources, the place in it) is for.
    pub targets: List<Target>,
    /// What the place in the file belongs to.
    pub regions: List<Region>,
    /// Globs of paths it looks at, relative to the root; one without `/` is held against the name.
    pub paths: List<Text>,
    /// Globs of paths it passes over.
    pub not_paths: List<Text>,
}

/// How a rule finds.
#[derive(Debug, Clone)]
pub enum Detect {
    /// A regular expression, tried on the line around each hit of a keyword.
    Pattern {
        /// One of these (ASCII case ignored) is part of every match.
        keywords: List<Text>,
        /// ASCII syntax of the `regex` crate; a group named `secret` or `at` narrows the span.
        pattern: Text,
        /// What mends a match, where a program can do that.
        mend: Option<Mend>,
        /// In which files it counts; in all, if it does not say.
        stage: Option<AskedStage>,
    },
    /// A token of a vendor.
    Token(Token),
    /// Code of ours: the rule names the detector and gives it words.
    Code {
        /// The name of a detector.
        detector: Text,
        /// If there are any, the detector is asked at each hit of one of these (ASCII case ignored).
        keywords: List<Text>,
        /// Named lists; each detector documents its own.
        words: List<(Text, List<Text>)>,
    },
}

/// Which files a rule asks for, by what they configure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AskedStage {
    /// What runs in production, also if that only follows from what such files are for (a Dockerfile, a manifest).
    Production,
    /// What says of itself that it is production: by its name, a folder, a variable.
    NamedProduction,
}

/// How a match of a pattern is mended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mend {
    /// The statement that the match begins is deleted with its line, if nothing else stands there.
    Statement,
    /// The call that the match begins is replaced by its argument.
    Argument,
    /// What the group `cut` of the pattern matched is replaced by this.
    Instead(Text),
}

impl Detect {
    /// The literals that the prefilter looks for.
    pub fn keywords(&self) -> Vec<&str> {
        match self {
            Self::Pattern { keywords, .. } | Self::Code { keywords, .. } => {
                keywords.iter().map(AsRef::as_ref).collect()
            }
            Self::Token(token) if token.names.is_empty() => {
                token.shapes.iter().map(Shape::anchor_text).collect()
            }
            Self::Token(token) => token.names.iter().map(AsRef::as_ref).collect(),
        }
    }

    /// Whether keywords count only as they are spelled: prefixes of tokens do.
    pub fn is_spelled(&self) -> bool {
        matches!(self, Self::Token(token) if token.names.is_empty())
    }

    /// What must follow a keyword for the rule to care; `None` means anything.
    pub fn after(&self, keyword: &str) -> Option<ByteSet> {
        let Self::Token(token) = self else { return None };
        if !token.names.is_empty() {
            return None;
        }
        let shapes = token.shapes.iter().filter(|s| s.anchor_text().eq_ignore_ascii_case(keyword));
        shapes.map(Shape::after_anchor).try_fold(ByteSet(0), |all, set| Some(ByteSet(all.0 | set?.0)))
    }

    /// At how many bytes in a row, all of this kind, a keyword stands first wherever the rule cares for it.
    pub fn run_behind(&self, keyword: &str, is: impl Fn(u8) -> bool) -> usize {
        let Self::Token(token) = self else { return 0 };
        if !token.names.is_empty() {
            return 0;
        }
        let shapes = token.shapes.iter().filter(|s| s.anchor_text() == keyword);
        shapes.map(|shape| shape.run_from_anchor(&is)).min().unwrap_or_default()
    }

    /// The names of a code rule's lists.
    pub fn lists(&self) -> impl Iterator<Item = &str> {
        let lists = match self {
            Self::Code { words, .. } => &words[..],
            _ => &[],
        };
        lists.iter().map(|(name, _)| &**name)
    }

    /// A named list of a code rule; empty if it has none of that name.
    pub fn words(&self, name: &str) -> &[Text] {
        match self {
            Self::Code { words, .. } => words.iter().find(|(n, _)| n == name).map_or(&[], |(_, list)| list),
            _ => &[],
        }
    }
}

/// The format of a vendor's token.
#[derive(Debug, Clone)]
pub struct Token {
    /// Who issues it.
    pub provider: Text,
    /// The forms it has; any of them.
    pub shapes: List<Shape>,
    /// A checksum inside the token.
    pub checksum: Option<Checksum>,
    /// Whether a failed checksum proves that the token is no live one.
    pub checksum_rejects: bool,
    /// If there are any, one of these words (ASCII case ignored) must stand on the same line or within the two before.
    pub context: List<Text>,
    /// If there are any, the token has no mark of its own: it is the value that is given to a name with one of
    /// these in it, or that stands in a block of that name. Every way of writing them is listed.
    pub names: List<Text>,
    /// Whether the vendor means it to be published: it is recognised, and no alarm.
    pub public: bool,
    /// What it is of a credential that has several parts; `None` for what opens something by itself.
    pub part: Option<TokenPart>,
    /// Where the format is documented.
    pub source: Text,
    /// When that was looked up, `YYYY-MM-DD`; empty if it never was.
    pub checked: Text,
}

/// A part of a credential that opens nothing by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TokenPart {
    /// It names an account or a key. Beside its secret it is a second place of that finding, alone a note.
    Id,
}

impl Token {
    /// A name that a sample can be given to.
    pub fn sample_name(&self) -> String {
        const NOUNS: [&str; 5] = ["key", "token", "secret", "password", "license"];
        match self.names.first() {
            Some(name) if NOUNS.iter().any(|noun| name.ends_with(noun)) => name.to_string(),
            Some(name) => format!("{name}_key"),
            None => "value".to_owned(),
        }
    }
}

/// A text that a rule must find something in, or nothing.
///
/// In `text`, `«` and `»` stand around what the finding's span must be; `{~}` is taken out on loading, so
/// that no token-shaped string stands in a file of the repository.
#[derive(Debug, Clone, Default)]
pub struct Example {
    /// The file's content.
    pub text: Text,
    /// Its path; by default one that fits the rule's first language.
    pub path: Text,
    /// Further files of the same repository: path and content.
    pub files: List<(Text, Text)>,
    /// Paths among them that Git does not track. Everything else is tracked.
    pub untracked: List<Text>,
}
