use super::{PackageFile, Tool, Why};
use crate::repo::osv::Ecosystem;
use crate::source::{JsonNode, ParseProblem, parse_json};

/// Reads `Pipfile.lock`: groups of packages, of which `develop` is not installed where it ships.
pub(super) fn parse(bytes: &[u8]) -> Result<PackageFile, ParseProblem> {
    let document = parse_json(bytes)?;
    let mut file = PackageFile::new(Ecosystem::PyPi, Tool::Pipenv);
    let groups = document.root.iter().flat_map(JsonNode::members).filter(|group| group.key != "_meta");
    for group in groups {
        for member in group.node.members() {
            let entry = &member.node;
            let version = entry.get("version");
            let pinned =
                version.and_then(|v| Some((v.as_str()?.trim_start_matches('=').trim(), v.span.clone())));
            if let Some((version, span)) = pinned.filter(|(v, _)| !v.is_empty() && *v != "*") {
                let mut package = file.package(&member.key, version, span);
                package.development = group.key == "develop";
                file.packages.push(package);
            } else if ["git", "hg", "svn", "file", "url"].iter().any(|key| entry.get(key).is_some()) {
                file.open(&member.key, member.key_span.clone(), Why::Address);
            } else if entry.get("path").is_none() {
                file.open(&member.key, member.key_span.clone(), Why::Unpinned);
            }
        }
    }
    Ok(file)
}
