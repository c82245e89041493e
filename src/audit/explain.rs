use super::core::targets;
use crate::config::Settings;
use crate::detect::{Needs, Prepared};
use crate::model::{Language, Profile, RepoPath, Target};
use crate::repo::resolve::Resolution;
use crate::repo::view::is_requirements;
use crate::repo::{ReadError, Root, inventory};
use crate::rules::{Catalog, Detect, Rule, Selection};
use crate::scan::{Asked, Contents, Plan, WorkTree, kind_of};
use crate::source::{FileView, Staged};

/// How the audit sees a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileExplained {
    /// Where it lies.
    pub path: RepoPath,
    /// What it is written in.
    pub language: Language,
    /// What it is for.
    pub target: Target,
    /// Whether it configures what runs in production, with the reason.
    pub staged: Staged,
    /// Whether it is part of an audit, and why.
    pub listed: &'static str,
    /// What of the settings keeps it from being read.
    pub left_out: Option<String>,
    /// The rules of every profile that look at it, its regions aside; in order of their ids.
    pub rules: Vec<String>,
    /// How many other rules look at the repository as a whole, of which it is a part.
    pub elsewhere: usize,
}

/// Says how the audit sees a file.
///
/// # Errors
/// It cannot be read, for another reason than its size.
pub fn explain_file(
    root: &Root,
    path: &RepoPath,
    settings: &Settings,
    catalog: &Catalog,
) -> Result<FileExplained, ReadError> {
    let contents = WorkTree { tree: root.tree() };
    let mut bytes = Vec::new();
    let mut left_out = None;
    match contents.read(path, settings.max_file_size, &mut bytes) {
        Ok(()) => {}
        Err(ReadError::TooLarge { size }) => {
            let limit = settings.max_file_size;
            left_out = Some(format!("by max-file-size: it has {size} bytes, the limit is {limit}"));
            bytes.clear();
        }
        Err(error) => return Err(error),
    }
    if settings.exclude.iter().any(|glob| glob.matches(path)) {
        left_out = Some("by exclude in the configuration".into());
    }
    let found = inventory(root, 1);
    let listed = match found.files.binary_search_by(|file| file.path.cmp(path)) {
        Ok(at) if found.files[at].tracked => "tracked",
        Ok(_) if found.is_git => "untracked, not ignored: Git would add it",
        Ok(_) => "listed",
        Err(_) => "not part of an audit: ignored, or below a folder that is",
    };
    let target = targets(&found.files, &contents, &Resolution::default()).of(path);
    let kind = kind_of(&Asked { path, target }, &bytes);
    let all = Selection { profile: Profile::Audit, only: Vec::new(), skip: Vec::new() };
    let selected = all.resolve(catalog).unwrap_or_default();
    let mut rules = Plan::new(catalog, &selected, "")
        .map(|plan| plan.looking_at(path, kind.language, kind.target))
        .unwrap_or_default();
    let (reading, elsewhere): (Vec<&Rule>, Vec<&Rule>) = catalog
        .rules()
        .filter(|rule| Prepared::new(rule, true).is_some_and(|p| p.needs == Needs::Repo))
        .partition(|rule| reads(rule, path));
    rules.extend(reading.iter().map(|rule| rule.id.to_string()));
    rules.sort();
    let elsewhere = elsewhere.len();
    Ok(FileExplained {
        path: path.clone(),
        language: kind.language,
        target: kind.target,
        staged: FileView::new(path, &bytes, kind).with_environments(&settings.environments).staged(),
        listed,
        left_out,
        rules,
        elsewhere,
    })
}

/// Whether a rule about the repository as a whole reads this very file: rules about dependencies read
/// manifests and lock files, each those of its own package manager.
fn reads(rule: &Rule, path: &RepoPath) -> bool {
    let of_cargo = matches!(path.name(), b"Cargo.toml" | b"Cargo.lock");
    match rule.family() {
        "advisories" => of_cargo,
        "deps" => {
            let for_python =
                matches!(&rule.detect, Detect::Code { detector, .. } if detector.contains("python"));
            if for_python { is_requirements(path) } else { of_cargo }
        }
        _ => false,
    }
}
