use std::ops::Range;

use super::{IgnoreSource, RepoView};
use crate::model::RepoPath;

/// A line of a `.gitignore`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IgnoreLine {
    /// The `.gitignore`.
    pub path: RepoPath,
    /// The pattern's bytes.
    pub span: Range<usize>,
}

impl RepoView {
    /// The line of the repository's own ignore files that ignores this file. `None` if none does, or if the
    /// pattern stands outside the repository.
    pub fn ignored_by(&self, path: &RepoPath) -> Option<IgnoreLine> {
        let decision = self.ignore.decide(path, false).filter(|d| !d.negated)?;
        let IgnoreSource::Repo(source) = decision.source else { return None };
        Some(IgnoreLine { path: source, span: decision.span })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repo::IgnoreRules;

    #[test]
    fn the_last_and_deepest_line_decides() {
        let (root, folder) = (RepoPath::from(".gitignore"), RepoPath::from("a/.gitignore"));
        for (outer, inner, expect) in [
            ("target\nCargo.lock\n", "", Some((&root, 7..17))),
            ("*.lock\n", "!Cargo.lock\n", None),
            ("", "/Cargo.lock", Some((&folder, 0..11))),
            ("/Cargo.lock\n# Cargo.lock\nb/Cargo.lock\nCargo.lock/\n", "", None),
            ("a/\n", "", Some((&root, 0..2))),
        ] {
            let texts = [(&root, outer.as_bytes()), (&folder, inner.as_bytes())];
            let view = RepoView { ignore: IgnoreRules::of_texts(texts), ..RepoView::default() };
            let found = view.ignored_by(&RepoPath::from("a/Cargo.lock"));
            let expect = expect.map(|(path, span)| IgnoreLine { path: path.clone(), span });
            assert_eq!(found, expect, "{outer:?} {inner:?}");
        }
    }
}
