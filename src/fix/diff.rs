use std::fmt::Write as _;

use similar::{Algorithm, DiffOp, capture_diff_slices, group_diff_ops};

use crate::model::{RepoPath, Target};
use crate::scan::Redactor;
use crate::source::{FileKind, language_of};

/// Lines around a change.
const CONTEXT: usize = 3;

/// The unified difference of two contents of a file, fit to be shown: what the secrets rules find in either of them
/// is masked, control characters are visible, tabs are blanks.
pub(super) fn unified(redactor: Redactor, path: &RepoPath, before: &[u8], after: &[u8]) -> String {
    let (old, new) = (lines(before), lines(after));
    let old_texts: Vec<&[u8]> = old.iter().map(|line| &before[line.clone()]).collect();
    let new_texts: Vec<&[u8]> = new.iter().map(|line| &after[line.clone()]).collect();
    let groups = group_diff_ops(capture_diff_slices(Algorithm::Myers, &old_texts, &new_texts), CONTEXT);
    let language = language_of(path, &before[..before.len().min(1024)]);
    let kind = FileKind { language, target: Target::Other };
    // What is shown of each content, as places in it.
    let places = |side: fn(&DiffOp) -> std::ops::Range<usize>, lines: &[std::ops::Range<usize>]| {
        let shown = groups.iter().flatten().flat_map(side);
        shown.filter_map(|line| lines.get(line)).map(|line| line.start).collect::<Vec<_>>()
    };
    let old_masks = redactor.masks_near(path, before, kind, &places(DiffOp::old_range, &old));
    let new_masks = redactor.masks_near(path, after, kind, &places(DiffOp::new_range, &new));
    let mut text = String::new();
    let name = redactor.path(path);
    // Writing to a String cannot fail.
    let _ = write!(text, "--- a/{name}\n+++ b/{name}\n");
    for group in &groups {
        let (Some(first), Some(last)) = (group.first(), group.last()) else { continue };
        let head = |from: usize, to: usize| match to - from {
            0 => format!("{from},0"),
            1 => format!("{}", from + 1),
            count => format!("{},{count}", from + 1),
        };
        let _ = writeln!(
            text,
            "@@ -{} +{} @@",
            head(first.old_range().start, last.old_range().end),
            head(first.new_range().start, last.new_range().end)
        );
        for op in group {
            let mut side =
                |sign: char, lines: &[std::ops::Range<usize>], bytes: &[u8], masks: &crate::scan::Masks| {
                    for line in lines {
                        let ended = bytes[line.clone()].ends_with(b"\n");
                        let shown = masks.shown(bytes, line.start..line.end - usize::from(ended));
                        let _ = writeln!(text, "{sign}{shown}");
                        if !ended {
                            text.push_str("\\ No newline at end of file\n");
                        }
                    }
                };
            if let DiffOp::Equal { .. } = op {
                side(' ', &old[op.old_range()], before, &old_masks);
            } else {
                side('-', &old[op.old_range()], before, &old_masks);
                side('+', &new[op.new_range()], after, &new_masks);
            }
        }
    }
    text
}

/// Each line with its end.
fn lines(text: &[u8]) -> Vec<std::ops::Range<usize>> {
    let mut lines = Vec::new();
    let mut start = 0;
    for at in memchr::memchr_iter(b'\n', text) {
        lines.push(start..at + 1);
        start = at + 1;
    }
    if start < text.len() {
        lines.push(start..text.len());
    }
    lines
}
