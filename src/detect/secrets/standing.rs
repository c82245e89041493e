//! Where a secret stands decides how bad it is.

use crate::model::{Language, Proof, Region, Severity, Target};
use crate::source::FileView;

/// Words in the names of folders whose content is for rehearsal, wherever they lie: `tests`, `test-suite`,
/// `sample_inputs`.
#[rustfmt::skip]
const REHEARSAL: &[&[u8]] = &[
    b"test", b"tests", b"testing", b"testdata", b"testutil", b"testutils", b"fixture", b"fixtures", b"spec",
    b"specs", b"e2e", b"mock", b"mocks", b"example", b"examples", b"sample", b"samples", b"demo", b"demos",
    b"doc", b"docs", b"bench", b"benches", b"benchmarks", b"vendor", b"vendored", b"vectors", b"workflows",
    b"ci", b"stories", b"tutorial", b"tutorials", b"playground", b"cypress",
];

/// Folders of somebody else's code, by their whole names.
const COPIED: &[&[u8]] = &[b"third_party", b"node_modules"];

/// Whether the place is for rehearsal (tests, examples, documentation, benchmarks) or somebody else's
/// code: what stands there is mostly published on purpose.
pub(super) fn is_rehearsal(view: &FileView, offset: usize) -> bool {
    let by_target = |target: Target| target.is_for_show() || target == Target::Generated;
    by_target(view.target())
        || view.path().parts().rev().skip(1).any(|part| {
            COPIED.contains(&part)
                || part
                    .split(|byte| !byte.is_ascii_alphanumeric())
                    .any(|word| REHEARSAL.iter().any(|known| word.eq_ignore_ascii_case(known)))
        })
        || view.language() == Language::Markdown
        || is_test_name(view.path().name())
        || by_target(view.target_at(offset))
}

/// `test_x.py`, `x_test.go`, `x.spec.ts`, `tests.rs`, `UserTest.java`, `test-vectors.json`, `.env.example`.
fn is_test_name(name: &[u8]) -> bool {
    #[rustfmt::skip]
    const WORDS: &[&[u8]] = &[
        b"test", b"tests", b"testing", b"spec", b"example", b"examples", b"sample", b"samples", b"vectors",
        b"mock", b"mocks", b"fixture", b"fixtures", b"demo", b"conftest", b"testdata", b"gitlab-ci",
        b"travis", b"ci", b"template", b"dist",
    ];
    let is_word = |word: &[u8]| WORDS.iter().any(|known| word.eq_ignore_ascii_case(known));
    let hump =
        |suffix: &[u8]| name.split(|&byte| byte == b'.').next().is_some_and(|stem| stem.ends_with(suffix));
    name.split(|byte| !byte.is_ascii_alphanumeric() && *byte != b'-').any(is_word)
        || name.split(|byte| !byte.is_ascii_alphanumeric()).any(is_word)
        || hump(b"Test")
        || hump(b"Tests")
        || hump(b"Spec")
        || hump(b"IT")
}

/// Whether a file is written for people, in a language that texts are set in.
pub(super) fn is_prose(view: &FileView) -> bool {
    matches!(view.language(), Language::Markdown | Language::Html)
        || matches!(view.path().extension(), b"rst" | b"adoc" | b"asciidoc" | b"tex")
}

/// Whether the place is a manual: a text in a folder of documentation, or the documentation of a program's item. What a
/// README of a service says may be in use; what a manual shows was made up for it, or is nobody's any more.
pub(super) fn is_manual(view: &FileView, offset: usize) -> bool {
    const FOLDERS: &[&[u8]] = &[b"doc", b"docs", b"documentation", b"manual", b"manuals"];
    let is_text = is_prose(view) || view.language() == Language::Text;
    let is_in_folder = || {
        let is_one = |part: &[u8]| FOLDERS.iter().any(|folder| part.eq_ignore_ascii_case(folder));
        view.path().parts().rev().skip(1).any(is_one)
    };
    is_text && is_in_folder() || view.region_at(offset) == Region::Doc
}

/// Whether the names on the file's path say that it is for production.
pub(super) fn is_production(view: &FileView) -> bool {
    #[rustfmt::skip]
    const WORDS: &[&[u8]] = &[
        b"prod", b"production", b"deploy", b"deployment", b"k8s", b"kubernetes", b"helm", b"charts",
        b"terraform", b"live", b"release", b"staging", b"infra", b"manifests",
    ];
    view.path().parts().any(|part| {
        part.split(|byte| !byte.is_ascii_alphanumeric())
            .any(|word| WORDS.iter().any(|known| word.eq_ignore_ascii_case(known)))
    })
}

/// The severity of a secret at this place. What a checksum or its structure proves counts everywhere; everything
/// weaker is one step lower where things are rehearsed or commented on, and no error falls below a warning.
pub(super) fn severity(of: Severity, proof: Proof, view: &FileView, offset: usize) -> Severity {
    if proof >= Proof::Structure {
        return of;
    }
    if proof < Proof::Shape && is_manual(view, offset) {
        return Severity::Note;
    }
    let lower = is_rehearsal(view, offset)
        || proof < Proof::Shape && matches!(view.region_at(offset), Region::Comment | Region::Doc);
    if lower { one_lower(of) } else { of }
}

/// The next lower severity.
pub(super) fn one_lower(severity: Severity) -> Severity {
    match severity {
        Severity::Error => Severity::Warning,
        Severity::Warning | Severity::Note => Severity::Note,
    }
}
