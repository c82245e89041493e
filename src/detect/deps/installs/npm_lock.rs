use super::copied::Copies;
use super::places::{Place, commands, may_hold_commands};
use crate::detect::deploy::reach::Reach;
use crate::detect::deps::committed;
use crate::detect::{Detector, Emit, Needs, Prepared, Raw, RawChange};
use crate::model::{RepoPath, Severity};
use crate::repo::RepoView;
use crate::source::{FileView, ShellCommand, ShellWord};

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
        let lock_in = |folder: &RepoPath| {
            LOCKS.iter().map(|lock| folder.join(lock.as_bytes())).find(|lock| committed(repo, lock))
        };
        for (path, kept) in &repo.kept {
            if !may_hold_commands(path, kept.kind.language)
                || memchr::memmem::find(&kept.bytes, b"npm").is_none()
            {
                continue;
            }
            let view = FileView::new(path, &kept.bytes, kept.kind);
            let Some(commands) = commands(&view) else { continue };
            let mut copies = (commands.place == Place::Image).then(|| Copies::of(&view, repo));
            for (command, folder) in commands.each() {
                let Some(word) = plain_install(command) else { continue };
                let Some(lock) = folder.and_then(lock_in) else { continue };
                // An image that is built without the lock file cannot obey it before it is copied.
                let is_there = copies.as_mut().is_none_or(|copies| copies.brings(&lock, command.span.start));
                let is_plain = kept.bytes.get(word.span.clone()) == Some(word.text.as_bytes());
                let change = || RawChange::replace("writes npm ci", word.span.clone(), "ci");
                let mut raw = Raw::at(command.span.clone())
                    .path(path.clone())
                    .message(format!("npm install may change what {lock} holds"))
                    .change((is_there && is_plain).then(change));
                let mild = commands.reach == Reach::Rehearsal || commands.place == Place::Pipeline;
                raw.severity = mild.then_some(Severity::Note).or(Some(rule.rule.severity));
                emit.raw(raw);
            }
        }
    }
}

/// The word `install` of an `npm install` that installs what `package.json` asks for, in this folder, by the lock
/// file.
fn plain_install(command: &ShellCommand) -> Option<&ShellWord> {
    let (program, rest) = command.essence().split_first()?;
    let (word, arguments) = rest.split_first()?;
    let is_install = program.text == "npm" && matches!(&*word.text, "install" | "i");
    // With these another folder is meant, or no installation by the lock file.
    let is_other = |argument: &ShellWord| {
        let text = &*argument.text;
        !text.starts_with('-')
            || matches!(text, "-g" | "--global" | "--no-package-lock" | "-C")
            || ["--prefix", "--package-lock", "--workspace", "-w"].iter().any(|flag| text.starts_with(flag))
    };
    (is_install && !arguments.iter().any(is_other)).then_some(word)
}
