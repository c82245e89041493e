use super::draft::Draft;
use super::mark::FoundMark;
use super::merge::merge;
use super::plan::Plan;
use super::walk::{Asked, Scanned, look_at};
use crate::model::{NotChecked, RepoPath};
use crate::source::{decode_utf16, is_binary};

/// What was found in a content that lies nowhere on disk.
#[derive(Debug, Default)]
pub struct ContentFound {
    /// In the report's order, overlaps merged.
    pub drafts: Vec<Draft>,
    /// Inline allows.
    pub marks: Vec<FoundMark>,
    /// Rules that crashed.
    pub not_checked: Vec<NotChecked>,
}

/// Runs the plan over a content as if it lay at this path. `None` if it is no text.
pub fn scan_content(plan: &Plan, path: &RepoPath, bytes: &[u8]) -> Option<ContentFound> {
    let file = Asked { path, target: None };
    let mut done = Scanned { keeps_nothing: true, ..Scanned::default() };
    if let Some(decoded) = decode_utf16(bytes) {
        look_at(plan, &file, &decoded, &mut done);
        look_at(plan, &file, bytes, &mut done);
    } else if is_binary(bytes) {
        return None;
    } else {
        look_at(plan, &file, bytes, &mut done);
    }
    Some(ContentFound { drafts: merge(done.drafts), marks: done.marks, not_checked: done.not_checked })
}
