use std::collections::BTreeMap;

use toml_edit::{Item, TableLike};

use super::Told;
use crate::model::RepoPath;
use crate::repo::RepoView;
use crate::source::parse_toml;

/// The group that checks about leftovers belong to.
const GROUP: &str = "restriction";

/// `[lints.clippy]` of packages, with what they take from their workspaces
/// (<https://doc.rust-lang.org/cargo/reference/manifest.html#the-lints-section>).
#[derive(Debug, Clone, Default)]
pub(super) struct CargoLints {
    /// For the folder of each package: the manifest that tells, and the levels of lints.
    packages: BTreeMap<RepoPath, Option<(RepoPath, Levels)>>,
}

type Levels = BTreeMap<String, Level>;

/// What a lint is set to: nothing, if it is a word that neither bans nor allows.
type Level = Option<Told>;

impl CargoLints {
    pub(super) fn of(view: &RepoView) -> Self {
        let mut packages = BTreeMap::new();
        for (path, _) in view.manifests().iter().filter(|(_, manifest)| manifest.package.is_some()) {
            packages.insert(path.parent(), told(view, path));
        }
        Self { packages }
    }

    /// What the package of a file tells about a lint of clippy.
    pub(super) fn about(&self, path: &RepoPath, lint: &str) -> Option<(&RepoPath, Told)> {
        let mut folder = path.parent();
        let package = loop {
            if let Some(package) = self.packages.get(&folder) {
                break package.as_ref();
            }
            if folder.as_bytes().is_empty() {
                return None;
            }
            folder = folder.parent();
        };
        let (file, levels) = package?;
        let level = levels.get(lint).or_else(|| levels.get(GROUP))?;
        Some((file, (*level)?))
    }
}

fn told(view: &RepoView, path: &RepoPath) -> Option<(RepoPath, Levels)> {
    let document = parse_toml(view.bytes(path)?).ok()?;
    let lints = document.get("lints").and_then(Item::as_table_like)?;
    if lints.get("workspace").and_then(Item::as_bool) != Some(true) {
        return Some((path.clone(), levels(lints)?));
    }
    let root = view.workspaces().of(path)?.root.clone();
    let document = parse_toml(view.bytes(&root)?).ok()?;
    let lints = document.get("workspace")?.get("lints").and_then(Item::as_table_like)?;
    let levels = levels(lints)?;
    Some((root, levels))
}

fn levels(lints: &dyn TableLike) -> Option<Levels> {
    let clippy = lints.get("clippy").and_then(Item::as_table_like)?;
    let level = |item: &Item| {
        let word = item.as_str().or_else(|| item.as_table_like()?.get("level")?.as_str());
        match word {
            Some("allow") => Some(Told::Allowed),
            Some("deny" | "forbid") => Some(Told::Banned),
            _ => None,
        }
    };
    // Both ways of writing a name are one to cargo.
    Some(clippy.iter().map(|(lint, item)| (lint.replace('-', "_"), level(item))).collect())
}
