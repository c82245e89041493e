//! YAML (<https://yaml.org/spec/1.2.2/>): a tree of all documents of a file, in which everything knows its bytes.
//!
//! Scalars keep their text: whether `yes` is a boolean is for who asks. Aliases point to what they stand for
//! and are never copied, so that a file of a few lines cannot become gigabytes.

mod merge;
mod offsets;
mod read;
mod spans;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

pub use read::parse_yaml;

use super::Positions;

/// All documents of a file.
#[derive(Debug, Clone, PartialEq)]
pub struct YamlDocuments<'a> {
    /// In the order they begin, parents before their children.
    nodes: Vec<Node<'a>>,
    /// The documents; an empty one is an empty scalar.
    roots: Vec<u32>,
}

#[derive(Debug, Clone, PartialEq)]
struct Node<'a> {
    span: Range<usize>,
    parent: Option<u32>,
    tag: Option<Box<str>>,
    value: Value<'a>,
}

#[derive(Debug, Clone, PartialEq)]
enum Value<'a> {
    Scalar {
        text: Cow<'a, str>,
        style: YamlStyle,
    },
    Sequence(Vec<u32>),
    /// Keys and values in order; a key may occur twice.
    Mapping(Vec<(u32, u32)>),
    /// What the anchor names. It may be around this alias.
    Alias(u32),
}

/// How a scalar is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum YamlStyle {
    /// `text`
    Plain,
    /// `'text'`
    Single,
    /// `"text"`
    Double,
    /// `|`
    Literal,
    /// `>`
    Folded,
}

/// A node of a [`YamlDocuments`]: a place to look from, as cheap as a number.
#[derive(Clone, Copy)]
pub struct YamlNode<'d, 'a> {
    documents: &'d YamlDocuments<'a>,
    at: u32,
}

impl<'a> YamlDocuments<'a> {
    /// The documents.
    pub fn roots(&self) -> impl DoubleEndedIterator<Item = YamlNode<'_, 'a>> + ExactSizeIterator {
        self.roots.iter().map(|&at| self.node(at))
    }

    /// The innermost node whose bytes hold this offset, found without a walk through the tree.
    pub fn at(&self, offset: usize) -> Option<YamlNode<'_, 'a>> {
        let last = self.nodes.partition_point(|node| node.span.start <= offset).checked_sub(1)?;
        // Whatever holds the offset began before it, and what began last is inside of what began earlier.
        let mut node = self.node(last as u32);
        while !node.span().contains(&offset) {
            node = node.parent()?;
        }
        Some(node)
    }

    fn node(&self, at: u32) -> YamlNode<'_, 'a> {
        YamlNode { documents: self, at }
    }
}

impl<'d, 'a> YamlNode<'d, 'a> {
    fn inner(self) -> &'d Node<'a> {
        &self.documents.nodes[self.at as usize]
    }

    fn other(self, at: u32) -> Self {
        Self { documents: self.documents, at }
    }

    /// Its bytes: a scalar's quotes and a collection's brackets included, anchors, tags and comments not. A
    /// block collection reaches from its first key or element to the end of its last. Of a block scalar these
    /// are the lines of its content, without the indentation of the first and without what ends the last.
    pub fn span(self) -> Range<usize> {
        self.inner().span.clone()
    }

    /// What tells it from all other nodes; of an alias the node that it stands for.
    pub fn identity(self) -> u32 {
        self.resolved().at
    }

    /// The collection that it is a key, a value or an element of.
    pub fn parent(self) -> Option<Self> {
        self.inner().parent.map(|at| self.other(at))
    }

    /// Its tag: `tag:yaml.org,2002:str`, `!vault`.
    pub fn tag(self) -> Option<&'d str> {
        self.inner().tag.as_deref()
    }

    /// Whether it only points to another node.
    pub fn is_alias(self) -> bool {
        matches!(self.inner().value, Value::Alias(_))
    }

    /// What an alias stands for; any other node is itself. Who follows aliases on the way down counts the
    /// steps: one may lead back up.
    pub fn resolved(self) -> Self {
        match self.inner().value {
            // An alias has no anchor, so that none points to another one.
            Value::Alias(at) => self.other(at),
            _ => self,
        }
    }

    /// The decoded text of a scalar, also through an alias.
    pub fn as_str(self) -> Option<&'d str> {
        match &self.resolved().inner().value {
            Value::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    /// How a scalar is written.
    pub fn style(self) -> Option<YamlStyle> {
        match self.inner().value {
            Value::Scalar { style, .. } => Some(style),
            _ => None,
        }
    }

    /// The elements of a sequence, also through an alias; else nothing.
    pub fn elements(self) -> impl DoubleEndedIterator<Item = Self> + ExactSizeIterator {
        let elements: &[u32] = match &self.resolved().inner().value {
            Value::Sequence(elements) => elements,
            _ => &[],
        };
        elements.iter().map(move |&at| self.other(at))
    }

    /// The keys and values of a mapping, also through an alias; else nothing. Merge keys are keys.
    pub fn members(self) -> impl DoubleEndedIterator<Item = (Self, Self)> + ExactSizeIterator {
        let members: &[(u32, u32)] = match &self.resolved().inner().value {
            Value::Mapping(members) => members,
            _ => &[],
        };
        members.iter().map(move |&(key, value)| (self.other(key), self.other(value)))
    }

    /// The key and value of this name that stand in the mapping itself; of several, the last.
    pub fn member(self, name: &str) -> Option<(Self, Self)> {
        self.members().rev().find(|(key, _)| key.as_str() == Some(name))
    }

    /// The value of this key, as [`Self::member`].
    pub fn get(self, name: &str) -> Option<Self> {
        self.member(name).map(|(_, value)| value)
    }

    /// Where the bytes of a scalar's decoded text stand in the file. `bytes` are the file's.
    pub fn positions(self, bytes: &[u8]) -> Positions {
        match &self.inner().value {
            Value::Scalar { text, style } => offsets::positions(bytes, self.span(), *style, text),
            _ => Positions::default(),
        }
    }
}

impl PartialEq for YamlNode<'_, '_> {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.documents, other.documents) && self.at == other.at
    }
}

/// Says where it is, not what: the tree may lead back to itself.
impl fmt::Debug for YamlNode<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("YamlNode").field(&self.span()).finish()
    }
}
