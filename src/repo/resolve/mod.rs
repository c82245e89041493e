//! What cargo itself says of a workspace, asked only on request (`--resolve`) and so that nothing of the repository
//! runs: see `run`.

mod reach;
mod refusal;
mod run;
mod scratch;
mod toolchain;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use cargo_metadata::{Metadata, TargetKind};

pub use reach::{Kind, Reach, Reaches};
pub use run::ResolveError;

use self::scratch::Scratch;
use self::toolchain::Toolchain;
use super::Root;
use super::advisories::Environment;
use super::manifest::Workspaces;
use super::targets::TargetRoot;
use crate::model::{Coverage, NotChecked, RepoPath, Target};

/// How long cargo may take for all workspaces together: the repository says how many there are.
const PATIENCE: Duration = Duration::from_secs(300);

/// What cargo said.
#[derive(Debug, Clone, Default)]
pub struct Resolution {
    /// For each lock file, how its packages get into a build.
    pub reaches: BTreeMap<RepoPath, Reaches>,
    /// For each folder of a package, exactly its targets.
    pub targets: BTreeMap<RepoPath, Vec<TargetRoot>>,
}

/// Asks cargo about every workspace that has a lock file. What could not be asked is said, and the rest goes on.
///
/// `trust` asks also about repositories whose configuration would make cargo run something, were it read.
pub fn resolve(
    root: &Root,
    workspaces: &Workspaces,
    trust: bool,
    env: &Environment,
) -> (Resolution, Vec<NotChecked>) {
    let until = Instant::now() + PATIENCE;
    let mut resolution = Resolution::default();
    let mut not_checked = Vec::new();
    let locked: Vec<(&RepoPath, &RepoPath)> = workspaces
        .roots()
        .filter_map(|manifest| Some((manifest, workspaces.of(manifest)?.lock.as_ref()?)))
        .collect();
    if locked.is_empty() {
        return (resolution, not_checked);
    }
    let home = if refusal::home_inside(root.path(), env) { Err(ResolveError::HomeInside) } else { Ok(()) };
    let ready = home.and_then(|()| Toolchain::find(env, root.path())).and_then(|toolchain| {
        let scratch = Scratch::new(env, root.path())?;
        Ok((toolchain, scratch))
    });
    for (manifest, lock) in locked {
        let refused = if trust { None } else { refusal::of(root, &manifest.parent(), env) };
        let asked = match (refused, &ready) {
            (Some(error), _) => Err(error),
            (None, Err(error)) => Err(error.clone()),
            (None, Ok((toolchain, scratch))) => ask(root, manifest, toolchain, scratch, env, until),
        };
        match asked {
            Ok((usual, all)) => {
                for package in usual.workspace_packages() {
                    if let Some((folder, targets)) = targets(root.path(), package) {
                        resolution.targets.insert(folder, targets);
                    }
                }
                resolution.reaches.insert(lock.clone(), Reaches::new(&usual, &all));
            }
            Err(error) => not_checked.push(NotChecked {
                path: Some(manifest.clone()),
                what: "resolve",
                reason: error.to_string(),
                mend: None,
                coverage: Coverage::Missing,
            }),
        }
    }
    (resolution, not_checked)
}

/// With the features that are on by default, and with all.
fn ask(
    root: &Root,
    manifest: &RepoPath,
    toolchain: &Toolchain,
    scratch: &Scratch,
    env: &Environment,
    until: Instant,
) -> Result<(Metadata, Metadata), ResolveError> {
    let path: PathBuf = manifest.on_disk(root.path()).ok_or(ResolveError::NoName)?;
    let usual = run::metadata(toolchain, scratch, &path, &[], env, until)?;
    let all = run::metadata(toolchain, scratch, &path, &["--all-features"], env, until)?;
    Ok((usual, all))
}

/// The folder of a package and its targets. `None` if it lies outside of the root.
fn targets(root: &Path, package: &cargo_metadata::Package) -> Option<(RepoPath, Vec<TargetRoot>)> {
    let below = |path: &Path| RepoPath::from_relative(path.strip_prefix(root).ok()?);
    let manifest = below(package.manifest_path.as_std_path())?;
    let roots = package.targets.iter().filter_map(|target| {
        let kind = target.kind.iter().find_map(|kind| match kind {
            TargetKind::Bench => Some(Target::Bench),
            TargetKind::Bin => Some(Target::Bin),
            TargetKind::CustomBuild => Some(Target::BuildScript),
            TargetKind::Example => Some(Target::Example),
            TargetKind::Test => Some(Target::Test),
            TargetKind::ProcMacro => Some(Target::ProcMacro),
            TargetKind::Lib
            | TargetKind::RLib
            | TargetKind::DyLib
            | TargetKind::CDyLib
            | TargetKind::StaticLib => Some(Target::Lib),
            _ => None,
        })?;
        Some(TargetRoot { name: target.name.clone(), path: below(target.src_path.as_std_path())?, kind })
    });
    Some((manifest.parent(), roots.collect()))
}
