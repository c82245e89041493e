use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};

use super::outcome::{Outcome, Refusal};
use super::run::{FixError, Options, make_changes};
use crate::audit::Request;
use crate::model::{Change, ContentHash, Edit, Language, Region, RepoPath, Report, Severity, Status, Target};
use crate::source::{CommentForm, FileKind, FileView, comment_form, language_of};

/// A line is not made longer than this: the allow goes onto one of its own then.
const LONGEST_LINE: usize = 120;

/// No longer reason is written.
pub const LONGEST_REASON: usize = 300;

/// Whether a reason can stand in every kind of comment: on one line, and without what closes one.
pub fn is_reason(reason: &str) -> bool {
    const CLOSERS: [&str; 6] = ["*/", "-->", "*)", "]]", "%>", "}}"];
    !reason.trim().is_empty()
        && reason.len() <= LONGEST_REASON
        && !reason.chars().any(char::is_control)
        && crate::model::shown(reason) == reason
        && !CLOSERS.iter().any(|closer| reason.contains(closer))
}

/// Writes inline allows with this reason for all findings that count, from a severity on. Each is tried in memory
/// first: what it is written for must be silenced by it, and nothing else may come of it. Findings of one line share a
/// mark.
///
/// # Errors
/// An audit that went well before does not go well now.
pub fn add_allows(
    request: &Request,
    mut report: Report,
    from: Severity,
    reason: &str,
    options: Options,
) -> Result<Outcome, FixError> {
    let mut refused = BTreeMap::new();
    let mut on_line: BTreeMap<(RepoPath, u32), Vec<usize>> = BTreeMap::new();
    for (at, finding) in report.findings.iter_mut().enumerate() {
        finding.change = None;
        if finding.status != Status::New || finding.severity < from {
            continue;
        }
        match (&finding.place.path, finding.place.span) {
            // Findings about allows are silenced in the configuration alone.
            _ if finding.rule.family() == "meta" => {
                refused.insert(at, Refusal::NotByMark);
            }
            (Some(path), Some(span)) => on_line.entry((path.clone(), span.line)).or_default().push(at),
            _ => {
                refused.insert(at, Refusal::NoLine);
            }
        }
    }
    let mut files: BTreeMap<RepoPath, Vec<u8>> = BTreeMap::new();
    for ((path, line), all) in on_line {
        let bytes = files.entry(path.clone()).or_insert_with(|| {
            let mut bytes = Vec::new();
            // What cannot be read is refused when it is read again.
            let _ = request.root.tree().read(&path, request.settings.max_file_size, &mut bytes);
            bytes
        });
        let ids: BTreeSet<&str> = all.iter().map(|&at| report.findings[at].rule.as_str()).collect();
        let ids: Vec<&str> = ids.into_iter().collect();
        let text = format!("prodcheck:allow({}) {reason}", ids.join(", "));
        let edit = edit(&path, bytes, line, &text);
        for at in all {
            match &edit {
                Ok(edit) => report.findings[at].change = Some(change(edit.clone())),
                Err(why) => {
                    refused.insert(at, why.clone());
                }
            }
        }
    }
    make_changes(request, report, refused, options)
}

fn change(edit: Edit) -> Change {
    Change { what: "adds an allow".into(), edits: vec![edit] }
}

/// The mark, written behind the line or above it.
fn edit(path: &RepoPath, bytes: &[u8], line: u32, text: &str) -> Result<Edit, Refusal> {
    let language = language_of(path, &bytes[..bytes.len().min(1024)]);
    let form = comment_form(path, language).ok_or(Refusal::NoComments)?;
    let view = FileView::new(path, bytes, FileKind { language, target: Target::Other });
    let index = (line as usize).saturating_sub(1);
    let range = view.lines().line(bytes, index);
    if range.is_empty() || line as usize > view.lines().count() {
        return Err(Refusal::NoLine);
    }
    let comment = match form.close {
        "" => format!("{} {text}", form.open),
        close => format!("{} {text} {close}", form.open),
    };
    let seen: ContentHash = Sha256::digest(bytes).into();
    let at = |at: usize, replacement: String| Edit { path: path.clone(), range: at..at, replacement, seen };
    let content = &bytes[range.clone()];
    let width = String::from_utf8_lossy(content).chars().count() + comment.chars().count() + 1;
    if form.behind_code && width <= LONGEST_LINE && is_end_of_code(&view, form, &range, path) {
        return Ok(at(range.start + content.trim_ascii_end().len(), format!(" {comment}")));
    }
    if !may_stand_above(&view, index, range.start) {
        return Err(Refusal::NoComments);
    }
    let indent: String =
        content.iter().take_while(|b| matches!(b, b' ' | b'\t')).map(|&b| char::from(b)).collect();
    let end = if view.lines().whole_line(index).len() == content.len() + 2 { "\r\n" } else { "\n" };
    Ok(at(range.start, format!("{indent}{comment}{end}")))
}

/// Whether a comment may be written behind the line: it does not end within a string or a comment, and does not go on
/// on the next one.
fn is_end_of_code(
    view: &FileView,
    form: CommentForm,
    line: &std::ops::Range<usize>,
    path: &RepoPath,
) -> bool {
    let bytes = view.bytes();
    let content = bytes[line.clone()].trim_ascii_end();
    let last = line.start + content.len().saturating_sub(1);
    // The text between tags looks like code from here.
    let is_markup =
        matches!(path.extension(), b"jsx" | b"tsx" | b"vue" | b"svelte") && content.contains(&b'<');
    let goes_on = matches!(content.last(), Some(b'\\' | b'`'));
    let ends_inside =
        |at: usize| view.regions().stretch_at(at).is_some_and(|stretch| stretch.range.end > line.end);
    // Behind a comment to the line's end a second one would be a part of it.
    let in_comment = matches!(view.region_at(last), Region::Comment | Region::Doc) && form.close.is_empty();
    !is_markup && !goes_on && !in_comment && !ends_inside(last)
}

/// Whether a line may be written above this one: it does not begin within a string or a comment, and does not go on
/// from the one before.
fn may_stand_above(view: &FileView, index: usize, start: usize) -> bool {
    let begins_inside = view.regions().stretch_at(start).is_some_and(|stretch| stretch.range.start < start);
    let Some(before) = index.checked_sub(1) else { return !begins_inside };
    let before = &view.bytes()[view.lines().line(view.bytes(), before)];
    // Docker takes comments between the lines of an instruction.
    let goes_on = before.trim_ascii_end().ends_with(b"\\") && view.language() != Language::Dockerfile;
    !begins_inside && !goes_on
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(path: &str, before: &str, line: u32, expect: Option<&str>) {
        let edit = edit(&RepoPath::from(path), before.as_bytes(), line, "prodcheck:allow(x/y) why");
        let after = edit.ok().map(|edit| {
            let mut after = before.to_owned();
            after.insert_str(edit.range.start, &edit.replacement);
            after
        });
        assert_eq!(after.as_deref(), expect, "{before:?}");
    }

    #[test]
    fn marks_stand_behind_code_or_above_it() {
        check("a.rs", "f();  \ng();\n", 1, Some("f(); // prodcheck:allow(x/y) why  \ng();\n"));
        check("a.py", "  f()\r\n", 1, Some("  f() # prodcheck:allow(x/y) why\r\n"));
        check("a.sql", "select 1;", 1, Some("select 1; -- prodcheck:allow(x/y) why"));
        check(".env", "A=b\nC=d\r\n", 2, Some("A=b\n# prodcheck:allow(x/y) why\r\nC=d\r\n"));
        check("a.html", "\t<b>\n", 1, Some("\t<!-- prodcheck:allow(x/y) why -->\n\t<b>\n"));
        check("a.rs", "f(); // why\n", 1, Some("// prodcheck:allow(x/y) why\nf(); // why\n"));
        check("a.rs", "let a = \"x\ny\";\n", 1, Some("// prodcheck:allow(x/y) why\nlet a = \"x\ny\";\n"));
        check("a.rs", "let a = \"x\ny\nz\";\n", 2, None);
        check("a.sh", "a \\\n  b\n", 1, Some("# prodcheck:allow(x/y) why\na \\\n  b\n"));
        check("a.sh", "a \\\n  b \\\n c\n", 2, None);
        let long = format!("f({}); ", "x".repeat(100));
        check("a.rs", &long, 1, Some(&format!("// prodcheck:allow(x/y) why\n{long}")));
        check("a.json", "{\"a\": 1}", 1, None);
        check("a.txt", "a", 1, None);
        check(".gitignore", "a b\n", 1, Some("# prodcheck:allow(x/y) why\na b\n"));
        check("a.rs", "a\n", 9, None);
    }

    #[test]
    fn reasons_stay_in_their_comment() {
        for (reason, expect) in [
            ("made up for the test", true),
            ("", false),
            ("  ", false),
            ("a\nb", false),
            ("a */ b", false),
            ("a --> b", false),
            ("a \u{202e} b", false),
        ] {
            assert_eq!(is_reason(reason), expect, "{reason:?}");
        }
        assert!(!is_reason(&"x".repeat(LONGEST_REASON + 1)));
    }
}
