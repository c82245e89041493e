//! Configurations of linters, of anybody.
#![no_main]

use libfuzzer_sys::fuzz_target;
use prodcheck::model::{Language, RepoPath, Target};
use prodcheck::repo::lints::Lints;
use prodcheck::repo::{Kept, RepoView};
use prodcheck::source::FileKind;

const FILES: &[&str] = &["Cargo.toml", "pkg/pyproject.toml", "ruff.toml", ".flake8", ".eslintrc", "src/package.json"];

const ASKED: &[(&str, Language, &str)] = &[
    ("src/lib.rs", Language::Rust, "clippy::todo"),
    ("pkg/a.py", Language::Python, "ruff T201"),
    ("src/a.js", Language::JavaScript, "eslint no-console"),
];

fuzz_target!(|data: &[u8]| {
    let kept = |path: &&str| {
        let kind = FileKind { language: Language::Text, target: Target::Config };
        (RepoPath::from(*path), Kept { bytes: data.to_vec(), kind })
    };
    let view = RepoView { kept: FILES.iter().map(kept).collect(), ..RepoView::default() };
    let lints = Lints::of(&view);
    for (path, language, check) in ASKED {
        if let Some((file, _)) = lints.about(&RepoPath::from(*path), *language, check) {
            assert!(view.kept.contains_key(file));
        }
    }
});
