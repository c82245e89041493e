use std::ops::Range;

/// No more directives of one file are read.
const DIRECTIVES_MAX: usize = 20_000;

/// A directive of nginx (<https://nginx.org/en/docs/beginners_guide.html#conf_structure>).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NginxDirective {
    /// Its name and arguments, without quotes. Never empty.
    pub words: Vec<String>,
    /// From its name to its last argument.
    pub span: Range<usize>,
    /// The block it stands in, by its place in the list.
    pub parent: Option<usize>,
    /// Whether it opens a block.
    pub is_block: bool,
}

impl NginxDirective {
    /// Its name.
    pub fn name(&self) -> &str {
        self.words.first().map_or("", String::as_str)
    }

    /// Its arguments.
    pub fn arguments(&self) -> &[String] {
        self.words.get(1..).unwrap_or_default()
    }
}

/// The directives of a file, in their order. What is no directive is passed over.
pub fn parse_nginx(bytes: &[u8]) -> Vec<NginxDirective> {
    let mut found: Vec<NginxDirective> = Vec::new();
    let mut parents: Vec<Option<usize>> = Vec::new();
    let mut words: Vec<String> = Vec::new();
    let mut span = 0..0;
    let mut at = 0;
    while at < bytes.len() && found.len() < DIRECTIVES_MAX {
        match bytes[at] {
            b'#' => at += memchr::memchr(b'\n', &bytes[at..]).unwrap_or(bytes.len() - at),
            byte @ (b';' | b'{') => {
                let is_block = byte == b'{';
                let parent = parents.last().copied().flatten();
                let is_directive = !words.is_empty();
                if is_directive {
                    found.push(NginxDirective {
                        words: std::mem::take(&mut words),
                        span: span.clone(),
                        parent,
                        is_block,
                    });
                }
                if is_block {
                    parents.push(if is_directive { Some(found.len() - 1) } else { parent });
                }
                at += 1;
            }
            b'}' => {
                parents.pop();
                words.clear();
                at += 1;
            }
            byte if byte.is_ascii_whitespace() => at += 1,
            _ => {
                let start = at;
                let (word, end) = word(bytes, at);
                at = end.max(start + 1);
                span = if words.is_empty() { start..at } else { span.start..at };
                words.push(word);
            }
        }
    }
    found
}

/// The word that begins here, and where it ends.
fn word(bytes: &[u8], start: usize) -> (String, usize) {
    let quote = bytes[start];
    if matches!(quote, b'"' | b'\'') {
        let mut at = start + 1;
        while at < bytes.len() && bytes[at] != quote {
            at += if bytes[at] == b'\\' { 2 } else { 1 };
        }
        let end = at.min(bytes.len());
        return (String::from_utf8_lossy(&bytes[start + 1..end]).into_owned(), (end + 1).min(bytes.len()));
    }
    let mut at = start;
    while at < bytes.len() {
        match bytes[at] {
            // `${name}` is a variable, not a block.
            b'$' if bytes.get(at + 1) == Some(&b'{') => {
                at += memchr::memchr(b'}', &bytes[at..]).map_or(bytes.len() - at, |len| len + 1);
            }
            b';' | b'{' | b'}' => break,
            b'\\' => at += 2,
            byte if byte.is_ascii_whitespace() => break,
            _ => at += 1,
        }
    }
    let end = at.min(bytes.len());
    (String::from_utf8_lossy(&bytes[start..end]).into_owned(), end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directives_know_their_block_and_their_bytes() {
        let text = "http { # é }\n server {\n  listen 80;\n  location ~ \"^/a{2}\" { return 301 https://$host${request_uri}; }\n }\n}\nuser www;\n";
        let found = parse_nginx(text.as_bytes());
        let shown: Vec<(String, Option<usize>, &str)> =
            found.iter().map(|d| (d.words.join(" "), d.parent, &text[d.span.clone()])).collect();
        assert_eq!(
            shown,
            [
                ("http".to_owned(), None, "http"),
                ("server".to_owned(), Some(0), "server"),
                ("listen 80".to_owned(), Some(1), "listen 80"),
                ("location ~ ^/a{2}".to_owned(), Some(1), "location ~ \"^/a{2}\""),
                (
                    "return 301 https://$host${request_uri}".to_owned(),
                    Some(3),
                    "return 301 https://$host${request_uri}"
                ),
                ("user www".to_owned(), None, "user www"),
            ]
        );
    }

    #[test]
    fn broken_text_ends() {
        for text in ["{{{{", "}}}", "a \"", "a \\", "a ${", "\"", ";;;", "{"] {
            for found in parse_nginx(text.as_bytes()) {
                assert!(found.span.end <= text.len());
            }
        }
    }
}
