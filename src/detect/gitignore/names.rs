use super::name::{Sieve, is_one_of};
use crate::model::{RepoPath, Severity};
use crate::rules::rule::Text;
use crate::rules::{Catalog, Rule};

/// The rule whose words say which files hold secrets.
const SENSITIVE: &str = "gitignore/tracked-sensitive-file";

/// The rule whose words say what is evidence of such files.
const EVIDENCE: &str = "gitignore/missing-pattern";

/// A list of names, what they are in a sentence, and how bad it is that Git has one.
pub(super) type Group = (&'static str, &'static str, Severity);

/// The lists of names.
pub(super) const GROUPS: &[Group] = &[
    ("private-keys", "a private key", Severity::Error),
    ("key-stores", "a store of keys", Severity::Error),
    ("credentials", "a file of credentials", Severity::Error),
    ("infrastructure", "the state of an infrastructure, which holds its secrets", Severity::Error),
    ("variables", "a file of variables for an infrastructure", Severity::Error),
    ("environment", "an environment file", Severity::Error),
    ("data", "a copy of a database", Severity::Warning),
];

/// What `gitignore/tracked-sensitive-file` knows of names, for the rules that ask about the same files.
pub(super) struct KnownNames {
    rule: Option<&'static Rule>,
    sieve: Sieve,
}

impl KnownNames {
    pub(super) fn new() -> Self {
        let rule = Catalog::built_in_rule(SENSITIVE);
        let lists = GROUPS.iter().filter_map(|(group, ..)| Some(rule?.detect.words(group)));
        let sieve = Sieve::of(lists.flatten());
        Self { rule, sieve }
    }

    /// The rule whose words say what is evidence of files that Git does not have.
    pub(super) fn evidence_rule() -> Option<&'static Rule> {
        Catalog::built_in_rule(EVIDENCE)
    }

    /// A list of the rule about names.
    pub(super) fn words(&self, list: &str) -> &'static [Text] {
        self.rule.map_or(&[], |rule| rule.detect.words(list))
    }

    /// The list that a path's name is on, if it is meant for nobody else.
    pub(super) fn group(&self, path: &RepoPath) -> Option<Group> {
        if !self.sieve.lets_through(path) || is_one_of(path, self.words("meant-to-be-shared")) {
            return None;
        }
        GROUPS.iter().copied().find(|(group, ..)| is_one_of(path, self.words(group)))
    }

    /// Whether a folder on the way to the file is one where such files are put on purpose.
    pub(super) fn is_in_deliberate_folder(&self, path: &RepoPath) -> bool {
        let folders = self.words("deliberate-folders");
        let mut parts = path.parts();
        parts.next_back();
        parts.any(|part| {
            let part = part.to_ascii_lowercase();
            folders.iter().any(|folder| part == folder.as_bytes())
        })
    }

    /// Whether the key of a variable says that its value is a secret.
    pub(super) fn is_secret_key(&self, key: &str) -> bool {
        let key = key.to_ascii_lowercase();
        self.words("secret-keys").iter().any(|word| key.contains(&**word))
    }
}
