//! What the parsers of secrets find lies inside of the text, whatever that is.

use std::sync::LazyLock;

use prodcheck::detect::{Emit, Prepared};
use prodcheck::model::{Language, RepoPath, Target};
use prodcheck::rules::Catalog;
use prodcheck::source::{FileKind, FileView};

pub static CATALOG: LazyLock<Catalog> = LazyLock::new(Catalog::built_in);

/// Runs a rule over a text at each place where the keyword stands.
pub fn look(rule: &str, keyword: &str, text: &[u8]) {
    let rule = CATALOG.get(rule).expect("a built-in rule");
    let prepared = Prepared::new(rule, true).expect("its detector").on("2026-01-01");
    let path = RepoPath::from("a.txt");
    let view = FileView::new(&path, text, FileKind { language: Language::Text, target: Target::Source });
    let mut emit = Emit::default();
    for at in 0..text.len().saturating_sub(keyword.len()) {
        if text[at..].starts_with(keyword.as_bytes()) {
            prepared.detector.hit(&prepared, &view, at..at + keyword.len(), &mut emit);
        }
    }
    for raw in emit.raws {
        let range = raw.range.expect("a place");
        assert!(range.start < range.end && range.end <= text.len());
    }
}
