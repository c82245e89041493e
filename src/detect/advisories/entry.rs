//! The line of a manifest that brings a package in.

use std::ops::Range;

use toml_edit::{Document, Item, TableLike};

use crate::model::RepoPath;
use crate::repo::RepoView;

const SECTIONS: [&str; 3] = ["dependencies", "build-dependencies", "dev-dependencies"];

/// The entry with which a member of the workspace asks for a package. If the member inherits it, the entry
/// of the workspace, where the version stands.
pub(super) fn manifest_entry(
    repo: &RepoView,
    lock: &RepoPath,
    member: &str,
    package: &str,
) -> Option<(RepoPath, Range<usize>)> {
    let root = lock.parent();
    let manifests = repo.kept.iter().filter(|(path, _)| path.name() == b"Cargo.toml" && path.is_in(&root));
    for (path, kept) in manifests {
        let Ok(text) = std::str::from_utf8(&kept.bytes) else { continue };
        // Most manifests are of other members: no need to parse those.
        if !text.contains(member) || !text.contains(package) {
            continue;
        }
        let Ok(document) = Document::parse(text) else { continue };
        let name = document.get("package").and_then(|p| p.get("name")).and_then(Item::as_str);
        if name != Some(member) {
            continue;
        }
        let (key, range, is_inherited) = entry_of(document.as_table(), package)?;
        if is_inherited {
            let above = root.join(b"Cargo.toml");
            if let Some(range) = repo.bytes(&above).and_then(|bytes| workspace_entry(bytes, &key)) {
                return Some((above, range));
            }
        }
        return Some((path.clone(), range));
    }
    None
}

/// The key, the bytes from key to value, and whether the workspace is asked for the rest.
fn entry_of(manifest: &dyn TableLike, package: &str) -> Option<(String, Range<usize>, bool)> {
    let of_targets = manifest.get("target").and_then(Item::as_table_like).into_iter();
    let of_targets = of_targets.flat_map(|t| t.iter()).filter_map(|(_, item)| item.as_table_like());
    let places: Vec<&dyn TableLike> = std::iter::once(manifest).chain(of_targets).collect();
    for section in SECTIONS {
        for place in &places {
            let Some(table) = place.get(section).and_then(Item::as_table_like) else { continue };
            for (key, item) in table.iter() {
                let renamed = item.get("package").and_then(Item::as_str);
                if renamed.unwrap_or(key) == package {
                    let inherited = item.get("workspace").and_then(Item::as_bool) == Some(true);
                    return Some((key.to_owned(), bytes_of(table, key, item)?, inherited));
                }
            }
        }
    }
    None
}

fn workspace_entry(manifest: &[u8], key: &str) -> Option<Range<usize>> {
    let document = Document::parse(std::str::from_utf8(manifest).ok()?).ok()?;
    let table = document.get("workspace")?.get("dependencies")?.as_table_like()?;
    bytes_of(table, key, table.get(key)?)
}

/// From the key to the end of the value; of a table of its own (`[dependencies.x]`) its header.
fn bytes_of(table: &dyn TableLike, key: &str, item: &Item) -> Option<Range<usize>> {
    let value = item.span();
    match table.key(key).and_then(toml_edit::Key::span) {
        Some(key) => Some(key.start..value.map_or(key.end, |v| v.end.max(key.end))),
        None => value,
    }
}
