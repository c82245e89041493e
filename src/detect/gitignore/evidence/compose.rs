use super::{Evidence, named_from};
use crate::detect::gitignore::append::pattern_for;
use crate::detect::gitignore::names::KnownNames;
use crate::model::Severity;
use crate::repo::{RepoView, is_compose};
use crate::source::{YamlNode, parse_yaml};

/// `env_file` of services and `file` of secrets
/// (<https://docs.docker.com/reference/compose-file/services/#env_file>,
/// <https://docs.docker.com/reference/compose-file/secrets/>): files that each machine has its own of.
pub(super) fn find(repo: &RepoView, names: &KnownNames, all: &mut Vec<Evidence>) {
    for (path, kept) in repo.kept.iter().filter(|(path, _)| is_compose(path)) {
        let Ok(documents) = parse_yaml(&kept.bytes) else { continue };
        let folder = path.parent();
        let mut take = |node: YamlNode, says: &'static str, is_secret: bool| {
            let Some(file) = node.as_str().and_then(|text| named_from(&folder, text)) else { return };
            // An example can be used as it is, and a secret's file says what it is.
            if !is_secret && names.group(&file).is_none() {
                return;
            }
            all.push(Evidence {
                pattern: pattern_for(&file),
                may_be: vec![file],
                by: path.clone(),
                range: Some(node.span()),
                says,
                severity: Severity::Warning,
            });
        };
        for root in documents.roots() {
            for (_, service) in root.get("services").iter().flat_map(|services| services.members()) {
                let Some(files) = service.get("env_file") else { continue };
                for file in one_or_many(files) {
                    take(file.get("path").unwrap_or(file), "reads it as env_file", false);
                }
            }
            for (_, secret) in root.get("secrets").iter().flat_map(|secrets| secrets.members()) {
                if let Some(file) = secret.get("file") {
                    take(file, "reads it as a secret", true);
                }
            }
        }
    }
}

fn one_or_many<'d, 'a>(node: YamlNode<'d, 'a>) -> Vec<YamlNode<'d, 'a>> {
    if node.as_str().is_some() { vec![node] } else { node.elements().collect() }
}
