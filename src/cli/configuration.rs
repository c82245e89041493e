use std::env;
use std::path::Path;

use super::args::AuditArgs;
use super::{Failure, audit::flags, config_error};
use crate::audit::{self, View};
use crate::config::{self, ConfigFile, ConfigText, ConfigTexts, Flags, Settings};
use crate::model::{RepoPath, shown};
use crate::repo::read::{self, Links};
use crate::repo::{ReadError, Root};
use crate::rules::Catalog;
use crate::scan::{Contents, WorkTree};

/// A configuration above this size is none.
const CONFIG_LIMIT: u64 = 1 << 20;

/// A root's configuration, and what follows from it.
pub(super) struct Configured {
    /// As it is written.
    pub(super) file: ConfigFile,
    /// The built-in rules and those the root brings.
    pub(super) catalog: Catalog,
    /// It and what was typed, resolved.
    pub(super) settings: Settings,
}

/// Reads the root's configuration and its own rules.
///
/// # Errors
/// The configuration is broken, or a rule file it names.
pub(super) fn configured(
    args: &AuditArgs,
    flags: &Flags,
    root: &Root,
    view: View,
) -> Result<Configured, Failure> {
    let work_tree = WorkTree { tree: root.tree() };
    let files = view.contents(&work_tree);
    let file = config::read(texts(args, root, files)?).map_err(|e| config_error::explained(&e, files))?;
    let mut catalog = Catalog::built_in();
    add_own_rules(&mut catalog, &file, root, view)?;
    let settings = config::resolve(flags, &file, &catalog).map_err(|e| config_error::explained(&e, files))?;
    Ok(Configured { file, catalog, settings })
}

/// The rules there are in the current folder: the built-in ones and those of the root it lies in.
///
/// # Errors
/// The root's configuration is broken, or a rule file it names.
pub(super) fn rules_here(args: &AuditArgs) -> Result<Catalog, Failure> {
    let here = env::current_dir()?;
    // Where nothing can be audited, as in a bare repository, there are the built-in rules.
    let Ok((root, _)) = Root::find(&[], &here) else { return Ok(Catalog::built_in()) };
    Ok(configured(args, &flags(args)?, &root, View::WorkTree)?.catalog)
}

/// The configuration's texts: a file that is named must be there; the root's own may be missing.
fn texts(args: &AuditArgs, root: &Root, files: &dyn Contents) -> Result<ConfigTexts, Failure> {
    if args.no_config {
        return Ok(ConfigTexts::default());
    }
    if let Some(file) = &args.config {
        let name = shown(&file.to_string_lossy()).into_owned();
        let mut bytes = Vec::new();
        read::file(file, Links::Follow, CONFIG_LIMIT, &mut bytes)
            .map_err(|e| Failure(format!("{name}: {e}")))?;
        let text = String::from_utf8(bytes).map_err(|_| Failure(format!("{name}: it is not UTF-8")))?;
        let path = inside(file, root);
        return Ok(ConfigTexts { prodcheck: Some(ConfigText { name, path, text }), manifest: None });
    }
    let own = |name: &str| -> Result<Option<ConfigText>, Failure> {
        let path = RepoPath::from(name);
        let mut bytes = Vec::new();
        match files.read(&path, CONFIG_LIMIT, &mut bytes) {
            Ok(()) => {}
            Err(ReadError::Vanished) => return Ok(None),
            Err(error) => return Err(Failure(format!("{name}: {error}"))),
        }
        match String::from_utf8(bytes) {
            Ok(text) => Ok(Some(ConfigText { name: name.to_owned(), path: Some(path), text })),
            Err(_) => Err(Failure(format!("{name}: it is not UTF-8"))),
        }
    };
    // A broken manifest is a finding of the audit, not a reason to refuse it.
    Ok(ConfigTexts { prodcheck: own("prodcheck.toml")?, manifest: own("Cargo.toml").unwrap_or(None) })
}

fn inside(file: &Path, root: &Root) -> Option<RepoPath> {
    let whole = file.canonicalize().ok()?;
    RepoPath::from_relative(whole.strip_prefix(root.path()).ok()?)
}

fn add_own_rules(catalog: &mut Catalog, file: &ConfigFile, root: &Root, view: View) -> Result<(), Failure> {
    let work_tree = WorkTree { tree: root.tree() };
    for own in &file.own_rules {
        let files = view.contents(&work_tree);
        let wrong = |what: String| config_error::explained(&file.error(own.span.clone(), what), files);
        let rules = match view {
            View::Staged(staging) => {
                if !staging.files.iter().any(|file| file.path.is_in(&own.path)) {
                    return Err(wrong("there is nothing at this path in the Git index".into()));
                }
                audit::read_listed_rules(&staging.files, &own.path, staging)
            }
            View::WorkTree => {
                let on_disk = own.path.on_disk(root.path());
                let on_disk = on_disk.ok_or_else(|| wrong("this path has no name here".into()))?;
                if root.tree().kind(&own.path).is_err() {
                    return Err(wrong("there is nothing at this path, or it leads through a link".into()));
                }
                audit::read_rule_files(&[on_disk])
            }
        };
        let rules = rules.map_err(|e| wrong(e.to_string()))?;
        catalog.add(rules).map_err(|id| wrong(format!("the rule {id} exists already")))?;
    }
    Ok(())
}
