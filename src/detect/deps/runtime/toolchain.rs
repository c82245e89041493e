use super::places::toolchain;
use crate::detect::{Detector, Emit, Needs, Prepared, Raw};
use crate::repo::RepoView;

/// Toolchain files that name a channel alone: `nightly` is another compiler every day.
pub(in crate::detect::deps) struct Undated;

impl Detector for Undated {
    fn name(&self) -> &'static str {
        "undated-toolchain"
    }

    fn needs(&self) -> Needs {
        Needs::Repo
    }

    fn repo(&self, _: &Prepared, repo: &RepoView, emit: &mut Emit) {
        let files = [&b"rust-toolchain"[..], b"rust-toolchain.toml"];
        for (path, kept) in repo.kept.iter().filter(|(path, _)| files.contains(&path.name())) {
            let Some((channel, span)) = toolchain(path, &kept.bytes) else { continue };
            if matches!(channel, "stable" | "beta" | "nightly") {
                emit.raw(
                    Raw::at(span)
                        .path(path.clone())
                        .message(format!("{channel} is another compiler with every release")),
                );
            }
        }
    }
}
