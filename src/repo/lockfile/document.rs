//! Lock files that are TOML of any form.

use std::borrow::Cow;
use std::ops::Range;

use toml_edit::{Document, Item, TableLike};

use super::LockfileError;
use super::draft::{Draft, Entry, Value};

pub(super) fn read(text: &str) -> Result<Draft<'static>, LockfileError> {
    if let Some(span) = conflict(text) {
        return Err(LockfileError::new("it holds the marks of a merge conflict", span));
    }
    let document = Document::parse(text)
        .map_err(|e| LockfileError { message: "it is not TOML from here on".into(), span: e.span() })?;
    let mut draft = Draft::default();
    if let Some(item) = document.get("version") {
        let Some(number) = item.as_integer() else { return Err(wrong_type(item)) };
        draft.version = Some((number, item.span().unwrap_or_default()));
    }
    draft.packages = document.get("package").map(entries).transpose()?.unwrap_or_default();
    if let Some(item) = document.get("root") {
        let table = item.as_table_like().ok_or_else(|| wrong_type(item))?;
        draft.root = Some(entry(table, item.span().unwrap_or_default())?);
    }
    if let Some(item) = document.get("metadata") {
        let table = item.as_table_like().ok_or_else(|| wrong_type(item))?;
        for (key, item) in table.iter() {
            let value = item.as_str().ok_or_else(|| wrong_type(item))?;
            draft.metadata.push((Cow::Owned(key.to_owned()), Cow::Owned(value.to_owned())));
        }
    }
    if let Some(item) = document.get("patch") {
        let unused = item.as_table_like().and_then(|t| t.get("unused"));
        draft.unused = entries(unused.ok_or_else(|| wrong_type(item))?)?;
    }
    Ok(draft)
}

/// The first line of a conflict that Git left.
fn conflict(text: &str) -> Option<Range<usize>> {
    let start = if text.starts_with("<<<<<<< ") { 0 } else { text.find("\n<<<<<<< ")? + 1 };
    Some(start..start + 7)
}

fn wrong_type(item: &Item) -> LockfileError {
    LockfileError { message: "this value has another type than cargo writes".into(), span: item.span() }
}

/// Both `[[package]]` and `package = [{ … }]`.
fn entries(item: &Item) -> Result<Vec<Entry<'static>>, LockfileError> {
    if let Some(tables) = item.as_array_of_tables() {
        return tables.iter().map(|t| entry(t, t.span().unwrap_or_default())).collect();
    }
    let array = item.as_array().ok_or_else(|| wrong_type(item))?;
    array
        .iter()
        .map(|value| {
            let table = value.as_inline_table().ok_or_else(|| wrong_type(item))?;
            entry(table, table.span().unwrap_or_default())
        })
        .collect()
}

fn entry(table: &dyn TableLike, header: Range<usize>) -> Result<Entry<'static>, LockfileError> {
    let mut entry = Entry { span: header, ..Entry::default() };
    for (key, item) in table.iter() {
        entry.span.end = entry.span.end.max(item.span().unwrap_or_default().end);
        let slot = match key {
            "name" => &mut entry.name,
            "version" => &mut entry.version,
            "source" => &mut entry.source,
            "checksum" => &mut entry.checksum,
            "replace" => &mut entry.replace,
            "dependencies" => {
                let array = item.as_array().ok_or_else(|| wrong_type(item))?;
                let list = array
                    .iter()
                    .map(|v| v.as_str().map(|s| value(s, v.span())).ok_or_else(|| wrong_type(item)))
                    .collect::<Result<_, _>>()?;
                entry.dependencies = Some(list);
                continue;
            }
            // Cargo reads past what it does not know.
            _ => continue,
        };
        *slot = Some(value(item.as_str().ok_or_else(|| wrong_type(item))?, item.span()));
    }
    Ok(entry)
}

fn value(text: &str, span: Option<Range<usize>>) -> Value<'static> {
    Value { text: Cow::Owned(text.to_owned()), span: span.unwrap_or_default() }
}
