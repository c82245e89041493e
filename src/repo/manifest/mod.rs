//! `Cargo.toml` as data with places, and which packages belong together. Nothing is run and nothing
//! outside the repository is looked at.

mod dependency;
mod depth;
mod member_glob;
mod packaging;
mod read;
mod workspace;

use std::ops::Range;

use toml_edit::{Document, TableLike};

pub use dependency::{Dependency, Section};
pub use packaging::{Packaging, Readme};
pub use workspace::{Belonging, Workspaces, resolve};

use crate::model::RepoPath;

/// A value and the bytes it stands in. For texts the quotes belong to it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Located<T> {
    /// The value.
    pub value: T,
    /// Its bytes.
    pub span: Range<usize>,
}

/// A `Cargo.toml`, as far as an audit asks about it.
///
/// Form: <https://doc.rust-lang.org/cargo/reference/manifest.html>. A value of a wrong type counts as not
/// given: cargo refuses such a manifest, and that is for cargo to say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Manifest {
    /// `[package]` (or `[project]`, its older name); a manifest without one is a virtual workspace.
    pub package: Option<Package>,
    /// `[workspace]`.
    pub workspace: Option<WorkspaceTable>,
    /// Dependencies of the package, of every kind and platform.
    pub dependencies: Vec<Dependency>,
    /// `[patch]` and `[replace]`.
    pub patches: Vec<Dependency>,
    /// `[lib]`.
    pub lib: Option<TargetTable>,
    /// `[[bin]]`.
    pub bins: Vec<TargetTable>,
    /// `[[example]]`.
    pub examples: Vec<TargetTable>,
    /// `[[test]]`.
    pub tests: Vec<TargetTable>,
    /// `[[bench]]`.
    pub benches: Vec<TargetTable>,
}

/// `[package]`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Package {
    /// Its name.
    pub name: Located<String>,
    /// Its version.
    pub version: Field<String>,
    /// Its edition: `2015` where none is given.
    pub edition: Field<String>,
    /// Whether it may be published.
    pub publish: Field<bool>,
    /// The folder of its workspace's root, where that is not found by looking upwards.
    pub workspace: Option<Located<String>>,
    /// Its build script.
    pub build: Build,
    /// The native library it links.
    pub links: Option<Located<String>>,
    /// `autolib = false` turns off looking for `src/lib.rs`; likewise below.
    pub autolib: Option<bool>,
    /// `autobins`.
    pub autobins: Option<bool>,
    /// `autoexamples`.
    pub autoexamples: Option<bool>,
    /// `autotests`.
    pub autotests: Option<bool>,
    /// `autobenches`.
    pub autobenches: Option<bool>,
    /// Whether it is a fuzzing crate made by cargo-fuzz.
    pub fuzz: bool,
    /// What of it is published.
    pub packaging: Packaging,
}

/// A key that a member may take over from its workspace.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Field<T> {
    /// It is not there.
    #[default]
    Absent,
    /// It stands here.
    Here(Located<T>),
    /// `….workspace = true`.
    Inherited,
}

impl<T> Field<T> {
    /// The value, taken from the workspace's where it is inherited.
    pub fn or_inherited<'a>(&'a self, workspace: Option<&'a Located<T>>) -> Option<&'a T> {
        match self {
            Self::Absent => None,
            Self::Here(here) => Some(&here.value),
            Self::Inherited => workspace.map(|w| &w.value),
        }
    }
}

/// What `build` of a package says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Build {
    /// Nothing or `true`: `build.rs` if there is one.
    #[default]
    Auto,
    /// `false`: none.
    None,
    /// These files, relative to the package.
    Files(Vec<Located<String>>),
}

/// `[workspace]`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WorkspaceTable {
    /// The bytes of its header, or of the key.
    pub span: Range<usize>,
    /// Folders and globs of members.
    pub members: Vec<Located<String>>,
    /// Folders that are no members, nor anything below them.
    pub exclude: Vec<Located<String>>,
    /// Members that commands act on if none is named.
    pub default_members: Vec<Located<String>>,
    /// `[workspace.dependencies]`.
    pub dependencies: Vec<Dependency>,
    /// `[workspace.package] version`.
    pub version: Option<Located<String>>,
    /// `[workspace.package] edition`.
    pub edition: Option<Located<String>>,
    /// `[workspace.package] publish`.
    pub publish: Option<Located<bool>>,
    /// `[workspace.package] include`.
    pub include: Option<Located<Vec<Located<String>>>>,
    /// `[workspace.package] exclude`: files that are not published.
    pub exclude_from_packages: Option<Located<Vec<Located<String>>>>,
}

/// `[lib]`, or one of `[[bin]]`, `[[example]]`, `[[test]]`, `[[bench]]`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TargetTable {
    /// Its name.
    pub name: Option<Located<String>>,
    /// Its first file, relative to the package.
    pub path: Option<Located<String>>,
    /// Whether it is a procedural macro.
    pub proc_macro: bool,
}

/// A manifest that does not parse.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ManifestProblem {
    /// What is wrong, without any text of the file.
    pub message: String,
    /// Where.
    pub span: Option<Range<usize>>,
}

impl Manifest {
    /// Reads a manifest. `path` is where it lies; only its bytes are looked at.
    ///
    /// # Errors
    /// It is not UTF-8, is not TOML, or nests deeper than any honest manifest.
    pub fn parse(path: &RepoPath, bytes: &[u8]) -> Result<Self, ManifestProblem> {
        let _ = path;
        let text = std::str::from_utf8(bytes).map_err(|e| ManifestProblem {
            message: "is not UTF-8".into(),
            span: Some(e.valid_up_to()..e.valid_up_to() + e.error_len().unwrap_or(1)),
        })?;
        if let Some(span) = depth::too_deep(text) {
            return Err(ManifestProblem { message: "nests too deep".into(), span: Some(span) });
        }
        let document = Document::parse(text).map_err(|e| ManifestProblem {
            message: format!("is not TOML: {}", e.message()),
            span: e.span(),
        })?;
        let root: &dyn TableLike = document.as_table();
        let package = read::table(root, "package").or_else(|| read::table(root, "project"));
        Ok(Self {
            package: package.map(read_package),
            workspace: read_workspace(root),
            dependencies: Dependency::read_package(root),
            patches: Dependency::read_patches(root),
            lib: read::table(root, "lib").map(read_target),
            bins: read_targets(root, "bin"),
            examples: read_targets(root, "example"),
            tests: read_targets(root, "test"),
            benches: read_targets(root, "bench"),
        })
    }

    /// All dependencies that are declared here, the workspace's among them; without patches.
    pub fn declared(&self) -> impl Iterator<Item = &Dependency> {
        self.dependencies.iter().chain(self.workspace.iter().flat_map(|w| &w.dependencies))
    }

    /// Where a finding about the manifest as a whole stands: the package's name, else the workspace.
    pub fn heading(&self) -> Option<Range<usize>> {
        let name = self.package.as_ref().map(|p| p.name.span.clone());
        name.or_else(|| self.workspace.as_ref().map(|w| w.span.clone())).filter(|span| !span.is_empty())
    }
}

fn read_package(table: &dyn TableLike) -> Package {
    let build = match read::get(table, "build") {
        Some(item) if item.as_bool() == Some(false) => Build::None,
        Some(item) if item.is_str() => Build::Files(read::located(item).into_iter().collect()),
        Some(item) if item.is_array() => Build::Files(read::texts(table, "build")),
        _ => Build::Auto,
    };
    let metadata = read::table(table, "metadata");
    Package {
        name: read::text(table, "name").unwrap_or_default(),
        version: field(table, "version", read::located),
        edition: field(table, "edition", read::located),
        publish: field(table, "publish", publish),
        workspace: read::text(table, "workspace"),
        build,
        links: read::text(table, "links"),
        autolib: read::flag(table, "autolib"),
        autobins: read::flag(table, "autobins"),
        autoexamples: read::flag(table, "autoexamples"),
        autotests: read::flag(table, "autotests"),
        autobenches: read::flag(table, "autobenches"),
        packaging: Packaging::read(table),
        fuzz: metadata.is_some_and(|m| read::flag(m, "cargo-fuzz") == Some(true)),
    }
}

fn field<T>(
    table: &dyn TableLike,
    key: &str,
    read: impl Fn(&toml_edit::Item) -> Option<Located<T>>,
) -> Field<T> {
    let Some(item) = table.get(key) else { return Field::Absent };
    if item.as_table_like().is_some_and(|t| read::flag(t, "workspace") == Some(true)) {
        return Field::Inherited;
    }
    read(item).map_or(Field::Absent, Field::Here)
}

/// `publish = false` or an empty list of registries.
fn publish(item: &toml_edit::Item) -> Option<Located<bool>> {
    let value = item.as_bool().or_else(|| item.as_array().map(|registries| !registries.is_empty()))?;
    Some(Located { value, span: item.span().unwrap_or_default() })
}

fn read_workspace(root: &dyn TableLike) -> Option<WorkspaceTable> {
    let (key, item) = root.get_key_value("workspace")?;
    let table = item.as_table_like()?;
    let mut dependencies = Vec::new();
    Dependency::read_all(table, "dependencies", Section::Workspace, None, &mut dependencies);
    let package = read::table(table, "package");
    Some(WorkspaceTable {
        span: item.span().or_else(|| key.span()).unwrap_or_default(),
        members: read::texts(table, "members"),
        exclude: read::texts(table, "exclude"),
        default_members: read::texts(table, "default-members"),
        dependencies,
        version: package.and_then(|p| read::text(p, "version")),
        edition: package.and_then(|p| read::text(p, "edition")),
        publish: package.and_then(|p| read::get(p, "publish")).and_then(publish),
        include: package.and_then(|p| read::get(p, "include")).and_then(packaging::list),
        exclude_from_packages: package.and_then(|p| read::get(p, "exclude")).and_then(packaging::list),
    })
}

fn read_targets(root: &dyn TableLike, key: &str) -> Vec<TargetTable> {
    read::tables(root, key).into_iter().map(read_target).collect()
}

fn read_target(table: &dyn TableLike) -> TargetTable {
    TargetTable {
        name: read::text(table, "name"),
        path: read::text(table, "path"),
        proc_macro: read::flag(table, "proc-macro") == Some(true)
            || read::texts(table, "crate-type").iter().any(|t| t.value == "proc-macro"),
    }
}
