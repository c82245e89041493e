use std::collections::BTreeSet;

use super::{PackageFile, Tool, Why};
use crate::repo::osv::Ecosystem;
use crate::source::{JsonNode, JsonValue, ParseProblem, parse_json};

/// Reads `package-lock.json` and `npm-shrinkwrap.json` of all versions. Version 2 says everything twice: what
/// npm itself goes by counts, as in version 3.
pub(super) fn parse(bytes: &[u8]) -> Result<PackageFile, ParseProblem> {
    let document = parse_json(bytes)?;
    let mut file = PackageFile::new(Ecosystem::Npm, Tool::Npm);
    let Some(root) = &document.root else { return Ok(file) };
    if let Some(packages) = root.get("packages") {
        by_place(packages, &mut file);
    } else if let Some(dependencies) = root.get("dependencies") {
        by_tree(dependencies, &mut file);
    }
    Ok(file)
}

/// Versions 2 and 3: a list by the folders in which packages are installed.
fn by_place(packages: &JsonNode, file: &mut PackageFile) {
    // The project itself, and its workspaces, lie outside of node_modules.
    let own = packages.members().iter().filter(|member| !member.key.contains("node_modules/"));
    let mut asked: BTreeSet<&str> = BTreeSet::new();
    for member in own {
        for list in ["dependencies", "devDependencies", "optionalDependencies"] {
            asked.extend(member.node.get(list).into_iter().flat_map(JsonNode::members).map(|m| &*m.key));
        }
    }
    for member in packages.members() {
        let Some((_, folder)) = member.key.rsplit_once("node_modules/") else { continue };
        let entry = &member.node;
        if is_true(entry, "link") {
            continue;
        }
        // Under another name than its own, it says so.
        let name = entry.get("name").and_then(JsonNode::as_str).unwrap_or(folder);
        let resolved = entry.get("resolved").and_then(JsonNode::as_str).unwrap_or_default();
        if is_version_control(resolved) {
            file.open(name, member.key_span.clone(), Why::Address);
        } else if resolved.starts_with("file:") {
            // An archive of the repository.
        } else if let Some(version) = entry.get("version")
            && let Some(text) = version.as_str()
        {
            let mut package = file.package(name, text, version.span.clone());
            package.development = is_true(entry, "dev");
            let is_top = member.key.matches("node_modules/").count() == 1;
            package.direct = Some(is_top && asked.contains(folder));
            file.packages.push(package);
        } else {
            file.open(name, member.key_span.clone(), Why::Unpinned);
        }
    }
}

/// Version 1: a tree. It does not say what the project itself asks for.
fn by_tree(dependencies: &JsonNode, file: &mut PackageFile) {
    for member in dependencies.members() {
        let entry = &member.node;
        if let Some(version) = entry.get("version")
            && let Some(text) = version.as_str()
        {
            // `npm:name@1.2.3` is installed under another name.
            let renamed = text.strip_prefix("npm:").and_then(|rest| rest.rsplit_once('@'));
            let (name, text) = renamed.unwrap_or((&member.key, text));
            if is_version_control(text) || text.contains("://") {
                file.open(name, member.key_span.clone(), Why::Address);
            } else if !text.starts_with("file:") {
                let mut package = file.package(name, text, version.span.clone());
                package.development = is_true(entry, "dev");
                file.packages.push(package);
            }
        } else {
            file.open(&member.key, member.key_span.clone(), Why::Unpinned);
        }
        if let Some(below) = entry.get("dependencies") {
            by_tree(below, file);
        }
    }
}

fn is_true(entry: &JsonNode, key: &str) -> bool {
    entry.get(key).is_some_and(|node| node.value == JsonValue::Bool(true))
}

fn is_version_control(address: &str) -> bool {
    ["git:", "git+", "github:", "gitlab:", "bitbucket:", "git@"]
        .iter()
        .any(|start| address.starts_with(start))
}
