use crate::detect::{RawChange, RawEdit};
use crate::model::RepoPath;
use crate::repo::RepoView;

/// What stands above the lines that are written.
const HEADING: &str = "# Added by cargo prodcheck --fix";

/// Writes patterns at the end of an ignore file, below a heading of ours; where that stands already, right below it.
/// A file that is not there is made. `None` if its content is not at hand, or a pattern is no word of ours: what the
/// repository names is written only if it is plain.
///
/// Several findings may write into one file: whole lines at one place stand in the order of their text, and the
/// heading comes before them.
pub(super) fn append(repo: &RepoView, file: &RepoPath, patterns: &[String]) -> Option<RawChange> {
    if !patterns.iter().all(|pattern| is_plain(pattern)) {
        return None;
    }
    let bytes = match repo.bytes(file) {
        Some(bytes) => bytes,
        None if repo.entry(file).is_none() => b"",
        None => return None,
    };
    let end = if memchr::memmem::find(bytes, b"\r\n").is_some() { "\r\n" } else { "\n" };
    let heading = format!("{HEADING}{end}");
    let known = memchr::memmem::find(bytes, heading.as_bytes())
        .filter(|&at| at == 0 || bytes[at - 1] == b'\n')
        .map(|at| at + heading.len());
    let at = known.unwrap_or(bytes.len());
    let edit = |text: String| RawEdit { path: Some(file.clone()), range: at..at, replacement: text };
    let mut edits = Vec::new();
    if known.is_none() {
        let before = match bytes.last() {
            None => String::new(),
            Some(b'\n') => end.to_owned(),
            Some(_) => format!("{end}{end}"),
        };
        edits.push(edit(format!("{before}{heading}")));
    }
    edits.extend(patterns.iter().map(|pattern| edit(format!("{pattern}{end}"))));
    let what = format!("adds {} to {file}", patterns.join(" and "));
    Some(RawChange { what, edits })
}

/// The pattern that keeps a file out: environment files by their name, in whatever folder; others where they lie.
pub(super) fn pattern_for(path: &RepoPath) -> String {
    if path.name().starts_with(b".env") {
        String::from_utf8_lossy(path.name()).into_owned()
    } else {
        format!("/{}", String::from_utf8_lossy(path.as_bytes()))
    }
}

/// Whether a pattern means itself and needs no escapes.
fn is_plain(pattern: &str) -> bool {
    let mut bytes = pattern.bytes();
    // None of these comes before the heading's `#`: lines are written in the order of their text.
    bytes.all(|b| b.is_ascii_alphanumeric() || b"._-/*@+".contains(&b)) && !pattern.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Language, Target};
    use crate::repo::Kept;
    use crate::source::FileKind;

    fn check(before: &str, patterns: &[&str], expect: Option<&str>) {
        let file = RepoPath::from(".gitignore");
        let mut repo = RepoView::default();
        if !before.is_empty() {
            let kind = FileKind { language: Language::Unknown, target: Target::Other };
            repo.kept.insert(file.clone(), Kept { bytes: before.into(), kind });
        }
        let patterns: Vec<String> = patterns.iter().map(|&p| p.to_owned()).collect();
        let after = append(&repo, &file, &patterns).map(|change| {
            let mut edits = change.edits;
            edits.sort_by(|a, b| (a.range.start, &a.replacement).cmp(&(b.range.start, &b.replacement)));
            let mut text = before.to_owned();
            for edit in edits.iter().rev() {
                text.insert_str(edit.range.start, &edit.replacement);
            }
            text
        });
        assert_eq!(after.as_deref(), expect, "{before:?}");
    }

    #[test]
    fn lines_are_written_below_the_heading() {
        let h = HEADING;
        check("", &[".env"], Some(&format!("{h}\n.env\n")));
        check("a\n", &["b/", "*.key"], Some(&format!("a\n\n{h}\n*.key\nb/\n")));
        check("a", &[".env"], Some(&format!("a\n\n{h}\n.env\n")));
        check("a\r\nb", &[".env"], Some(&format!("a\r\nb\r\n\r\n{h}\r\n.env\r\n")));
        check(&format!("a\n{h}\nx\n\n# more\n"), &["b"], Some(&format!("a\n{h}\nb\nx\n\n# more\n")));
        check("a\n", &["with blank"], None);
        check("a\n", &["!b"], None);
    }
}
