use super::{Glob, RepoPath};

/// Where what a file configures runs, in a team's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Environment {
    /// Where users are.
    Production,
    /// Where releases are tried.
    Staging,
    /// At a developer's desk.
    Development,
    /// In tests.
    Test,
    /// In what is shown to people.
    Example,
}

impl Environment {
    /// All of them, as the configuration names them.
    pub const WORDS: &[&str] = &["production", "staging", "development", "test", "example"];

    /// The one of this name.
    pub fn of_word(word: &str) -> Option<Self> {
        match word {
            "production" => Some(Self::Production),
            "staging" => Some(Self::Staging),
            "development" => Some(Self::Development),
            "test" => Some(Self::Test),
            "example" => Some(Self::Example),
            _ => None,
        }
    }
}

/// What a team says of its files: patterns, and where what the files configure runs that they fit.
#[derive(Debug, Clone, Default)]
pub struct Environments(Vec<(Glob, Environment)>);

impl Environments {
    /// Says it of one pattern more.
    pub fn add(&mut self, glob: Glob, environment: Environment) {
        self.0.push((glob, environment));
    }

    /// What is said of a file. The first pattern that fits decides.
    pub fn of(&self, path: &RepoPath) -> Option<Environment> {
        self.0.iter().find(|(glob, _)| glob.matches(path)).map(|(_, environment)| *environment)
    }
}
