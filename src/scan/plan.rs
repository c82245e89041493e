use std::collections::{BTreeSet, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};

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
    routes: Vec<Route>,
    literals: Literals,
    /// For each literal the rules that want to know of its hits.
    wanted_by: Vec<Vec<u16>>,
    /// For each literal whether marks of inline allows begin with it: they are found by the same pass as
    /// everything else.
    is_mark: Vec<bool>,
    whole_file: WholeFileRules,
    /// Whether what was looked at and is no finding is named.
    names_passed: bool,
    /// Where what files configure runs, as the team says it.
    environments: Environments,
}

/// Who wants to know of a literal's hits.
#[derive(Default)]
struct Wanted {
    by: Vec<u16>,
    /// For each of them, what must follow.
    after: Vec<Option<ByteSet>>,
    /// For each of them, how it must be spelled; `None` if case does not matter.
    spelled: Vec<Option<String>>,
    /// For each of them, whether it must begin a long word.
    begins_word: Vec<bool>,
}

impl Wanted {
    /// How it must be spelled for anybody to care; `None` if case does not matter.
    fn spelled(&self) -> Option<&str> {
        let first = self.spelled.first()?.as_deref()?;
        self.spelled.iter().all(|spelled| spelled.as_deref() == Some(first)).then_some(first)
    }

    /// Whether nobody cares but where it begins a long word.
    fn begins_word(&self) -> bool {
        !self.begins_word.is_empty() && self.begins_word.iter().all(|begins| *begins)
    }

    /// What must follow for anybody to care.
    fn after(&self) -> Option<ByteSet> {
        if self.after.is_empty() {
            return None;
        }
        self.after.iter().try_fold(ByteSet(0), |all, set| Some(ByteSet(all.0 | (*set)?.0)))
    }
}

/// Where a rule applies, made ready.
struct Route {
    languages: u64,
    targets: u32,
    paths: Option<GlobSet>,
    not_paths: Option<GlobSet>,
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
        let mut prepared = Vec::new();
        let mut routes = Vec::new();
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
            routes.push(Route::new(rule)?);
        }
        let mut literals: HashMap<String, Wanted> = HashMap::new();
        let mut whole_file = WholeFileRulesBuilder::default();
        for (at, rule) in prepared.iter().enumerate() {
            let at = at as u16;
            match rule.needs {
                // Files that hold a keyword of a check of the repository are kept for it.
                Needs::Hits | Needs::Repo => {
                    for keyword in rule.rule.detect.keywords() {
                        let wanted = literals.entry(keyword.to_ascii_lowercase()).or_default();
                        wanted.after.push(rule.rule.detect.after(keyword));
                        let run = rule.rule.detect.run_behind(keyword, is_word);
                        wanted.begins_word.push(run >= WORD_RUN);
                        wanted.spelled.push(rule.rule.detect.is_spelled().then(|| keyword.to_owned()));
                        if wanted.by.last() != Some(&at) {
                            wanted.by.push(at);
                        }
                    }
                }
                Needs::File => {
                    for path in rule.rule.applies.paths.iter() {
                        whole_file.add(path, at);
                    }
                }
            }
        }
        for word in mark::WORDS {
            let wanted = literals.entry(word.to_owned()).or_default();
            // However a rule wants it spelled, and whatever it wants behind it.
            wanted.after.push(None);
            wanted.spelled.push(None);
        }
        // The order of a hash map is no order: the literals' numbers must be the same in every run.
        let mut literals: Vec<(String, Wanted)> = literals.into_iter().collect();
        literals.sort_by(|a, b| a.0.cmp(&b.0));
        let texts: Vec<Literal> = literals
            .iter()
            .map(|(text, wanted)| Literal {
                text: wanted.spelled().unwrap_or(text),
                is_spelled: wanted.spelled().is_some(),
                after: wanted.after(),
                begins_word: wanted.spelled().is_some() && wanted.begins_word(),
            })
            .collect();
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
            is_mark: literals.iter().map(|(text, _)| mark::WORDS.contains(&&**text)).collect(),
            wanted_by: literals.into_iter().map(|(_, wanted)| wanted.by).collect(),
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
        &self.wanted_by[literal]
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
        let matches = |globs: &GlobSet| globs.is_match(&*bstr::ByteSlice::to_path_lossy(path.as_bytes()));
        route.paths.as_ref().is_none_or(matches) && !route.not_paths.as_ref().is_some_and(matches)
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

impl Route {
    fn new(rule: &Rule) -> Result<Self, PlanError> {
        let Applies { languages, targets, paths, not_paths, .. } = &rule.applies;
        let set =
            |list: &[std::borrow::Cow<'static, str>]| {
                if list.is_empty() {
                    return Ok(None);
                }
                let mut builder = GlobSetBuilder::new();
                for text in list {
                    builder.add(glob(text).map_err(|()| PlanError::Glob {
                        rule: rule.id.to_string(),
                        glob: text.to_string(),
                    })?);
                }
                builder.build().map(Some).map_err(|_| PlanError::Globs)
            };
        Ok(Self {
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
            paths: set(paths)?,
            not_paths: set(not_paths)?,
        })
    }
}

fn bit(at: u32) -> u64 {
    1 << at
}
