use std::borrow::Cow;
use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::OnceLock;

use globset::{GlobSet, GlobSetBuilder};

use super::literals::{Literal, Literals};
use super::mark;
use super::whole_file::{WholeFileRules, WholeFileRulesBuilder, glob};
use crate::detect::{Emit, Needs, Prepared};
use crate::model::{Environments, Language, RepoPath, Target};
use crate::rules::shape::ByteSet;
use crate::rules::{Applies, Catalog, Rule};
use crate::source::{WORD_RUN, is_word, language_of, target_by_path};

/// What a run looks for, made once: the prepared rules, one set of the literals of all of them,
/// and who wants which file.
pub struct Plan<'r> {
    prepared: Vec<Prepared<'r>>,
    routes: Vec<Route<'r>>,
    literals: Literals,
    /// The rules that want to know of the hits of the first literal, of the second one, …
    wanted_by: Vec<u16>,
    /// For each literal where its rules begin there; one more at the end.
    wanted_from: Vec<u32>,
    /// For each literal whether marks of inline allows begin with it: they are found by the same pass as
    /// everything else.
    is_mark: Vec<bool>,
    whole_file: WholeFileRules,
    /// Whether what was looked at and is no finding is named.
    names_passed: bool,
    /// Where what files configure runs, as the team says it.
    environments: Environments,
}

/// Somebody wants to know of the hits of a literal.
struct Wanted<'r> {
    /// The literal in lower case.
    folded: Cow<'r, str>,
    /// As it is written in the rule.
    written: &'r str,
    /// The rule; a mark of an inline allow has none.
    by: Option<u16>,
    /// What must follow for the rule to care.
    after: Option<ByteSet>,
    /// Whether it must be spelled as it is written.
    is_spelled: bool,
    /// Whether it must begin a long word.
    begins_word: bool,
}

impl<'r> Wanted<'r> {
    fn new(written: &'r str, by: Option<u16>) -> Self {
        let folded = if written.bytes().any(|byte| byte.is_ascii_uppercase()) {
            Cow::Owned(written.to_ascii_lowercase())
        } else {
            Cow::Borrowed(written)
        };
        Self { folded, written, by, after: None, is_spelled: false, begins_word: false }
    }

    fn by_rule(rule: &'r Rule, at: u16) -> impl Iterator<Item = Self> {
        rule.detect.keywords().into_iter().map(move |keyword| Self {
            after: rule.detect.after(keyword),
            is_spelled: rule.detect.is_spelled(),
            begins_word: rule.detect.run_behind(keyword, is_word) >= WORD_RUN,
            ..Self::new(keyword, Some(at))
        })
    }

    /// What is looked for on behalf of all who want one literal: as much as it takes for anybody to care.
    fn literal(all: &[Self]) -> Literal<'_> {
        let first = &all[0];
        let is_spelled = all.iter().all(|one| one.is_spelled && one.written == first.written);
        Literal {
            text: if is_spelled { first.written } else { &first.folded },
            is_spelled,
            after: all.iter().try_fold(ByteSet(0), |set, one| Some(ByteSet(set.0 | one.after?.0))),
            begins_word: is_spelled && all.iter().all(|one| one.begins_word),
        }
    }
}

/// Where a rule applies, made ready.
struct Route<'r> {
    languages: u64,
    targets: u32,
    paths: Paths<'r>,
    not_paths: Paths<'r>,
}

/// Some of a rule's globs. Compiling them takes longer than to read a small repository, and most are never asked.
struct Paths<'r> {
    globs: &'r [Cow<'static, str>],
    set: OnceLock<GlobSet>,
}

impl<'r> Paths<'r> {
    fn new(globs: &'r [Cow<'static, str>]) -> Self {
        Self { globs, set: OnceLock::new() }
    }

    fn compile(&self, rule: &Rule) -> Result<(), PlanError> {
        let mut builder = GlobSetBuilder::new();
        for glob in self.globs {
            builder.add(compiled(glob, rule)?);
        }
        let set = builder.build().map_err(|_| PlanError::Globs)?;
        self.set.get_or_init(|| set);
        Ok(())
    }

    /// `None` if it is not said where.
    fn matches(&self, path: &RepoPath, rule: &Rule) -> Option<bool> {
        if self.globs.is_empty() {
            return None;
        }
        if self.set.get().is_none() {
            // Those of the user's own rules are compiled already, and the built-in ones do.
            let _ = self.compile(rule);
        }
        let set = self.set.get()?;
        Some(set.is_match(&*bstr::ByteSlice::to_path_lossy(path.as_bytes())))
    }
}

/// A rule that cannot be prepared.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// It names a detector that does not exist.
    #[error("the rule {rule} names a detector that does not exist")]
    NoDetector {
        /// The rule's id.
        rule: String,
    },
    /// One of its globs does not parse.
    #[error("the rule {rule} has a path glob that does not parse: {glob}")]
    Glob {
        /// The rule's id.
        rule: String,
        /// The glob.
        glob: String,
    },
    /// The literals cannot be looked for.
    #[error("a keyword has fewer than three characters, or there are more than 32,767 of them")]
    Literals,
    /// The globs cannot be compiled.
    #[error("the path globs of all rules are too large")]
    Globs,
}

impl<'r> Plan<'r> {
    /// A plan of the selected rules. The secrets family is part of every plan: what it finds is masked in
    /// what other rules show, selected or not. `today` is the day of the run, `YYYY-MM-DD`; empty if it does
    /// not matter.
    ///
    /// # Errors
    /// A rule cannot be prepared. Built-in rules always can: `rules check` sees to it.
    pub fn new(catalog: &'r Catalog, selected: &BTreeSet<String>, today: &'r str) -> Result<Self, PlanError> {
        let count = catalog.rules().size_hint().0;
        let mut prepared = Vec::with_capacity(count);
        let mut routes = Vec::with_capacity(count);
        let is_own = |rule: &Rule| catalog.own().iter().any(|own| std::ptr::eq(own, rule));
        for rule in catalog.rules() {
            let is_selected = selected.contains(&*rule.id);
            if !is_selected && rule.family() != "secrets" {
                continue;
            }
            prepared.push(
                Prepared::new(rule, is_selected)
                    .map(|prepared| prepared.on(today))
                    .ok_or_else(|| PlanError::NoDetector { rule: rule.id.to_string() })?,
            );
            routes.push(Route::new(rule, is_own(rule))?);
        }
        let mut wanted = Vec::with_capacity(prepared.len() * 4);
        let mut whole_file = WholeFileRulesBuilder::default();
        for (at, rule) in prepared.iter().enumerate() {
            let at = at as u16;
            match rule.needs {
                // Files that hold a keyword of a check of the repository are kept for it.
                Needs::Hits | Needs::Repo => wanted.extend(Wanted::by_rule(rule.rule, at)),
                Needs::File => {
                    for path in rule.rule.applies.paths.iter() {
                        whole_file.add(path, at);
                    }
                }
            }
        }
        wanted.extend(mark::WORDS.iter().map(|word| Wanted::new(word, None)));
        // The literals' numbers must be the same in every run. Of one literal, rules stay in their order.
        wanted.sort_by(|a, b| a.folded.cmp(&b.folded));
        let mut texts = Vec::with_capacity(wanted.len());
        let (mut wanted_by, mut wanted_from, mut is_mark) = (Vec::new(), vec![0], Vec::new());
        for all in wanted.chunk_by(|a, b| a.folded == b.folded) {
            texts.push(Wanted::literal(all));
            // A rule may spell it in more than one way.
            let mut by: Vec<u16> = all.iter().filter_map(|one| one.by).collect();
            by.dedup();
            wanted_by.extend(by);
            wanted_from.push(wanted_by.len() as u32);
            is_mark.push(all.iter().any(|one| one.by.is_none()));
        }
        let set = Literals::new(&texts).ok_or(PlanError::Literals)?;
        let whole_file = whole_file.build().map_err(|bad| match bad {
            Some((glob, at)) => {
                PlanError::Glob { rule: prepared[usize::from(at)].rule.id.to_string(), glob: glob.to_owned() }
            }
            None => PlanError::Globs,
        })?;
        Ok(Self {
            prepared,
            routes,
            literals: set,
            is_mark,
            wanted_by,
            wanted_from,
            whole_file,
            names_passed: false,
            environments: Environments::default(),
        })
    }

    /// The same plan, which also names what it looked at and passed over.
    pub fn naming_passed(self, names_passed: bool) -> Self {
        Self { names_passed, ..self }
    }

    /// The same plan, where the team says what configures production.
    pub fn with_environments(self, environments: &Environments) -> Self {
        Self { environments: environments.clone(), ..self }
    }

    /// Where what files configure runs, as the team says it.
    pub(super) fn environments(&self) -> &Environments {
        &self.environments
    }

    /// An empty place for what detectors find.
    pub(super) fn emit(&self) -> Emit {
        Emit::noting_passed(self.names_passed)
    }

    /// The rules of this run. Their order is that of the catalog.
    pub fn prepared(&self) -> &[Prepared<'r>] {
        &self.prepared
    }

    /// What the one pass over all bytes looks for.
    pub fn literals(&self) -> &Literals {
        &self.literals
    }

    /// The rules that want to know of a literal's hits.
    pub(super) fn wanted_by(&self, literal: usize) -> &[u16] {
        &self.wanted_by[self.wanted_from[literal] as usize..self.wanted_from[literal + 1] as usize]
    }

    /// Whether an inline allow may begin where this literal stands.
    pub(super) fn is_mark(&self, literal: usize) -> bool {
        self.is_mark[literal]
    }

    /// The rules that look at this whole file.
    pub(super) fn whole_file(&self, path: &RepoPath) -> Vec<u16> {
        self.whole_file.of(path)
    }

    /// A number that is the same for paths at which the same content would be looked at and judged alike: by the file's
    /// name, by what it is for, and by the rules that ask for its path. It means something within one build of the program.
    pub fn guise(&self, path: &RepoPath) -> u32 {
        let target = target_by_path(path, language_of(path, b""));
        // Its keys are fixed.
        let mut hasher = DefaultHasher::new();
        (path.name().to_ascii_lowercase(), target, self.whole_file(path)).hash(&mut hasher);
        hasher.finish() as u32
    }

    /// Whether a rule applies to files of a language at all: what a file is for takes longer to tell.
    pub(super) fn speaks(&self, rule: u16, language: Language) -> bool {
        self.routes[usize::from(rule)].languages & bit(language as u32) != 0
    }

    /// Whether a rule applies to a file, its regions and inner tests aside.
    pub(super) fn applies(&self, rule: u16, path: &RepoPath, language: Language, target: Target) -> bool {
        let route = &self.routes[usize::from(rule)];
        // A place in a library or a binary may turn out to be a test; that is judged at the finding.
        if route.languages & bit(language as u32) == 0 || route.targets & (1 << target as u32) == 0 {
            return false;
        }
        let rule = self.prepared[usize::from(rule)].rule;
        route.paths.matches(path, rule) != Some(false) && route.not_paths.matches(path, rule) != Some(true)
    }

    /// The ids of the rules that look at a file.
    pub fn looking_at(&self, path: &RepoPath, language: Language, target: Target) -> Vec<String> {
        let whole = self.whole_file(path);
        (0..self.prepared.len())
            .filter(|&at| match self.prepared[at].needs {
                Needs::Hits => self.applies(at as u16, path, language, target),
                Needs::File => {
                    whole.contains(&(at as u16)) && self.applies(at as u16, path, language, target)
                }
                Needs::Repo => false,
            })
            .map(|at| self.prepared[at].rule.id.to_string())
            .collect()
    }

    /// Whether a rule applies to places of this target.
    pub(super) fn applies_to_target(&self, rule: u16, target: Target) -> bool {
        self.routes[usize::from(rule)].targets & (1 << target as u32) != 0
    }
}

impl<'r> Route<'r> {
    /// `is_own` tells whether a user has written the rule, whose globs nobody has tried before.
    fn new(rule: &'r Rule, is_own: bool) -> Result<Self, PlanError> {
        let Applies { languages, targets, paths, not_paths, .. } = &rule.applies;
        let route = Self {
            languages: if languages.is_empty() {
                u64::MAX
            } else {
                languages.iter().fold(0, |set, &l| set | bit(l as u32))
            },
            targets: if targets.is_empty() {
                u32::MAX
            } else {
                targets.iter().fold(0, |set, &t| set | 1 << t as u32)
            },
            paths: Paths::new(paths),
            not_paths: Paths::new(not_paths),
        };
        if is_own {
            route.paths.compile(rule)?;
            route.not_paths.compile(rule)?;
        }
        Ok(route)
    }
}

fn bit(at: u32) -> u64 {
    1 << at
}

/// A glob of this rule.
fn compiled(text: &str, rule: &Rule) -> Result<globset::Glob, PlanError> {
    glob(text).map_err(|()| PlanError::Glob { rule: rule.id.to_string(), glob: text.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_globs_of_built_in_rules_compile() {
        for rule in Catalog::built_in().rules() {
            assert!(Route::new(rule, true).is_ok(), "{}", rule.id);
        }
    }
}
