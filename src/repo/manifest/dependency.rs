use std::ops::Range;

use toml_edit::{Item, TableLike};

use super::{Located, read};

/// Which table of a manifest a dependency stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Section {
    /// `[dependencies]`.
    Normal,
    /// `[dev-dependencies]`: tests, examples and benchmarks alone.
    Dev,
    /// `[build-dependencies]`: the build script alone.
    Build,
    /// `[workspace.dependencies]`: what members may inherit.
    Workspace,
    /// `[patch.…]`: stands in for a dependency anywhere in the graph.
    Patch,
    /// `[replace]`, the older form of a patch.
    Replace,
}

/// One dependency, with the places of everything that pins it or fails to.
///
/// Form: <https://doc.rust-lang.org/cargo/reference/specifying-dependencies.html>. Spans of values
/// include their quotes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dependency {
    /// The key: the name the code uses.
    pub name: Located<String>,
    /// Where it stands.
    pub section: Section,
    /// The platform of `[target.'…'.dependencies]`.
    pub platform: Option<String>,
    /// The name of the package, where it is not the key.
    pub package: Option<Located<String>>,
    /// The version requirement.
    pub requirement: Option<Located<String>>,
    /// The address of a Git repository.
    pub git: Option<Located<String>>,
    /// Its branch.
    pub branch: Option<Located<String>>,
    /// Its tag.
    pub tag: Option<Located<String>>,
    /// Its commit, or any other revision that Git understands.
    pub rev: Option<Located<String>>,
    /// A folder, relative to the manifest's.
    pub path: Option<Located<String>>,
    /// The name of another registry.
    pub registry: Option<Located<String>>,
    /// The address of another registry's index.
    pub registry_index: Option<Located<String>>,
    /// Whether it says `workspace = true`: the rest stands in `[workspace.dependencies]`.
    pub inherited: bool,
    /// Whether it is only built when a feature asks for it.
    pub optional: bool,
    /// The whole entry.
    pub span: Range<usize>,
}

impl Dependency {
    /// The name of the package that is asked for.
    pub fn package_name(&self) -> &str {
        self.package.as_ref().map_or(&self.name.value, |p| &p.value)
    }

    /// Reads one entry. `None` if its value is neither a text nor a table.
    fn read(table: &dyn TableLike, key: &str, section: Section, platform: Option<&str>) -> Option<Self> {
        let (name, item) = table.get_key_value(key)?;
        let mut dependency = Self {
            name: Located { value: key.to_owned(), span: name.span().unwrap_or_default() },
            section,
            platform: platform.map(str::to_owned),
            package: None,
            requirement: None,
            git: None,
            branch: None,
            tag: None,
            rev: None,
            path: None,
            registry: None,
            registry_index: None,
            inherited: false,
            optional: false,
            span: read::entry_span(table, key),
        };
        if item.is_str() {
            dependency.requirement = read::located(item);
            return Some(dependency);
        }
        let fields = item.as_table_like()?;
        dependency.package = read::text(fields, "package");
        dependency.requirement = read::text(fields, "version");
        dependency.git = read::text(fields, "git");
        dependency.branch = read::text(fields, "branch");
        dependency.tag = read::text(fields, "tag");
        dependency.rev = read::text(fields, "rev");
        dependency.path = read::text(fields, "path");
        dependency.registry = read::text(fields, "registry");
        dependency.registry_index = read::text(fields, "registry-index");
        dependency.inherited = read::flag(fields, "workspace") == Some(true);
        dependency.optional = read::flag(fields, "optional") == Some(true);
        Some(dependency)
    }

    /// All entries of one table of dependencies.
    pub(super) fn read_all(
        parent: &dyn TableLike,
        key: &str,
        section: Section,
        platform: Option<&str>,
        into: &mut Vec<Self>,
    ) {
        if let Some(table) = read::table(parent, key) {
            into.extend(table.iter().filter_map(|(name, _)| Self::read(table, name, section, platform)));
        }
    }

    /// The tables of a package, `[target.'…']` ones included.
    pub(super) fn read_package(root: &dyn TableLike) -> Vec<Self> {
        let mut all = Vec::new();
        let mut sections = |parent: &dyn TableLike, platform: Option<&str>| {
            for (key, section) in [
                ("dependencies", Section::Normal),
                ("dev-dependencies", Section::Dev),
                ("build-dependencies", Section::Build),
            ] {
                Self::read_all(parent, key, section, platform, &mut all);
            }
        };
        sections(root, None);
        if let Some(platforms) = read::table(root, "target") {
            for (platform, item) in platforms.iter() {
                if let Some(table) = item.as_table_like() {
                    sections(table, Some(platform));
                }
            }
        }
        all
    }

    /// `[patch.<source>]` of every source, and `[replace]`.
    pub(super) fn read_patches(root: &dyn TableLike) -> Vec<Self> {
        let mut all = Vec::new();
        if let Some(sources) = read::get(root, "patch").and_then(Item::as_table_like) {
            for (source, _) in sources.iter() {
                Self::read_all(sources, source, Section::Patch, None, &mut all);
            }
        }
        Self::read_all(root, "replace", Section::Replace, None, &mut all);
        all
    }
}
