use std::collections::{BTreeMap, HashMap};

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use bstr::ByteSlice;
use globset::{Glob, GlobBuilder, GlobSet, GlobSetBuilder};

use crate::model::RepoPath;

/// The rules that look at whole files, by the files' names.
pub(super) struct WholeFileRules {
    by_name: HashMap<Vec<u8>, Vec<u16>>,
    globs: GlobSet,
    /// For each of the globs the rules that have it.
    wanted_by: Vec<Vec<u16>>,
    /// A path that has none of these fits no glob. `None` if some glob fits paths of any letters.
    words: Option<AhoCorasick>,
}

/// What rules say of the names of files that they look at.
#[derive(Default)]
pub(super) struct WholeFileRulesBuilder<'r> {
    by_name: HashMap<Vec<u8>, Vec<u16>>,
    globs: BTreeMap<&'r str, Vec<u16>>,
}

impl<'r> WholeFileRulesBuilder<'r> {
    /// The rule looks at files of this name, or that this glob fits.
    pub(super) fn add(&mut self, name: &'r str, rule: u16) {
        if name.contains(['*', '?', '[', '{', '/']) {
            self.globs.entry(name).or_default().push(rule);
        } else {
            self.by_name.entry(name.as_bytes().to_vec()).or_default().push(rule);
        }
    }

    /// # Errors
    /// The glob that does not parse, if it is one; `None` if all together are too large.
    pub(super) fn build(self) -> Result<WholeFileRules, Option<(&'r str, u16)>> {
        let mut set = GlobSetBuilder::new();
        for (&text, rules) in &self.globs {
            set.add(glob(text).map_err(|()| Some((text, rules[0])))?);
        }
        let words: Vec<&str> = self.globs.keys().map(|glob| longest_word(glob)).collect();
        let words = if words.contains(&"") { None } else { Some(any_of(&words).ok_or(None)?) };
        Ok(WholeFileRules {
            by_name: self.by_name,
            globs: set.build().map_err(|_| None)?,
            wanted_by: self.globs.into_values().collect(),
            words,
        })
    }
}

impl WholeFileRules {
    /// The rules that look at this file, in order.
    pub(super) fn of(&self, path: &RepoPath) -> Vec<u16> {
        let mut rules = self.by_name.get(path.name()).cloned().unwrap_or_default();
        // It is asked of every file; nearly all fit no glob, and this says so in a tenth of the time.
        if self.words.as_ref().is_none_or(|words| words.is_match(path.as_bytes())) {
            let fitting = self.globs.matches(&*path.as_bytes().to_path_lossy());
            rules.extend(fitting.into_iter().flat_map(|glob| &self.wanted_by[glob]));
            rules.sort_unstable();
            rules.dedup();
        }
        rules
    }
}

/// What finds any of these words in paths, which are short: a table of all states takes the fewest steps there.
fn any_of(words: &[&str]) -> Option<AhoCorasick> {
    let says_less = |word: &str| words.iter().any(|other| *other != word && word.contains(*other));
    let least = words.iter().filter(|word| !says_less(word));
    AhoCorasick::builder().kind(Some(AhoCorasickKind::DFA)).prefilter(false).build(least).ok()
}

/// The longest stretch of text that every path has that the glob fits; empty if it is not easily told.
fn longest_word(glob: &str) -> &str {
    if glob.contains(['[', '{', '\\']) {
        return "";
    }
    // `**/` may stand for nothing: what is beside it need not have its slash.
    let words = glob.split(['*', '?']).map(|word| word.trim_matches('/'));
    words.max_by_key(|word| word.len()).unwrap_or_default()
}

/// A glob of a rule: one without `/` is held against the name, wherever the file lies.
pub(super) fn glob(text: &str) -> Result<Glob, ()> {
    let whole = if text.contains('/') { text.to_owned() } else { format!("**/{text}") };
    GlobBuilder::new(&whole).literal_separator(true).build().map_err(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_glob_is_not_missed_for_the_word_it_must_have() {
        for (glob, word, path) in [
            ("**/arm/*.json", ".json", "arm/a.json"),
            ("**/sites-available/*", "sites-available", "sites-available/shop"),
            ("*ockerfile*", "ockerfile", "web/Dockerfile.dev"),
            ("start*", "start", "bin/start-all"),
            ("*.y?l", ".y", "a.yml"),
            ("a/**/b/c", "b/c", "a/b/c"),
        ] {
            assert_eq!(longest_word(glob), word, "{glob}");
            let mut rules = WholeFileRulesBuilder::default();
            rules.add(glob, 7);
            rules.add("other.txt", 3);
            let Ok(rules) = rules.build() else { panic!("{glob}") };
            assert_eq!(rules.of(&path.into()), [7], "{glob}");
            assert_eq!(rules.of(&"x/other.txt".into()), [3], "{glob}");
            assert!(rules.of(&"lib.rs".into()).is_empty(), "{glob}");
        }
        assert_eq!(longest_word("*.{yml,yaml}"), "");
        let mut rules = WholeFileRulesBuilder::default();
        rules.add("*.{yml,yaml}", 1);
        rules.add("*.yml", 0);
        assert_eq!(rules.build().ok().map(|rules| rules.of(&"a.yml".into())), Some(vec![0, 1]));
    }
}
