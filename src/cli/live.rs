use std::env;
use std::path::{Path, PathBuf};

use super::{Failure, Outcome, output};
use crate::audit::locked_packages;
use crate::live;
use crate::model::{counted, shown};
use crate::repo::Root;
use crate::repo::advisories::Environment;

/// Asks the registry's index about what is locked in the repository at a path.
pub(super) fn refresh(path: &Path, offline: bool, environment: &Environment) -> Outcome {
    let here =
        env::current_dir().map_err(|e| Failure(format!("the current directory cannot be read: {e}")))?;
    let (root, paths) = Root::find(&[PathBuf::from(path)], &here)?;
    let locked = locked_packages(&root, &paths);
    for (path, why) in &locked.unread {
        output::say(&format!("warning: {path} was passed over: {why}"));
    }
    let names = locked.names.iter().map(String::as_str).collect();
    let refreshed = live::refresh(&names, offline, environment)?;
    for name in &refreshed.unknown {
        output::say(&format!("warning: the registry does not know {}", shown(name)));
    }
    output::to_stdout(|out| {
        writeln!(
            out,
            "asked the registry's index about {}: {} changed",
            counted(refreshed.asked as u64, "package"),
            refreshed.changed
        )
    })?;
    Ok(if locked.unread.is_empty() { 0 } else { 3 })
}
