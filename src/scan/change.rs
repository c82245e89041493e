use super::redact::Redactor;
use crate::detect::RawChange;
use crate::model::{Change, ContentHash, Edit, RepoPath};

/// A finding's change, bound to the contents that it was made for. `None` if one of its files is not at hand: a
/// part of a change mends nothing.
pub(super) fn change(
    raw: RawChange,
    own: Option<&RepoPath>,
    redactor: Redactor,
    mut hash_of: impl FnMut(&RepoPath) -> Option<ContentHash>,
) -> Option<Change> {
    let edits = raw.edits.into_iter().map(|edit| {
        let path = edit.path.as_ref().or(own)?;
        Some(Edit {
            path: path.clone(),
            range: edit.range,
            replacement: edit.replacement,
            seen: hash_of(path)?,
        })
    });
    let edits: Vec<Edit> = edits.collect::<Option<_>>()?;
    (!edits.is_empty()).then(|| Change { what: redactor.text(&raw.what), edits })
}
