use super::Evidence;
use crate::detect::gitignore::append::pattern_for;
use crate::detect::gitignore::names::KnownNames;
use crate::model::{RepoPath, Severity};
use crate::repo::RepoView;
use crate::rules::Rule;
use crate::source::parse_dotenv;

/// `.env.example`: who uses the program makes a `.env` of it.
pub(super) fn find(rule: &Rule, repo: &RepoView, names: &KnownNames, all: &mut Vec<Evidence>) {
    let ends = rule.detect.words("example-ends");
    for entry in &repo.entries {
        let name = entry.path.name();
        let Some(stem) = ends.iter().find_map(|end| stem(name, end.as_bytes())) else { continue };
        // `env.example` is `.env` without its dot: so that it shows in listings.
        let made = match stem {
            b"env" => entry.path.parent().join(b".env"),
            stem => entry.path.parent().join(stem),
        };
        let Some((group, ..)) = names.group(&made) else { continue };
        let severity = match group {
            "data" => continue,
            "environment" if !names_secret(repo, &entry.path, names) => Severity::Note,
            _ => Severity::Warning,
        };
        all.push(Evidence {
            pattern: pattern_for(&made),
            may_be: vec![made],
            by: entry.path.clone(),
            range: None,
            says: "is its example",
            severity,
        });
    }
}

fn stem<'n>(name: &'n [u8], end: &[u8]) -> Option<&'n [u8]> {
    let at = name.len().checked_sub(end.len())?;
    (at > 0 && name[at..].eq_ignore_ascii_case(end)).then(|| &name[..at])
}

/// Whether the example of an environment file has a variable that is to hold a secret.
fn names_secret(repo: &RepoView, example: &RepoPath, names: &KnownNames) -> bool {
    let Some(bytes) = repo.bytes(example) else { return false };
    // Variables that are commented out are there to be filled in too.
    let variables = parse_dotenv(bytes);
    let is_switch = |value: &str| matches!(value, "true" | "false") || value.parse::<u64>().is_ok();
    variables.entries.iter().any(|entry| names.is_secret_key(&entry.key) && !is_switch(&entry.value))
}
