use std::ops::Range;

use crate::detect::RawRelated;
use crate::detect::deploy::start;
use crate::model::{Language, RepoPath};
use crate::repo::RepoView;
use crate::repo::deployment::{ClusterObject, Deployment};
use crate::source::{FileView, Stage};

/// A program that runs several times at once.
pub(super) struct Copies {
    /// The folder of its code.
    pub(super) folder: RepoPath,
    /// Where that is said.
    pub(super) path: RepoPath,
    /// The number's bytes.
    pub(super) span: Range<usize>,
    /// It in words: `4 processes of gunicorn run`.
    pub(super) what: String,
    /// Whether they are processes of one server, which shares requests out among them.
    pub(super) are_processes: bool,
}

impl Copies {
    /// The place, beside a finding about the code.
    pub(super) fn related(&self) -> RawRelated {
        let (path, range) = (Some(self.path.clone()), Some(self.span.clone()));
        RawRelated { path, range, message: "several run because of this".into() }
    }
}

/// What runs several times, as far as the repository says it of its own code.
pub(super) fn copies(repo: &RepoView) -> Vec<Copies> {
    let deployment = repo.deployment();
    let mut found = Vec::new();
    for (path, kept) in &repo.kept {
        let is_settings = memchr::memmem::find(path.name(), b"gunicorn").is_some();
        // Programs that speak of it start nothing.
        let may_start = kept.kind.language != Language::Python
            && memchr::memmem::find(&kept.bytes, b"gunicorn").is_some();
        if !is_settings && !may_start {
            continue;
        }
        let view = repo.file(path, kept);
        if is_for_show(&view) {
            continue;
        }
        for (count, span) in start::processes(&view).into_iter().filter(|(count, _)| *count > 1) {
            found.push(Copies {
                folder: path.parent(),
                path: path.clone(),
                span,
                what: format!("{count} processes of gunicorn run"),
                are_processes: true,
            });
        }
    }
    for file in deployment.compose.iter().filter(|file| !file.is_rehearsal) {
        for service in file.services.iter().filter(|service| service.replicas > 1) {
            let Some(dockerfile) = &service.dockerfile else { continue };
            found.push(Copies {
                folder: dockerfile.parent(),
                path: file.path.clone(),
                span: service.name.span.clone(),
                what: format!("{} copies of {} run", service.replicas, service.name.text),
                are_processes: false,
            });
        }
    }
    for object in super::workloads(deployment) {
        let count: Option<u64> = object.replicas.as_ref().and_then(|replicas| replicas.text.parse().ok());
        let Some(count) = count.filter(|count| *count > 1) else { continue };
        if let (Some(folder), Some(replicas)) = (code_of(deployment, object), &object.replicas) {
            found.push(Copies {
                folder,
                path: object.path.clone(),
                span: replicas.span.clone(),
                what: format!("{count} copies of {} run", object.name.text),
                are_processes: false,
            });
        }
    }
    found
}

/// Whether a file is for a desk, for tests, for show.
pub(super) fn is_for_show(view: &FileView) -> bool {
    view.staged().stage == Stage::Development || view.target().is_for_show()
}

/// The folder of the code that a workload runs: that of the Dockerfile its image is built from, where the repository
/// says which one that is.
pub(super) fn code_of(deployment: &Deployment, object: &ClusterObject) -> Option<RepoPath> {
    let names = object.images.iter().map(|image| short_name(image));
    let dockerfiles: Vec<&RepoPath> =
        deployment.images.iter().filter(|image| !image.is_rehearsal).map(|image| &image.path).collect();
    for name in names {
        // A service of Compose that is built here, and bears this name.
        let services = deployment.compose.iter().flat_map(|file| &file.services);
        let built = services
            .filter(|service| {
                service.name.text == name || service.image.as_deref().map(short_name) == Some(name)
            })
            .find_map(|service| service.dockerfile.as_ref());
        if let Some(dockerfile) = built {
            return Some(dockerfile.parent());
        }
        // A folder of this name that an image is built from.
        let of_folder = |path: &&&RepoPath| path.parent().name() == name.as_bytes() && !name.is_empty();
        if let Some(path) = dockerfiles.iter().find(of_folder) {
            return Some(path.parent());
        }
        // The only image there is, and the object that bears its name.
        if let [only] = &*dockerfiles
            && object.name.text == name
        {
            return Some(only.parent());
        }
    }
    None
}

/// The last part of an image's name, without tag and digest.
fn short_name(image: &str) -> &str {
    let last = image.rsplit('/').next().unwrap_or(image);
    last.split([':', '@']).next().unwrap_or(last)
}

#[cfg(test)]
mod tests {
    #[test]
    fn names_of_images_lose_their_registry_and_tag() {
        for image in ["web", "web:1.2", "example/web", "ghcr.io:5000/example/web:1@sha256:ab"] {
            assert_eq!(super::short_name(image), "web", "{image}");
        }
    }
}
