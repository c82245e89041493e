use std::ops::Range;

use super::{Evidence, named_from};
use crate::detect::gitignore::append::pattern_for;
use crate::detect::gitignore::names::KnownNames;
use crate::model::{RepoPath, Severity};
use crate::repo::{RepoView, is_compose};
use crate::source::parse_dotenv;

/// Paths of keys, credentials and databases that configuration names: `SSL_KEY=certs/server.key`,
/// `./certs/server.key:/etc/ssl/server.key:ro`, `COPY id_rsa /root/.ssh/`, `DATABASE_URL=sqlite://shop.db`.
pub(super) fn find(repo: &RepoView, names: &KnownNames, all: &mut Vec<Evidence>) {
    for (path, kept) in &repo.kept {
        let bytes = &kept.bytes;
        let folder = path.parent();
        let mut take = |file: RepoPath, range: Range<usize>, says| {
            all.push(Evidence {
                pattern: pattern_for(&file),
                may_be: vec![file],
                by: path.clone(),
                range: Some(range),
                says,
                severity: Severity::Warning,
            });
        };
        let is_environment = path.name().starts_with(b".env") || path.extension() == b"env";
        if is_environment {
            for entry in parse_dotenv(bytes).entries {
                if let Some(file) = sqlite_file(&entry.value).and_then(|text| named_from(&folder, text)) {
                    take(file, entry.value_span.clone(), "names it as the database");
                } else if let Some(file) = secret_file(&entry.value, &folder, names) {
                    take(file, entry.value_span.clone(), "names it");
                }
            }
        } else if is_compose(path) {
            for (word, range) in words(bytes) {
                if let Some(file) = secret_file(word, &folder, names).filter(|_| word.contains('/')) {
                    take(file, range, "names it");
                }
            }
        } else if is_django_settings(path)
            && let Some(at) = memchr::memmem::find(bytes, b"db.sqlite3")
            && let Some(top) = above(repo, &folder, b"manage.py")
        {
            take(top.join(b"db.sqlite3"), at..at + b"db.sqlite3".len(), "names it as the database");
        }
    }
}

/// Whether a module holds settings of Django, by its name.
fn is_django_settings(path: &RepoPath) -> bool {
    path.name() == b"settings.py" || path.extension() == b"py" && path.parent().name() == b"settings"
}

/// The nearest folder from here up that holds a file of this name.
fn above(repo: &RepoView, folder: &RepoPath, name: &[u8]) -> Option<RepoPath> {
    let mut folder = folder.clone();
    loop {
        if repo.entry(&folder.join(name)).is_some() {
            return Some(folder);
        }
        if folder.as_bytes().is_empty() {
            return None;
        }
        folder = folder.parent();
    }
}

/// The relative path of `sqlite:shop.db`, `sqlite://shop.db`, `sqlite:///./shop.db`. Three slashes and a name are an
/// absolute path for some libraries and a relative one for others.
fn sqlite_file(value: &str) -> Option<&str> {
    let rest = value.strip_prefix("sqlite:")?;
    let rest = rest.split(['?', '#']).next().unwrap_or(rest);
    let file = rest.strip_prefix("///./").or_else(|| rest.strip_prefix("//")).unwrap_or(rest);
    (!file.starts_with(['/', ':']) && !file.is_empty()).then_some(file)
}

/// The path of a file that is secret by its name.
fn secret_file(word: &str, folder: &RepoPath, names: &KnownNames) -> Option<RepoPath> {
    let file = named_from(folder, word)?;
    let (group, ..) = names.group(&file)?;
    matches!(group, "private-keys" | "key-stores" | "credentials" | "infrastructure").then_some(file)
}

/// The words of a text, with their bytes: what stands between blanks, quotes and colons.
fn words(bytes: &[u8]) -> impl Iterator<Item = (&str, Range<usize>)> {
    let is_end = |b: u8| b.is_ascii_whitespace() || b"\"':=,[]{}()".contains(&b);
    let mut at = 0;
    bytes.split(move |&b| is_end(b)).filter_map(move |word| {
        let start = at;
        at += word.len() + 1;
        let text = std::str::from_utf8(word).ok().filter(|text| !text.is_empty())?;
        Some((text, start..start + word.len()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_databases() {
        for (value, expect) in [
            ("sqlite:shop.db", Some("shop.db")),
            ("sqlite://data/shop.db?mode=rwc", Some("data/shop.db")),
            ("sqlite:///./shop.db", Some("shop.db")),
            ("sqlite:///var/lib/shop.db", None),
            ("sqlite::memory:", None),
            ("sqlite://", None),
            ("postgres://localhost/shop", None),
        ] {
            assert_eq!(sqlite_file(value), expect, "{value}");
        }
    }

    #[test]
    fn words_know_their_bytes() {
        let text = b"- \"./a/b.key:/etc/b.key:ro\"";
        let all: Vec<_> = words(text).collect();
        assert_eq!(all[1], ("./a/b.key", 3..12));
        assert_eq!(&text[all[2].1.clone()], b"/etc/b.key");
    }

    #[test]
    fn only_paths_inside_count() {
        let names = KnownNames::new();
        let folder = RepoPath::from("web");
        for (word, expect) in [
            ("./certs/server.key", Some("web/certs/server.key")),
            ("server.key", Some("web/server.key")),
            ("../server.key", None),
            ("/etc/server.key", None),
            ("~/server.key", None),
            ("${HOME}/id_rsa", None),
            ("server.pub.key", None),
            ("server.txt", None),
        ] {
            let found = secret_file(word, &folder, &names);
            assert_eq!(found, expect.map(RepoPath::from), "{word}");
        }
    }
}
