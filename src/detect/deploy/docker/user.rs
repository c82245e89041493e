use crate::detect::deploy::check::{Standing, weighed};
use crate::detect::{Emit, Prepared, Raw};
use crate::source::{DockerBase, DockerInstruction, FileView, ImageReference};

/// The last stage runs as root: `USER root` in front of the start command, or no `USER` on a base that has none.
///
/// The rule's words: `as-root`, official images whose own user is root and whose programs do not change it.
pub(in crate::detect::deploy) fn root_user(rule: &Prepared, view: &FileView, emit: &mut Emit) {
    let standing = Standing::of(view);
    let file = view.dockerfile();
    let stages = file.stages();
    let Some(last) = stages.last() else { return };
    if last.name.is_some_and(|name| super::super::reach::Reach::is_rehearsal(&name.text)) {
        return;
    }
    let changes_user = ["gosu", "su-exec", "setpriv", "runuser", "s6-overlay", "fixuid"]
        .iter()
        .any(|program| memchr::memmem::find(view.bytes(), program.as_bytes()).is_some());
    let mut stage = last;
    let mut starts = false;
    loop {
        let own = &file.instructions[stage.instructions.clone()];
        starts |= own.iter().any(|i| matches!(&*i.keyword, "CMD" | "ENTRYPOINT") && !i.is_onbuild);
        if let Some(user) = own.iter().rev().find(|i| i.keyword == "USER" && !i.is_onbuild) {
            let is_root = user
                .words
                .first()
                .is_some_and(|word| matches!(word.text.split(':').next(), Some("root" | "0")));
            if is_root
                && !changes_user
                && starts
                && let Some(severity) = standing.fault(rule.rule.severity)
            {
                let span =
                    user.keyword_span.start..user.words.first().map_or(user.span.end, |word| word.span.end);
                let raw = Raw::at(span).message("the image runs as root: the last USER says so").fix(
                    "Write the user behind it that the program runs as, such as USER app, or USER 10001.",
                );
                emit.raw(weighed(raw, severity));
            }
            return;
        }
        match &stage.base {
            DockerBase::Stage(at) if *at < stages.len() => stage = &stages[*at],
            DockerBase::Image { name, .. } => {
                if starts && !changes_user && is_root_by_itself(name, rule) {
                    lack(rule, standing, last.from, emit);
                }
                return;
            }
            DockerBase::Scratch => {
                if starts {
                    lack(rule, standing, last.from, emit);
                }
                return;
            }
            _ => return,
        }
    }
}

fn lack(rule: &Prepared, standing: Standing, from: &DockerInstruction, emit: &mut Emit) {
    let Some(severity) = standing.lack(rule.rule.severity) else { return };
    let span =
        from.words.first().map_or(from.keyword_span.clone(), |word| from.keyword_span.start..word.span.end);
    let raw = Raw::at(span)
        .message("the image runs as root: no USER stands in its last stage, and the base has none")
        .fix(
            "Write in front of CMD: RUN useradd --system --uid 10001 app and USER 10001 (on Alpine: RUN adduser -S -u \
             10001 app).",
        );
    emit.raw(weighed(raw, severity));
}

/// Whether the image is one of those that run as root whatever is put into them.
fn is_root_by_itself(name: &str, rule: &Prepared) -> bool {
    let Some(image) = ImageReference::parse(name) else { return false };
    let tag = image.tag.unwrap_or_default();
    if ["nonroot", "rootless", "unprivileged"].iter().any(|word| tag.contains(word)) {
        return false;
    }
    let as_root = rule.rule.detect.words("as-root");
    image.official().is_some_and(|official| as_root.iter().any(|known| *known == official))
        || image.registry == Some("gcr.io") && image.repository.starts_with("distroless/")
}
