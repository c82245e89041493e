//! What the repository deploys, as its files say it together: objects of Kubernetes, services of Compose, images. Each
//! file is read once, on first use, for all checks that ask.

mod compose;
mod image;
mod kubernetes;
mod text;

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::OnceLock;

pub use compose::{ComposeFacts, ComposeFile, ExtendedService};
pub use image::ImageFile;
pub use kubernetes::{ClusterObject, ConfigReference, Named};

use super::RepoView;
use crate::model::{Language, RepoPath};
use crate::source::{PipelineKind, Stage, Staged};

/// Larger manifests are bundles of definitions, of which nothing is asked.
const MANIFEST_MAX: usize = 512 << 10;

/// A text and its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// The text.
    pub text: String,
    /// Its bytes in its file.
    pub span: Range<usize>,
}

/// A variable that a manifest gives a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenVariable {
    /// Its name.
    pub name: String,
    /// What it is given.
    pub value: Placed,
}

/// All of it.
#[derive(Debug, Default)]
pub struct Deployment {
    /// Objects of Kubernetes, in order of path.
    pub objects: Vec<ClusterObject>,
    /// Files of Compose.
    pub compose: Vec<ComposeFile>,
    /// Dockerfiles.
    pub images: Vec<ImageFile>,
    /// Folders in which something stands that nobody reads: templates, broken files. What is missing there may be in it.
    pub unread: BTreeSet<RepoPath>,
}

/// The deployment, read on first use.
#[derive(Debug, Default)]
pub struct ParsedDeployment(OnceLock<Deployment>);

/// Whether a file's bytes are kept by what stands in it: manifests of Kubernetes, whatever they are called.
pub fn is_manifest_text(path: &RepoPath, bytes: &[u8]) -> bool {
    let name = path.name();
    let is_yaml = name.ends_with(b".yml") || name.ends_with(b".yaml");
    if !is_yaml || bytes.len() > MANIFEST_MAX {
        return false;
    }
    PipelineKind::of(path) == Some(PipelineKind::Compose)
        || name.starts_with(b"kustomization.")
        || has_key(bytes, b"apiVersion:") && has_key(bytes, b"kind:")
}

/// Whether a line begins with this.
fn has_key(bytes: &[u8], key: &[u8]) -> bool {
    memchr::memmem::find_iter(bytes, key).any(|at| at == 0 || bytes[at - 1] == b'\n')
}

impl RepoView {
    /// What the repository deploys.
    pub fn deployment(&self) -> &Deployment {
        self.parsed_deployment.0.get_or_init(|| Deployment::of(self))
    }
}

impl Deployment {
    fn of(repo: &RepoView) -> Self {
        let mut all = Self::default();
        for (path, kept) in &repo.kept {
            let view = repo.file(path, kept);
            match kept.kind.language {
                Language::Dockerfile => all.images.push(image::read(&view)),
                Language::Yaml if is_manifest_text(path, &kept.bytes) => match view.yaml() {
                    Ok(documents) if PipelineKind::of(path) == Some(PipelineKind::Compose) => {
                        all.compose.push(compose::read(&view, documents));
                    }
                    Ok(documents) => all.objects.extend(kubernetes::read(&view, documents)),
                    Err(_) => {
                        all.unread.insert(path.parent());
                    }
                },
                _ => {}
            }
        }
        all
    }

    /// Whether all manifests around a file could be read.
    pub fn is_known_around(&self, path: &RepoPath) -> bool {
        let folder = path.parent();
        !self.unread.iter().any(|unread| unread.is_in(&folder) || folder.is_in(unread) || *unread == folder)
    }
}

/// Whether what the file describes is for a desk, for tests, for show.
fn is_rehearsal(staged: Staged) -> bool {
    staged.stage == Stage::Development
}
