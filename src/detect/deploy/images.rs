use super::reach::Reach;
use super::used_images::{Role, UsedImage, used_images};
use crate::detect::{Detector, Emit, Needs, Prepared, Raw};
use crate::model::Severity;
use crate::rules::rule::Text;
use crate::source::{FileView, ImageReference};

/// Images whose tag stands for whatever was built last.
///
/// The rule's words: `moving`, tags that follow a branch; `official`, names of Docker Hub's own images, since a
/// name without a user in front may as well have been built next door; `placeholders`, images that a tool puts
/// another one in place of.
pub(super) struct MovingTag;

/// Images that are held by a tag alone.
pub(super) struct WithoutDigest;

impl Detector for MovingTag {
    fn name(&self) -> &'static str {
        "image-moving-tag"
    }

    fn needs(&self) -> Needs {
        Needs::File
    }

    fn file(&self, rule: &Prepared, view: &FileView, emit: &mut Emit) {
        let (images, reach) = used_images(view);
        let words = |name: &str| rule.rule.detect.words(name);
        let has = |list: &[Text], text: &str| list.iter().any(|word| *word == text);
        for used in images {
            let Some(image) = ImageReference::parse(&used.name) else { continue };
            if image.digest.is_some() || image.is_local() || has(words("placeholders"), &used.name) {
                continue;
            }
            let (what, most) = match image.tag {
                Some("latest") => ("follows the tag latest".to_owned(), Severity::Error),
                Some(tag) if has(words("moving"), tag) => {
                    (format!("follows the tag {tag}, which moves"), Severity::Warning)
                }
                Some(_) => continue,
                // Somebody's own image of this name is not told from Docker's.
                None if image.official().is_some_and(|name| !has(words("official"), name)) => continue,
                None => ("has no tag, which means latest".to_owned(), Severity::Error),
            };
            let severity = severity(rule.rule.severity.min(most), &used, reach);
            let by = if used.by_variable { ", unless a variable says otherwise" } else { "" };
            let mut raw = Raw::at(used.span.clone())
                .message(format!("{} {what}{by}", used.name))
                .fix(format!(
                    "Name the version you tested, as in {}:<version>, best with its digest (@sha256:…).",
                    used.name
                        .rsplit_once(':')
                        .filter(|(_, tag)| !tag.contains('/'))
                        .map_or(&*used.name, |(n, _)| n)
                ))
                .property("image", used.name.clone());
            raw.severity = Some(severity);
            emit.raw(raw);
        }
    }
}

fn severity(of: Severity, used: &UsedImage, reach: Reach) -> Severity {
    if used.by_variable || used.for_rehearsal || reach == Reach::Rehearsal || used.role == Role::Beside {
        return Severity::Note;
    }
    match used.role {
        Role::Service if reach != Reach::Production => of.min(Severity::Warning),
        // A tag that is called after a branch is one that the project's own pipelines build for each other.
        Role::Job if of <= Severity::Warning => Severity::Note,
        Role::Job => Severity::Warning,
        _ => of,
    }
}

impl Detector for WithoutDigest {
    fn name(&self) -> &'static str {
        "image-without-digest"
    }

    fn needs(&self) -> Needs {
        Needs::File
    }

    fn file(&self, _: &Prepared, view: &FileView, emit: &mut Emit) {
        for used in used_images(view).0 {
            let Some(image) = ImageReference::parse(&used.name) else { continue };
            let Some(tag) = image.tag.filter(|tag| *tag != "latest" && image.digest.is_none()) else {
                continue;
            };
            if image.is_local() {
                continue;
            }
            let raw = Raw::at(used.span.clone())
                .message(format!("the tag {tag} of {} can be set anew", image.repository))
                .property("image", used.name.clone());
            emit.raw(raw);
        }
    }
}
