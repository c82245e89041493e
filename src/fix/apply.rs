use std::collections::BTreeSet;

use crate::model::Edit;

/// A file's content with these edits made. Edits that several findings share are made once.
///
/// `None` if one lies outside of the content; edits that overlap never come this far.
pub(super) fn apply<'e>(content: &[u8], edits: impl Iterator<Item = &'e Edit>) -> Option<Vec<u8>> {
    let edits: BTreeSet<(usize, usize, &str)> =
        edits.map(|e| (e.range.start, e.range.end, e.replacement.as_str())).collect();
    let mut changed = Vec::with_capacity(content.len());
    let mut at = 0;
    for (start, end, replacement) in edits {
        changed.extend_from_slice(content.get(at..start)?);
        changed.extend_from_slice(replacement.as_bytes());
        content.get(start..end)?;
        at = end;
    }
    changed.extend_from_slice(content.get(at..)?);
    Some(changed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(content: &str, edits: &[(usize, usize, &str)], expect: Option<&str>) {
        let edits: Vec<Edit> = edits
            .iter()
            .map(|&(start, end, replacement)| Edit {
                path: "a".into(),
                range: start..end,
                replacement: replacement.into(),
                seen: [0; 32],
            })
            .collect();
        let changed = apply(content.as_bytes(), edits.iter());
        assert_eq!(changed.as_deref(), expect.map(str::as_bytes));
    }

    #[test]
    fn stretches_are_replaced_in_any_order() {
        check("a*b*c", &[(3, 4, "+"), (1, 2, "--")], Some("a--b+c"));
        check("abc", &[(1, 1, "x"), (1, 2, "")], Some("axc"));
        check("abc", &[(1, 2, "x"), (1, 2, "x")], Some("axc"));
        check("abc", &[(3, 3, "\n")], Some("abc\n"));
        check("abc", &[], Some("abc"));
        check("abc", &[(2, 4, "")], None);
    }
}
