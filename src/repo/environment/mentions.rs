use super::places::{Services, is_code, variable};
use super::services::Roots;
use super::{Need, Read, is_within};
use crate::model::{Language, Region, RepoPath};
use crate::repo::RepoView;
use crate::source::FileView;

/// What a file above names is meant for the services below that read it, if its own does not.
pub(super) fn hand_down(roots: &Roots, services: &mut Services) {
    let above: Vec<RepoPath> = services.keys().cloned().collect();
    for service in above {
        let below: Vec<RepoPath> =
            roots.below(&service).into_iter().filter(|root| *root != service).collect();
        let Some(own) = services.get(&service).filter(|_| !below.is_empty()) else { continue };
        let unread: Vec<String> = own
            .variables
            .iter()
            .filter(|(_, variable)| variable.reads.is_empty())
            .map(|(name, _)| name.clone())
            .collect();
        for name in unread {
            let readers: Vec<RepoPath> = below
                .iter()
                .filter(|root| {
                    let variable = services.get(*root).and_then(|s| s.variables.get(&name));
                    variable.is_some_and(|v| !v.reads.is_empty())
                })
                .cloned()
                .collect();
            if readers.is_empty() {
                continue;
            }
            let Some(moved) = services.get_mut(&service).and_then(|s| s.variables.remove(&name)) else {
                continue;
            };
            for reader in readers {
                variable(services, &reader, &name).places.extend(moved.places.iter().cloned());
            }
        }
    }
}

/// Variables that no known form reads, and that are named all the same: in a program that reads others, or as `$NAME` in
/// what builds and starts it.
pub(super) fn mentions(repo: &RepoView, roots: &Roots, services: &mut Services) {
    for (path, kept) in &repo.kept {
        let language = kept.kind.language;
        let is_program = is_code(language);
        let is_recipe = matches!(language, Language::Dockerfile | Language::Shell | Language::Yaml);
        if !(is_program || is_recipe) || kept.kind.target.is_for_show() {
            continue;
        }
        let own = roots.service_of(path);
        let view = FileView::new(path, &kept.bytes, kept.kind);
        for (root, service) in services.iter_mut() {
            let speaks_of_it = if is_program { *root == own } else { is_within(root, &own) };
            if !speaks_of_it {
                continue;
            }
            for (name, variable) in service.variables.iter_mut().filter(|(_, v)| v.reads.is_empty()) {
                let found = memchr::memmem::find_iter(&kept.bytes, name.as_bytes()).find(|&at| {
                    let end = at + name.len();
                    let is_part = |b: Option<&u8>| b.is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_');
                    let before = at.checked_sub(1).map(|at| kept.bytes[at]);
                    let stands_alone = !is_part(before.as_ref()) && !is_part(kept.bytes.get(end));
                    let refers = matches!(before, Some(b'$' | b'{' | b'(')) && {
                        let start = if before == Some(b'$') { at } else { at - 1 };
                        before == Some(b'$') || start > 0 && kept.bytes[start - 1] == b'$'
                    };
                    stands_alone && (is_program || refers) && view.region_at(at) != Region::Comment
                });
                let Some(at) = found else { continue };
                let line = view.line_near(at, 512);
                let must = is_program && memchr::memmem::find(&kept.bytes[line], b"required()").is_some();
                let need = if must { Need::Required } else { Need::Optional };
                let line = view.lines().line_at(at) + 1;
                let range = at..at + name.len();
                variable.reads.push(Read { path: path.clone(), range, line, need, is_guessed: true });
            }
        }
    }
}
