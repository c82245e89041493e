use crate::model::RepoPath;

/// Whether Compose reads this file, by its name
/// (<https://docs.docker.com/compose/intro/compose-application-model/#the-compose-file>).
pub fn is_compose(path: &RepoPath) -> bool {
    let name = path.name();
    let Some(stem) = name.strip_suffix(b".yml").or_else(|| name.strip_suffix(b".yaml")) else { return false };
    let stem = stem.strip_prefix(b"docker-").unwrap_or(stem);
    stem.strip_prefix(b"compose").is_some_and(|rest| rest.first().is_none_or(|b| b"._-".contains(b)))
}

/// Whether Docker builds an image from this file, by its name: `Dockerfile`, `Dockerfile.dev`, `web.Dockerfile`,
/// `Containerfile`.
pub fn is_dockerfile(path: &RepoPath) -> bool {
    let name = path.name();
    let is_named = |word: &[u8]| {
        let Some(spare) = name.len().checked_sub(word.len()) else { return false };
        let (start, end) = (&name[..word.len()], &name[spare..]);
        start.eq_ignore_ascii_case(word) && name.get(word.len()).is_none_or(|&b| b == b'.')
            || end.eq_ignore_ascii_case(word) && name[..spare].ends_with(b".")
    };
    (is_named(b"dockerfile") || is_named(b"containerfile")) && !is_dockerignore(path)
}

/// Whether Docker reads it to know what to leave out of a build
/// (<https://docs.docker.com/build/concepts/context/#filename-and-location>).
pub fn is_dockerignore(path: &RepoPath) -> bool {
    let name = path.name();
    name == b".dockerignore" || name == b".containerignore" || name.ends_with(b".dockerignore")
}

/// Whether a file says which others lie in people's work trees and not in Git, or which go into an image.
pub(super) fn is_ignore_evidence(path: &RepoPath) -> bool {
    let name = path.name();
    matches!(name, b"package.json" | b"composer.json" | b"go.mod" | b"Gemfile" | b"settings.py")
        || path.as_bytes() == b"prodcheck.toml"
        || path.extension() == b"py" && path.parent().name() == b"settings"
        || is_compose(path)
        || is_dockerfile(path)
        || is_dockerignore(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_docker_are_known_by_name() {
        for (name, compose, dockerfile, ignore) in [
            ("docker-compose.yml", true, false, false),
            ("deploy/compose.prod.yaml", true, false, false),
            ("docker-compose-dev.yml", true, false, false),
            ("composer.yml", false, false, false),
            ("compose.md", false, false, false),
            ("Dockerfile", false, true, false),
            ("build/web.Dockerfile", false, true, false),
            ("dockerfile.dev", false, true, false),
            ("Containerfile", false, true, false),
            ("dockerfile_parser.rs", false, false, false),
            (".dockerignore", false, false, true),
            ("web/Dockerfile.dockerignore", false, false, true),
        ] {
            let path = RepoPath::from(name);
            let found = (is_compose(&path), is_dockerfile(&path), is_dockerignore(&path));
            assert_eq!(found, (compose, dockerfile, ignore), "{name}");
        }
    }
}
