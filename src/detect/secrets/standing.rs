//! Where a secret stands decides how bad it is.

use crate::model::{Language, Proof, Region, Severity, Target};
use crate::source::FileView;

/// Words in the names of folders whose content is for rehearsal, wherever they lie: `tests`, `test-suite`,
/// `sample_inputs`.
const REHEARSAL: &[&[u8]] = &[
    b"test",
    b"tests",
    b"testing",
    b"testdata",
    b"testutil",
    b"testutils",
    b"fixture",
    b"fixtures",
    b"spec",
    b"specs",
    b"e2e",
    b"mock",
    b"mocks",
    b"example",
    b"examples",
    b"sample",
    b"samples",
    b"demo",
    b"demos",
    b"doc",
    b"docs",
    b"bench",
    b"benches",
    b"benchmarks",
    b"vendor",
    b"vendored",
];

/// Folders of somebody else's code, by their whole names.
const COPIED: &[&[u8]] = &[b"third_party", b"node_modules"];

/// Whether the place is for rehearsal (tests, examples, documentation, benchmarks) or somebody else's
/// code: what stands there is mostly published on purpose.
pub(super) fn is_rehearsal(view: &FileView, offset: usize) -> bool {
    let by_target = |target| {
        matches!(
            target,
            Target::Test
                | Target::Example
                | Target::Bench
                | Target::Doc
                | Target::Vendored
                | Target::Generated
        )
    };
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

/// `test_x.py`, `x_test.go`, `x.spec.ts`, `tests.rs`.
fn is_test_name(name: &[u8]) -> bool {
    let stem = name.split(|&byte| byte == b'.').next().unwrap_or_default();
    let ends = |suffix: &[u8]| stem.ends_with(suffix);
    stem.starts_with(b"test_")
        || ends(b"_test")
        || ends(b"_tests")
        || stem == b"test"
        || stem == b"tests"
        || memchr::memmem::find(name, b".test.").is_some()
        || memchr::memmem::find(name, b".spec.").is_some()
}

/// The severity of a secret at this place. A checksum or a structure that holds counts everywhere; everything
/// weaker is one step lower where things are rehearsed or commented on.
pub(super) fn severity(of: Severity, proof: Proof, view: &FileView, offset: usize) -> Severity {
    if proof >= Proof::Structure {
        return of;
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
