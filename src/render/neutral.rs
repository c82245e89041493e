//! Text that may come from the repository, made harmless for where it goes. The scan does so too; a
//! renderer does not rely on it.

use std::borrow::Cow;

use crate::model::shown;

/// Displayable, in one line: line ends and tabs become spaces.
pub(super) fn one_line(text: &str) -> Cow<'_, str> {
    let text = shown(text);
    if text.contains(['\n', '\t']) { Cow::Owned(text.replace(['\n', '\t'], " ")) } else { text }
}

/// Breaks up what a pipeline's runner would take for a command: `::name::` at the start of a line
/// (GitHub), `##[name]`, `##vso[…]` and the like anywhere in it (Azure, GitHub, `TeamCity`). A space
/// comes between, so that one sees what was there.
pub(super) fn without_commands(text: &str) -> Cow<'_, str> {
    if !text.contains("::") && !text.contains("##") {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for line in text.split_inclusive('\n') {
        let start = line.len() - after_blanks_and_escapes(line).len();
        let (lead, mut rest) = line.split_at(start);
        out.push_str(lead);
        if rest.starts_with("::") {
            out.push_str(": ");
            rest = &rest[1..];
        }
        while let Some(at) = rest.find("##") {
            // Of a longer row of signs the last two count.
            out.push_str(&rest[..=at]);
            rest = &rest[at + 1..];
            if is_command(&rest[1..]) {
                out.push_str("# ");
                rest = &rest[1..];
            }
        }
        out.push_str(rest);
    }
    Cow::Owned(out)
}

/// The same for JSON, without changing what it says: there `##` stands in strings alone, where a sign
/// may be written as an escape.
pub(super) fn json_without_commands(json: &str) -> String {
    let mut out = String::with_capacity(json.len() + 8);
    let mut rest = json;
    while let Some(at) = rest.find("##") {
        out.push_str(&rest[..=at]);
        rest = &rest[at + 1..];
        if is_command(&rest[1..]) {
            out.push_str("\\u0023");
            rest = &rest[1..];
        }
    }
    out.push_str(rest);
    out
}

fn is_command(behind_signs: &str) -> bool {
    behind_signs.trim_start_matches(|c: char| c.is_ascii_alphabetic()).starts_with('[')
}

/// A runner may take colours out before it looks.
fn after_blanks_and_escapes(line: &str) -> &str {
    let mut rest = line;
    loop {
        let trimmed = rest.trim_start_matches(|c: char| c.is_whitespace() && c != '\n');
        let skipped = trimmed
            .strip_prefix("\x1b[")
            .and_then(|behind| behind.split_once('m'))
            .or_else(|| trimmed.strip_prefix("\x1b]8;;").and_then(|behind| behind.split_once("\x1b\\")));
        match skipped {
            Some((_, behind)) => rest = behind,
            None => return trimmed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_broken_up_and_the_rest_stays() {
        for (text, expect) in [
            ("::error::x\n", ": :error::x\n"),
            ("  ::set-output name=a::b", "  : :set-output name=a::b"),
            ("a::b::c", "a::b::c"),
            ("x ##[error]y", "x ## [error]y"),
            ("##vso[task.x]y ##[z]", "## vso[task.x]y ## [z]"),
            ("####[x]", "#### [x]"),
            ("## heading", "## heading"),
            ("a\n::b\n::c", "a\n: :b\n: :c"),
            ("\x1b[31m::error::x\x1b[0m", "\x1b[31m: :error::x\x1b[0m"),
            (":::x", ": ::x"),
        ] {
            assert_eq!(without_commands(text), expect);
            assert_eq!(without_commands(expect), expect);
        }
    }

    #[test]
    fn json_keeps_its_meaning() {
        let text = "a ##[error]b ##vso[x] ###[y] \\##[z] ## c";
        let json = serde_json::to_string(text).unwrap();
        let safe = json_without_commands(&json);
        assert!(!safe.contains("##[") && !safe.contains("##vso"));
        assert_eq!(serde_json::from_str::<String>(&safe).unwrap(), text);
    }
}
