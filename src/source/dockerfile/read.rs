use std::ops::Range;

use super::variables::defaults;
use super::{DockerFlag, DockerInstruction, DockerWord, Dockerfile, HereDocument};

/// Every instruction there is.
const KEYWORDS: &[&str] = &[
    "ADD",
    "ARG",
    "CMD",
    "COPY",
    "ENTRYPOINT",
    "ENV",
    "EXPOSE",
    "FROM",
    "HEALTHCHECK",
    "LABEL",
    "MAINTAINER",
    "ONBUILD",
    "RUN",
    "SHELL",
    "STOPSIGNAL",
    "USER",
    "VOLUME",
    "WORKDIR",
];

/// Reads a file. What is no instruction is passed over.
pub fn parse_dockerfile(bytes: &[u8]) -> Dockerfile {
    let start = if bytes.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    let escape = escape_directive(&bytes[start..]);
    let mut reader = Reader { bytes, at: start, escape };
    let mut instructions = Vec::new();
    while reader.at < bytes.len() {
        instructions.extend(reader.instruction());
    }
    let defaults = defaults(&instructions);
    Dockerfile { instructions, escape, defaults }
}

/// `# escape=x` among the comments on top.
fn escape_directive(bytes: &[u8]) -> u8 {
    for line in bytes.split(|b| *b == b'\n') {
        let Some(directive) = line.trim_ascii().strip_prefix(b"#") else { break };
        let mut parts = directive.splitn(2, |b| *b == b'=');
        let (Some(name), Some(value)) = (parts.next(), parts.next()) else { break };
        if name.trim_ascii().eq_ignore_ascii_case(b"escape")
            && let [b'`'] = value.trim_ascii()
        {
            return b'`';
        }
    }
    b'\\'
}

struct Reader<'b> {
    bytes: &'b [u8],
    at: usize,
    escape: u8,
}

impl Reader<'_> {
    fn line_end(&self, from: usize) -> usize {
        memchr::memchr(b'\n', &self.bytes[from..]).map_or(self.bytes.len(), |n| from + n)
    }

    /// The next line with those that go on from it, and what it says.
    fn instruction(&mut self) -> Option<DockerInstruction> {
        let line = self.logical_line();
        let mut start = line.start + leading_blanks(&self.bytes[line.clone()]);
        if self.bytes[start..line.end].starts_with(b"#") {
            return None;
        }
        let mut is_onbuild = false;
        let (keyword, keyword_span) = loop {
            let text = &self.bytes[start..line.end];
            let len = text.iter().take_while(|b| b.is_ascii_alphabetic()).count();
            let ends = text.get(len).is_none_or(u8::is_ascii_whitespace);
            let keyword = String::from_utf8_lossy(&text[..len]).to_ascii_uppercase();
            if !ends || !KEYWORDS.contains(&&*keyword) {
                return None;
            }
            if keyword != "ONBUILD" {
                break (keyword, start..start + len);
            }
            is_onbuild = true;
            start = self.skip_blanks(start + len, line.end);
        };
        let mut at = self.skip_blanks(keyword_span.end, line.end);
        let mut flags = Vec::new();
        while self.bytes[at..line.end].starts_with(b"--") {
            let word = self.word(at, line.end)?;
            at = self.skip_blanks(word.span.end, line.end);
            flags.push(flag(&word));
        }
        let arguments = at..line.end.max(at);
        let json = match self.bytes.get(at) {
            Some(b'[') if takes_json(&keyword) => json_words(self.bytes, arguments.clone()),
            _ => None,
        };
        let is_json = json.is_some();
        let words = json.unwrap_or_else(|| self.words(arguments.clone()));
        let here_documents = match &*keyword {
            "RUN" | "COPY" | "ADD" if !is_json => self.here_documents(&words),
            _ => Vec::new(),
        };
        Some(DockerInstruction {
            keyword,
            span: keyword_span.start..line.end,
            keyword_span,
            flags,
            arguments,
            words,
            is_json,
            here_documents,
            is_onbuild,
        })
    }

    /// From here to the end of the line that does not go on, without blanks at its end. Leaves the reader behind it.
    fn logical_line(&mut self) -> Range<usize> {
        let start = self.at;
        let mut end;
        let mut is_first = true;
        loop {
            end = self.line_end(self.at);
            let line = &self.bytes[self.at..end];
            self.at = (end + 1).min(self.bytes.len());
            let content = line.trim_ascii();
            let is_comment = content.starts_with(b"#");
            // Between the lines of an instruction, comments and empty lines are none.
            let goes_on = if is_first {
                !is_comment && content.last() == Some(&self.escape)
            } else {
                content.is_empty() || is_comment || content.last() == Some(&self.escape)
            };
            is_first = false;
            if !goes_on || end == self.bytes.len() {
                break;
            }
        }
        let text = self.bytes[start..end].trim_ascii_end();
        start..start + text.len()
    }

    /// Passes over blanks and joined lines.
    fn skip_blanks(&self, mut at: usize, end: usize) -> usize {
        loop {
            match self.bytes[..end].get(at) {
                Some(b' ' | b'\t' | b'\r') => at += 1,
                Some(_) => match self.continuation(at, end) {
                    Some(behind) => at = behind,
                    None => return at,
                },
                None => return end,
            }
        }
    }

    /// Where the text goes on, if a joined line ends here.
    fn continuation(&self, at: usize, end: usize) -> Option<usize> {
        if self.bytes.get(at) != Some(&self.escape) {
            return None;
        }
        let rest = &self.bytes[at + 1..end];
        let blanks = rest.iter().take_while(|b| matches!(b, b' ' | b'\t' | b'\r')).count();
        if rest.get(blanks) != Some(&b'\n') {
            return None;
        }
        let mut at = at + 1 + blanks + 1;
        while at < end {
            let line_end = self.line_end(at).min(end);
            let content = self.bytes[at..line_end].trim_ascii();
            if !(content.is_empty() || content.starts_with(b"#")) || line_end == end {
                break;
            }
            at = line_end + 1;
        }
        Some(at)
    }

    fn words(&self, range: Range<usize>) -> Vec<DockerWord> {
        let mut words = Vec::new();
        let mut at = self.skip_blanks(range.start, range.end);
        while at < range.end {
            let Some(word) = self.word(at, range.end) else { break };
            at = self.skip_blanks(word.span.end, range.end);
            words.push(word);
        }
        words
    }

    /// The word that begins here.
    fn word(&self, start: usize, end: usize) -> Option<DockerWord> {
        let mut text = Vec::new();
        let mut quote = None;
        let mut at = start;
        while let Some(&byte) = self.bytes[..end].get(at) {
            if let Some(behind) = self.continuation(at, end) {
                at = behind;
                continue;
            }
            match (byte, quote) {
                (b' ' | b'\t' | b'\r' | b'\n', None) => break,
                (b'"' | b'\'', None) => quote = Some(byte),
                (_, Some(open)) if open == byte => quote = None,
                (_, open) if byte == self.escape && open != Some(b'\'') && at + 1 < end => {
                    // Of a variable nothing is taken away: `\$X` stays apart from `$X`.
                    if self.bytes[at + 1] == b'$' {
                        text.push(byte);
                    }
                    at += 1;
                    text.push(self.bytes[at]);
                }
                _ => text.push(byte),
            }
            at += 1;
        }
        let text = String::from_utf8_lossy(&text).into_owned();
        (at > start).then_some(DockerWord { text, span: start..at })
    }

    /// Reads the texts that these words name. Leaves the reader behind them.
    fn here_documents(&mut self, words: &[DockerWord]) -> Vec<HereDocument> {
        let mut documents = Vec::new();
        for word in words {
            // In quotes it is a text like any other.
            let raw = &self.bytes[word.span.clone()];
            let digits = raw.iter().take_while(|byte| byte.is_ascii_digit()).count();
            if !raw[digits..].starts_with(b"<<") {
                continue;
            }
            let text = word.text.trim_start_matches(|c: char| c.is_ascii_digit());
            let Some(name) = text.strip_prefix("<<") else { continue };
            let (name, is_indented) = name.strip_prefix('-').map_or((name, false), |name| (name, true));
            let name = name.split(['>', '|', ';', '&']).next().unwrap_or(name);
            if name.is_empty() || name.contains('<') {
                continue;
            }
            let start = self.at;
            let mut body_end = self.bytes.len();
            while self.at < self.bytes.len() {
                let line_start = self.at;
                let end = self.line_end(line_start);
                self.at = (end + 1).min(self.bytes.len());
                let mut line = &self.bytes[line_start..end];
                line = line.strip_suffix(b"\r").unwrap_or(line);
                if is_indented {
                    line = &line[line.iter().take_while(|b| **b == b'\t').count()..];
                }
                if line == name.as_bytes() {
                    body_end = line_start;
                    break;
                }
            }
            documents.push(HereDocument { delimiter: name.to_owned(), body: start..body_end.max(start) });
        }
        documents
    }
}

fn leading_blanks(text: &[u8]) -> usize {
    text.len() - text.trim_ascii_start().len()
}

fn takes_json(keyword: &str) -> bool {
    matches!(keyword, "RUN" | "CMD" | "ENTRYPOINT" | "SHELL" | "VOLUME" | "COPY" | "ADD")
}

fn flag(word: &DockerWord) -> DockerFlag {
    let text = word.text.trim_start_matches('-');
    let (name, value) = match text.split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None => (text, None),
    };
    let value = value.map(|value| DockerWord {
        text: value.to_owned(),
        span: word.span.end.saturating_sub(value.len()).max(word.span.start)..word.span.end,
    });
    DockerFlag { name: name.to_ascii_lowercase(), value, span: word.span.clone() }
}

/// The strings of `["a", "b"]`; `None` if it is no such list: then it is a command of a shell.
fn json_words(bytes: &[u8], range: Range<usize>) -> Option<Vec<DockerWord>> {
    let mut words = Vec::new();
    let mut at = range.start + 1;
    let mut wants_word = true;
    loop {
        match *bytes[..range.end].get(at)? {
            b']' => return (!wants_word || words.is_empty()).then_some(words),
            b',' if !wants_word => wants_word = true,
            b'"' if wants_word => {
                let start = at;
                let mut text = Vec::new();
                loop {
                    at += 1;
                    match *bytes[..range.end].get(at)? {
                        b'"' => break,
                        b'\\' => {
                            at += 1;
                            text.push(match *bytes[..range.end].get(at)? {
                                b'n' => b'\n',
                                b't' => b'\t',
                                other => other,
                            });
                        }
                        b'\n' => return None,
                        other => text.push(other),
                    }
                }
                let text = String::from_utf8_lossy(&text).into_owned();
                words.push(DockerWord { text, span: start..at + 1 });
                wants_word = false;
            }
            b' ' | b'\t' | b'\r' | b'\n' | b'\\' => {}
            _ => return None,
        }
        at += 1;
    }
}
