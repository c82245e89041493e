use super::advice::on_yanked;
use super::coverage;
use super::finding::Locked;
use super::lock::Lock;
use crate::detect::{Detector, Emit, Needs, Prepared};
use crate::model::{Coverage, NotChecked};
use crate::repo::RepoView;
use crate::repo::advisories::checkable;

/// Locked releases that their authors have withdrawn, as far as cargo remembers the registry's index.
pub(super) struct Yanked;

impl Detector for Yanked {
    fn name(&self) -> &'static str {
        "yanked"
    }

    fn needs(&self) -> Needs {
        Needs::Repo
    }

    fn repo(&self, _: &Prepared, repo: &RepoView, emit: &mut Emit) {
        for (path, lockfile) in repo.lockfiles() {
            let Ok(lockfile) = lockfile else { continue };
            let lock = Lock::new(repo, path, lockfile);
            let (mut all, mut unknown) = (0_usize, 0_usize);
            for (index, package) in checkable(lockfile) {
                all += 1;
                let Some(is_yanked) = repo.advisories.index.is_yanked(&package.name, &package.version) else {
                    unknown += 1;
                    continue;
                };
                if !is_yanked {
                    continue;
                }
                let advice = on_yanked(&lock, index);
                let locked = Locked::new(repo, &lock, index);
                let message = format!("`{} {}` was yanked by its authors", package.name, package.version);
                emit.raw(locked.raw(&message, &advice).property("kind", "yanked"));
            }
            if unknown > 0 {
                emit.not_checked(NotChecked {
                    path: Some(path.clone()),
                    what: coverage::YANKED,
                    reason: format!(
                        "cargo's cache of the registry's index does not have {unknown} of {all} packages: whether they \
                         were yanked is not known"
                    ),
                    mend: None,
                    coverage: Coverage::Outside,
                });
            }
        }
    }
}
