mod advice;
mod coverage;
mod finding;
mod lock;
mod matches;
mod members;
mod reach;
mod remedy;
mod yanked;

use super::Detector;
use crate::model::{RepoPath, Target};
use crate::repo::RepoView;

pub(super) const DETECTORS: &[&dyn Detector] =
    &[&matches::Matches, &yanked::Yanked, &coverage::Unchecked, &coverage::StaleData];

/// Whether a lock file lies among tests or copied sources, and is not what ships.
fn is_for_tests(repo: &RepoView, lock: &RepoPath) -> bool {
    let known = repo.kept.get(lock).map(|k| k.kind.target);
    let folder = |part: &[u8]| {
        matches!(
            part,
            b"tests"
                | b"test"
                | b"testsuite"
                | b"testdata"
                | b"test-data"
                | b"fixtures"
                | b"vendor"
                | b"third_party"
        )
    };
    matches!(known, Some(Target::Test | Target::Vendored)) || lock.parent().parts().any(folder)
}
