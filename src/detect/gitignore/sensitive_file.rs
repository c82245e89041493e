use memchr::memmem;

use super::GITIGNORE;
use super::append::{append, pattern_for};
use super::name::is_one_of;
use super::names::GROUPS;
use crate::detect::{Detector, Emit, Needs, Prepared, Raw};
use crate::model::{RepoPath, Severity};
use crate::repo::{ListedFile, RepoView};
use crate::rules::rule::Text;

/// Files whose name says that they hold secrets, and that Git has or is about to get.
///
/// Words of the rules, all in lower case:
/// - one list of names for each of [`GROUPS`];
/// - `meant-to-be-shared`: names that end or start so are examples and templates;
/// - `deliberate-folders`: names of folders where such files are there on purpose;
/// - `harmless-starts`: a file that starts so is encrypted, or no such file after all;
/// - `harmless-values`: a value of an environment or variables file that holds one of these is a placeholder, or
///   encrypted;
/// - `secret-keys`: a key of such a file that holds one of these has a secret for its value.
pub(super) enum SensitiveFile {
    /// Git tracks them: they are published.
    Tracked,
    /// Git neither tracks nor ignores them: the next `git add .` takes them in.
    Untracked,
}

impl Detector for SensitiveFile {
    fn name(&self) -> &'static str {
        match self {
            Self::Tracked => "tracked-sensitive-file",
            Self::Untracked => "untracked-sensitive-file",
        }
    }

    fn needs(&self) -> Needs {
        Needs::Repo
    }

    fn repo(&self, rule: &Prepared, repo: &RepoView, emit: &mut Emit) {
        let wants_tracked = matches!(self, Self::Tracked);
        // Without an index nobody knows what is tracked. Files that Git ignores are no entries.
        if !wants_tracked && !repo.has_index {
            return;
        }
        let words = |list: &str| rule.rule.detect.words(list);
        for entry in repo.judged().filter(|entry| entry.tracked == wants_tracked) {
            let Some(Sensitive { group, is, severity }) = sensitive(words, repo, entry) else { continue };
            let (said, severity) = match self {
                Self::Tracked => ("is tracked by Git", severity),
                Self::Untracked => ("is neither tracked nor ignored by Git", one_lower(severity)),
            };
            let mut raw = Raw::file(entry.path.clone())
                .message(format!("{} {said}; by its name it is {is}", entry.path));
            raw.severity = Some(severity);
            if matches!(self, Self::Untracked) {
                raw = raw.change(append(repo, &GITIGNORE.into(), &[pattern_for(&entry.path)]));
            }
            emit.raw(raw.property("kind", group));
        }
    }
}

/// What a file is by its name.
pub(super) struct Sensitive {
    /// The list that names it.
    group: &'static str,
    /// What it is, in a sentence.
    is: &'static str,
    /// How bad it is that Git has it.
    pub(super) severity: Severity,
}

/// What a file is by its name, place and content; `words` are the lists of the rule.
pub(super) fn sensitive<'w>(
    words: impl Fn(&str) -> &'w [Text],
    repo: &RepoView,
    entry: &ListedFile,
) -> Option<Sensitive> {
    let (group, is, mut severity) =
        GROUPS.iter().copied().find(|(group, ..)| is_one_of(&entry.path, words(group)))?;
    if is_one_of(&entry.path, words("meant-to-be-shared"))
        || is_deliberate(repo, &entry.path, words("deliberate-folders"))
    {
        return None;
    }
    let bytes = repo.bytes(&entry.path);
    if bytes.is_some_and(|b| words("harmless-starts").iter().any(|s| b.starts_with(s.as_bytes()))) {
        return None;
    }
    if matches!(group, "environment" | "variables")
        && let Some(bytes) = bytes
    {
        // Many tools want a file of plain settings to be committed.
        if !holds_secret(bytes, words("secret-keys"), words("harmless-values")) {
            severity = Severity::Note;
        }
    }
    Some(Sensitive { group, is, severity })
}

/// What has not happened yet is less bad than what has.
fn one_lower(severity: Severity) -> Severity {
    match severity {
        Severity::Error => Severity::Warning,
        Severity::Warning | Severity::Note => Severity::Note,
    }
}

/// Whether the file lies where such files are put on purpose.
pub(super) fn is_deliberate(repo: &RepoView, path: &RepoPath, folders: &[Text]) -> bool {
    repo.kind(path).target.is_for_show()
        || folder_parts(path).any(|part| {
            let part = part.to_ascii_lowercase();
            folders.iter().any(|folder| part == folder.as_bytes())
        })
}

fn folder_parts(path: &RepoPath) -> impl Iterator<Item = &[u8]> {
    let mut parts = path.parts();
    parts.next_back();
    parts
}

/// Whether a file of `key=value` (or `"key": value`) has a value that its key calls a secret, and that is no placeholder.
fn holds_secret(file: &[u8], secret_keys: &[Text], harmless: &[Text]) -> bool {
    for line in file.split(|&b| b == b'\n') {
        let line = line.trim_ascii();
        let Some(equals) = memchr::memchr2(b'=', b':', line).filter(|_| !line.starts_with(b"#")) else {
            continue;
        };
        let key = line[..equals].to_ascii_lowercase();
        let value = line[equals + 1..].to_ascii_lowercase();
        let value = value.trim_ascii();
        let value = value.strip_suffix(b",").unwrap_or(value);
        let value = value.strip_prefix(b"\"").and_then(|v| v.strip_suffix(b"\"")).unwrap_or(value);
        let value = value.strip_prefix(b"'").and_then(|v| v.strip_suffix(b"'")).unwrap_or(value);
        let holds = |text: &[u8], words: &[Text]| {
            words.iter().any(|word| memmem::find(text, word.as_bytes()).is_some())
        };
        if value.is_empty() || value.starts_with(b"#") || holds(value, harmless) {
            continue;
        }
        // A number or a switch is no secret, whatever its key is called: `TOKEN_TTL=3600`.
        let simple = value.iter().all(u8::is_ascii_digit) || matches!(value, b"true" | b"false");
        if !simple && holds(&key, secret_keys) {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(file: &str, expect: bool) {
        let secret_keys = [Text::Borrowed("password"), Text::Borrowed("token")];
        let harmless = [Text::Borrowed("changeme"), Text::Borrowed("${")];
        assert_eq!(holds_secret(file.as_bytes(), &secret_keys, &harmless), expect, "{file:?}");
    }

    #[test]
    fn what_an_environment_file_holds() {
        check("", false);
        check("# PASSWORD=abc\nPASSWORD=\nexport TOKEN=\"\"\r\n", false);
        check("PASSWORD=changeme\nTOKEN='${TOKEN}'", false);
        check("LOG=info", false);
        check("TOKEN_TTL=3600\nTOKEN_ON=true", false);
        check("{\n  \"db_password\": \"kd83hf\",\n}", true);
        check("db_password = \"changeme\"\nregion = \"x\"", false);
        check("LOG=info\nexport DB_PASSWORD=\"kd83hf\"\n", true);
    }
}
