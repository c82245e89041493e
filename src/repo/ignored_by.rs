use std::ops::Range;

use gix_glob::pattern::Case;
use gix_glob::wildmatch::Mode;

use super::RepoView;
use crate::model::RepoPath;

/// A line of a `.gitignore`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IgnoreLine {
    /// The `.gitignore`.
    pub path: RepoPath,
    /// The line's bytes without its end.
    pub span: Range<usize>,
}

impl RepoView {
    /// The line among the kept `.gitignore` files that ignores this very file. `None` if none does, or if
    /// a later or deeper line takes it back. Folders are not asked about: where one is ignored whole,
    /// nothing of it is in view.
    pub fn ignored_by(&self, path: &RepoPath) -> Option<IgnoreLine> {
        let mut folder = path.parent();
        loop {
            let file = folder.join(b".gitignore");
            if let Some(text) = self.bytes(&file)
                && let Some((span, negative)) = last_match(text, &folder, path)
            {
                return (!negative).then_some(IgnoreLine { path: file, span });
            }
            if folder.as_bytes().is_empty() {
                return None;
            }
            folder = folder.parent();
        }
    }
}

/// The last line that speaks about the path, and whether it takes it back.
fn last_match(text: &[u8], folder: &RepoPath, path: &RepoPath) -> Option<(Range<usize>, bool)> {
    let skip = if folder.as_bytes().is_empty() { 0 } else { folder.as_bytes().len() + 1 };
    let below = path.as_bytes().get(skip..)?;
    let name_at = memchr::memrchr(b'/', below).map(|slash| slash + 1);
    let mut found = None;
    let mut start = 0;
    for line in text.split_inclusive(|&b| b == b'\n') {
        let content = line.strip_suffix(b"\n").unwrap_or(line);
        let content = content.strip_suffix(b"\r").unwrap_or(content);
        let pattern = if content.starts_with(b"#") { None } else { gix_glob::parse(content) };
        if let Some(pattern) = pattern {
            let mode = Mode::NO_MATCH_SLASH_LITERAL;
            if pattern.matches_repo_relative_path(below.into(), name_at, Some(false), Case::Sensitive, mode) {
                found = Some((start..start + content.len(), pattern.is_negative()));
            }
        }
        start += line.len();
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_decides() {
        let path = RepoPath::from("a/Cargo.lock");
        for (text, expect) in [
            ("target\nCargo.lock\n", Some((7..17, false))),
            ("*.lock\r\n!Cargo.lock\r\n", Some((8..19, true))),
            ("/Cargo.lock", Some((0..11, false))),
            ("# Cargo.lock\n\nb/Cargo.lock\nCargo.lock/\n", None),
        ] {
            assert_eq!(last_match(text.as_bytes(), &RepoPath::from("a"), &path), expect, "{text}");
        }
        assert_eq!(last_match(b"/Cargo.lock", &RepoPath::from(""), &path), None);
        assert_eq!(last_match(b"**/Cargo.lock", &RepoPath::from(""), &path), Some((0..13, false)));
    }
}
