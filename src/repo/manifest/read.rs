use std::ops::Range;

use toml_edit::{Item, TableLike};

use super::Located;

/// Looks a key up under either of its spellings: cargo still reads `dev_dependencies` and its like.
pub(super) fn get<'t>(table: &'t dyn TableLike, key: &str) -> Option<&'t Item> {
    table.get(key).or_else(|| if key.contains('-') { table.get(&key.replace('-', "_")) } else { None })
}

/// The table under this key.
pub(super) fn table<'t>(table: &'t dyn TableLike, key: &str) -> Option<&'t dyn TableLike> {
    get(table, key)?.as_table_like()
}

/// The text under this key.
pub(super) fn text(table: &dyn TableLike, key: &str) -> Option<Located<String>> {
    located(get(table, key)?)
}

/// The truth value under this key.
pub(super) fn flag(table: &dyn TableLike, key: &str) -> Option<bool> {
    get(table, key)?.as_bool()
}

/// The texts of the list under this key; what is no text is left out.
pub(super) fn texts(table: &dyn TableLike, key: &str) -> Vec<Located<String>> {
    let Some(array) = get(table, key).and_then(Item::as_array) else { return Vec::new() };
    array
        .iter()
        .filter_map(|v| Some(Located { value: v.as_str()?.to_owned(), span: v.span().unwrap_or_default() }))
        .collect()
}

/// The tables of `[[key]]`, or of a list of inline tables.
pub(super) fn tables<'t>(table: &'t dyn TableLike, key: &str) -> Vec<&'t dyn TableLike> {
    match get(table, key) {
        Some(Item::ArrayOfTables(list)) => list.iter().map(|t| t as &dyn TableLike).collect(),
        Some(item) => item
            .as_array()
            .map(|list| {
                list.iter().filter_map(|v| v.as_inline_table().map(|t| t as &dyn TableLike)).collect()
            })
            .unwrap_or_default(),
        None => Vec::new(),
    }
}

/// A text with its place, quotes included.
pub(super) fn located(item: &Item) -> Option<Located<String>> {
    Some(Located { value: item.as_str()?.to_owned(), span: item.span().unwrap_or_default() })
}

/// From the first to the last byte of an entry: its key, its value and, where the value is spread over
/// dotted keys or a table of its own, all of those.
pub(super) fn entry_span(table: &dyn TableLike, key: &str) -> Range<usize> {
    let Some((key, item)) = table.get_key_value(key) else { return 0..0 };
    let mut span = key.span().unwrap_or_default();
    widen(&mut span, item);
    span
}

fn widen(span: &mut Range<usize>, item: &Item) {
    let mut add = |more: Option<Range<usize>>| {
        if let Some(more) = more {
            *span = span.start.min(more.start)..span.end.max(more.end);
        }
    };
    match item {
        Item::Value(value) => add(value.span()),
        Item::Table(table) => {
            add(table.span());
            for (name, item) in table {
                if let Some(key) = table.key(name) {
                    add(key.span());
                }
                if let Item::Value(value) = item {
                    add(value.span());
                }
            }
        }
        _ => {}
    }
}
