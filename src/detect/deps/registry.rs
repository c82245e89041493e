use toml_edit::Item;

use super::{milder_for_dev, shipping};
use crate::detect::{Detector, Emit, Needs, Prepared, Raw};
use crate::repo::RepoView;
use crate::source::parse_toml;

/// Indices and repositories of dependencies that are reached without encryption.
pub(super) struct Insecure;

/// Dependencies of another registry than crates.io.
pub(super) struct Alternate;

/// Whether somebody on the way can change what comes: `http://`, `git://`.
fn is_insecure(address: &str) -> bool {
    let bare =
        address.trim_start_matches("sparse+").trim_start_matches("registry+").trim_start_matches("git+");
    let Some(rest) = bare.strip_prefix("http://").or_else(|| bare.strip_prefix("git://")) else {
        return false;
    };
    let host = rest.split(['/', ':']).next().unwrap_or(rest);
    !matches!(host, "localhost" | "127.0.0.1")
}

impl Detector for Insecure {
    fn name(&self) -> &'static str {
        "insecure-source"
    }

    fn needs(&self) -> Needs {
        Needs::Repo
    }

    fn repo(&self, rule: &Prepared, repo: &RepoView, emit: &mut Emit) {
        for (path, manifest) in shipping(repo) {
            for dependency in manifest.declared().chain(&manifest.patches) {
                let addresses = [&dependency.git, &dependency.registry_index];
                for address in addresses.into_iter().flatten().filter(|address| is_insecure(&address.value)) {
                    let name = dependency.package_name();
                    let mut raw = Raw::at(address.span.clone())
                        .path(path.clone())
                        .message(format!("{name} comes over an unencrypted connection"))
                        .property("package", name);
                    raw.severity = Some(milder_for_dev(dependency, rule.rule.severity));
                    emit.raw(raw);
                }
            }
        }
        for (path, kept) in repo.kept.iter().filter(|(path, _)| path.parent().name() == b".cargo") {
            let Ok(document) = parse_toml(&kept.bytes) else { continue };
            for (table, key) in [("registries", "index"), ("source", "registry"), ("source", "git")] {
                let entries = document.get(table).and_then(Item::as_table_like);
                for (_, entry) in entries.into_iter().flat_map(|table| table.iter()) {
                    let Some(value) = entry.as_table_like().and_then(|entry| entry.get(key)) else {
                        continue;
                    };
                    if let (Some(true), Some(span)) = (value.as_str().map(is_insecure), value.span()) {
                        let raw = Raw::at(span).path(path.clone());
                        emit.raw(raw.message("this registry is reached over an unencrypted connection"));
                    }
                }
            }
        }
    }
}

impl Detector for Alternate {
    fn name(&self) -> &'static str {
        "alternate-registry"
    }

    fn needs(&self) -> Needs {
        Needs::Repo
    }

    fn repo(&self, _: &Prepared, repo: &RepoView, emit: &mut Emit) {
        for (path, manifest) in shipping(repo) {
            for dependency in manifest.declared() {
                let Some(registry) = dependency.registry.as_ref().or(dependency.registry_index.as_ref())
                else {
                    continue;
                };
                if registry.value == "crates-io" {
                    continue;
                }
                let name = dependency.package_name();
                emit.raw(
                    Raw::at(registry.span.clone())
                        .path(path.clone())
                        .message(format!("{name} comes from another registry than crates.io"))
                        .property("package", name),
                );
            }
        }
    }
}
