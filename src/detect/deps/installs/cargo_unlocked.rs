use memchr::memmem;

use super::cargo_install::CargoInstall;
use super::copied::Copies;
use super::places::{Place, commands, may_hold_commands};
use crate::detect::deps::committed;
use crate::detect::{Detector, Emit, Needs, Prepared, Raw, RawChange};
use crate::model::{RepoPath, Severity};
use crate::repo::RepoView;
use crate::repo::manifest::resolve;
use crate::source::FileView;

/// `cargo install` without `--locked`: it passes over the versions that the program was tested with.
///
/// In what ships a warning, elsewhere and where a version is named a note.
pub(in crate::detect::deps) struct CargoUnlocked;

impl Detector for CargoUnlocked {
    fn name(&self) -> &'static str {
        "cargo-install-unlocked"
    }

    fn needs(&self) -> Needs {
        Needs::Repo
    }

    fn repo(&self, rule: &Prepared, repo: &RepoView, emit: &mut Emit) {
        for (path, kept) in &repo.kept {
            let has = |what: &[u8]| memmem::find(&kept.bytes, what).is_some();
            if !may_hold_commands(path, kept.kind.language) || !has(b"cargo") || !has(b"install") {
                continue;
            }
            let view = FileView::new(path, &kept.bytes, kept.kind);
            let Some(commands) = commands(&view).filter(|c| c.place != Place::Script) else { continue };
            let mut copies = (commands.place == Place::Image).then(|| Copies::of(&view, repo));
            for (command, folder) in commands.each() {
                let Some(install) = CargoInstall::of(command).filter(|install| !install.is_locked) else {
                    continue;
                };
                let own = install.path.map(|path| own_lock(repo, folder, path));
                let what = match (&own, install.git, install.names.first()) {
                    // Without a lock file of its own there is nothing to obey.
                    (Some(None), ..) | (None, None, None) => continue,
                    (Some(Some(lock)), ..) => format!("cargo install passes over {lock}"),
                    (None, Some(_), _) => {
                        "cargo install passes over the lock file of that repository".to_owned()
                    }
                    (None, None, Some(name)) => {
                        format!("cargo install passes over the lock file of {}", name.text)
                    }
                };
                let is_held = install.has_version || install.names.iter().any(|name| name.text.contains('@'));
                let is_note = !commands.ships() || own.is_none() && is_held;
                let is_there = match &own {
                    Some(Some(lock)) => copies.as_mut().is_none_or(|c| c.brings(lock, command.span.start)),
                    Some(None) => true,
                    // A repository without a lock file is refused with --locked.
                    None => install.git.is_none(),
                };
                let word = &install.word.span;
                let is_plain = kept.bytes.get(word.clone()) == Some(b"install");
                let change = || RawChange::replace("adds --locked", word.end..word.end, " --locked");
                let mut raw = Raw::at(command.span.clone())
                    .path(path.clone())
                    .message(what)
                    .change((is_there && is_plain).then(change));
                raw.severity = Some(if is_note { Severity::Note } else { rule.rule.severity });
                emit.raw(raw);
            }
        }
    }
}

/// The committed lock file of the package in this folder: there, in the folder it is installed from, or in the root.
fn own_lock(repo: &RepoView, folder: Option<&RepoPath>, path: &str) -> Option<RepoPath> {
    let package = resolve(folder?, path)?;
    let mut at = package;
    loop {
        let lock = at.join(b"Cargo.lock");
        if committed(repo, &lock) {
            return Some(lock);
        }
        if at.as_bytes().is_empty() {
            return None;
        }
        at = at.parent();
    }
}
