//! Packages of Python and npm, held against advisory data in the form of OSV.

use std::collections::BTreeSet;

use crate::detect::{Emit, Prepared, Raw};
use crate::model::{RepoPath, Severity};
use crate::repo::RepoView;
use crate::repo::osv::{Ecosystem, OsvAdvisory};
use crate::repo::packages::{Package, PackageFile, Tool};

/// Parts of a file's name that mark requirements of people and pipelines, not of what ships; and whole names of the folder
/// it lies in.
const DEVELOPMENT: &[&str] =
    &["dev", "develop", "development", "test", "tests", "testing", "lint", "doc", "docs", "ci", "build"];

/// Reports what concerns the packages that files pin, for rules about vulnerabilities.
pub(super) fn find(rule: &Prepared, repo: &RepoView, emit: &mut Emit) {
    if !rule.rule.detect.words("kinds").iter().any(|kind| kind == "vulnerability") {
        return;
    }
    for (path, file) in repo.package_files() {
        let Ok(file) = file else { continue };
        let pins = Pins { path, file, mild: mild(repo, path) };
        for package in &file.packages {
            let concerning = repo.osv.concerning(file.ecosystem, &package.key, &package.version);
            for same in merged(concerning.collect()) {
                emit.raw(pins.raw(package, &same));
            }
        }
    }
}

/// In place of the rule's severity, where a file is not about what ships.
pub(super) fn mild(repo: &RepoView, path: &RepoPath) -> Option<Severity> {
    if repo.lock_is_for_tests(path) {
        return Some(Severity::Note);
    }
    let is_listed = |part: &[u8]| DEVELOPMENT.iter().any(|word| part.eq_ignore_ascii_case(word.as_bytes()));
    let name = path.name().split(|b| !b.is_ascii_alphanumeric()).any(is_listed);
    // What is built there ships.
    let folder = path.parent();
    let folder = folder.name() != b"build" && is_listed(folder.name());
    (name || folder).then_some(Severity::Warning)
}

/// Advisories that are names of the same one stand together, the best-known name first.
fn merged(advisories: Vec<&OsvAdvisory>) -> Vec<Vec<&OsvAdvisory>> {
    let mut groups: Vec<(BTreeSet<&str>, Vec<&OsvAdvisory>)> = Vec::new();
    for advisory in advisories {
        let mut names: BTreeSet<&str> = advisory.aliases.iter().map(String::as_str).collect();
        names.insert(&advisory.id);
        let mut group = vec![advisory];
        let (same, others): (Vec<_>, Vec<_>) =
            groups.into_iter().partition(|(known, _)| !known.is_disjoint(&names));
        for (known, more) in same {
            names.extend(known);
            group.extend(more);
        }
        groups = others;
        groups.push((names, group));
    }
    let rank = |advisory: &&OsvAdvisory| {
        let known = ["MAL-", "PYSEC-", "GHSA-", "CVE-"];
        (known.iter().position(|prefix| advisory.id.starts_with(prefix)), advisory.id.clone())
    };
    for (_, group) in &mut groups {
        // What begins otherwise comes last.
        group.sort_by_key(|a| (rank(a).0.is_none(), rank(a)));
    }
    let mut groups: Vec<Vec<&OsvAdvisory>> = groups.into_iter().map(|(_, group)| group).collect();
    groups.sort_by(|a, b| a[0].id.cmp(&b[0].id));
    groups
}

/// A file and what its place makes of its findings.
struct Pins<'a> {
    path: &'a RepoPath,
    file: &'a PackageFile,
    mild: Option<Severity>,
}

impl Pins<'_> {
    /// `same` are the names of one advisory.
    fn raw(&self, package: &Package, same: &[&OsvAdvisory]) -> Raw {
        let advisory = same[0];
        let mut aliases: BTreeSet<&str> =
            same.iter().flat_map(|a| a.aliases.iter().chain([&a.id])).map(String::as_str).collect();
        aliases.remove(&*advisory.id);
        let aliases: Vec<&str> = aliases.into_iter().collect();
        let said = if advisory.is_malware() { "was made to do harm" } else { "has a known vulnerability" };
        let held = self.file.tool == Tool::Constraints && package.direct == Some(false);
        let when = if held { ", if something asks for it" } else { "" };
        let message = format!(
            "`{} {}` {said}: {} ({}){when}",
            package.name, package.version, advisory.title, advisory.id
        );
        let fixed = same.iter().find_map(|a| a.first_fixed_after(&package.version));
        let mut raw = Raw::at(package.span.clone())
            .path(self.path.clone())
            .message(message)
            .fix(self.fix(package, advisory, fixed.as_deref()))
            .property("advisory", &advisory.id)
            .property("kind", if advisory.is_malware() { "malware" } else { "vulnerability" })
            .property("ecosystem", self.file.ecosystem.word())
            .property("package", &package.name)
            .property("version", &package.version)
            .detail("url", advisory.url());
        let ratings = same.iter().find_map(|a| a.rating);
        let vector = same.iter().find_map(|a| a.cvss.clone());
        let rest = [
            ("aliases", aliases.join(", ")),
            ("affected", advisory.ranges()),
            ("patched", fixed.unwrap_or_default()),
            ("date", advisory.date.clone()),
            ("cvss", vector.unwrap_or_default()),
            ("cvss-rating", ratings.unwrap_or_default().to_owned()),
        ];
        for (key, value) in rest {
            if !value.is_empty() {
                raw = raw.detail(key, value);
            }
        }
        let development = (package.development || held).then_some(Severity::Warning);
        // What is malware runs where it is installed, be it for tests.
        if !advisory.is_malware() {
            raw.severity = self.mild.into_iter().chain(development).min();
        }
        raw
    }

    fn fix(&self, package: &Package, advisory: &OsvAdvisory, fixed: Option<&str>) -> String {
        let name = &package.name;
        if advisory.is_malware() {
            return format!(
                "Take `{name}` out, look for what it did where it was installed, and replace the secrets that \
                 were within its reach."
            );
        }
        let Some(fixed) = fixed else {
            return "No fixed version is known: replace it, or see in the advisory how to avoid what is broken."
                .into();
        };
        let command = match self.file.tool {
            Tool::Poetry => "poetry update",
            Tool::Uv => "uv lock --upgrade-package",
            Tool::Pdm => "pdm update",
            Tool::Pipenv => "pipenv upgrade",
            Tool::Npm => "npm update",
            Tool::Pip | Tool::Constraints => {
                return format!("Write {name}=={fixed}, or a later version: it is fixed there.");
            }
            Tool::Pylock => return format!("Lock {name} anew, at {fixed} or later: it is fixed there."),
        };
        // Somebody may paste it.
        let is_fit = |b: u8| b.is_ascii_alphanumeric() || b"@/._-".contains(&b);
        if name.starts_with('-') || !name.bytes().all(is_fit) {
            return format!("It is fixed from {fixed} on.");
        }
        let asks = if self.file.ecosystem == Ecosystem::Npm && package.direct != Some(true) {
            format!(" Where that does not reach it, `npm explain {name}` says who holds it back.")
        } else if package.direct != Some(false) {
            " Where the project asks for this very version, ask for a later one first.".to_owned()
        } else {
            String::new()
        };
        format!("Run `{command} {name}`: it is fixed from {fixed} on.{asks}")
    }
}
