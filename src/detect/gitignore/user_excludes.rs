use super::GITIGNORE;
use super::append::{append, pattern_for};
use super::names::KnownNames;
use crate::detect::{Detector, Emit, Needs, Prepared, Raw};
use crate::repo::RepoView;

/// Files with secrets by their name that only the user's own patterns keep out of Git: everybody else's takes them
/// in. Other machines have other patterns, so that this shows only where such a file lies.
pub(super) struct GlobalExcludeMask;

impl Detector for GlobalExcludeMask {
    fn name(&self) -> &'static str {
        "global-exclude-mask"
    }

    fn needs(&self) -> Needs {
        Needs::Repo
    }

    fn repo(&self, _rule: &Prepared, repo: &RepoView, emit: &mut Emit) {
        let names = KnownNames::new();
        for path in &repo.ignored_by_user {
            let Some((group, is, _)) = names.group(path) else { continue };
            if names.is_in_deliberate_folder(path) {
                continue;
            }
            emit.raw(
                Raw::file(path.clone())
                    .message(format!(
                        "{path} is kept out of Git by patterns of yours alone; by its name it is {is}"
                    ))
                    .change(append(repo, &GITIGNORE.into(), &[pattern_for(path)]))
                    .property("kind", group),
            );
        }
    }
}
