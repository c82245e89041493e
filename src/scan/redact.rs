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
        let again = masks.again_in(file, text.as_bytes());
        secrets.extend(again.into_iter().filter(|secret| !is_part_of_public(text, secret, file, masks)));
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

/// Whether what stands here of a secret is no more than a part of a longer word that the file shows in the open: of
/// `grafana/grafana`, where the password is `grafana`. Only of words in small letters, which are words elsewhere; the secret
/// by itself stays hidden whatever else is called so.
fn is_part_of_public(text: &str, secret: &Secret, file: &[u8], masks: &Masks) -> bool {
    let bytes = text.as_bytes();
    let inner = &bytes[secret.range.clone()];
    if !inner.iter().all(u8::is_ascii_lowercase) {
        return false;
    }
    let is_part = |b: &u8| b.is_ascii_alphanumeric() || b"/._-:@".contains(b);
    let before = bytes[..secret.range.start].iter().rev().take_while(|b| is_part(b)).count();
    let behind = bytes[secret.range.end..].iter().take_while(|b| is_part(b)).count();
    let word = &bytes[secret.range.start - before..secret.range.end + behind];
    // What ends a clause is no part of the word.
    let word = word.strip_suffix(b":").or_else(|| word.strip_suffix(b".")).unwrap_or(word);
    // A name of several parts, not the secret with a mark at its end.
    let has_more = word.len() > inner.len() + 1 && word.iter().any(|b| b"/:@".contains(b));
    has_more
        && memchr::memmem::find_iter(file, word).any(|at| {
            let place = at..at + word.len();
            let is_whole = |b: Option<&u8>| b.is_none_or(|b| !is_part(b));
            is_whole(at.checked_sub(1).and_then(|before| file.get(before)))
                && is_whole(file.get(place.end))
                && !masks.touch(&place)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_hidden_and_the_image_of_its_name_is_not() {
        let file =
            b"image: grafana/grafana:latest\nurl: admin:secretly\nPASSWORD: grafana\nOTHER: secretly\n";
        let at = |what: &[u8]| memchr::memmem::rfind(file, what).expect("is there");
        let secrets: Vec<Secret> = [&b"grafana"[..], b"secretly"]
            .iter()
            .flat_map(|word| {
                let last = at(word);
                [Secret { range: last..last + word.len(), prefix: 0 }]
            })
            .chain([Secret { range: 35..49, prefix: 0 }])
            .collect();
        let masks = Masks::new(&secrets);
        let hidden = |text: &str| -> Vec<String> {
            let again = masks.again_in(file, text.as_bytes());
            let left = again.into_iter().filter(|secret| !is_part_of_public(text, secret, file, &masks));
            left.map(|secret| text[secret.range].to_owned()).collect()
        };
        assert_eq!(hidden("grafana/grafana:latest follows the tag latest"), [""; 0]);
        assert_eq!(hidden("the password is grafana"), ["grafana"]);
        assert_eq!(hidden("grafana: the password"), ["grafana"]);
        // No word of the file, or one that is hidden there.
        assert_eq!(hidden("grafana/other"), ["grafana"]);
        assert_eq!(hidden("admin:secretly"), ["secretly"]);
    }
}
