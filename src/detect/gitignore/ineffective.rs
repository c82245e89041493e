use std::ops::Range;

use super::GITIGNORE;
use super::names::KnownNames;
use super::sensitive_file::is_deliberate;
use crate::detect::{Detector, Emit, Needs, Prepared, Raw, RawChange, RawEdit, RawRelated};
use crate::model::{RepoPath, Severity};
use crate::repo::{IgnoreSource, RepoView, ignore_lines};

/// Lines of `.gitignore` files that do not do what they were written for.
///
/// Semantics: <https://git-scm.com/docs/gitignore#_pattern_format>.
pub(super) struct IneffectivePattern;

/// What is wrong with a line.
struct Flaw {
    kind: &'static str,
    message: &'static str,
    fix: &'static str,
    /// What mends it: bytes of the line, and what stands there afterwards.
    mend: Option<(Range<usize>, &'static str)>,
}

impl Detector for IneffectivePattern {
    fn name(&self) -> &'static str {
        "ineffective-pattern"
    }

    fn needs(&self) -> Needs {
        Needs::Repo
    }

    fn repo(&self, _rule: &Prepared, repo: &RepoView, emit: &mut Emit) {
        let names = KnownNames::new();
        let files = repo.kept.iter().filter(|(path, _)| path.name() == GITIGNORE.as_bytes());
        for (path, kept) in files {
            let folders = names.words("deliberate-folders");
            if repo.entry(path).is_none_or(|entry| is_deliberate(repo, &entry.path, folders)) {
                continue;
            }
            for line in ignore_lines(&kept.bytes) {
                if let Some(flaw) = flaw(&kept.bytes[line.clone()]) {
                    emit.raw(raw(path, &kept.bytes, line, flaw));
                } else if let Some(found) = unreachable(repo, path, line.clone(), &kept.bytes[line]) {
                    emit.raw(found);
                }
            }
        }
        for found in folders_alone(repo, &names) {
            emit.raw(found);
        }
    }
}

fn raw(path: &RepoPath, bytes: &[u8], line: Range<usize>, flaw: Flaw) -> Raw {
    let change = flaw.mend.map(|(range, text)| {
        let range = line.start + range.start..line.start + range.end;
        // A line of its own ends as the others do.
        let crlf = memchr::memmem::find(bytes, b"\r\n").is_some();
        let replacement = if crlf { text.replace('\n', "\r\n") } else { text.to_owned() };
        let edits = vec![RawEdit { path: None, range, replacement }];
        RawChange { what: "makes the line mean what it says".into(), edits }
    });
    Raw::at(line)
        .path(path.clone())
        .message(flaw.message)
        .fix(flaw.fix)
        .change(change)
        .property("kind", flaw.kind)
}

/// What is wrong with a pattern by its form.
fn flaw(text: &[u8]) -> Option<Flaw> {
    let blanks = text.iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
    // A comment that is indented is a pattern that does nobody harm.
    if text.get(blanks).is_none_or(|&b| b == b'#') {
        return None;
    }
    if let Some(comment) = inline_comment(text) {
        return Some(Flaw {
            kind: "comment",
            message: "Git knows no comments behind patterns: the whole line is the name of a file",
            fix: "Put the comment on a line of its own.",
            mend: Some((comment, "\n")),
        });
    }
    if blanks > 0 {
        return Some(Flaw {
            kind: "leading-blank",
            message: "The blank in front belongs to the pattern: it matches no name without one",
            fix: "Delete the blank.",
            mend: Some((0..blanks, "")),
        });
    }
    let tail = text.iter().rev().take_while(|b| matches!(b, b' ' | b'\t')).count();
    if text.ends_with(b"\t") {
        return Some(Flaw {
            kind: "trailing-tab",
            message: "The tab at the end belongs to the pattern: it matches no name without one",
            fix: "Delete the tab.",
            mend: Some((text.len() - tail..text.len(), "")),
        });
    }
    let sign = usize::from(text[0] == b'!');
    let body = &text[sign..];
    if body.starts_with(b"./") {
        return Some(Flaw {
            kind: "dot-slash",
            message: "A pattern that starts with ./ matches nothing",
            fix: "Start it with / for this folder, or with the name for all folders.",
            mend: Some((sign..sign + 1, "")),
        });
    }
    if body.starts_with(b"../") {
        return Some(Flaw {
            kind: "parent",
            message: "A pattern cannot reach out of its folder: this one matches nothing",
            fix: "Write it into the .gitignore of the folder above.",
            mend: None,
        });
    }
    if body.starts_with(b"~/") {
        return Some(Flaw {
            kind: "home",
            message: "~ is no home folder in a pattern: this one matches nothing",
            fix: "Write the path as it is in the repository, or delete the line.",
            mend: None,
        });
    }
    if has_braces(body) {
        return Some(Flaw {
            kind: "braces",
            message: "Git knows no {a,b}: the line ignores nothing but a name with braces in it",
            fix: "Write one line for each alternative.",
            mend: None,
        });
    }
    backslash(text)
}

/// The blanks before a `#` that is meant as a comment.
fn inline_comment(text: &[u8]) -> Option<Range<usize>> {
    let hash = (1..text.len()).find(|&at| text[at] == b'#' && matches!(text[at - 1], b' ' | b'\t'))?;
    let start = hash - text[..hash].iter().rev().take_while(|b| matches!(b, b' ' | b'\t')).count();
    // An escaped blank is meant.
    (start > 0 && text[start - 1] != b'\\').then_some(start..hash)
}

/// `{a,b}` without blanks.
fn has_braces(body: &[u8]) -> bool {
    let Some(open) = memchr::memchr(b'{', body) else { return false };
    let Some(length) = memchr::memchr(b'}', &body[open..]) else { return false };
    let inside = &body[open + 1..open + length];
    let escaped = open > 0 && matches!(body[open - 1], b'\\' | b'{');
    !escaped && inside.contains(&b',') && !inside.iter().any(|b| b" \t{%".contains(b))
}

fn backslash(text: &[u8]) -> Option<Flaw> {
    let mut slashes = Vec::new();
    let mut at = 0;
    while let Some(found) = text[at..].iter().position(|&b| b == b'\\') {
        at += found;
        match text.get(at + 1) {
            None => {
                return Some(Flaw {
                    kind: "backslash",
                    message: "A pattern that ends in a backslash matches nothing",
                    fix: "Write / for a folder, or \\\\ for a backslash in a name.",
                    mend: Some((at..at + 1, "/")),
                });
            }
            Some(next) if next.is_ascii_alphanumeric() => slashes.push(at),
            Some(_) => {}
        }
        at += 2;
    }
    // What macOS calls the icon of a folder ends in a carriage return, and people write it so.
    let first = *slashes.first().filter(|_| text != b"Icon\\r")?;
    let alone = slashes.len() == 1 && memchr::memchr_iter(b'\\', text).count() == 1;
    Some(Flaw {
        kind: "backslash",
        message: "A backslash separates no folders: it takes the next character as it is",
        fix: "Write / between the folders.",
        mend: alone.then_some((first..first + 1, "/")),
    })
}

/// `!secrets/keep.txt` where `secrets/` is ignored as a whole: Git does not look into it.
fn unreachable(repo: &RepoView, path: &RepoPath, line: Range<usize>, text: &[u8]) -> Option<Raw> {
    let body = text.strip_prefix(b"!")?;
    let body = body.strip_suffix(b"/").unwrap_or(body);
    let body = body.strip_prefix(b"/").unwrap_or(body);
    let mut folder = path.parent();
    let parts: Vec<&[u8]> = body.split(|&b| b == b'/').collect();
    for part in parts.iter().take(parts.len() - 1) {
        if part.is_empty() || part.iter().any(|b| b"*?[\\".contains(b)) {
            return None;
        }
        folder = folder.join(part);
    }
    if parts.len() < 2 {
        return None;
    }
    let by = repo.ignore.decide_for_all(&folder, true).filter(|decision| !decision.negated)?;
    let IgnoreSource::Repo(source) = by.source else { return None };
    // Files that are tracked all the same make up for it.
    let is_harmless = repo.tracked_ignored.iter().any(|tracked| tracked.path.is_in(&folder));
    let mut raw = Raw::at(line)
        .path(path.clone())
        .message("This exception has no effect: a folder on its way is ignored, and Git does not look into it")
        .fix("Ignore what lies in the folder (folder/*) instead of the folder, and except each folder on the way.")
        .property("kind", "unreachable")
        .related(RawRelated { path: Some(source), range: Some(by.span), message: "ignores the folder".into() });
    if is_harmless {
        raw.severity = Some(Severity::Note);
    }
    Some(raw)
}

/// `.env/` and a file `.env`: the slash makes the pattern one for folders.
fn folders_alone(repo: &RepoView, names: &KnownNames) -> Vec<Raw> {
    let mut found: Vec<Raw> = Vec::new();
    let sensitive = repo.entries.iter().filter(|entry| {
        names.group(&entry.path).is_some()
            && !is_deliberate(repo, &entry.path, names.words("deliberate-folders"))
    });
    for entry in sensitive {
        let file = repo.ignore.decide_for_all(&entry.path, false);
        let folder = repo.ignore.decide_for_all(&entry.path, true);
        let (None, Some(decision)) = (file, folder.filter(|d| !d.negated)) else { continue };
        let IgnoreSource::Repo(source) = decision.source else { continue };
        let raw = Raw::at(decision.span.clone())
            .path(source)
            .message(format!(
                "The slash at the end makes this a pattern for folders; {} is a file",
                entry.path
            ))
            .fix("Delete the slash.")
            .change(Some(RawChange::replace(
                "makes the pattern one for files too",
                decision.span.end - 1..decision.span.end,
                "",
            )))
            .property("kind", "folder");
        if !found.iter().any(|known| known.path == raw.path && known.range == raw.range) {
            found.push(raw);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, kind: Option<&str>, mended: Option<&str>) {
        let found = flaw(line.as_bytes());
        assert_eq!(found.as_ref().map(|flaw| flaw.kind), kind, "{line:?}");
        let after = found.and_then(|flaw| flaw.mend).map(|(range, text)| {
            let mut after = line.to_owned();
            after.replace_range(range, text);
            after
        });
        assert_eq!(after.as_deref(), mended, "{line:?}");
    }

    #[test]
    fn lines_that_mean_something_else() {
        check("*.log  # written by the program", Some("comment"), Some("*.log\n# written by the program"));
        check(".env\t#secret", Some("comment"), Some(".env\n#secret"));
        check("  .env", Some("leading-blank"), Some(".env"));
        check("a\t", Some("trailing-tab"), Some("a"));
        check("a \t", Some("trailing-tab"), Some("a"));
        check("./.env", Some("dot-slash"), Some("/.env"));
        check("!./.env", Some("dot-slash"), Some("!/.env"));
        check("../x", Some("parent"), None);
        check("~/.aws", Some("home"), None);
        check("*.{pem,key}", Some("braces"), None);
        check("config\\secrets", Some("backslash"), Some("config/secrets"));
        check("a\\b\\c", Some("backslash"), None);
        check("build\\", Some("backslash"), Some("build/"));
    }

    #[test]
    fn lines_that_are_right() {
        for line in [
            "*.log",
            "# a comment # twice",
            "  # an indented comment",
            "\\#*\\#",
            ".#*",
            "*~",
            "~$*.docx",
            "with\\ blank\\ #1",
            "a{b}c",
            "{{cookiecutter.slug}}/x,y",
            "\\!important",
            "x\\[1\\]",
            "Icon\\r",
            "..hidden",
        ] {
            check(line, None, None);
        }
    }
}
