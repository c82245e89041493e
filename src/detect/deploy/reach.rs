use crate::model::{RepoPath, Target};

/// Words in the path of what people and pipelines use among themselves.
#[rustfmt::skip]
const REHEARSAL: &[&[u8]] = &[
    b"dev", b"devel", b"develop", b"development", b"devcontainer", b"test", b"tests", b"testing", b"testdata",
    b"ci", b"e2e", b"local", b"override", b"debug", b"example", b"examples", b"sample", b"samples", b"demo",
    b"demos", b"doc", b"docs", b"bench", b"benches", b"benchmark", b"benchmarks", b"lint", b"fuzz", b"playground",
    b"tutorial", b"tutorials", b"hack", b"contrib", b"fixtures", b"spec", b"integration", b"mock", b"mocks",
    b"cross", b"sandbox", b"playwright", b"archived", b"github", b"gitpod", b"vagrant", b"tools", b"unmaintained",
];

/// Words in the name of a pipeline that only tries things.
const TESTING: &[&[u8]] = &[
    b"test",
    b"tests",
    b"testing",
    b"e2e",
    b"integration",
    b"bench",
    b"benchmark",
    b"benchmarks",
    b"lint",
    b"fuzz",
    b"coverage",
    b"nightly",
];

/// Words in the name of a pipeline that publishes pages for people, whatever else it is called.
const PAGES: &[&[u8]] = &[b"doc", b"docs", b"documentation", b"website", b"pages"];

/// Words in the path of what is put into production.
const PRODUCTION: &[&[u8]] =
    &[b"prod", b"production", b"deploy", b"deployment", b"release", b"publish", b"live", b"staging"];

/// How far what a file describes gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::detect) enum Reach {
    /// Its path says that it goes to production.
    Production,
    /// Nothing says that it does not.
    Open,
    /// It is for development, tests, examples, documentation.
    Rehearsal,
}

impl Reach {
    /// What the path and the target tell.
    pub(in crate::detect) fn of(path: &RepoPath, target: Target) -> Self {
        let is_for_show = target.is_for_show() || target == Target::Generated;
        if is_for_show || has_word(path, REHEARSAL) {
            Self::Rehearsal
        } else if has_word(path, PRODUCTION) {
            Self::Production
        } else {
            Self::Open
        }
    }

    /// Whether a name says that what bears it is for development, tests, examples.
    pub(in crate::detect) fn is_rehearsal(name: &str) -> bool {
        has_word(&RepoPath::new(name), REHEARSAL)
    }

    /// The same for a pipeline, whose folder says nothing.
    pub(in crate::detect) fn of_pipeline(path: &RepoPath) -> Self {
        let name = RepoPath::new(path.name());
        if has_word(&name, PAGES) {
            Self::Rehearsal
        } else if has_word(&name, PRODUCTION) {
            Self::Production
        } else if has_word(&name, TESTING) {
            Self::Rehearsal
        } else {
            Self::Open
        }
    }
}

fn has_word(path: &RepoPath, words: &[&[u8]]) -> bool {
    path.as_bytes()
        .split(|byte| !byte.is_ascii_alphanumeric())
        .any(|part| words.iter().any(|word| word.eq_ignore_ascii_case(part)))
}
