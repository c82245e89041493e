//! The line of a manifest that brings a package in.

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::ops::Range;

use toml_edit::{Document, Item, TableLike};

use crate::model::RepoPath;
use crate::repo::RepoView;

const SECTIONS: [&str; 3] = ["dependencies", "build-dependencies", "dev-dependencies"];

/// No lock file needs the manifests of more members; each may mean a look at all manifests.
const MOST_MEMBERS: usize = 64;

type Manifest<'a> = (RepoPath, Document<&'a str>);

/// The manifests of a lock file's workspace, each looked up and parsed once.
pub(super) struct Members<'a> {
    repo: &'a RepoView,
    root: RepoPath,
    known: RefCell<HashMap<String, Option<Manifest<'a>>>>,
    workspace: OnceCell<Option<Manifest<'a>>>,
}

impl<'a> Members<'a> {
    pub(super) fn new(repo: &'a RepoView, lock: &RepoPath) -> Self {
        Self { repo, root: lock.parent(), known: RefCell::default(), workspace: OnceCell::new() }
    }

    /// The entry with which a member of the workspace asks for a package. If the member inherits it, the
    /// entry of the workspace, where the version stands.
    pub(super) fn entry(&self, member: &str, package: &str) -> Option<(RepoPath, Range<usize>)> {
        let mut known = self.known.borrow_mut();
        if !known.contains_key(member) {
            if known.len() >= MOST_MEMBERS {
                return None;
            }
            known.insert(member.to_owned(), self.manifest_of(member));
        }
        let (path, document) = known.get(member)?.as_ref()?;
        let (key, range, is_inherited) = entry_of(document.as_table(), package)?;
        if is_inherited
            && let Some((above, document)) = self.workspace()
            && let Some(range) = workspace_entry(document, &key)
        {
            return Some((above.clone(), first_line(document.raw(), range)));
        }
        Some((path.clone(), first_line(document.raw(), range)))
    }

    fn workspace(&self) -> Option<&Manifest<'a>> {
        let read = || {
            let path = self.root.join(b"Cargo.toml");
            let text = std::str::from_utf8(self.repo.bytes(&path)?).ok()?;
            Some((path, Document::parse(text).ok()?))
        };
        self.workspace.get_or_init(read).as_ref()
    }

    fn manifest_of(&self, member: &str) -> Option<Manifest<'a>> {
        let below = |path: &RepoPath| path.name() == b"Cargo.toml" && path.is_in(&self.root);
        self.repo.kept.iter().filter(|(path, _)| below(path)).find_map(|(path, kept)| {
            // Most manifests are of other members: no need to parse those.
            let text = std::str::from_utf8(&kept.bytes).ok().filter(|t| t.contains(member))?;
            let document = Document::parse(text).ok()?;
            let name = document.get("package").and_then(|p| p.get("name")).and_then(Item::as_str);
            (name == Some(member)).then(|| (path.clone(), document))
        })
    }
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

fn workspace_entry(manifest: &Document<&str>, key: &str) -> Option<Range<usize>> {
    let table = manifest.get("workspace")?.get("dependencies")?.as_table_like()?;
    bytes_of(table, key, table.get(key)?)
}

/// A long list of features needs not be shown.
fn first_line(text: &str, range: Range<usize>) -> Range<usize> {
    let line = text.get(range.clone()).and_then(|t| t.lines().next()).map_or(0, str::len);
    range.start..range.start + line
}

/// From the key to the end of the value; of a table of its own (`[dependencies.x]`) its header.
fn bytes_of(table: &dyn TableLike, key: &str, item: &Item) -> Option<Range<usize>> {
    let value = item.span();
    match table.key(key).and_then(toml_edit::Key::span) {
        Some(key) => Some(key.start..value.map_or(key.end, |v| v.end.max(key.end))),
        None => value,
    }
}
