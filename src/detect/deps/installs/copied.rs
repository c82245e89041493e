use crate::model::{Glob, RepoPath};
use crate::source::{DockerBase, DockerInstruction, FileView};

/// Whether a file of the folder that an image is built from is in the image when the command at this byte runs:
/// a `COPY` or a mount before it in its stage, or in a stage that this one builds on, brings it.
pub(super) fn is_copied(view: &FileView, at: usize, file: &RepoPath) -> bool {
    let folder = view.path().parent();
    if !file.is_in(&folder) {
        return false;
    }
    // As the image's build sees it.
    let below = &file.as_bytes()[folder.as_bytes().len()..];
    let file = RepoPath::new(below.strip_prefix(b"/").unwrap_or(below));
    let dockerfile = view.dockerfile();
    let stages = dockerfile.stages();
    let stage_of = |at: usize| {
        stages.iter().position(|stage| {
            dockerfile.instructions[stage.instructions.clone()].iter().any(|i| i.span.contains(&at))
        })
    };
    let Some(mut nth) = stage_of(at) else { return false };
    loop {
        let stage = &stages[nth];
        let mut before =
            dockerfile.instructions[stage.instructions.clone()].iter().filter(|i| i.span.start <= at);
        if before.any(|instruction| brings(instruction, &file)) {
            return true;
        }
        match stage.base {
            // A stage builds on earlier ones alone.
            DockerBase::Stage(base) if base < nth => nth = base,
            _ => return false,
        }
    }
}

fn brings(instruction: &DockerInstruction, file: &RepoPath) -> bool {
    let mounts = || {
        let mut values =
            instruction.flags.iter().filter(|f| f.name == "mount").filter_map(|f| f.value.as_ref());
        values.any(|value| value.text.contains(&*String::from_utf8_lossy(file.name())))
    };
    match &*instruction.keyword {
        "RUN" => mounts(),
        "COPY" | "ADD" if instruction.flag("from").is_none() => {
            let sources = instruction.words.split_last().map_or(&[][..], |(_, sources)| sources);
            sources.iter().any(|source| names(&source.text, file))
        }
        _ => false,
    }
}

/// Whether a source of `COPY` is this file, a pattern that takes it, or a folder that it lies in.
fn names(source: &str, file: &RepoPath) -> bool {
    let source = source.trim_start_matches("./").trim_matches('/');
    if source.is_empty() || source == "." {
        return true;
    }
    let whole = RepoPath::new(source);
    file.is_in(&whole) || Glob::parse(source).is_ok_and(|glob| glob.matches(file))
}
