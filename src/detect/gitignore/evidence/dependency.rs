use std::ops::Range;

use super::Evidence;
use crate::model::{RepoPath, Severity};
use crate::repo::RepoView;
use crate::repo::manifest::Section;
use crate::repo::view::is_requirements;
use crate::rules::Rule;
use crate::rules::rule::Text;
use crate::source::{parse_json, parse_requirements, parse_toml};

/// Libraries that read a `.env` in the folder that the program is started in. It lies beside the manifest, or at the
/// root.
///
/// Words of the rule: `dotenv-cargo`, `dotenv-npm`, `dotenv-python`, `dotenv-go`, `dotenv-ruby`, `dotenv-php`.
pub(super) fn find(rule: &Rule, repo: &RepoView, all: &mut Vec<Evidence>) {
    let mut take = |by: &RepoPath, range: Range<usize>, severity| {
        let beside = by.parent().join(b".env");
        let mut may_be = vec![RepoPath::from(".env")];
        if !may_be.contains(&beside) {
            may_be.push(beside);
        }
        all.push(Evidence {
            may_be,
            pattern: ".env".into(),
            by: by.clone(),
            range: Some(range),
            says: "asks for a library that reads it",
            severity,
        });
    };
    let words = |list: &str| rule.detect.words(list);
    for (path, manifest) in repo.manifests() {
        let known = manifest.dependencies.iter().find(|dependency| {
            dependency.section == Section::Normal
                && !dependency.optional
                && is_listed(dependency.package_name(), words("dotenv-cargo"))
        });
        if let Some(dependency) = known {
            let is_program = !manifest.bins.is_empty() || has_main(repo, &path.parent());
            let severity = if is_program { Severity::Warning } else { Severity::Note };
            take(path, dependency.name.span.clone(), severity);
        }
    }
    for (path, kept) in &repo.kept {
        let bytes = &kept.bytes;
        let milder = |(range, _)| (range, Severity::Note);
        let found = match path.name() {
            b"package.json" => npm(bytes, words("dotenv-npm")),
            b"pyproject.toml" => project(bytes, words("dotenv-python")),
            b"composer.json" => composer(bytes, words("dotenv-php")),
            // In Go it is as often what a program reads for others.
            b"go.mod" => line_with(bytes, words("dotenv-go"), "// indirect").map(milder),
            b"Gemfile" => line_with(bytes, words("dotenv-ruby"), "#"),
            _ if is_requirements(path) => requirements(bytes, words("dotenv-python")),
            _ => None,
        };
        if let Some((range, severity)) = found {
            take(path, range, severity);
        }
    }
}

type Found = Option<(Range<usize>, Severity)>;

fn is_listed(name: &str, list: &[Text]) -> bool {
    let key = |name: &str| name.to_ascii_lowercase().replace(['_', '.'], "-");
    list.iter().any(|listed| key(listed) == key(name))
}

fn has_main(repo: &RepoView, package: &RepoPath) -> bool {
    let folder = package.join(b"src/bin");
    repo.entry(&package.join(b"src/main.rs")).is_some() || repo.has_files_in(&folder)
}

fn npm(bytes: &[u8], list: &[Text]) -> Found {
    let document = parse_json(bytes).ok()?;
    let root = document.root?;
    let table = |name: &str| root.members().iter().find(|m| m.key == name).map(|m| m.node.members());
    for (name, severity) in [("dependencies", Severity::Warning), ("devDependencies", Severity::Note)] {
        let found = table(name).unwrap_or_default().iter().find(|m| is_listed(&m.key, list));
        if let Some(member) = found {
            return Some((member.key_span.clone(), severity));
        }
    }
    None
}

fn composer(bytes: &[u8], list: &[Text]) -> Found {
    let document = parse_json(bytes).ok()?;
    let root = document.root?;
    let require = root.members().iter().find(|m| m.key == "require")?;
    let found = require.node.members().iter().find(|m| list.contains(&m.key))?;
    Some((found.key_span.clone(), Severity::Warning))
}

/// `[project] dependencies` and Poetry's table.
fn project(bytes: &[u8], list: &[Text]) -> Found {
    let document = parse_toml(bytes).ok()?;
    let asked = document.get("project").and_then(|p| p.get("dependencies")).and_then(|d| d.as_array());
    for value in asked.into_iter().flatten() {
        let name = value.as_str().map(name_of_requirement).unwrap_or_default();
        if is_listed(name, list) {
            return Some((value.span()?, Severity::Warning));
        }
    }
    let poetry = document.get("tool").and_then(|t| t.get("poetry")).and_then(|p| p.get("dependencies"))?;
    let table = poetry.as_table_like()?;
    let (name, _) = table.iter().find(|(name, _)| is_listed(name, list))?;
    Some((table.key(name)?.span()?, Severity::Warning))
}

fn name_of_requirement(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && !"-_.".contains(c)).unwrap_or(text.len());
    &text[..end]
}

/// Files that a tool has written hold what others ask for, too.
fn requirements(bytes: &[u8], list: &[Text]) -> Found {
    let head = &bytes[..bytes.len().min(1024)];
    let is_written = [&b"pip-compile"[..], b"autogenerated", b"uv pip compile", b"uv export", b"pip freeze"]
        .iter()
        .any(|mark| memchr::memmem::find(head, mark).is_some());
    if is_written {
        return None;
    }
    let found = parse_requirements(bytes).requirements.into_iter().find(|r| is_listed(&r.name, list))?;
    Some((found.span, Severity::Warning))
}

/// A line with one of the words between quotes or blanks, and without what makes it none of ours.
fn line_with(bytes: &[u8], list: &[Text], but_not: &str) -> Found {
    let mut start = 0;
    for line in bytes.split_inclusive(|&b| b == b'\n') {
        let text = String::from_utf8_lossy(line);
        let code = match but_not {
            "#" => text.split('#').next().unwrap_or_default(),
            _ if text.contains(but_not) => "",
            _ => &text,
        };
        let mut words = code.split(|c: char| c.is_whitespace() || "'\",()".contains(c));
        if words.any(|word| list.iter().any(|listed| *listed == word)) {
            let range = start..start + line.trim_ascii_end().len();
            return Some((range, Severity::Warning));
        }
        start += line.len();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(found: Found, text: &str, expect: Option<&str>) {
        assert_eq!(found.map(|(range, _)| &text[range]), expect, "{text}");
    }

    #[test]
    fn manifests_of_several_ecosystems() {
        let python = [Text::Borrowed("python-dotenv")];
        let text = "[project]\ndependencies = [\"flask\", \"python_dotenv >= 1\"]\n";
        check(project(text.as_bytes(), &python), text, Some("\"python_dotenv >= 1\""));
        let text = "[tool.poetry.dependencies]\npython-dotenv = \"^1\"\n";
        check(project(text.as_bytes(), &python), text, Some("python-dotenv"));
        let text = "[project]\nname = \"a\"\n[project.optional-dependencies]\nx = [\"python-dotenv\"]\n";
        check(project(text.as_bytes(), &python), text, None);
        let text = "flask==3\npython-dotenv==1.0\n";
        check(requirements(text.as_bytes(), &python), text, Some("python-dotenv==1.0"));
        let text = "# autogenerated by pip-compile\npython-dotenv==1.0\n    # via uvicorn\n";
        check(requirements(text.as_bytes(), &python), text, None);
        let go = [Text::Borrowed("github.com/joho/godotenv")];
        let text = "require (\n\tgithub.com/joho/godotenv v1.5.1\n)\n";
        check(
            line_with(text.as_bytes(), &go, "// indirect"),
            text,
            Some("\tgithub.com/joho/godotenv v1.5.1"),
        );
        let text = "require github.com/joho/godotenv v1.5.1 // indirect\n";
        check(line_with(text.as_bytes(), &go, "// indirect"), text, None);
        let ruby = [Text::Borrowed("dotenv-rails")];
        let text = "gem 'rails'\ngem 'dotenv-rails', groups: [:test]\n";
        check(line_with(text.as_bytes(), &ruby, "#"), text, Some("gem 'dotenv-rails', groups: [:test]"));
        let npm_words = [Text::Borrowed("dotenv")];
        let text = "{\"dependencies\": {\"dotenv\": \"16\"}}";
        check(npm(text.as_bytes(), &npm_words), text, Some("\"dotenv\""));
    }
}
