use super::super::{YamlDocuments, YamlNode};

/// A service of Compose (<https://docs.docker.com/reference/compose-file/services/>).
#[derive(Debug, Clone, Copy)]
pub struct ComposeService<'d, 'a> {
    /// Its name.
    pub name: YamlNode<'d, 'a>,
    /// What it says.
    pub node: YamlNode<'d, 'a>,
    /// The image it runs, or the name of the one it builds.
    pub image: Option<YamlNode<'d, 'a>>,
    /// How the image is built.
    pub build: Option<YamlNode<'d, 'a>>,
}

/// The services of a file, the old form without `services:` included.
pub fn compose_services<'d, 'a>(documents: &'d YamlDocuments<'a>) -> Vec<ComposeService<'d, 'a>> {
    let mut found = Vec::new();
    for root in documents.roots() {
        let services = root.get("services").unwrap_or(root);
        for (name, node) in services.members() {
            if node.members().len() == 0 {
                continue;
            }
            found.push(ComposeService {
                name,
                node,
                image: node.lookup("image").filter(|image| image.as_str().is_some()),
                build: node.lookup("build"),
            });
        }
    }
    found
}

/// The name of an image with the defaults of variables put in, and whether there is one; `None` if a variable has
/// no default (<https://docs.docker.com/reference/compose-file/interpolation/>).
pub fn compose_image(text: &str) -> Option<(String, bool)> {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        out.push_str(&rest[..at]);
        let close = rest[at..].find('}')? + at;
        let inner = &rest[at + 2..close];
        let name_len = inner.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count();
        let fallback = inner[name_len..].trim_start_matches(':').strip_prefix('-')?;
        out.push_str(fallback);
        rest = &rest[close + 1..];
    }
    out.push_str(rest);
    (!out.contains('$')).then_some((out, text.contains('$')))
}
