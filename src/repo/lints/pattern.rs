use crate::model::{Glob, RepoPath};

/// A pattern of a linter's configuration. Those that cannot be read match nothing.
#[derive(Debug, Clone)]
pub(super) struct Pattern {
    globs: Vec<Glob>,
    /// It begins with `!`.
    negated: bool,
    /// It was read.
    pub(super) is_known: bool,
}

/// Alternatives in braces make no more patterns.
const ALTERNATIVES: usize = 64;

impl Pattern {
    pub(super) fn read(text: &str) -> Self {
        let text = text.trim();
        let (text, negated) = text.strip_prefix('!').map_or((text, false), |rest| (rest, true));
        let alternatives = alternatives(text);
        let globs: Option<Vec<Glob>> =
            alternatives.and_then(|all| all.iter().map(|glob| Glob::parse(glob).ok()).collect());
        Self { is_known: globs.is_some(), globs: globs.unwrap_or_default(), negated }
    }

    pub(super) fn matches(&self, path: &RepoPath) -> bool {
        self.is_known && self.globs.iter().any(|glob| glob.matches(path)) != self.negated
    }
}

/// `a/{b,c}` is `a/b` and `a/c`.
fn alternatives(text: &str) -> Option<Vec<String>> {
    let mut done = Vec::new();
    let mut open = vec![text.to_owned()];
    while let Some(next) = open.pop() {
        if done.len() + open.len() > ALTERNATIVES || next.len() > 1024 {
            return None;
        }
        // The innermost comes first, so that braces in braces need no care.
        let Some(close) = next.find('}') else {
            done.push(next);
            continue;
        };
        let start = next[..close].rfind('{')?;
        for choice in next[start + 1..close].split(',') {
            open.push(format!("{}{choice}{}", &next[..start], &next[close + 1..]));
        }
    }
    Some(done)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn braces_are_alternatives() {
        let pattern = Pattern::read("src/**/*.{ts,{m,c}js}");
        for (path, matches) in [("src/a/b.ts", true), ("src/a.cjs", true), ("src/a.js", false)] {
            assert_eq!(pattern.matches(&RepoPath::from(path)), matches, "{path}");
        }
        assert!(Pattern::read("!src/**").matches(&RepoPath::from("tests/a.py")));
        assert!(!Pattern::read("!src/**").matches(&RepoPath::from("src/a.py")));
        for broken in ["a}", "", "[", &"{a,b}".repeat(12)] {
            assert!(!Pattern::read(broken).is_known, "{broken}");
            assert!(!Pattern::read(broken).matches(&RepoPath::from("a")), "{broken}");
        }
    }
}
