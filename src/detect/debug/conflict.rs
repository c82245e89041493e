use std::ops::Range;

use memchr::memchr;

use crate::detect::{Detector, Emit, Needs, Prepared, Raw, RawRelated};
use crate::model::{Language, Region};
use crate::source::FileView;

const OURS: &[u8] = b"<<<<<<< ";
const MIDDLE: &[u8] = b"=======";
const THEIRS: &[u8] = b">>>>>>> ";

/// The marks that a merge leaves (<https://git-scm.com/docs/git-merge#_how_conflicts_are_presented>): all three, in order, each
/// at the start of its line.
pub(super) struct ConflictMarker;

impl Detector for ConflictMarker {
    fn name(&self) -> &'static str {
        "conflict-marker"
    }

    fn needs(&self) -> Needs {
        Needs::Hits
    }

    fn hit(&self, _: &Prepared, view: &FileView, at: Range<usize>, emit: &mut Emit) {
        let bytes = view.bytes();
        if at.start > 0 && bytes[at.start - 1] != b'\n' {
            return;
        }
        let Some((middle, theirs)) = rest_of_conflict(bytes, at.end) else { return };
        // A text about conflicts: all of it in one string, or in a code block of Markdown.
        let string = view.regions().stretch_at(at.start).filter(|s| s.region == Region::String);
        if string.is_some_and(|s| s.range.contains(&theirs)) {
            return;
        }
        if view.language() == Language::Markdown && in_fence(&bytes[..at.start]) {
            return;
        }
        emit.raw(Raw::at(at.start..at.start + OURS.len() - 1).related(RawRelated {
            path: None,
            range: Some(middle..middle + MIDDLE.len()),
            message: "the two sides part here".into(),
        }));
    }
}

/// Where the lines `=======` and `>>>>>>> …` begin, if they come before the next conflict does.
fn rest_of_conflict(bytes: &[u8], mut at: usize) -> Option<(usize, usize)> {
    let mut middle = None;
    loop {
        at += memchr(b'\n', &bytes[at..])? + 1;
        let line = &bytes[at..];
        match line.first()? {
            b'<' if line.starts_with(OURS) => return None,
            b'=' if middle.is_none() && line.starts_with(MIDDLE) => {
                if matches!(line.get(MIDDLE.len()), None | Some(b'\n' | b'\r')) {
                    middle = Some(at);
                }
            }
            b'>' if line.starts_with(THEIRS) => return middle.map(|middle| (middle, at)),
            _ => {}
        }
    }
}

/// Whether a fenced code block is open at the end of this Markdown.
fn in_fence(before: &[u8]) -> bool {
    let fences = before
        .split(|&b| b == b'\n')
        .filter(|line| {
            let line = line.trim_ascii_start();
            line.starts_with(b"```") || line.starts_with(b"~~~")
        })
        .count();
    fences % 2 == 1
}
