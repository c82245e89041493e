use std::collections::BTreeSet;

use memchr::memmem;

use crate::detect::{Detector, Emit, Needs, Prepared, Raw};
use crate::model::{Language, RepoPath};
use crate::repo::{Kept, RepoView};
use crate::source::{FileView, Stage};

/// Settings of a framework that are set nowhere, and whose defaults are for a desk.
///
/// Words: `signs`, texts of which a module of settings has one; `names`, the settings that it should give a value (behind `|`
/// what makes one superfluous);
/// `helpers`, libraries that set them all; `requires`, texts of which the project has one.
pub(super) struct Absent;

impl Detector for Absent {
    fn name(&self) -> &'static str {
        "absent-settings"
    }

    fn needs(&self) -> Needs {
        Needs::Repo
    }

    fn repo(&self, rule: &Prepared, repo: &RepoView, emit: &mut Emit) {
        if !repo.is_whole {
            return;
        }
        let words = |list| rule.rule.detect.words(list);
        let is_settings = |kept: &Kept| {
            kept.kind.language == Language::Python
                && words("signs").iter().any(|sign| memmem::find(&kept.bytes, sign.as_bytes()).is_some())
        };
        let mut judged: BTreeSet<RepoPath> = BTreeSet::new();
        for (path, kept) in repo.kept.iter().filter(|(_, kept)| is_settings(kept)) {
            let view = FileView::new(path, &kept.bytes, kept.kind);
            if view.staged().stage == Stage::Development || view.target().is_for_show() {
                continue;
            }
            let settings = view.settings();
            let Some(place) = settings.settings.iter().find(|s| {
                s.call.is_none()
                    && words("signs").iter().any(|sign| s.name == **sign || s.name.eq_ignore_ascii_case(sign))
            }) else {
                continue;
            };
            // Everything of one project counts: the settings of production may stand in a file of their own.
            let project = project_of(path);
            if !judged.insert(project.clone()) {
                continue;
            }
            let around: Vec<&Kept> = repo
                .kept
                .iter()
                .filter(|(other, _)| project.as_bytes().is_empty() || other.is_in(&project))
                .map(|(_, kept)| kept)
                .collect();
            let is_named =
                |names: &str| names.split('|').any(|name| around.iter().any(|kept| sets(kept, name)));
            if !words("requires").is_empty() && !words("requires").iter().any(|text| is_named(text)) {
                continue;
            }
            if words("helpers").iter().any(|helper| is_named(helper)) {
                continue;
            }
            let lacking: Vec<&str> =
                words("names").iter().filter(|name| !is_named(name)).map(|name| first_of(name)).collect();
            let Some(first) = lacking.first() else { continue };
            let raw = Raw::at(place.name_span.clone())
                .path(path.clone())
                .message(format!("{} set nowhere", spoken(&lacking)))
                .fix(format!("Write `{first} = True` in the settings of production. {}", rule.rule.fix));
            emit.raw(raw.property("settings", lacking.join(" ")));
        }
    }
}

/// Whether what ships speaks of it, other than by reading it: `settings.NAME`.
fn sets(kept: &Kept, name: &str) -> bool {
    let is_read = |at: usize| at > 0 && kept.bytes[at - 1] == b'.';
    !kept.kind.target.is_for_show() && memmem::find_iter(&kept.bytes, name.as_bytes()).any(|at| !is_read(at))
}

fn first_of(names: &str) -> &str {
    names.split('|').next().unwrap_or(names)
}

/// `A is`, `A and B are`, `A, B and C are`.
fn spoken(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => format!("{one} is"),
        [rest @ .., last] => format!("{} and {last} are", rest.join(", ")),
    }
}

/// The folder that holds the project: above a folder of settings or configuration.
fn project_of(path: &RepoPath) -> RepoPath {
    let folder = path.parent();
    let above = folder.parent();
    if matches!(folder.name(), b"settings" | b"config" | b"conf") { above.parent() } else { above }
}
