use super::line_changes::Lines;

/// What a unified difference says of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileDiff {
    /// The file after the change; `None` if it is gone.
    pub path: Option<Vec<u8>>,
    /// Whether there was none before.
    pub is_new: bool,
    /// Whether it is said to differ, and not how.
    pub is_binary: bool,
    /// In order of their place.
    pub hunks: Vec<Hunk>,
    /// The line of the difference where it starts, from 1.
    pub line: usize,
}

/// A stretch of lines that changed, with some around it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Hunk {
    /// The line of the file after the change where it starts, from 1.
    pub start: u32,
    /// The lines before the change.
    pub before: Vec<Vec<u8>>,
    /// The lines after the change, and whether they are new.
    pub after: Vec<(Vec<u8>, bool)>,
}

/// Why a text is no unified difference.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct DiffError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong, in our words.
    pub what: &'static str,
}

/// What a difference does not fit to: the file is another than the one it was made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DoesNotFit;

impl FileDiff {
    /// The lines that the change added.
    pub fn added(&self) -> Lines {
        let mut lines = Lines::default();
        for hunk in &self.hunks {
            for (at, (_, is_new)) in hunk.after.iter().enumerate() {
                if *is_new {
                    lines.push(hunk.start.saturating_add(at as u32));
                }
            }
        }
        lines
    }

    /// The file before the change, from the file after it.
    ///
    /// # Errors
    /// The lines after the change do not stand there.
    pub fn before(&self, now: &[u8]) -> Result<Vec<u8>, DoesNotFit> {
        let lines: Vec<&[u8]> = now.split_inclusive(|b| *b == b'\n').collect();
        let mut made = Vec::with_capacity(now.len());
        let mut at = 0;
        for hunk in &self.hunks {
            // A hunk without lines stands behind the line it names.
            let start = hunk.start as usize - usize::from(!hunk.after.is_empty() && hunk.start > 0);
            let end = start + hunk.after.len();
            let (between, there) = (lines.get(at..start), lines.get(start..end));
            let (Some(between), Some(there)) = (between, there) else { return Err(DoesNotFit) };
            let same = there
                .iter()
                .zip(&hunk.after)
                .all(|(line, (after, _))| without_end(line) == without_end(after));
            if !same {
                return Err(DoesNotFit);
            }
            made.extend(between.iter().copied().flatten());
            for line in &hunk.before {
                made.extend_from_slice(line);
                made.push(b'\n');
            }
            at = end;
        }
        made.extend(lines.get(at..).into_iter().flatten().copied().flatten());
        Ok(made)
    }
}

/// Differences that were mailed may have lost the `\r`.
fn without_end(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// Reads what `git diff`, `git show`, `git format-patch` or `diff -u` write:
/// <https://www.gnu.org/software/diffutils/manual/html_node/Detailed-Unified.html>. What stands between the files is
/// passed over.
///
/// # Errors
/// A hunk is cut off or has another number of lines than it says; or there is text and no difference in it.
pub fn parse_unified_diff(text: &[u8]) -> Result<Vec<FileDiff>, DiffError> {
    let mut lines: Vec<&[u8]> = text.split(|b| *b == b'\n').collect();
    if lines.last().is_some_and(|line| line.is_empty()) {
        lines.pop();
    }
    let mut read = Reading { lines, at: 0, files: Vec::new(), open: None };
    while let Some(line) = read.line() {
        read.take(line)?;
    }
    read.close();
    if read.files.is_empty() && text.iter().any(|b| !b.is_ascii_whitespace()) {
        return Err(DiffError { line: 1, what: "this is no unified difference (as `git diff` writes it)" });
    }
    Ok(read.files)
}

struct Reading<'t> {
    lines: Vec<&'t [u8]>,
    at: usize,
    files: Vec<FileDiff>,
    open: Option<Open<'t>>,
}

/// A file whose part of the difference is being read.
#[derive(Default)]
struct Open<'t> {
    /// The line it starts at, from 1.
    line: usize,
    header: Option<&'t [u8]>,
    old: Option<&'t [u8]>,
    new: Option<&'t [u8]>,
    renamed_to: Option<&'t [u8]>,
    is_new: bool,
    is_gone: bool,
    is_binary: bool,
    hunks: Vec<Hunk>,
}

impl<'t> Reading<'t> {
    fn line(&self) -> Option<&'t [u8]> {
        self.lines.get(self.at).copied()
    }

    fn error(&self, what: &'static str) -> DiffError {
        DiffError { line: self.at + 1, what }
    }

    fn take(&mut self, line: &'t [u8]) -> Result<(), DiffError> {
        let number = self.at + 1;
        if let Some(header) = line.strip_prefix(b"diff --git ") {
            self.close();
            self.open = Some(Open { line: number, header: Some(trimmed(header)), ..Open::default() });
        } else if line.starts_with(b"diff --cc ")
            || line.starts_with(b"diff --combined ")
            || line.starts_with(b"@@@")
        {
            return Err(
                self.error("a combined difference of a merge is not read; make one against a single commit")
            );
        } else if let Some(old) = line.strip_prefix(b"--- ")
            && let Some(new) = self.lines.get(self.at + 1).and_then(|line| line.strip_prefix(b"+++ "))
        {
            if self.open.as_ref().is_none_or(|open| open.new.is_some()) {
                self.close();
                self.open = Some(Open { line: number, ..Open::default() });
            }
            if let Some(open) = &mut self.open {
                (open.old, open.new) = (Some(trimmed(old)), Some(trimmed(new)));
            }
            self.at += 1;
        } else if line.starts_with(b"@@ ") {
            return self.hunk(line);
        } else if let Some(open) = &mut self.open {
            if line.starts_with(b"new file mode ") {
                open.is_new = true;
            } else if line.starts_with(b"deleted file mode ") {
                open.is_gone = true;
            } else if let Some(to) =
                line.strip_prefix(b"rename to ").or_else(|| line.strip_prefix(b"copy to "))
            {
                open.renamed_to = Some(trimmed(to));
            } else if line == b"GIT binary patch" || line.starts_with(b"Binary files ") {
                open.is_binary = true;
            }
        }
        self.at += 1;
        Ok(())
    }

    fn hunk(&mut self, head: &'t [u8]) -> Result<(), DiffError> {
        let Some([(_, old), (start, new)]) = ranges(head) else {
            return Err(self.error("a hunk starts with `@@ -line,count +line,count @@`"));
        };
        if self.open.as_ref().is_none_or(|open| open.new.is_none()) {
            return Err(self.error("a hunk without the file it belongs to (`+++`) before it"));
        }
        let mut hunk = Hunk { start, ..Hunk::default() };
        let (mut old, mut new) = (old, new);
        self.at += 1;
        while old > 0 || new > 0 {
            let Some(line) = self.line() else {
                return Err(DiffError { line: self.lines.len(), what: "the difference ends within a hunk" });
            };
            // Some programs cut blanks at the ends of lines.
            let (sign, rest) = line.split_first().map_or((b' ', line), |(sign, rest)| (*sign, rest));
            match sign {
                b' ' | b'\r' if old > 0 && new > 0 => {
                    hunk.before.push(rest.to_vec());
                    hunk.after.push((rest.to_vec(), false));
                    (old, new) = (old - 1, new - 1);
                }
                b'-' if old > 0 => {
                    hunk.before.push(rest.to_vec());
                    old -= 1;
                }
                b'+' if new > 0 => {
                    hunk.after.push((rest.to_vec(), true));
                    new -= 1;
                }
                b'\\' => {}
                _ => return Err(self.error("the hunk has another number of lines than it says")),
            }
            self.at += 1;
        }
        if let Some(open) = &mut self.open {
            let after =
                open.hunks.last().map_or(0, |last| last.start.saturating_add(last.after.len() as u32));
            if hunk.start < after {
                return Err(DiffError { line: self.at, what: "the hunks of a file are not in order" });
            }
            open.hunks.push(hunk);
        }
        Ok(())
    }

    fn close(&mut self) {
        let Some(open) = self.open.take() else { return };
        let null = b"/dev/null";
        let is_gone = open.is_gone || open.new.is_some_and(|new| new == null);
        let is_new = open.is_new || open.old.is_some_and(|old| old == null);
        let path = if is_gone {
            None
        } else if let Some(to) = open.renamed_to {
            Some(unquoted(to))
        } else {
            let Some(path) = open.path() else { return };
            Some(path)
        };
        self.files.push(FileDiff {
            path,
            is_new,
            is_binary: open.is_binary,
            hunks: open.hunks,
            line: open.line,
        });
    }
}

impl Open<'_> {
    /// The path after the change, without the letter that Git puts before it.
    fn path(&self) -> Option<Vec<u8>> {
        // Without names there is a change of the mode, or a file without content.
        let Some(new) = self.new else { return self.header.and_then(of_header) };
        let new = unquoted(new);
        let old = self.old.filter(|old| *old != b"/dev/null").map(unquoted);
        let same_in_header = self.header.is_some_and(|header| {
            let middle = header.len() / 2;
            header.get(middle) == Some(&b' ') && header[..middle] == header[middle + 1..]
        });
        let letter = |name: &[u8]| match name {
            [letter @ (b'a' | b'b' | b'c' | b'i' | b'o' | b'w'), b'/', ..] => Some(*letter),
            _ => None,
        };
        let has_letter = !same_in_header
            && match (old.as_deref().map(letter), letter(&new)) {
                (_, None) => false,
                (Some(old), new) => old.is_some() && old != new,
                (None, _) => true,
            };
        Some(if has_letter { new[2..].to_vec() } else { new })
    }
}

/// The path of `a/x b/x`: both are the same but for the letters.
fn of_header(header: &[u8]) -> Option<Vec<u8>> {
    let middle = header.len() / 2;
    let (old, new) = (header.get(..middle)?, header.get(middle + 1..)?);
    let (old, new) = (unquoted(old), unquoted(new));
    if old == new { Some(new) } else { (old.get(2..)? == new.get(2..)?).then(|| new[2..].to_vec()) }
}

/// The names of `diff -u` are followed by a tab and a time; lines may end in `\r`.
fn trimmed(name: &[u8]) -> &[u8] {
    let name = name.strip_suffix(b"\r").unwrap_or(name);
    if name.starts_with(b"\"") {
        return name;
    }
    name.split(|b| *b == b'\t').next().unwrap_or(name)
}

/// A name that Git put in quotes, as in C.
fn unquoted(name: &[u8]) -> Vec<u8> {
    let Some(inner) = name.strip_prefix(b"\"").and_then(|name| name.strip_suffix(b"\"")) else {
        return name.to_vec();
    };
    let mut made = Vec::with_capacity(inner.len());
    let mut rest = inner;
    while let Some((&byte, behind)) = rest.split_first() {
        rest = behind;
        if byte != b'\\' {
            made.push(byte);
            continue;
        }
        let Some((&code, behind)) = rest.split_first() else { break };
        rest = behind;
        made.push(match code {
            b'n' => b'\n',
            b't' => b'\t',
            b'r' => b'\r',
            b'a' => 7,
            b'b' => 8,
            b'v' => 11,
            b'f' => 12,
            b'0'..=b'3' => {
                let mut value = code - b'0';
                for _ in 0..2 {
                    if let Some((&digit @ b'0'..=b'7', behind)) = rest.split_first() {
                        value = value << 3 | (digit - b'0');
                        rest = behind;
                    }
                }
                value
            }
            other => other,
        });
    }
    made
}

/// `@@ -1,2 +3,4 @@`: the first line and the number of lines, before and after.
fn ranges(head: &[u8]) -> Option<[(u32, u32); 2]> {
    let text = std::str::from_utf8(head.strip_prefix(b"@@ -")?.split(|b| *b == b'@').next()?).ok()?;
    let (old, new) = text.trim_end().split_once(" +")?;
    let range = |text: &str| {
        let (start, count) = text.split_once(',').unwrap_or((text, "1"));
        let start: u32 = start.parse().ok()?;
        let count: u32 = count.parse().ok()?;
        start.checked_add(count)?;
        Some((start, count))
    };
    Some([range(old)?, range(new)?])
}

#[cfg(test)]
mod tests {
    use super::*;

    const GIT: &str = "diff --git a/x.txt b/x.txt\nindex 1..2 100644\n--- a/x.txt\n+++ b/x.txt\n@@ -1,3 +1,4 @@ fn\n a\n-b\n+B\n+B2\n c\n";

    #[test]
    fn added_lines_and_the_file_before() {
        let files = parse_unified_diff(GIT.as_bytes()).expect("a difference");
        assert_eq!(files.len(), 1);
        assert_eq!(files[0].path.as_deref(), Some(&b"x.txt"[..]));
        let added = files[0].added();
        assert!(!added.touch(1, 1) && added.touch(2, 2) && added.touch(3, 3) && !added.touch(4, 4));
        assert_eq!(files[0].before(b"a\nB\nB2\nc\nd\n"), Ok(b"a\nb\nc\nd\n".to_vec()));
        assert_eq!(files[0].before(b"a\nb\nc\nd\n"), Err(DoesNotFit));
    }

    #[test]
    fn names_are_read_in_all_their_forms() {
        for (text, expect) in [
            ("--- a/b/c.txt\n+++ b/b/c.txt\n@@ -0,0 +1 @@\n+x\n", "b/c.txt"),
            ("diff --git x/y x/y\n--- x/y\n+++ x/y\n@@ -0,0 +1 @@\n+x\n", "x/y"),
            ("diff --git a/y a/y\n--- a/y\n+++ a/y\n@@ -0,0 +1 @@\n+x\n", "a/y"),
            ("--- old.txt\t2020-01-01\n+++ new.txt\t2020-01-01\n@@ -0,0 +1 @@\n+x\n", "new.txt"),
            ("--- /dev/null\n+++ b/new.txt\n@@ -0,0 +1 @@\n+x\n", "new.txt"),
            ("--- \"a/\\303\\244.txt\"\n+++ \"b/\\303\\244.txt\"\n@@ -0,0 +1 @@\n+x\n", "\u{e4}.txt"),
            ("diff --git a/o b/n\nsimilarity index 100%\nrename from o\nrename to n\n", "n"),
            ("diff --git a/run b/run\nold mode 100644\nnew mode 100755\n", "run"),
            ("--- i/k.txt\n+++ w/k.txt\n@@ -0,0 +1 @@\n+x\n", "k.txt"),
        ] {
            let files = parse_unified_diff(text.as_bytes()).expect(text);
            assert_eq!(files[0].path.as_deref(), Some(expect.as_bytes()), "{text}");
        }
        let gone = parse_unified_diff(b"--- a/x\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n").expect("a difference");
        assert_eq!(gone[0].path, None);
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        for (text, line) in [
            ("nothing of the kind\n", 1),
            ("--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n a\n", 4),
            ("--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n-b\n+c\n", 5),
            ("@@ -1 +1 @@\n-a\n+b\n", 1),
            ("--- a/x\n+++ b/x\n@@ -x +1 @@\n", 3),
            ("diff --cc x\n", 1),
            ("--- a/x\n+++ b/x\n@@ -9 +9 @@\n-a\n+b\n@@ -1 +1 @@\n-a\n+b\n", 8),
            ("--- a/x\n+++ b/x\n@@ -1 +4294967295,9 @@\n", 3),
        ] {
            assert_eq!(parse_unified_diff(text.as_bytes()).unwrap_err().line, line, "{text}");
        }
        assert_eq!(parse_unified_diff(b"\n"), Ok(Vec::new()));
    }

    #[test]
    fn a_message_around_it_is_passed_over() {
        let mail = format!("From 1 Mon\nSubject: x\n\n--- a dash\n---\n x | 2 +-\n\n{GIT}-- \n2.47\n\n");
        let files = parse_unified_diff(mail.as_bytes()).expect("a difference");
        assert_eq!(files.len(), 1);
        assert_eq!(files[0].hunks.len(), 1);
    }
}
