use super::Placed;
use crate::source::YamlNode;

/// A scalar's text and bytes, of an alias those of what it stands for.
pub(super) fn placed(node: YamlNode) -> Option<Placed> {
    Some(Placed { text: node.as_str()?.to_owned(), span: node.resolved().span() })
}

/// The value of a key, looked up through merge keys.
pub(super) fn placed_at(node: YamlNode, key: &str) -> Option<Placed> {
    placed(node.lookup(key)?)
}
