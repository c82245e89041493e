use std::collections::BTreeMap;

use hcl_edit::Span as _;

use crate::detect::deploy::check::weighed;
use crate::detect::deploy::reach::Reach;
use crate::detect::{Emit, Prepared, Raw};
use crate::model::{RepoPath, Severity};
use crate::repo::RepoView;
use crate::source::parse_hcl;

/// Root modules of Terraform whose state lies on somebody's disk.
pub(in crate::detect::deploy) fn local_state(rule: &Prepared, repo: &RepoView, emit: &mut Emit) {
    /// What the files of one folder say.
    #[derive(Default)]
    struct Folder {
        provider: Option<(RepoPath, std::ops::Range<usize>)>,
        has_backend: bool,
        has_resources: bool,
    }
    let mut folders: BTreeMap<RepoPath, Folder> = BTreeMap::new();
    for (path, kept) in repo.kept.iter().filter(|(path, _)| path.extension() == b"tf") {
        let has = |what: &[u8]| memchr::memmem::find(&kept.bytes, what).is_some();
        let folder = folders.entry(path.parent()).or_default();
        folder.has_resources |= has(b"resource \"");
        let of_backend = has(b"backend") || has(b"cloud");
        if Reach::of(path, kept.kind.target) == Reach::Rehearsal || !(of_backend || has(b"provider \"")) {
            continue;
        }
        let Ok(body) = parse_hcl(&kept.bytes) else {
            // Nobody can say what it declares.
            folder.has_backend = true;
            continue;
        };
        for block in body.get_blocks("terraform") {
            folder.has_backend |= block.body.get_blocks("cloud").next().is_some();
            for backend in block.body.get_blocks("backend") {
                folder.has_backend = true;
                if backend.labels.first().map(hcl_edit::structure::BlockLabel::as_str) == Some("local")
                    && let Some(span) = backend.labels[0].span()
                {
                    let raw = Raw::at(span)
                        .path(path.clone())
                        .message("the state, secrets and all, lies on the disk of whoever applies")
                        .fix("Write a backend that locks and encrypts, such as s3, gcs or azurerm.");
                    emit.raw(weighed(raw, rule.rule.severity));
                }
            }
        }
        if let Some(provider) = body.get_blocks("provider").next()
            && let Some(span) = provider.ident.span()
        {
            folder.provider.get_or_insert((path.clone(), span));
        }
    }
    for folder in folders.into_values() {
        // A module has no provider of its own; what is applied has.
        let (Some((path, span)), false, true) = (folder.provider, folder.has_backend, folder.has_resources)
        else {
            continue;
        };
        let raw = Raw::at(span)
            .path(path)
            .message("the folder names no backend: the state, secrets and all, lies on the disk of whoever applies")
            .fix("Write terraform { backend \"s3\" { … } }, or another backend that locks and encrypts.");
        emit.raw(weighed(raw, Severity::Note));
    }
}
