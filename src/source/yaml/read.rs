use std::ops::Range;

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, StrInput, Tag};

use super::spans::{self, CharIndex};
use super::{Node, Value, YamlDocuments, YamlStyle};
use crate::source::problem::{DEPTH_MAX, ParseProblem, utf8};

/// A file with more values is data, and its tree would take hundreds of megabytes.
const NODES_MAX: usize = 500_000;
/// The parser writes a tag's prefix out at each of its uses; no real one is longer.
const TAG_PREFIX_MAX: usize = 256;

/// Reads all documents of a file.
///
/// A template of a file is told from a file: `{{ … }}` where YAML would have a value, or a broken file with
/// `{{` or `{%` in it, is [`ParseProblemKind::Template`](crate::source::ParseProblemKind). In quotes, in block
/// scalars and behind the first characters of a plain scalar `{{` is text like any other.
///
/// # Errors
/// It is not UTF-8, nests too deep, has too many values, is a template, or is not YAML.
pub fn parse_yaml(bytes: &[u8]) -> Result<YamlDocuments<'_>, ParseProblem> {
    let text = utf8(bytes)?;
    // The parser's offsets do not count the mark.
    let (text, shift) = text.strip_prefix('\u{feff}').map_or((text, 0), |rest| (rest, 3));
    check_directives(text).map_err(|span| {
        ParseProblem::at("a tag's prefix is longer than 256 bytes", span.start + shift..span.end + shift)
    })?;
    let shifted = |mut problem: ParseProblem| {
        problem.span = problem.span.map(|span| span.start + shift..span.end + shift);
        problem
    };
    let mut documents = Reader::new(text).read().map_err(shifted)?;
    for node in &mut documents.nodes {
        node.span.start += shift;
        node.span.end += shift;
    }
    Ok(documents)
}

/// Looks for `%TAG` directives that the parser must not see.
fn check_directives(text: &str) -> Result<(), Range<usize>> {
    let bytes = text.as_bytes();
    for at in memchr::memmem::find_iter(bytes, b"%TAG") {
        let line = memchr::memchr2(b'\n', b'\r', &bytes[at..]).unwrap_or(bytes.len() - at);
        if line > TAG_PREFIX_MAX && (at == 0 || matches!(bytes[at - 1], b'\n' | b'\r')) {
            return Err(at..at + line);
        }
    }
    Ok(())
}

/// A collection that is not closed yet.
struct Open {
    at: u32,
    /// Whether brackets say where it ends.
    is_flow: bool,
    /// A mapping's key that waits for its value.
    key: Option<u32>,
}

/// Builds the tree of the parser's events. Nothing here calls itself.
struct Reader<'a> {
    text: &'a str,
    characters: CharIndex<'a>,
    nodes: Vec<Node<'a>>,
    roots: Vec<u32>,
    open: Vec<Open>,
    /// The nodes that anchors name, by the parser's numbers.
    anchors: Vec<u32>,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str) -> Self {
        let characters = CharIndex::new(text);
        Self { text, characters, nodes: Vec::new(), roots: Vec::new(), open: Vec::new(), anchors: Vec::new() }
    }

    fn read(mut self) -> Result<YamlDocuments<'a>, ParseProblem> {
        let mut parser = Parser::new(StrInput::new(self.text));
        while let Some(next) = parser.next_event() {
            let (event, span) = next.map_err(|error| self.broken(&error))?;
            let range = self.characters.byte(span.start.index())..self.characters.byte(span.end.index());
            self.event(event, range)?;
        }
        Ok(YamlDocuments { nodes: self.nodes, roots: self.roots })
    }

    /// The parser gave up here. Its words may quote the file.
    fn broken(&self, error: &ScanError) -> ParseProblem {
        let at = self.characters.byte(error.marker().index());
        // It reads ahead, and has a limit of its own for that.
        if error.info() == "recursion limit exceeded" {
            return too_deep(at..at);
        }
        let bytes = self.text.as_bytes();
        let marks = [&b"{{"[..], b"{%", b"{#"];
        if let Some(at) = marks.iter().filter_map(|mark| memchr::memmem::find(bytes, mark)).min() {
            return ParseProblem::template(at..at + 2);
        }
        ParseProblem::at("the file is not valid YAML", at..at)
    }

    fn event(&mut self, event: Event<'a>, range: Range<usize>) -> Result<(), ParseProblem> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let style = style_of(style);
                let has_properties = anchor > 0 || tag.is_some();
                let mut range = self.trimmed(range, anchor, tag.is_some());
                if has_properties && matches!(style, YamlStyle::Literal | YamlStyle::Folded) {
                    range = spans::behind_header(self.text, range);
                }
                let span = spans::scalar(self.text, range, style, &text);
                self.check_text(&span, style)?;
                self.add(span, anchor, tag.as_deref(), Value::Scalar { text, style })?;
            }
            Event::Alias(anchor) => {
                // The parser has told us of every anchor it knows.
                let Some(&target) = self.anchors.get(anchor) else { return Ok(()) };
                self.add(range, 0, None, Value::Alias(target))?;
            }
            Event::SequenceStart(anchor, tag) => {
                self.open(range, anchor, tag.as_deref(), Value::Sequence(Vec::new()), b'[')?;
            }
            Event::MappingStart(anchor, tag) => {
                self.open(range, anchor, tag.as_deref(), Value::Mapping(Vec::new()), b'{')?;
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(range.end),
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => {}
        }
        Ok(())
    }

    fn trimmed(&self, range: Range<usize>, anchor: usize, tagged: bool) -> Range<usize> {
        if anchor > 0 || tagged { spans::behind_properties(self.text, range) } else { range }
    }

    /// A plain scalar of several lines may have swallowed a template's.
    fn check_text(&self, span: &Range<usize>, style: YamlStyle) -> Result<(), ParseProblem> {
        let source = self.text.as_bytes().get(span.clone()).unwrap_or_default();
        if style != YamlStyle::Plain {
            return Ok(());
        }
        for newline in memchr::memchr_iter(b'\n', source) {
            let line = source[newline + 1..].trim_ascii_start();
            if line.starts_with(b"{{") || line.starts_with(b"{%") {
                let at = span.end - line.len();
                return Err(ParseProblem::template(at..at + 2));
            }
        }
        Ok(())
    }

    fn open(
        &mut self,
        range: Range<usize>,
        anchor: usize,
        tag: Option<&Tag>,
        value: Value<'a>,
        bracket: u8,
    ) -> Result<(), ParseProblem> {
        let range = self.trimmed(range, anchor, tag.is_some());
        let is_flow = !range.is_empty() && self.text.as_bytes().get(range.start) == Some(&bracket);
        if self.open.len() >= DEPTH_MAX {
            return Err(too_deep(range));
        }
        // `{{ name }}` is a mapping in a mapping's key to YAML, and nothing anybody means.
        if is_flow && bracket == b'{' && self.text.as_bytes().get(range.start + 1) == Some(&b'{') {
            return Err(ParseProblem::template(range.start..range.start + 2));
        }
        let at = self.add(range, anchor, tag, value)?;
        self.open.push(Open { at, is_flow, key: None });
        Ok(())
    }

    fn close(&mut self, end: usize) {
        let Some(open) = self.open.pop() else { return };
        let children = match &self.nodes[open.at as usize].value {
            Value::Sequence(elements) => elements.first().copied().zip(elements.last().copied()),
            Value::Mapping(members) => members.first().map(|m| m.0).zip(members.last().map(|m| m.1)),
            _ => None,
        };
        let children = children
            .map(|(first, last)| (self.nodes[first as usize].span.start, self.nodes[last as usize].span.end));
        let node = &mut self.nodes[open.at as usize];
        match children {
            _ if open.is_flow => node.span.end = end.max(node.span.start),
            Some((start, end)) => node.span = start..end.max(start),
            None => node.span.end = node.span.start,
        }
    }

    /// Puts a node into the tree, below what is open.
    fn add(
        &mut self,
        span: Range<usize>,
        anchor: usize,
        tag: Option<&Tag>,
        value: Value<'a>,
    ) -> Result<u32, ParseProblem> {
        if self.nodes.len() >= NODES_MAX {
            return Err(ParseProblem::at(format!("more than {NODES_MAX} values"), span));
        }
        let at = self.nodes.len() as u32;
        let tag = tag.map(|tag| format!("{}{}", tag.handle, tag.suffix).into_boxed_str());
        let parent = self.open.last().map(|open| open.at);
        self.nodes.push(Node { span, parent, tag, value });
        if anchor > 0 {
            // The numbers of anchors count up.
            self.anchors.resize(self.anchors.len().max(anchor + 1), at);
            self.anchors[anchor] = at;
        }
        match self.open.last_mut() {
            None => self.roots.push(at),
            Some(open) => match (&mut self.nodes[open.at as usize].value, open.key.take()) {
                (Value::Mapping(members), Some(key)) => members.push((key, at)),
                (Value::Mapping(_), None) => open.key = Some(at),
                (Value::Sequence(elements), _) => elements.push(at),
                _ => {}
            },
        }
        Ok(at)
    }
}

fn too_deep(span: Range<usize>) -> ParseProblem {
    ParseProblem::at(format!("nested deeper than {DEPTH_MAX} levels"), span)
}

fn style_of(style: ScalarStyle) -> YamlStyle {
    match style {
        ScalarStyle::Plain => YamlStyle::Plain,
        ScalarStyle::SingleQuoted => YamlStyle::Single,
        ScalarStyle::DoubleQuoted => YamlStyle::Double,
        ScalarStyle::Literal => YamlStyle::Literal,
        ScalarStyle::Folded => YamlStyle::Folded,
    }
}
