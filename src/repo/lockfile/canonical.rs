//! Lock files exactly as cargo writes them, read line by line: several times faster than TOML at large.

use std::borrow::Cow;
use std::ops::Range;

use super::draft::{Draft, Entry, Value};

/// Where the next line belongs.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Section {
    Top,
    Package,
    Root,
    Unused,
    Metadata,
}

/// `None` if anything at all is not as cargo writes it; then a TOML parser must judge.
pub(super) fn read(text: &str) -> Option<Draft<'_>> {
    let mut draft = Draft::default();
    let mut section = Section::Top;
    let mut seen_metadata = false;
    let mut lines = Lines { text, at: 0 };
    while let Some((start, line)) = lines.next() {
        match line {
            "" => {}
            _ if line.starts_with('#') => is_plain(line).then_some(())?,
            "[[package]]" => {
                draft.packages.push(Entry { span: start..start + line.len(), ..Entry::default() });
                section = Section::Package;
            }
            "[[patch.unused]]" => {
                draft.unused.push(Entry { span: start..start + line.len(), ..Entry::default() });
                section = Section::Unused;
            }
            "[root]" if draft.root.is_none() => {
                draft.root = Some(Entry { span: start..start + line.len(), ..Entry::default() });
                section = Section::Root;
            }
            "[metadata]" if !seen_metadata => {
                seen_metadata = true;
                section = Section::Metadata;
            }
            _ => match section {
                Section::Top => {
                    let number = line.strip_prefix("version = ")?;
                    let one_digit = number.len() == 1 && draft.version.is_none();
                    let version = one_digit.then(|| number.parse().ok())??;
                    draft.version = Some((version, start + line.len() - 1..start + line.len()));
                }
                Section::Package => field(draft.packages.last_mut()?, start, line, &mut lines)?,
                Section::Root => field(draft.root.as_mut()?, start, line, &mut lines)?,
                Section::Unused => field(draft.unused.last_mut()?, start, line, &mut lines)?,
                Section::Metadata => {
                    let (key, value) = line.split_once("\" = \"")?;
                    let key = key.strip_prefix('"').filter(|k| is_string(k))?;
                    let value = value.strip_suffix('"').filter(|v| is_string(v))?;
                    // Cargo sorts them; out of order there might be one twice, which TOML forbids.
                    if draft.metadata.last().is_some_and(|(last, _)| &**last >= key) {
                        return None;
                    }
                    draft.metadata.push((Cow::Borrowed(key), Cow::Borrowed(value)));
                }
            },
        }
    }
    Some(draft)
}

/// A line `key = value` of a package. `None` if it is unusual or the key stands there already.
fn field<'a>(entry: &mut Entry<'a>, start: usize, line: &'a str, lines: &mut Lines<'a>) -> Option<()> {
    let (key, value) = line.split_once(" = ")?;
    let at = start + key.len() + 3;
    if key == "dependencies" {
        if value != "[" || entry.dependencies.is_some() {
            return None;
        }
        let list = entry.dependencies.insert(Vec::new());
        loop {
            let (start, line) = lines.next()?;
            if line == "]" {
                entry.span.end = start + 1;
                return Some(());
            }
            let item = line.strip_prefix(' ')?.strip_suffix(',')?;
            list.push(string(item, start + 1)?);
        }
    }
    let slot = match key {
        "name" => &mut entry.name,
        "version" => &mut entry.version,
        "source" => &mut entry.source,
        "checksum" => &mut entry.checksum,
        "replace" => &mut entry.replace,
        _ => return None,
    };
    if slot.is_some() {
        return None;
    }
    let value = string(value, at)?;
    entry.span.end = value.span.end;
    *slot = Some(value);
    Some(())
}

fn string(quoted: &str, at: usize) -> Option<Value<'_>> {
    let inner = quoted.strip_prefix('"')?.strip_suffix('"').filter(|s| is_string(s))?;
    Some(Value { text: Cow::Borrowed(inner), span: at..at + quoted.len() })
}

/// What may stand between the quotes without meaning anything else.
fn is_string(text: &str) -> bool {
    text.bytes().all(|b| matches!(b, b' '..=b'~') && b != b'"' && b != b'\\')
}

fn is_plain(text: &str) -> bool {
    text.bytes().all(|b| matches!(b, b'\t' | b' '..=b'~'))
}

/// Lines with the offset of their first byte, without `\n` or `\r\n`.
struct Lines<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Lines<'a> {
    fn next(&mut self) -> Option<(usize, &'a str)> {
        let Range { start, end } = self.at..self.text.len();
        if start >= end {
            return None;
        }
        let rest = &self.text.as_bytes()[start..];
        let (line, next) = match memchr::memchr(b'\n', rest) {
            Some(newline) => {
                let line = &self.text[start..start + newline];
                (line.strip_suffix('\r').unwrap_or(line), start + newline + 1)
            }
            None => (&self.text[start..], end),
        };
        self.at = next;
        Some((start, line))
    }
}
