use super::{milder_for_dev, shipping};
use crate::detect::{Detector, Emit, Needs, Prepared, Raw};
use crate::repo::RepoView;
use crate::repo::manifest::resolve;

/// Path dependencies that leave the repository.
pub(super) struct OutsideRepository;

impl Detector for OutsideRepository {
    fn name(&self) -> &'static str {
        "path-outside-repository"
    }

    fn needs(&self) -> Needs {
        Needs::Repo
    }

    fn repo(&self, rule: &Prepared, repo: &RepoView, emit: &mut Emit) {
        for (manifest_path, manifest) in shipping(repo) {
            for dependency in manifest.declared() {
                let Some(path) = &dependency.path else { continue };
                if resolve(&manifest_path.parent(), &path.value).is_some() {
                    continue;
                }
                let name = dependency.package_name();
                let mut raw = Raw::at(path.span.clone()).path(manifest_path.clone());
                raw.severity = Some(milder_for_dev(dependency, rule.rule.severity));
                emit.raw(
                    raw.message(format!("{name} comes from a folder outside the repository"))
                        .property("package", name),
                );
            }
        }
    }
}
