use std::collections::BTreeMap;

use regex::bytes::{Regex, RegexBuilder};
use toml_edit::{Item, TableLike};

use super::view::Kept;
use crate::model::RepoPath;
use crate::source::{JsonValue, parse_json, parse_toml};

/// A finding that another tool's file tells that tool to ignore.
#[derive(Debug, Clone)]
pub struct IgnoredSecret {
    /// Which files.
    pub files: IgnoredFiles,
    /// The line, from 1; `None` is all of them.
    pub line: Option<u32>,
    /// The SHA-1 of the secret; `None` is any.
    pub sha1: Option<[u8; 20]>,
}

/// Which files an entry speaks of.
#[derive(Debug, Clone)]
pub enum IgnoredFiles {
    /// This one.
    One(RepoPath),
    /// Those in whose path this pattern is found.
    Matching(Regex),
}

impl IgnoredFiles {
    /// Whether this is one of them.
    pub fn hold(&self, path: &RepoPath) -> bool {
        match self {
            Self::One(file) => file == path,
            Self::Matching(pattern) => pattern.is_match(path.as_bytes()),
        }
    }
}

/// What such a file says.
#[derive(Debug, Clone, Default)]
pub struct IgnoredSecrets {
    /// The entries whose meaning is clear.
    pub entries: Vec<IgnoredSecret>,
    /// How many others there are, and why they are not used.
    pub unused: BTreeMap<&'static str, usize>,
}

/// Files of other tools that say which secrets are to be ignored:
/// <https://github.com/gitleaks/gitleaks#gitleaksignore>, <https://github.com/gitleaks/gitleaks#configuration>,
/// <https://github.com/Yelp/detect-secrets#creating-a-baseline>.
pub(super) fn is_ignored_secrets(path: &RepoPath) -> bool {
    matches!(path.as_bytes(), b".gitleaksignore" | b".gitleaks.toml" | b".secrets.baseline")
}

/// What all such files among the kept ones say. A file that does not parse ignores nothing.
pub fn ignored_secrets(kept: &BTreeMap<RepoPath, Kept>) -> BTreeMap<&RepoPath, IgnoredSecrets> {
    let files = kept.iter().filter(|(path, _)| is_ignored_secrets(path));
    files
        .map(|(path, kept)| {
            let said = match path.as_bytes() {
                b".gitleaksignore" => fingerprints(&kept.bytes),
                b".gitleaks.toml" => allowed_paths(&kept.bytes),
                _ => hashes(&kept.bytes),
            };
            (path, said)
        })
        .collect()
}

/// A finding in the history that another tool's file tells that tool to ignore.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IgnoredOnce {
    /// The commit that brought it, as hex digits; it may be the beginning of its id. `None` is any.
    pub commit: Option<String>,
    /// The file, as it was named then.
    pub file: RepoPath,
    /// The line there, from 1.
    pub line: u32,
}

/// `commit:file:rule:line` on each line of a `.gitleaksignore`, or without the commit; `None` stands for a line of no
/// known form.
pub fn fingerprints_of_history(bytes: &[u8]) -> impl Iterator<Item = Option<IgnoredOnce>> {
    let lines = bytes.split(|&b| b == b'\n').map(<[u8]>::trim_ascii);
    lines.filter(|line| !line.is_empty() && !line.starts_with(b"#")).map(|line| {
        let mut parts = line.rsplitn(3, |&b| b == b':');
        let number = std::str::from_utf8(parts.next()?).ok()?.parse().ok()?;
        let (_rule, file) = (parts.next()?, parts.next()?);
        let is_commit = |id: &[u8]| id.len() >= 7 && id.iter().all(u8::is_ascii_hexdigit);
        let (commit, file) = match memchr::memchr(b':', file) {
            Some(at) if is_commit(&file[..at]) => {
                (Some(String::from_utf8_lossy(&file[..at]).to_ascii_lowercase()), &file[at + 1..])
            }
            _ => (None, file),
        };
        Some(IgnoredOnce { commit, file: RepoPath::new(file), line: number })
    })
}

/// `file:rule:line` on each line. With a commit in front the line is that of the commit, and nobody knows where it is
/// today.
pub fn fingerprints(bytes: &[u8]) -> IgnoredSecrets {
    let mut said = IgnoredSecrets::default();
    for entry in fingerprints_of_history(bytes) {
        let why = match entry {
            Some(IgnoredOnce { commit: None, file, line }) => {
                let files = IgnoredFiles::One(file);
                said.entries.push(IgnoredSecret { files, line: Some(line), sha1: None });
                continue;
            }
            Some(_) => "name a commit and speak of the history",
            None => "have no form that is known",
        };
        *said.unused.entry(why).or_default() += 1;
    }
    said
}

/// `paths` of `[allowlist]` and `[[allowlists]]`, where they alone are enough for all rules.
pub fn allowed_paths(bytes: &[u8]) -> IgnoredSecrets {
    let mut said = IgnoredSecrets::default();
    let Ok(document) = parse_toml(bytes) else { return said };
    let one = document.get("allowlist").and_then(Item::as_table_like);
    let many = document.get("allowlists").and_then(Item::as_array_of_tables);
    let many = many.into_iter().flatten().map(|table| table as &dyn TableLike);
    for list in one.into_iter().chain(many) {
        let paths = list.get("paths").and_then(Item::as_array);
        let paths: Vec<&str> = paths.into_iter().flatten().filter_map(|path| path.as_str()).collect();
        let needs_more = list
            .get("condition")
            .and_then(Item::as_str)
            .is_some_and(|condition| condition.eq_ignore_ascii_case("and"))
            && ["commits", "regexes", "stopwords"].iter().any(|key| list.contains_key(key));
        if needs_more || list.contains_key("targetRules") {
            *said.unused.entry("hold under conditions that are not known here").or_default() += paths.len();
            continue;
        }
        for path in paths {
            let pattern =
                RegexBuilder::new(path).unicode(false).size_limit(1 << 20).dfa_size_limit(1 << 20).build();
            match pattern {
                Ok(pattern) => said.entries.push(IgnoredSecret {
                    files: IgnoredFiles::Matching(pattern),
                    line: None,
                    sha1: None,
                }),
                Err(_) => *said.unused.entry("are no pattern that is known").or_default() += 1,
            }
        }
    }
    said
}

/// `results` of a baseline: files with the SHA-1 of each secret. What somebody has marked as a real one is none to be
/// ignored.
pub fn hashes(bytes: &[u8]) -> IgnoredSecrets {
    let mut said = IgnoredSecrets::default();
    let Ok(document) = parse_json(bytes) else { return said };
    let Some(root) = &document.root else { return said };
    let results = root.members().iter().find(|m| m.key == "results");
    for file in results.map_or(&[][..], |results| results.node.members()) {
        for entry in file.node.elements() {
            let text = |name: &str| entry.members().iter().find(|m| m.key == name)?.node.as_str();
            let is_real = entry
                .members()
                .iter()
                .any(|m| m.key == "is_secret" && matches!(m.node.value, JsonValue::Bool(true)));
            if is_real {
                *said.unused.entry("are marked as real secrets").or_default() += 1;
                continue;
            }
            match text("hashed_secret").and_then(sha1) {
                Some(sha1) => said.entries.push(IgnoredSecret {
                    files: IgnoredFiles::One(RepoPath::from(&*file.key)),
                    line: None,
                    sha1: Some(sha1),
                }),
                None => *said.unused.entry("have no form that is known").or_default() += 1,
            }
        }
    }
    said
}

fn sha1(hex: &str) -> Option<[u8; 20]> {
    let digits = hex.as_bytes();
    let mut hash = [0; 20];
    if digits.len() != 40 {
        return None;
    }
    for (byte, pair) in hash.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unused(said: &IgnoredSecrets) -> usize {
        said.unused.values().sum()
    }

    #[test]
    fn fingerprints_name_a_file_and_a_line() {
        let commit = "0f".repeat(20);
        let text =
            format!("# why\n\ndeploy/a:b.yaml:some-rule:7\r\n{commit}:src/a.rs:some-rule:9\nnonsense\n");
        let said = fingerprints(text.as_bytes());
        assert_eq!((said.entries.len(), unused(&said)), (1, 2), "{said:?}");
        assert!(said.entries[0].files.hold(&RepoPath::from("deploy/a:b.yaml")));
        assert_eq!(said.entries[0].line, Some(7));
        let once = |commit, file, line| Some(IgnoredOnce { commit, file: RepoPath::from(file), line });
        let of_history: Vec<_> = fingerprints_of_history(text.to_uppercase().as_bytes()).collect();
        let expect = [once(None, "DEPLOY/A:B.YAML", 7), once(Some(commit), "SRC/A.RS", 9), None];
        assert_eq!(of_history, expect);
    }

    #[test]
    fn paths_count_where_they_are_enough() {
        let text = "
[allowlist]
paths = ['''^docs/''', '(?i)\\.lock$', '[']
[[allowlists]]
condition = \"AND\"
paths = ['a']
regexes = ['b']
[[allowlists]]
targetRules = [\"x\"]
paths = ['c']
[[allowlists]]
paths = ['gen/']
[[rules]]
id = \"x\"
[rules.allowlist]
paths = ['never']
";
        let said = allowed_paths(text.as_bytes());
        assert_eq!((said.entries.len(), unused(&said)), (3, 3), "{said:?}");
        let holds = |path: &str| said.entries.iter().any(|e| e.files.hold(&RepoPath::from(path)));
        assert!(holds("docs/a.md") && holds("x/A.LOCK") && holds("src/gen/a.rs"));
        assert!(!holds("a") && !holds("c") && !holds("never"));
    }

    #[test]
    fn hashes_stand_for_secrets_of_a_file() {
        let hash = "0a".repeat(20);
        let text = format!(
            r#"{{"version": "1.5.0", "results": {{"a/b.py": [
                {{"type": "x", "hashed_secret": "{hash}", "line_number": 3}},
                {{"type": "x", "hashed_secret": "{hash}", "is_secret": true}},
                {{"type": "x", "hashed_secret": "short"}}]}}}}"#
        );
        let said = hashes(text.as_bytes());
        assert_eq!((said.entries.len(), unused(&said)), (1, 2), "{said:?}");
        assert_eq!(said.entries[0].sha1, Some([10; 20]));
        for text in ["", "{", "[]", "{\"results\": 3}", "{\"results\": {\"a\": {}}}"] {
            assert!(hashes(text.as_bytes()).entries.is_empty());
        }
    }
}
