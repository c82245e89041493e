/// The name of a container image: `registry/repository:tag@digest`
/// (<https://github.com/distribution/reference>).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ImageReference<'t> {
    /// The host it comes from; `None` is Docker Hub.
    pub registry: Option<&'t str>,
    /// The name there.
    pub repository: &'t str,
    /// The tag.
    pub tag: Option<&'t str>,
    /// The digest, `sha256:…`.
    pub digest: Option<&'t str>,
}

impl<'t> ImageReference<'t> {
    /// Reads a name. `None` if it is none: a placeholder, a variable, a path.
    pub fn parse(text: &'t str) -> Option<Self> {
        let text = text.trim();
        let is_name = |c: char| c.is_ascii_alphanumeric() || "._-/:@".contains(c);
        if !text.starts_with(|c: char| c.is_ascii_alphanumeric()) || !text.chars().all(is_name) {
            return None;
        }
        let (name, digest) = match text.split_once('@') {
            Some((name, digest)) => (name, Some(digest)),
            None => (text, None),
        };
        let last = name.rfind('/').map_or(0, |at| at + 1);
        let (name, tag) = match name[last..].find(':') {
            Some(colon) => (&name[..last + colon], Some(&name[last + colon + 1..])),
            None => (name, None),
        };
        let (registry, repository) = match name.split_once('/') {
            Some((host, rest)) if host.contains(['.', ':']) || host == "localhost" => (Some(host), rest),
            _ => (None, name),
        };
        // Names are written small; `IMAGE_NAME` is to be filled in.
        let is_repository = !repository.is_empty()
            && repository.split('/').all(|part| {
                part.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
                    && !part.contains(|c: char| c.is_ascii_uppercase())
            });
        (is_repository && tag != Some("") && digest != Some("")).then_some(Self {
            registry,
            repository,
            tag,
            digest,
        })
    }

    /// Its name on Docker Hub without a user in front, if it can be one of the official images.
    pub fn official(&self) -> Option<&'t str> {
        let is_hub = matches!(self.registry, None | Some("docker.io" | "index.docker.io"));
        let name = self.repository.strip_prefix("library/").unwrap_or(self.repository);
        (is_hub && !name.contains('/')).then_some(name)
    }

    /// Whether it is only to be found where it was built.
    pub fn is_local(&self) -> bool {
        let host = self.registry.map(|registry| registry.split(':').next().unwrap_or(registry));
        matches!(host, Some("localhost" | "127.0.0.1" | "host.docker.internal" | "kind-registry"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Parts = (Option<&'static str>, &'static str, Option<&'static str>, Option<&'static str>);

    #[test]
    fn names_are_taken_apart() {
        let check = |text: &str, expect: Option<Parts>| {
            let found = ImageReference::parse(text).map(|i| (i.registry, i.repository, i.tag, i.digest));
            assert_eq!(found, expect, "{text}");
        };
        check("redis", Some((None, "redis", None, None)));
        check("a/b:1.2", Some((None, "a/b", Some("1.2"), None)));
        check("ghcr.io/a/b:v1@sha256:00", Some((Some("ghcr.io"), "a/b", Some("v1"), Some("sha256:00"))));
        check("localhost:5000/a", Some((Some("localhost:5000"), "a", None, None)));
        for none in ["", "$IMAGE", "IMAGE_NAME", "<image>", "a:", "{{ .Values.image }}", "./a", "a b"] {
            check(none, None);
        }
        assert_eq!(
            ImageReference::parse("docker.io/library/redis").and_then(|i| i.official()),
            Some("redis")
        );
        assert_eq!(ImageReference::parse("a/redis").and_then(|i| i.official()), None);
    }
}
