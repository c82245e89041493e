use memchr::memmem;

use super::{Detector, Emit, Needs, Prepared, Raw, RawRelated};
use crate::model::{Language, RepoPath, Severity};
use crate::repo::RepoView;
use crate::repo::environment::{Contract, Need, PlaceKind, Provided, Service, Variable};
use crate::source::Stage;

pub(super) const DETECTORS: &[&dyn Detector] =
    &[&Undocumented, &Unread, &Missing, &ConfigMapSecret, &Demanded];

/// A variable that a program reads and nobody tells people about, where other variables are told.
pub(super) struct Undocumented;
/// A variable that is told and that no program reads.
pub(super) struct Unread;
/// A variable without which a program ends, and which one of its manifests does not set.
pub(super) struct Missing;
/// A secret in a `ConfigMap`.
pub(super) struct ConfigMapSecret;

/// A value that a checklist demands, and that nothing in the repository sets.
pub(super) struct Demanded;

/// The contract, if all of the repository was looked at.
fn whole(repo: &RepoView) -> Option<&Contract> {
    repo.is_whole.then(|| repo.contract())
}

/// The variable's other places, so that one finding tells all of them.
fn related(mut raw: Raw, variable: &Variable, but: Option<(&RepoPath, usize)>) -> Raw {
    /// More than these tell nothing new.
    const SHOWN: usize = 6;
    let reads = variable
        .reads
        .iter()
        .map(|read| (&read.path, &read.range, format!("read here ({})", read.need.word())));
    let places = variable
        .places
        .iter()
        .map(|place| (&place.path, &place.range, format!("named here ({})", place.kind.word())));
    for (path, range, message) in
        reads.chain(places).filter(|(path, range, _)| but != Some((path, range.start))).take(SHOWN)
    {
        raw = raw.related(RawRelated { path: Some(path.clone()), range: Some(range.clone()), message });
    }
    raw
}

impl Detector for Undocumented {
    fn name(&self) -> &'static str {
        "env-undocumented"
    }

    fn needs(&self) -> Needs {
        Needs::Repo
    }

    fn repo(&self, rule: &Prepared, repo: &RepoView, emit: &mut Emit) {
        for service in whole(repo).iter().flat_map(|c| &c.services).filter(|service| service.has_example) {
            for (name, variable) in &service.variables {
                let need = variable.need().filter(|need| *need > Need::Default);
                let (Some(need), false) = (need, variable.is_documented()) else { continue };
                if variable.reads.iter().all(|read| read.is_guessed) {
                    continue;
                }
                let Some(read) = variable.reads.iter().find(|read| read.need == need) else { continue };
                let mut raw = Raw::at(read.range.clone()).path(read.path.clone()).property("variable", name).message(
                    format!("{name} is read here, and neither the example of the environment nor the README names it"),
                );
                raw.severity =
                    (need != Need::Required && rule.rule.severity > Severity::Note).then_some(Severity::Note);
                emit.raw(related(raw, variable, Some((&read.path, read.range.start))));
            }
        }
    }
}

impl Detector for Unread {
    fn name(&self) -> &'static str {
        "env-unread"
    }

    fn needs(&self) -> Needs {
        Needs::Repo
    }

    fn repo(&self, _: &Prepared, repo: &RepoView, emit: &mut Emit) {
        /// A program of which fewer readings are known reads in a way that is not understood.
        const KNOWN: usize = 3;
        for service in whole(repo).iter().flat_map(|c| &c.services) {
            if service.variables.values().filter(|variable| !variable.reads.is_empty()).count() < KNOWN {
                continue;
            }
            for (name, variable) in &service.variables {
                let examples = || variable.places.iter().filter(|place| place.kind == PlaceKind::Example);
                let Some(place) = examples().next().filter(|_| variable.reads.is_empty()) else { continue };
                let is_named = repo.kept.iter().any(|(path, kept)| {
                    !variable.places.iter().any(|p| p.path == *path && p.kind.documents())
                        && memchr::memmem::find(&kept.bytes, name.as_bytes()).is_some()
                });
                if !is_named {
                    let raw =
                        Raw::at(place.range.clone()).path(place.path.clone()).property("variable", name);
                    let raw = raw.message(format!("{name} stands here, and no program reads it"));
                    emit.raw(related(raw, variable, Some((&place.path, place.range.start))));
                }
            }
        }
    }
}

impl Detector for Missing {
    fn name(&self) -> &'static str {
        "env-missing"
    }

    fn needs(&self) -> Needs {
        Needs::Repo
    }

    fn repo(&self, _: &Prepared, repo: &RepoView, emit: &mut Emit) {
        for service in whole(repo).iter().flat_map(|c| &c.services) {
            let required = service.variables.iter().filter(|(_, v)| v.need() == Some(Need::Required));
            for (name, variable) in required {
                let missing: Vec<_> = service
                    .closed_manifests
                    .iter()
                    .filter(|manifest| !is_development(repo, &manifest.path))
                    .filter(|manifest| !is_set(variable, service, &manifest.path, &manifest.name))
                    .collect();
                let Some(first) = missing.first() else { continue };
                let raw = Raw::at(first.span.0..first.span.1)
                    .path(first.path.clone())
                    .property("variable", name)
                    .message(format!("{} is not given {name}, without which the program ends", first.name));
                emit.raw(related(raw, variable, None));
            }
        }
    }
}

fn is_development(repo: &RepoView, path: &RepoPath) -> bool {
    let is_for_a_desk = |kept| repo.file(path, kept).staged().stage == Stage::Development;
    repo.kept.get(path).is_some_and(is_for_a_desk)
}

/// Whether the manifest, the image or a file that images take in sets it.
fn is_set(variable: &Variable, _service: &Service, path: &RepoPath, manifest: &str) -> bool {
    let sets = |place: &Provided| match place.kind {
        PlaceKind::Compose | PlaceKind::Kubernetes | PlaceKind::Ecs => {
            place.path == *path && place.manifest == manifest
        }
        PlaceKind::Dockerfile => true,
        _ => false,
    };
    variable.places.iter().any(sets)
}

impl Detector for ConfigMapSecret {
    fn name(&self) -> &'static str {
        "env-configmap-secret"
    }

    fn needs(&self) -> Needs {
        Needs::Repo
    }

    fn repo(&self, rule: &Prepared, repo: &RepoView, emit: &mut Emit) {
        for service in whole(repo).iter().flat_map(|c| &c.services) {
            for (name, variable) in &service.variables {
                let is_secret = rule.rule.detect.words("secrets").iter().any(|end| name.ends_with(&**end));
                let map = variable
                    .places
                    .iter()
                    .find(|place| place.kind == PlaceKind::ConfigMap && place.is_literal);
                if let (true, Some(place)) = (is_secret, map) {
                    let raw =
                        Raw::at(place.range.clone()).path(place.path.clone()).property("variable", name);
                    emit.raw(related(raw, variable, Some((&place.path, place.range.start))));
                }
            }
        }
    }
}

impl Detector for Demanded {
    fn name(&self) -> &'static str {
        "env-demanded"
    }

    fn needs(&self) -> Needs {
        Needs::Repo
    }

    fn repo(&self, _: &Prepared, repo: &RepoView, emit: &mut Emit) {
        if !repo.is_whole {
            return;
        }
        let manifests = || {
            repo.kept.iter().filter(|(path, kept)| {
                !matches!(kept.kind.language, Language::Markdown | Language::Text)
                    && !is_development(repo, path)
            })
        };
        // Where nothing is deployed, nothing is missing.
        let deploys = |path: &RepoPath, bytes: &[u8]| {
            let has = |text: &[u8]| memmem::find(bytes, text).is_some();
            crate::repo::deployment::is_manifest_text(path, bytes) && has(b"env")
                || has(b"containerDefinitions")
        };
        if !manifests().any(|(path, kept)| deploys(path, &kept.bytes)) {
            return;
        }
        let documents = repo.kept.iter().filter(|(_, kept)| kept.kind.language == Language::Markdown);
        for (path, kept) in documents {
            let mut start = 0;
            for line in kept.bytes.split_inclusive(|b| *b == b'\n') {
                let at = start;
                start += line.len();
                let Some((name, range)) = demanded(line) else { continue };
                let is_named =
                    manifests().any(|(_, kept)| memmem::find(&kept.bytes, name.as_bytes()).is_some());
                if !is_named {
                    emit.raw(
                        Raw::at(at + range.start..at + range.end)
                            .path(path.clone())
                            .property("variable", name)
                            .message(format!(
                                "{name} is demanded here, and no file of the repository sets it"
                            )),
                    );
                }
            }
        }
    }
}

/// The variable of an open item of a checklist: `` - [ ] Verify `NAME=value` ``.
fn demanded(line: &[u8]) -> Option<(&str, std::ops::Range<usize>)> {
    let text = std::str::from_utf8(line).ok()?;
    let item = text.trim_start().strip_prefix(['-', '*'])?.trim_start();
    item.strip_prefix("[ ]").or_else(|| item.strip_prefix("[x]"))?;
    let open = text.find('`')? + 1;
    let code = text[open..].split('`').next()?;
    let (name, value) = code.split_once('=')?;
    let is_name = name.len() > 2
        && name.contains('_')
        && name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
    (is_name && !value.is_empty() && !value.contains(' ')).then_some((name, open..open + code.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_demand_values() {
        let check = |line: &str| {
            demanded(line.as_bytes()).map(|(name, range)| (name.to_owned(), line[range].to_owned()))
        };
        assert_eq!(
            check("- [ ] Verify `API_KEY_ENABLED=true`\n"),
            Some(("API_KEY_ENABLED".into(), "API_KEY_ENABLED=true".into()))
        );
        assert_eq!(check("Verify `API_KEY_ENABLED=true`\n"), None);
        assert_eq!(check("- [ ] Set `a = b`\n"), None);
        assert_eq!(check("- [ ] Run `make test`\n"), None);
    }
}
