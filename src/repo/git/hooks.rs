use std::path::{Path, PathBuf};

use bstr::ByteSlice;

use super::User;
use crate::model::RepoPath;
use crate::repo::Root;

/// Where Git looks for hooks: <https://git-scm.com/docs/githooks#_description>.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HooksFolder {
    /// `hooks` in the Git folder that all work trees share.
    Git,
    /// A folder of the work tree, as `core.hooksPath` says.
    Inside(RepoPath),
    /// Somewhere else, as `core.hooksPath` says: other repositories may look there too.
    Elsewhere(PathBuf),
}

impl Root {
    /// Where Git looks for the hooks of this root; `None` without Git.
    pub fn hooks_folder(&self, user: &User) -> Option<HooksFolder> {
        let git = self.git()?;
        let Some(written) = git.config(user).hooks_path else { return Some(HooksFolder::Git) };
        let Some(path) = user.expand(written.as_bstr()) else {
            let path = written.to_path().map(Path::to_owned).unwrap_or_default();
            return Some(HooksFolder::Elsewhere(path));
        };
        // Hooks run at the top of the work tree.
        let whole = self.path().join(&path);
        if whole == git.common.join("hooks") {
            return Some(HooksFolder::Git);
        }
        let inside = whole.strip_prefix(self.path()).ok().and_then(RepoPath::from_relative);
        let is_git = |folder: &RepoPath| folder.parts().next() == Some(b".git");
        Some(match inside {
            Some(folder) if folder.as_bytes() == b".git/hooks" && !git.is_linked() => HooksFolder::Git,
            Some(folder) if !is_git(&folder) => HooksFolder::Inside(folder),
            _ => HooksFolder::Elsewhere(path),
        })
    }
}
