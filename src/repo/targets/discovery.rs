use std::collections::BTreeSet;

use super::TargetRoot;
use crate::model::{RepoPath, Target};
use crate::repo::ListedFile;
use crate::repo::manifest::{Build, Manifest, Package, TargetTable, resolve};

/// The targets of one package as cargo finds them: those the manifest names, and those that lie where
/// cargo looks by itself.
///
/// Rules: <https://doc.rust-lang.org/cargo/reference/cargo-targets.html#target-auto-discovery>.
pub(super) fn roots(
    folder: &RepoPath,
    manifest: &Manifest,
    package: &Package,
    edition_2015: bool,
    files: &[ListedFile],
) -> Vec<TargetRoot> {
    let look = Look { folder, files, edition_2015, package_name: &package.name.value };
    let mut roots = Vec::new();
    let lib = look.lib(manifest, package);
    let has_lib = lib.is_some();
    roots.extend(lib);
    roots.extend(look.many(&KINDS[0], &manifest.bins, package.autobins, has_lib));
    roots.extend(look.many(&KINDS[1], &manifest.examples, package.autoexamples, has_lib));
    roots.extend(look.many(&KINDS[2], &manifest.tests, package.autotests, has_lib));
    roots.extend(look.many(&KINDS[3], &manifest.benches, package.autobenches, has_lib));
    roots.extend(look.build(package));
    roots
}

/// A kind of target of which a package may have many.
struct Kind {
    target: Target,
    /// Where cargo looks for it.
    folder: &'static str,
}

const KINDS: [Kind; 4] = [
    Kind { target: Target::Bin, folder: "src/bin" },
    Kind { target: Target::Example, folder: "examples" },
    Kind { target: Target::Test, folder: "tests" },
    Kind { target: Target::Bench, folder: "benches" },
];

struct Look<'a> {
    folder: &'a RepoPath,
    files: &'a [ListedFile],
    edition_2015: bool,
    package_name: &'a str,
}

impl Look<'_> {
    /// The file at this path below the package, if it is there.
    fn file(&self, relative: &str) -> Option<RepoPath> {
        let path = resolve(self.folder, relative)?;
        self.files.binary_search_by(|e| e.path.cmp(&path)).is_ok().then_some(path)
    }

    fn lib(&self, manifest: &Manifest, package: &Package) -> Option<TargetRoot> {
        let table = manifest.lib.as_ref();
        if table.is_none() && package.autolib == Some(false) {
            return None;
        }
        let name = table.and_then(|t| t.name.as_ref()).map(|n| n.value.clone());
        let path = match table.and_then(|t| t.path.as_ref()) {
            Some(path) => self.file(&path.value)?,
            None => self.file("src/lib.rs").or_else(|| {
                // The first edition also takes `src/<name>.rs` for a `[lib]` without a path.
                let old = format!("src/{}.rs", name.as_deref().unwrap_or(self.package_name));
                (self.edition_2015 && table.is_some()).then(|| self.file(&old)).flatten()
            })?,
        };
        let proc_macro = table.is_some_and(|t| t.proc_macro);
        let kind = if proc_macro { Target::ProcMacro } else { Target::Lib };
        let name = name.unwrap_or_else(|| self.package_name.replace('-', "_"));
        Some(TargetRoot { name, path, kind })
    }

    fn many(
        &self,
        kind: &Kind,
        tables: &[TargetTable],
        auto: Option<bool>,
        has_lib: bool,
    ) -> Vec<TargetRoot> {
        let found = self.found(kind);
        let mut roots: Vec<TargetRoot> = Vec::new();
        for table in tables {
            let Some(name) = table.name.as_ref().map(|n| n.value.clone()) else { continue };
            let path = match &table.path {
                Some(path) => self.file(&path.value),
                None => found
                    .iter()
                    .find(|(n, _)| *n == name)
                    .map(|(_, path)| path.clone())
                    .or_else(|| self.file(&format!("{}/{name}.rs", kind.folder)))
                    .or_else(|| self.old_place(kind, &name, has_lib)),
            };
            if let Some(path) = path {
                roots.push(TargetRoot { name, path, kind: kind.target });
            }
        }
        // The first edition stops looking by itself as soon as one target of the kind is written down.
        if auto.unwrap_or(tables.is_empty() || !self.edition_2015) {
            let names: BTreeSet<&str> =
                tables.iter().filter_map(|t| t.name.as_ref()).map(|n| &*n.value).collect();
            let paths: BTreeSet<RepoPath> =
                tables.iter().filter_map(|t| resolve(self.folder, &t.path.as_ref()?.value)).collect();
            roots.extend(
                found
                    .into_iter()
                    .filter(|(name, path)| !names.contains(&**name) && !paths.contains(path))
                    .map(|(name, path)| TargetRoot { name, path, kind: kind.target }),
            );
        }
        roots
    }

    /// Where the first edition also looks for a target that is named without a path.
    fn old_place(&self, kind: &Kind, name: &str, has_lib: bool) -> Option<RepoPath> {
        if !self.edition_2015 {
            return None;
        }
        match kind.target {
            Target::Bin => (!has_lib)
                .then(|| self.file(&format!("src/{name}.rs")))
                .flatten()
                .or_else(|| self.file("src/main.rs"))
                .or_else(|| self.file("src/bin/main.rs")),
            Target::Bench => self.file("src/bench.rs"),
            _ => None,
        }
    }

    /// What lies where cargo looks: `<folder>/<name>.rs` and `<folder>/<name>/main.rs`; for binaries also
    /// `src/main.rs`.
    fn found(&self, kind: &Kind) -> Vec<(String, RepoPath)> {
        let mut found = Vec::new();
        if kind.target == Target::Bin {
            found.extend(self.file("src/main.rs").map(|path| (self.package_name.to_owned(), path)));
        }
        let folder = self.folder.join(kind.folder.as_bytes());
        let prefix = folder.join(b"");
        let from = self.files.partition_point(|e| e.path < prefix);
        let below =
            self.files[from..].iter().take_while(|e| e.path.as_bytes().starts_with(prefix.as_bytes()));
        for entry in below {
            let Ok(rest) = std::str::from_utf8(&entry.path.as_bytes()[prefix.as_bytes().len()..]) else {
                continue;
            };
            let name = match rest.split_once('/') {
                None => rest.strip_suffix(".rs"),
                Some((name, "main.rs")) => Some(name),
                Some(_) => None,
            };
            if let Some(name) = name.filter(|n| !n.is_empty()) {
                found.push((name.to_owned(), entry.path.clone()));
            }
        }
        found
    }

    fn build(&self, package: &Package) -> Vec<TargetRoot> {
        let paths = match &package.build {
            Build::None => Vec::new(),
            Build::Auto => self.file("build.rs").into_iter().collect(),
            Build::Files(files) => files.iter().filter_map(|f| self.file(&f.value)).collect(),
        };
        let named = |path: RepoPath| TargetRoot {
            // As cargo names it: by the file.
            name: format!("build-script-{}", String::from_utf8_lossy(stem(&path))),
            path,
            kind: Target::BuildScript,
        };
        paths.into_iter().map(named).collect()
    }
}

/// The name of a file without `.rs`.
fn stem(path: &RepoPath) -> &[u8] {
    path.name().strip_suffix(b".rs").unwrap_or(path.name())
}
