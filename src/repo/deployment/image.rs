use std::ops::Range;

use super::text::own_path;
use super::{Placed, is_rehearsal};
use crate::model::RepoPath;
use crate::source::{DockerBase, FileView};

/// What a Dockerfile says of the image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageFile {
    /// The file.
    pub path: RepoPath,
    /// Whether the last stage, or one that it builds on, has a `HEALTHCHECK`.
    pub has_health_check: bool,
    /// Whether it names a port and what to start: that it serves something.
    pub serves: bool,
    /// The paths that its `HEALTHCHECK` asks for.
    pub probes: Vec<Placed>,
    /// The last `FROM`.
    pub from: Range<usize>,
    /// Whether it is for a desk, for tests, for show.
    pub is_rehearsal: bool,
}

pub(super) fn read(view: &FileView) -> ImageFile {
    let file = view.dockerfile();
    let stages = file.stages();
    let mut found = ImageFile {
        path: view.path().clone(),
        has_health_check: false,
        serves: false,
        probes: Vec::new(),
        from: 0..0,
        is_rehearsal: is_rehearsal(view.staged()),
    };
    let mut stage = stages.last();
    if let Some(last) = stage {
        let end = last.from.words.first().map_or(last.from.keyword_span.end, |word| word.span.end);
        found.from = last.from.keyword_span.start..end;
    }
    let (mut starts, mut listens) = (false, false);
    while let Some(here) = stage {
        for instruction in &file.instructions[here.instructions.clone()] {
            match &*instruction.keyword {
                "HEALTHCHECK" => {
                    found.has_health_check = true;
                    let span = instruction.arguments.clone();
                    let text = view.bytes().get(span.clone()).map(String::from_utf8_lossy);
                    let path = text.and_then(|text| own_path(&text));
                    found.probes.extend(path.map(|text| Placed { text, span }));
                }
                "EXPOSE" => listens = true,
                "CMD" | "ENTRYPOINT" => starts = true,
                _ => {}
            }
        }
        stage = match here.base {
            DockerBase::Stage(at) => stages.get(at),
            _ => None,
        };
    }
    found.serves = starts && listens;
    found
}
