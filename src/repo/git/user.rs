use std::path::{Path, PathBuf};

use bstr::{BStr, ByteSlice};

/// Where the user's and the system's Git configuration lies.
#[derive(Debug, Clone, Default)]
pub struct User {
    home: Option<PathBuf>,
    xdg: Option<PathBuf>,
    /// What is read first: the system's file, then the user's.
    files: Vec<PathBuf>,
}

impl User {
    /// As the environment says: `HOME`, `XDG_CONFIG_HOME`, `GIT_CONFIG_GLOBAL`, `GIT_CONFIG_SYSTEM`,
    /// `GIT_CONFIG_NOSYSTEM`.
    pub fn of_environment() -> Self {
        Self::of(|name| std::env::var_os(name).map(PathBuf::from))
    }

    /// As these variables say.
    pub fn of(variable: impl Fn(&str) -> Option<PathBuf>) -> Self {
        let path = |name: &str| variable(name).filter(|p| !p.as_os_str().is_empty());
        let home = path("HOME").or_else(|| if cfg!(windows) { path("USERPROFILE") } else { None });
        let xdg = path("XDG_CONFIG_HOME").or_else(|| home.as_ref().map(|h| h.join(".config")));
        let mut files = Vec::new();
        let off = path("GIT_CONFIG_NOSYSTEM")
            .is_some_and(|v| !matches!(v.to_str(), Some("0" | "false" | "no" | "off")));
        if !off {
            let usual = if cfg!(windows) { "C:/Program Files/Git/etc/gitconfig" } else { "/etc/gitconfig" };
            files.push(path("GIT_CONFIG_SYSTEM").unwrap_or_else(|| usual.into()));
        }
        if let Some(global) = path("GIT_CONFIG_GLOBAL") {
            files.push(global);
        } else {
            files.extend(xdg.as_ref().map(|x| x.join("git/config")));
            files.extend(home.as_ref().map(|h| h.join(".gitconfig")));
        }
        // What people set to have no configuration at all.
        files.retain(|file| file.as_os_str() != "/dev/null");
        Self { home, xdg, files }
    }

    /// The user's folder.
    pub(super) fn home(&self) -> Option<&Path> {
        self.home.as_deref()
    }

    /// Configuration files that hold for every repository, in the order they are read.
    pub(super) fn files(&self) -> &[PathBuf] {
        &self.files
    }

    /// What `core.excludesFile` is if nothing sets it.
    pub(super) fn usual_excludes_file(&self) -> Option<PathBuf> {
        self.xdg.as_ref().map(|x| x.join("git/ignore"))
    }

    /// A path of Git's configuration with `~/` undone. `None` for an empty one, or another user's home.
    pub(super) fn expand(&self, path: &BStr) -> Option<PathBuf> {
        if path.is_empty() {
            return None;
        }
        if let Some(rest) = path.strip_prefix(b"~/") {
            return Some(self.home.as_ref()?.join(rest.to_path().ok()?));
        }
        if path.starts_with(b"~") || path.starts_with(b"%(") {
            return None;
        }
        path.to_path().ok().map(Path::to_owned)
    }
}
