use std::path::{Path, PathBuf};

use super::run::ResolveError;
use crate::repo::advisories::Environment;
use crate::repo::read::{self, Links};

/// A toolchain by absolute paths: rustup's stand-ins let the repository choose another one.
#[derive(Debug, Clone)]
pub(super) struct Toolchain {
    pub(super) cargo: PathBuf,
    pub(super) rustc: PathBuf,
    /// Its name, if rustup manages it.
    pub(super) name: Option<String>,
}

/// rustup's settings are small.
const LARGEST_SETTINGS: u64 = 1 << 20;

impl Toolchain {
    /// The user's toolchain: rustup's, else the first cargo in the `PATH` that has a rustc beside it. Never one that
    /// lies in the repository.
    pub(super) fn find(env: &Environment, root: &Path) -> Result<Self, ResolveError> {
        let found = of_rustup(env).or_else(|| of_path(env)).ok_or(ResolveError::NoCargo)?;
        for program in [&found.cargo, &found.rustc] {
            let real = program.canonicalize().map_err(|_| ResolveError::NoCargo)?;
            if real.starts_with(root) || program.starts_with(root) {
                return Err(ResolveError::CargoInside);
            }
        }
        Ok(found)
    }

    fn at(bin: &Path, name: Option<String>) -> Option<Self> {
        let program = |name: &str| {
            let path = bin.join(name).with_extension(std::env::consts::EXE_EXTENSION);
            path.is_file().then_some(path)
        };
        Some(Self { cargo: program("cargo")?, rustc: program("rustc")?, name })
    }
}

fn of_rustup(env: &Environment) -> Option<Toolchain> {
    let home = rustup_home(env)?;
    // Called through rustup, this names the toolchain that calls us. Where the repository names a folder, it is a path.
    let named = env("RUSTUP_TOOLCHAIN").and_then(|name| name.into_string().ok());
    let named = named.filter(|name| !name.is_empty() && !name.contains(['/', '\\']) && name != "..");
    let usual = || {
        let mut bytes = Vec::new();
        read::file(&home.join("settings.toml"), Links::Follow, LARGEST_SETTINGS, &mut bytes).ok()?;
        let document = crate::source::parse_toml(&bytes).ok()?;
        Some(document.get("default_toolchain")?.as_str()?.to_owned())
    };
    let name = named.or_else(usual)?;
    let toolchains = home.join("toolchains");
    let exact = Toolchain::at(&toolchains.join(&name).join("bin"), Some(name.clone()));
    exact.or_else(|| {
        // `stable` stands for `stable-x86_64-unknown-linux-gnu`.
        let host = std::env::consts::ARCH;
        let mut full: Vec<String> = toolchains
            .read_dir()
            .ok()?
            .flatten()
            .filter_map(|entry| entry.file_name().into_string().ok())
            .filter(|full| full.starts_with(&format!("{name}-{host}")))
            .collect();
        full.sort();
        let full = full.into_iter().next()?;
        Toolchain::at(&toolchains.join(&full).join("bin"), Some(full))
    })
}

/// rustup's folder, if the environment says where that is.
pub(super) fn rustup_home(env: &Environment) -> Option<PathBuf> {
    let absolute = |name: &str| env(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let home = || Some(absolute("HOME").or_else(|| absolute("USERPROFILE"))?.join(".rustup"));
    absolute("RUSTUP_HOME").or_else(home)
}

/// Cargo's folder, likewise.
pub(super) fn cargo_home(env: &Environment) -> Option<PathBuf> {
    let absolute = |name: &str| env(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let home = || Some(absolute("HOME").or_else(|| absolute("USERPROFILE"))?.join(".cargo"));
    absolute("CARGO_HOME").or_else(home)
}

fn of_path(env: &Environment) -> Option<Toolchain> {
    let path = env("PATH")?;
    std::env::split_paths(&path).filter(|folder| folder.is_absolute()).find_map(|folder| {
        let toolchain = Toolchain::at(&folder, None)?;
        let real = toolchain.cargo.canonicalize().ok()?;
        // A stand-in of rustup asks the folder it is started in which toolchain to use.
        (real.file_stem()? == "cargo").then_some(toolchain)
    })
}
