use super::places::{Commands, Place, commands};
use crate::detect::deploy::reach::Reach;
use crate::detect::{Detector, Emit, Needs, Prepared, Raw};
use crate::model::{RepoPath, Severity};
use crate::repo::RepoView;
use crate::source::{FileView, ShellCommand};

/// `npm install` where a lock file lies that `npm ci` would obey.
pub(in crate::detect::deps) struct IgnoresLock;

const LOCKS: &[&str] = &["package-lock.json", "npm-shrinkwrap.json"];

impl Detector for IgnoresLock {
    fn name(&self) -> &'static str {
        "npm-install-over-lock"
    }

    fn needs(&self) -> Needs {
        Needs::Repo
    }

    fn repo(&self, rule: &Prepared, repo: &RepoView, emit: &mut Emit) {
        let has_lock =
            |folder: &RepoPath| LOCKS.iter().any(|lock| repo.entry(&folder.join(lock.as_bytes())).is_some());
        for (path, kept) in &repo.kept {
            if memchr::memmem::find(&kept.bytes, b"npm").is_none() {
                continue;
            }
            let view = FileView::new(path, &kept.bytes, kept.kind);
            let Some(Commands { place, reach, texts }) = commands(&view) else { continue };
            // A pipeline begins in the root, an image mostly beside its Dockerfile.
            let folder = if place == Place::Image { path.parent() } else { RepoPath::new("") };
            if !has_lock(&folder) {
                continue;
            }
            for text in &texts {
                // Who changes the folder is somewhere else.
                if text.iter().any(|command| matches!(command.program(), Some("cd" | "pushd"))) {
                    continue;
                }
                for command in text.iter().filter(|command| is_plain_install(command)) {
                    let mut raw = Raw::at(command.span.clone())
                        .path(path.clone())
                        .message("npm install may change what package-lock.json holds");
                    let mild = reach == Reach::Rehearsal || place == Place::Pipeline;
                    raw.severity = mild.then_some(Severity::Note).or(Some(rule.rule.severity));
                    emit.raw(raw);
                }
            }
        }
    }
}

/// `npm install` without packages.
fn is_plain_install(command: &ShellCommand) -> bool {
    let words = command.essence();
    let word = |at: usize| words.get(at).map_or("", |word| &*word.text);
    word(0) == "npm"
        && matches!(word(1), "install" | "i")
        && words[2..].iter().all(|word| word.text.starts_with('-'))
        && !words[2..]
            .iter()
            .any(|word| matches!(&*word.text, "-g" | "--global") || word.text.starts_with("--prefix"))
}
