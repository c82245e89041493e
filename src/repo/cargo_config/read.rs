use std::ops::Range;

use toml_edit::{Item, TableLike};

use super::program::{Origin, Program, Role, is_interpreter};
use crate::source::{ParseProblem, parse_toml};

/// What a `.cargo/config.toml` makes run: <https://doc.rust-lang.org/cargo/reference/config.html>.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CargoConfig {
    /// In the order of the reference.
    pub programs: Vec<Program>,
    /// `[alias]`: the name, the words it stands for, and the bytes of the entry's name.
    pub aliases: Vec<(String, Vec<String>, Range<usize>)>,
    /// Other files that are read as if they stood here.
    pub includes: Vec<Include>,
}

/// A file that a configuration takes in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Include {
    /// As written: relative to the folder of the configuration.
    pub path: String,
    /// Its bytes, quotes included.
    pub span: Range<usize>,
}

/// Reads a configuration file. Values of a wrong type count as not given.
///
/// # Errors
/// It is not TOML. Cargo refuses it too.
pub fn read_config(bytes: &[u8]) -> Result<CargoConfig, ParseProblem> {
    let document = parse_toml(bytes)?;
    let root: &dyn TableLike = document.as_table();
    let mut config = CargoConfig::default();
    if let Some(build) = table(root, "build") {
        for (key, role) in [
            ("rustc", Role::Compiler),
            ("rustc-wrapper", Role::Wrapper),
            ("rustc-workspace-wrapper", Role::Wrapper),
            ("rustdoc", Role::Rustdoc),
        ] {
            config.program(build, "build.", key, role);
        }
        config.flags(build, "build.");
    }
    for (section, name) in tables_below(root, "target") {
        let prefix = format!("target.{name}.");
        config.program(section, &prefix, "linker", Role::Linker);
        config.program(section, &prefix, "runner", Role::Runner);
        config.flags(section, &prefix);
    }
    if let Some(host) = table(root, "host") {
        config.program(host, "host.", "linker", Role::Linker);
        config.program(host, "host.", "runner", Role::Runner);
    }
    if let Some(registry) = table(root, "registry") {
        config.program(registry, "registry.", "credential-provider", Role::CredentialProvider);
        config.providers(registry, "registry.", "global-credential-providers");
    }
    for (section, name) in tables_below(root, "registries") {
        config.program(
            section,
            &format!("registries.{name}."),
            "credential-provider",
            Role::CredentialProvider,
        );
    }
    if let Some(aliases) = table(root, "credential-alias") {
        for (name, _) in aliases.iter() {
            config.program(aliases, "credential-alias.", name, Role::CredentialProvider);
        }
    }
    if let Some(doc) = table(root, "doc") {
        config.program(doc, "doc.", "browser", Role::Browser);
    }
    if let Some(env) = table(root, "env") {
        for name in ["LD_PRELOAD", "DYLD_INSERT_LIBRARIES"] {
            config.preload(env, name);
        }
    }
    config.read_aliases(root);
    config.read_includes(root);
    Ok(config)
}

/// Reads a `rust-toolchain.toml`: <https://rust-lang.github.io/rustup/overrides.html#the-toolchain-file>. The older form
/// without TOML names a channel and no path.
pub fn read_toolchain(bytes: &[u8]) -> Option<Program> {
    let document = parse_toml(bytes).ok()?;
    let path = document.as_table().get("toolchain")?.as_table_like()?.get("path")?;
    let program = path.as_str()?.to_owned();
    let origin = match Origin::of(&program) {
        // A path in any case.
        Origin::Name => Origin::Repository,
        other => other,
    };
    Some(Program { role: Role::Toolchain, key: "toolchain.path".into(), program, origin, span: path.span()? })
}

impl CargoConfig {
    fn program(&mut self, table: &dyn TableLike, prefix: &str, key: &str, role: Role) {
        let Some(item) = table.get(key) else { return };
        let takes_arguments = matches!(role, Role::Runner | Role::CredentialProvider | Role::Browser);
        // A path may have blanks in it.
        let path = || item.as_str().map(|path| vec![path.to_owned()]);
        let Some(words) = (if takes_arguments { words(item) } else { path() }) else { return };
        let span = item.span().unwrap_or_default();
        self.add(role, format!("{prefix}{key}"), &words, span);
    }

    fn add(&mut self, role: Role, key: String, words: &[String], span: Range<usize>) {
        let mut words = words;
        if role == Role::CredentialProvider && words.first().is_some_and(|word| word.starts_with("cargo:")) {
            // Cargo's own, of which one runs what follows.
            if words[0] != "cargo:token-from-stdout" {
                return;
            }
            words = &words[1..];
        }
        let Some(program) = words.first().filter(|program| !program.is_empty()) else { return };
        let origin =
            if words.len() > 1 && is_interpreter(program) { Origin::Repository } else { Origin::of(program) };
        let program = if origin == Origin::Repository && is_interpreter(program) {
            words.join(" ")
        } else {
            program.clone()
        };
        self.programs.push(Program { role, key, program, origin, span });
    }

    /// A list of providers, each a text.
    fn providers(&mut self, table: &dyn TableLike, prefix: &str, key: &str) {
        let list = table.get(key).and_then(Item::as_array);
        for value in list.into_iter().flatten() {
            let words: Vec<String> =
                value.as_str().unwrap_or_default().split_whitespace().map(str::to_owned).collect();
            let span = value.span().unwrap_or_default();
            self.add(Role::CredentialProvider, format!("{prefix}{key}"), &words, span);
        }
    }

    /// Flags of the compiler that make it start or load something.
    fn flags(&mut self, table: &dyn TableLike, prefix: &str) {
        for key in ["rustflags", "rustdocflags"] {
            let Some(item) = table.get(key) else { continue };
            for (word, span) in placed_words(item) {
                let flag = word.strip_prefix("-C").or_else(|| word.strip_prefix("-Z")).unwrap_or(&word);
                for (name, role) in [("linker=", Role::Linker), ("codegen-backend=", Role::Library)] {
                    if let Some(program) = flag.trim_start().strip_prefix(name) {
                        self.add(role, format!("{prefix}{key}"), &[program.to_owned()], span.clone());
                    }
                }
            }
        }
    }

    fn preload(&mut self, env: &dyn TableLike, name: &str) {
        let Some(item) = env.get(name) else { return };
        let value = item.as_table_like().and_then(|table| table.get("value")).unwrap_or(item);
        if let Some(program) = value.as_str() {
            let span = value.span().unwrap_or_default();
            self.add(Role::Library, format!("env.{name}"), &[program.to_owned()], span);
        }
    }

    fn read_aliases(&mut self, root: &dyn TableLike) {
        let Some(aliases) = table(root, "alias") else { return };
        for (name, item) in aliases.iter() {
            if let Some(words) = words(item) {
                let span = aliases.key(name).and_then(toml_edit::Key::span).unwrap_or_default();
                self.aliases.push((name.to_owned(), words, span));
            }
        }
    }

    fn read_includes(&mut self, root: &dyn TableLike) {
        let Some(item) = root.get("include") else { return };
        let mut add = |path: Option<&str>, span: Option<Range<usize>>| {
            if let (Some(path), Some(span)) = (path, span) {
                self.includes.push(Include { path: path.to_owned(), span });
            }
        };
        add(item.as_str(), item.span());
        for value in item.as_array().into_iter().flatten() {
            let value = value.as_inline_table().and_then(|table| table.get("path")).unwrap_or(value);
            add(value.as_str(), value.span());
        }
    }
}

fn table<'t>(table: &'t dyn TableLike, key: &str) -> Option<&'t dyn TableLike> {
    table.get(key)?.as_table_like()
}

/// The tables in a table, with their names.
fn tables_below<'t>(
    root: &'t dyn TableLike,
    key: &str,
) -> impl Iterator<Item = (&'t dyn TableLike, &'t str)> {
    let outer = table(root, key).into_iter();
    outer.flat_map(|outer| outer.iter()).filter_map(|(name, item)| Some((item.as_table_like()?, name)))
}

/// The words of a command line: a text with blanks between, or a list.
fn words(item: &Item) -> Option<Vec<String>> {
    if let Some(text) = item.as_str() {
        return Some(text.split_whitespace().map(str::to_owned).collect());
    }
    let list = item.as_array()?;
    Some(list.iter().filter_map(|value| value.as_str().map(str::to_owned)).collect())
}

/// The same words, each with its place; those of one text share it.
fn placed_words(item: &Item) -> Vec<(String, Range<usize>)> {
    if let Some(list) = item.as_array() {
        let placed = |value: &toml_edit::Value| Some((value.as_str()?.to_owned(), value.span()?));
        return list.iter().filter_map(placed).collect();
    }
    let span = item.span().unwrap_or_default();
    words(item).unwrap_or_default().into_iter().map(|word| (word, span.clone())).collect()
}
