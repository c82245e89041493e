use std::collections::BTreeMap;

use crate::model::{Glob, RepoPath};
use crate::repo::RepoView;
use crate::source::{DockerBase, DockerInstruction, DockerStage, Dockerfile, FileView};

/// What the instructions of a Dockerfile bring into its image.
pub(super) struct Copies<'v> {
    dockerfile: &'v Dockerfile,
    stages: Vec<DockerStage<'v>>,
    /// The folder that the image is built from.
    folder: RepoPath,
    /// The lines of the `.dockerignore` in it.
    left_out: Vec<Glob>,
    /// For a file that was asked for, the first instruction of each stage that brings it.
    asked: BTreeMap<RepoPath, Vec<Option<usize>>>,
}

impl<'v> Copies<'v> {
    pub(super) fn of(view: &'v FileView, repo: &RepoView) -> Self {
        let dockerfile = view.dockerfile();
        let folder = view.path().parent();
        let ignored = repo.bytes(&folder.join(b".dockerignore")).unwrap_or_default();
        let ignored = String::from_utf8_lossy(ignored);
        // What a later line takes back is left alone too: a fix must be sure.
        let lines = ignored.lines().map(|line| line.trim().trim_matches('/'));
        let left_out = lines.filter(|line| !line.starts_with(['#', '!']) && !line.is_empty());
        let left_out = left_out.filter_map(|line| Glob::parse(line).ok()).collect();
        Self { dockerfile, stages: dockerfile.stages(), folder, left_out, asked: BTreeMap::new() }
    }

    /// Whether a file of that folder is in the image when the command at this byte runs: a `COPY` or a mount before
    /// it in its stage, or in a stage that this one builds on, brings it.
    pub(super) fn brings(&mut self, file: &RepoPath, at: usize) -> bool {
        if !file.is_in(&self.folder) {
            return false;
        }
        // As the image's build sees it.
        let below = &file.as_bytes()[self.folder.as_bytes().len()..];
        let file = RepoPath::new(below.strip_prefix(b"/").unwrap_or(below));
        if self.left_out.iter().any(|line| line.matches(&file)) {
            return false;
        }
        let instructions = &self.dockerfile.instructions;
        let Some(own) = instructions.partition_point(|i| i.span.start <= at).checked_sub(1) else {
            return false;
        };
        let nth = self.stages.partition_point(|stage| stage.instructions.start <= own).checked_sub(1);
        let Some(mut nth) = nth.filter(|&nth| self.stages[nth].instructions.contains(&own)) else {
            return false;
        };
        let stages = &self.stages;
        let firsts = self.asked.entry(file).or_insert_with_key(|file| {
            let first =
                |stage: &DockerStage| stage.instructions.clone().find(|&at| brings(&instructions[at], file));
            stages.iter().map(first).collect()
        });
        loop {
            if firsts[nth].is_some_and(|first| first <= own) {
                return true;
            }
            match stages[nth].base {
                // A stage builds on earlier ones alone.
                DockerBase::Stage(base) if base < nth => nth = base,
                _ => return false,
            }
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
