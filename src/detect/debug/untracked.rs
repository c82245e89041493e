use std::ops::Range;

use memchr::memmem;

use crate::detect::{Detector, Emit, Needs, Prepared, Raw};
use crate::model::Region;
use crate::source::FileView;

/// A mark of unfinished work in a comment, on a line that names no issue: no `#12`, no URL, no `ABC-12`.
pub(super) struct Untracked;

impl Detector for Untracked {
    fn name(&self) -> &'static str {
        "untracked"
    }

    fn needs(&self) -> Needs {
        Needs::Hits
    }

    fn hit(&self, _: &Prepared, view: &FileView, at: Range<usize>, emit: &mut Emit) {
        let bytes = view.bytes();
        let part = |b: Option<&u8>| b.is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_' || *b == b'-');
        let is_word = !part(bytes.get(at.end)) && !part(at.start.checked_sub(1).and_then(|i| bytes.get(i)));
        let is_loud = bytes[at.clone()].iter().all(u8::is_ascii_uppercase);
        if !is_word || !is_loud || !matches!(view.region_at(at.start), Region::Comment | Region::Doc) {
            return;
        }
        if !names_issue(&bytes[view.line_near(at.start, 512)]) {
            emit.raw(Raw::at(at));
        }
    }
}

fn names_issue(line: &[u8]) -> bool {
    let digit = |at: usize| line.get(at).is_some_and(u8::is_ascii_digit);
    let is_numbered = memchr::memchr_iter(b'#', line).any(|at| digit(at + 1));
    let is_key = memchr::memchr_iter(b'-', line).any(|at| {
        digit(at + 1) && line[..at].iter().rev().take_while(|b| b.is_ascii_uppercase()).count() >= 2
    });
    is_numbered || is_key || memmem::find(line, b"://").is_some()
}
