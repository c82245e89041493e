use super::decoded::run_decoded;
use super::file::{Found, run_hits};
use super::mask::{Masks, masked_text};
use super::plan::Plan;
use crate::model::{Language, RepoPath, Secret, Target};
use crate::source::{FileKind, FileView};

/// Knows what must not be shown: runs the whole secrets family over any text, whatever is selected.
#[derive(Clone, Copy)]
pub struct Redactor<'p, 'r>(&'p Plan<'r>);

impl<'p, 'r> Redactor<'p, 'r> {
    /// With the secrets rules of this plan (every plan has all of them).
    pub fn new(plan: &'p Plan<'r>) -> Self {
        Self(plan)
    }

    /// The secrets in a file's text, in order of their start.
    pub fn secrets(self, path: &RepoPath, text: &[u8], kind: FileKind) -> Vec<Secret> {
        let view = FileView::new(path, text, kind);
        let mut found = Found::default();
        let runs = run_hits(self.0, &view, true, &mut found);
        run_decoded(self.0, &view, &runs, &mut found);
        found.secrets()
    }

    /// The same, made ready for windows of the text.
    pub fn masks(self, path: &RepoPath, text: &[u8], kind: FileKind) -> Masks {
        Masks::new(&self.secrets(path, text, kind))
    }

    /// The same, with what stands of the secrets a second time near these places.
    pub fn masks_near(self, path: &RepoPath, text: &[u8], kind: FileKind, shown: &[usize]) -> Masks {
        let secrets = self.secrets(path, text, kind);
        Masks::new(&secrets).with_repeats(text, &secrets, shown.iter().copied())
    }

    /// A sentence, fit to be shown: secrets masked, control characters visible.
    pub fn text(self, text: &str) -> String {
        masked_text(text.as_bytes(), &self.in_prose(text.as_bytes()))
    }

    /// The same for a sentence about a file: what is secret in the file is secret in the sentence.
    pub fn text_about(self, text: &str, file: &[u8], masks: &Masks) -> String {
        let mut secrets = self.in_prose(text.as_bytes());
        secrets.extend(masks.again_in(file, text.as_bytes()));
        masked_text(text.as_bytes(), &secrets)
    }

    /// A path with the secrets in it masked; the same path if it holds none.
    pub fn path(self, path: &RepoPath) -> RepoPath {
        let secrets = self.in_prose(path.as_bytes());
        if secrets.is_empty() {
            path.clone()
        } else {
            RepoPath::from(&*masked_text(path.as_bytes(), &secrets))
        }
    }

    fn in_prose(self, text: &[u8]) -> Vec<Secret> {
        let nowhere = RepoPath::from("");
        self.secrets(&nowhere, text, FileKind { language: Language::Unknown, target: Target::Other })
    }
}
