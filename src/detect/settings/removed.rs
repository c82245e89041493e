use std::ops::Range;

use memchr::memmem;

use crate::detect::{Detector, Emit, Needs, Prepared, Raw};
use crate::model::{Language, Region, RepoPath, Severity};
use crate::repo::RepoView;
use crate::repo::environment::is_example;
use crate::repo::osv::Ecosystem;
use crate::source::{FileView, Stage};

/// A setting that the framework of the repository's version no longer reads.
///
/// Words: `settings`, `package version NAME => instead`, names that a module of settings gives a value; `texts`, the same
/// with a text of a program; `variables`, the same with a variable that a file of the environment sets.
pub(super) struct Removed;

/// One word of the rule, taken apart.
struct Gone<'w> {
    package: &'w str,
    since: &'w str,
    what: &'w str,
    instead: &'w str,
}

impl<'w> Gone<'w> {
    fn parse(text: &'w str) -> Option<Self> {
        let (what, instead) = text.split_once(" => ")?;
        let mut words = what.splitn(3, ' ');
        Some(Self { package: words.next()?, since: words.next()?, what: words.next()?, instead })
    }
}

impl Detector for Removed {
    fn name(&self) -> &'static str {
        "removed-setting"
    }

    fn needs(&self) -> Needs {
        Needs::Repo
    }

    fn repo(&self, rule: &Prepared, repo: &RepoView, emit: &mut Emit) {
        let words = |list| rule.rule.detect.words(list).iter().filter_map(|text| Gone::parse(text));
        let programs = || repo.kept.iter().filter(|(_, kept)| kept.kind.language == Language::Python);
        for gone in words("settings").chain(words("texts")) {
            let Some(severity) = severity(repo, &gone, rule.rule.severity) else { continue };
            let is_text = gone.what.contains(['[', '(']);
            // Who sets the name himself reads what he set.
            if is_text && programs().any(|(path, kept)| sets_it(path, &kept.bytes, gone.what)) {
                continue;
            }
            for (path, kept) in programs() {
                let Some(first) = memmem::find(&kept.bytes, gone.what.as_bytes()) else { continue };
                let view = FileView::new(path, &kept.bytes, kept.kind);
                if !may_ship(&view) {
                    continue;
                }
                let range = if is_text {
                    (view.region_at(first) == Region::Code).then_some(first..first + gone.what.len())
                } else {
                    let is_settings = memmem::find(&kept.bytes, b"INSTALLED_APPS").is_some()
                        || memmem::find(path.as_bytes(), b"settings").is_some()
                        || memmem::find(path.as_bytes(), b"config").is_some();
                    let given = view.settings().settings.iter().find(|s| {
                        s.name == gone.what
                            && s.call.is_none()
                            && (s.holder.is_empty() || s.holder.to_ascii_lowercase().ends_with("config"))
                    });
                    given.filter(|_| is_settings).map(|s| s.name_span.start..s.value_span.end)
                };
                if let Some(range) = range {
                    emit.raw(said(path, range, &gone, severity));
                }
            }
        }
        for gone in words("variables") {
            // A program of the repository reads it all the same.
            let is_read = repo.kept.iter().any(|(_, kept)| {
                matches!(kept.kind.language, Language::Python)
                    && memmem::find(&kept.bytes, gone.what.as_bytes()).is_some()
            });
            let Some(severity) = severity(repo, &gone, rule.rule.severity).filter(|_| !is_read) else {
                continue;
            };
            for (path, kept) in &repo.kept {
                let is_told = matches!(
                    kept.kind.language,
                    Language::Dotenv | Language::Dockerfile | Language::Yaml | Language::Toml | Language::Ini
                );
                let Some(first) = memmem::find(&kept.bytes, gone.what.as_bytes()).filter(|_| is_told) else {
                    continue;
                };
                let view = FileView::new(path, &kept.bytes, kept.kind);
                let is_example = is_example(path.name());
                if (may_ship(&view) || is_example) && view.region_at(first) != Region::Comment {
                    emit.raw(said(path, first..first + gone.what.len(), &gone, severity));
                }
            }
        }
    }
}

fn may_ship(view: &FileView) -> bool {
    view.staged().stage != Stage::Development && !view.target().is_for_show()
}

/// Whether the program gives `config["NAME"]` a value.
fn sets_it(path: &RepoPath, bytes: &[u8], what: &str) -> bool {
    let name: String = what.chars().filter(char::is_ascii_uppercase).collect();
    let kind = crate::source::FileKind {
        language: Language::Python,
        target: crate::source::target_by_path(path, Language::Python),
    };
    memmem::find(bytes, name.as_bytes()).is_some()
        && FileView::new(path, bytes, kind).settings().settings.iter().any(|s| s.name == name)
}

fn said(path: &RepoPath, range: Range<usize>, gone: &Gone, severity: Severity) -> Raw {
    let mut raw = Raw::at(range)
        .path(path.clone())
        .message(format!("nobody reads this: {} dropped it with {}", gone.package, gone.since))
        .fix(format!("Write {}.", gone.instead))
        .property("setting", gone.what);
    raw.severity = Some(severity);
    raw
}

/// How bad it is, by the versions that the repository pins; `None` if they are older.
fn severity(repo: &RepoView, gone: &Gone, of: Severity) -> Option<Severity> {
    let mut versions = Vec::new();
    let mut is_named = false;
    for file in repo.package_files().values().flatten().filter(|file| file.ecosystem == Ecosystem::PyPi) {
        versions.extend(file.packages.iter().filter(|p| p.key == gone.package).map(|p| release(&p.version)));
        is_named |= file.open.iter().any(|open| file.ecosystem.key(&open.name) == gone.package);
    }
    let since = release(gone.since);
    match versions.iter().min() {
        Some(oldest) => (*oldest >= since).then_some(of),
        // Nobody knows; what is installed then is the newest.
        None if is_named || repo.package_files().is_empty() => Some(of.min(Severity::Note)),
        None => None,
    }
}

/// The first two numbers of a version.
fn release(version: &str) -> (u32, u32) {
    let mut numbers = version
        .trim_start_matches(|c: char| !c.is_ascii_digit())
        .split('.')
        .map(|part| part.chars().take_while(char::is_ascii_digit).collect::<String>().parse().unwrap_or(0));
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0))
}
